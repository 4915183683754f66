//! What can be varied.

use gan::objective::{Divergence, ScoringRule};
use gan::{range, ranges_of_variants};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::laws::{self, Change, Pair};

/// One way to compare two laws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What is done.
    #[garde(dive)]
    pub(crate) task: Task,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// A network learns to compare two normal laws from fresh samples.
    Critic {
        /// The laws.
        pair: Pair,
        /// What it minimises.
        loss: Loss,
        /// Its updates.
        steps: u64,
    },
    /// Bregman matching of a ratio and the variational bound of its critic: the same gradient, in single precision?
    Identity {
        /// The divergence.
        divergence: Divergence,
    },
    /// An estimator gets finite samples and is judged against the exact ratio.
    Ratio {
        /// The laws.
        pair: Pair,
        /// Samples of the first law.
        numerator: i64,
        /// Samples of the second.
        denominator: i64,
        /// The estimator.
        estimator: Estimator,
    },
    /// Tests of whether two samples are of one law, over and over.
    TwoSample {
        /// How the second law differs.
        change: Change,
        /// Dimension of the points.
        dim: i64,
        /// Samples of each law.
        samples: i64,
        /// Repetitions.
        repeats: u32,
    },
}

ranges_of_variants!(Task, |variant, task| match task {
    Self::Critic { pair, steps, .. } => {
        variant.inside_of("pair", pair);
        // Quadrature judges it.
        variant.check("pair.shift.dim", on_the_line(*pair));
        variant.field("steps", steps, range::steps);
    }
    Self::Identity { .. } => {}
    Self::Ratio { pair, numerator, denominator, .. } => {
        variant.inside_of("pair", pair);
        variant.check("numerator", sample(*numerator));
        variant.check("denominator", sample(*denominator));
    }
    Self::TwoSample { dim, samples, repeats, .. } => {
        variant.check("dim", laws::dimension(*dim));
        variant.check("samples", sample(*samples));
        variant.check("repeats", range::within(repeats, &(1..=1_000_000)));
    }
});

fn on_the_line(pair: Pair) -> garde::Result {
    let line = || garde::Error::new("a critic compares laws on the line");
    if pair.dim() == 1 { Ok(()) } else { Err(line()) }
}

/// Checks the size of a sample: enough for each part of a cross-validation, and all pairs of points fit in memory.
fn sample(size: i64) -> garde::Result {
    range::within(&size, &(20..=20_000))
}

/// What a critic minimises.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Loss {
    /// The risk of a scoring rule: class-probability estimation.
    Risk(ScoringRule),
    /// The negative variational bound of a divergence.
    Bound(Divergence),
}

/// An estimator of a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Estimator {
    /// Logistic regression on the coordinates.
    LogisticLinear,
    /// Logistic regression on the coordinates and their products.
    LogisticQuadratic,
    /// KLIEP with Gaussian kernels.
    Kliep,
    /// uLSIF with Gaussian kernels.
    Ulsif,
    /// The quadratic regression with a penalty on the magnitudes of its weights, chosen on held-out samples.
    LogisticSparse,
    /// A network that matches the ratio in this divergence's Bregman loss, until held-out samples say stop.
    Neural(Divergence),
}

impl Estimator {
    /// Those that get every case.
    pub(crate) const CLASSIC: [Self; 4] =
        [Self::LogisticLinear, Self::LogisticQuadratic, Self::Kliep, Self::Ulsif];
    /// Those that get the harder cases only: the losses are those of LSIF, KLIEP and logistic regression.
    pub(crate) const RICH: [Self; 4] = [
        Self::LogisticSparse,
        Self::Neural(Divergence::Pearson),
        Self::Neural(Divergence::KullbackLeibler),
        Self::Neural(Divergence::Gan),
    ];
}

impl Config {
    /// Milliseconds of a cell on one core, roughly; only for the order of cells.
    pub(crate) fn cost(&self) -> f64 {
        match self.task {
            Task::Critic { steps, .. } => 6.0 * steps as f64,
            Task::Identity { .. } => 5.0,
            Task::Ratio { estimator: Estimator::Kliep, .. } => 600.0,
            Task::Ratio { estimator: Estimator::Ulsif, .. } => 300.0,
            Task::Ratio { estimator: Estimator::Neural(_), .. } => 2_000.0,
            Task::Ratio { estimator: Estimator::LogisticSparse, .. } => 100.0,
            Task::Ratio { .. } => 10.0,
            Task::TwoSample { repeats, .. } => 6.0 * f64::from(repeats),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        experiments::ranges::check::<crate::CompareDistributions>(&[
            ("task.critic.steps", json!(0)),
            ("task.critic.pair.shift.dim", json!(2)),
            ("task.ratio.numerator", json!(0)),
            ("task.two_sample.repeats", json!(0)),
        ]);
    }
}
