//! What can be varied.

use gan::objective::{Divergence, ScoringRule};
use serde::{Deserialize, Serialize};

use crate::laws::{Change, Pair};

/// One way to compare two laws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What is done.
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
