//! From stored numbers to estimates. The rules stand in the README.

mod fits;
mod inference;
mod losses;

use experiments::contrast::{Sample, each, join};
use lab::{Claim, Results};

use crate::arms::{Arms, Rows};
use crate::config::Config;

const IMPLICIT: &str = "Mohamed and Lakshminarayanan 2016 (1610.03483)";
const NONE: &str = "none published";

/// Returns every claim of the README, in its order.
pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let arms = Arms(results);
    [
        fits::divergences(arms),
        losses::moments(arms),
        losses::images(arms),
        losses::saturation(arms),
        losses::swaps(arms),
        losses::estimators(arms),
        fits::signs(arms),
        inference::mean(arms),
        inference::arch(arms),
    ]
    .concat()
}

fn metric(rows: &Rows, name: &str) -> Sample {
    each(rows, |row| row.value(name))
}

/// The largest of several arms, seed by seed.
fn largest(arms: impl IntoIterator<Item = Sample>) -> Sample {
    arms.into_iter().reduce(|a, b| join(&a, &b, f64::max)).expect("an arm")
}

/// The least.
fn least(arms: impl IntoIterator<Item = Sample>) -> Sample {
    arms.into_iter().reduce(|a, b| join(&a, &b, f64::min)).expect("an arm")
}
