//! GANs learn where Jensen-Shannon theory says that they cannot.
//!
//! `README.md` beside this file holds the claims and the rules that were fixed before the sweep.

mod arms;
mod claims;
mod config;
mod figures;
mod grid;
mod probe;
mod theory;
mod train;
mod watch;
mod world;

use std::process::ExitCode;

use lab::{
    Animation, Arm, Backend, Claim, Diverged, Experiment, Figure, Interrupted, Profile, Results,
    Run, Summary,
};

use config::{Config, Task};

struct JsFailure;

impl Experiment for JsFailure {
    const NAME: &'static str = "js_failure";
    const ABOUT: &'static str =
        "Data on a line, where the Jensen-Shannon divergence is flat: who learns all the same";
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
            Task::Exact { shift } => Ok(theory::exact(shift)),
            Task::Frozen { dim } => theory::frozen(config, dim, run),
            Task::Game { world, audit } => train::game(config, (world, audit), run),
        }
    }

    fn claims(results: &Results<Config>) -> Vec<Claim> {
        claims::claims(results)
    }

    fn figures(results: &Results<Config>) -> Vec<Figure> {
        figures::figures(results)
    }

    fn animations(results: &Results<Config>) -> Vec<Animation> {
        figures::animations(results)
    }
}

fn main() -> ExitCode {
    lab::main::<JsFailure>()
}
