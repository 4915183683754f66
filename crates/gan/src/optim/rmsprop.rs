//! `RMSProp`.

use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Adam, AdamState, Momentum, Optimistic, Optimizer, Sgd};
use crate::{Params, range, ranges_of_variants};

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

    fn step(&self, params: &mut Params, gradient: &Tensor, state: &mut AdamState) {
        let _guard = tch::no_grad_guard();
        let (moved, next) = self.update(&params.flat().detach(), &gradient.detach(), state);
        params.set(&moved);
        *state = next;
    }
}

/// The choice of a rule, where a configuration has one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Adam.
    Adam(Adam),
    /// `RMSProp`.
    RmsProp(RmsProp),
    /// Plain descent; its state stays at zero.
    Sgd(Sgd),
    /// Descent with momentum.
    Momentum(Momentum),
    /// Optimistic descent.
    Optimistic(Optimistic),
}

ranges_of_variants!(Rule, |variant, rule| match rule {
    Self::Adam(adam) => variant.inside(adam),
    Self::RmsProp(rmsprop) => variant.inside(rmsprop),
    Self::Sgd(sgd) => variant.inside(sgd),
    Self::Momentum(momentum) => variant.inside(momentum),
    Self::Optimistic(optimistic) => variant.inside(optimistic),
});

impl Optimizer for Rule {
    type State = AdamState;

    fn init(&self, params: &Params) -> AdamState {
        match self {
            Self::Adam(adam) => adam.init(params),
            Self::RmsProp(rmsprop) => rmsprop.init(params),
            Self::Sgd(_) | Self::Momentum(_) | Self::Optimistic(_) => AdamState::new(params),
        }
    }

    fn update(&self, params: &Tensor, gradient: &Tensor, state: &AdamState) -> (Tensor, AdamState) {
        match self {
            Self::Adam(adam) => adam.update(params, gradient, state),
            Self::RmsProp(rmsprop) => rmsprop.update(params, gradient, state),
            Self::Sgd(sgd) => (sgd.update(params, gradient, &()).0, state.detach()),
            Self::Momentum(momentum) => momentum.update(params, gradient, state),
            Self::Optimistic(optimistic) => optimistic.update(params, gradient, state),
        }
    }

    fn step(&self, params: &mut Params, gradient: &Tensor, state: &mut AdamState) {
        match self {
            Self::Adam(adam) => adam.step(params, gradient, state),
            Self::RmsProp(rmsprop) => rmsprop.step(params, gradient, state),
            Self::Sgd(sgd) => sgd.step(params, gradient, &mut ()),
            Self::Momentum(momentum) => momentum.step(params, gradient, state),
            Self::Optimistic(optimistic) => optimistic.step(params, gradient, state),
        }
    }
}
