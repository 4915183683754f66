//! The arms, and what each profile makes of them.

use gan::Adam;
use gan::data::images::ImageSet;
use gan::objective::{Discrepancy, Divergence, Entropy, GeneratorLoss, ScoringRule};
use gan::optim::{Rule, Sgd};
use lab::{Arm, Profile};

use crate::config::{Config, Estimator, Game, Kernel, Problem, Task};
use crate::target::TABLE;

/// The divergences of which the ratio's losses are trained.
pub(crate) const FROZEN: [Divergence; 3] =
    [Divergence::KullbackLeibler, Divergence::Pearson, Divergence::ReverseKullbackLeibler];

/// The losses that race, and that saturate or do not.
pub(crate) const RACERS: [GeneratorLoss; 3] =
    [GeneratorLoss::Minimax, GeneratorLoss::NonSaturating, GeneratorLoss::LogRatio];

/// The generator losses that go with every proper comparison loss.
pub(crate) const SWAPPED: [GeneratorLoss; 4] = [
    GeneratorLoss::Minimax,
    GeneratorLoss::NonSaturating,
    GeneratorLoss::LogRatio,
    GeneratorLoss::Variational(Divergence::KullbackLeibler),
];

/// Where races start, and where swaps do.
pub(crate) const FAR: f64 = 8.0;
pub(crate) const NEAR: f64 = 2.0;

/// The dimensions in which gradients are estimated.
pub(crate) const DIMS: [i64; 3] = [1, 10, 100];
/// Samples behind an estimate there.
pub(crate) const SHIFT_BATCH: i64 = 32;

/// The divergences whose forms of a generator loss are compared.
pub(crate) const FORMS: [Divergence; 5] = [
    Divergence::KullbackLeibler,
    Divergence::ReverseKullbackLeibler,
    Divergence::Pearson,
    Divergence::SquaredHellinger,
    Divergence::Gan,
];

/// Returns the arms of a profile.
pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let tasks = [
        fits(profile),
        slopes(),
        races(profile),
        estimates(profile),
        rings(profile),
        images(profile),
        posteriors(profile),
    ];
    let arm = |task: Task| {
        let stack = match task {
            Task::Fit { .. } | Task::Slope { .. } | Task::Race { .. } => 12,
            Task::Ring { .. } => 6,
            _ => 1,
        };
        let seeds = match task {
            _ if profile == Profile::Smoke => stack.max(2),
            Task::Mean { .. } => 40,
            _ => 12,
        };
        Arm::new(task.arm_name(), Config { task }).with_seeds(seeds, stack)
    };
    tasks.concat().into_iter().map(arm).collect()
}

fn fits(profile: Profile) -> Vec<Task> {
    let adam = Rule::Adam(Adam::new(2e-3, 0.5, 0.999));
    // The paper's: plain descent, 1,024 samples.
    let descent = Rule::Sgd(Sgd { learning_rate: 0.01 });
    let (rule, batch, steps) = match profile {
        Profile::Smoke => (adam, 16, 3),
        Profile::Quick => (adam, 128, 2_500),
        Profile::Full => (descent, 1_024, 20_000),
    };
    let task = |(divergence, game)| Task::Fit { divergence, game, rule, batch, steps };
    let bounds = TABLE.map(|divergence| (divergence, Game::Bound));
    let frozen = FROZEN
        .into_iter()
        .flat_map(|divergence| [Game::Conjugate, Game::Frozen].map(|game| (divergence, game)));
    bounds.into_iter().chain(frozen).map(task).collect()
}

fn slopes() -> Vec<Task> {
    let forms = FORMS.into_iter().flat_map(|f| {
        [GeneratorLoss::Variational(f), GeneratorLoss::FrozenRatio(f), GeneratorLoss::Bregman(f)]
    });
    RACERS.into_iter().chain(forms).map(|loss| Task::Slope { loss }).collect()
}

fn races(profile: Profile) -> Vec<Task> {
    let (rounds, steps): (u64, &[u64]) = match profile {
        Profile::Smoke => (3, &[1, 2]),
        Profile::Quick => (120, &[1, 5, 50]),
        Profile::Full => (120, &[1, 5, 50, 500]),
    };
    let critics: Vec<Option<u64>> = steps.iter().map(|steps| Some(*steps)).chain([None]).collect();
    let race = |loss| {
        let task = move |critic_steps: &Option<u64>| Task::Race {
            comparison: ScoringRule::Bernoulli,
            loss,
            critic_steps: *critic_steps,
            start: FAR,
            rounds,
        };
        critics.iter().map(task).collect::<Vec<_>>()
    };
    let swap = |comparison| {
        let task =
            |loss| Task::Race { comparison, loss, critic_steps: Some(5), start: NEAR, rounds };
        SWAPPED.map(task)
    };
    RACERS
        .into_iter()
        .flat_map(race)
        .chain(ScoringRule::PROPER.into_iter().flat_map(swap))
        .collect()
}

