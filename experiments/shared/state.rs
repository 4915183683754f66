//! Checkpoints: what a training loop has to keep so that it can go on to the bit.

use gan::optim::{ExtragradientState, Optimizer, Player};
use gan::{AdamState, Net, Params, Rng};
use lab::{Array, Interrupted, Run};
use serde::Serialize;
use serde::de::DeserializeOwned;
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

    /// Goes back to where an earlier attempt at the cell was and returns the step to go on with; without one, 0.
    fn resume(&mut self, run: &mut Run) -> u64 {
        let Some(saved) = run.resume() else { return 0 };
        self.load("", &saved.arrays);
        saved.step
    }

    /// Hands the state after `step` of `total` steps to [`Run::keep`].
    ///
    /// # Errors
    /// [`Interrupted`], after a checkpoint was written.
    fn keep(&self, run: &mut Run, (step, total): (u64, u64)) -> Result<(), Interrupted> {
        run.keep(step, total, || {
            let mut arrays = Arrays::new();
            self.save("", &mut arrays);
            arrays
        })
    }
}

/// Defines the state of a training loop: a struct whose every field is saved and put back, each a [`Resumable`].
///
/// ```ignore
/// shared::state! {
///     /// Both players and where they draw from.
///     struct State {
///         generator: Player<Mlp>,
///         critic: Player<Mlp>,
///         data: Rng,
///     }
/// }
/// ```
#[macro_export]
macro_rules! state {
    ($(#[$doc:meta])* $vis:vis struct $name:ident $(<$($generic:ident: $bound:path),*>)? {
        $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $type:ty,)*
    }) => {
        $(#[$doc])*
        $vis struct $name $(<$($generic: $bound),*>)? {
            $($(#[$field_doc])* $field_vis $field: $type,)*
        }

        impl $(<$($generic: $bound),*>)? $crate::Resumable for $name $(<$($generic),*>)? {
            fn save(&self, name: &str, arrays: &mut $crate::Arrays) {
                $($crate::Resumable::save(&self.$field, &format!("{name}.{}", stringify!($field)), arrays);)*
            }

            fn load(&mut self, name: &str, arrays: &$crate::Arrays) {
                $($crate::Resumable::load(&mut self.$field, &format!("{name}.{}", stringify!($field)), arrays);)*
            }
        }
    };
}

impl Resumable for Tensor {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        arrays.insert(name.to_owned(), array(self));
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        let values = Self::from_slice(&piece(arrays, name).to_f32());
        *self = values.reshape(self.size()).to_device(self.device());
    }
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

impl<N: Net, O: Optimizer<State: Resumable>> Resumable for Player<N, O> {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        self.params.save(&format!("{name}.params"), arrays);
        self.state.save(name, arrays);
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        self.params.load(&format!("{name}.params"), arrays);
        self.state.load(name, arrays);
    }
}

impl Resumable for AdamState {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        Resumable::save(&self.mean, &format!("{name}.mean"), arrays);
        Resumable::save(&self.square, &format!("{name}.square"), arrays);
        let steps = Array::of_bytes(self.steps.to_le_bytes().to_vec());
        arrays.insert(format!("{name}.steps"), steps);
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        Resumable::load(&mut self.mean, &format!("{name}.mean"), arrays);
        Resumable::load(&mut self.square, &format!("{name}.square"), arrays);
        let steps = &piece(arrays, &format!("{name}.steps")).bytes;
        self.steps = i32::from_le_bytes(steps.as_slice().try_into().expect("four bytes"));
    }
}

/// A checkpoint lies between two moves, where no base is.
impl<S: Resumable> Resumable for ExtragradientState<S> {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        assert!(self.base.is_none(), "a checkpoint amid an extragradient move");
        self.rule.save(name, arrays);
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        self.rule.load(name, arrays);
        self.base = None;
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

impl<T: Resumable, const N: usize> Resumable for [T; N] {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        for (i, piece) in self.iter().enumerate() {
            piece.save(&format!("{name}.{i}"), arrays);
        }
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        for (i, piece) in self.iter_mut().enumerate() {
            piece.load(&format!("{name}.{i}"), arrays);
        }
    }
}

/// Plain data of a loop, such as counts and the best so far; every number has to be finite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plain<T>(pub T);

impl<T: Serialize + DeserializeOwned> Resumable for Plain<T> {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        let bytes = serde_json::to_vec(&self.0).expect("plain data is stored as JSON");
        arrays.insert(name.to_owned(), Array::of_bytes(bytes));
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        let stored = serde_json::from_slice(&piece(arrays, name).bytes);
        self.0 = stored.unwrap_or_else(|error| panic!("the checkpoint's `{name}`: {error}"));
    }
}

fn piece<'a>(arrays: &'a Arrays, name: &str) -> &'a Array {
    arrays.get(name).unwrap_or_else(|| panic!("the checkpoint lacks `{name}`"))
}
