//! The only place that calls automatic differentiation.

use tch::Tensor;

/// What becomes of the graph that led to a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graph {
    /// Freed: gradients are numbers.
    Free,
    /// Kept for another derivative of the same loss; gradients are numbers.
    Retain,
    /// Kept, and gradients carry a graph of their own: for penalties and unrolled steps.
    Keep,
}

/// Returns the gradient of the sum of `loss` with respect to each tensor of `wrt`.
///
/// A tensor that the loss does not depend on gets zeros: the gradient penalty, for one, does not
/// depend on the critic's last bias.
///
/// # Shapes
/// `loss` any shape (one value per member, as a rule); the result has the shapes of `wrt`.
///
/// # Panics
/// If a tensor of `wrt` does not require gradients.
pub fn grad(loss: &Tensor, wrt: &[Tensor], graph: Graph) -> Vec<Tensor> {
    let total = if loss.dim() == 0 { loss.shallow_clone() } else { loss.sum(loss.kind()) };
    let (keep, create) = (graph != Graph::Free, graph == Graph::Keep);
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    let gradients = Tensor::run_backward(&[total], wrt, keep, create);
    let defined = |(gradient, input): (Tensor, &Tensor)| {
        if gradient.defined() { gradient } else { input.zeros_like() }
    };
    gradients.into_iter().zip(wrt).map(defined).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use tch::Kind;

    #[test]
    fn second_derivative_of_a_cube() {
        let x = Tensor::from_slice(&[2.0f64, -1.0]).set_requires_grad(true);
        let y = x.pow_tensor_scalar(3.0);
        let first = grad(&y, &[x.shallow_clone()], Graph::Keep).remove(0); // 3 x^2
        assert_eq!(to_vec(&first), [12.0, 3.0]);
        let second = grad(&first, &[x], Graph::Free).remove(0); // 6 x
        assert_eq!(to_vec(&second), [12.0, -6.0]);
    }

    #[test]
    fn an_unreached_input_gets_zeros() {
        let x = Tensor::ones([2], (Kind::Double, tch::Device::Cpu)).set_requires_grad(true);
        let y = Tensor::ones([3], (Kind::Double, tch::Device::Cpu)).set_requires_grad(true);
        let gradients = grad(&(&x * 2.0), &[x.shallow_clone(), y], Graph::Free);
        assert_eq!(to_vec(&gradients[0]), [2.0, 2.0]);
        assert_eq!(to_vec(&gradients[1]), [0.0, 0.0, 0.0]);
    }
}