fn estimates(profile: Profile) -> Vec<Task> {
    let smoke = profile == Profile::Smoke;
    let mut tasks = Vec::new();
    for problem in [Problem::Mixture, Problem::Steep] {
        for estimator in [
            Estimator::Pathwise,
            Estimator::Score,
            Estimator::ScoreBaseline,
            Estimator::Differences(0.01),
            Estimator::IndependentDifferences(0.1),
            Estimator::IndependentDifferences(0.01),
            Estimator::Spsa(0.01),
        ] {
            let batches: &[i64] = if smoke { &[4] } else { &[4, 32, 128] };
            let repeats = if smoke { 4 } else { 1_000 };
            let task = |batch: &i64| Task::Estimate { problem, estimator, batch: *batch, repeats };
            tasks.extend(batches.iter().map(task));
        }
    }
    for dim in DIMS {
        let repeats = if smoke { 2 } else { 400 };
        let task = |estimator| {
            let problem = Problem::Shift { dim };
            Task::Estimate { problem, estimator, batch: SHIFT_BATCH, repeats }
        };
        tasks.extend(
            [
                Estimator::Pathwise,
                Estimator::Score,
                Estimator::ScoreBaseline,
                Estimator::Differences(0.01),
                Estimator::Spsa(0.01),
            ]
            .map(task),
        );
    }
    tasks
}

/// The kernels of the fixed maximum mean discrepancy: from within a mode to across the ring.
pub(crate) fn kernels() -> Discrepancy {
    Discrepancy::Mmd { bandwidths: vec![0.1, 0.5, 2.0] }
}

/// Weights of the entropy, small and large.
pub(crate) const EPSILONS: [f64; 2] = [0.1, 2.0];

/// Batches of the fixed kernel, small and large.
pub(crate) fn mmd_batches(profile: Profile) -> [i64; 2] {
    if profile == Profile::Smoke { [8, 16] } else { [32, 256] }
}

fn rings(profile: Profile) -> Vec<Task> {
    let (batch, steps) = match profile {
        Profile::Smoke => (8, 2),
        Profile::Quick => (64, 600),
        Profile::Full => (256, 10_000),
    };
    let mut tasks: Vec<Task> = mmd_batches(profile)
        .map(|batch| Task::Ring { discrepancy: kernels(), batch, steps })
        .to_vec();
    let sliced = Discrepancy::SlicedWasserstein { directions: 100 };
    let transports = EPSILONS.into_iter().flat_map(|epsilon| {
        let entropy = Entropy { epsilon, iterations: 20 };
        [Discrepancy::Sinkhorn(entropy), Discrepancy::EntropicTransport(entropy)]
    });
    let others = [sliced].into_iter().chain(transports);
    tasks.extend(others.map(|discrepancy| Task::Ring { discrepancy, batch, steps }));
    tasks
}

/// What images are learned from, and in batches of how many: fixed kernels want large ones, a learned one does not.
pub(crate) fn image_games(profile: Profile) -> [(Kernel, i64); 4] {
    let [small, large] = if profile == Profile::Smoke { [4, 8] } else { [64, 500] };
    [
        (Kernel::Pixels, small),
        (Kernel::Pixels, large),
        (Kernel::Codes, large),
        (Kernel::Learned, small),
    ]
}

fn images(profile: Profile) -> Vec<Task> {
    let (set, steps) = match profile {
        Profile::Smoke => (ImageSet::Digits, 2),
        // Minutes a seed: beyond what `quick` may take.
        Profile::Quick => return Vec::new(),
        Profile::Full => (ImageSet::Mnist, 5_000),
    };
    image_games(profile).map(|(kernel, batch)| Task::Images { set, kernel, batch, steps }).to_vec()
}

fn posteriors(profile: Profile) -> Vec<Task> {
    let (draws, grid, simulations, series) = match profile {
        Profile::Smoke => (1_000, 2, 60, 2),
        Profile::Quick => (1_000_000, 8, 400, 40),
        Profile::Full => (10_000_000, 15, 1_000, 100),
    };
    vec![Task::Mean { draws }, Task::Arch { grid, simulations, series }]
}
