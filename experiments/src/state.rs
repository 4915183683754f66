//! Checkpoints: what a training loop has to keep so that it can go on to the bit.

use gan::optim::{Optimizer, Player};
use gan::{AdamState, Net, Params, Rng};
use lab::{Array, Interrupted, Run};
use tch::Tensor;

use crate::{Arrays, array};

/// A piece of a training loop that can be written down and put back to where it was.
pub trait Resumable {
    /// Adds arrays under names that start with `name`.
    fn save(&self, name: &str, arrays: &mut Arrays);

    /// Puts back what [`Resumable::save`] added.
    ///
    /// # Panics
    /// If the arrays lack it or it has another size.
    fn load(&mut self, name: &str, arrays: &Arrays);
}

/// Puts the named pieces back to where an earlier attempt at this cell left them and returns the step to
/// go on with; without one, leaves them alone and returns 0.
pub fn resume(run: &mut Run, pieces: &mut [(&str, &mut dyn Resumable)]) -> u64 {
    let Some(saved) = run.resume() else { return 0 };
    for (name, piece) in pieces {
        piece.load(name, &saved.arrays);
    }
    saved.step
}

/// Calls the harness's door ([`Run::keep`]) with the named pieces.
///
/// # Errors
/// [`Interrupted`], after a checkpoint was written.
pub fn keep(
    run: &mut Run,
    (step, total): (u64, u64),
    pieces: &[(&str, &dyn Resumable)],
) -> Result<(), Interrupted> {
    run.keep(step, total, || {
        let mut arrays = Arrays::new();
        for (name, piece) in pieces {
            piece.save(name, &mut arrays);
        }
        arrays
    })
}

impl Resumable for Params {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        arrays.insert(name.to_owned(), array(self.flat()));
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        let like = self.flat().shallow_clone();
        let values = Tensor::from_slice(&piece(arrays, name).to_f32());
        self.set(&values.reshape(like.size()).to_device(like.device()));
    }
}

impl<N: Net, O: Optimizer<State = AdamState>> Resumable for Player<N, O> {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        let AdamState { mean, square, steps } = &self.state;
        for (part, tensor) in [("params", self.params.flat()), ("mean", mean), ("square", square)] {
            arrays.insert(format!("{name}.{part}"), array(tensor));
        }
        let steps = Array::of_bytes(steps.to_le_bytes().to_vec());
        arrays.insert(format!("{name}.steps"), steps);
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        let like = self.params.flat().shallow_clone();
        let tensor = |part: &str| {
            let values = Tensor::from_slice(&piece(arrays, &format!("{name}.{part}")).to_f32());
            values.reshape(like.size()).to_device(like.device())
        };
        let steps = &piece(arrays, &format!("{name}.steps")).bytes;
        let steps = i32::from_le_bytes(steps.as_slice().try_into().expect("four bytes"));
        self.params.set(&tensor("params"));
        self.state = AdamState { mean: tensor("mean"), square: tensor("square"), steps };
    }
}

impl Resumable for Rng {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        arrays.insert(name.to_owned(), Array::of_bytes(self.state()));
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        self.restore(&piece(arrays, name).bytes);
    }
}

impl<T: Resumable> Resumable for Option<T> {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        if let Some(piece) = self {
            piece.save(name, arrays);
        }
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        if let Some(piece) = self {
            piece.load(name, arrays);
        }
    }
}

/// Whole numbers.
impl Resumable for Vec<u64> {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        let bytes = self.iter().flat_map(|count| count.to_le_bytes()).collect();
        arrays.insert(name.to_owned(), Array::of_bytes(bytes));
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        let bytes = &piece(arrays, name).bytes;
        *self = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
    }
}

fn piece<'a>(arrays: &'a Arrays, name: &str) -> &'a Array {
    arrays.get(name).unwrap_or_else(|| panic!("the checkpoint lacks `{name}`"))
}
