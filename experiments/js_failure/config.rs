//! What can be varied.

use gan::optim::Rule;
use gan::{Adam, Objective, Penalty};
use serde::{Deserialize, Serialize};

/// One variant in one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What is done.
    pub(crate) task: Task,
    /// The two losses.
    pub(crate) objective: Objective,
    /// What keeps the critic smooth.
    pub(crate) penalty: Penalty,
    /// The critic.
    pub(crate) critic: Critic,
    /// The generator's optimiser.
    pub(crate) generator: Rule,
    /// Points of each side in a minibatch.
    pub(crate) batch: i64,
    /// Updates of the generator; of the critic where the generator stands still.
    pub(crate) steps: u64,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// The exact critic between N(0, 1) and N(shift, 1) by quadrature; nothing trains.
    Exact {
        /// Distance of the means.
        shift: f64,
    },
    /// A critic trains against a generator that stands still on a parallel line.
    Frozen {
        /// Dimension of the points.
        dim: i64,
    },
    /// Both train.
    Game {
        /// Where.
        world: World,
        /// Whether at every look a fresh critic estimates the Jensen-Shannon divergence.
        audit: bool,
    },
}

/// Data and generator.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum World {
    /// Two parallel segments of length 1 in the plane, the model's shifted by its one parameter (Arjovsky et
    /// al. 2017, example 1): the truth is known exactly.
    Segments,
    /// Data on a line, a linear generator.
    Line {
        /// Dimension of the points.
        dim: i64,
        /// Dimension of the latent; more than one is over-complete.
        latent: i64,
        /// Where the generator starts.
        start: Start,
    },
}

/// Where a linear generator starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Start {
    /// With the data's own direction and spread, shifted sideways by one deviation of the data.
    Parallel,
    /// With entries of variance `1 / latent` and a shift from N(0, I).
    Random,
}

/// The critic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Critic {
    /// Hidden widths, `ReLU` between.
    pub(crate) hidden: Vec<i64>,
    /// Its updates for one of the generator.
    pub(crate) steps: u32,
    /// Its optimiser.
    pub(crate) rule: Rule,
}

impl Config {
    /// Milliseconds of a stack of ten at `quick` on one core, roughly; only for the order of cells.
    pub(crate) fn cost(&self) -> f64 {
        let critic = match (self.critic.hidden.len(), self.penalty.is_term()) {
            (1, false) => 0.4,
            (1, true) => 0.5,
            (_, false) => 0.6,
            (_, true) => 1.0,
        };
        let (per_step, looks) = match self.task {
            Task::Exact { .. } => return 10.0,
            Task::Frozen { .. } => (critic, 0.0),
            Task::Game { audit, .. } => {
                (critic * f64::from(self.critic.steps) + 0.55, if audit { 12_000.0 } else { 0.0 })
            }
        };
        per_step * self.steps as f64 + looks
    }
}

/// Adam as in most of this experiment.
pub(crate) fn adam(learning_rate: f64) -> Rule {
    Rule::Adam(Adam::new(learning_rate, 0.5, 0.999))
}
