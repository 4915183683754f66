//! Adversarially learned inference (ALI), also called bidirectional GAN: a critic of pairs, of images with their codes and
//! of codes with their images.
//!
//! # Source
//! Dumoulin et al. 2016 (1606.00704), algorithm 1; Donahue, Krahenbuhl and Darrell 2016 (1605.09782).

use tch::Tensor;

use super::cross_entropy;

/// Returns the critic's loss, whose log-ratio is that of pairs `(x, E(x))` to pairs `(G(z), z)`. At it the loss is
/// `2 ln 2 - 2 JSD` of both joint laws.
///
/// # Shapes
/// `[members, batch, 1]` each; result: `[members]`.
pub fn critic_loss(on_encoded: &Tensor, on_generated: &Tensor) -> Tensor {
    cross_entropy(on_encoded, on_generated)
}

/// Returns the loss of encoder and generator: the critic's with its labels exchanged, which does not saturate.
///
/// # Shapes
/// `[members, batch, 1]` each; result: `[members]`.
pub fn players_loss(on_encoded: &Tensor, on_generated: &Tensor) -> Tensor {
    cross_entropy(on_generated, on_encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::hybrid::testing::{at_places, has_its_gradient, is_flat};
    use approx::assert_abs_diff_eq;

    /// Laws (3, 1) / 4 and (1, 3) / 4 with the mixture (1, 1) / 2: JSD = ln 2 + 3/4 ln 3/4 + 1/4 ln 1/4.
    #[test]
    fn the_critic_finds_the_divergence_of_joint_laws() {
        let on = |s: &Tensor| [at_places(s, &[3, 1]), at_places(s, &[1, 3])];
        let loss = |s: &Tensor| {
            let [encoded, generated] = on(s);
            critic_loss(&encoded, &generated)
        };
        let ratios = [3f64.ln(), -3f64.ln()];
        is_flat(loss, &ratios);
        let divergence = 2f64.ln() + 0.75 * 0.75f64.ln() + 0.25 * 0.25f64.ln();
        let least = to_vec(&loss(&Tensor::from_slice(&ratios)))[0];
        assert_abs_diff_eq!(least, 2.0 * (2f64.ln() - divergence), epsilon = 1e-12);
        let [encoded, generated] = on(&Tensor::from_slice(&ratios));
        let exchanged = to_vec(&players_loss(&encoded, &generated))[0];
        // -ln (1 - D) of the first and -ln D of the second: 3/4 ln 4 + 1/4 ln 4/3, twice.
        assert_abs_diff_eq!(exchanged, 1.5 * 4f64.ln() + 0.5 * (4f64 / 3.0).ln(), epsilon = 1e-12);
    }

    #[test]
    fn gradients() {
        has_its_gradient(|x| critic_loss(x, &x.sin()));
        has_its_gradient(|x| players_loss(x, &x.sin()));
    }
}
