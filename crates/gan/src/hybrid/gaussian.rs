//! What a variational auto-encoder's normal laws cost, in nats.

use tch::Tensor;

use super::sum;

/// Returns `KL(N(mean, exp(log_deviation)^2) || N(0, I))` of each row.
///
/// # Shapes
/// Both `[members, batch, latent]`; result: `[members, batch, 1]`.
///
/// # Source
/// Kingma and Welling 2013, appendix B.
pub fn divergence(mean: &Tensor, log_deviation: &Tensor) -> Tensor {
    let variance = (log_deviation * 2.0).exp();
    sum(&(mean.square() + variance - log_deviation * 2.0 - 1.0)) * 0.5
}

/// Returns `-ln N(x; mean, exp(log_deviation)^2)` of each row.
///
/// # Shapes
/// `x`, `mean`: `[members, batch, dim]`; `log_deviation`: such that it broadcasts; result: `[members, batch, 1]`.
pub fn surprise(x: &Tensor, mean: &Tensor, log_deviation: &Tensor) -> Tensor {
    let residual = (x - mean) * (-log_deviation).exp();
    sum(&((residual.square() + std::f64::consts::TAU.ln()) * 0.5 + log_deviation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::hybrid::testing::has_its_gradient;
    use approx::assert_abs_diff_eq;
    use tch::{Device, Kind};

    /// `KL = E_q (ln q - ln p)`, by quadrature.
    #[test]
    fn divergence_by_quadrature() {
        const STEP: f64 = 1e-3;
        let (mean, log_deviation) = (0.7, -0.4);
        let number = |x: f64| Tensor::from_slice(&[x]).reshape([1, 1, 1]);
        let z = Tensor::arange(16_000, (Kind::Double, Device::Cpu)) * STEP - 8.0;
        let z = z.reshape([1, -1, 1]);
        let of_q = surprise(&z, &number(mean), &number(log_deviation));
        let of_p = surprise(&z, &number(0.0), &number(0.0));
        let integral = ((-&of_q).exp() * (of_p - of_q)).sum(Kind::Double) * STEP;
        let closed = to_vec(&divergence(&number(mean), &number(log_deviation)))[0];
        assert_abs_diff_eq!(integral.double_value(&[]), closed, epsilon = 1e-9);
    }

    #[test]
    fn gradients() {
        has_its_gradient(|x| divergence(x, &(x * 0.5)));
        has_its_gradient(|x| surprise(&x.cos(), x, &(x * 0.5)));
    }
}
