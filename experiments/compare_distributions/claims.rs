//! From stored numbers to estimates. The rules stand in the README.

use experiments::contrast::{Sample, Words, claim, difference, each, join, log_ratio, pair};
use gan::objective::{Divergence, ScoringRule};
use lab::{Claim, Region, Results, Row};
use stats::rank::spearman;

use crate::arms::{Arms, Rows};
use crate::config::{Config, Estimator};
use crate::finite::KERNELS;
use crate::grid::{BOUNDS, ON_THE_LINE};
use crate::laws::{Change, Pair};

const IMPLICIT: &str = "Mohamed and Lakshminarayanan 2016 (1610.03483)";
const NONE: &str = "none published";

/// Returns every claim of the README, in its order.
pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let arms = Arms(results);
    [scoring(arms), divergences(arms), models(arms), kernels(arms), rich(arms), moments(arms)]
        .concat()
}

const PLAIN: Pair = Pair::Shift { dim: 1 };

/// The worst of several arms, seed by seed.
fn worst(arms: impl IntoIterator<Item = Sample>) -> Sample {
    let worse = |a: Sample, b: Sample| join(&a, &b, f64::max);
    arms.into_iter().reduce(worse).expect("an arm")
}

fn metric(rows: &Rows, name: &'static str) -> Sample {
    each(rows, |row| row.value(name))
}

/// F01: class-probability estimation.
fn scoring(arms: Arms) -> Vec<Claim> {
    let words = |id, statement, quantity| Words {
        id,
        statement,
        source: format!("{IMPLICIT}, section 2.2 and table 1"),
        published: "no experiment there",
        quantity,
        figure: "scoring.svg",
    };
    let on = |pair, rule| arms.risk(pair, rule);
    let proper = |pair, name| worst(ScoringRule::PROPER.map(|rule| metric(&on(pair, rule), name)));
    let hinge = on(PLAIN, ScoringRule::Hinge);
    vec![
        claim(
            words(
                "F01",
                "Every strictly proper scoring rule recovers the log-ratio",
                "root mean squared error of the log-ratio, the worst of four rules, N(1, 1) against N(0, 1)",
            ),
            Region::Below(0.15),
            &proper(PLAIN, "error"),
        ),
        claim(
            words(
                "F01b",
                "And reaches its least risk",
                "risk above its exact minimum, the worst of four rules and three pairs of laws",
            ),
            Region::Below(0.005),
            &worst(ON_THE_LINE.map(|pair| proper(pair, "risk_gap"))),
        ),
        claim(
            words(
                "F01c",
                "The hinge loss reaches its least risk too",
                "hinge risk above 1 - TV, same laws",
            ),
            Region::Below(0.01),
            &metric(&hinge, "risk_gap"),
        ),
        claim(
            words(
                "F01d",
                "But it is not proper: the log-ratio is lost",
                "error of the log-ratio, hinge minus the worst proper rule, same laws",
            ),
            Region::Above(0.3),
            &join(&metric(&hinge, "error"), &proper(PLAIN, "error"), |a, b| a - b),
        ),
        claim(
            Words {
                source: "ours: its gradients are heavy-tailed".into(),
                published: NONE,
                ..words(
                    "F01e",
                    "The exponential rule pays for its tails",
                    "ln error, exponential minus Bernoulli, N(1, 1) against N(0, 4)",
                )
            },
            Region::Above(0.0),
            &log_ratio(
                (
                    &on(Pair::WideModel, ScoringRule::Exponential),
                    &on(Pair::WideModel, ScoringRule::Bernoulli),
                ),
                "error",
            ),
        ),
    ]
}

/// F02 and F03: divergences by their bounds.
fn divergences(arms: Arms) -> Vec<Claim> {
    let bounds = |pair| worst(BOUNDS.map(|f| metric(&arms.bound(pair, f), "shortfall")));
    let words = |id, statement, quantity| Words {
        id,
        statement,
        source: "Nowozin et al. 2016 (1606.00709), section 2".into(),
        published: "derived there",
        quantity,
        figure: "bounds.svg",
    };
    vec![
        claim(
            Words {
                source: format!("{IMPLICIT}, equations 20 and 21"),
                ..words(
                    "F02",
                    "Matching a ratio by Bregman divergence is maximising f-GAN's bound",
                    "largest relative difference of both gradients in single precision, the worst of seven divergences",
                )
            },
            Region::Below(1e-5),
            &worst(Divergence::ALL.map(|f| metric(&arms.identity(f), "difference"))),
        ),
        claim(
            words(
                "F03",
                "The variational bound is tight at the learned critic",
                "share of the divergence that the bound lacks, the worst of six divergences, N(1, 1) against N(0, 1)",
            ),
            Region::Below(0.05),
            &bounds(PLAIN),
        ),
        claim(
            Words {
                source: "ours: its optimal critic -1/r has infinite variance under a wider model"
                    .into(),
                published: NONE,
                ..words(
                    "F03b",
                    "Not for every divergence of every pair: the reverse KL divergence of a wide model is out of reach",
                    "share lacking, reverse KL minus Jensen-Shannon, N(1, 1) against N(0, 4)",
                )
            },
            Region::Above(0.05),
            &difference(
                (
                    &arms.bound(Pair::WideModel, Divergence::ReverseKullbackLeibler),
                    &arms.bound(Pair::WideModel, Divergence::JensenShannon),
                ),
                "shortfall",
            ),
        ),
    ]
}

