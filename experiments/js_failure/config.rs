//! What can be varied.

use gan::optim::Rule;
use gan::{Objective, Penalty, range, ranges_of_variants};
use garde::{Error, Validate};
use serde::{Deserialize, Serialize};

use crate::world::{World, on_a_line};

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
    pub(crate) critic: CriticConfig,
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
#[serde(rename_all = "snake_case", deny_unknown_fields)]
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
        /// Data and generator.
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

/// The critic and its training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct CriticConfig {
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
    /// Returns the milliseconds of a stack of ten on one core, roughly; only for the order of cells.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        shared::ranges::check::<crate::JsFailure>(&[
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
