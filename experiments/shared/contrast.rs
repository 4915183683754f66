//! Numbers of runs, one for each seed, that claims are made of.

use std::collections::BTreeMap;

use lab::Row;
use lab::results::{diverged, paired};
use stats::robust;

/// One number for each training seed, and what was lost on the way.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// The numbers by seed.
    pub values: BTreeMap<u64, f64>,
    /// Runs behind them that diverged.
    pub diverged: usize,
}

/// Returns one number for each seed of an arm; a seed without a finite one drops out.
pub fn each<C>(rows: &[&Row<C>], number: impl Fn(&Row<C>) -> Option<f64>) -> Sample {
    let of_row = |row: &&Row<C>| Some((row.seed, number(row).filter(|x| x.is_finite())?));
    let values = rows.iter().filter_map(of_row).collect();
    Sample { values, diverged: diverged(rows) }
}

/// Returns one number for each pair of runs with the same seed.
pub fn pair<C>(
    (a, b): (&[&Row<C>], &[&Row<C>]),
    number: impl Fn(&Row<C>, &Row<C>) -> Option<f64>,
) -> Sample {
    let of_pair =
        |(a, b): &(&Row<C>, &Row<C>)| Some((a.seed, number(a, b).filter(|x| x.is_finite())?));
    let values = paired(a, b).iter().filter_map(of_pair).collect();
    Sample { values, diverged: diverged(a) + diverged(b) }
}

/// Returns two samples joined seed by seed.
pub fn join(a: &Sample, b: &Sample, number: fn(f64, f64) -> f64) -> Sample {
    let of_seed = |(seed, x): (&u64, &f64)| Some((*seed, number(*x, *b.values.get(seed)?)));
    let values = a.values.iter().filter_map(of_seed).collect();
    Sample { values, diverged: a.diverged + b.diverged }
}

/// Returns `a - b` of one metric.
pub fn difference<C>(arms: (&[&Row<C>], &[&Row<C>]), metric: &str) -> Sample {
    pair(arms, |a, b| Some(a.value(metric)? - b.value(metric)?))
}

/// Returns `ln a - ln b` of one metric.
pub fn log_ratio<C>(arms: (&[&Row<C>], &[&Row<C>]), metric: &str) -> Sample {
    pair(arms, |a, b| Some((a.value(metric)? / b.value(metric)?).ln()))
}

/// Returns one metric of the runs of an arm that finished.
pub fn values<C>(rows: &[&Row<C>], metric: &str) -> Vec<f64> {
    rows.iter().filter_map(|row| row.value(metric)).collect()
}

/// Returns the median of one metric of an arm, if any run of it has one.
pub fn median<C>(rows: &[&Row<C>], metric: &str) -> Option<f64> {
    median_of(rows, |row| row.value(metric))
}

/// Returns the median of a number of each run of an arm, if any run has one that is finite.
pub fn median_of<C>(rows: &[&Row<C>], number: impl Fn(&Row<C>) -> Option<f64>) -> Option<f64> {
    let of_row = |row: &&Row<C>| number(row).filter(|x| x.is_finite());
    let values: Vec<f64> = rows.iter().filter_map(of_row).collect();
    (!values.is_empty()).then(|| robust::median(&values))
}

/// Returns one metric for each seed of an arm.
pub fn metric<C>(rows: &[&Row<C>], name: &str) -> Sample {
    each(rows, |row| row.value(name))
}

/// Returns the largest of several samples, seed by seed; an empty one for none.
pub fn largest(samples: impl IntoIterator<Item = Sample>) -> Sample {
    samples.into_iter().reduce(|a, b| join(&a, &b, f64::max)).unwrap_or_default()
}

/// Returns the least of several samples, seed by seed; an empty one for none.
pub fn least(samples: impl IntoIterator<Item = Sample>) -> Sample {
    samples.into_iter().reduce(|a, b| join(&a, &b, f64::min)).unwrap_or_default()
}

/// Returns the mean of the numbers of each draw: seeds that share a draw are not independent, so the draw counts as the
/// unit, not the seed.
pub fn by_draw(sample: &Sample, draw_of: impl Fn(u64) -> u64) -> Sample {
    let labelled: Vec<(u64, f64)> =
        sample.values.iter().map(|(seed, value)| (draw_of(*seed), *value)).collect();
    let means = stats::cluster::means(&labelled);
    Sample { values: (0..).zip(means).collect(), diverged: sample.diverged }
}

/// How many runs of an arm succeed: one that diverged or panicked does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Runs that succeed.
    pub hits: usize,
    /// All runs.
    pub runs: usize,
    /// Runs that diverged.
    pub diverged: usize,
}

/// Counts the runs of an arm that succeed.
pub fn count<C>(rows: &[&Row<C>], succeeds: impl Fn(&Row<C>) -> bool) -> Share {
    let hits = rows.iter().filter(|row| row.finished() && succeeds(row)).count();
    Share { hits, runs: rows.len(), diverged: diverged(rows) }
}
