//! Stored results in memory, as claims and figures read them.

use std::collections::BTreeMap;

use crate::array::Arrays;
use crate::experiment::{Profile, part_of};
use crate::record::{Outcome, Trace};

/// One seed of one configuration.
#[derive(Clone, Debug)]
pub struct Row<C> {
    /// Name of the arm.
    pub arm: String,
    /// Identity of the configuration.
    pub config_id: String,
    /// The configuration.
    pub config: C,
    /// The seed.
    pub seed: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Metrics over time.
    pub traces: BTreeMap<String, Trace>,
    /// Kept arrays by name.
    pub samples: Arrays,
    /// Seconds that its stack took; `None` where no manifest tells.
    pub wall_seconds: Option<f64>,
}

impl<C> Row<C> {
    /// Returns a number of the summary; `None` where the run did not finish or lacks it.
    pub fn value(&self, metric: &str) -> Option<f64> {
        match &self.outcome {
            Outcome::Finished { summary } => summary.values().get(metric).copied(),
            _ => None,
        }
    }

    /// Returns whether the run finished.
    pub fn finished(&self) -> bool {
        matches!(self.outcome, Outcome::Finished { .. })
    }
}

/// The stored results of one profile of an experiment, sorted by configuration and seed.
#[derive(Clone, Debug)]
pub struct Results<C> {
    /// The profile that they belong to.
    pub profile: Profile,
    /// The rows.
    pub rows: Vec<Row<C>>,
}

impl<C> Results<C> {
    /// Returns the rows of one part of an experiment, whose configurations are of its own kind.
    pub fn narrow<D>(&self, part: impl Fn(&C) -> Option<D>) -> Results<D> {
        let of_part = |row: &Row<C>| {
            let Row { arm, config_id, config, seed, outcome, traces, samples, wall_seconds } = row;
            Some(Row {
                config: part(config)?,
                arm: arm.clone(),
                config_id: config_id.clone(),
                seed: *seed,
                outcome: outcome.clone(),
                traces: traces.clone(),
                samples: samples.clone(),
                wall_seconds: *wall_seconds,
            })
        };
        Results { profile: self.profile, rows: self.rows.iter().filter_map(of_part).collect() }
    }

    /// Returns the rows of an arm, sorted by seed; none where it was not run.
    pub fn arm(&self, name: &str) -> Vec<&Row<C>> {
        let mut rows: Vec<&Row<C>> = self.rows.iter().filter(|row| row.arm == name).collect();
        rows.sort_by_key(|row| row.seed);
        rows
    }

    /// Returns the rows of the arms whose names begin with this part, sorted by seed.
    pub fn part(&self, name: &str) -> Vec<&Row<C>> {
        let is_of = |row: &&Row<C>| part_of(&row.arm) == name;
        let mut rows: Vec<&Row<C>> = self.rows.iter().filter(is_of).collect();
        rows.sort_by_key(|row| row.seed);
        rows
    }
}

/// Returns the rows that two arms have in common, paired by seed.
pub fn paired<'a, C>(a: &[&'a Row<C>], b: &[&'a Row<C>]) -> Vec<(&'a Row<C>, &'a Row<C>)> {
    let partner = |row: &&'a Row<C>| b.iter().find(|other| other.seed == row.seed).copied();
    a.iter().filter_map(|row| Some((*row, partner(row)?))).collect()
}

/// Returns how many of the rows diverged.
pub fn diverged<C>(rows: &[&Row<C>]) -> usize {
    rows.iter().filter(|row| matches!(row.outcome, Outcome::Diverged(_))).count()
}
