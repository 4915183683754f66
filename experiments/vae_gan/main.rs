//! What auto-encoders and GANs lack, and what their hybrids gain.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod best;
mod codes;
mod elbo;
mod four_points;
mod images;
mod method;
mod model;
mod nets;
mod plane;
mod points;
mod ratio;
mod sprinkler;

use std::path::Path;
use std::process::ExitCode;

use gan::Rng;
use lab::{Animation, Arm, Backend, Claim, Experiment, Figure, Profile, Results, Run};
use shared::{Outcomes, Task as _, options};

shared::parts! {
    /// A classifier estimates a divergence that is known.
    Ratio: ratio,
    /// An implicit posterior of the sprinkler, by a critic of pairs.
    Sprinkler: sprinkler,
    /// Four points in an auto-encoder with two latents.
    FourPoints: four_points,
    /// The bound and what objectives say of it, term by term.
    Elbo: elbo,
    /// Every method on ring and grid.
    Points: points,
    /// Every method on images.
    Images: images,
}

struct VaeGan;

impl Experiment for VaeGan {
    const NAME: &'static str = "vae_gan";
    const ABOUT: &'static str =
        "Auto-encoders, GANs and their hybrids: exact posteriors, ratios, aggregate posteriors";
    const EPOCH: u32 = 1;
    type Config = Config;

    fn backend() -> Backend {
        shared::backend()
    }

    fn arms(profile: Profile) -> Vec<Arm<Config>> {
        Config::arms(profile)
    }

    fn cost(config: &Config) -> f64 {
        config.cost()
    }

    fn prepare(config: &Config, data_dir: &Path) -> Result<(), String> {
        shared::data::prepare(config.images(), data_dir)
    }

    fn run(config: &Config, run: &mut Run) -> Outcomes {
        config.run(run)
    }

    fn claims(results: &Results<Config>) -> Vec<Claim> {
        Config::claims(results)
    }

    fn figures(results: &Results<Config>) -> Vec<Figure> {
        Config::figures(results)
    }

    fn animations(results: &Results<Config>) -> Vec<Animation> {
        points::animations(&results.narrow(|config| match &config.task {
            Task::Points(config) => Some(config.clone()),
            _ => None,
        }))
    }
}

/// The random streams of this experiment.
fn streams(run: &Run) -> Rng {
    Rng::new(&run.seeds).with(options(run.device)).fork(VaeGan::NAME)
}

fn main() -> ExitCode {
    lab::main::<VaeGan>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        shared::ranges::check::<crate::VaeGan>(&[
            ("task.ratio.divergence", json!(0.0)),
            ("task.sprinkler.critic_steps", json!(0)),
            ("task.four_points.batch", json!(0)),
            ("task.elbo.codes", json!(0)),
            ("task.points.learner.nets.latent", json!(0)),
            ("task.points.learner.method.gan.pack", json!(0)),
            ("task.points.learner.encoder", json!("noisy")),
            ("task.points.learner.method.alpha_gan.weight", json!(-1.0)),
            ("task.images.pictures.shrink", json!(3)),
        ]);
    }
}
