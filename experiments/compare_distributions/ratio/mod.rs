//! What do estimators of a density ratio find from finite samples (F04): models that hold it, that do not, that hold too
//! much; kernels; networks?

mod claims;
mod estimator;
mod figures;
mod network;

use garde::Validate;
use lab::{Arm, Diverged, Profile, Run, Summary};
use serde::{Deserialize, Serialize};
use shared::{Outcomes, Task, name, summary};
use tch::{Kind, Tensor};

pub(crate) use claims::claims;
pub(crate) use figures::figures;

use crate::pair::{ON_THE_LINE, Pair};
use crate::{seeds, streams};
use estimator::Estimator;

/// One estimate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The laws.
    #[garde(dive)]
    pair: Pair,
    /// Samples of the first law: enough for each part of a cross-validation.
    #[garde(range(min = 20, max = 20_000))]
    numerator: i64,
    /// Samples of the second.
    #[garde(range(min = 20, max = 20_000))]
    denominator: i64,
    /// The estimator.
    #[garde(skip)]
    estimator: Estimator,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        match self.estimator {
            Estimator::Neural(_) => 2_000.0,
            Estimator::Kliep => 600.0,
            Estimator::Ulsif => 300.0,
            Estimator::LogisticSparse => 100.0,
            Estimator::LogisticLinear | Estimator::LogisticQuadratic => 10.0,
        }
    }
}

/// What an estimator gets: samples of two laws.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    pair: Pair,
    numerator: i64,
    denominator: i64,
}

impl Case {
    /// As many samples of both laws.
    const fn even(pair: Pair, samples: i64) -> Self {
        Self { pair, numerator: samples, denominator: samples }
    }

    /// The name of an estimator's arm.
    fn arm(self, estimator: Estimator) -> String {
        let Self { pair, numerator, denominator } = self;
        format!("ratio/{}/{}/{numerator}-{denominator}", name(&pair), name(&estimator))
    }

    /// The estimators that get the case: all, where the linear regression is wrong and where the quadratic one is too
    /// rich.
    fn estimators(self) -> Vec<Estimator> {
        let is_hard = self.pair == Pair::WideModel || self.pair.dim() > SIZES_DIM;
        let rich: &[Estimator] = if is_hard { &Estimator::RICH } else { &[] };
        [&Estimator::CLASSIC, rich].concat()
    }
}

/// The dimension in which the sample size varies.
const SIZES_DIM: i64 = 5;

/// The cases of a profile.
fn cases(profile: Profile) -> Vec<Case> {
    let (all, few) = if profile == Profile::Smoke { (60, 30) } else { (1_000, 100) };
    let (dims, sizes): (&[i64], &[i64]) = match profile {
        Profile::Smoke => (&[2], &[]),
        Profile::Quick | Profile::Reference => (&[5, 10], &[100, 300]),
        Profile::Full => (&[2, 5, 10, 20, 50], &[100, 300, 3_000]),
    };
    let shift = |dim: &i64| Pair::Shift { dim: *dim };
    let even = ON_THE_LINE.into_iter().chain(dims.iter().map(shift));
    let mut cases: Vec<Case> = even.map(|pair| Case::even(pair, all)).collect();
    let with_few = dims.iter().filter(|dim| **dim == 10 || Some(*dim) == dims.last());
    cases.extend(with_few.map(|dim| Case { numerator: few, ..Case::even(shift(dim), all) }));
    cases.extend(sizes.iter().map(|size| Case::even(shift(&SIZES_DIM), *size)));
    cases
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 12;
    let arm = |case: Case, estimator: Estimator| {
        let Case { pair, numerator, denominator } = case;
        let config = Config { pair, numerator, denominator, estimator };
        // Networks train in one stack; what is solved is solved by itself.
        let stack = if matches!(estimator, Estimator::Neural(_)) { STACK } else { 1 };
        let seeds = match profile {
            // What carries the model's moments differs much from sample to sample (F04g).
            Profile::Reference | Profile::Quick if (case, estimator) == MOMENTS => 40,
            _ => seeds(profile, stack),
        };
        Arm::new(case.arm(estimator), config).with_seeds(seeds, stack).with_quick_seeds(STACK)
    };
    let of_case = |case: Case| case.estimators().into_iter().map(move |it| arm(case, it));
    cases(profile).into_iter().flat_map(of_case).collect()
}

/// The estimate whose moments are claimed.
const MOMENTS: (Case, Estimator) = (Case::even(Pair::SHIFT, 1_000), Estimator::Ulsif);

/// Fresh points on which an estimate is measured.
const FRESH: i64 = 5_000;

/// Fits one estimator to one pair of samples of each member and measures it on fresh points of `q`.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { pair, numerator, denominator, estimator } = *config;
    let root = streams(run);
    let samples = pair.sample(&mut root.fork("data"), numerator, denominator);
    // The label is a part of the stream.
    let [_, fresh] = pair.sample(&mut root.fork("judges"), 1, FRESH);
    let found = estimator.ratio(samples.each_ref(), &fresh, &root);
    let of_member = |i: usize| {
        let [found, fresh] = [&found, &fresh].map(|x| x.select(0, i as i64).to_kind(Kind::Double));
        measure(pair, &found, &fresh)
    };
    Ok((0..run.seeds.len()).map(of_member).collect())
}

/// Compares a ratio at fresh points, `[n]` at `[n, dim]`, with the exact one.
fn measure(pair: Pair, found: &Tensor, fresh: &Tensor) -> Result<Summary, Diverged> {
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
