//! The rows of each arm.

use lab::{Results, Row};

use crate::config::{Config, Pictures, Target};
use crate::grid::{self, SEARCH_STEPS, Variant};

pub(crate) type Rows<'a> = Vec<&'a Row<Config>>;

/// What a run counts that diverged, or that ended even further away: no better than anything that stayed a
/// number.
pub(crate) const FAR: f64 = 10.0;

/// The arms of an experiment by their settings.
#[derive(Clone, Copy)]
pub(crate) struct Arms<'a>(pub(crate) &'a Results<Config>);

impl<'a> Arms<'a> {
    pub(crate) fn plane(self, target: Target, variant: Variant) -> Rows<'a> {
        self.0.arm(&grid::plane_name(target, variant))
    }

    pub(crate) fn line(self, variant: Variant) -> Rows<'a> {
        self.0.arm(&grid::line_name(variant))
    }

    /// The random search, all its critic steps.
    pub(crate) fn search(self, variant: Variant) -> Rows<'a> {
        let rows = |critic_steps| self.0.arm(&grid::search_name(variant, critic_steps));
        SEARCH_STEPS.into_iter().flat_map(rows).collect()
    }

    /// Any size of the set: `full` has them whole.
    pub(crate) fn images(
        self,
        of: Pictures,
        variant: Variant,
        critic_batch_norm: bool,
    ) -> Rows<'a> {
        self.0.arm(&grid::images_name(of, variant, critic_batch_norm))
    }

    pub(crate) fn dirac(self) -> Rows<'a> {
        self.0.part(grid::DIRAC)
    }
}

/// The logarithm of a run's distance, of a lost run as of one that is far.
pub(crate) fn height(row: &Row<Config>) -> f64 {
    row.value("distance").map_or(FAR, |distance| distance.min(FAR)).ln()
}
