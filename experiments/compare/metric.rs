//! What can be estimated from two samples.

use gan::metric::Moments;
use gan::objective::ScoringRule;
use gan::ratio::{ClassifierTest, Features, LogisticRatio, classifier_test, kliep, ulsif};
use stats::distance::Points;
use stats::distance::mmd::{Kernel, median_distance, mmd_test, squared_mmd};
use stats::distance::sinkhorn::Sinkhorn;
use stats::distance::transport::{sliced_wasserstein_to_the, wasserstein_to_the};
use stats::{Interval, proportion};
use tch::{Kind, Tensor};

use crate::LEVEL;
use crate::sample::{rows, without};

const DIRECTIONS: usize = 200;
const PERMUTATIONS: usize = 999;
/// Kernels of a ratio.
const CENTRES: i64 = 100;

/// A number between samples.
#[derive(Clone, Copy)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Why it does not fit samples, if it does not.
    pub(crate) misfit: fn(&Points, &Points) -> Option<&'static str>,
    pub(crate) estimator: Estimator,
}

#[derive(Clone, Copy)]
pub(crate) enum Estimator {
    /// A number, with an interval from leaving out rows.
    Value(fn(&Points, &Points, Scale) -> f64),
    /// A test of whether both are of one law.
    Test(fn(&Points, &Points, Scale) -> Test),
}

pub(crate) struct Test {
    pub(crate) statistic: f64,
    pub(crate) interval: Option<Interval>,
    pub(crate) p_value: f64,
}

const fn value(
    name: &'static str,
    about: &'static str,
    estimate: fn(&Points, &Points, Scale) -> f64,
) -> Metric {
    Metric { name, about, misfit: |_, _| None, estimator: Estimator::Value(estimate) }
}

const fn of_numbers(
    name: &'static str,
    about: &'static str,
    estimate: fn(&Points, &Points, Scale) -> f64,
) -> Metric {
    let misfit: fn(&Points, &Points) -> _ =
        |x, _| (x.dim() > 1).then_some("it is of single numbers, and these have several");
    Metric { misfit, ..value(name, about, estimate) }
}

const fn test(
    name: &'static str,
    about: &'static str,
    test: fn(&Points, &Points, Scale) -> Test,
) -> Metric {
    Metric { name, about, misfit: |_, _| None, estimator: Estimator::Test(test) }
}

/// What is the same for all parts of the rows.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    /// The median distance between points of both samples; 1 if most of them coincide.
    median: f64,
    seed: u64,
}

impl Scale {
    pub(crate) fn of(real: &Points, fake: &Points, seed: u64) -> Self {
        let median = median_distance(real, fake);
        Self { median: if median > 0.0 { median } else { 1.0 }, seed }
    }
}

