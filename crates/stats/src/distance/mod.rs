//! How far two samples are from each other, without a model of either.
//!
//! * [`mmd`]: maximum mean discrepancy with several kernels, and its permutation test,
//! * [`transport`]: Wasserstein distances on the line and along random directions,
//! * [`sinkhorn`]: entropic optimal transport and its debiased divergence.

pub mod mmd;
pub mod sinkhorn;
pub mod transport;

/// Points of one dimension or more.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    dim: usize,
    values: Vec<f64>,
}

impl Points {
    /// Returns points from the coordinates of one after the other.
    ///
    /// # Panics
    /// If there is no point, a coordinate is missing, or one is not finite.
    pub fn new(dim: usize, values: Vec<f64>) -> Self {
        assert!(dim > 0 && !values.is_empty() && values.len().is_multiple_of(dim), "whole points");
        assert!(values.iter().all(|x| x.is_finite()), "finite coordinates");
        Self { dim, values }
    }

    /// Returns the number of coordinates of a point.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Returns the number of points.
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.values.len() / self.dim
    }

    /// Returns the points one after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f64]> + Clone {
        self.values.chunks_exact(self.dim)
    }

    /// Returns the coordinates of one point after the other.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Returns the points of both, these first.
    ///
    /// # Panics
    /// If they differ in dimension.
    pub fn joined(&self, other: &Self) -> Self {
        same_dim(self, other);
        Self { dim: self.dim, values: [&self.values[..], &other.values].concat() }
    }
}

fn same_dim(x: &Points, y: &Points) {
    assert_eq!(x.dim, y.dim, "points of one dimension");
}

fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
