//! Pictures of stored results.

mod fits;
mod losses;
mod samples;

use lab::figure::Colour;
use lab::{Figure, Results, Row};

use crate::arms::Arms;
use crate::config::Config;

/// Returns every figure of the README.
pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let arms = Arms(results);
    let figures = vec![
        fits::fits(arms),
        fits::table(arms),
        fits::cross(arms),
        losses::slopes(arms),
        losses::race(arms),
        losses::swap(arms),
        losses::estimators(arms),
        losses::signs(arms),
        fits::away(arms),
        samples::ring(arms),
        samples::spread(arms),
        samples::posteriors(arms),
        samples::arch(arms),
    ];
    figures.into_iter().chain(samples::images(arms)).collect()
}

const COLOURS: [Colour; 7] = [
    Colour::Blue,
    Colour::Vermillion,
    Colour::Green,
    Colour::Orange,
    Colour::Purple,
    Colour::SkyBlue,
    Colour::Grey,
];

fn values(rows: &[&Row<Config>], metric: &str) -> Vec<f64> {
    rows.iter().filter_map(|row| row.value(metric)).collect()
}

/// A metric of a run over its steps.
fn path(row: &Row<Config>, metric: &str) -> Vec<(f64, f64)> {
    let points = row.traces.get(metric).map_or(&[][..], Vec::as_slice);
    points.iter().map(|(step, value)| (*step as f64, *value)).collect()
}
