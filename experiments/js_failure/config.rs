//! What can be varied.

use gan::optim::Rule;
use gan::{Adam, Objective, Penalty, range, ranges_of_variants};
use garde::{Error, Validate};
use serde::{Deserialize, Serialize};

/// One variant in one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What is done.
    #[garde(dive)]
    pub(crate) task: Task,
    /// The two losses.
    #[garde(skip)]
    pub(crate) objective: Objective,
    /// What keeps the critic smooth.
    #[garde(dive, custom(|_, _context| self.penalty.goes_with(self.dim())))]
    pub(crate) penalty: Penalty,
    /// The critic.
    #[garde(dive)]
    pub(crate) critic: Critic,
    /// The generator's optimiser.
    #[garde(dive)]
    pub(crate) generator: Rule,
    /// Points of each side in a minibatch.
    #[garde(custom(range::batch), custom(|_, _context| self.at_once()))]
    pub(crate) batch: i64,
    /// Updates of the generator; of the critic where the generator stands still.
    #[garde(custom(|_, _context| self.updates()))]
    pub(crate) steps: u64,
}

impl Config {
    /// The dimension of the critic's points.
    fn dim(&self) -> i64 {
        match self.task {
            Task::Exact { .. } => 1,
            Task::Frozen { dim } => dim,
            Task::Game { world, .. } => world.dim(),
        }
    }

    /// Checks how many numbers a frozen game ends with.
    fn at_once(&self) -> garde::Result {
        let all = self.batch.saturating_mul(self.dim());
        if !matches!(self.task, Task::Frozen { .. }) || all <= FROZEN {
            return Ok(());
        }
        Err(Error::new(format!("{} points of {} numbers are too many", self.batch, self.dim())))
    }

    /// Checks that there are updates enough, and that those of the critic can be counted.
    fn updates(&self) -> garde::Result {
        let least = match self.task {
            // Nothing trains.
            Task::Exact { .. } => 0,
            // Two looks are the least that a slope is drawn through; the first is after ten updates.
            Task::Frozen { .. } => 11,
            Task::Game { .. } => 1,
        };
        range::within(&self.steps, &(least..=1_000_000_000))?;
        range::countable(self.steps, self.critic.steps)
    }
}

/// Most numbers of a minibatch of a frozen game, which ends with thousands of them at once.
const FROZEN: i64 = 1 << 14;

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

ranges_of_variants!(Task, |variant, task| match task {
    // The quadrature's points grow with the shift.
    Self::Exact { shift } => variant.check("shift", range::within(shift, &(0.0..=100.0))),
    Self::Frozen { dim } => variant.check("dim", on_a_line(*dim)),
    Self::Game { world, .. } => variant.inside_of("world", world),
});

/// Checks the dimension of points on a line, which has a direction across it.
fn on_a_line(dim: i64) -> garde::Result {
    range::within(&dim, &(2..=4_096))
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

ranges_of_variants!(World, |variant, world| if let Self::Line { dim, latent, start } = world {
    variant.check("dim", on_a_line(*dim));
    // A parallel start has one latent.
    let most = if *start == Start::Parallel { 1 } else { 4_096 };
    variant.check("latent", range::within(latent, &(1..=most)));
});

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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Critic {
    /// Hidden widths, `ReLU` between.
    #[garde(custom(range::some_widths))]
    pub(crate) hidden: Vec<i64>,
    /// Its updates for one of the generator.
    #[garde(custom(range::updates))]
    pub(crate) steps: u32,
    /// Its optimiser.
    #[garde(dive)]
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        experiments::ranges::check::<crate::JsFailure>(&[
            ("batch", json!(0)),
            ("critic.hidden", json!([])),
            ("critic.steps", json!(0)),
            ("critic.rule.adam.learning_rate", json!(0.0)),
            ("generator.rms_prop.decay", json!(1.0)),
            ("penalty.gradient.weight", json!(-1.0)),
            ("task.frozen.dim", json!(1)),
            ("task.game.world.line.latent", json!(0)),
            ("task.exact.shift", json!(-1.0)),
        ]);
    }
}
