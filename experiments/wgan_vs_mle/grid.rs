//! Which combinations are run: every arm of every profile.

use experiments::name;
use gan::flow::{Affine, Base};
use gan::optim::{RmsProp, Rule};
use gan::{Adam, Penalty};
use lab::{Arm, Profile};

use crate::config::{Batches, Config, Constraint, Critic, Data, Measure, PLANE, Training, Way};
use crate::shape::{FlowShape, Residual};

/// What a profile spends.
struct Size {
    plane_width: i64,
    race_steps: u64,
    critic_steps: u64,
    temperatures: u64,
    plane_steps: u64,
    digits_steps: u64,
    digits_width: i64,
    mnist_steps: u64,
    mnist_hidden: Vec<i64>,
    mnist_critic: Vec<i64>,
    mnist_held_out: i64,
    batch: i64,
}

/// Returns every arm; the README says what is ours and what is the papers'.
pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let size = match profile {
        Profile::Smoke => Size {
            plane_width: 8,
            race_steps: 50,
            critic_steps: 5,
            temperatures: 3,
            plane_steps: 4,
            digits_steps: 12,
            digits_width: 8,
            mnist_steps: 2,
            mnist_hidden: vec![8],
            mnist_critic: vec![8],
            mnist_held_out: 32,
            batch: 16,
        },
        Profile::Quick => Size {
            plane_width: 64,
            race_steps: 3_000,
            critic_steps: 300,
            temperatures: 200,
            plane_steps: 1_000,
            digits_steps: 1_300,
            digits_width: 96,
            mnist_steps: 300,
            mnist_hidden: vec![128; 2],
            mnist_critic: vec![128; 2],
            mnist_held_out: 1_000,
            batch: 100,
        },
        Profile::Full => Size {
            plane_width: 64,
            race_steps: 3_000,
            critic_steps: 5_000,
            temperatures: 1_000,
            plane_steps: 20_000,
            digits_steps: 20_000,
            digits_width: 128,
            mnist_steps: 100_000,
            mnist_hidden: vec![1000; 5],
            mnist_critic: vec![1024],
            mnist_held_out: 5_000,
            batch: 100,
        },
    };
    let mut parts = vec![
        ("plane", plane(&size)),
        ("digits", digits(&size, profile)),
        ("mnist", mnist(&size, profile)),
        ("plane", races(&size)),
    ];
    if profile != Profile::Quick {
        parts.push(("real-nvp", real_nvp(&size, profile)));
    }
    let arm = |part: &str, config: Config| {
        Arm::new(arm_name(part, &config), config.clone())
            .with_seeds(seeds(&config, profile), stack(&config))
    };
    let arms =
        parts.into_iter().map(|(part, configs)| configs.into_iter().map(move |c| arm(part, c)));
    arms.flatten().collect()
}

fn arm_name(part: &str, config: &Config) -> String {
    match part {
        "plane" => plane_name(config.data, config.way()),
        "digits" => digits_name(config.way(), config.flow.coupling, config.flow.couplings),
        "mnist" => images_name(config.way(), config.training_images),
        _ => format!("{part}/{}", config.way().name()),
    }
}

/// Names of arms: what is compared, whatever a profile's size.
pub(crate) fn plane_name(data: Data, way: Way) -> String {
    format!("plane/{}/{}", name(&data), way.name())
}

pub(crate) fn digits_name(way: Way, coupling: Affine, couplings: usize) -> String {
    format!("digits/{}-{couplings}/{}", name(&coupling), way.name())
}

pub(crate) fn images_name(way: Way, training_images: i64) -> String {
    format!("mnist/{}/{training_images}-images", way.name())
}

/// The target of the plane on which critics race.
pub(crate) const RACED: Data = PLANE[2];

/// Ten, because the smallest p-value of ten paired seeds, 2 / 1024, survives Holm's correction over all
/// claims; five would not, and are enough for the hybrids that no claim reads.
fn seeds(config: &Config, profile: Profile) -> u64 {
    let small = config.data.dim() <= 64;
    match (profile, config.way()) {
        (Profile::Smoke, _) => 1,
        (Profile::Quick, Way::Hybrid(1.0)) if !small => 1,
        (Profile::Quick, Way::Hybrid(weight)) if weight < 1.0 => 5,
        (Profile::Full, _) if !small => 3,
        _ => 10,
    }
}

/// Small layers want large stacks; wide ones are bound by arithmetic and gain nothing.
fn stack(config: &Config) -> u64 {
    match config.data.dim() {
        2 => 10,
        3..=64 => 5,
        _ => 1,
    }
}

