//! GANs lose modes on a mixture of Gaussians; look-ahead brings them back; a VAE does not lose them.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod baselines;
mod config;
mod coverage;
mod depth;
mod game;
mod grid;
mod look_ahead;
mod metrics;
mod notebook;
mod overview;
mod rotation;
mod size;
mod vae;

use std::process::ExitCode;

use gan::Rng;
use lab::{Animation, Arm, Backend, Claim, Experiment, Figure, Metric, Profile, Results, Run};
use shared::Outcomes;

use config::{Config, Method};

struct MogCollapse;

impl Experiment for MogCollapse {
    const NAME: &'static str = "mog_collapse";
    const ABOUT: &'static str =
        "Mode collapse on a mixture of Gaussians: plain and unrolled GANs, PacGAN, VAEs";
    const EPOCH: u32 = 5;
    type Config = Config;

    fn backend() -> Backend {
        shared::backend()
    }

    fn arms(profile: Profile) -> Vec<Arm<Config>> {
        arms(profile)
    }

    fn cost(config: &Config) -> f64 {
        config.cost()
    }

    fn run(config: &Config, run: &mut Run) -> Outcomes {
        match config.method {
            Method::Gan(gan) => game::run(config, gan, run),
            Method::Vae { sigma, samples } => vae::run(config, sigma, samples, run),
            Method::Baseline(baseline) => Ok(baselines::run(config, baseline, run)),
        }
    }

    fn metrics() -> &'static [Metric] {
        metrics::METRICS
    }

    fn claims(results: &Results<Config>) -> Vec<Claim> {
        let parts =
            [look_ahead::claims, rotation::claims, depth::claims, notebook::claims, vae::claims];
        parts.into_iter().flat_map(|claims| claims(results)).collect()
    }

    fn figures(results: &Results<Config>) -> Vec<Figure> {
        let parts = [look_ahead::figures, rotation::figures, overview::figures];
        parts.into_iter().flat_map(|figures| figures(results)).collect()
    }

    fn animations(results: &Results<Config>) -> Vec<Animation> {
        rotation::animations(results)
    }
}

/// The arms of every part, in the order in which figures list them.
fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let parts =
        [look_ahead::arms, depth::arms, notebook::arms, vae::arms, grid::arms, baselines::arms];
    parts.into_iter().flat_map(|arms| arms(profile)).collect()
}

/// The random streams of this experiment.
fn streams(run: &Run) -> Rng {
    shared::streams(run, MogCollapse::NAME)
}

fn main() -> ExitCode {
    lab::main::<MogCollapse>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        shared::ranges::check::<crate::MogCollapse>(&[
            ("method.gan.look_ahead", json!(2_000)),
            ("method.gan.pack", json!(0)),
            ("method.vae.sigma.fixed", json!(0.0)),
            ("nets.generator", json!([])),
            ("nets.critic_adam.beta2", json!(1.0)),
        ]);
    }
}
