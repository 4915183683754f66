//! VAE/GAN: a variational auto-encoder whose likelihood is a normal law of the critic's features.
//!
//! # Source
//! Larsen et al. 2015 (1512.09300), algorithm 1; the decoder's adversarial terms are non-saturating, as in all GANs here
//! that are compared with it, where the paper prints minimax ones.

use tch::Tensor;

use super::{mean, missed};

/// Returns `-ln N(f(x); f(G(z)), I)` of each row up to its constant, `f` the critic's features.
///
/// # Shapes
/// `[members, batch, features]` each; result: `[members, batch, 1]`.
pub fn surprise(features: &Tensor, reconstructed: &Tensor) -> Tensor {
    super::sum(&(features - reconstructed).square()) * 0.5
}

/// Returns the encoder's loss: the codes' divergence from the prior and the surprise of the features.
///
/// # Shapes
/// `[members, batch, 1]` each; result: `[members]`.
pub fn encoder_loss(divergence: &Tensor, surprise: &Tensor) -> Tensor {
    mean(&(divergence + surprise))
}

/// Returns the decoder's loss: `weight` times the surprise of the features, and what passing for real costs
/// reconstructions and samples.
///
/// # Shapes
/// `[members, batch, 1]` each; result: `[members]`.
pub fn decoder_loss(
    (weight, surprise): (f64, &Tensor),
    on_reconstructions: &Tensor,
    on_samples: &Tensor,
) -> Tensor {
    mean(surprise) * weight + missed(on_reconstructions) + missed(on_samples)
}

/// Returns the critic's loss, in which real images count once against reconstructions and samples, as published: its
/// log-ratio is that of the data to the sum of both.
///
/// # Shapes
/// `[members, batch, 1]` each; result: `[members]`.
pub fn critic_loss(on_real: &Tensor, on_reconstructions: &Tensor, on_samples: &Tensor) -> Tensor {
    missed(on_real) + missed(&-on_reconstructions) + missed(&-on_samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::hybrid::gaussian;
    use crate::hybrid::testing::{at_places, has_its_gradient, is_flat};
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    /// Data (3, 1) / 4 against the sum of (1, 3) / 4 and (2, 2) / 4.
    #[test]
    fn the_critic_tells_the_data_from_the_sum() {
        let loss = |s: &Tensor| {
            let on = |counts| at_places(s, counts);
            critic_loss(&on(&[3, 1]), &on(&[1, 3]), &on(&[2, 2]))
        };
        is_flat(loss, &[1f64.ln(), 0.2f64.ln()]);
    }

    #[test]
    fn surprise_is_that_of_a_normal_law() {
        let mut rng = double(&[0]);
        let [x, y] = [0, 1].map(|_| rng.normal(&[3, 4]));
        let constant = 2.0 * std::f64::consts::TAU.ln();
        let normal = gaussian::surprise(&x, &y, &x.zeros_like()) - constant;
        for (found, normal) in to_vec(&surprise(&x, &y)).into_iter().zip(to_vec(&normal)) {
            assert_abs_diff_eq!(found, normal, epsilon = 1e-12);
        }
    }

    #[test]
    fn gradients() {
        has_its_gradient(|x| encoder_loss(&x.square(), &surprise(x, &x.sin())));
        has_its_gradient(|x| decoder_loss((0.5, &surprise(x, &x.cos())), x, &x.sin()));
        has_its_gradient(|x| critic_loss(x, &x.sin(), &x.cos()));
    }
}
