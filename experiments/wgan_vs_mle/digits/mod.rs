//! 8 x 8 digits: one flow trained by maximum likelihood, by a WGAN and by both, long enough that samples can be read.
//!
//! The arms stand here; each question that is asked of them has a page beside.

mod estimators;
mod hybrid;
mod jacobian;
mod latents;
mod likelihood;
pub(crate) mod memory;
mod samples;

use gan::Penalty;
use gan::flow::{Affine, Base};
use gan::optim::{RmsProp, Rule};
use lab::{Arm, Claim, Figure, Profile, Results};
use shared::contrast::values;
use shared::name;

use crate::chart::{Series, ways};
use crate::config::{
    Batches, Config, Constraint, Critic, Measure, Training, game_adam, likelihood_adam,
};
use crate::data::Data;
use crate::flow::FlowShape;
use crate::{HYBRID, LIKELIHOOD, Rows, WGAN, updates};

/// The couplings of a dense flow.
#[derive(Clone, Copy)]
struct Couplings {
    kind: Affine,
    count: usize,
}

const NICE: Couplings = Couplings { kind: Affine::Additive, count: 4 };
const REAL_NVP: Couplings = Couplings { kind: Affine::Affine, count: 4 };
const SHALLOW: Couplings = Couplings { kind: Affine::Additive, count: 1 };

/// Ways to train that other parts lack.
const HYBRID_TENTH: &str = "hybrid-0.1";
const HYBRID_HUNDREDTH: &str = "hybrid-0.01";
const CLIPPED: &str = "wgan-clipped";
/// Maximum likelihood with the optimiser of a game's flow.
const LIKELIHOOD_GAME_RATE: &str = "likelihood-game-rate";

fn arm_name(Couplings { kind, count }: Couplings, way: &str) -> String {
    format!("digits/{}-{count}/{way}", name(&kind))
}

fn rows<'a>(results: &'a Results<Config>, couplings: Couplings, way: &str) -> Rows<'a> {
    results.arm(&arm_name(couplings, way))
}

/// The demonstration of an arm, which `quick` has in its place.
fn short(name: &str) -> String {
    format!("{name}/short")
}

/// Returns the rows of NICE for a picture: where its arm was not run, those of the short one.
fn shown<'a>(results: &'a Results<Config>, way: &str) -> Rows<'a> {
    let rows = rows(results, NICE, way);
    if rows.is_empty() { results.arm(&short(&arm_name(NICE, way))) } else { rows }
}

/// The three ways to train NICE.
pub(crate) fn nice(results: &Results<Config>) -> [Series<'_>; 3] {
    ways(|way| rows(results, NICE, way))
}

/// Returns the runs of NICE under a hybrid of a small weight.
pub(crate) fn hybrid_tenth(results: &Results<Config>) -> Rows<'_> {
    rows(results, NICE, HYBRID_TENTH)
}

/// What a profile spends.
struct Size {
    /// Hidden widths of couplings and of the critic.
    width: i64,
    batch: i64,
    updates: u64,
    /// Updates of the independent critic.
    critic_steps: u64,
    /// Temperatures of annealed importance sampling.
    temperatures: u64,
}

impl Size {
    fn of(profile: Profile) -> Self {
        match profile {
            Profile::Smoke => {
                Self { width: 8, batch: 16, updates: 12, critic_steps: 5, temperatures: 3 }
            }
            Profile::Quick | Profile::Reference => Self {
                width: 96,
                batch: 100,
                updates: 20_000,
                critic_steps: 300,
                temperatures: 200,
            },
            Profile::Full => Self {
                width: 128,
                batch: 100,
                updates: 20_000,
                critic_steps: 5_000,
                temperatures: 1_000,
            },
        }
    }

    fn critic(&self) -> Critic {
        Critic::penalised(&[self.width; 2], 1e-4, 10.0)
    }

    /// Returns the configuration of a flow of digits.
    fn config(&self, Couplings { kind, count }: Couplings, training: Training) -> Config {
        Config {
            data: Data::Digits,
            likelihood: Data::Digits.likelihood(),
            adam: match training {
                Training::MaximumLikelihood => likelihood_adam(),
                _ => game_adam(),
            },
            training,
            flow: FlowShape {
                coupling: kind,
                couplings: count,
                hidden: vec![self.width; 2],
                residual: None,
                batch_statistics: false,
                base: Base::Logistic,
                alpha: 1e-6,
            },
            batch: self.batch,
            steps: self.updates,
            training_images: 1_000,
            held_out: 400,
            early_looks: false,
            measures: vec![
                Measure::ClassScores,
                Measure::IndependentCritic(self.critic_steps),
                Measure::Spectrum,
                Measure::Latent,
                Measure::Redraw,
                Measure::KernelDensity,
            ],
        }
    }

