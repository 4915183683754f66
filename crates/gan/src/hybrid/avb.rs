//! Adversarial variational Bayes: an encoder with noise inputs, whose divergence from the prior a critic of pairs tells.
//!
//! # Source
//! Mescheder, Nowozin and Geiger 2017 (1701.04722), algorithms 1 and 2.

use tch::Tensor;

use super::{cross_entropy, mean, sum};

/// Returns the loss of the critic of pairs, whose log-ratio is that of the encoder's codes to the prior's (or, under
/// adaptive contrast, to standard normal ones), given the same points.
///
/// # Shapes
/// `[members, batch, 1]` each; result: `[members]`.
pub fn critic_loss(on_codes: &Tensor, on_prior: &Tensor) -> Tensor {
    cross_entropy(on_codes, on_prior)
}

/// Returns the critic's log-ratio from its net's output, `t + |z|^2`, as the authors' notebook adds it: a bounded part is
/// left to learn.
///
/// # Shapes
/// `t`: `[members, batch, 1]`; `z`: `[members, batch, latent]`; result: as `t`.
pub fn with_square(t: &Tensor, z: &Tensor) -> Tensor {
    t + sum(&z.square())
}

/// Returns what encoder and decoder minimise: `E (-ln p(x | z) + ln q(z | x) / p(z))`, the log-ratio being the critic's.
///
/// # Shapes
/// `[members, batch, 1]` each; result: `[members]`.
pub fn loss(surprise: &Tensor, log_ratio: &Tensor) -> Tensor {
    mean(&(surprise + log_ratio))
}

/// The normal law `r(z | x)` of which adaptive contrast lets the critic see the difference alone.
#[derive(Debug)]
pub struct Contrast {
    /// Mean of a point's codes, `[members, batch, latent]`.
    pub mean: Tensor,
    /// Their standard deviation.
    pub deviation: Tensor,
}

impl Contrast {
    /// Returns the contrast of several codes of each point, without their graph.
    ///
    /// # Shapes
    /// `codes`: `[members, batch, draws, latent]`, two draws or more.
    pub fn of(codes: &Tensor) -> Self {
        let codes = codes.detach();
        let mean = codes.mean_dim([2i64].as_slice(), false, None::<tch::Kind>);
        let deviation = codes.std_dim([2i64].as_slice(), true, false) + 1e-3;
        Self { mean, deviation }
    }

    /// Returns codes in the units of the contrast, of which the critic tells standard normal ones.
    pub fn standardise(&self, z: &Tensor) -> Tensor {
        (z - &self.mean) / &self.deviation
    }

    /// Returns `ln q(z | x) / p(z)` from the critic's output on standardised codes, `t + ln r(z | x) - ln p(z)`.
    ///
    /// # Shapes
    /// `t`: `[members, batch, 1]`; `z`: `[members, batch, latent]`; result: as `t`.
    pub fn log_ratio(&self, t: &Tensor, z: &Tensor) -> Tensor {
        let squares = z.square() - self.standardise(z).square();
        t + sum(&(squares * 0.5 - self.deviation.log()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::hybrid::gaussian::surprise;
    use crate::hybrid::testing::{at_places, has_its_gradient, is_flat};
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    #[test]
    fn the_critic_is_right_at_the_log_ratio() {
        let loss = |s: &Tensor| critic_loss(&at_places(s, &[3, 1]), &at_places(s, &[1, 3]));
        is_flat(loss, &[3f64.ln(), -3f64.ln()]);
    }

    /// Of an encoder that is its contrast the critic says nothing, and the log-ratio is that of both normal laws.
    #[test]
    fn a_contrast_that_is_the_posterior_tells_all() {
        let mut rng = double(&[0, 1]);
        let [mean, z] = [0, 1].map(|_| rng.normal(&[5, 3]));
        let deviation = rng.uniform(&[5, 3]) + 0.1;
        let zero = mean.zeros_like();
        let exact = surprise(&z, &zero, &zero) - surprise(&z, &mean, &deviation.log());
        let contrast = Contrast { mean, deviation };
        let told = contrast.log_ratio(&z.zeros_like().narrow(2, 0, 1), &z);
        assert!(told.allclose(&exact, 1e-12, 1e-12, false));
    }

    #[test]
    fn a_contrast_has_the_moments_of_codes() {
        let codes = Tensor::from_slice(&[1.0f64, 5.0]).reshape([1, 1, 2, 1]);
        let contrast = Contrast::of(&codes);
        assert_abs_diff_eq!(to_vec(&contrast.mean)[0], 3.0, epsilon = 1e-12);
        assert_abs_diff_eq!(to_vec(&contrast.deviation)[0], 8f64.sqrt() + 1e-3, epsilon = 1e-12);
    }

    #[test]
    fn gradients() {
        has_its_gradient(|x| critic_loss(x, &x.sin()));
        has_its_gradient(|x| loss(&x.square(), &with_square(&x.sin(), x)));
        let contrast = Contrast::of(&double(&[2, 3]).normal(&[6, 4, 1]));
        has_its_gradient(|x| contrast.log_ratio(&x.sin(), x));
    }
}
