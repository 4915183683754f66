//! What can be estimated from two samples.

mod images;
mod list;
mod memory;
mod moments;
mod pairs;
pub(crate) mod ratio;
mod relabel;
mod transport;

pub(crate) use list::{MANY, METRICS};
pub(crate) use moments::{Parted, of_moments};
pub(crate) use transport::Sorted;

use anyhow::Result;

use crate::cost::{Cost, Sizes};
use crate::estimate::{Context, Estimate, Pair};

/// A number between samples.
#[derive(Clone, Copy)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// The power of the values' unit that it is in.
    pub(crate) power: i32,
    pub(crate) bias: Bias,
    pub(crate) better: Better,
    pub(crate) coordinates: Coordinates,
    /// Where its values lie.
    pub(crate) range: (f64, f64),
    /// Rows of each sample that it takes at most where no --limit is given.
    pub(crate) rows: i64,
    /// Whether it takes moments of all rows where memory holds a draw of them.
    pub(crate) streams: bool,
    /// Why it does not fit samples, if it does not.
    pub(crate) misfit: fn(&Context, usize) -> Option<String>,
    pub(crate) cost: fn(Sizes) -> Cost,
    pub(crate) estimator: fn(&Pair, &Context) -> Result<Estimate>,
}

/// Whether few rows of one law are expected at the value of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bias {
    None,
    /// They are not, and how far they are is shown by two halves of the real rows.
    OfFewRows,
}

/// Which of two models a difference speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Lower,
    Higher,
    /// Neither end is better.
    Neither,
}

/// Which coordinates of the rows it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coordinates {
    /// Those of the files, but for their origin and unit.
    Given,
    /// Uncorrelated ones of variance 1.
    White,
}
