//! The rows of each arm.

use gan::objective::{Divergence, ScoringRule};
use lab::{Results, Row};

use crate::config::{Config, Estimator, Loss, Task};
use crate::grid;
use crate::laws::{Change, Pair};

pub(crate) type Rows<'a> = Vec<&'a Row<Config>>;

/// The arms of the experiment by their settings.
#[derive(Clone, Copy)]
pub(crate) struct Arms<'a>(pub(crate) &'a Results<Config>);

impl<'a> Arms<'a> {
    fn critic(self, on: Pair, with: Loss) -> Rows<'a> {
        self.0.arm(&grid::critic(on, with))
    }

    pub(crate) fn risk(self, on: Pair, rule: ScoringRule) -> Rows<'a> {
        self.critic(on, Loss::Risk(rule))
    }

    pub(crate) fn bound(self, on: Pair, divergence: Divergence) -> Rows<'a> {
        self.critic(on, Loss::Bound(divergence))
    }

    pub(crate) fn identity(self, of: Divergence) -> Rows<'a> {
        self.0.arm(&grid::identity(of))
    }

    /// Estimates from as many samples of both laws, or from fewer of the first, the second's being those of most
    /// cases.
    pub(crate) fn ratio(self, on: Pair, few: bool, with: Estimator) -> Rows<'a> {
        let usual = self.sizes(on).last().copied();
        let numerator = |row: &Row<Config>| match row.config.task {
            Task::Ratio { pair, numerator, denominator, .. } if pair == on => {
                let right = (numerator < denominator) == few && Some(denominator) == usual;
                right.then_some((numerator, denominator))
            }
            _ => None,
        };
        let sizes = self.0.rows.iter().find_map(numerator);
        sizes.map_or_else(Vec::new, |sizes| self.0.arm(&grid::ratio(on, sizes, with)))
    }

    /// Estimates from so many samples of each law.
    pub(crate) fn sized(self, on: Pair, size: i64, with: Estimator) -> Rows<'a> {
        self.0.arm(&grid::ratio(on, (size, size), with))
    }

    /// Numbers of samples of the second law, ascending.
    pub(crate) fn sizes(self, on: Pair) -> Vec<i64> {
        let size = |row: &Row<Config>| match row.config.task {
            Task::Ratio { pair, denominator, .. } if pair == on => Some(denominator),
            _ => None,
        };
        let mut sizes: Vec<i64> = self.0.rows.iter().filter_map(size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    pub(crate) fn two_sample(self, how: Change, of: i64) -> Rows<'a> {
        self.0.arm(&grid::two_sample(how, of))
    }

    /// The dimensions of shifts, ascending.
    pub(crate) fn dims(self) -> Vec<i64> {
        let dim = |row: &Row<Config>| match row.config.task {
            Task::Ratio { pair: Pair::Shift { dim }, .. } => Some(dim),
            _ => None,
        };
        let mut dims: Vec<i64> = self.0.rows.iter().filter_map(dim).collect();
        dims.sort_unstable();
        dims.dedup();
        dims
    }

    /// The largest dimension.
    pub(crate) fn high(self) -> Pair {
        Pair::Shift { dim: self.dims().last().copied().unwrap_or(1) }
    }
}
