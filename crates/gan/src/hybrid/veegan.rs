//! VEEGAN: a reconstructor that maps images to noise, and a critic of pairs of noise and image.
//!
//! # Source
//! Srivastava et al. 2017 (1705.07761), preprint and the code to which its authors' page leads; on the page's own objective
//! the reconstructor learns from the error of noise alone.

use tch::Tensor;

use super::{cross_entropy, mean, sum};

/// Returns the critic's loss, whose log-ratio is that of pairs `(z, G(z))` to pairs `(F(x), x)`.
///
/// # Shapes
/// `[members, batch, 1]` each; result: `[members]`.
pub fn critic_loss(on_generated: &Tensor, on_data: &Tensor) -> Tensor {
    cross_entropy(on_generated, on_data)
}

/// Returns `E |z - F(G(z))|^2`: an error of noise, not of data.
///
/// # Shapes
/// `[members, batch, latent]` each; result: `[members]`.
pub fn noise_error(z: &Tensor, reconstructed: &Tensor) -> Tensor {
    mean(&sum(&(z - reconstructed).square()))
}

/// Returns the generator's loss: the mean log-ratio on its pairs, which at the best critic is their divergence from the
/// data's, and the error of reconstructed noise.
///
/// # Shapes
/// `on_generated`: `[members, batch, 1]`; `noise_error`: `[members]`.
pub fn generator_loss(on_generated: &Tensor, noise_error: &Tensor) -> Tensor {
    mean(on_generated) + noise_error
}

/// Returns the reconstructor's loss: the mean log-ratio on its pairs with the sign turned, which at the best critic is the
/// data's divergence from the generated pairs, and the error of reconstructed noise.
///
/// # Shapes
/// `on_data`: `[members, batch, 1]`; `noise_error`: `[members]`.
pub fn reconstructor_loss(on_data: &Tensor, noise_error: &Tensor) -> Tensor {
    noise_error - mean(on_data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::hybrid::testing::{at_places, has_its_gradient, is_flat};
    use approx::assert_abs_diff_eq;

    /// Generated pairs (3, 1) / 4 against (1, 3) / 4: the divergence is 3/4 ln 3 - 1/4 ln 3, either way.
    #[test]
    fn the_mean_log_ratio_is_the_divergence() {
        let ratios = [3f64.ln(), -3f64.ln()];
        is_flat(|s| critic_loss(&at_places(s, &[3, 1]), &at_places(s, &[1, 3])), &ratios);
        let generated = at_places(&Tensor::from_slice(&ratios), &[3, 1]);
        let error = noise_error(&generated, &(&generated + 2.0));
        let of_data = at_places(&Tensor::from_slice(&ratios), &[1, 3]);
        for loss in [generator_loss(&generated, &error), reconstructor_loss(&of_data, &error)] {
            assert_abs_diff_eq!(to_vec(&loss)[0], 0.5 * 3f64.ln() + 4.0, epsilon = 1e-12);
        }
    }

    #[test]
    fn gradients() {
        has_its_gradient(|x| critic_loss(x, &x.sin()));
        has_its_gradient(|x| generator_loss(x, &noise_error(x, &x.sin())));
        has_its_gradient(|x| reconstructor_loss(x, &noise_error(x, &x.sin())));
    }
}
