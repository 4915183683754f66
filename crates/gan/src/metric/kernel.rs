//! The kernel distance between features.

use tch::{Kind, Tensor};

/// Returns the unbiased squared maximum mean discrepancy under the kernel `(x . y / dim + 1)^3`, one per member: zero in the
/// mean for samples of one law, and often below it.
///
/// # Shapes
/// `x`: `[members, n, dim]`; `y`: `[members, m, dim]`; result: `[members]`.
///
/// # Source
/// Binkowski et al. 2018 (1801.01401), there of Inception's features.
pub fn kernel_distance(x: &Tensor, y: &Tensor) -> Tensor {
    let _guard = tch::no_grad_guard();
    let [x, y] = [x, y].map(|t| t.to_kind(Kind::Double));
    let dim = x.size()[2] as f64;
    let kernel =
        |x: &Tensor, y: &Tensor| (x.matmul(&y.transpose(1, 2)) / dim + 1.0).pow_tensor_scalar(3.0);
    let sum = |k: &Tensor| k.sum_dim_intlist([1i64, 2].as_slice(), false, None::<Kind>);
    let own = |x: &Tensor| {
        let (k, n) = (kernel(x, x), x.size()[1] as f64);
        let same = k.diagonal(0, 1, 2).sum_dim_intlist([1i64].as_slice(), false, None::<Kind>);
        (sum(&k) - same) / (n * (n - 1.0))
    };
    let across = sum(&kernel(&x, &y)) / (x.size()[1] * y.size()[1]) as f64;
    own(&x) + own(&y) - across * 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    /// Points 0, 1 against 1, 2: 1 + 27 - 2 (1 + 1 + 8 + 27) / 4.
    #[test]
    fn by_hand() {
        let points = |x: &[f64]| Tensor::from_slice(x).reshape([1, -1, 1]);
        let found = to_vec(&kernel_distance(&points(&[0.0, 1.0]), &points(&[1.0, 2.0])))[0];
        assert_abs_diff_eq!(found, 9.5, epsilon = 1e-12);
    }

    /// 200 pairs of samples of one law: the mean is zero to four standard errors.
    #[test]
    fn is_unbiased() {
        let seeds: Vec<u64> = (0..200).collect();
        let mut rng = double(&seeds);
        let values = to_vec(&kernel_distance(&rng.normal(&[20, 3]), &rng.normal(&[30, 3])));
        let mean = values.iter().sum::<f64>() / 200.0;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 199.0;
        assert!(mean.abs() < 4.0 * (variance / 200.0).sqrt(), "{mean}");
        assert!(values.iter().any(|x| *x < 0.0), "it is never negative");
    }
}
