//! The same on MNIST: what a WGAN does to a flow's likelihood (D1), and whether an independent critic detects that a
//! flow overfits (D4).
//!
//! The reference has no arm of this part yet.

use gan::Adam;
use gan::flow::{Affine, Base};
use lab::{Arm, Claim, Profile, Region, Results, Row};
use shared::claim;
use shared::contrast::{difference, pair};

use crate::config::{Config, Critic, Measure, Training, game_adam, likelihood_adam};
use crate::data::Data;
use crate::flow::FlowShape;
use crate::{DANIHELKA, ENOUGH, FLOW_GAN, HYBRID, LIKELIHOOD, Rows, UPDATES, WGAN, updates};

/// Images of a small training set.
const FEW: i64 = 200;
/// Images of the whole training set.
const ALL: i64 = 50_000;

fn arm_name(way: &str, training_images: i64) -> String {
    format!("mnist/{way}/{training_images}-images")
}

/// Returns the runs of one way to train on the whole training set.
pub(crate) fn rows<'a>(results: &'a Results<Config>, way: &str) -> Rows<'a> {
    results.arm(&arm_name(way, ALL))
}

/// Returns the runs of maximum likelihood on a few images.
pub(crate) fn few(results: &Results<Config>) -> Rows<'_> {
    results.arm(&arm_name(LIKELIHOOD, FEW))
}

/// What a profile spends.
struct Size {
    hidden: Vec<i64>,
    critic: Critic,
    /// Adam of maximum likelihood.
    likelihood: Adam,
    updates: u64,
    batch: i64,
    held_out: i64,
    measures: Vec<Measure>,
    seeds: u64,
}

impl Size {
    fn of(profile: Profile) -> Option<Self> {
        let dense = |hidden: &[i64]| Critic::penalised(hidden, 1e-4, 10.0);
        let measures = |steps: u64| {
            vec![Measure::ClassScores, Measure::IndependentCritic(steps), Measure::Latent]
        };
        match profile {
            Profile::Quick | Profile::Reference => None,
            Profile::Smoke => Some(Self {
                hidden: vec![8],
                critic: dense(&[8]),
                likelihood: likelihood_adam(),
                updates: 2,
                batch: 16,
                held_out: 32,
                measures: measures(5),
                seeds: 1,
            }),
            Profile::Small => Some(Self {
                hidden: vec![128; 2],
                critic: dense(&[128; 2]),
                likelihood: likelihood_adam(),
                updates: 300,
                batch: 100,
                held_out: 1_000,
                measures: measures(300),
                seeds: 10,
            }),
            // Flow-GAN's size.
            Profile::Full => Some(Self {
                hidden: vec![1000; 5],
                critic: Critic { maps: vec![1, 64], ..dense(&[1024]) },
                likelihood: game_adam(),
                updates: 100_000,
                batch: 100,
                held_out: 5_000,
                measures: [measures(5_000), vec![Measure::Spectrum]].concat(),
                seeds: 3,
            }),
        }
    }
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let Some(size) = Size::of(profile) else { return Vec::new() };
    let arm = |way: &str, training_images, training, adam| {
        let config = Config {
            data: Data::Mnist,
            likelihood: Data::Mnist.likelihood(),
            training,
            flow: FlowShape {
                coupling: Affine::Additive,
                couplings: 4,
                hidden: size.hidden.clone(),
                residual: None,
                batch_statistics: false,
                base: Base::Logistic,
                alpha: 1e-6,
            },
            adam,
            batch: size.batch,
            steps: size.updates,
            training_images,
            held_out: size.held_out,
            measures: size.measures.clone(),
        };
        // Wide layers are bound by arithmetic: stacks gain nothing.
        Arm::new(arm_name(way, training_images), config).with_seeds(size.seeds, 1)
    };
    let likelihood = |images| arm(LIKELIHOOD, images, Training::MaximumLikelihood, size.likelihood);
    let game = |way, weight| arm(way, ALL, size.critic.game(weight), game_adam());
    let mut hybrid = game(HYBRID, 1.0);
    if profile == Profile::Small {
        // For pictures alone.
        hybrid = hybrid.with_seeds(1, 1);
    }
    let mut arms = vec![likelihood(ALL), game(WGAN, 0.0), hybrid, likelihood(FEW)];
    if profile == Profile::Full {
        // Flow-GAN's table names the weight 0.1, its released commands 1.
        arms.push(game("hybrid-0.1", 0.1));
    }
    arms
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [mle, wgan] = [LIKELIHOOD, WGAN].map(|way| rows(results, way));
    let few = few(results);
    let gap = |row: &Row<Config>| Some(row.value("critic_held_out")? - row.value("critic_train")?);
    vec![
        claim("flow.D1", "The same flow has a far worse held-out likelihood when a WGAN trains it than when maximum likelihood does.")
            .published(FLOW_GAN, "table 3", Some("56.49 against 1.95 bits/dim (26350.30 and -3287.69 nats, negative log-likelihood)"))
            .measured("bits/dim of MNIST test images at the last step (`test_bits_per_dim`), WGAN-GP minus maximum likelihood")
            .figure("training.svg")
            .gate(UPDATES, ENOUGH, updates(&[&wgan, &mle]))
            .mean(Region::Above(0.1), &difference((&wgan, &mle), "test_bits_per_dim")),
        claim("flow.D1b", "Even at its best checkpoint a flow that a WGAN trains has a far worse held-out likelihood than under maximum likelihood.")
            .published(FLOW_GAN, "table 1, whose numbers we take for those of the best checkpoints", Some("5.05 against 1.86 bits/dim (-1604.09 and -3334.56 nats, negative log-likelihood)"))
            .measured("bits/dim of MNIST test images, each at its best validation likelihood (`test_bits_per_dim_at_best_validation`), WGAN-GP minus maximum likelihood")
            .figure("training.svg")
            .gate(UPDATES, ENOUGH, updates(&[&wgan, &mle]))
            .mean(Region::Above(0.1), &difference((&wgan, &mle), "test_bits_per_dim_at_best_validation")),
        claim("flow.D4", "An independent critic on validation images detects that a generator overfits.")
            .published(DANIHELKA, "abstract", None)
            .measured("an independent critic's distance of samples to held-out images minus that to training images (`critic_held_out` - `critic_train`), a flow of 200 MNIST images minus one of 50,000, maximum likelihood")
            .figure("critics.svg")
            .gate(UPDATES, ENOUGH, updates(&[&few, &mle]))
            .mean(Region::Above(0.0), &pair((&few, &mle), |few, all| Some(gap(few)? - gap(all)?))),
    ]
}
