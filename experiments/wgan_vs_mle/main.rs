//! The same flow trained by maximum likelihood and by Wasserstein GAN, on real images.
//!
//! `README.md` beside this file holds the claims and the rules that were fixed before the sweep.

mod config;
mod report;
mod train;

use std::path::Path;
use std::process::ExitCode;

use gan::data::images::Split;
use lab::{
    Backend, Claim, Diverged, Experiment, Figure, Interrupted, Profile, Results, Run, Summary,
};

use config::{Config, Training};

struct WganVsMle;

impl Experiment for WganVsMle {
    const NAME: &'static str = "wgan_vs_mle";
    const ABOUT: &'static str =
        "One flow on real images, trained by maximum likelihood and by Wasserstein GAN";
    const EPOCH: u32 = 2;
    type Config = Config;

    fn backend() -> Backend {
        experiments::backend()
    }

    fn grid(profile: Profile) -> Vec<Config> {
        config::grid(profile)
    }

    fn seeds(_: &Config, profile: Profile) -> u64 {
        if profile == Profile::Smoke { 1 } else { 8 }
    }

    /// Wide layers are bound by arithmetic: stacks would gain nothing.
    fn stack(_: &Config) -> u64 {
        1
    }

    fn cost(config: &Config) -> f64 {
        let per_step = match config.training {
            Training::MaximumLikelihood => 1.0,
            Training::Wasserstein { critic_steps, .. } => 1.5 + f64::from(critic_steps),
        };
        per_step * config.steps as f64
    }

    fn prepare(config: &Config, data_dir: &Path) -> Result<(), String> {
        for split in [Split::Train, Split::Test] {
            let _ = config.data.load(data_dir, split).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn run(config: &Config, run: &mut Run) -> Result<Vec<Result<Summary, Diverged>>, Interrupted> {
        train::train(config, run)
    }

    fn claims(results: &Results<Config>) -> Vec<Claim> {
        report::claims(results)
    }

    fn figures(results: &Results<Config>) -> Vec<Figure> {
        report::figures(results)
    }
}

fn main() -> ExitCode {
    lab::main::<WganVsMle>()
}
