//! What can be estimated from two samples.

mod list;

pub(crate) use list::METRICS;

use stats::distance::Points;

use crate::cost::Cost;
use crate::estimate::{Context, Estimate, Test};
use crate::frame::Frame;

/// A number between samples.
#[derive(Clone, Copy)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// The power of the values' unit that it is in.
    pub(crate) power: i32,
    pub(crate) bias: Bias,
    pub(crate) coordinates: Coordinates,
    /// Why it does not fit samples, if it does not.
    pub(crate) misfit: fn(&Frame) -> Option<String>,
    pub(crate) cost: fn(&Points, &Points) -> Cost,
    pub(crate) estimator: Estimator,
}

/// Whether few rows of one law are expected at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bias {
    None,
    /// They are not, and how far they are is shown by two halves of the real rows.
    OfFewRows,
}

/// Which coordinates of the rows it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coordinates {
    /// Those of the files, but for their origin and unit.
    Given,
    /// Uncorrelated ones of variance 1.
    White,
}

#[derive(Clone, Copy)]
pub(crate) enum Estimator {
    /// A number, with an interval from leaving out rows.
    Value(fn(&Points, &Points, &Context) -> Estimate),
    /// A test of whether both are of one law.
    Test(fn(&Points, &Points, &Context) -> Test),
}
