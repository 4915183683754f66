//! Checkpoints: what a training loop has to keep so that it can go on to the bit.

use gan::optim::Player;
use gan::{AdamState, Net, Rng};
use lab::Array;
use tch::Tensor;

use crate::{Arrays, array};

/// The named pieces of a training loop, collected into arrays or read back from them.
#[derive(Debug, Default)]
pub struct State(pub Arrays);

impl State {
    /// Adds a player: its parameters, both moments of Adam and the number of steps.
    pub fn player<N: Net>(mut self, name: &str, player: &Player<N>) -> Self {
        let AdamState { mean, square, steps } = &player.state;
        for (part, tensor) in [("params", player.params.flat()), ("mean", mean), ("square", square)]
        {
            self.0.insert(format!("{name}.{part}"), array(tensor));
        }
        let steps = Array::of_bytes(steps.to_le_bytes().to_vec());
        self.0.insert(format!("{name}.steps"), steps);
        self
    }

    /// Adds streams of random numbers.
    pub fn rng(mut self, name: &str, rng: &Rng) -> Self {
        self.0.insert(format!("{name}.rng"), Array::of_bytes(rng.state()));
        self
    }

    /// Adds whole numbers, one per member.
    pub fn counts(mut self, name: &str, counts: &[u64]) -> Self {
        let bytes = counts.iter().flat_map(|count| count.to_le_bytes()).collect();
        self.0.insert(format!("{name}.counts"), Array::of_bytes(bytes));
        self
    }

    fn piece(&self, name: &str) -> &Array {
        self.0.get(name).unwrap_or_else(|| panic!("the checkpoint lacks `{name}`"))
    }

    fn tensor(&self, name: &str, like: &Tensor) -> Tensor {
        let values = Tensor::from_slice(&self.piece(name).to_f32()).reshape(like.size());
        values.to_device(like.device())
    }

    /// Puts a player back to where it was.
    ///
    /// # Panics
    /// If the checkpoint lacks it or it has another size.
    pub fn restore_player<N: Net>(&self, name: &str, player: &mut Player<N>) {
        let like = player.params.flat().shallow_clone();
        player.params.set(&self.tensor(&format!("{name}.params"), &like));
        player.state = AdamState {
            mean: self.tensor(&format!("{name}.mean"), &like),
            square: self.tensor(&format!("{name}.square"), &like),
            steps: i32::from_le_bytes(self.bytes(&format!("{name}.steps"))),
        };
    }

    /// Puts streams of random numbers back to where they were.
    ///
    /// # Panics
    /// If the checkpoint lacks them.
    pub fn restore_rng(&self, name: &str, rng: &mut Rng) {
        rng.restore(&self.piece(&format!("{name}.rng")).bytes);
    }

    /// Returns whole numbers that were added.
    ///
    /// # Panics
    /// If the checkpoint lacks them.
    pub fn restore_counts(&self, name: &str) -> Vec<u64> {
        let bytes = &self.piece(&format!("{name}.counts")).bytes;
        bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
    }

    fn bytes<const N: usize>(&self, name: &str) -> [u8; N] {
        self.piece(name).bytes.as_slice().try_into().expect("a number of the right size")
    }
}
