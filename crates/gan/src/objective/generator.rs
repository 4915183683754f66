//! What a generator can minimise once a critic knows the log-ratio.

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Divergence, mean};

/// A loss of the log-ratio `s = ln p / q` at the generator's samples, the critic standing still.
///
/// # Source
/// Mohamed and Lakshminarayanan 2016 (1610.03483), equations 8, 12, 23 and 25; Sonderby et al. 2016.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GeneratorLoss {
    /// `E ln(1 - D)`: follows twice the Jensen-Shannon divergence, and saturates.
    Minimax,
    /// `-E ln D`: follows `KL(q || p) - 2 JSD`.
    NonSaturating,
    /// `-E ln r`: follows `KL(q || p)`.
    LogRatio,
    /// `-E f*(f'(r))`: follows the divergence (equation 12).
    Variational(Divergence),
    /// `E f(r)` (equation 23): the divergence as a value. Its gradient with the ratio frozen lacks a term and
    /// points away from the data for Kullback and Leibler's, Pearson's, Hellinger's, Jeffreys', and Jensen and Shannon's.
    FrozenRatio(Divergence),
    /// `E r f'(r)` (equation 25), as printed.
    Bregman(Divergence),
}

impl GeneratorLoss {
    /// Returns the loss, one value per member.
    ///
    /// # Shapes
    /// `s`: log-ratios at fake samples, `[members, batch, 1]`; result: `[members]`.
    pub fn value(self, s: &Tensor) -> Tensor {
        mean(&match self {
            Self::Minimax => -s.softplus(),
            Self::NonSaturating => (-s).softplus(),
            Self::LogRatio => -s,
            Self::Variational(f) => -f.conjugate(&f.optimal_output(s)),
            Self::FrozenRatio(f) => f.f(s),
            Self::Bregman(f) => s.exp() * f.derivative(s),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Graph, grad};
    use approx::assert_relative_eq;
    use tch::{Device, Kind};

    /// The derivative by `theta` of a loss with `q = N(theta, 1)`, `p = N(0, 1)` and the exact ratio frozen, by
    /// quadrature.
    fn slope(loss: GeneratorLoss, theta: f64) -> f64 {
        const STEP: f64 = 1e-3;
        let z = Tensor::arange(30_000, (Kind::Double, Device::Cpu)) * STEP - 15.0;
        let weight = (z.square() * -0.5).exp() * (STEP / std::f64::consts::TAU.sqrt());
        let shift = Tensor::from(theta).set_requires_grad(true);
        let s = (&z + &shift) * -theta + theta * theta / 2.0;
        // A member for each point, so that the loss's mean is over one.
        let each = loss.value(&s.reshape([-1, 1, 1]));
        grad(&(each * weight), &[shift], Graph::Free)[0].double_value(&[])
    }

    /// Minimax, non-saturating and log-ratio losses: the gradient dies for the first alone. Values by quadrature
    /// to four digits; the log-ratio's is theta.
    #[test]
    fn saturation() {
        for (theta, minimax, non_saturating) in [
            (0.25, 0.1231, 0.1269),
            (1.0, 0.3980, 0.6020),
            (2.0, 0.4496, 1.5504),
            (4.0, 0.1372, 3.8628),
        ] {
            let of = |loss| slope(loss, theta);
            assert_relative_eq!(of(GeneratorLoss::Minimax), minimax, epsilon = 6e-5);
            assert_relative_eq!(of(GeneratorLoss::NonSaturating), non_saturating, epsilon = 6e-5);
            assert_relative_eq!(of(GeneratorLoss::LogRatio), theta, epsilon = 1e-9);
        }
        assert_relative_eq!(slope(GeneratorLoss::Minimax, 8.0), 3.93e-4, epsilon = 1e-6);
    }

    /// The variational form follows the divergence; the frozen ratio and Bregman's form often point the other way.
    /// For KL in closed form: theta, -theta (1 + theta^2 / 2) and -theta (2 + theta^2 / 2).
    #[test]
    fn the_sign_of_a_frozen_ratio() {
        use Divergence::{
            Gan, Jeffreys, JensenShannon, KullbackLeibler, Pearson, ReverseKullbackLeibler,
            SquaredHellinger,
        };
        for (divergence, variational, frozen, bregman) in [
            (KullbackLeibler, 1.0, -1.5, -2.5),
            (ReverseKullbackLeibler, 1.0, 1.0, 0.0),
            (Pearson, 5.4366, -3.4366, -8.8731),
            (Gan, 0.3980, 0.5817, 0.1838),
            (SquaredHellinger, 0.4412, -0.1175, -0.5588),
            (JensenShannon, 0.3980, -0.1114, -0.5093),
            (Jeffreys, 2.0, -0.5, -2.5),
        ] {
            let of = |loss| slope(loss, 1.0);
            assert_relative_eq!(
                of(GeneratorLoss::Variational(divergence)),
                variational,
                epsilon = 1e-4
            );
            assert_relative_eq!(of(GeneratorLoss::FrozenRatio(divergence)), frozen, epsilon = 1e-4);
            assert_relative_eq!(of(GeneratorLoss::Bregman(divergence)), bregman, epsilon = 1e-4);
        }
    }
}
