//! The adversarial auto-encoder: reconstruction, and codes that a critic cannot tell from the prior's.
//!
//! # Source
//! Makhzani et al. 2015 (1511.05644), section 2: first encoder and decoder minimise the reconstruction error, then the
//! critic [`critic_loss`] and the encoder [`code_loss`].

use tch::Tensor;

use super::{cross_entropy, missed};

/// Returns the loss of the critic of codes, whose log-ratio is that of the prior to the codes.
///
/// # Shapes
/// `[members, batch, 1]` each; result: `[members]`.
pub fn critic_loss(on_prior: &Tensor, on_codes: &Tensor) -> Tensor {
    cross_entropy(on_prior, on_codes)
}

/// Returns `-E ln D(E(x))`, the encoder's loss.
///
/// # Shapes
/// `[members, batch, 1]`; result: `[members]`.
pub fn code_loss(on_codes: &Tensor) -> Tensor {
    missed(on_codes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::hybrid::testing::{at_places, has_its_gradient, is_flat};
    use approx::assert_abs_diff_eq;

    /// Prior (3, 1) / 4 against codes (1, 3) / 4.
    #[test]
    fn the_critic_is_right_at_the_log_ratio() {
        let loss = |s: &Tensor| critic_loss(&at_places(s, &[3, 1]), &at_places(s, &[1, 3]));
        is_flat(loss, &[3f64.ln(), -3f64.ln()]);
        // Codes at the first place alone, where the critic says ln 3: D = 3/4.
        let codes = at_places(&Tensor::from_slice(&[3f64.ln()]), &[2]);
        assert_abs_diff_eq!(to_vec(&code_loss(&codes))[0], (4f64 / 3.0).ln(), epsilon = 1e-12);
    }

    #[test]
    fn gradients() {
        has_its_gradient(|x| critic_loss(x, &x.sin()));
        has_its_gradient(code_loss);
    }
}
