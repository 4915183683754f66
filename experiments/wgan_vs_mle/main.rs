//! The same flow trained by maximum likelihood, by Wasserstein GAN and by both.
//!
//! `README.md` beside this file holds the claims and the rules that were fixed before the sweep.

mod arms;
mod baselines;
mod claims;
mod config;
mod figures;
mod fits;
mod grid;
mod measure;
mod points;
mod race;
mod shape;
mod train;
mod watch;

use std::path::Path;
use std::process::ExitCode;

use lab::{
    Arm, Backend, Claim, Diverged, Experiment, Figure, Interrupted, Profile, Results, Run, Summary,
};

use config::{Config, Training};

struct WganVsMle;

impl Experiment for WganVsMle {
    const NAME: &'static str = "wgan_vs_mle";
    const ABOUT: &'static str =
        "One flow, trained by maximum likelihood, by Wasserstein GAN and by both";
    const EPOCH: u32 = 7;
    type Config = Config;

    fn backend() -> Backend {
        experiments::backend()
    }

    fn arms(profile: Profile) -> Vec<Arm<Config>> {
        grid::arms(profile)
    }

    fn cost(config: &Config) -> f64 {
        let per_step = match &config.training {
            Training::MaximumLikelihood => 1.0,
            Training::Wasserstein { critic, .. } => 2.0 + 1.5 * f64::from(critic.steps),
            Training::Race { .. } => 1.5,
            Training::Memorise => 0.01,
        };
        // Stacks of ten small flows, of five middle ones, and a large one take about as long a step.
        per_step * config.steps as f64
    }

    fn prepare(config: &Config, data_dir: &Path) -> Result<(), String> {
        let Some(set) = config.data.images() else { return Ok(()) };
        experiments::data::prepare(set, data_dir)
    }

    fn run(config: &Config, run: &mut Run) -> Result<Vec<Result<Summary, Diverged>>, Interrupted> {
        match config.training {
            Training::Memorise => baselines::memorise(config, run),
            Training::Race { extra_batch } => race::race(config, extra_batch, run),
            _ => train::flow(config, run),
        }
    }

    fn claims(results: &Results<Config>) -> Vec<Claim> {
        claims::claims(results)
    }

    fn figures(results: &Results<Config>) -> Vec<Figure> {
        figures::figures(results)
    }
}

fn main() -> ExitCode {
    lab::main::<WganVsMle>()
}
