//! What is claimed of estimators of a ratio, by which rule.

use gan::objective::Divergence;
use lab::{Claim, Region, Results, Row};
use shared::contrast::{Sample, each, log_ratio, metric};
use shared::{Source, claim};
use stats::rank::spearman;

use super::estimator::Estimator;
use super::{Case, Config, MOMENTS};
use crate::IMPLICIT;
use crate::pair::Pair;

use Estimator::{Kliep, LogisticLinear, LogisticQuadratic, LogisticSparse, Neural, Ulsif};

/// Where the linear regression is wrong.
const WIDE: Case = Case::even(Pair::WideModel, 1_000);
const IN_TEN: Case = Case::even(Pair::Shift { dim: 10 }, 1_000);
/// Where the quadratic regression is too rich.
const FEW: Case = Case { numerator: 100, ..IN_TEN };

/// The losses of networks.
const LSIF: Estimator = Neural(Divergence::Pearson);
const LOGISTIC: Estimator = Neural(Divergence::Gan);

/// Its artificial test, not its numbers.
const KANAMORI: Source = Source::remembered("Kanamori, Hido and Sugiyama 2009");
const KANAMORI_TEST: &str = "artificial test, shifts in 1 to 20 dimensions";

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    [models(results), kernels(results), rich(results)].concat()
}

/// The logarithm of one estimator's relative error over another's.
fn versus(results: &Results<Config>, case: Case, a: Estimator, b: Estimator) -> Sample {
    log_ratio((&results.arm(&case.arm(a)), &results.arm(&case.arm(b))), "relative_error")
}

/// F04 to F04c: models of the ratio that hold it, that do not, and that hold too much.
fn models(results: &Results<Config>) -> Vec<Claim> {
    vec![
        claim("compare.F04", "A linear logistic regression, which holds the ratio of a shift in 10 dimensions, finds it better than kernels.")
            .measured("ln of `relative_error`, uLSIF over linear logistic, shift in 10 dimensions, 1,000 samples of each law")
            .figure("ratios.svg")
            .mean(Region::Above(0.0), &versus(results, IN_TEN, Ulsif, LogisticLinear)),
        claim("compare.F04b", "A linear logistic regression, which does not hold the ratio of N(1, 1) to N(0, 4), finds it worse than kernels.")
            .measured("ln of `relative_error`, linear logistic over uLSIF, N(1, 1) against N(0, 4), 1,000 samples of each law")
            .figure("ratios.svg")
            .mean(Region::Above(0.0), &versus(results, WIDE, LogisticLinear, Ulsif)),
        claim("compare.F04c", "A quadratic logistic regression, too rich for 100 samples in 10 dimensions, finds the ratio worse than kernels.")
            .measured("ln of `relative_error`, quadratic logistic over uLSIF, shift in 10 dimensions, 100 samples of p and 1,000 of q")
            .figure("ratios.svg")
            .mean(Region::Above(0.0), &versus(results, FEW, LogisticQuadratic, Ulsif)),
    ]
}

/// F04d, F04e and F04g: kernels.
fn kernels(results: &Results<Config>) -> Vec<Claim> {
    let (case, estimator) = MOMENTS;
    let largest = |row: &Row<Config>| {
        let mass = (row.value("mean_ratio")? - 1.0).abs();
        Some(mass.max(row.value("first_moment")?.abs()).max(row.value("second_moment")?.abs()))
    };
    vec![
        claim("compare.F04d", "The error of uLSIF's kernels grows with the dimension.")
            .published(KANAMORI, KANAMORI_TEST, None)
            .measured("rank correlation of the dimension of a shift (1, 5, 10) and uLSIF's `relative_error`, within a seed, 1,000 samples of each law")
            .figure("dimension.svg")
            .mean(Region::Above(0.0), &trend(results)),
        claim("compare.F04e", "KLIEP and uLSIF are alike in accuracy, within a factor of two.")
            .published(KANAMORI, KANAMORI_TEST, None)
            .measured("ln of `relative_error`, KLIEP over uLSIF, shift in 10 dimensions, 1,000 samples of each law")
            .figure("ratios.svg")
            .mean(
                Region::Within(-std::f64::consts::LN_2, std::f64::consts::LN_2),
                &versus(results, IN_TEN, Kliep, Ulsif),
            ),
        claim("compare.F04g", "The ratio that uLSIF finds carries the model's moments to the data's.")
            .published(IMPLICIT, "equation 13", None)
            .measured("largest of |`mean_ratio` - 1|, |`first_moment`| and |`second_moment`|, uLSIF, N(1, 1) against N(0, 1), 1,000 samples of each law")
            .figure("moments.svg")
            .mean(Region::Below(0.3), &each(&results.arm(&case.arm(estimator)), largest)),
    ]
}

/// The rank correlation of dimension and uLSIF's relative error, seed by seed.
fn trend(results: &Results<Config>) -> Sample {
    let dims = [1, 5, 10];
    let by_dim = dims.map(|dim| {
        let case = Case::even(Pair::Shift { dim }, 1_000);
        metric(&results.arm(&case.arm(Ulsif)), "relative_error")
    });
    let of_seed = |seed: &u64| {
        let errors: Option<Vec<f64>> =
            by_dim.iter().map(|sample| sample.values.get(seed).copied()).collect();
        Some((*seed, spearman(&dims.map(|dim| dim as f64), &errors?)))
    };
    Sample {
        values: by_dim[0].values.keys().filter_map(of_seed).collect(),
        diverged: by_dim.iter().map(|sample| sample.diverged).sum(),
    }
}

/// F04h to F04j: networks, and a penalty.
fn rich(results: &Results<Config>) -> Vec<Claim> {
    vec![
        claim("compare.F04h", "A network that learns by the logistic loss finds the ratio of a shift in 10 dimensions better than kernels.")
            .measured("ln of `relative_error`, logistic network over uLSIF, shift in 10 dimensions, 1,000 samples of each law")
            .figure("ratios.svg")
            .mean(Region::Below(0.0), &versus(results, IN_TEN, LOGISTIC, Ulsif)),
        claim("compare.F04i", "The loss that is measured wins: a network that learns by LSIF's squares has a smaller squared error than one by the logistic loss.")
            .measured("ln of `relative_error`, LSIF network over logistic network, shift in 10 dimensions, 1,000 samples of each law")
            .figure("ratios.svg")
            .mean(Region::Below(0.0), &versus(results, IN_TEN, LSIF, LOGISTIC)),
        claim("compare.F04j", "A penalty that is chosen on held-out samples mends a quadratic logistic regression that is too rich.")
            .measured("ln of `relative_error`, sparse over plain quadratic logistic, shift in 10 dimensions, 100 samples of p and 1,000 of q")
            .figure("ratios.svg")
            .mean(Region::Below(0.0), &versus(results, FEW, LogisticSparse, LogisticQuadratic)),
    ]
}
