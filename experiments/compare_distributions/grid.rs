//! The arms, and what each profile makes of them.

use gan::objective::{Divergence, ScoringRule};
use lab::Profile;

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
            (*numerator, *denominator) = (60, 60);
        }
    }
    cases
}

/// The configurations of a profile.
pub(crate) fn grid(profile: Profile) -> Vec<Config> {
    let (steps, repeats) = match profile {
        Profile::Smoke => (3, 2),
        Profile::Quick => (2_000, 100),
        Profile::Full => (20_000, 1_000),
    };
    let mut tasks = Vec::new();
    for pair in ON_THE_LINE {
        let losses = ScoringRule::ALL.map(Loss::Risk);
        tasks.extend(losses.map(|loss| Task::Critic { pair, loss, steps }));
    }
    for pair in [Pair::Shift { dim: 1 }, Pair::WideModel] {
        let losses = BOUNDS.map(Loss::Bound);
        tasks.extend(losses.map(|loss| Task::Critic { pair, loss, steps }));
    }
    tasks.extend(Divergence::ALL.map(|divergence| Task::Identity { divergence }));
    for (pair, numerator, denominator) in cases(profile) {
        let task = |estimator| Task::Ratio { pair, numerator, denominator, estimator };
        tasks.extend(Estimator::CLASSIC.map(task));
        if is_hard(pair) {
            tasks.extend(Estimator::RICH.map(task));
        }
    }
    for dim in [1, 5] {
        let samples = if profile == Profile::Smoke { 20 } else { 100 };
        let task = |change| Task::TwoSample { change, dim, samples, repeats };
        tasks.extend(Change::ALL.map(task));
    }
    tasks.into_iter().map(|task| Config { task }).collect()
}
