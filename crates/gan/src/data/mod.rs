//! What a generator should learn.

pub mod images;
mod line;
mod mixture;
mod published;

pub use line::{Line, Misfit};
pub use mixture::GaussianMixture;

use tch::Tensor;

use crate::Rng;

/// A distribution to sample from.
pub trait Target {
    /// Returns the number of features of a sample.
    fn dim(&self) -> i64;

    /// Returns independent samples.
    ///
    /// # Shapes
    /// `[members, count, dim]`.
    fn sample(&self, rng: &mut Rng, count: i64) -> Tensor;

    /// Returns the log density in nats at each row of `x`.
    ///
    /// # Shapes
    /// `x`: `[members, batch, dim]`; result: `[members, batch]`.
    fn log_prob(&self, x: &Tensor) -> Tensor;
}