    /// Adds annealed importance sampling, of the arms whose estimators are compared.
    fn annealed(&self, mut config: Config) -> Config {
        config.measures.push(Measure::Annealing(self.temperatures));
        config
    }
}

/// Seeds of an arm that a claim reads, enough for a verdict after the correction over all claims, and of one that none
/// reads.
fn seeds(profile: Profile, claimed: bool) -> u64 {
    match profile {
        Profile::Smoke => 1,
        Profile::Quick | Profile::Reference if claimed => 20,
        _ => 10,
    }
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let size = Size::of(profile);
    let arm = |couplings, way: &str, config: Config, claimed| {
        Arm::new(arm_name(couplings, way), config).with_seeds(seeds(profile, claimed), 5)
    };
    let likelihood = |couplings| size.config(couplings, Training::MaximumLikelihood);
    let game = |couplings, weight| size.config(couplings, size.critic().game(weight));
    let other = |change: fn(&mut Critic)| {
        let mut critic = size.critic();
        change(&mut critic);
        size.config(NICE, critic.game(0.0))
    };
    let clipped = other(|critic| {
        critic.rule = Rule::RmsProp(RmsProp { learning_rate: 5e-5, decay: 0.99 });
        critic.constraint = Constraint::Clip(0.01);
    });
    let memorise = Arm::new(memory::ARM, memory::config(&size));
    let mut arms = vec![
        arm(NICE, LIKELIHOOD, size.annealed(likelihood(NICE)), true),
        arm(NICE, WGAN, size.annealed(game(NICE, 0.0)), true),
        arm(NICE, HYBRID, size.annealed(game(NICE, 1.0)), true),
        arm(NICE, HYBRID_TENTH, game(NICE, 0.1), false),
        arm(NICE, CLIPPED, clipped, true),
        arm(REAL_NVP, LIKELIHOOD, likelihood(REAL_NVP), true),
        arm(REAL_NVP, WGAN, game(REAL_NVP, 0.0), true),
        arm(SHALLOW, LIKELIHOOD, likelihood(SHALLOW), true),
        arm(SHALLOW, WGAN, game(SHALLOW, 0.0), true),
        memorise.with_seeds(seeds(profile, true), 5).with_quick_seeds(5),
    ];
    if matches!(profile, Profile::Quick | Profile::Reference) {
        // A hybrid differs from it by the game alone, and not by the rate too.
        let slow = Config { adam: game_adam(), ..likelihood(NICE) };
        arms.push(arm(NICE, LIKELIHOOD_GAME_RATE, slow, false));
        let short = |(way, config)| {
            let config = Config { steps: 3_000, ..config };
            Arm::new(short(&arm_name(NICE, way)), config).as_demonstration()
        };
        let ways =
            [(LIKELIHOOD, likelihood(NICE)), (WGAN, game(NICE, 0.0)), (HYBRID, game(NICE, 1.0))];
        arms.extend(ways.map(short));
    } else {
        arms.push(arm(NICE, HYBRID_HUNDREDTH, game(NICE, 0.01), false));
    }
    if matches!(profile, Profile::Smoke | Profile::Full) {
        // Ablations of Flow-GAN's released code.
        let reused = other(|critic| critic.batches = Batches::Reused);
        let per_column = other(|critic| {
            critic.constraint =
                Constraint::Penalty(Penalty::GradientPerColumn { weight: 10.0, lines: 8 });
        });
        let mut normed = game(NICE, 0.0);
        normed.flow.batch_statistics = true;
        arms.push(arm(NICE, "wgan-reused-batches", reused, false));
        arms.push(arm(NICE, "wgan-penalty-per-column", per_column, false));
        arms.push(arm(NICE, "wgan-batch-norm", normed, false));
    }
    arms
}

/// The gate of claims that one arm's samples are better than another's: the budget alone is no sign that an arm has
/// learnt.
const LEARNT: &str = "number of updates of every compared flow, 0 of one with a class score (`inception_like`) of at most 5, half of what ten classes allow";

/// Returns the updates of the arm with fewest, after which samples have a class score; none where an arm is missing.
fn updates_learnt(arms: &[&Rows]) -> Option<f64> {
    let has_learnt = |rows: &&Rows| {
        let scores = values(rows, "inception_like");
        !scores.is_empty() && stats::robust::mean(&scores) > 5.0
    };
    let updates = updates(arms)?;
    Some(if arms.iter().all(has_learnt) { updates } else { 0.0 })
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    [
        likelihood::claims,
        samples::claims,
        hybrid::claims,
        jacobian::claims,
        latents::claims,
        memory::claims,
        estimators::claims,
    ]
    .into_iter()
    .flat_map(|page| page(results))
    .collect()
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    [
        likelihood::figures,
        samples::figures,
        hybrid::figures,
        jacobian::figures,
        latents::figures,
        memory::figures,
        estimators::figures,
    ]
    .into_iter()
    .flat_map(|page| page(results))
    .collect()
}
