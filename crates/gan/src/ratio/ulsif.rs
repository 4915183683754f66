//! Unconstrained least-squares importance fitting.

use tch::{Kind, Tensor};

use super::{Basis, KernelRatio};
use crate::finite::of_finite;

/// A least-squares fit, and how it was chosen.
#[derive(Debug)]
pub struct Ulsif {
    /// The ratio.
    pub ratio: KernelRatio,
    /// The ridge, lambda.
    pub ridge: f64,
    /// Its leave-one-out score, an estimate of `E_q r^2 / 2 - E_p r`.
    pub score: f64,
}

/// Fits a ratio of kernels by least squares; bandwidth and ridge are those of the least leave-one-out score.
///
/// # Shapes
/// `numerator`: `[n, dim]`; `denominator`: `[m, dim]`; `centres`: `[kernels, dim]`.
///
/// # Panics
/// If a side has fewer than two rows or there is nothing to choose from.
///
/// # Source
/// Kanamori, Hido and Sugiyama 2009.
pub fn ulsif(
    (numerator, denominator): (&Tensor, &Tensor),
    centres: &Tensor,
    bandwidths: &[f64],
    ridges: &[f64],
) -> Ulsif {
    let _guard = tch::no_grad_guard();
    let rows = [numerator, denominator].map(|x| x.size()[0]);
    assert!(rows.iter().all(|rows| *rows > 1), "a score leaves one row out: {rows:?} are too few");
    let mut best: Option<Ulsif> = None;
    for &bandwidth in bandwidths {
        let basis = Basis { centres: centres.shallow_clone(), bandwidth };
        let fit = Fit::new(basis.at(numerator), basis.at(denominator));
        for &ridge in ridges {
            let score = fit.leave_one_out(ridge);
            if best.as_ref().is_none_or(|best| score < best.score) {
                let basis = Basis { centres: centres.shallow_clone(), bandwidth };
                best = Some(Ulsif {
                    ratio: KernelRatio { basis, weights: fit.weights(ridge) },
                    ridge,
                    score,
                });
            }
        }
    }
    best.expect("a bandwidth and a ridge to choose from")
}

/// Kernels at the samples, `[n, kernels]` and `[m, kernels]`, and their moments.
struct Fit {
    p: Tensor,
    q: Tensor,
    /// Second moments under `q`, `[kernels, kernels]`.
    second: Tensor,
    /// Means under `p`, `[kernels, 1]`.
    mean: Tensor,
}

impl Fit {
    fn new(p: Tensor, q: Tensor) -> Self {
        let second = q.tr().matmul(&q) / q.size()[0] as f64;
        let mean = p.mean_dim([0i64].as_slice(), false, None::<Kind>).unsqueeze(1);
        Self { p, q, second, mean }
    }

    /// The weights `max(0, (H + ridge I)^-1 h)`, `H` and `h` the kernels' second moments under `q` and means under
    /// `p`.
    fn weights(&self, ridge: f64) -> Tensor {
        solve(&self.second, ridge, &self.mean).squeeze_dim(1).clamp_min(0.0)
    }

    /// The score without refitting: by the Sherman-Morrison formula each solution without the i-th sample of both
    /// sides is a change of rank one.
    fn leave_one_out(&self, ridge: f64) -> f64 {
        let Self { p, q, second, mean } = self;
        let (n, m) = (p.size()[0] as f64, q.size()[0] as f64);
        let pairs = p.size()[0].min(q.size()[0]);
        // Columns are samples, as in the paper.
        let (p, q) = (p.narrow(0, 0, pairs).tr(), q.narrow(0, 0, pairs).tr());
        let right = Tensor::cat(&[mean, &q, &p], 1);
        let solved = solve(second, ridge * (m - 1.0) / m, &right);
        let [by_mean, by_q, by_p] =
            <[Tensor; 3]>::try_from(solved.split_with_sizes([1, pairs, pairs], 1))
                .expect("three parts");
        let sum = |x: &Tensor| x.sum_dim_intlist([0i64].as_slice(), true, None::<Kind>);
        let left = -sum(&(&q * &by_q)) + m;
        let mean_part = &by_mean + &by_q * (mean.tr().matmul(&by_q) / &left);
        let own_part = &by_p + &by_q * (sum(&(&p * &by_q)) / &left);
        let weights = ((mean_part * n - own_part) * ((m - 1.0) / (m * (n - 1.0)))).clamp_min(0.0);
        let mean_of = |x: Tensor| x.mean(Kind::Double).double_value(&[]);
        mean_of(sum(&(&q * &weights)).square()) / 2.0 - mean_of(sum(&(&p * &weights)))
    }
}

fn solve(matrix: &Tensor, ridge: f64, right: &Tensor) -> Tensor {
    let size = matrix.size()[0];
    let eye = Tensor::eye(size, (matrix.kind(), matrix.device()));
    of_finite(&(matrix + eye * ridge), |matrix| Tensor::linalg_solve(matrix, right, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    #[test]
    #[should_panic(expected = "leaves one row out")]
    fn one_row_is_too_few() {
        let (p, q) = samples();
        ulsif((&p.narrow(0, 0, 1), &q), &p, &[1.0], &[0.1]);
    }

    fn samples() -> (Tensor, Tensor) {
        let p = double(&[0]).normal(&[9, 2]).squeeze_dim(0) + 0.5;
        (p, double(&[1]).normal(&[12, 2]).squeeze_dim(0))
    }

    /// The formula is what leaving out the i-th sample of both sides and fitting again gives.
    #[test]
    fn leaving_one_out_needs_no_refit() {
        let (p, q) = samples();
        let basis = Basis { centres: p.narrow(0, 0, 5), bandwidth: 1.0 };
        let (p, q) = (basis.at(&p), basis.at(&q));
        for (p, q) in [(&p, &q), (&q, &p)] {
            let pairs = p.size()[0].min(q.size()[0]);
            let without = |x: &Tensor, i: i64| {
                Tensor::cat(&[x.narrow(0, 0, i), x.narrow(0, i + 1, x.size()[0] - i - 1)], 0)
            };
            let mut score = 0.0;
            for i in 0..pairs {
                let weights = Fit::new(without(p, i), without(q, i)).weights(0.1);
                let at = |x: &Tensor| x.get(i).dot(&weights).double_value(&[]);
                score += (at(q).powi(2) / 2.0 - at(p)) / pairs as f64;
            }
            let fit = Fit::new(p.shallow_clone(), q.shallow_clone());
            assert_abs_diff_eq!(fit.leave_one_out(0.1), score, epsilon = 1e-12);
        }
    }

    /// For equal laws the ratio is 1, for N(1, 1) against N(0, 1) it is `exp(x - 1/2)`.
    #[test]
    fn finds_known_ratios() {
        let p = double(&[2]).normal(&[2000, 1]).squeeze_dim(0);
        let q = double(&[3]).normal(&[2000, 1]).squeeze_dim(0);
        let x = Tensor::from_slice(&[-1.0, 0.0, 1.0]).reshape([3, 1]);
        for (shift, tolerance) in [(0.0, 0.15), (1.0, 0.35)] {
            let p = &p + shift;
            let fit = ulsif((&p, &q), &p.narrow(0, 0, 100), &[0.3, 1.0, 2.0], &[0.001, 0.01, 0.1]);
            let error = fit.ratio.at(&x) - (x.squeeze_dim(1) * shift - shift / 2.0).exp();
            assert!(error.abs().max().double_value(&[]) < tolerance, "{shift}: {error:?}");
        }
    }
}
