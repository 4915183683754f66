//! Estimators and tests that get finite samples once.

use experiments::summary;
use gan::Rng;
use gan::device::to_vec;
use gan::ratio::{Features, LogisticRatio, classifier_test, kliep, median_distance, ulsif};
use lab::{Diverged, Run, Summary};
use stats::distance::Points;
use stats::distance::mmd::{median_distance as median_of_both, mmd_test};
use tch::{Kind, Tensor};

use crate::config::Estimator;
use crate::critic::streams;
use crate::laws::{Change, Pair};

/// Kernels of a ratio.
const CENTRES: i64 = 100;
/// Bandwidths in units of the median distance of numerator samples.
const BANDWIDTHS: [f64; 5] = [0.25, 0.5, 0.75, 1.0, 1.5];
const RIDGES: [f64; 4] = [1e-3, 1e-2, 1e-1, 1.0];
/// Fresh points that judge an estimate.
const JUDGES: i64 = 5_000;
const PERMUTATIONS: usize = 99;
const LEVEL: f64 = 0.05;

/// Fits one estimator to one pair of samples and judges it on fresh points of `q`.
pub(crate) fn ratio(
    (pair, estimator): (Pair, Estimator),
    (numerator, denominator): (i64, i64),
    run: &Run,
) -> Vec<Result<Summary, Diverged>> {
    let root = streams(run);
    let [p, q] = pair.sample(&mut root.fork("data"), numerator, denominator).map(|x| one(&x));
    let [_, fresh] = pair.sample(&mut root.fork("judges"), 1, JUDGES).map(|x| one(&x));
    let bandwidths = || BANDWIDTHS.map(|share| share * median_distance(&p));
    let centres = || p.narrow(0, 0, numerator.min(CENTRES));
    let logistic = |features| LogisticRatio::fit(features, (&p, &q)).log_ratio(&fresh).exp();
    let found = match estimator {
        Estimator::LogisticLinear => logistic(Features::Linear),
        Estimator::LogisticQuadratic => logistic(Features::Quadratic),
        Estimator::Kliep => kliep((&p, &q), numerator.min(CENTRES), &bandwidths()).ratio.at(&fresh),
        Estimator::Ulsif => ulsif((&p, &q), &centres(), &bandwidths(), &RIDGES).ratio.at(&fresh),
    };
    let exact = pair.log_ratio(&fresh).exp();
    let mean = |x: &Tensor| x.mean(Kind::Double).double_value(&[]);
    let first = fresh.select(1, 0);
    let (one, two) = pair.data_moments();
    vec![summary(
        0,
        [
            ("relative_error", mean(&(&found - &exact).square()) / mean(&exact.square())),
            ("mean_ratio", mean(&found)),
            // Of r q, less those of p.
            ("first_moment", mean(&(&found * &first)) - one),
            ("second_moment", mean(&(&found * first.square())) - two),
        ],
    )]
}

/// The only member of a stack, in double precision.
fn one(x: &Tensor) -> Tensor {
    x.squeeze_dim(0).to_kind(Kind::Double)
}

/// Counts how often each test rejects that two samples are of one law.
pub(crate) fn two_sample(
    change: Change,
    (dim, samples): (i64, i64),
    repeats: u32,
    run: &Run,
) -> Vec<Result<Summary, Diverged>> {
    let mut rng = streams(run).fork("data");
    let draw = |change: Change, rng: &mut Rng| one(&change.sample(rng, samples, dim));
    let mut rejections = [0u32; 3];
    for repeat in 0..repeats {
        let (x, y) = (draw(Change::None, &mut rng), draw(change, &mut rng));
        let points = |x: &Tensor| Points::new(dim as usize, to_vec(x));
        let (a, b) = (points(&x), points(&y));
        let seed = run.seeds[0] << 32 | u64::from(repeat);
        let classifier = |features| classifier_test(features, (&x, &y)).p_value;
        let p_values = [
            mmd_test(&a, &b, median_of_both(&a, &b), PERMUTATIONS, seed).p_value,
            classifier(Features::Linear),
            classifier(Features::Quadratic),
        ];
        for (rejections, p_value) in rejections.iter_mut().zip(p_values) {
            *rejections += u32::from(p_value <= LEVEL);
        }
    }
    let share = |i: usize| f64::from(rejections[i]) / f64::from(repeats);
    vec![summary(
        0,
        [
            ("rejected_mmd", share(0)),
            ("rejected_linear", share(1)),
            ("rejected_quadratic", share(2)),
        ],
    )]
}
