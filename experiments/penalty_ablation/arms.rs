//! The rows of each arm.

use lab::{Results, Row};

use crate::config::{Config, Pictures, Rates, Target, Task};
use crate::grid::Variant;

pub(crate) type Rows<'a> = Vec<&'a Row<Config>>;

/// What a run counts that diverged, or that ended even further away: no better than anything that stayed a
/// number.
pub(crate) const FAR: f64 = 10.0;

/// The arms of an experiment by their settings.
#[derive(Clone, Copy)]
pub(crate) struct Arms<'a>(pub(crate) &'a Results<Config>);

impl<'a> Arms<'a> {
    fn of(self, (objective, penalty): Variant, fits: impl Fn(&Config) -> bool) -> Rows<'a> {
        self.0.arm(|config| {
            (config.objective, config.penalty) == (objective, penalty) && fits(config)
        })
    }

    pub(crate) fn plane(self, target: Target, variant: Variant) -> Rows<'a> {
        self.of(
            variant,
            |config| matches!(config.task, Task::Plane { target: t, .. } if t == target),
        )
    }

    pub(crate) fn line(self, variant: Variant) -> Rows<'a> {
        let fixed = |config: &Config| {
            matches!(config.task, Task::Line { .. }) && config.rates != Rates::Drawn
        };
        self.of(variant, fixed)
    }

    /// The random search, all its critic steps.
    pub(crate) fn search(self, variant: Variant) -> Rows<'a> {
        self.of(variant, |config| config.rates == Rates::Drawn)
    }

    pub(crate) fn images(
        self,
        like: Pictures,
        variant: Variant,
        critic_batch_norm: bool,
    ) -> Rows<'a> {
        // Any size of the set: `full` has them whole.
        self.of(variant, |config| match &config.task {
            Task::Images { pictures, nets } => {
                (pictures.set, pictures.stacked) == (like.set, like.stacked)
                    && nets.critic_batch_norm == critic_batch_norm
            }
            _ => false,
        })
    }

    pub(crate) fn dirac(self) -> Rows<'a> {
        self.0.arm(|config| matches!(config.task, Task::Dirac { .. }))
    }
}

/// The logarithm of a run's distance, of a lost run as of one that is far.
pub(crate) fn height(row: &Row<Config>) -> f64 {
    row.value("distance").map_or(FAR, |distance| distance.min(FAR)).ln()
}
