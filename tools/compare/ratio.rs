//! Logistic regression between two samples, where there are rows enough for its weights.

use gan::objective::ScoringRule;
use gan::ratio::{ClassifierTest, Features, LogisticRatio, classifier_test};
use stats::distance::Points;
use stats::proportion;
use tch::{Kind, Tensor};

use crate::LEVEL;
use crate::estimate::Test;
use crate::sample::{rows, without};

/// Rows for each weight, below which a fit follows the rows and not their law.
const ROWS: usize = 10;

/// Returns the number of weights for so many columns.
pub(crate) fn weights(features: Features, dim: usize) -> usize {
    match features {
        Features::Linear => dim + 1,
        Features::Quadratic => (dim + 1).saturating_mul(dim + 2) / 2,
    }
}

/// Whether half of two samples has rows enough for the weights of so many columns.
pub(crate) fn affords(features: Features, dim: usize, x: &Points, y: &Points) -> bool {
    weights(features, dim).saturating_mul(ROWS) <= usize::midpoint(x.len(), y.len())
}

/// Returns quadratic features where these are affordable.
pub(crate) fn affordable(dim: usize, x: &Points, y: &Points) -> Features {
    let quadratic = affords(Features::Quadratic, dim, x, y);
    if quadratic { Features::Quadratic } else { Features::Linear }
}

/// Returns why features do not fit samples, of which so many columns change, if they do not.
pub(crate) fn misfit(features: Features, dim: usize, x: &Points, y: &Points) -> Option<String> {
    if dim == 0 {
        return Some("no column changes".to_owned());
    }
    (!affords(features, dim, x, y)).then(|| {
        let weights = weights(features, dim);
        let rows = usize::midpoint(x.len(), y.len());
        format!(
            "its {weights} weights need {ROWS} rows each in half of both files, which is {rows} rows; take more rows or fewer columns"
        )
    })
}

/// Estimates `KL(real, fake)`.
pub(crate) fn kullback_leibler(x: &Points, y: &Points, features: Features) -> f64 {
    held_out(x, y, features, |ratio, real, _| {
        ratio.log_ratio(real).mean(Kind::Double).double_value(&[])
    })
}

/// Estimates the Jensen-Shannon divergence, in nats.
pub(crate) fn jensen_shannon(x: &Points, y: &Points, features: Features) -> f64 {
    held_out(x, y, features, |ratio, real, fake| {
        let outputs = |rows: &Tensor| ratio.log_ratio(rows).reshape([1, -1, 1]);
        let risk = ScoringRule::Bernoulli.risk(&outputs(real), &outputs(fake));
        std::f64::consts::LN_2 - risk.double_value(&[0])
    })
}

/// The mean of a score of a ratio that was fitted to one half of both samples, over the other.
fn held_out(
    x: &Points,
    y: &Points,
    features: Features,
    score: impl Fn(&LogisticRatio, &Tensor, &Tensor) -> f64,
) -> f64 {
    let halves = |sample: &Points| [1, 0].map(|half| rows(&without(sample, half, 2)));
    let (x, y) = (halves(x), halves(y));
    let of_half = |fit: usize| {
        let ratio = LogisticRatio::fit(features, (&x[fit], &y[fit]));
        score(&ratio, &x[1 - fit], &y[1 - fit])
    };
    f64::midpoint(of_half(0), of_half(1))
}

/// Tests whether a classifier tells held-out rows apart.
pub(crate) fn accuracy(features: Features, x: &Points, y: &Points) -> Test {
    let ClassifierTest { accuracy, held_out, p_value } =
        classifier_test(features, (&rows(x), &rows(y)));
    let right = (accuracy * held_out as f64).round() as usize;
    let interval = Some(proportion::wilson(right, held_out, LEVEL));
    Test { statistic: accuracy, interval, p_value }
}
