//! The rows of each arm.

use gan::objective::{Discrepancy, Divergence, GeneratorLoss, ScoringRule};
use lab::{Results, Row};

use crate::config::{
    Config, Estimator, Game, Kernel, Problem, Task, estimate_name, fit_name, images_name,
    race_name, ring_name, slope_name, swap_name,
};
use crate::grid::FAR;

pub(crate) type Rows<'a> = Vec<&'a Row<Config>>;

/// The arms of the experiment by their settings.
#[derive(Clone, Copy)]
pub(crate) struct Arms<'a>(pub(crate) &'a Results<Config>);

impl<'a> Arms<'a> {
    pub(crate) fn fit(self, of: Divergence, with: Game) -> Rows<'a> {
        self.0.arm(&fit_name(of, with))
    }

    pub(crate) fn slope(self, of: GeneratorLoss) -> Rows<'a> {
        self.0.arm(&slope_name(of))
    }

    /// A race from afar; `None` stands for the exact critic.
    pub(crate) fn race(self, of: GeneratorLoss, with: Option<u64>) -> Rows<'a> {
        self.0.arm(&race_name(of, with))
    }

    pub(crate) fn swap(self, rule: ScoringRule, of: GeneratorLoss) -> Rows<'a> {
        self.0.arm(&swap_name(rule, of))
    }

    /// The numbers of critic updates in a round, ascending.
    pub(crate) fn critic_steps(self) -> Vec<u64> {
        let steps = |row: &Row<Config>| match row.config.task {
            Task::Race { critic_steps, start: FAR, .. } => critic_steps,
            _ => None,
        };
        sorted(self.0.rows.iter().filter_map(steps).collect())
    }

    pub(crate) fn estimate(self, of: Problem, by: Estimator, with: i64) -> Rows<'a> {
        self.0.arm(&estimate_name(of, by, with))
    }

    /// The batch behind estimates of which claims speak: the second of all, where a profile has more than one.
    pub(crate) fn middle_batch(self, of: Problem) -> i64 {
        let batch = |row: &Row<Config>| match row.config.task {
            Task::Estimate { problem, batch, .. } if problem == of => Some(batch),
            _ => None,
        };
        let batches = sorted(self.0.rows.iter().filter_map(batch).collect());
        batches.get(1).or(batches.first()).copied().unwrap_or(0)
    }

    pub(crate) fn ring(self, of: &Discrepancy) -> Rows<'a> {
        let batch = |row: &Row<Config>| match &row.config.task {
            Task::Ring { discrepancy, batch, .. } if discrepancy == of => Some(*batch),
            _ => None,
        };
        let batches = sorted(self.0.rows.iter().filter_map(batch).collect());
        batches.into_iter().flat_map(|batch| self.ring_with(of, batch)).collect()
    }

    /// The same with batches of one size.
    pub(crate) fn ring_with(self, of: &Discrepancy, with: i64) -> Rows<'a> {
        self.0.arm(&ring_name(of, with))
    }

    pub(crate) fn images(self, of: Kernel, with: i64) -> Rows<'a> {
        self.0.arm(&images_name(of, with))
    }

    pub(crate) fn mean(self) -> Rows<'a> {
        self.0.arm("mean")
    }

    pub(crate) fn arch(self) -> Rows<'a> {
        self.0.arm("arch")
    }
}

fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}
