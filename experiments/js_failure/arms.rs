//! The rows of each arm, and what is read from them.

use experiments::contrast::{Share, count};
use lab::{Results, Row};
use stats::robust;

use crate::config::{Config, Task, World, adam};
use crate::grid::{self, DEEP, PARALLEL, SHALLOW, Variant, random};

pub(crate) type Rows<'a> = Vec<&'a Row<Config>>;

/// Below this a generator has found the data.
pub(crate) const SOLVED: f64 = 0.1;

/// The arms of an experiment by their settings.
#[derive(Clone, Copy)]
pub(crate) struct Arms<'a>(pub(crate) &'a Results<Config>);

impl<'a> Arms<'a> {
    /// Games with Adam's, or with clipping `RMSProp`'s, usual rate.
    pub(crate) fn game(self, world: World, variant: Variant, critic: (usize, u32)) -> Rows<'a> {
        self.0.arm(&grid::game_name(world, variant, critic, adam(1e-3)))
    }

    /// Games by plain descent from the parallel line.
    pub(crate) fn descent(self, variant: Variant) -> Rows<'a> {
        self.0.arm(&grid::game_name(PARALLEL, variant, (DEEP, 5), grid::DESCENT))
    }

    /// Games at another learning rate.
    pub(crate) fn rate(self, world: World, variant: Variant, rate: f64) -> Rows<'a> {
        self.0.arm(&grid::game_name(world, variant, (DEEP, 5), adam(rate)))
    }

    /// Critics against a generator that stands still.
    pub(crate) fn frozen(self, dim: i64, variant: Variant) -> Rows<'a> {
        self.0.arm(&grid::frozen_name(dim, variant))
    }

    /// The exact critics, by their shift.
    pub(crate) fn exact(self) -> Rows<'a> {
        let mut rows = self.0.part(grid::EXACT);
        let shift = |row: &Row<Config>| row.value("shift").unwrap_or(f64::INFINITY);
        rows.sort_by(|a, b| shift(a).total_cmp(&shift(b)));
        rows
    }

    /// The numbers of critic steps that were compared from the parallel line, and their rows.
    pub(crate) fn strengths(self, variant: Variant) -> Vec<(u32, Rows<'a>)> {
        let mut steps: Vec<u32> = self.0.rows.iter().map(|row| row.config.critic.steps).collect();
        steps.sort_unstable();
        steps.dedup();
        let arm = |steps| (steps, self.game(PARALLEL, variant, (DEEP, steps)));
        steps.into_iter().map(arm).filter(|(_, rows)| !rows.is_empty()).collect()
    }

    /// The dimensions that were swept, and their rows.
    pub(crate) fn dims(self, variant: Variant, critic_steps: u32) -> Vec<(i64, Rows<'a>)> {
        let dim = |row: &Row<Config>| match row.config.task {
            Task::Game { world: World::Line { dim, latent: 1, .. }, .. } => Some(dim),
            _ => None,
        };
        let mut dims: Vec<i64> = self.0.rows.iter().filter_map(dim).collect();
        dims.sort_unstable();
        dims.dedup();
        let arm = |dim| (dim, self.game(random(dim, 1), variant, (SHALLOW, critic_steps)));
        dims.into_iter().map(arm).filter(|(_, rows)| !rows.is_empty()).collect()
    }
}

/// Runs that found the data.
pub(crate) fn solved(rows: &Rows) -> Share {
    count(rows, |row| row.value("frechet").is_some_and(|distance| distance < SOLVED))
}

/// The updates of the generator, and of the critic, at which unlike critic steps are compared: the most that every
/// arm has.
pub(crate) fn comparison(strengths: &[(u32, Rows)]) -> (u64, u64) {
    let least = |of: fn(&Config) -> u64| {
        strengths.iter().flat_map(|(_, rows)| rows.iter().map(|row| of(&row.config))).min()
    };
    let critic = |config: &Config| config.steps * u64::from(config.critic.steps);
    (least(|config| config.steps).unwrap_or(0), least(critic).unwrap_or(0))
}

/// A trace at a step: the mean of its last three looks not after it.
pub(crate) fn at(row: &Row<Config>, metric: &str, step: u64) -> Option<f64> {
    let looks = row.traces.get(metric)?.iter().rev().filter(|(look, _)| *look <= step);
    let values: Vec<f64> = looks.take(3).map(|(_, x)| *x).collect();
    (!values.is_empty()).then(|| robust::mean(&values))
}
