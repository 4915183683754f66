//! Scores of samples in the features and classes of a classifier.

use tch::{Kind, Tensor};

use crate::finite::of_finite;

/// Mean and covariance of features.
#[derive(Debug)]
pub struct Moments {
    mean: Tensor,
    covariance: Tensor,
}

impl Moments {
    /// Returns the moments of rows, in double precision; the covariance divides by `n - 1`.
    ///
    /// # Shapes
    /// `features`: `[members, n, dim]`.
    pub fn of(features: &Tensor) -> Self {
        let x = features.detach().to_kind(Kind::Double);
        let mean = x.mean_dim([1i64].as_slice(), true, None::<Kind>);
        let centred = x - &mean;
        let rows = centred.size()[1] as f64;
        let covariance = centred.transpose(1, 2).bmm(&centred) / (rows - 1.0);
        Self { mean: mean.squeeze_dim(1), covariance }
    }

    /// Returns the squared Frechet distance between the normal distributions of these moments,
    /// `|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))`, one per member.
    ///
    /// # Shapes
    /// `[members]`; a stack of one is compared with every member. Moments that are not finite have the distance NaN.
    ///
    /// # Source
    /// Dowson and Landau 1982; as a score of samples, Heusel et al. 2017.
    ///
    /// # Examples
    /// ```
    /// use gan::Rng;
    /// use gan::metric::Moments;
    ///
    /// // A shift by (3, 4) is a squared distance of 25.
    /// let x = Rng::new(&[0]).normal(&[1_000, 2]);
    /// let shift = tch::Tensor::from_slice(&[3f32, 4.0]);
    /// let distance = Moments::of(&x).frechet(&Moments::of(&(&x + shift)));
    /// assert!((distance.double_value(&[0]) - 25.0).abs() < 1e-3);
    /// ```
    pub fn frechet(&self, other: &Self) -> Tensor {
        let offset = (&self.mean - &other.mean).square().sum_dim_intlist(
            [1i64].as_slice(),
            false,
            None::<Kind>,
        );
        // (C1 C2)^(1/2) has the trace of (A C2 A)^(1/2), A = C1^(1/2), which is symmetric.
        let root = root(&self.covariance);
        let inner = root.matmul(&other.covariance).matmul(&root);
        let cross = of_finite(&inner, |inner| inner.linalg_eigvalsh("L")).clamp_min(0.0).sqrt();
        let trace = |c: &Tensor| {
            c.diagonal(0, -2, -1).sum_dim_intlist([-1i64].as_slice(), false, None::<Kind>)
        };
        offset + trace(&self.covariance) + trace(&other.covariance) - trace_of(&cross) * 2.0
    }
}

fn trace_of(eigenvalues: &Tensor) -> Tensor {
    eigenvalues.sum_dim_intlist([-1i64].as_slice(), false, None::<Kind>)
}

/// The root of symmetric matrices without negative eigenvalues but for rounding.
fn root(matrix: &Tensor) -> Tensor {
    of_finite(matrix, |matrix| {
        let (values, vectors) = matrix.linalg_eigh("L");
        let scaled = &vectors * values.clamp_min(0.0).sqrt().unsqueeze(-2);
        scaled.matmul(&vectors.transpose(-2, -1))
    })
}

/// Returns two scores of class probabilities, each `[members]`; higher is better, the number of classes at
/// most.
///
/// * The inception-like score `exp(E_x KL(p(y|x) | p(y)))` with the samples' own marginal `p(y)`
///   (Salimans et al. 2016; here with a classifier of the data set, so no number of that paper compares).
/// * The MODE score `exp(E_x KL(p(y|x) | p*(y)) - KL(p*(y) | p(y)))` with the data's marginal `p*` (Che et
///   al. 2017). With `KL(p(y) | p*(y))` in the place of the last term it would be the first score again.
///
/// # Shapes
/// `probabilities`: `[members, n, classes]`; `data_marginal`: `[classes]`.
pub fn class_scores(probabilities: &Tensor, data_marginal: &Tensor) -> [Tensor; 2] {
    let p = probabilities.detach().to_kind(Kind::Double);
    let data = data_marginal.to_kind(Kind::Double);
    let marginal = p.mean_dim([1i64].as_slice(), true, None::<Kind>);
    let score = |reference: &Tensor| {
        divergence(&p, reference).mean_dim([1i64].as_slice(), false, None::<Kind>)
    };
    let to_data = divergence(&data, &marginal.squeeze_dim(1));
    [score(&marginal).exp(), (score(&data) - to_data).exp()]
}

/// `KL(p | q)` over the last axis, with `0 ln 0 = 0`.
fn divergence(p: &Tensor, q: &Tensor) -> Tensor {
    const TINY: f64 = 1e-12;
    let ratio = (p + TINY).log() - (q + TINY).log();
    (p * ratio).sum_dim_intlist([-1i64].as_slice(), false, None::<Kind>)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    /// For commuting covariances the distance is `|m1 - m2|^2 + sum (s1 - s2)^2`.
    #[test]
    fn frechet_of_axis_aligned_normals() {
        let moments = |mean: [f64; 2], deviations: [f64; 2]| Moments {
            mean: Tensor::from_slice(&mean).unsqueeze(0),
            covariance: Tensor::from_slice(&deviations.map(|s| s * s)).diag(0).unsqueeze(0),
        };
        let (a, b) = (moments([1.0, 2.0], [3.0, 0.0]), moments([0.0, 4.0], [1.0, 2.0]));
        assert_abs_diff_eq!(to_vec(&a.frechet(&b))[0], 5.0 + 4.0 + 4.0, epsilon = 1e-9);
        assert_abs_diff_eq!(to_vec(&b.frechet(&a))[0], 13.0, epsilon = 1e-9);
    }

    /// The distance does not change when both sets are rotated and shifted, and is zero to itself.
    #[test]
    fn frechet_is_invariant_under_rigid_motions() {
        let (x, y) = (double(&[0]).normal(&[50, 3]), double(&[1]).normal(&[40, 3]) * 2.0 + 1.0);
        let (turn, _) = Tensor::linalg_qr(&double(&[2]).normal(&[3, 3]), "reduced");
        let moved = |x: &Tensor| Moments::of(&(x.matmul(&turn) + 5.0));
        let before = to_vec(&Moments::of(&x).frechet(&Moments::of(&y)))[0];
        assert_abs_diff_eq!(to_vec(&moved(&x).frechet(&moved(&y)))[0], before, epsilon = 1e-8);
        assert_abs_diff_eq!(to_vec(&moved(&x).frechet(&moved(&x)))[0], 0.0, epsilon = 1e-6);
    }

    /// Certain and balanced: both scores are the number of classes. All of one class: the inception-like
    /// score is 1, and the MODE score is `exp(ln 2 - KL(p* | p))`, near zero.
    #[test]
    fn class_scores_at_their_ends() {
        let uniform = Tensor::from_slice(&[0.5f64, 0.5]);
        let both = Tensor::from_slice(&[1.0f64, 0.0, 0.0, 1.0]).reshape([1, 2, 2]);
        for score in class_scores(&both, &uniform) {
            assert_abs_diff_eq!(to_vec(&score)[0], 2.0, epsilon = 1e-9);
        }
        let one = Tensor::from_slice(&[1.0f64, 0.0, 1.0, 0.0]).reshape([1, 2, 2]);
        let [inception, mode] = class_scores(&one, &uniform);
        assert_abs_diff_eq!(to_vec(&inception)[0], 1.0, epsilon = 1e-9);
        assert!(to_vec(&mode)[0] < 1e-4);
    }
}
