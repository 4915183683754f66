//! Imitation with a discriminator as the reward, and the controls that say whether it is imitation.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod environment;
mod expert;
mod imitate;
mod ppo;
mod rollout;
mod task;

use std::path::Path;
use std::process::ExitCode;

use gan::Rng;
use lab::{Animation, Arm, Backend, Claim, Experiment, Figure, Profile, Results, Run};
use shared::{Outcomes, Task as _, options};

shared::parts! {
    /// A policy that learns a task from its own reward.
    Expert: expert,
    /// A policy that learns from trajectories of an expert.
    Imitate: imitate,
}

struct Imitation;

impl Experiment for Imitation {
    const NAME: &'static str = "imitation";
    const ABOUT: &'static str =
        "A discriminator as the reward of a policy that imitates, and the controls that decide";
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
        imitate::animations(&results.narrow(|config| match &config.task {
            Task::Imitate(config) => Some(config.clone()),
            Task::Expert(_) => None,
        }))
    }
}

/// The random streams of this experiment.
fn streams(run: &Run) -> Rng {
    Rng::new(&run.seeds).with(options(run.device)).fork(Imitation::NAME)
}

fn main() -> ExitCode {
    lab::main::<Imitation>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        shared::ranges::check::<crate::Imitation>(&[
            ("task.expert.copies", json!(0)),
            ("task.imitate.trajectories", json!(0)),
            ("task.imitate.expert", json!("another")),
        ]);
    }
}
