//! Densities of codes.

use tch::{Kind, Tensor};

/// `ln p(z)` of the prior at rows `[rows, latent]`.
pub(crate) fn log_prior(z: &Tensor) -> Tensor {
    let squares = z.square().sum_dim_intlist([1i64].as_slice(), false, None::<Kind>);
    squares * -0.5 - z.size()[1] as f64 / 2.0 * std::f64::consts::TAU.ln()
}

/// `ln 1/N sum_n N(z; mean_n, exp(log_deviation_n)^2)` at rows `[rows, latent]`.
pub(crate) fn log_mixture(z: &Tensor, [mean, log_deviation]: &[Tensor; 2]) -> Tensor {
    let sum = |t: Tensor| t.sum_dim_intlist([1i64].as_slice(), false, None::<Kind>);
    let precision = (log_deviation * -2.0).exp();
    let constant = sum(mean.square() * &precision + log_deviation * 2.0)
        + mean.size()[1] as f64 * std::f64::consts::TAU.ln();
    let (across, squares) = ((mean * &precision).tr(), precision.tr());
    // A matrix of this many numbers at a time.
    let chunk = (8_000_000 / mean.size()[0]).max(1);
    let of_chunk = |z: Tensor| {
        let distance = z.square().matmul(&squares) - z.matmul(&across) * 2.0 + &constant;
        (distance * -0.5).logsumexp([1i64].as_slice(), false)
    };
    let chunks: Vec<Tensor> = z.split(chunk, 0).into_iter().map(of_chunk).collect();
    Tensor::cat(&chunks, 0) - (mean.size()[0] as f64).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use gan::device::to_vec;

    /// One component: a normal density.
    #[test]
    fn a_mixture_of_one_is_normal() {
        let row = |a: f64, b: f64| Tensor::from_slice(&[a, b]).unsqueeze(0);
        let law = [row(0.5, -1.0), row(0.2, -0.3)];
        let exact =
            -(0.5f64 / 0.2f64.exp()).powi(2) / 2.0 - (1.0f64 / (-0.3f64).exp()).powi(2) / 2.0 - 0.2
                + 0.3
                - std::f64::consts::TAU.ln();
        let twice = law.each_ref().map(|t| Tensor::cat(&[t, t], 0));
        for law in [law, twice] {
            assert_abs_diff_eq!(
                to_vec(&log_mixture(&row(0.0, 0.0), &law))[0],
                exact,
                epsilon = 1e-9
            );
        }
    }

    #[test]
    fn the_prior_is_a_mixture_of_one() {
        let z = gan::rng::double(&[0]).normal(&[5, 3]).squeeze_dim(0);
        let zero = z.zeros_like().narrow(0, 0, 1);
        let mixture = log_mixture(&z, &[zero.shallow_clone(), zero]);
        assert!(mixture.allclose(&log_prior(&z), 1e-12, 1e-12, false));
    }
}
