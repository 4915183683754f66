//! Gradient penalties beyond Wasserstein: every objective with every penalty.
//!
//! `README.md` beside this file holds the claims and the rules that were fixed before the sweep.

mod arms;
mod claims;
mod config;
mod dirac;
mod figures;
mod grid;
mod images;
mod points;
mod search;
mod settings;

use std::path::Path;
use std::process::ExitCode;

use lab::{
    Arm, Backend, Claim, Diverged, Experiment, Figure, Interrupted, Profile, Results, Run, Summary,
};

use config::{Config, Rates, Task};

struct PenaltyAblation;

impl Experiment for PenaltyAblation {
    const NAME: &'static str = "penalty_ablation";
    const ABOUT: &'static str =
        "Gradient penalties beyond Wasserstein: every objective with every penalty";
    const EPOCH: u32 = 5;
    type Config = Config;

    fn backend() -> Backend {
        experiments::backend()
    }

    fn arms(profile: Profile) -> Vec<Arm<Config>> {
        grid::arms(profile)
    }

    fn cost(config: &Config) -> f64 {
        // Milliseconds at `quick` on one core, roughly.
        let critic = if config.penalty.is_term() { 1.2 } else { 0.5 };
        let update = critic * f64::from(config.critic_steps) + 0.6;
        let steps = config.steps as f64;
        match config.task {
            Task::Dirac { .. } => 0.3 * steps,
            Task::Images { .. } => 2_000.0 + 15.0 * update * steps,
            _ if config.rates == Rates::Drawn => 1_000.0 + 2.5 * update * steps,
            Task::Plane { .. } => 2_000.0 + update * steps,
            Task::Line { .. } => 1_000.0 + update * steps,
        }
    }

    fn prepare(config: &Config, data_dir: &Path) -> Result<(), String> {
        let Task::Images { pictures, .. } = config.task else { return Ok(()) };
        experiments::data::prepare(pictures.set, data_dir)
    }

    fn run(config: &Config, run: &mut Run) -> Result<Vec<Result<Summary, Diverged>>, Interrupted> {
        match (&config.task, config.rates) {
            (Task::Dirac { simultaneous }, Rates::Descent(rate)) => {
                Ok(dirac::dirac(config, (*simultaneous, rate), run))
            }
            (Task::Images { pictures, nets }, Rates::Adam(adam)) => {
                images::game(config, (*pictures, nets, adam), run)
            }
            (Task::Plane { .. } | Task::Line { .. }, Rates::Adam(_) | Rates::Drawn) => {
                points::game(config, run)
            }
            (task, rates) => panic!("{task:?} does not go with {rates:?}"),
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
    lab::main::<PenaltyAblation>()
}
