//! alpha-GAN: the evidence lower bound with an explicit and a synthetic likelihood, and the codes' divergence by a ratio.
//!
//! Four nets, four losses, four updates. The first version of the paper swaps prior and codes in the code critic's loss;
//! its authors confirmed the slip to an implementer, and [`code_critic_loss`] has them in place.
//!
//! # Source
//! Rosca, Lakshminarayanan, Warde-Farley and Mohamed 2017 (1706.04987), by readers' notes and three re-implementations.

use tch::Tensor;

use super::{cross_entropy, mean, missed};

/// Returns the mean absolute error of a number, `[members]`: the Laplace law's `|x - G(E(x))|`, the dimension taken out,
/// so that one weight serves points and images.
///
/// # Shapes
/// `[members, batch, dim]` each.
pub fn reconstruction(x: &Tensor, reconstructed: &Tensor) -> Tensor {
    mean(&(x - reconstructed).abs())
}

/// Returns `E (-ln D + ln (1 - D))`, which is minus the mean log-ratio: every ratio is used in this form.
///
/// # Shapes
/// `[members, batch, 1]`; result: `[members]`.
pub fn ratio_loss(outputs: &Tensor) -> Tensor {
    -mean(outputs)
}

/// Returns the loss of the encoder: `weight |x - G(E(x))|`, and the ratio on its codes where there is a code critic.
///
/// # Shapes
/// `reconstruction`: `[members]`; `on_codes`: `[members, batch, 1]`.
pub fn encoder_loss((weight, reconstruction): (f64, &Tensor), on_codes: Option<&Tensor>) -> Tensor {
    add(reconstruction * weight, [on_codes])
}

/// Returns the loss of the generator: `weight |x - G(E(x))|`, and the ratios on reconstructions and on samples, as far as
/// the critic looks at them.
///
/// # Shapes
/// As [`encoder_loss`].
pub fn generator_loss(
    (weight, reconstruction): (f64, &Tensor),
    on_reconstructions: Option<&Tensor>,
    on_samples: Option<&Tensor>,
) -> Tensor {
    add(reconstruction * weight, [on_reconstructions, on_samples])
}

fn add<const N: usize>(loss: Tensor, outputs: [Option<&Tensor>; N]) -> Tensor {
    outputs.into_iter().flatten().fold(loss, |loss, outputs| loss + ratio_loss(outputs))
}

/// Returns the loss of the critic of images, whose log-ratio is that of the data to the equal mixture of what it is
/// compared with: real images count as often as there are kinds of others. (Re-implementations differ in that factor,
/// which else shifts every log-ratio by ln 2.)
///
/// # Shapes
/// `[members, batch, 1]` each; result: `[members]`.
pub fn critic_loss(
    on_real: &Tensor,
    on_reconstructions: Option<&Tensor>,
    on_samples: Option<&Tensor>,
) -> Tensor {
    let fakes = || [on_reconstructions, on_samples].into_iter().flatten();
    fakes().fold(missed(on_real) * fakes().count() as f64, |loss, fake| loss + missed(&-fake))
}

/// Returns the loss of the critic of codes, whose log-ratio is that of the prior to the codes.
///
/// # Shapes
/// `[members, batch, 1]` each; result: `[members]`.
pub fn code_critic_loss(on_prior: &Tensor, on_codes: &Tensor) -> Tensor {
    cross_entropy(on_prior, on_codes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::hybrid::testing::{at_places, has_its_gradient, is_flat};
    use approx::assert_abs_diff_eq;

    /// Data (3, 1) / 4, reconstructions (1, 3) / 4, samples (2, 2) / 4: ratios to the mixture 2, 2/5.
    #[test]
    fn the_critic_tells_the_data_from_the_mixture() {
        let on = |s: &Tensor, counts| at_places(s, counts);
        let both = |s: &Tensor| {
            let (reconstructions, samples) = (on(s, &[1, 3]), on(s, &[2, 2]));
            critic_loss(&on(s, &[3, 1]), Some(&reconstructions), Some(&samples))
        };
        is_flat(both, &[2f64.ln(), 0.4f64.ln()]);
        let one = |s: &Tensor| critic_loss(&on(s, &[3, 1]), None, Some(&on(s, &[2, 2])));
        is_flat(one, &[1.5f64.ln(), 0.5f64.ln()]);
        is_flat(|s| code_critic_loss(&on(s, &[3, 1]), &on(s, &[1, 3])), &[3f64.ln(), -3f64.ln()]);
    }

    #[test]
    fn a_ratio_is_the_difference_of_two_logarithms() {
        let s = Tensor::from_slice(&[0.3f64, -2.0]).reshape([1, 2, 1]);
        let (real, fake) = (s.sigmoid(), (-&s).sigmoid());
        let written = mean(&(fake.log() - real.log()));
        let found = to_vec(&ratio_loss(&s))[0];
        assert_abs_diff_eq!(found, to_vec(&written)[0], epsilon = 1e-12);
    }

    #[test]
    fn gradients() {
        let l1 = |x: &Tensor| reconstruction(&x.cos(), x);
        has_its_gradient(|x| encoder_loss((3.0, &l1(x)), Some(&x.sin())));
        has_its_gradient(|x| generator_loss((3.0, &l1(x)), Some(&x.sin()), Some(&x.cos())));
        has_its_gradient(|x| critic_loss(x, Some(&x.sin()), Some(&x.cos())));
        has_its_gradient(|x| code_critic_loss(x, &x.sin()));
    }
}
