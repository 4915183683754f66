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
    variant.only(slope, range::share);
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

    /// Returns the function of feature maps: the same numbers, gradients with other last bits. A leaky unit is a product
    /// with a derivative that counts as a constant: one pass each way, and a second derivative does not come back to it.
    pub(super) fn apply_to_maps(self, x: Tensor) -> Tensor {
        match self {
            Self::LeakyRelu(slope) => x.detach().leaky_relu_backward(&x, slope, false),
            other => other.apply(x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::double;
    use crate::{Graph, grad};
    use tch::Kind;

    /// Values and gradients are those of the general form, and so is the gradient of a penalty on the slope.
    #[test]
    fn maps_have_the_same_function() {
        let weight = double(&[0]).normal(&[7, 7]).squeeze_dim(0).set_requires_grad(true);
        let x = double(&[1]).normal(&[9, 7]).squeeze_dim(0).set_requires_grad(true);
        for activation in [Activation::Relu, Activation::LeakyRelu(0.2), Activation::Softplus] {
            let [general, maps] = [Activation::apply, Activation::apply_to_maps].map(|function| {
                let y = function(activation, x.matmul(&weight));
                let slope = grad(&y, &[x.shallow_clone()], Graph::Keep).remove(0);
                let loss = y.sum(Kind::Double) + slope.square().sum(Kind::Double);
                (y, grad(&loss, &[weight.shallow_clone()], Graph::Free).remove(0))
            });
            assert!(general.0.equal(&maps.0), "{activation:?}");
            assert!(general.1.allclose(&maps.1, 1e-12, 1e-12, false), "{activation:?}");
        }
    }
}
