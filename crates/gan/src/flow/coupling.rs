//! Coupling layers: NICE and Real NVP.

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Bijector, no_volume, sum_features};
use crate::init::Init;
use crate::params::Spec;
use crate::{Mlp, Net};

/// Whether a coupling scales as well as shifts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Affine {
    /// `x2 = z2 + t(z1)`: NICE (Dinh et al. 2014, section 3.2). Its log-determinant is zero.
    Additive,
    /// `x2 = z2 exp(s) + t`, `s = c tanh(.)` with one learned `c` per coordinate, which starts at
    /// zero: Real NVP (Dinh et al. 2016, equation 7).
    Affine,
}

/// Half of the coordinates pass; the others move by functions of those that pass.
#[derive(Clone, Debug)]
pub struct Coupling {
    kind: Affine,
    dim: i64,
    first_half_passes: bool,
    net: Mlp,
}

impl Coupling {
    /// Returns a coupling over `dim` coordinates whose net has these hidden widths.
    ///
    /// The last layer of the net starts small, so that the flow starts near the identity.
    ///
    /// # Panics
    /// If `dim` is odd.
    pub fn new(kind: Affine, dim: i64, first_half_passes: bool, hidden: &[i64]) -> Self {
        assert!(dim % 2 == 0, "a coupling splits an even number of coordinates, got {dim}");
        let outputs = if kind == Affine::Affine { dim } else { dim / 2 };
        let widths = [&[dim / 2], hidden, &[outputs]].concat();
        let net = Mlp::new(&widths, crate::Activation::Relu).with_last_init(Init::Normal(1e-3));
        Self { kind, dim, first_half_passes, net }
    }

    /// Returns the same coupling whose net standardises by batch, as [`Mlp::standardise`] says.
    pub fn with_batch_statistics(mut self) -> Self {
        self.net.standardise = true;
        self
    }

    /// Returns (what passes, what moves).
    fn split(&self, x: &Tensor) -> (Tensor, Tensor) {
        let half = self.dim / 2;
        let (first, second) = (x.narrow(2, 0, half), x.narrow(2, half, half));
        if self.first_half_passes { (first, second) } else { (second, first) }
    }

    fn join(&self, passed: &Tensor, moved: &Tensor) -> Tensor {
        let parts = if self.first_half_passes { [passed, moved] } else { [moved, passed] };
        Tensor::cat(&parts, 2)
    }

    /// Returns the shift, and the log scale where there is one, as functions of what passes.
    fn shift_and_log_scale(&self, params: &[Tensor], passed: &Tensor) -> (Tensor, Option<Tensor>) {
        match self.kind {
            Affine::Additive => (self.net.forward(params, passed), None),
            Affine::Affine => {
                let (net, bound) = params.split_at(params.len() - 1);
                let outputs = self.net.forward(net, passed);
                let half = self.dim / 2;
                let log_scale = outputs.narrow(2, half, half).tanh() * &bound[0];
                (outputs.narrow(2, 0, half), Some(log_scale))
            }
        }
    }
}

impl Bijector for Coupling {
    fn specs(&self) -> Vec<Spec> {
        let mut specs = self.net.specs("net.");
        if self.kind == Affine::Affine {
            let shape = vec![1, self.dim / 2];
            specs.push(Spec { name: "scale_bound".into(), shape, init: Init::Zeros });
        }
        specs
    }

    fn forward_and_log_det(&self, params: &[Tensor], z: &Tensor) -> (Tensor, Tensor) {
        let (passed, moving) = self.split(z);
        match self.shift_and_log_scale(params, &passed) {
            (shift, None) => (self.join(&passed, &(moving + shift)), no_volume(z)),
            (shift, Some(log_scale)) => {
                let moved = moving * log_scale.exp() + shift;
                (self.join(&passed, &moved), sum_features(&log_scale))
            }
        }
    }

    fn inverse_and_log_det(&self, params: &[Tensor], x: &Tensor) -> (Tensor, Tensor) {
        let (passed, moving) = self.split(x);
        match self.shift_and_log_scale(params, &passed) {
            (shift, None) => (self.join(&passed, &(moving - shift)), no_volume(x)),
            (shift, Some(log_scale)) => {
                let moved = (moving - shift) * (-&log_scale).exp();
                (self.join(&passed, &moved), -sum_features(&log_scale))
            }
        }
    }

    fn mixes_samples(&self) -> bool {
        self.net.mixes_samples()
    }
}
