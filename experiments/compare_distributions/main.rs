//! Four ways to compare distributions from samples: class probability, divergence, density ratio, moments.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod critic;
mod metrics;
mod pair;
mod ratio;
mod two_sample;

use std::process::ExitCode;

use lab::Profile;
use shared::Source;

shared::experiment! {
    CompareDistributions {
        name: "compare_distributions",
        about: "Scoring rules, divergences, density ratios and moments: what each finds in samples",
        epoch: 4,
        arithmetic: gan::ARITHMETIC_OF_DIVERGENCES
    }

    /// A network learns to compare two laws on the line from fresh samples.
    Critic: critic,
    /// An estimator of a ratio gets finite samples once.
    Ratio: ratio,
    /// Tests of whether two samples are of one law, over and over.
    TwoSample: two_sample,
}

/// Read in its 10-page version.
const IMPLICIT: Source = Source::read("Mohamed and Lakshminarayanan 2016 (1610.03483)");

/// Seeds of an arm: enough of them for a verdict after the correction over all claims.
fn seeds(profile: Profile, stack: u64) -> u64 {
    if profile == Profile::Smoke { stack.max(2) } else { 20 }
}

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
