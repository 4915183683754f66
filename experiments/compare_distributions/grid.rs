//! The arms, and what each profile makes of them.

use experiments::name;
use gan::objective::{Divergence, ScoringRule};
use lab::{Arm, Profile};

use crate::config::{Config, Estimator, Loss, Task};
use crate::laws::{Change, Pair};

/// The pairs on the line.
pub(crate) const ON_THE_LINE: [Pair; 3] = [Pair::Shift { dim: 1 }, Pair::WideModel, Pair::WideData];

/// The divergences whose bound is trained; the GAN's is that of Jensen and Shannon less a constant.
pub(crate) const BOUNDS: [Divergence; 6] = [
    Divergence::KullbackLeibler,
    Divergence::ReverseKullbackLeibler,
    Divergence::Pearson,
    Divergence::SquaredHellinger,
    Divergence::JensenShannon,
    Divergence::Jeffreys,
];

/// Whether networks and penalties get the pair too: where the linear regression is wrong, and where the quadratic
/// one is too rich.
pub(crate) fn is_hard(pair: Pair) -> bool {
    pair == Pair::WideModel || pair.dim() > COST_DIM
}

/// The dimension in which the sample size varies.
pub(crate) const COST_DIM: i64 = 5;

/// Pairs and sample sizes that estimators get.
pub(crate) fn cases(profile: Profile) -> Vec<(Pair, i64, i64)> {
    let mut cases: Vec<(Pair, i64, i64)> =
        ON_THE_LINE.iter().map(|pair| (*pair, 1_000, 1_000)).collect();
    let dims: &[i64] = match profile {
        Profile::Smoke => &[2],
        Profile::Quick => &[5, 10],
        Profile::Full => &[2, 5, 10, 20, 50],
    };
    cases.extend(dims.iter().map(|&dim| (Pair::Shift { dim }, 1_000, 1_000)));
    cases.push((Pair::Shift { dim: *dims.last().expect("a dimension") }, 100, 1_000));
    let sizes: &[i64] = match profile {
        Profile::Smoke => &[],
        Profile::Quick => &[100, 300],
        Profile::Full => &[100, 300, 3_000],
    };
    cases.extend(sizes.iter().map(|&size| (Pair::Shift { dim: COST_DIM }, size, size)));
    if profile == Profile::Smoke {
        for (_, numerator, denominator) in &mut cases {
            (*numerator, *denominator) = (if numerator < denominator { 30 } else { 60 }, 60);
        }
    }
    cases
}

/// Names of arms: by what they are, not by a profile's size.
pub(crate) fn critic(pair: Pair, loss: Loss) -> String {
    format!("critic/{}/{}", name(&pair), name(&loss))
}

pub(crate) fn identity(divergence: Divergence) -> String {
    format!("identity/{}", name(&divergence))
}

pub(crate) fn ratio(pair: Pair, (numerator, denominator): (i64, i64), of: Estimator) -> String {
    format!("ratio/{}/{}/{numerator}-{denominator}", name(&pair), name(&of))
}

pub(crate) fn two_sample(change: Change, dim: i64) -> String {
    format!("two-sample/{}/dim-{dim}", name(&change))
}

/// Seeds of estimators from finite samples.
const RATIO_SEEDS: u64 = 12;
/// Seeds of everything else.
const SEEDS: u64 = 10;

/// Returns the arms of a profile.
pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let smoke = profile == Profile::Smoke;
    let (steps, repeats) = match profile {
        Profile::Smoke => (3, 2),
        Profile::Quick => (2_000, 100),
        Profile::Full => (20_000, 1_000),
    };
    // Networks train in one stack; what is solved trains by itself.
    let seeds = |all: u64, stack: u64| (if smoke { stack.max(2) } else { all }, stack);
    let arm = |name, task, (seeds, stack)| Arm::new(name, Config { task }).with_seeds(seeds, stack);
    let mut arms = Vec::new();
    let losses = ScoringRule::ALL.map(Loss::Risk);
    let games = ON_THE_LINE.into_iter().flat_map(|pair| losses.map(|loss| (pair, loss)));
    let bounds = [Pair::Shift { dim: 1 }, Pair::WideModel]
        .into_iter()
        .flat_map(|pair| BOUNDS.map(|divergence| (pair, Loss::Bound(divergence))));
    for (pair, loss) in games.chain(bounds) {
        let task = Task::Critic { pair, loss, steps };
        arms.push(arm(critic(pair, loss), task, seeds(SEEDS, SEEDS)));
    }
    for divergence in Divergence::ALL {
        let task = Task::Identity { divergence };
        arms.push(arm(identity(divergence), task, seeds(SEEDS, SEEDS)));
    }
    for (pair, numerator, denominator) in cases(profile) {
        let rich: &[Estimator] = if is_hard(pair) { &Estimator::RICH } else { &[] };
        for &estimator in Estimator::CLASSIC.iter().chain(rich) {
            let task = Task::Ratio { pair, numerator, denominator, estimator };
            let stack = if matches!(estimator, Estimator::Neural(_)) { RATIO_SEEDS } else { 1 };
            let name = ratio(pair, (numerator, denominator), estimator);
            arms.push(arm(name, task, seeds(RATIO_SEEDS, stack)));
        }
    }
    for dim in [1, 5] {
        let samples = if smoke { 20 } else { 100 };
        for change in Change::ALL {
            let task = Task::TwoSample { change, dim, samples, repeats };
            arms.push(arm(two_sample(change, dim), task, seeds(SEEDS, 1)));
        }
    }
    arms
}
