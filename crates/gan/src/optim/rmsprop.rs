//! `RMSProp`.

use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{AdamState, Optimizer};
use crate::{Params, range};

/// `RMSProp` without momentum (Tieleman and Hinton 2012), with PyTorch's placing of epsilon.
///
/// Its state is Adam's with the mean left at zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct RmsProp {
    /// Step size.
    #[garde(custom(range::learning_rate))]
    pub learning_rate: f64,
    /// Decay of the mean of squared gradients; 0.99 in PyTorch.
    #[garde(custom(range::share))]
    pub decay: f64,
}

impl Optimizer for RmsProp {
    type State = AdamState;

    fn init(&self, params: &Params) -> AdamState {
        AdamState::new(params)
    }

    fn update(&self, params: &Tensor, gradient: &Tensor, state: &AdamState) -> (Tensor, AdamState) {
        let square = state.square.lerp(&gradient.square(), 1.0 - self.decay);
        let moved = params - gradient / ((&square + 1e-20).sqrt() + 1e-8) * self.learning_rate;
        (moved, AdamState { mean: state.mean.shallow_clone(), square, steps: state.steps + 1 })
    }
}
