//! Density ratios between two samples, and classifiers, where there are rows enough for their weights.

use anyhow::Result;
use gan::objective::ScoringRule;
use gan::ratio::{
    ClassifierTest, Features, LogisticRatio, classifier_test, kliep as fit_kliep,
    ulsif as fit_ulsif,
};
use stats::proportion;
use tch::{Kind, Tensor};

use crate::LEVEL;
use crate::estimate::{Context, Estimate, Pair, leaving_out, without};

/// Rows for each weight, below which a fit follows the rows and not their law.
const ROWS: usize = 10;
/// Kernels of a ratio.
pub(super) const CENTRES: usize = 100;

/// Returns the number of weights for so many columns.
pub(super) fn weights(features: Features, dim: usize) -> usize {
    match features {
        Features::Linear => dim + 1,
        Features::Quadratic => (dim + 1).saturating_mul(dim + 2) / 2,
    }
}

/// Whether half of samples of so many rows has rows enough for the weights of so many columns.
pub(crate) fn affords(features: Features, dim: usize, (n, m): (i64, i64)) -> bool {
    weights(features, dim).saturating_mul(ROWS) <= i64::midpoint(n, m) as usize
}

/// Returns quadratic features where these are affordable.
pub(crate) fn affordable(dim: usize, rows: (i64, i64)) -> Features {
    if affords(Features::Quadratic, dim, rows) { Features::Quadratic } else { Features::Linear }
}

/// Returns why features do not fit samples, if they do not.
pub(super) fn misfit(features: Features, context: &Context, which: usize) -> Option<String> {
    let (dim, frame) = (context.frame.moving.len(), context.frame);
    if dim == 0 {
        return Some("no column changes".to_owned());
    }
    let rows = [&frame.real, &frame.fakes[which]].map(|sample| context.many(sample.size()[0]));
    (!affords(features, dim, (rows[0], rows[1]))).then(|| {
        let weights = weights(features, dim);
        let rows = i64::midpoint(rows[0], rows[1]);
        format!(
            "its {weights} weights need {ROWS} rows each in half of both files, which is {rows} rows; take more rows or fewer columns"
        )
    })
}

/// Estimates `KL(real, fake)`.
pub(super) fn kullback_leibler(pair: &Pair, context: &Context) -> Result<Estimate> {
    leaving_out(pair, |x, y| {
        Ok(held_out((x, y), context.features, |ratio, real, _| {
            ratio.log_ratio(real).mean(Kind::Double).double_value(&[])
        }))
    })
}

/// Estimates the Jensen-Shannon divergence, in nats.
pub(super) fn jensen_shannon(pair: &Pair, context: &Context) -> Result<Estimate> {
    leaving_out(pair, |x, y| {
        Ok(held_out((x, y), context.features, |ratio, real, fake| {
            let outputs = |rows: &Tensor| ratio.log_ratio(rows).reshape([1, -1, 1]);
            let risk = ScoringRule::Bernoulli.risk(&outputs(real), &outputs(fake));
            std::f64::consts::LN_2 - risk.double_value(&[0])
        }))
    })
}

/// The mean of a score of a ratio that was fitted to one half of both samples, over the other.
fn held_out(
    (x, y): (&Tensor, &Tensor),
    features: Features,
    score: impl Fn(&LogisticRatio, &Tensor, &Tensor) -> f64,
) -> f64 {
    let halves = |sample: &Tensor| [1, 0].map(|half| without(sample, half, 2));
    let (x, y) = (halves(x), halves(y));
    let of_half = |fit: usize| {
        let ratio = LogisticRatio::fit(features, (&x[fit], &y[fit]));
        score(&ratio, &x[1 - fit], &y[1 - fit])
    };
    f64::midpoint(of_half(0), of_half(1))
}

pub(super) fn kliep(pair: &Pair, context: &Context) -> Result<Estimate> {
    leaving_out(pair, |x, y| {
        let centres = (CENTRES as i64).min(x.size()[0]);
        Ok(fit_kliep((x, y), centres, &bandwidths(context)).score)
    })
}

pub(super) fn ulsif(pair: &Pair, context: &Context) -> Result<Estimate> {
    let ridges = [1e-3, 1e-2, 1e-1, 1.0];
    leaving_out(pair, |x, y| {
        let centres = x.narrow(0, 0, x.size()[0].min(CENTRES as i64));
        let fit = fit_ulsif((x, y), &centres, &bandwidths(context), &ridges);
        // The least value of E_q r^2 / 2 - E_p r is -(1 + chi^2) / 2.
        Ok(-2.0 * fit.score - 1.0)
    })
}

fn bandwidths(context: &Context) -> [f64; 4] {
    [0.25, 0.5, 1.0, 2.0].map(|share| share * context.bandwidth())
}

/// Tests whether a classifier tells held-out rows apart.
pub(super) fn accuracy(features: Features, pair: &Pair) -> Result<Estimate> {
    let ClassifierTest { accuracy, held_out, p_value } =
        classifier_test(features, (pair.real, pair.fake));
    let right = (accuracy * held_out).round() as usize;
    let interval =
        (pair.groups > 0).then(|| proportion::wilson(right, held_out.round() as usize, LEVEL));
    Ok(Estimate { interval, p_value: Some(p_value), ..Estimate::from(accuracy) })
}