const KANAMORI: &str = "Kanamori, Hido and Sugiyama 2009, from memory";
const OURS: &str = "ours: bias against variance";

fn ratio_words(
    id: &'static str,
    statement: &'static str,
    source: &str,
    quantity: &'static str,
) -> Words {
    let published = "none read: compared by direction";
    Words { id, statement, source: source.into(), published, quantity, figure: "ratios.svg" }
}

/// `ln` of one estimator's relative error over another's.
fn versus(arms: Arms, (case, few): (Pair, bool), a: Estimator, b: Estimator) -> Sample {
    log_ratio((&arms.ratio(case, few, a), &arms.ratio(case, few, b)), "relative_error")
}

/// F04 to F04c: models of the ratio that hold it, that do not, and that hold too much.
fn models(arms: Arms) -> Vec<Claim> {
    use Estimator::{LogisticLinear, LogisticQuadratic, Ulsif};
    vec![
        claim(
            ratio_words(
                "F04",
                "A model that contains the ratio beats kernels in many dimensions",
                OURS,
                "ln relative error, uLSIF minus linear logistic, shift in 10 dimensions",
            ),
            Region::Above(0.0),
            &versus(arms, (arms.high(), false), Ulsif, LogisticLinear),
        ),
        claim(
            ratio_words(
                "F04b",
                "A model that does not contain it is worse than kernels",
                OURS,
                "ln relative error, linear logistic minus uLSIF, N(1, 1) against N(0, 4)",
            ),
            Region::Above(0.0),
            &versus(arms, (Pair::WideModel, false), LogisticLinear, Ulsif),
        ),
        claim(
            ratio_words(
                "F04c",
                "One that is too rich for its samples is, too",
                OURS,
                "ln relative error, quadratic logistic minus uLSIF, shift in 10 dimensions, 100 numerator samples",
            ),
            Region::Above(0.0),
            &versus(arms, (arms.high(), true), LogisticQuadratic, Ulsif),
        ),
    ]
}

/// F04h to F04j: networks, and a penalty.
fn rich(arms: Arms) -> Vec<Claim> {
    use Estimator::{LogisticQuadratic, LogisticSparse, Neural, Ulsif};
    let (lsif, logistic) = (Neural(Divergence::Pearson), Neural(Divergence::Gan));
    vec![
        claim(
            ratio_words(
                "F04h",
                "A network beats kernels in many dimensions",
                OURS,
                "ln relative error, logistic network minus uLSIF, shift in 10 dimensions",
            ),
            Region::Below(0.0),
            &versus(arms, (arms.high(), false), logistic, Ulsif),
        ),
        claim(
            ratio_words(
                "F04i",
                "The loss that is measured wins: a network with LSIF's is better than one with the logistic",
                "ours: LSIF minimises this very error",
                "ln relative error, LSIF network minus logistic network, shift in 10 dimensions",
            ),
            Region::Below(0.0),
            &versus(arms, (arms.high(), false), lsif, logistic),
        ),
        claim(
            ratio_words(
                "F04j",
                "A penalty chosen on held-out samples mends a model that is too rich",
                OURS,
                "ln relative error, sparse minus plain quadratic logistic, shift in 10 dimensions, 100 numerator samples",
            ),
            Region::Below(0.0),
            &versus(arms, (arms.high(), true), LogisticSparse, LogisticQuadratic),
        ),
    ]
}

/// F04d to F04g: kernels.
fn kernels(arms: Arms) -> Vec<Claim> {
    use Estimator::{Kliep, Ulsif};
    let seconds = |row: &Row<Config>| row.wall_seconds.map(f64::ln);
    let (kliep, ulsif) = (arms.ratio(PLAIN, false, Kliep), arms.ratio(PLAIN, false, Ulsif));
    vec![
        claim(
            Words {
                figure: "dimension.svg",
                ..ratio_words(
                    "F04d",
                    "Kernels get worse with the dimension",
                    KANAMORI,
                    "rank correlation of dimension and uLSIF's relative error, within a seed",
                )
            },
            Region::Above(0.0),
            &trend(arms, Ulsif),
        ),
        claim(
            ratio_words(
                "F04e",
                "KLIEP and uLSIF are alike in accuracy",
                KANAMORI,
                "ln relative error, KLIEP minus uLSIF, shift in 10 dimensions",
            ),
            Region::Within(-std::f64::consts::LN_2, std::f64::consts::LN_2),
            &versus(arms, (arms.high(), false), Kliep, Ulsif),
        ),
        claim(
            ratio_words(
                "F04f",
                "uLSIF is cheaper by far",
                KANAMORI,
                "ln seconds, KLIEP minus uLSIF, N(1, 1) against N(0, 1); a measure of time, not the same twice",
            ),
            Region::Above(3f64.ln()),
            &pair((&kliep, &ulsif), |a, b| Some(seconds(a)? - seconds(b)?)),
        ),
        claim(
            Words {
                source: format!("{IMPLICIT}, equation 13"),
                figure: "moments.svg",
                ..ratio_words(
                    "F04g",
                    "The estimated ratio carries the model's moments to the data's",
                    "",
                    "largest error of mass, mean and second moment of r q, uLSIF, N(1, 1) against N(0, 1)",
                )
            },
            Region::Below(0.3),
            &each(&ulsif, |row| {
                let mass = (row.value("mean_ratio")? - 1.0).abs();
                Some(
                    mass.max(row.value("first_moment")?.abs())
                        .max(row.value("second_moment")?.abs()),
                )
            }),
        ),
    ]
}

