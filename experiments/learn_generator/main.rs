//! What each way to compare distributions teaches a generator, and what a ratio teaches without one.
//!
//! `README.md` beside this file holds the claims and the rules that were fixed before the sweep.

mod arch;
mod arms;
mod claims;
mod config;
mod estimate;
mod figures;
mod fit;
mod grid;
mod images;
mod mean;
mod race;
mod ring;
mod slope;
mod target;

use std::path::Path;
use std::process::ExitCode;

use experiments::options;
use gan::Rng;
use lab::{
    Arm, Backend, Claim, Diverged, Experiment, Figure, Interrupted, Profile, Results, Run, Summary,
};

use config::{Config, Task};
use race::Race;

type Outcomes = Result<Vec<Result<Summary, Diverged>>, Interrupted>;

struct LearnGenerator;

impl Experiment for LearnGenerator {
    const NAME: &'static str = "learn_generator";
    const ABOUT: &'static str = "Divergences, generator losses, gradient estimators, moments: what each teaches a generator";
    const EPOCH: u32 = 5;
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

    fn prepare(config: &Config, data_dir: &Path) -> Result<(), String> {
        let Task::Images { set, .. } = config.task else { return Ok(()) };
        experiments::data::prepare(set, data_dir)
    }

    fn run(config: &Config, run: &mut Run) -> Outcomes {
        match config.task.clone() {
            Task::Fit { divergence, game, rule, batch, steps } => {
                fit::fit((divergence, game), rule, (batch, steps), run)
            }
            Task::Slope { loss } => Ok(slope::slope(loss, run)),
            Task::Race { comparison, loss, critic_steps, start, rounds } => {
                race::race(&Race { comparison, loss, critic_steps, start, rounds }, run)
            }
            Task::Estimate { problem, estimator, batch, repeats } => {
                Ok(estimate::estimate((problem, estimator), [repeats, batch], run))
            }
            Task::Ring { discrepancy, batch, steps } => {
                ring::ring(&discrepancy, (batch, steps), run)
            }
            Task::Images { set, kernel, batch, steps } => {
                images::images(set, kernel, (batch, steps), run)
            }
            Task::Mean { draws } => Ok(mean::mean(draws, run)),
            Task::Arch { grid, simulations, series } => {
                Ok(arch::arch(grid, simulations, series, run))
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

/// The random streams of this experiment.
fn streams(run: &Run) -> Rng {
    Rng::new(&run.seeds).with(options(run.device)).fork(LearnGenerator::NAME)
}

fn main() -> ExitCode {
    lab::main::<LearnGenerator>()
}
