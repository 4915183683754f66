//! What critic and generator minimise: pairs of losses that train GANs, and the four ways to compare distributions
//! of which they are cases.

mod discrepancy;
mod divergence;
mod generator;
mod scoring;

pub use discrepancy::{Discrepancy, Entropy};
pub use divergence::Divergence;
pub use generator::GeneratorLoss;
pub use scoring::ScoringRule;

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

/// A pair of losses, pure functions of the critic's raw outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// `-E log D(x) - E log(1 - D(G(z)))`; the generator minimises `E log(1 - D(G(z)))`, which
    /// saturates (Goodfellow et al. 2014, equation 1).
    Minimax,
    /// The same critic; the generator minimises `-E log D(G(z))` (Goodfellow et al. 2014, section 3).
    NonSaturating,
    /// Targets 1 for real and 0 for fake, halved (Mao et al. 2017, equation 9).
    LeastSquares,
    /// Margins at +1 and -1; the generator minimises `-E f(G(z))` (Lim and Ye 2017).
    Hinge,
    /// `E f(G(z)) - E f(x)`; the generator minimises `-E f(G(z))` (Arjovsky et al. 2017).
    Wasserstein,
}

impl Objective {
    /// Returns the critic's loss, one value per member.
    ///
    /// # Shapes
    /// `real`, `fake`: `[members, batch, 1]`; result: `[members]`.
    ///
    /// # Examples
    /// ```
    /// use gan::Objective;
    /// use tch::{Kind, Tensor};
    ///
    /// // A critic that cannot tell both sides apart loses 2 ln 2.
    /// let zero = Tensor::zeros([1, 128, 1], (Kind::Float, tch::Device::Cpu));
    /// let loss = Objective::NonSaturating.critic_loss(&zero, &zero);
    /// assert!((loss.double_value(&[0]) - 2.0 * 2f64.ln()).abs() < 1e-6);
    /// ```
    pub fn critic_loss(self, real: &Tensor, fake: &Tensor) -> Tensor {
        match self {
            Self::Minimax | Self::NonSaturating => {
                mean(&(-real).softplus()) + mean(&fake.softplus())
            }
            Self::LeastSquares => (mean(&(real - 1.0).square()) + mean(&fake.square())) * 0.5,
            Self::Hinge => mean(&(-real + 1.0).relu()) + mean(&(fake + 1.0).relu()),
            Self::Wasserstein => mean(fake) - mean(real),
        }
    }

    /// Returns the derivative of [`Self::critic_loss`] by the outputs on real and on fake samples, in closed form.
    ///
    /// # Shapes
    /// As the outputs.
    pub(crate) fn critic_slopes(self, real: &Tensor, fake: &Tensor) -> [Tensor; 2] {
        let [each_real, each_fake] = [real, fake].map(|x| 1.0 / x.size()[1] as f64);
        match self {
            Self::Minimax | Self::NonSaturating => {
                [(real.sigmoid() - 1.0) * each_real, fake.sigmoid() * each_fake]
            }
            Self::LeastSquares => [(real - 1.0) * each_real, fake * each_fake],
            Self::Hinge => {
                let inside = |margin: Tensor| margin.gt(0.0).to_kind(real.kind());
                [inside(-real + 1.0) * -each_real, inside(fake + 1.0) * each_fake]
            }
            Self::Wasserstein => [real.full_like(-each_real), fake.full_like(each_fake)],
        }
    }

    /// Returns the second derivative of [`Self::critic_loss`] by each output.
    ///
    /// # Shapes
    /// As the outputs.
    pub(crate) fn critic_curvatures(self, real: &Tensor, fake: &Tensor) -> [Tensor; 2] {
        [real, fake].map(|x| {
            let each = 1.0 / x.size()[1] as f64;
            match self {
                Self::Minimax | Self::NonSaturating => {
                    let probability = x.sigmoid();
                    (1.0 - &probability) * probability * each
                }
                Self::LeastSquares => x.full_like(each),
                Self::Hinge | Self::Wasserstein => x.zeros_like(),
            }
        })
    }

    /// Returns the generator's loss, one value per member.
    ///
    /// # Shapes
    /// `fake`: `[members, batch, 1]`; result: `[members]`.
    ///
    /// # Examples
    /// ```
    /// use gan::Objective;
    /// use tch::Tensor;
    ///
    /// // The further the critic is from being fooled, the more the non-saturating loss pulls: -20 costs 20 nats.
    /// let rejected = Tensor::from_slice(&[-20f32]).view([1, 1, 1]);
    /// assert!((Objective::NonSaturating.generator_loss(&rejected).double_value(&[0]) - 20.0).abs() < 1e-6);
    /// assert!(Objective::Minimax.generator_loss(&rejected).double_value(&[0]).abs() < 1e-6);
    /// ```
    pub fn generator_loss(self, fake: &Tensor) -> Tensor {
        match self {
            // log(1 - sigmoid(a)) = -softplus(a), and -log sigmoid(a) = softplus(-a).
            Self::Minimax => -mean(&fake.softplus()),
            Self::NonSaturating => mean(&(-fake).softplus()),
            Self::LeastSquares => mean(&(fake - 1.0).square()) * 0.5,
            Self::Hinge | Self::Wasserstein => -mean(fake),
        }
    }

    /// Returns the derivative of [`Self::generator_loss`] by the outputs, in closed form.
    ///
    /// # Shapes
    /// As the outputs.
    pub(crate) fn generator_slopes(self, fake: &Tensor) -> Tensor {
        let each = 1.0 / fake.size()[1] as f64;
        match self {
            Self::Minimax => fake.sigmoid() * -each,
            Self::NonSaturating => (fake.sigmoid() - 1.0) * each,
            Self::LeastSquares => (fake - 1.0) * each,
            Self::Hinge | Self::Wasserstein => fake.full_like(-each),
        }
    }
}

/// Returns the mean over all but the member axis, `[members]`.
pub(crate) fn mean(x: &Tensor) -> Tensor {
    x.mean_dim([1i64, 2].as_slice(), false, None::<Kind>)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use approx::assert_abs_diff_eq;

    fn outputs(values: &[f64]) -> Tensor {
        Tensor::from_slice(values).reshape([1, values.len() as i64, 1])
    }

    /// With a critic that knows nothing, f = 0, every loss has a value that is known by heart.
    #[test]
    fn values_at_indifference() {
        let zero = outputs(&[0.0, 0.0]);
        let value = |loss: Tensor| to_vec(&loss)[0];
        let ln2 = std::f64::consts::LN_2;
        for (objective, critic, generator) in [
            (Objective::Minimax, 2.0 * ln2, -ln2),
            (Objective::NonSaturating, 2.0 * ln2, ln2),
            (Objective::LeastSquares, 0.5, 0.5),
            (Objective::Hinge, 2.0, 0.0),
            (Objective::Wasserstein, 0.0, 0.0),
        ] {
            assert_abs_diff_eq!(
                value(objective.critic_loss(&zero, &zero)),
                critic,
                epsilon = 1e-12
            );
            assert_abs_diff_eq!(value(objective.generator_loss(&zero)), generator, epsilon = 1e-12);
        }
    }

    /// `softplus` keeps what `log(sigmoid)` would turn into infinities.
    #[test]
    fn confident_critics_have_finite_losses() {
        let (real, fake) = (outputs(&[-800.0]), outputs(&[800.0]));
        assert_abs_diff_eq!(
            to_vec(&Objective::Minimax.critic_loss(&real, &fake))[0],
            1600.0,
            epsilon = 1e-9
        );
    }
}
