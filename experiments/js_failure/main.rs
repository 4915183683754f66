//! GANs learn where Jensen-Shannon theory says that they cannot.
//!
//! `README.md` beside this file holds the question, the sources, the rules and the results.

// What all parts share.
mod arm;
mod config;
mod game;
mod metrics;
mod probe;
mod rows;
mod variant;
mod world;

// The parts.
mod dimension;
mod exact;
mod frozen;
mod parallel;
mod penalties;
mod rates;
mod segments;
mod strength;

use std::process::ExitCode;

use lab::{Animation, Arm, Backend, Claim, Experiment, Figure, Metric, Profile, Run};
use shared::Outcomes;

use config::{Config, Task};

/// Stored results of this experiment.
type Results = lab::Results<Config>;
/// Rows of one arm.
type Rows<'a> = Vec<&'a lab::Row<Config>>;

struct JsFailure;

impl Experiment for JsFailure {
    const NAME: &'static str = "js_failure";
    const ABOUT: &'static str =
        "Data on a line, where the Jensen-Shannon divergence is flat: who learns all the same";
    const EPOCH: u32 = 4;
    type Config = Config;

    fn backend() -> Backend {
        shared::backend()
    }

    fn arms(profile: Profile) -> Vec<Arm<Config>> {
        [
            exact::arms(profile),
            frozen::arms(profile),
            segments::arms(profile),
            parallel::arms(profile),
            strength::arms(profile),
            dimension::arms(profile),
            penalties::arms(profile),
            rates::arms(profile),
        ]
        .concat()
    }

    fn cost(config: &Config) -> f64 {
        config.cost()
    }

    fn run(config: &Config, run: &mut Run) -> Outcomes {
        match config.task {
            Task::Exact { shift } => Ok(exact::run(shift)),
            Task::Frozen { dim } => frozen::run(config, dim, run),
            Task::Game { world, audit } => game::run(config, world, audit, run),
        }
    }

    fn metrics() -> &'static [Metric] {
        metrics::METRICS
    }

    fn claims(results: &Results) -> Vec<Claim> {
        [
            frozen::claims(results),
            parallel::claims(results),
            strength::claims(results),
            dimension::claims(results),
            penalties::claims(results),
        ]
        .concat()
    }

    fn figures(results: &Results) -> Vec<Figure> {
        [
            frozen::figures(results),
            segments::figures(results),
            parallel::figures(results),
            strength::figures(results),
            dimension::figures(results),
            penalties::figures(results),
            rates::figures(results),
        ]
        .concat()
    }

    fn animations(results: &Results) -> Vec<Animation> {
        parallel::animation(results).into_iter().collect()
    }
}

fn main() -> ExitCode {
    lab::main::<JsFailure>()
}
