//! Descent with momentum.

use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{AdamState, Optimizer};
use crate::{Params, range};

/// Polyak's heavy ball: `u' = momentum * u + gradient`, `theta' = theta - rate * u'`. In games a negative momentum can
/// damp what a positive one drives (Gidel et al. 2019, 1807.04740).
///
/// Its state is Adam's: the mean is `u`, the square stays at zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Momentum {
    /// Step size.
    #[garde(custom(range::learning_rate))]
    pub learning_rate: f64,
    /// Share of the last direction that is kept; may be negative.
    #[garde(custom(range::momentum))]
    pub momentum: f64,
}

impl Optimizer for Momentum {
    type State = AdamState;

    fn init(&self, params: &Params) -> AdamState {
        AdamState::new(params)
    }

    fn update(&self, params: &Tensor, gradient: &Tensor, state: &AdamState) -> (Tensor, AdamState) {
        let mean = &state.mean * self.momentum + gradient;
        let moved = params - &mean * self.learning_rate;
        (moved, AdamState { mean, square: state.square.shallow_clone(), steps: state.steps + 1 })
    }
}
