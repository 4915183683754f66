//! The shared model crate on libtorch: tensors in, tensors out.
//!
//! Three arguments are always apart: the *architecture* (plain data that implements [`Net`]), its
//! *parameters* ([`Params`]) and *randomness* ([`Rng`]). Nothing here reads a global generator, a
//! clock, the environment or a `.grad` field.
//!
//! # Members
//! Small networks are bound by the cost of dispatching operations, so a *stack* of seeds trains at
//! once. Every tensor of a model carries a leading member axis, `[members, batch, features]`; losses return one
//! value per member, `[members]`, and their sum is differentiated: members do not touch each other.
//! One run is a stack of one. Most of [`ratio`] and [`metric`] is of two samples, `[rows, features]`.
//!
//! # Words
//! The *critic* returns a raw real number (a logit, for a discriminator); *real* and *fake* are its
//! two inputs; `z` is the *latent*, `x` the data. Every loss is minimised.

pub mod data;
pub mod device;
pub mod finite;
pub mod flow;
pub mod grad;
pub mod hybrid;
pub mod init;
pub mod metric;
pub mod net;
pub mod objective;
pub mod optim;
pub mod params;
pub mod penalty;
pub mod range;
pub mod ratio;
pub mod rng;
pub mod step;
pub mod vae;

#[cfg(feature = "testing")]
pub mod check;

/// Version of this crate's arithmetic: it rises when a change moves the last bits of what a run computes, without a change
/// of its meaning.
pub const ARITHMETIC: u32 = 1;

/// The same of experiments whose stored runs have critics with convolutions.
pub const ARITHMETIC_OF_CONVOLUTIONS: u32 = 2;

/// The same of experiments whose stored runs train on f-divergences or on ratios by them.
pub const ARITHMETIC_OF_DIVERGENCES: u32 = 2;

pub use device::prepare_thread;
pub use grad::{Graph, grad};
pub use net::{Activation, Mlp, Net};
pub use objective::Objective;
pub use optim::{Adam, AdamState};
pub use params::Params;
pub use penalty::Penalty;
pub use rng::Rng;
