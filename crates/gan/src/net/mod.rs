//! An architecture is plain data; its parameters are passed in.

mod activation;
mod conv;
mod mlp;
mod piecewise;

pub use activation::Activation;
pub use conv::{Cnn, DeconvGenerator, ImageShape, Norm, ResNet};
pub use mlp::Mlp;
pub use piecewise::{ClosedForm, Derivatives, Pass, PiecewiseLinear};

use tch::Tensor;

use crate::{Params, Rng};

/// A function of parameters and an input.
///
/// Parameters are an argument, not a field, so that the same network can be applied with a snapshot,
/// a moving average, or parameters that are themselves functions of something (an unrolled critic).
pub trait Net {
    /// Returns fresh parameters for every member of `rng`.
    fn init(&self, rng: &mut Rng) -> Params;

    /// Returns the network's output.
    ///
    /// # Shapes
    /// `x`: `[members, batch, inputs]`; result: `[members, batch, outputs]`.
    fn apply(&self, params: &Params, x: &Tensor) -> Tensor;

    /// Returns whether what comes out for one sample depends on the others of its batch, as under batch norm.
    /// Such a critic gets real and fake samples apart: in one batch it would tell them by each other.
    fn mixes_samples(&self) -> bool {
        false
    }

    /// Returns the network as a perceptron that is linear between kinks, if it is.
    fn piecewise_linear(&self) -> Option<PiecewiseLinear> {
        None
    }

    /// Returns the network as a critic whose outputs and slopes have gradients in closed form, if it is.
    fn closed_form(&self) -> Option<Box<dyn ClosedForm>> {
        self.piecewise_linear().map(|net| Box::new(net) as Box<dyn ClosedForm>)
    }
}