/// The rank correlation of dimension and relative error, seed by seed.
fn trend(arms: Arms, estimator: Estimator) -> Sample {
    let dims = arms.dims();
    let of_dim =
        |&dim: &i64| metric(&arms.ratio(Pair::Shift { dim }, false, estimator), "relative_error");
    let by_dim: Vec<Sample> = dims.iter().map(of_dim).collect();
    let of_seed = |seed: &u64| {
        let error = |sample: &Sample| sample.values.get(seed).copied();
        let errors: Option<Vec<f64>> = by_dim.iter().map(error).collect();
        let dims: Vec<f64> = dims.iter().map(|dim| *dim as f64).collect();
        Some((*seed, spearman(&dims, &errors?)))
    };
    let seeds = by_dim.first().into_iter().flat_map(|sample| sample.values.keys());
    Sample {
        values: seeds.filter_map(of_seed).collect(),
        diverged: by_dim.iter().map(|sample| sample.diverged).sum(),
    }
}

/// F05: moments.
fn moments(arms: Arms) -> Vec<Claim> {
    let words = |id, statement, quantity| Words {
        id,
        statement,
        source: "Gretton et al. 2012; Lopez-Paz and Oquab 2017; the comparison is ours".into(),
        published: NONE,
        quantity,
        figure: "tests.svg",
    };
    let level = |dim| metric(&arms.two_sample(Change::None, dim), "rejected_mmd");
    let highest = |dim| {
        let rows = arms.two_sample(Change::None, dim);
        each(&rows, |row| {
            let shares: Option<Vec<f64>> =
                KERNELS.iter().map(|(name, _)| row.value(name)).collect();
            shares?.into_iter().reduce(f64::max)
        })
    };
    let gap = |change, dim, test: &str, other: &str| {
        let rows = arms.two_sample(change, dim);
        each(&rows, |row| Some(row.value(test)? - row.value(other)?))
    };
    let narrow = |change, dim| gap(change, dim, "rejected_mmd_narrow", "rejected_mmd");
    let power = |change, dim| gap(change, dim, "rejected_mmd", "rejected_quadratic");
    vec![
        claim(
            words(
                "F05",
                "The permutation test of the MMD holds its level",
                "share rejected of equal laws, mean of 1 and 5 dimensions",
            ),
            Region::Within(0.02, 0.08),
            &join(&level(1), &level(5), f64::midpoint),
        ),
        claim(
            words(
                "F05b",
                "It sees a shift of the mean better than a classifier that trains on half",
                "share rejected, MMD minus quadratic classifier, mean 1/2 in one of 5 dimensions, 100 samples",
            ),
            Region::Above(0.0),
            &power(Change::Mean, 5),
        ),
        claim(
            words("F05c", "And a wider spread", "the same for a variance of 1.5"),
            Region::Above(0.0),
            &power(Change::Spread, 5),
        ),
        claim(
            words(
                "F05d",
                "A quadratic classifier is blind to a change of shape",
                "share rejected of Laplace's law with variance 1, quadratic classifier, one dimension",
            ),
            Region::Below(0.15),
            &metric(&arms.two_sample(Change::Shape, 1), "rejected_quadratic"),
        ),
        claim(
            words(
                "F05e",
                "The MMD is less so",
                "share rejected there, MMD minus quadratic classifier",
            ),
            Region::Above(0.0),
            &power(Change::Shape, 1),
        ),
        claim(
            words(
                "F05m",
                "The level holds for every kernel and bandwidth",
                "share rejected of equal laws, the highest of five kernels, mean of 1 and 5 dimensions",
            ),
            Region::Within(0.02, 0.1),
            &join(&highest(1), &highest(5), f64::midpoint),
        ),
        claim(
            words(
                "F05n",
                "The bandwidth decides what is seen: a narrow kernel sees the shape that the median misses",
                "share rejected of Laplace's law, one dimension, a quarter of the median minus the median",
            ),
            Region::Above(0.0),
            &narrow(Change::Shape, 1),
        ),
        claim(
            words(
                "F05o",
                "And loses the shift that the median sees",
                "the same for a mean of 1/2 in one of 5 dimensions",
            ),
            Region::Below(0.0),
            &narrow(Change::Mean, 5),
        ),
    ]
}
