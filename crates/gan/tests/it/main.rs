//! Mathematics of the model crate, tested with mathematics.

mod games;
mod gradients;
mod pytorch;
mod stacks;
mod theory;
