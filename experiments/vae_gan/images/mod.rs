//! Images of 28 x 28 pixels: do hybrids rival GANs, do they keep modes, and what do their codes and reconstructions lack?
//!
//! Digits, clothes, and three digits as the colours of one image, by convolutional nets in the manner of DCGAN.

mod claims;
mod code_ratio;
mod figures;
mod measure;

pub(crate) use claims::claims;
pub(crate) use figures::figures;

use gan::Adam;
use gan::data::images::ImageSet;
use gan::vae::DecoderSigma;
use garde::Validate;
use lab::{Arm, Profile, Run};
use serde::{Deserialize, Serialize};
use shared::pictures::{LOOKS, Pictures, SAMPLES, Scene};
use shared::{Outcomes, Resumable, Task, looks, name, summary};

use crate::method::{Named, ablations, compared};
use crate::model::{Learner, Model};
use crate::nets::Nets;
use crate::streams;

/// One method on one set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What is learned.
    #[garde(dive)]
    pictures: Pictures,
    /// Training images whose codes are measured.
    #[garde(range(min = 1, max = 60_000))]
    encoded: i64,
    /// Who learns.
    #[garde(dive)]
    learner: Learner,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        self.learner.cost(self.pictures.set.shape().dim()) / 40.0
    }

    fn images(&self) -> Option<ImageSet> {
        Some(self.pictures.set)
    }
}

const DIGITS: Pictures = Pictures { set: ImageSet::Mnist, shrink: 1, stacked: false };
const CLOTHES: Pictures = Pictures { set: ImageSet::FashionMnist, ..DIGITS };
const STACKED: Pictures = Pictures { stacked: true, ..DIGITS };
const SETS: [Pictures; 3] = [DIGITS, CLOTHES, STACKED];

/// The methods of a set: on digits all and alpha-GAN's ablations, elsewhere some.
fn methods(pictures: Pictures) -> Vec<Named> {
    let mut all = compared(DecoderSigma::Learned, PENALTY);
    all.retain(|(name, _)| !["AVB-AC", "VEEGAN-noise-alone"].contains(name));
    if pictures == DIGITS {
        all.extend(ablations());
        return all;
    }
    let some: &[&str] = if pictures.stacked {
        &["VAE", "alpha-GAN", "VEEGAN", "NS-GAN", "PacGAN"]
    } else {
        &["VAE", "AAE-two-phases", "alpha-GAN", "VAE-GAN", "NS-GAN", "GAN-GP"]
    };
    all.retain(|(name, _)| some.contains(name));
    all
}

/// Weight of gradient penalties, as their authors have it.
const PENALTY: f64 = 10.0;
/// Methods of which `quick` shows a short run.
const SHORT: [&str; 2] = ["VAE", "alpha-GAN"];

fn arm_name(pictures: Pictures, method: &str) -> String {
    let stacked = if pictures.stacked { "stacked-" } else { "" };
    format!("images/{stacked}{}/{method}", name(&pictures.set))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let half = |pictures| Pictures { shrink: 2, ..pictures };
    let (width, maps, steps, encoded, seeds) = match profile {
        Profile::Smoke => (8, vec![4, 8], 2, 1_000, 1),
        Profile::Quick | Profile::Reference => (128, vec![16, 32], UPDATES, 60_000, 10),
        Profile::Full => (256, vec![64, 128, 256], 200_000, 60_000, 10),
    };
    let arm = |pictures, (name, method): Named, steps| {
        let learner = Learner {
            method,
            encoder: method.encoder(),
            nets: Nets { latent: 32, width, maps: maps.clone() },
            adam: Adam::new(5e-4, 0.5, 0.9),
            batch: 64,
            steps,
        };
        let shown = if profile == Profile::Smoke { half(pictures) } else { pictures };
        Arm::new(arm_name(pictures, name), Config { pictures: shown, encoded, learner })
            .with_seeds(seeds, 1)
    };
    let mut arms = Vec::new();
    for pictures in SETS {
        let methods = methods(pictures).into_iter();
        let methods =
            methods.filter(|(name, _)| profile != Profile::Smoke || is_in_smoke(pictures, name));
        arms.extend(methods.map(|method| arm(pictures, method, steps)));
    }
    if profile == Profile::Reference {
        let short = methods(DIGITS).into_iter().filter(|(name, _)| SHORT.contains(name));
        arms.extend(short.map(|method| {
            let Arm { name, config, .. } = arm(DIGITS, method, UPDATES / 20);
            Arm::new(format!("{name}/short"), config).as_demonstration()
        }));
    }
    arms
}

fn is_in_smoke(pictures: Pictures, method: &str) -> bool {
    match method {
        "VAE" | "alpha-GAN" | "NS-GAN" => pictures != CLOTHES,
        "AAE-two-phases" | "AVB" | "VAE-GAN" | "VEEGAN" | "PacGAN" => pictures == DIGITS,
        _ => false,
    }
}

/// Updates that claims need.
const UPDATES: u64 = 10_000;
/// Updates between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 10;

/// Trains a method on images and scores it.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { pictures, encoded, learner } = config;
    let scene = Scene::new(*pictures, run, streams(run));
    let root = &scene.root;
    let mut model = Model::new(learner, pictures.shape(), root);
    let due = looks(learner.steps, LOOKS);
    let start = model.resume(run);
    for step in start..=learner.steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            model.keep(run, (step, learner.steps))?;
        }
        if due.binary_search(&step).is_ok() {
            let [means, _] =
                model.sample(learner, &mut root.fork(&format!("eval {step}")), SAMPLES);
            if let Err(diverged) = scene.look(run, step, &means) {
                return Ok(vec![Err(diverged)]);
            }
        }
        if step == learner.steps {
            break;
        }
        let x = pictures.batch(&scene.train, &mut model.data, learner.batch);
        learner.method.update(learner, &mut model, &x);
    }
    Ok(vec![summary(learner.steps, measure::numbers(&scene, learner, *encoded, &mut model, run))])
}