pub(crate) const METRICS: [Metric; 15] = [
    value("frechet", "squared Frechet distance of the normal laws of equal moments", |x, y, _| {
        let moments = |sample: &Points| Moments::of(&rows(sample).unsqueeze(0));
        moments(x).frechet(&moments(y)).double_value(&[0])
    }),
    value("energy", "energy distance, 2 E|X-Y| - E|X-X'| - E|Y-Y'|", |x, y, _| {
        let stack = |sample: &Points| rows(sample).unsqueeze(0);
        gan::metric::energy_distance(&stack(x), &stack(y)).double_value(&[0])
    }),
    value(
        "squared_mmd",
        "unbiased, Gaussian kernel, bandwidth the median distance",
        |x, y, scale| squared_mmd(x, y, Kernel::Gaussian(scale.median)),
    ),
    of_numbers("wasserstein_1", "Wasserstein distance of order 1", |x, y, _| {
        wasserstein_to_the(1.0, x.values(), y.values())
    }),
    of_numbers("wasserstein_2", "Wasserstein distance of order 2", |x, y, _| {
        wasserstein_to_the(2.0, x.values(), y.values()).sqrt()
    }),
    value("sliced_wasserstein_1", "mean of order 1 over 200 random directions", |x, y, scale| {
        sliced_wasserstein_to_the(1.0, x, y, DIRECTIONS, scale.seed)
    }),
    value(
        "sliced_wasserstein_2",
        "root of the mean square of order 2 over 200 directions",
        |x, y, scale| sliced_wasserstein_to_the(2.0, x, y, DIRECTIONS, scale.seed).sqrt(),
    ),
    value(
        "sinkhorn",
        "Sinkhorn divergence, squared distance, epsilon a tenth of the median's square",
        |x, y, scale| {
            let epsilon = 0.1 * scale.median * scale.median;
            Sinkhorn { tolerance: 1e-5, ..Sinkhorn::new(epsilon) }.divergence(x, y)
        },
    ),
    value("kl_logistic", "KL(real, fake), a logistic ratio on held-out halves", |x, y, _| {
        held_out(x, y, |ratio, real, _| mean(&ratio.log_ratio(real)))
    }),
    value(
        "kl_kliep",
        "KL(real, fake), KLIEP's held-out score; too large out of the fake samples' reach",
        |x, y, scale| {
            kliep((&rows(x), &rows(y)), CENTRES.min(x.len() as i64), &bandwidths(scale)).score
        },
    ),
    value(
        "js_logistic",
        "Jensen-Shannon divergence (nats), a logistic ratio on held-out halves",
        |x, y, _| {
            held_out(x, y, |ratio, real, fake| {
                let outputs = |rows: &Tensor| ratio.log_ratio(rows).reshape([1, -1, 1]);
                let risk = ScoringRule::Bernoulli.risk(&outputs(real), &outputs(fake));
                std::f64::consts::LN_2 - risk.double_value(&[0])
            })
        },
    ),
    value(
        "pearson_ulsif",
        "Pearson's divergence of real from fake, uLSIF's leave-one-out score",
        |x, y, scale| {
            let fit = ulsif(
                (&rows(x), &rows(y)),
                &centres(x),
                &bandwidths(scale),
                &[1e-3, 1e-2, 1e-1, 1.0],
            );
            // The least value of E_q r^2 / 2 - E_p r is -(1 + chi^2) / 2.
            -2.0 * fit.score - 1.0
        },
    ),
    test("mmd_test", "squared MMD, 999 permutations", |x, y, scale| {
        let test = mmd_test(x, y, Kernel::Gaussian(scale.median), PERMUTATIONS, scale.seed);
        Test { statistic: test.statistic, interval: None, p_value: test.p_value }
    }),
    test(
        "classifier_linear",
        "held-out accuracy of a linear classifier; 0.5 for equal laws",
        |x, y, _| accuracy(Features::Linear, x, y),
    ),
    Metric {
        misfit: |x, y| {
            let rows = usize::midpoint(x.len(), y.len());
            (!affords_quadratic(x.dim(), rows))
                .then_some("it needs ten rows for each of its weights")
        },
        ..test("classifier_quadratic", "held-out accuracy of a quadratic classifier", |x, y, _| {
            accuracy(Features::Quadratic, x, y)
        })
    },
];

fn bandwidths(scale: Scale) -> [f64; 4] {
    [0.25, 0.5, 1.0, 2.0].map(|share| share * scale.median)
}

fn centres(real: &Points) -> Tensor {
    rows(real).narrow(0, 0, (real.len() as i64).min(CENTRES))
}

fn mean(x: &Tensor) -> f64 {
    x.mean(Kind::Double).double_value(&[])
}

/// The mean of a score of a ratio that was fitted to one half of both samples, over the other.
fn held_out(
    x: &Points,
    y: &Points,
    score: impl Fn(&LogisticRatio, &Tensor, &Tensor) -> f64,
) -> f64 {
    let halves = |sample: &Points| [1, 0].map(|half| rows(&without(sample, half, 2)));
    let (x, y) = (halves(x), halves(y));
    let of_half = |fit: usize| {
        let features = features(&x[fit], &y[fit]);
        let ratio = LogisticRatio::fit(features, (&x[fit], &y[fit]));
        score(&ratio, &x[1 - fit], &y[1 - fit])
    };
    f64::midpoint(of_half(0), of_half(1))
}

/// Quadratic where that is affordable.
fn features(x: &Tensor, y: &Tensor) -> Features {
    let rows = x.size()[0] + y.size()[0];
    let affordable = affords_quadratic(x.size()[1] as usize, rows as usize);
    if affordable { Features::Quadratic } else { Features::Linear }
}

/// Whether there are ten rows for each weight of a quadratic classifier.
fn affords_quadratic(dim: usize, rows: usize) -> bool {
    (dim + 1) * (dim + 2) / 2 * 10 <= rows
}

fn accuracy(features: Features, x: &Points, y: &Points) -> Test {
    let ClassifierTest { accuracy, held_out, p_value } =
        classifier_test(features, (&rows(x), &rows(y)));
    let right = (accuracy * held_out as f64).round() as usize;
    let interval = Some(proportion::wilson(right, held_out, LEVEL));
    Test { statistic: accuracy, interval, p_value }
}
