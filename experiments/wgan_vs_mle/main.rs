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
    Backend, Claim, Diverged, Experiment, Figure, Interrupted, Profile, Results, Run, Summary,
};

use config::{Config, Training, Way};

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

    fn grid(profile: Profile) -> Vec<Config> {
        grid::grid(profile)
    }

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
