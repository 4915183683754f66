//! Four ways to compare distributions from samples: class probability, divergence, density ratio, moments.
//!
//! `README.md` beside this file holds the claims and the rules that were fixed before the sweep.

mod arms;
mod claims;
mod config;
mod critic;
mod figures;
mod finite;
mod grid;
mod laws;
mod neural;

use std::process::ExitCode;

use lab::{
    Arm, Backend, Claim, Diverged, Experiment, Figure, Interrupted, Profile, Results, Run, Summary,
};

use config::{Config, Task};

struct CompareDistributions;

impl Experiment for CompareDistributions {
    const NAME: &'static str = "compare_distributions";
    const ABOUT: &'static str =
        "Scoring rules, divergences, density ratios and moments: what each finds in samples";
    const EPOCH: u32 = 4;
    type Config = Config;

    fn backend() -> Backend {
        experiments::backend()
    }

    fn arms(profile: Profile) -> Vec<Arm<Config>> {
        grid::arms(profile)
    }

    fn cost(config: &Config) -> f64 {
        config.cost()
    }

    fn run(config: &Config, run: &mut Run) -> Result<Vec<Result<Summary, Diverged>>, Interrupted> {
        match config.task {
            Task::Critic { pair, loss, steps } => critic::critic(pair, loss, steps, run),
            Task::Identity { divergence } => Ok(critic::identity(divergence, run)),
            Task::Ratio { pair, numerator, denominator, estimator } => {
                Ok(finite::ratio((pair, estimator), (numerator, denominator), run))
            }
            Task::TwoSample { change, dim, samples, repeats } => {
                Ok(finite::two_sample(change, (dim, samples), repeats, run))
            }
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
    lab::main::<CompareDistributions>()
}
