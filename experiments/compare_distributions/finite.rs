//! Estimators and tests that get finite samples once.

use experiments::summary;
use gan::Rng;
use gan::device::to_vec;
use gan::ratio::{
    Features, LogisticRatio, SparseRatio, classifier_test, kliep, median_distance, ulsif,
};
use lab::{Diverged, Run, Summary};
use stats::distance::Points;
use stats::distance::mmd::{Kernel, median_distance as median_of_both, mmd_test};
use tch::{Kind, Tensor};

use crate::config::Estimator;
use crate::critic::streams;
use crate::laws::{Change, Pair};
use crate::neural;

/// Kernels of a ratio.
const CENTRES: i64 = 100;
/// Bandwidths in units of the median distance of numerator samples.
const BANDWIDTHS: [f64; 5] = [0.25, 0.5, 0.75, 1.0, 1.5];
const RIDGES: [f64; 4] = [1e-3, 1e-2, 1e-1, 1.0];
/// Of the sparse regression's weights, from the largest.
const PENALTIES: [f64; 5] = [0.1, 3e-2, 1e-2, 3e-3, 1e-3];
/// Fresh points that judge an estimate.
const JUDGES: i64 = 5_000;
const PERMUTATIONS: usize = 99;
const LEVEL: f64 = 0.05;

/// A kernel by the median distance of both samples.
type OfMedian = fn(f64) -> Kernel;
/// The kernels of the tests, under the names of their metrics.
pub(crate) const KERNELS: [(&str, OfMedian); 5] = [
    ("rejected_mmd", Kernel::Gaussian),
    ("rejected_mmd_narrow", |median| Kernel::Gaussian(median / 4.0)),
    ("rejected_mmd_wide", |median| Kernel::Gaussian(median * 4.0)),
    ("rejected_mmd_laplace", Kernel::Laplace),
    ("rejected_energy", |_| Kernel::Energy),
];
const CLASSIFIERS: [(&str, Features); 2] =
    [("rejected_linear", Features::Linear), ("rejected_quadratic", Features::Quadratic)];

/// Fits one estimator to one pair of samples of each member and judges it on fresh points of `q`.
pub(crate) fn ratio(
    (pair, estimator): (Pair, Estimator),
    (numerator, denominator): (i64, i64),
    run: &Run,
) -> Vec<Result<Summary, Diverged>> {
    let root = streams(run);
    let [p, q] = pair.sample(&mut root.fork("data"), numerator, denominator);
    let [_, fresh] = pair.sample(&mut root.fork("judges"), 1, JUDGES);
    let found = match estimator {
        Estimator::Neural(divergence) => {
            let log_ratio = neural::log_ratio((pair, divergence), [&p, &q], &fresh, run);
            log_ratio.squeeze_dim(2).to_kind(Kind::Double).exp()
        }
        _ => classic(estimator, [&p, &q].map(one), &one(&fresh)).unsqueeze(0),
    };
    let of_member = |i: usize| {
        let [found, fresh] = [&found, &fresh].map(|x| x.select(0, i as i64).to_kind(Kind::Double));
        judge(pair, &found, &fresh)
    };
    (0..run.seeds.len()).map(of_member).collect()
}

/// The ratio at fresh points, `[n]`, of an estimator that takes one data set at a time.
fn classic(estimator: Estimator, [p, q]: [Tensor; 2], fresh: &Tensor) -> Tensor {
    let centres = p.size()[0].min(CENTRES);
    let bandwidths = || {
        let median = median_distance(&p);
        BANDWIDTHS.map(|share| share * median)
    };
    let logistic = |features| LogisticRatio::fit(features, (&p, &q)).log_ratio(fresh).exp();
    match estimator {
        Estimator::LogisticLinear => logistic(Features::Linear),
        Estimator::LogisticQuadratic => logistic(Features::Quadratic),
        Estimator::LogisticSparse => {
            // The constant is the fit's own.
            let features = |x: &Tensor| {
                let all = Features::Quadratic.of(x);
                all.narrow(1, 1, all.size()[1] - 1)
            };
            let sides = [&p, &q].map(|x| features(x).unsqueeze(0));
            let sparse = SparseRatio::fit((&sides[0], &sides[1]), &PENALTIES);
            sparse.log_ratio(&features(fresh)).squeeze_dim(0).exp()
        }
        Estimator::Kliep => kliep((&p, &q), centres, &bandwidths()).ratio.at(fresh),
        Estimator::Ulsif => {
            ulsif((&p, &q), &p.narrow(0, 0, centres), &bandwidths(), &RIDGES).ratio.at(fresh)
        }
        Estimator::Neural(_) => unreachable!("takes a stack"),
    }
}

/// A ratio at fresh points, `[n]` at `[n, dim]`, against the exact one.
fn judge(pair: Pair, found: &Tensor, fresh: &Tensor) -> Result<Summary, Diverged> {
    let exact = pair.log_ratio(fresh).exp();
    let mean = |x: &Tensor| x.mean(Kind::Double).double_value(&[]);
    let first = fresh.select(1, 0);
    let (one, two) = pair.data_moments();
    summary(
        0,
        [
            ("relative_error", mean(&(found - &exact).square()) / mean(&exact.square())),
            ("mean_ratio", mean(found)),
            // Of r q, less those of p.
            ("first_moment", mean(&(found * &first)) - one),
            ("second_moment", mean(&(found * first.square())) - two),
        ],
    )
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
    let mut rejections = vec![0u32; KERNELS.len() + CLASSIFIERS.len()];
    for repeat in 0..repeats {
        let (x, y) = (draw(Change::None, &mut rng), draw(change, &mut rng));
        let points = |x: &Tensor| Points::new(dim as usize, to_vec(x));
        let (a, b) = (points(&x), points(&y));
        let median = median_of_both(&a, &b);
        let seed = run.seeds[0] << 32 | u64::from(repeat);
        let by_kernel =
            KERNELS.map(|(_, kernel)| mmd_test(&a, &b, kernel(median), PERMUTATIONS, seed).p_value);
        let by_classifier =
            CLASSIFIERS.map(|(_, features)| classifier_test(features, (&x, &y)).p_value);
        let p_values = by_kernel.into_iter().chain(by_classifier);
        for (rejections, p_value) in rejections.iter_mut().zip(p_values) {
            *rejections += u32::from(p_value <= LEVEL);
        }
    }
    let names = KERNELS.map(|(name, _)| name).into_iter().chain(CLASSIFIERS.map(|(name, _)| name));
    let share = |count: u32| f64::from(count) / f64::from(repeats);
    vec![summary(0, names.zip(rejections.into_iter().map(share)))]
}