/// Adam of the game (WGAN-GP's released code, and Flow-GAN's).
const GAME: (f64, f64, f64) = (1e-4, 0.5, 0.9);

fn adam((rate, beta1, beta2): (f64, f64, f64)) -> Adam {
    Adam::new(rate, beta1, beta2)
}

/// A critic with the gradient penalty between data and samples.
fn critic(hidden: &[i64], rate: f64, weight: f64) -> Critic {
    Critic {
        hidden: hidden.to_vec(),
        maps: Vec::new(),
        layer_norm: false,
        rule: Rule::Adam(Adam::new(rate, 0.5, 0.9)),
        steps: 5,
        constraint: Constraint::Penalty(Penalty::Gradient { weight }),
        batches: Batches::Fresh,
    }
}

/// Four targets, each by maximum likelihood and by WGAN-GP.
fn plane(size: &Size) -> Vec<Config> {
    let width = size.plane_width;
    let wgan =
        Training::Wasserstein { critic: critic(&[width; 3], 1e-3, 0.1), likelihood_weight: 0.0 };
    let config = |data: Data, (training, adam): (Training, Adam)| Config {
        data,
        likelihood: data.likelihood(),
        training,
        flow: FlowShape {
            coupling: Affine::Affine,
            couplings: 6,
            hidden: vec![width; 2],
            residual: None,
            batch_statistics: false,
            base: Base::Normal,
            alpha: 0.0,
        },
        adam,
        batch: 128,
        steps: size.plane_steps,
        training_images: 0,
        held_out: 2_000,
        measures: vec![Measure::IndependentCritic(size.critic_steps)],
    };
    let ways =
        [(Training::MaximumLikelihood, adam((1e-3, 0.9, 0.999))), (wgan, adam((2e-4, 0.5, 0.9)))];
    PLANE.into_iter().flat_map(|data| ways.clone().map(|way| config(data, way))).collect()
}

/// Couplings of the deep and of the shallow flow of digits.
pub(crate) const DEEP: usize = 4;
pub(crate) const SHALLOW: usize = 1;

fn digits(size: &Size, profile: Profile) -> Vec<Config> {
    let width = size.digits_width;
    let config = |training: Training, coupling: Affine, couplings: usize| Config {
        data: Data::Digits,
        likelihood: Data::Digits.likelihood(),
        adam: if training == Training::MaximumLikelihood {
            adam((1e-3, 0.9, 0.999))
        } else {
            adam(GAME)
        },
        training,
        flow: FlowShape {
            coupling,
            couplings,
            hidden: vec![width; 2],
            residual: None,
            batch_statistics: false,
            base: Base::Logistic,
            alpha: 1e-6,
        },
        batch: size.batch,
        steps: size.digits_steps,
        training_images: 1_000,
        held_out: 400,
        measures: vec![
            Measure::ClassScores,
            Measure::IndependentCritic(size.critic_steps),
            Measure::Spectrum,
            Measure::Latent,
            Measure::Redraw,
            Measure::KernelDensity,
        ],
    };
    let penalised = critic(&[width; 2], 1e-4, 10.0);
    let hybrid = |likelihood_weight: f64| Training::Wasserstein {
        critic: penalised.clone(),
        likelihood_weight,
    };
    let with = |change: fn(&mut Critic)| {
        let mut critic = penalised.clone();
        change(&mut critic);
        Training::Wasserstein { critic, likelihood_weight: 0.0 }
    };
    let clipped = with(|critic| {
        critic.rule = Rule::RmsProp(RmsProp { learning_rate: 5e-5, decay: 0.99 });
        critic.constraint = Constraint::Clip(0.01);
    });
    let reused = with(|critic| critic.batches = Batches::Reused);
    let per_column = with(|critic| {
        critic.constraint =
            Constraint::Penalty(Penalty::GradientPerColumn { weight: 10.0, lines: 8 });
    });
    let mut memorise = config(Training::Memorise, Affine::Additive, DEEP);
    memorise.measures = vec![Measure::IndependentCritic(size.critic_steps)];
    let mut arms = vec![memorise];
    for (coupling, couplings) in
        [(Affine::Additive, DEEP), (Affine::Affine, DEEP), (Affine::Additive, SHALLOW)]
    {
        arms.push(config(Training::MaximumLikelihood, coupling, couplings));
        arms.push(config(hybrid(0.0), coupling, couplings));
    }
    // The ablations of Flow-GAN's released code carry no claim: `quick` leaves them out.
    let ablations = if profile == Profile::Quick { vec![] } else { vec![reused, per_column] };
    for training in [hybrid(0.01), hybrid(0.1), hybrid(1.0), clipped].into_iter().chain(ablations) {
        arms.push(config(training, Affine::Additive, DEEP));
    }
    if profile != Profile::Quick {
        let mut normed = config(hybrid(0.0), Affine::Additive, DEEP);
        normed.flow.batch_statistics = true;
        arms.push(normed);
    }
    for arm in &mut arms {
        let compared = matches!(arm.way(), Way::Likelihood | Way::Wgan | Way::Hybrid(1.0));
        if compared && arm.flow.coupling == Affine::Additive && arm.flow.couplings == DEEP {
            arm.measures.push(Measure::Annealing(size.temperatures));
        }
    }
    arms
}

