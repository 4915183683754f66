//! Adam.

use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::Optimizer;
use crate::{Params, range};

/// Adam (Kingma and Ba 2014, algorithm 1), with PyTorch's placing of epsilon.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    /// Step size.
    #[garde(custom(range::learning_rate))]
    pub learning_rate: f64,
    /// Decay of the mean of gradients.
    #[garde(custom(range::share))]
    pub beta1: f64,
    /// Decay of the mean of squared gradients.
    #[garde(custom(range::share))]
    pub beta2: f64,
    /// Added to the root of the mean square.
    #[garde(custom(range::epsilon))]
    pub epsilon: f64,
    /// Added inside that root by [`Optimizer::update`] alone: the root's derivative at a gradient of
    /// exactly zero (a dead unit) is infinite, and an unrolled step would be NaN without it.
    #[garde(custom(range::epsilon))]
    pub epsilon_root: f64,
}

impl Adam {
    /// Returns Adam with the usual epsilon of 1e-8.
    pub fn new(learning_rate: f64, beta1: f64, beta2: f64) -> Self {
        Self { learning_rate, beta1, beta2, epsilon: 1e-8, epsilon_root: 1e-20 }
    }

    /// Takes a loss's derivatives back through [`Optimizer::update`], from the moved parameters and the moments
    /// `after` to the gradient, which is returned, and to the moments before. That by the parameters before is
    /// the one by those after: the update adds to them.
    pub(crate) fn pull_back(
        &self,
        gradient: &Tensor,
        after: &AdamState,
        by_moved: &Tensor,
        by_moments: &mut ByMoments,
    ) -> Tensor {
        let (rate, epsilon) = self.corrected(after.steps);
        let root = (&after.square + self.epsilon_root).sqrt();
        let by_ratio = by_moved / (&root + epsilon) * -rate;
        let by_square = &by_ratio * &after.mean / (&root + epsilon) / root * -0.5;
        let mean = &by_moments.mean + by_ratio;
        let square = &by_moments.square + by_square;
        let by_gradient =
            &mean * (1.0 - self.beta1) + gradient * &square * (2.0 * (1.0 - self.beta2));
        *by_moments = ByMoments { mean: mean * self.beta1, square: square * self.beta2 };
        by_gradient
    }

    /// The step size and epsilon that absorb the bias corrections of step `t`:
    /// `rate sqrt(1 - beta2^t) / (1 - beta1^t)` and `epsilon sqrt(1 - beta2^t)`.
    pub(super) fn corrected(&self, t: i32) -> (f64, f64) {
        let second = (1.0 - self.beta2.powi(t)).sqrt();
        (self.learning_rate * second / (1.0 - self.beta1.powi(t)), self.epsilon * second)
    }
}

/// A loss's derivatives by Adam's two moments.
#[derive(Debug)]
pub(crate) struct ByMoments {
    pub(crate) mean: Tensor,
    pub(crate) square: Tensor,
}

/// Parameters that are moved at a time, so that the passes over large networks stay in the cache.
const CHUNK: i64 = 1 << 17;

/// Steps from one clearing of moments to the next.
const CLEARED_EVERY: i32 = 16;

/// Sets moments to zero that are too small to move a parameter. Those of a unit that is dead decay, end
/// as subnormal numbers, which never decay to zero, and a CPU takes a hundred cycles for each of them. What is cleared
/// is far enough above the subnormal numbers that none is reached before the next clearing, and far enough below
/// epsilon that no parameter above 1e-13 is moved by another bit.
fn clear(mean: &mut Tensor, square: &mut Tensor) {
    let tiny = mean.abs().lt(1e-30);
    let _ = mean.masked_fill_(&tiny, 0.0);
    let _ = square.threshold_(1e-34, 0.0);
}

/// Adam's moments, flat, and its count of steps.
#[derive(Debug)]
pub struct AdamState {
    /// Running mean of gradients, `[members, total]`.
    pub mean: Tensor,
    /// Running mean of squared gradients, `[members, total]`.
    pub square: Tensor,
    /// Number of steps taken.
    pub steps: i32,
}

impl AdamState {
    /// Returns the state before the first step.
    pub(super) fn new(params: &Params) -> Self {
        let zeros = || params.flat().detach().zeros_like();
        Self { mean: zeros(), square: zeros(), steps: 0 }
    }

    /// Returns a state cut off from the graph that led to it.
    pub fn detach(&self) -> Self {
        Self { mean: self.mean.detach(), square: self.square.detach(), steps: self.steps }
    }
}

impl Optimizer for Adam {
    type State = AdamState;

    fn init(&self, params: &Params) -> AdamState {
        AdamState::new(params)
    }

    fn update(&self, params: &Tensor, gradient: &Tensor, state: &AdamState) -> (Tensor, AdamState) {
        let steps = state.steps + 1;
        let (rate, epsilon) = self.corrected(steps);
        let mean = state.mean.lerp(gradient, 1.0 - self.beta1);
        let square = state.square.lerp(&gradient.square(), 1.0 - self.beta2);
        let root = (&square + self.epsilon_root).sqrt() + epsilon;
        let moved = params - (&mean / root) * rate;
        (moved, AdamState { mean, square, steps })
    }

