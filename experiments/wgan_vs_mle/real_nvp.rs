//! Flow-GAN's Real NVP on CIFAR-10, with activation norms and without batch norm: only at `full`, and at `smoke` a small
//! one on digits, which need no data of their own.
//!
//! No claim reads it yet.

use gan::Adam;
use gan::flow::{Affine, Base};
use lab::{Arm, Profile};

use crate::config::{Config, Critic, Measure, Training, game_adam};
use crate::data::Data;
use crate::flow::{FlowShape, Residual};

/// What a profile spends.
struct Size {
    data: Data,
    residual: Residual,
    critic_maps: Vec<i64>,
    batch: i64,
    updates: u64,
    held_out: i64,
    critic_steps: u64,
    seeds: u64,
    stack: u64,
}

impl Size {
    fn of(profile: Profile) -> Option<Self> {
        match profile {
            Profile::Quick | Profile::Reference => None,
            Profile::Smoke => Some(Self {
                data: Data::Digits,
                residual: Residual { width: 4, blocks: 1, scales: 2 },
                critic_maps: vec![4],
                batch: 8,
                updates: 1,
                held_out: 32,
                critic_steps: 5,
                seeds: 1,
                stack: 5,
            }),
            Profile::Full => Some(Self {
                data: Data::Cifar10,
                residual: Residual { width: 64, blocks: 8, scales: 2 },
                critic_maps: vec![64, 128, 256, 512],
                batch: 64,
                updates: 210_000,
                held_out: 5_000,
                critic_steps: 5_000,
                seeds: 10,
                stack: 1,
            }),
        }
    }
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let Some(size) = Size::of(profile) else { return Vec::new() };
    let critic = Critic {
        maps: size.critic_maps.clone(),
        layer_norm: true,
        ..Critic::penalised(&[], 1e-4, 10.0)
    };
    let arm = |(way, training, adam): (&str, Training, Adam)| {
        let config = Config {
            data: size.data,
            likelihood: size.data.likelihood(),
            training,
            flow: FlowShape {
                coupling: Affine::Affine,
                couplings: 0,
                hidden: Vec::new(),
                residual: Some(size.residual),
                batch_statistics: false,
                base: Base::Normal,
                alpha: 0.05,
            },
            adam,
            batch: size.batch,
            steps: size.updates,
            training_images: size.data.training_images(),
            held_out: size.held_out,
            early_looks: false,
            measures: vec![Measure::ClassScores, Measure::IndependentCritic(size.critic_steps)],
        };
        Arm::new(format!("real-nvp/{way}"), config).with_seeds(size.seeds, size.stack)
    };
    // Flow-GAN's table names the weight 1, its released commands 20.
    [
        ("likelihood", Training::MaximumLikelihood, Adam::new(1e-3, 0.9, 0.9)),
        ("wgan", critic.game(0.0), game_adam()),
        ("hybrid-1", critic.game(1.0), Adam::new(1e-3, 0.5, 0.9)),
        ("hybrid-20", critic.game(20.0), Adam::new(1e-3, 0.5, 0.9)),
    ]
    .map(arm)
    .into()
}
