//! Parameters are data, apart from the architecture that reads them.

use std::sync::Arc;

use tch::Tensor;

use crate::Rng;
use crate::init::Init;

/// One named parameter of an architecture; shapes leave out the member axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Dotted name, such as `layer0.weight`.
    pub name: String,
    /// Shape without the member axis.
    pub shape: Vec<i64>,
    /// How it starts.
    pub init: Init,
}

/// The ordered parameters of one network, for a stack of members.
///
/// All of them lie in one tensor, so that an optimiser needs a handful of operations per step
/// however many layers there are; [`Params::views`] are its pieces in the shapes of the layers.
#[derive(Debug)]
pub struct Params {
    specs: Arc<[Spec]>,
    flat: Tensor,
    views: Vec<Tensor>,
}

impl Params {
    /// Returns freshly initialised leaves, one draw per parameter in the order of `specs`.
    pub fn init(specs: Vec<Spec>, rng: &mut Rng) -> Self {
        let pieces: Vec<Tensor> =
            specs.iter().map(|spec| spec.init.draw(&spec.shape, rng).flatten(1, -1)).collect();
        let flat = if pieces.is_empty() {
            Tensor::zeros([rng.members(), 0], rng.options())
        } else {
            Tensor::cat(&pieces, 1)
        };
        Self::leaves(specs.into(), &flat)
    }

    /// Returns parameters over `flat`, `[members, total]`, as leaves that record gradients and share
    /// its storage: an in-place update of [`Params::flat`] moves them.
    fn leaves(specs: Arc<[Spec]>, flat: &Tensor) -> Self {
        let flat = flat.detach();
        let views =
            split(&specs, &flat).iter().map(|v| v.detach().set_requires_grad(true)).collect();
        Self { specs, flat, views }
    }

    /// Returns parameters whose views are differentiable functions of `flat`, `[members, total]`.
    pub fn with_flat(&self, flat: Tensor) -> Self {
        let views = split(&self.specs, &flat);
        Self { specs: self.specs.clone(), flat, views }
    }

    /// Returns a copy that shares nothing and records gradients.
    pub fn snapshot(&self) -> Self {
        Self::leaves(self.specs.clone(), &self.flat.detach().copy())
    }

    /// Returns all parameters as one tensor, `[members, total]`.
    pub fn flat(&self) -> &Tensor {
        &self.flat
    }

    /// Returns the parameters in order, each `[members, shape..]`.
    pub fn views(&self) -> &[Tensor] {
        &self.views
    }

    /// Returns the number of scalar parameters of one member.
    pub fn count(&self) -> i64 {
        self.flat.size()[1]
    }

    /// Joins per-parameter tensors (gradients, say) in order into one, `[members, total]`.
    ///
    /// # Panics
    /// If there are none.
    pub fn join(pieces: &[Tensor]) -> Tensor {
        Tensor::cat(&pieces.iter().map(|piece| piece.flatten(1, -1)).collect::<Vec<_>>(), 1)
    }

    /// Overwrites the values with those of `flat`, in place.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn set(&mut self, flat: &Tensor) {
        let _guard = tch::no_grad_guard();
        assert_eq!(self.flat.size(), flat.size(), "parameters of another architecture");
        self.flat.copy_(&flat.detach());
    }

    /// Cuts every parameter to `-bound..=bound`, in place: the projection of the first WGAN
    /// (Arjovsky et al. 2017, algorithm 1).
    pub fn clip(&mut self, bound: f64) {
        let _guard = tch::no_grad_guard();
        let _ = self.flat.clamp_(-bound, bound);
    }

    /// Returns a copy in another precision, without gradients.
    pub fn to_kind(&self, kind: tch::Kind) -> Self {
        self.with_flat(self.flat.detach().copy().to_kind(kind))
    }

    /// Moves every parameter by `weight` of the way to `other`, in place: an exponential moving
    /// average when called at every step with a small weight.
    pub fn lerp(&mut self, other: &Self, weight: f64) {
        let _guard = tch::no_grad_guard();
        let _ = self.flat.lerp_(&other.flat.detach(), weight);
    }
}

fn split(specs: &[Spec], flat: &Tensor) -> Vec<Tensor> {
    let members = flat.size()[0];
    let sizes: Vec<i64> = specs.iter().map(|spec| spec.shape.iter().product()).collect();
    let pieces = flat.split_with_sizes(&sizes, 1);
    let shaped = |(piece, spec): (Tensor, &Spec)| {
        let shape: Vec<i64> = std::iter::once(members).chain(spec.shape.iter().copied()).collect();
        piece.view(shape.as_slice())
    };
    pieces.into_iter().zip(specs).map(shaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::{Activation, Mlp, Net};

    fn example(seed: u64) -> Params {
        Mlp::new(&[3, 4, 2], Activation::Relu).init(&mut Rng::new(&[seed, seed + 1]))
    }

    #[test]
    fn a_copy_in_the_same_precision_is_a_copy() {
        let mut params = example(0);
        let copy = params.to_kind(tch::Kind::Float);
        params.set(&(params.flat() * 0.0));
        assert!(copy.flat().abs().max().double_value(&[]) > 0.0);
    }

    #[test]
    fn in_place_updates_of_the_flat_tensor_move_the_views() {
        let mut params = example(0);
        params.set(&(params.flat() * 0.0));
        assert!(params.views().iter().all(|view| to_vec(view).iter().all(|x| x.abs() < 1e-30)));
    }

    #[test]
    fn lerp_is_a_moving_average() {
        let (mut average, target) = (example(0), example(5));
        let expected = average.flat() * 0.75 + target.flat() * 0.25;
        average.lerp(&target, 0.25);
        assert!(average.flat().allclose(&expected, 1e-6, 1e-7, false));
    }
}
