//! Fixed orders of the coordinates.

use tch::Tensor;

use super::{Bijector, no_volume};
use crate::params::Spec;

/// A permutation of the coordinates: `x_i = z_{order[i]}`.
#[derive(Clone, Debug)]
pub struct Permute {
    order: Vec<i64>,
    inverse: Vec<i64>,
}

impl Permute {
    /// Returns the permutation whose inverse puts even coordinates first, then odd ones: neighbouring
    /// pixels fall into different halves of a coupling (the split of Dinh et al. 2014, section 5.1).
    pub fn even_odd(dim: i64) -> Self {
        Self::of_inverse((0..dim).step_by(2).chain((1..dim).step_by(2)).collect())
    }

    /// Returns the permutation whose inverse takes coordinate `inverse[i]` to place `i`.
    pub(super) fn of_inverse(inverse: Vec<i64>) -> Self {
        let mut order = vec![0; inverse.len()];
        for (position, &coordinate) in inverse.iter().enumerate() {
            order[coordinate as usize] = position as i64;
        }
        Self { order, inverse }
    }
}

fn take(x: &Tensor, order: &[i64]) -> (Tensor, Tensor) {
    let index = Tensor::from_slice(order).to_device(x.device());
    (x.index_select(2, &index), no_volume(x))
}

impl Bijector for Permute {
    fn specs(&self) -> Vec<Spec> {
        Vec::new()
    }

    fn forward_and_log_det(&self, _: &[Tensor], z: &Tensor) -> (Tensor, Tensor) {
        take(z, &self.order)
    }

    fn inverse_and_log_det(&self, _: &[Tensor], x: &Tensor) -> (Tensor, Tensor) {
        take(x, &self.inverse)
    }
}
