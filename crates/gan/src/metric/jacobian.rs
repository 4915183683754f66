//! The spectrum of a generator's Jacobian.

use tch::{Kind, Tensor};

use crate::finite::of_finite;
use crate::{Graph, grad};

/// Returns the singular values of the Jacobian of `f` at each latent, largest first.
///
/// Do it in double precision: in single precision values below 1e-7 of the largest are noise.
///
/// # Shapes
/// `z`: `[members, n, inputs]`; `f` maps it to `[members, n, outputs]`, each row alone; result:
/// `[members, n, min(inputs, outputs)]`, NaN where a Jacobian is not finite.
pub fn singular_values(f: impl Fn(&Tensor) -> Tensor, z: &Tensor) -> Tensor {
    let z = z.detach().copy().set_requires_grad(true);
    let x = f(&z);
    // Rows do not depend on each other, so one backward pass gives an output's gradient in all of them.
    let row = |i: i64| grad(&x.select(2, i), &[z.shallow_clone()], Graph::Retain).remove(0);
    let rows: Vec<Tensor> = (0..x.size()[2]).map(row).collect();
    // tch cannot leave out the driver that `linalg_svdvals` must not be given on a CPU.
    of_finite(&Tensor::stack(&rows, 2).to_kind(Kind::Double), |jacobian| {
        jacobian.svd(true, false).1
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    /// `x = tanh(z A)` at 0 has the Jacobian `A^T`: the singular values of a matrix with orthogonal rows
    /// of lengths 3 and 2.
    #[test]
    fn of_a_linear_map_seen_through_tanh() {
        let a = Tensor::from_slice(&[3.0f64, 0.0, 0.0, 0.0, 0.0, 2.0]).reshape([2, 3]);
        let z = double(&[0, 1]).normal(&[4, 2]) * 0.0;
        let values = singular_values(|z| z.matmul(&a).tanh(), &z);
        assert_eq!(values.size(), [2, 4, 2]);
        for pair in to_vec(&values).chunks(2) {
            assert_abs_diff_eq!(pair[0], 3.0, epsilon = 1e-12);
            assert_abs_diff_eq!(pair[1], 2.0, epsilon = 1e-12);
        }
    }
}
