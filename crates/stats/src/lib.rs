//! What a number from a few seeds is worth, and what a cloud of samples covers.
//!
//! Pure `f64`: no tensors, no files, no clock. Randomised procedures (bootstrap, large
//! permutation tests) take an explicit seed, so that a report is the same each time.
//!
//! * [`bootstrap`]: intervals of a statistic over seeds,
//! * [`studentized`]: intervals of a mean over few, skewed seeds,
//! * [`cluster`]: means of seeds that share a draw,
//! * [`heterogeneity`]: whether the parts of a pooled claim agree,
//! * [`power`]: what a number of seeds can show,
//! * [`jackknife`]: intervals of a statistic of samples,
//! * [`prediction`]: where one more value is expected,
//! * [`proportion`]: intervals of shares and of differences of shares,
//! * [`robust`]: median, interquartile mean, probability of improvement,
//! * [`tests`]: sign-flip permutation, Fisher's exact test, Holm's correction,
//! * [`rank`]: rank correlation,
//! * [`tail`]: how heavy a tail is,
//! * [`distance`]: distances between samples and their permutation test,
//! * [`modes`]: how well samples cover a mixture of Gaussians.

pub mod bootstrap;
pub mod cluster;
pub mod distance;
pub mod heterogeneity;
pub mod jackknife;
pub mod modes;
pub mod power;
pub mod prediction;
pub mod proportion;
pub mod rank;
pub mod robust;
pub mod studentized;
pub mod tail;
pub mod tests;

/// A closed interval on the real line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `x` lies in the interval, ends included.
    pub fn contains(&self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }
}
