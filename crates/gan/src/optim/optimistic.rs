//! Optimistic descent.

use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{AdamState, Optimizer};
use crate::{Params, range};

/// Optimistic mirror descent in its Euclidean form, `theta' = theta - 2 rate * gradient + rate * last gradient`
/// (Daskalakis et al. 2018, 1711.00141). Before the first step the last gradient is the first: two equal iterates.
///
/// Its state is Adam's: the mean is the last gradient, the square stays at zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Optimistic {
    /// Step size.
    #[garde(custom(range::learning_rate))]
    pub learning_rate: f64,
}

impl Optimizer for Optimistic {
    type State = AdamState;

    fn init(&self, params: &Params) -> AdamState {
        AdamState::new(params)
    }

    fn update(&self, params: &Tensor, gradient: &Tensor, state: &AdamState) -> (Tensor, AdamState) {
        let last = if state.steps == 0 { gradient } else { &state.mean };
        let moved = params - (gradient * 2.0 - last) * self.learning_rate;
        let mean = gradient.shallow_clone();
        (moved, AdamState { mean, square: state.square.shallow_clone(), steps: state.steps + 1 })
    }

    fn step(&self, params: &mut Params, gradient: &Tensor, state: &mut AdamState) {
        let _guard = tch::no_grad_guard();
        // A copy: the gradient may be a view of what the next step overwrites.
        let (moved, next) = self.update(&params.flat().detach(), &gradient.detach().copy(), state);
        params.set(&moved);
        *state = next;
    }
}
