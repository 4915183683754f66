//! Expectations of which the gradient is wanted, each with its exact value.

use gan::objective::GeneratorLoss;
use gan::{Graph, grad, range, ranges_of_variants};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::DOUBLE;
use crate::slope::exact_slope;
use crate::target;

/// An expectation under a distribution with parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Problem {
    /// Mean and `ln sd` of a Gaussian on the line; the exact log-ratio against the mixture, which bends at the narrow
    /// mode.
    Mixture,
    /// The same; a critic that jumps.
    Steep,
    /// The mean of a Gaussian in many dimensions, at distance 1 from the data's; the non-saturating loss.
    Shift {
        /// Dimension of the points, and parameters.
        dim: i64,
    },
}

ranges_of_variants!(Problem, |variant, problem| if let Self::Shift { dim } = problem {
    variant.check("dim", range::within(dim, &(1..=10_000)));
});

/// Where the steep critic jumps, and how steeply: its slope there is a quarter of this.
const JUMP: f64 = 0.5;
const STEEPNESS: f64 = 200.0;
/// The quadrature over the latent from -8 to 8: its points and their distance.
const POINTS: i64 = 160_001;
const STEP: f64 = 1e-4;

impl Problem {
    /// The parameters at which the gradient is wanted, `[parameters]`.
    pub(super) fn parameters(self) -> Tensor {
        match self {
            // Mean 0, standard deviation 1.5.
            Self::Mixture | Self::Steep => Tensor::from_slice(&[0.0, 1.5f64.ln()]),
            Self::Shift { dim } => Tensor::full([dim], (dim as f64).powf(-0.5), DOUBLE),
        }
    }

    /// Dimension of the points.
    pub(super) fn dim(self) -> i64 {
        match self {
            Self::Mixture | Self::Steep => 1,
            Self::Shift { dim } => dim,
        }
    }

    /// The loss of every sample, `[repeats, batch]`, of parameters `[repeats, parameters]` and noise
    /// `[repeats, batch, dim]`. The critic stands still: its parameters are those of [`Self::parameters`].
    pub(super) fn losses(self, at: &Tensor, z: &Tensor) -> Tensor {
        let frozen = self.parameters();
        match self {
            Self::Mixture | Self::Steep => {
                let (mean, log_sd) = (at.narrow(1, 0, 1), at.narrow(1, 1, 1));
                let x = z.squeeze_dim(2) * log_sd.exp() + mean;
                if self == Self::Steep {
                    return -((x - JUMP) * STEEPNESS).sigmoid();
                }
                let scaled = (&x - frozen.get(0)) / frozen.get(1).exp();
                let log_q =
                    scaled.square() * -0.5 - frozen.get(1) - std::f64::consts::TAU.sqrt().ln();
                log_q - target::log_density(&x)
            }
            Self::Shift { .. } => {
                let x = z + at.unsqueeze(1);
                // Data N(0, I), model N(mean, I): the non-saturating loss -ln D of the exact log-ratio.
                let log_ratio = -x.matmul(&frozen) + frozen.square().sum(Kind::Double) * 0.5;
                (-log_ratio).softplus()
            }
        }
    }

    /// The derivative of every sample's log-density, `[repeats, batch, parameters]`.
    pub(super) fn scores(self, z: &Tensor) -> Tensor {
        match self {
            Self::Mixture | Self::Steep => {
                let by_mean = z / self.parameters().get(1).exp();
                Tensor::cat(&[by_mean, z.square() - 1.0], 2)
            }
            Self::Shift { .. } => z.shallow_clone(),
        }
    }

    /// The exact gradient, `[parameters]`.
    pub(super) fn gradient(self) -> Tensor {
        if let Self::Shift { .. } = self {
            // Along the mean, whose length is 1, the problem is one-dimensional.
            return self.parameters() * exact_slope(GeneratorLoss::NonSaturating, 1.0);
        }
        let z = Tensor::arange(POINTS, DOUBLE) * STEP - 8.0;
        let weight = (z.square() * -0.5).exp() * (STEP / std::f64::consts::TAU.sqrt());
        let at = self.parameters().unsqueeze(0).set_requires_grad(true);
        let loss = self.losses(&at, &z.reshape([1, -1, 1])) * weight;
        grad(&loss, &[at], Graph::Free).remove(0).squeeze_dim(0)
    }
}
