//! On images: are a penalised GAN's samples better or more diverse, and does batch norm in the critic spoil the
//! penalty?
//!
//! Convolutional nets in the manner of DCGAN learn digits, clothes, and three digits as the colours of one image.

mod claims;
mod figures;

pub(crate) use claims::claims;
pub(crate) use figures::figures;

use gan::data::images::ImageSet;
use gan::net::{Cnn, DeconvGenerator, Norm};
use gan::optim::Player;
use gan::step::{critic_step, generator_step};
use gan::{Activation, Adam, Objective, Penalty, Rng};
use lab::{Arm, Profile, Results, Run};
use shared::pictures::{LOOKS, Pictures, SAMPLES, Scene, Scores};
use shared::variant::arm_name;
use shared::{Game, Outcomes, Resumable, is_pictured, looks, name, summary};
use tch::Tensor;

use crate::config::{Config, ImageNets, Rates, Task};
use crate::{Rows, Variant, WEIGHT, compared, streams};

const DIGITS: Pictures = Pictures { set: ImageSet::Mnist, shrink: 1, stacked: false };
const CLOTHES: Pictures = Pictures { set: ImageSet::FashionMnist, ..DIGITS };
const STACKED: Pictures = Pictures { stacked: true, ..DIGITS };
const COLOURS: Pictures = Pictures { set: ImageSet::Cifar10, ..DIGITS };

/// Returns NS-GAN, GAN-GP, DRAGAN-NS, WGAN-GP and NS-GAN with R1.
fn variants() -> [Variant; 5] {
    let weight = 10.0 * WEIGHT;
    let [plain, gp, dragan, wgan] = compared(weight);
    [plain, gp, dragan, wgan, (Objective::NonSaturating, Penalty::R1 { weight })]
}

struct Size {
    pictures: &'static [Pictures],
    maps: &'static [i64],
    steps: u64,
    rate: f64,
    seeds: u64,
}

impl Size {
    fn of(profile: Profile) -> Self {
        const HALF: [Pictures; 2] =
            [Pictures { shrink: 2, ..DIGITS }, Pictures { shrink: 2, ..STACKED }];
        match profile {
            Profile::Smoke => {
                Self { pictures: &HALF, maps: &[4, 8], steps: 4, rate: 1e-3, seeds: 1 }
            }
            Profile::Quick | Profile::Reference => Self {
                pictures: &[DIGITS, CLOTHES, STACKED],
                // Twice as wide takes three times as long.
                maps: &[16, 32],
                steps: UPDATES,
                rate: 1e-3,
                seeds: 10,
            },
            Profile::Full => Self {
                pictures: &[DIGITS, STACKED, CLOTHES, COLOURS],
                maps: &[64, 128, 256],
                steps: 200_000,
                rate: 1e-4,
                seeds: 10,
            },
        }
    }
}

/// Updates that the claims need.
const UPDATES: u64 = 20_000;
/// Updates of what a quick run shows.
const SHORT: u64 = 1_000;

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let size = Size::of(profile);
    let arm = |pictures, variant: Variant, critic_batch_norm| {
        let nets = ImageNets { latent: 32, maps: size.maps.to_vec(), critic_batch_norm };
        let config = Config {
            task: Task::Images { pictures, nets },
            objective: variant.0,
            penalty: variant.1,
            critic_steps: 1,
            rates: Rates::Adam(Adam::new(size.rate, 0.5, 0.9)),
            batch: 64,
            steps: size.steps,
        };
        let name = arm_name_of(pictures, variant, critic_batch_norm);
        Arm::new(name, config).with_seeds(size.seeds, 1)
    };
    let mut arms = Vec::new();
    for &pictures in size.pictures {
        let chosen = combinations(profile, pictures);
        arms.extend(chosen.into_iter().map(|(variant, norm)| arm(pictures, variant, norm)));
    }
    if profile == Profile::Reference {
        let [_, gp, ..] = variants();
        let Arm { name, config, .. } = arm(DIGITS, gp, false);
        let short = Arm::new(short_name(&name), Config { steps: SHORT, ..config });
        arms.push(short.as_demonstration());
    }
    arms
}