/// Images of the small training sets of claim D4.
pub(crate) const FEW: i64 = 200;
/// Images of the whole training set.
pub(crate) const ALL: i64 = 50_000;

fn mnist(size: &Size, profile: Profile) -> Vec<Config> {
    let full = profile == Profile::Full;
    let mut critic = critic(&size.mnist_critic, 1e-4, 10.0);
    if full {
        critic.maps = vec![1, 64];
    }
    let game =
        |likelihood_weight| Training::Wasserstein { critic: critic.clone(), likelihood_weight };
    let likely = if full { adam(GAME) } else { adam((1e-3, 0.9, 0.999)) };
    let mut measures =
        vec![Measure::ClassScores, Measure::IndependentCritic(size.critic_steps), Measure::Latent];
    if full {
        measures.push(Measure::Spectrum); // 784 backward passes.
    }
    let config = |training_images: i64, (training, adam): (Training, Adam)| Config {
        data: Data::Mnist,
        likelihood: Data::Mnist.likelihood(),
        training,
        flow: FlowShape {
            coupling: Affine::Additive,
            couplings: 4,
            hidden: size.mnist_hidden.clone(),
            residual: None,
            batch_statistics: false,
            base: Base::Logistic,
            alpha: 1e-6,
        },
        adam,
        batch: size.batch,
        steps: size.mnist_steps,
        training_images,
        held_out: size.mnist_held_out,
        measures: measures.clone(),
    };
    let mut arms = vec![
        config(ALL, (Training::MaximumLikelihood, likely)),
        config(ALL, (game(0.0), adam(GAME))),
        config(ALL, (game(1.0), adam(GAME))),
        config(FEW, (Training::MaximumLikelihood, likely)),
    ];
    if full {
        // Flow-GAN's table names the weight 0.1, its released commands 1.
        arms.push(config(ALL, (game(0.1), adam(GAME))));
    }
    arms
}

/// Flow-GAN's Real NVP on CIFAR-10, with activation norms and without batch norm; at `smoke` a small one on
/// digits, which need no data of their own.
fn real_nvp(size: &Size, profile: Profile) -> Vec<Config> {
    let full = profile == Profile::Full;
    let data = if full { Data::Cifar10 } else { Data::Digits };
    let game = |likelihood_weight: f64| Training::Wasserstein {
        critic: Critic {
            maps: if full { vec![64, 128, 256, 512] } else { vec![4] },
            layer_norm: true,
            ..critic(&[], 1e-4, 10.0)
        },
        likelihood_weight,
    };
    let config = |(training, adam): (Training, Adam)| Config {
        data,
        likelihood: data.likelihood(),
        training,
        flow: FlowShape {
            coupling: Affine::Affine,
            couplings: 0,
            hidden: Vec::new(),
            residual: Some(Residual {
                width: if full { 64 } else { 4 },
                blocks: if full { 8 } else { 1 },
                scales: 2,
            }),
            batch_statistics: false,
            base: Base::Normal,
            alpha: 0.05,
        },
        adam,
        batch: if full { 64 } else { 8 },
        steps: if full { 210_000 } else { 1 },
        training_images: if full { 45_000 } else { 1_000 },
        held_out: size.mnist_held_out,
        measures: vec![Measure::ClassScores, Measure::IndependentCritic(size.critic_steps)],
    };
    // Flow-GAN's table names the weight 1, its released commands 20.
    [
        (Training::MaximumLikelihood, adam((1e-3, 0.9, 0.9))),
        (game(0.0), adam(GAME)),
        (game(1.0), adam((1e-3, 0.5, 0.9))),
        (game(20.0), adam((1e-3, 0.5, 0.9))),
    ]
    .map(config)
    .into()
}

fn races(size: &Size) -> Vec<Config> {
    let race = |extra_batch: bool| Config {
        training: Training::Race { extra_batch },
        steps: size.race_steps,
        measures: Vec::new(),
        ..plane(size).swap_remove(2 * 2)
    };
    [false, true].map(race).into()
}
