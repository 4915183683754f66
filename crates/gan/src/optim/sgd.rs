//! Plain gradient descent.

use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::Optimizer;
use crate::{Params, range};

/// Gradient descent without momentum: `theta - rate * gradient`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Sgd {
    /// Step size.
    #[garde(custom(range::learning_rate))]
    pub learning_rate: f64,
}

impl Optimizer for Sgd {
    type State = ();

    fn init(&self, _: &Params) {}

    fn update(&self, params: &Tensor, gradient: &Tensor, (): &()) -> (Tensor, ()) {
        (params - gradient * self.learning_rate, ())
    }
}