/// The variants of a set of images, each without or with batch norm in the critic.
fn combinations(profile: Profile, pictures: Pictures) -> Vec<(Variant, bool)> {
    let [plain, gp, dragan, wgan, r1] = variants();
    let without = |variants: &[Variant]| variants.iter().map(|variant| (*variant, false)).collect();
    match profile {
        Profile::Full if pictures.stacked => without(&[plain, gp, dragan, wgan]),
        Profile::Full => {
            let both = |variant| [(variant, false), (variant, true)];
            [plain, gp, dragan, wgan].into_iter().flat_map(both).collect()
        }
        _ if pictures.stacked => without(&[plain, gp, wgan]),
        Profile::Reference | Profile::Quick => {
            let mut chosen: Vec<(Variant, bool)> = without(&[plain, gp, dragan, wgan, r1]);
            if pictures == DIGITS {
                // Batch norm serves a GAN without a penalty, so it is the stronger baseline.
                chosen.extend([(plain, true), (gp, true)]);
            }
            chosen
        }
        Profile::Smoke => {
            let mut chosen: Vec<(Variant, bool)> = without(&[plain, gp, dragan, wgan]);
            chosen.extend([(plain, true), (gp, true)]);
            chosen
        }
    }
}

fn arm_name_of(pictures: Pictures, variant: Variant, critic_batch_norm: bool) -> String {
    let stacked = if pictures.stacked { "stacked-" } else { "" };
    let norm = if critic_batch_norm { "/critic-batch-norm" } else { "" };
    format!("images/{stacked}{}/{}{norm}", name(&pictures.set), arm_name(variant.0, variant.1))
}

fn short_name(name: &str) -> String {
    format!("{name}/short")
}

/// The rows of a variant of a set, whatever the size of its images.
fn rows(results: &Results<Config>, pictures: Pictures, variant: Variant, norm: bool) -> Rows<'_> {
    results.arm(&arm_name_of(pictures, variant, norm))
}

impl ImageNets {
    fn generator(&self, pictures: Pictures) -> DeconvGenerator {
        DeconvGenerator {
            latent: self.latent,
            maps: self.maps.iter().rev().copied().collect(),
            kernel: 5,
            output: pictures.shape(),
            norm: Norm::Batch,
        }
    }

    fn critic(&self, pictures: Pictures) -> Cnn {
        Cnn {
            input: pictures.shape(),
            maps: self.maps.clone(),
            kernel: 5,
            dense: vec![1],
            activation: Activation::LeakyRelu(0.2),
            norm: if self.critic_batch_norm { Norm::Batch } else { Norm::None },
        }
    }
}

/// Updates between two chances for a checkpoint.
const KEEP_EVERY: u64 = 20;

pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let (Task::Images { pictures, nets }, Rates::Adam(adam)) = (&config.task, config.rates) else {
        panic!("{:?} is no game of images with Adam", config.task)
    };
    let scene = Scene::new(*pictures, run, streams(run));
    let root = &scene.root;
    let generator = Player::new(nets.generator(*pictures), adam, &mut root.fork("generator"));
    let critic = Player::new(nets.critic(*pictures), adam, &mut root.fork("critic"));
    let mut game = Game::new(generator, critic, root);
    let due = looks(config.steps, LOOKS);

    let start = game.resume(run);
    for step in start..=config.steps {
        if step > start && step % KEEP_EVERY == 0 {
            game.keep(run, (step, config.steps))?;
        }
        if due.binary_search(&step).is_ok() {
            let fake = sample(&game.generator, &mut root.fork(&format!("eval {step}")), SAMPLES);
            if let Err(diverged) = scene.look(run, step, &fake) {
                return Ok(vec![Err(diverged)]);
            }
        }
        if step == config.steps {
            break;
        }
        for _ in 0..config.critic_steps {
            let real = pictures.batch(&scene.train, &mut game.data, config.batch);
            let fake = sample(&game.generator, &mut game.latent, config.batch);
            let (objective, penalty) = (config.objective, config.penalty);
            let noise = &mut game.penalty;
            critic_step(objective, penalty, &mut game.critic, &real, &fake, noise);
        }
        let z = game.latent.normal(&[config.batch, nets.latent]);
        let _ = generator_step(config.objective, &mut game.generator, &game.critic, &z);
    }
    let samples = |rng: &mut Rng, count| sample(&game.generator, rng, count);
    let Scores { numbers, sheets } = scene.scores(run, samples, &root.fork("end"));
    if is_pictured(run.seeds[0]) {
        for (name, sheet) in sheets {
            run.sample(0, name, sheet);
        }
    }
    Ok(vec![summary(config.steps, numbers)])
}

fn sample(generator: &Player<DeconvGenerator>, rng: &mut Rng, count: i64) -> Tensor {
    let _guard = tch::no_grad_guard();
    generator.apply(&rng.normal(&[count, generator.net.latent]))
}
