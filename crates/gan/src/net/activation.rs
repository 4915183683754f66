//! Elementwise functions between layers.

use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{range, ranges_of_variants};

/// An elementwise non-linearity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `max(x, slope x)`.
    LeakyRelu(f64),
    /// Hyperbolic tangent.
    Tanh,
    /// `log(1 + exp(x))`: smooth, for tests of second derivatives.
    Softplus,
}

ranges_of_variants!(Activation, |variant, activation| if let Self::LeakyRelu(slope) = activation {
    variant.only(slope, range::decay);
});

impl Activation {
    /// Returns the derivative below zero, where the function is linear on both sides of it.
    pub(super) fn below_zero(self) -> Option<f64> {
        match self {
            Self::Relu => Some(0.0),
            Self::LeakyRelu(slope) if slope >= 0.0 => Some(slope),
            _ => None,
        }
    }

    /// Returns the function of a fresh tensor that nobody else reads, which it may overwrite.
    pub fn apply(self, mut x: Tensor) -> Tensor {
        match self {
            // In place: neither the linear layer nor these functions need their input again.
            Self::Relu => x.relu_(),
            Self::Tanh => x.tanh_(),
            // `relu(x) + slope (x - relu(x))`: the gradient of a maximum takes three slow masked operations,
            // half of a penalised critic's step.
            Self::LeakyRelu(slope) => x.relu().lerp(&x, slope),
            Self::Softplus => x.softplus(),
        }
    }
}
