//! Is a coin fair? The smallest experiment: one part, one arm, one claim.

use std::process::ExitCode;

use gan::Rng;
use gan::device::to_vec;
use garde::Validate;
use lab::{Arm, Backend, Claim, Experiment, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::contrast::metric;
use shared::{Outcomes, claim, options, summary};

/// One coin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Tosses of a run.
    #[garde(range(min = 1, max = 1_000_000))]
    tosses: i64,
}

struct CoinToss;

impl Experiment for CoinToss {
    const NAME: &'static str = "coin_toss";
    const ABOUT: &'static str = "Whether a coin is fair";
    const EPOCH: u32 = 1;
    type Config = Config;

    fn backend() -> Backend {
        shared::backend()
    }

    fn arms(profile: Profile) -> Vec<Arm<Config>> {
        let tosses = if profile == Profile::Smoke { 10 } else { 1_000 };
        vec![Arm::new("coin", Config { tosses }).with_seeds(20, 20).with_quick_seeds(20)]
    }

    fn cost(config: &Config) -> f64 {
        config.tosses as f64
    }

    fn run(config: &Config, run: &mut Run) -> Outcomes {
        let mut rng = Rng::new(&run.seeds).with(options(run.device)).fork(Self::NAME);
        let tosses = rng.uniform(&[config.tosses]).round();
        let heads = |i: usize| stats::robust::mean(&to_vec(&tosses.select(0, i as i64)));
        Ok((0..run.seeds.len()).map(|i| summary(0, [("heads", heads(i))])).collect())
    }

    fn claims(results: &Results<Config>) -> Vec<Claim> {
        vec![
            claim("coin.C1", "A coin of uniform numbers shows heads half of the time.")
                .measured("`heads` of 1,000 tosses")
                .mean(Region::Within(0.49, 0.51), &metric(&results.arm("coin"), "heads")),
        ]
    }

    fn figures(_: &Results<Config>) -> Vec<Figure> {
        Vec::new()
    }
}

fn main() -> ExitCode {
    lab::main::<CoinToss>()
}
