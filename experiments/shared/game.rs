//! A generator, a critic and the random streams of their game: what a training loop has to keep.

use gan::optim::{Optimizer, Player};
use gan::{AdamState, Net, Rng};

crate::state! {
    /// Two players and three streams, which are apart so that a penalty does not shift the data.
    pub struct Game<G: Net, C: Net, O: Optimizer<State = AdamState>> {
        /// The generator.
        pub generator: Player<G, O>,
        /// The critic.
        pub critic: Player<C, O>,
        /// Draws minibatches of data.
        pub data: Rng,
        /// Draws latents.
        pub latent: Rng,
        /// Draws where penalties look.
        pub penalty: Rng,
    }
}

impl<G: Net, C: Net, O: Optimizer<State = AdamState>> Game<G, C, O> {
    /// Returns the game before its first step.
    pub fn new(generator: Player<G, O>, critic: Player<C, O>, root: &Rng) -> Self {
        let [data, latent, penalty] = ["data", "latent", "penalty"].map(|label| root.fork(label));
        Self { generator, critic, data, latent, penalty }
    }
}
