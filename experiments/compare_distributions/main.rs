//! Four ways to compare distributions from samples: class probability, divergence, density ratio, moments.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod critic;
mod identity;
mod metrics;
mod pair;
mod ratio;
mod two_sample;

use std::process::ExitCode;

use gan::Rng;
use lab::figure::Colour;
use lab::{Arm, Backend, Claim, Experiment, Figure, Metric, Profile, Results, Run};
use shared::{Outcomes, Source, Task as _, options};

shared::parts! {
    /// A network learns to compare two laws on the line from fresh samples.
    Critic: critic,
    /// Bregman matching of a ratio and the bound of its critic: the same gradient?
    Identity: identity,
    /// An estimator of a ratio gets finite samples once.
    Ratio: ratio,
    /// Tests of whether two samples are of one law, over and over.
    TwoSample: two_sample,
}

struct CompareDistributions;

impl Experiment for CompareDistributions {
    const NAME: &'static str = "compare_distributions";
    const ABOUT: &'static str =
        "Scoring rules, divergences, density ratios and moments: what each finds in samples";
    const EPOCH: u32 = 4;
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

    fn run(config: &Config, run: &mut Run) -> Outcomes {
        config.run(run)
    }

    fn metrics() -> &'static [Metric] {
        metrics::METRICS
    }

    fn claims(results: &Results<Config>) -> Vec<Claim> {
        Config::claims(results)
    }

    fn figures(results: &Results<Config>) -> Vec<Figure> {
        Config::figures(results)
    }
}

/// The random streams of this experiment.
fn streams(run: &Run) -> Rng {
    Rng::new(&run.seeds).with(options(run.device)).fork(CompareDistributions::NAME)
}

/// Read in its 10-page version.
const IMPLICIT: Source = Source::read("Mohamed and Lakshminarayanan 2016 (1610.03483)");

/// Seeds of an arm: `first` of them in the first sweeps; in the reference enough for a verdict after the correction over
/// all claims.
fn seeds(profile: Profile, first: u64, stack: u64) -> u64 {
    match profile {
        Profile::Smoke => stack.max(2),
        Profile::Small | Profile::Full => first,
        Profile::Quick | Profile::Reference => 20,
    }
}

const COLOURS: [Colour; 8] = [
    Colour::Blue,
    Colour::Orange,
    Colour::Green,
    Colour::Vermillion,
    Colour::Purple,
    Colour::SkyBlue,
    Colour::Black,
    Colour::Grey,
];

fn main() -> ExitCode {
    lab::main::<CompareDistributions>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        shared::ranges::check::<crate::CompareDistributions>(&[
            ("task.critic.steps", json!(0)),
            ("task.critic.pair", json!({"shift": {"dim": 2}})),
            ("task.ratio.numerator", json!(0)),
            ("task.two_sample.repeats", json!(0)),
        ]);
    }
}
