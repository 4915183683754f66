//! Optimisers in two forms: a differentiable update for unrolled training, and a step in place.

mod adam;
mod extragradient;
mod field;
mod momentum;
mod optimistic;
mod rmsprop;
mod rule;
mod sgd;
mod stacked;

pub(crate) use adam::ByMoments;
pub use adam::{Adam, AdamState};
pub use extragradient::{Extragradient, ExtragradientState};
pub use field::{Consensus, consensus_jacobian, field, jacobian};
pub use momentum::Momentum;
pub use optimistic::Optimistic;
pub use rmsprop::RmsProp;
pub use rule::Rule;
pub use sgd::Sgd;
pub use stacked::StackedAdam;

use tch::Tensor;

use crate::{Graph, Net, Params, Rng, grad};

/// A rule that turns gradients into new parameters. Tensors are flat, `[members, total]`.
pub trait Optimizer {
    /// What the rule remembers between steps.
    type State;

    /// Returns the state before the first step.
    fn init(&self, params: &Params) -> Self::State;

    /// Returns new parameters and state as differentiable functions of all three arguments.
    fn update(
        &self,
        params: &Tensor,
        gradient: &Tensor,
        state: &Self::State,
    ) -> (Tensor, Self::State);

    /// Moves parameters and state in place; the graph of the gradient is ignored.
    fn step(&self, params: &mut Params, gradient: &Tensor, state: &mut Self::State) {
        let _guard = tch::no_grad_guard();
        let (moved, next) = self.update(&params.flat().detach(), &gradient.detach(), state);
        params.set(&moved);
        *state = next;
    }
}

/// A network, its parameters and what its optimiser remembers: one side of a game.
#[derive(Debug)]
pub struct Player<N, O: Optimizer = Adam> {
    /// The architecture.
    pub net: N,
    /// The present parameters.
    pub params: Params,
    /// The rule that moves them.
    pub optimizer: O,
    /// What the rule remembers.
    pub state: O::State,
}

impl<N: Net, O: Optimizer> Player<N, O> {
    /// Returns a player with freshly initialised parameters.
    pub fn new(net: N, optimizer: O, rng: &mut Rng) -> Self {
        let params = net.init(rng);
        Self::starting_at(net, params, optimizer)
    }

    /// Returns a player with given parameters.
    pub fn starting_at(net: N, params: Params, optimizer: O) -> Self {
        let state = optimizer.init(&params);
        Self { net, params, optimizer, state }
    }

    /// Returns the network's output under the present parameters.
    pub fn apply(&self, x: &Tensor) -> Tensor {
        self.net.apply(&self.params, x)
    }

    /// Returns the flat gradient of the sum of `loss`, `[members, total]`.
    pub fn gradient(&self, loss: &Tensor, graph: Graph) -> Tensor {
        Params::join(&grad(loss, self.params.views(), graph))
    }

    /// Moves the parameters by a flat gradient.
    pub fn step(&mut self, gradient: &Tensor) {
        self.optimizer.step(&mut self.params, gradient, &mut self.state);
    }

    /// Moves the parameters down the gradient of the sum of `loss`.
    ///
    /// # Examples
    /// ```
    /// use gan::optim::Player;
    /// use gan::{Activation, Adam, Mlp, Rng};
    /// use tch::Kind;
    ///
    /// let root = Rng::new(&[0]);
    /// let net = Mlp::new(&[1, 32, 1], Activation::Tanh);
    /// let mut player = Player::new(net, Adam::new(1e-2, 0.9, 0.999), &mut root.fork("net"));
    /// let x = root.fork("x").normal(&[256, 1]);
    /// let loss = |player: &Player<Mlp>| {
    ///     (player.apply(&x) - x.sin()).square().mean_dim([1i64, 2].as_slice(), false, None::<Kind>)
    /// };
    /// let before = loss(&player).double_value(&[0]);
    /// for _ in 0..200 {
    ///     let now = loss(&player);
    ///     player.descend(&now);
    /// }
    /// assert!(loss(&player).double_value(&[0]) < before / 10.0);
    /// ```
    pub fn descend(&mut self, loss: &Tensor) {
        let gradient = self.gradient(loss, Graph::Free);
        self.step(&gradient);
    }
}
