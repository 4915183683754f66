//! The choice of a rule.

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Adam, AdamState, Momentum, Optimistic, Optimizer, RmsProp, Sgd};
use crate::{Params, ranges_of_variants};

/// A rule, where a configuration chooses one.
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
