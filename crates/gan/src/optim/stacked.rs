//! Adam with settings of its own for every member of a stack.

use tch::Tensor;

use super::{Adam, AdamState, Optimizer};
use crate::Params;

/// One [`Adam`] per member: a sweep over its settings trains as one stack.
#[derive(Clone, Debug, PartialEq)]
pub struct StackedAdam {
    /// The settings of each member.
    pub members: Vec<Adam>,
}

impl StackedAdam {
    /// A number of every member, `[members, 1]`.
    fn column(&self, number: impl Fn(&Adam) -> f64, like: &Tensor) -> Tensor {
        let numbers: Vec<f64> = self.members.iter().map(number).collect();
        Tensor::from_slice(&numbers).to_kind(like.kind()).to_device(like.device()).unsqueeze(1)
    }

    /// The moments after one more step, and the direction to go.
    fn advance(
        &self,
        gradient: &Tensor,
        state: &AdamState,
        root: Option<&Tensor>,
    ) -> (Tensor, AdamState) {
        let steps = state.steps + 1;
        let column = |number: &dyn Fn(&Adam) -> f64| self.column(number, gradient);
        let mean = state.mean.lerp_tensor(gradient, &column(&|adam| 1.0 - adam.beta1));
        let square =
            state.square.lerp_tensor(&gradient.square(), &column(&|adam| 1.0 - adam.beta2));
        let rate = column(&|adam| adam.corrected(steps).0);
        let epsilon = column(&|adam| adam.corrected(steps).1);
        let rooted = root.map_or_else(|| square.sqrt(), |root| (&square + root).sqrt());
        let direction = &mean / (rooted + epsilon) * rate;
        (direction, AdamState { mean, square, steps })
    }
}

impl Optimizer for StackedAdam {
    type State = AdamState;

    fn init(&self, params: &Params) -> AdamState {
        assert_eq!(params.flat().size()[0], self.members.len() as i64, "settings of each member");
        AdamState::new(params)
    }

    fn update(&self, params: &Tensor, gradient: &Tensor, state: &AdamState) -> (Tensor, AdamState) {
        let root = self.column(|adam: &Adam| adam.epsilon_root, gradient);
        let (direction, state) = self.advance(gradient, state, Some(&root));
        (params - direction, state)
    }

    fn step(&self, params: &mut Params, gradient: &Tensor, state: &mut AdamState) {
        let _guard = tch::no_grad_guard();
        let (direction, next) = self.advance(&gradient.detach(), state, None);
        let _ = params.flat().detach().g_sub_(&direction);
        *state = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::double;
    use crate::{Activation, Mlp, Net};

    /// A member of a stack moves as it would under its own Adam alone.
    #[test]
    fn every_member_follows_its_own_settings() {
        let rooted = Adam { epsilon_root: 1e-3, ..Adam::new(3e-4, 0.0, 0.9) };
        let members = vec![Adam::new(1e-2, 0.5, 0.999), rooted];
        let net = Mlp::new(&[2, 3, 1], Activation::Tanh);
        let start = net.init(&mut double(&[0, 1]));
        let stack = StackedAdam { members: members.clone() };
        let (mut together, mut functional) = (start.snapshot(), start.flat().copy());
        let (mut state, mut other) = (stack.init(&together), stack.init(&together));
        let mut alone: Vec<_> =
            members.iter().map(|adam| (start.snapshot(), adam.init(&start))).collect();
        let mut updated: Vec<_> =
            members.iter().map(|adam| (start.flat().copy(), adam.init(&start))).collect();
        let mut rng = double(&[4, 5]);
        for _ in 0..20 {
            let gradient = rng.normal(&[start.count()]);
            stack.step(&mut together, &gradient, &mut state);
            (functional, other) = stack.update(&functional, &gradient, &other);
            for (adam, (params, state)) in members.iter().zip(&mut alone) {
                adam.step(params, &gradient, state);
            }
            for (adam, (params, state)) in members.iter().zip(&mut updated) {
                (*params, *state) = adam.update(params, &gradient, state);
            }
        }
        for (i, ((params, _), (updated, _))) in alone.iter().zip(&updated).enumerate() {
            let row = |flat: &Tensor| flat.detach().select(0, i as i64);
            assert!(row(together.flat()).allclose(&row(params.flat()), 1e-12, 1e-12, false));
            assert!(row(&functional).allclose(&row(updated), 1e-12, 1e-12, false));
        }
    }
}
