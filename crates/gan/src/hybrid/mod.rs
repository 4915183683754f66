//! What auto-encoders and the hybrids of auto-encoders and GANs minimise: pure functions of outputs and log-ratios.
//!
//! A critic of images returns `s`, of codes `c` and of pairs `t`, `[members, batch, 1]`: the log-ratio of what its loss
//! names first to what it names second, once it is trained. `E(x)` encodes, `G(z)` generates, `p(z)` is the prior.

pub mod aae;
pub mod ali;
pub mod alpha_gan;
pub mod avb;
pub mod gaussian;
pub mod vae_gan;
pub mod veegan;

use tch::{Kind, Tensor};

use crate::objective::mean;

/// Returns the sum over the numbers of each row, `[members, batch, 1]`.
fn sum(x: &Tensor) -> Tensor {
    x.sum_dim_intlist([2i64].as_slice(), true, None::<Kind>)
}

/// `-E ln D`: what it costs to be taken for the second law, D the probability of the first.
fn missed(logits: &Tensor) -> Tensor {
    mean(&(-logits).softplus())
}

/// `-E ln D(first) - E ln (1 - D(second))`.
fn cross_entropy(first: &Tensor, second: &Tensor) -> Tensor {
    missed(first) + missed(&-second)
}

#[cfg(test)]
mod testing {
    use tch::Tensor;

    use crate::check::gradient_error;
    use crate::device::to_vec;
    use crate::rng::double;
    use crate::{Graph, grad};

    /// The outputs of a critic on `counts[i]` samples at place `i`, where it says `s[i]`, `[1, samples, 1]`.
    pub(super) fn at_places(s: &Tensor, counts: &[i64]) -> Tensor {
        let place = |(i, n): (usize, &i64)| vec![i as i64; *n as usize];
        let places: Vec<i64> = counts.iter().enumerate().flat_map(place).collect();
        s.index_select(0, &Tensor::from_slice(&places)).reshape([1, -1, 1])
    }

    /// Fails unless a critic's loss is flat at these log-ratios of the places.
    pub(super) fn is_flat(loss: impl Fn(&Tensor) -> Tensor, s: &[f64]) {
        let s = Tensor::from_slice(s).set_requires_grad(true);
        let slope = grad(&loss(&s), &[s.shallow_clone()], Graph::Free).remove(0);
        assert!(to_vec(&slope).iter().all(|x| x.abs() < 1e-12), "{:?}", to_vec(&slope));
    }

    /// Fails unless the gradient of a loss is that of its central differences.
    pub(super) fn has_its_gradient(loss: impl Fn(&Tensor) -> Tensor) {
        let error = gradient_error(loss, &double(&[0, 1]).normal(&[6, 1]));
        assert!(error < 1e-7, "{error:e}");
    }
}