    fn step(&self, params: &mut Params, gradient: &Tensor, state: &mut AdamState) {
        let _guard = tch::no_grad_guard();
        state.steps += 1;
        let (rate, epsilon) = self.corrected(state.steps);
        let small = params.flat().numel() as i64 <= CHUNK;
        let pieces = |flat: &Tensor| {
            if small { vec![flat.detach()] } else { flat.detach().view(-1).split(CHUNK, 0) }
        };
        let moments = pieces(&state.mean).into_iter().zip(pieces(&state.square));
        let moving = pieces(params.flat()).into_iter().zip(pieces(&gradient.contiguous()));
        for ((mut params, gradient), (mut mean, mut square)) in moving.zip(moments) {
            let _ = mean.lerp_(&gradient, 1.0 - self.beta1);
            let _ = square.lerp_(&gradient.square(), 1.0 - self.beta2);
            let mut root = square.sqrt();
            let _ = root.g_add_scalar_(epsilon);
            // The root becomes the direction: one temporary instead of three.
            let mut direction = root.reciprocal_().g_mul_(&mean);
            let _ = direction.g_mul_scalar_(-rate);
            let _ = params.g_add_(&direction);
            if state.steps % CLEARED_EVERY == 0 {
                clear(&mut mean, &mut square);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use crate::{Activation, Mlp, Net, Rng};
    use approx::assert_abs_diff_eq;

    fn player() -> Params {
        Mlp::new(&[2, 3, 1], Activation::Tanh).init(&mut double(&[0, 1]))
    }

    /// The first step of Adam moves every coordinate by the learning rate against its sign.
    #[test]
    fn first_step_is_the_sign() {
        let mut params = player();
        let adam = Adam::new(0.1, 0.5, 0.999);
        let mut state = adam.init(&params);
        let before = params.flat().copy();
        let gradient = double(&[4, 5]).normal(&[params.count()]);
        adam.step(&mut params, &gradient, &mut state);
        let moved = to_vec(&(params.flat() - before));
        for (step, g) in moved.iter().zip(to_vec(&gradient)) {
            assert_abs_diff_eq!(*step, -0.1 * g.signum(), epsilon = 1e-6);
        }
    }

    /// Both forms are the same rule; they round differently, by some ulps a step.
    #[test]
    fn update_and_step_agree() {
        let mut params = player();
        let adam = Adam::new(1e-2, 0.5, 0.9);
        let (mut state, mut functional) = (adam.init(&params), adam.init(&params));
        let mut flat = params.flat().copy();
        let mut rng = double(&[4, 5]);
        for _ in 0..20 {
            let gradient = rng.normal(&[params.count()]);
            adam.step(&mut params, &gradient, &mut state);
            (flat, functional) = adam.update(&flat, &gradient, &functional);
        }
        assert!(params.flat().allclose(&flat, 0.0, 1e-12, false));
        assert_eq!(functional.steps, state.steps);
    }

    /// A unit that dies after some steps leaves no subnormal moments, in none of the steps that follow, and moves its
    /// parameters as Adam without any clearing does.
    #[test]
    fn the_moments_of_a_dead_unit_are_never_subnormal() {
        let mut params = Mlp::new(&[2, 3, 1], Activation::Relu).init(&mut Rng::new(&[0, 1]));
        let adam = Adam::new(1e-2, 0.5, 0.9);
        let mut state = adam.init(&params);
        let (mut plain, mut mean, mut square) =
            (params.flat().detach().copy(), state.mean.copy(), state.square.copy());
        let mut subnormal_without = false;
        let subnormal = |moment: &Tensor| to_vec(moment).iter().any(|&x| (x as f32).is_subnormal());
        let mut rng = Rng::new(&[4, 5]);
        for t in 1..=2000 {
            let alive = if t <= 10 { 1.0 } else { 0.0 };
            let gradient = rng.normal(&[params.count()]) * alive;
            adam.step(&mut params, &gradient, &mut state);
            assert!(!subnormal(&state.mean) && !subnormal(&state.square), "step {t}");

            let (rate, epsilon) = adam.corrected(t);
            mean = mean.lerp(&gradient, 1.0 - adam.beta1);
            square = square.lerp(&gradient.square(), 1.0 - adam.beta2);
            plain += (square.sqrt() + epsilon).reciprocal() * &mean * -rate;
            subnormal_without |= subnormal(&mean);
        }
        assert!(subnormal_without, "the test would pass without clearing");
        assert!(params.flat().equal(&plain));
    }

    /// Without the epsilon inside the root, the derivative through a zero gradient is NaN.
    #[test]
    fn a_dead_unit_does_not_poison_the_unrolled_step() {
        let params = player();
        let adam = Adam::new(1e-2, 0.5, 0.9);
        let state = adam.init(&params);
        let gradient = params.flat().zeros_like().set_requires_grad(true);
        let (moved, _) = adam.update(params.flat(), &gradient, &state);
        let through = crate::grad(&moved, &[gradient], crate::Graph::Free).remove(0);
        assert!(to_vec(&through).iter().all(|x| x.is_finite()));
    }
}
