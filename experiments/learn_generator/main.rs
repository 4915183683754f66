//! What each way to compare distributions teaches a generator, and what a ratio teaches without one.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod arch;
mod estimate;
mod fit;
mod images;
mod mean;
mod metrics;
mod race;
mod ring;
mod slope;
mod target;

use std::process::ExitCode;

use lab::{Profile, Row};
use shared::Source;

shared::experiment! {
    LearnGenerator {
        name: "learn_generator",
        about: "Divergences, generator losses, gradient estimators, moments: what each teaches a generator",
        epoch: 5,
        arithmetic: gan::ARITHMETIC_OF_DIVERGENCES
    }

    /// A Gaussian learns a mixture that it cannot match.
    Fit: fit,
    /// The gradient of a generator's loss under the exact critic, from afar and from near.
    Slope: slope,
    /// A Gaussian's mean learns its way to zero.
    Race: race,
    /// One estimator of a gradient, over and over.
    Estimate: estimate,
    /// A network learns the ring from a distance between samples, without a critic.
    Ring: ring,
    /// A network learns images by matching moments.
    Images: images,
    /// The posterior of a Gaussian's mean without its likelihood.
    Mean: mean,
    /// Posteriors of a process with autoregressive errors without its likelihood.
    Arch: arch,
}

/// Read in its 10-page version.
const IMPLICIT: Source = Source::read("Mohamed and Lakshminarayanan 2016 (1610.03483)");

/// Seeds of an arm: enough of them for a verdict after the correction over all claims.
fn seeds(profile: Profile, stack: u64) -> u64 {
    if profile == Profile::Smoke { stack.max(2) } else { 20 }
}

/// Checks how many numbers are in memory at once.
fn at_once(sizes: &[i64]) -> garde::Result {
    const MOST: i64 = 1 << 29;
    let all = sizes.iter().fold(1i64, |product, size| product.saturating_mul(*size));
    if all <= MOST {
        Ok(())
    } else {
        Err(garde::Error::new(format!("{all} numbers are more than {MOST}")))
    }
}

/// A metric of a run over its steps.
fn path<C>(row: &Row<C>, metric: &str) -> Vec<(f64, f64)> {
    let points = row.traces.get(metric).map_or(&[][..], Vec::as_slice);
    points.iter().map(|(step, value)| (*step as f64, *value)).collect()
}

fn main() -> ExitCode {
    lab::main::<LearnGenerator>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        shared::ranges::check::<crate::LearnGenerator>(&[
            ("task.fit.batch", json!(0)),
            ("task.fit.rule.adam.beta2", json!(1.0)),
            ("task.race.critic_steps", json!(0)),
            ("task.estimate.repeats", json!(1)),
            ("task.estimate.estimator", json!({"spsa": 0.0})),
            ("task.ring.discrepancy.mmd.bandwidths", json!([])),
            ("task.ring.discrepancy.sinkhorn.epsilon", json!(0.0)),
            ("task.arch.simulations", json!(15)),
        ]);
    }
}
