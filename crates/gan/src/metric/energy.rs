//! The energy distance between samples.

use tch::{Kind, Tensor};

/// Returns the energy distance `2 E|X - Y| - E|X - X'| - E|Y - Y'|` between the empirical laws of two samples,
/// one per member: zero for equal samples only, in the unit of the points.
///
/// Every point pairs with itself too, so that the distance is never negative; between samples of one law it is
/// then about `(E|X - X'|) (1/n + 1/m)`.
///
/// # Shapes
/// `x`: `[members, n, dim]`; `y`: `[members, m, dim]`; result: `[members]`.
///
/// # Source
/// Szekely and Rizzo 2013.
///
/// # Examples
/// ```
/// use gan::Rng;
/// use gan::metric::energy_distance;
///
/// let x = Rng::new(&[0]).normal(&[500, 2]);
/// assert_eq!(energy_distance(&x, &x).double_value(&[0]), 0.0);
/// assert!(energy_distance(&x, &(&x + 1.0)).double_value(&[0]) > 0.5);
/// ```
pub fn energy_distance(x: &Tensor, y: &Tensor) -> Tensor {
    let _guard = tch::no_grad_guard();
    let mean = |x: &Tensor, y: &Tensor| {
        Tensor::cdist(x, y, 2.0, 2).mean_dim([1i64, 2].as_slice(), false, Kind::Double)
    };
    (mean(x, y) * 2.0 - mean(x, x) - mean(y, y)).clamp_min(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    /// Points at 0 and points at d: `2 d`. In one dimension it is twice the integral of the squared difference
    /// of the distribution functions: {0, 1} against {0, 3} gives 2 (1/4 * 2) = 1.
    #[test]
    fn by_hand() {
        let points = |x: &[f64]| Tensor::from_slice(x).reshape([1, -1, 1]);
        let distance = |x: &[f64], y: &[f64]| to_vec(&energy_distance(&points(x), &points(y)))[0];
        assert_abs_diff_eq!(distance(&[0.0, 0.0], &[3.0]), 6.0, epsilon = 1e-12);
        assert_abs_diff_eq!(distance(&[0.0, 1.0], &[0.0, 3.0]), 1.0, epsilon = 1e-12);
        assert_abs_diff_eq!(distance(&[0.0, 1.0], &[1.0, 0.0]), 0.0, epsilon = 1e-12);
    }

    /// Rotations and shifts of both samples change nothing.
    #[test]
    fn is_invariant_under_rigid_motions() {
        let (x, y) = (double(&[0, 1]).normal(&[30, 3]), double(&[2, 3]).normal(&[20, 3]) + 0.5);
        let (turn, _) = Tensor::linalg_qr(&double(&[4]).normal(&[3, 3]), "reduced");
        let moved = |x: &Tensor| x.matmul(&turn) + 5.0;
        let (before, after) = (energy_distance(&x, &y), energy_distance(&moved(&x), &moved(&y)));
        for (before, after) in to_vec(&before).iter().zip(to_vec(&after)) {
            assert_abs_diff_eq!(*before, after, epsilon = 1e-9);
        }
    }
}
