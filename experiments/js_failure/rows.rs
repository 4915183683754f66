//! What several parts read from rows: numbers for claims, lines and axes for figures.

use lab::figure::{Axis, Scale};
use lab::results::diverged;
use lab::{Region, Row};
use shared::contrast::{Sample, Share, count};

use crate::Rows;
use crate::config::Config;

/// Below this distance a generator has found the data.
pub(crate) const SOLVED: f64 = 0.1;

/// Counts the runs that found the data.
pub(crate) fn solved(rows: &Rows) -> Share {
    count(rows, |row| row.value("frechet").is_some_and(|distance| distance < SOLVED))
}

/// The gate of claims about where training ends: shorter runs say what was not waited for.
pub(crate) const UPDATES: &str = "updates of the generator in every compared arm";
pub(crate) const ENOUGH: Region = Region::Above(19_999.0);

/// Returns the least updates of compared arms; `None` where one was not run.
pub(crate) fn updates<'a>(arms: impl IntoIterator<Item = &'a Rows<'a>>) -> Option<f64> {
    let of_arm = |rows: &Rows| rows.first().map(|row| row.config.steps as f64);
    let each: Option<Vec<f64>> = arms.into_iter().map(of_arm).collect();
    each?.into_iter().reduce(f64::min)
}

/// Returns a statistic of the points (setting, number) of each seed that has them all.
pub(crate) fn per_seed(
    arms: &[(f64, Rows)],
    number: impl Fn(&Row<Config>) -> Option<f64>,
    statistic: impl Fn(&[(f64, f64)]) -> f64,
) -> Sample {
    let Some((_, first)) = arms.first() else { return Sample::default() };
    let point = |seed: u64, (setting, rows): &(f64, Rows)| {
        let row = rows.iter().find(|row| row.seed == seed)?;
        Some((*setting, number(row)?))
    };
    let of_seed = |row: &&Row<Config>| {
        let points = arms.iter().map(|arm| point(row.seed, arm)).collect::<Option<Vec<_>>>()?;
        let found = (points.len() > 1).then(|| statistic(&points));
        Some((row.seed, found.filter(|x| x.is_finite())?))
    };
    let lost = arms.iter().map(|(_, rows)| diverged(rows)).sum();
    Sample { values: first.iter().filter_map(of_seed).collect(), diverged: lost }
}

/// Returns a logarithmic axis.
pub(crate) fn log(label: &str) -> Axis {
    Axis::new(label).scaled(Scale::Log)
}

/// Returns a distance on a logarithmic axis.
pub(crate) fn distance() -> Axis {
    log("distance to the data, in |e|")
}

/// Returns an axis of logarithms to base ten.
pub(crate) fn powers(label: &str) -> Axis {
    Axis::new(&format!("log10 {label}"))
}
