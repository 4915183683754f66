//! The rows of each arm, and what is read from them.

use experiments::contrast::{Share, count};
use gan::optim::Rule;
use lab::{Results, Row};
use stats::robust;

use crate::config::{Config, Task, World};
use crate::grid::{DEEP, PARALLEL, SHALLOW, Variant, random};

pub(crate) type Rows<'a> = Vec<&'a Row<Config>>;

/// Below this a generator has found the data.
pub(crate) const SOLVED: f64 = 0.1;

/// The arms of an experiment by their settings.
#[derive(Clone, Copy)]
pub(crate) struct Arms<'a>(pub(crate) &'a Results<Config>);

impl<'a> Arms<'a> {
    /// Games with Adam's, or with clipping `RMSProp`'s, usual rate.
    pub(crate) fn game(
        self,
        world: World,
        variant: Variant,
        (layers, critic_steps): (usize, u32),
    ) -> Rows<'a> {
        self.games(world, variant, layers, critic_steps, |rule| match rule {
            Rule::Adam(adam) => adam.learning_rate.total_cmp(&1e-3).is_eq(),
            Rule::RmsProp(_) => true,
            Rule::Sgd(_) => false,
        })
    }

    fn games(
        self,
        world: World,
        (objective, penalty): Variant,
        layers: usize,
        critic_steps: u32,
        rule: impl Fn(Rule) -> bool,
    ) -> Rows<'a> {
        self.0.arm(|config| {
            matches!(config.task, Task::Game { world: w, .. } if w == world)
                && (config.objective, config.penalty) == (objective, penalty)
                && config.critic.hidden.len() == layers
                && config.critic.steps == critic_steps
                && rule(config.generator)
        })
    }

    /// Games by plain descent from the parallel line.
    pub(crate) fn descent(self, variant: Variant) -> Rows<'a> {
        self.games(PARALLEL, variant, DEEP, 5, |rule| matches!(rule, Rule::Sgd(_)))
    }

    /// Games at another learning rate.
    pub(crate) fn rate(self, world: World, variant: Variant, rate: f64) -> Rows<'a> {
        let of =
            |rule| matches!(rule, Rule::Adam(adam) if adam.learning_rate.total_cmp(&rate).is_eq());
        self.games(world, variant, DEEP, 5, of)
    }

    /// Critics against a generator that stands still.
    pub(crate) fn frozen(self, dim: i64, (objective, penalty): Variant) -> Rows<'a> {
        self.0.arm(|config| {
            config.task == Task::Frozen { dim }
                && (config.objective, config.penalty) == (objective, penalty)
        })
    }

    /// The exact critics, by their shift.
    pub(crate) fn exact(self) -> Rows<'a> {
        let mut rows = self.0.arm(|config| matches!(config.task, Task::Exact { .. }));
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
