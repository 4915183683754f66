//! A generator, a critic and the random streams of their game: what a training loop has to keep.

use gan::optim::{Optimizer, Player};
use gan::{AdamState, Net, Rng};
use lab::{Interrupted, Run};

use crate::state::{keep, resume};

/// Two players and three streams, which are apart so that a penalty does not shift the data.
pub struct Game<G, C, O: Optimizer> {
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

impl<G: Net, C: Net, O: Optimizer<State = AdamState>> Game<G, C, O> {
    /// Returns the game before its first step.
    pub fn new(generator: Player<G, O>, critic: Player<C, O>, root: &Rng) -> Self {
        let [data, latent, penalty] = ["data", "latent", "penalty"].map(|label| root.fork(label));
        Self { generator, critic, data, latent, penalty }
    }

    /// Goes back to where an earlier attempt at the cell was and returns the step to go on with; without one, 0.
    pub fn resume(&mut self, run: &mut Run) -> u64 {
        resume(
            run,
            &mut [
                ("generator", &mut self.generator),
                ("critic", &mut self.critic),
                ("data", &mut self.data),
                ("latent", &mut self.latent),
                ("penalty", &mut self.penalty),
            ],
        )
    }

    /// Calls the harness's door ([`Run::keep`]).
    ///
    /// # Errors
    /// [`Interrupted`], after a checkpoint was written.
    pub fn keep(&self, run: &mut Run, steps: (u64, u64)) -> Result<(), Interrupted> {
        keep(
            run,
            steps,
            &[
                ("generator", &self.generator),
                ("critic", &self.critic),
                ("data", &self.data),
                ("latent", &self.latent),
                ("penalty", &self.penalty),
            ],
        )
    }
}
