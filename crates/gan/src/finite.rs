//! Matrices that are numbers, told from others before a decomposition, which panics on those for a whole stack.

use tch::Tensor;

/// Returns what a decomposition makes of matrices, and NaN where one is not finite. The others keep their bits: a
/// decomposition takes one matrix of a stack at a time.
///
/// # Shapes
/// `matrices`: `[.., rows, columns]`; the result has the same leading axes.
pub fn of_finite(matrices: &Tensor, decompose: impl FnOnce(&Tensor) -> Tensor) -> Tensor {
    let finite = matrices.isfinite().flatten(-2, -1).all_dim(-1, false);
    if finite.all().int64_value(&[]) == 1 {
        return decompose(matrices);
    }
    let size = matrices.size();
    let [rows, columns] = [size[size.len() - 2], size[size.len() - 1]];
    // Anything that has every decomposition will do.
    let identity = Tensor::eye_m(rows, columns, (matrices.kind(), matrices.device()));
    let over = |axes: usize| {
        let trailing = std::iter::repeat_n(1, axes - finite.dim());
        finite.reshape(finite.size().into_iter().chain(trailing).collect::<Vec<_>>())
    };
    let result = decompose(&matrices.where_self(&over(size.len()), &identity));
    let nothing = result.full_like(f64::NAN);
    result.where_self(&over(result.dim()), &nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;
    use crate::device::to_vec;
    use crate::metric::{Moments, singular_values};
    use crate::ratio::{Features, LogisticRatio, SparseRatio};
    use crate::rng::double;

    /// What a function of a stack makes of three members, of which the middle one is replaced by no numbers.
    fn with_one_lost(x: &Tensor, of: impl Fn(&Tensor) -> Tensor) {
        let whole = of(x);
        for lost in [f64::NAN, f64::INFINITY] {
            let broken = x.copy();
            let _ = broken.select(0, 1).flatten(0, -1).narrow(0, 0, 1).fill_(lost);
            let found = of(&broken);
            assert_eq!(found.size(), whole.size());
            assert!(to_vec(&found.select(0, 1)).iter().any(|x| x.is_nan()), "{found:?}");
            for member in [0, 2] {
                let bits = |t: &Tensor| -> Vec<u64> {
                    to_vec(&t.select(0, member)).into_iter().map(f64::to_bits).collect()
                };
                assert_eq!(bits(&found), bits(&whole), "member {member} beside {lost}");
            }
        }
        let none = of(&x.full_like(f64::NAN));
        assert!((0..3).all(|i| to_vec(&none.select(0, i)).iter().any(|x| x.is_nan())));
    }

    fn normal(shape: &[i64]) -> Tensor {
        let mut rng: Rng = double(&[0, 1, 2]);
        rng.normal(shape)
    }

    #[test]
    fn a_frechet_distance_is_lost_alone() {
        let other = Moments::of(&double(&[7]).normal(&[50, 4]));
        with_one_lost(&normal(&[60, 4]), |x| Moments::of(x).frechet(&other));
        with_one_lost(&normal(&[60, 4]), |x| other.frechet(&Moments::of(x)));
    }

    /// Numbers whose products are none: the moments are finite, the product of covariances is not.
    #[test]
    fn moments_that_overflow_are_lost_alone() {
        let x = normal(&[60, 4]);
        let whole = Moments::of(&x).frechet(&Moments::of(&x));
        let _ = x.select(0, 1).g_mul_scalar_(1e120);
        let found = to_vec(&Moments::of(&x).frechet(&Moments::of(&x)));
        assert!(!found[1].is_finite(), "{found:?}");
        assert_eq!([found[0], found[2]].map(f64::to_bits), {
            let whole = to_vec(&whole);
            [whole[0], whole[2]].map(f64::to_bits)
        });
    }

    #[test]
    fn singular_values_are_lost_alone() {
        with_one_lost(&normal(&[5, 3]), |z| {
            let a = double(&[4]).normal(&[3, 4]);
            singular_values(|z| z.matmul(&a).square(), z)
        });
    }

    #[test]
    fn a_sparse_ratio_is_lost_alone() {
        let other = double(&[3, 4, 5]).normal(&[40, 2]);
        with_one_lost(&normal(&[40, 2]), |x| SparseRatio::fit((x, &other), &[1e-2, 1e-3]).weights);
    }

    #[test]
    fn a_logistic_ratio_of_no_numbers_is_none() {
        let x = normal(&[20, 2]).select(0, 0);
        let ratio = LogisticRatio::fit(Features::Linear, (&x.full_like(f64::NAN), &x));
        assert!(to_vec(&ratio.weights).iter().all(|weight| weight.is_nan()));
    }

    #[test]
    fn other_decompositions_are_lost_alone() {
        let symmetric = |x: &Tensor| x.matmul(&x.transpose(1, 2));
        with_one_lost(&normal(&[3, 3]), |x| of_finite(&symmetric(x), |m| m.linalg_cholesky(false)));
        with_one_lost(&normal(&[3, 3]), |x| of_finite(x, Tensor::inverse));
    }
}
