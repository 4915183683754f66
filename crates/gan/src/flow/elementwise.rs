//! Bijectors that act on each coordinate alone.

use tch::Tensor;

use super::{Bijector, sum_features};
use crate::init::Init;
use crate::params::Spec;

/// `x_i = z_i exp(s_i)` with learned `s`, which starts at zero (Dinh et al. 2014, section 3.3).
#[derive(Clone, Debug)]
pub struct Scale {
    /// Number of coordinates.
    pub dim: i64,
}

impl Bijector for Scale {
    fn specs(&self) -> Vec<Spec> {
        vec![Spec { name: "log_scale".into(), shape: vec![1, self.dim], init: Init::Zeros }]
    }

    fn forward_and_log_det(&self, params: &[Tensor], z: &Tensor) -> (Tensor, Tensor) {
        (z * params[0].exp(), sum_features(&params[0]))
    }

    fn inverse_and_log_det(&self, params: &[Tensor], x: &Tensor) -> (Tensor, Tensor) {
        (x * (-&params[0]).exp(), -sum_features(&params[0]))
    }
}

/// From the real line to pixels in the unit interval: `x = (sigmoid(z) - alpha) / (1 - 2 alpha)`.
///
/// Its inverse is the logit of `alpha + (1 - 2 alpha) x`, which stays finite at 0 and 1. Samples may
/// lie outside the interval by at most `alpha / (1 - 2 alpha)`.
///
/// # Source
/// Dinh et al. 2016, section 4.1, as in the released code (symmetric).
#[derive(Clone, Debug)]
pub struct LogitPixels {
    /// Distance kept from 0 and 1; zero for data that never reaches them, which pixels in single precision do.
    pub alpha: f64,
}

impl LogitPixels {
    /// `ln |d logit / dx|` at the logit `y`: `ln(1 - 2 alpha) - ln sigmoid(y) - ln sigmoid(-y)`.
    fn inverse_log_det(&self, y: &Tensor) -> Tensor {
        sum_features(&(y.softplus() + (-y).softplus() + (1.0 - 2.0 * self.alpha).ln()))
    }
}

impl Bijector for LogitPixels {
    fn specs(&self) -> Vec<Spec> {
        Vec::new()
    }

    fn forward_and_log_det(&self, params: &[Tensor], z: &Tensor) -> (Tensor, Tensor) {
        (self.forward(params, z), -self.inverse_log_det(z))
    }

    fn forward(&self, _: &[Tensor], z: &Tensor) -> Tensor {
        (z.sigmoid() - self.alpha) / (1.0 - 2.0 * self.alpha)
    }

    fn inverse_and_log_det(&self, _: &[Tensor], x: &Tensor) -> (Tensor, Tensor) {
        let y = (x * (1.0 - 2.0 * self.alpha) + self.alpha).logit(None::<f64>);
        let log_det = self.inverse_log_det(&y);
        (y, log_det)
    }
}
