//! Where one more value of a sample is expected.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::{Interval, robust};

/// Returns the interval that holds one more value of a normal sample with probability `level`:
/// `mean ± t sd sqrt(1 + 1/n)`, with Student's quantile of `n - 1` degrees of freedom. Of equal values it is their
/// point.
///
/// # Source
/// Student's law of a difference; e.g. Hahn and Meeker, *Statistical Intervals*, 1991, section 4.7.
///
/// # Panics
/// If there are fewer than two values, or `level` is not inside (0, 1).
pub fn interval(values: &[f64], level: f64) -> Interval {
    assert!(values.len() > 1, "a prediction needs two values at least");
    assert!(level > 0.0 && level < 1.0, "level {level} is not inside (0, 1)");
    let n = values.len() as f64;
    let (mean, sd) = (robust::mean(values), robust::standard_deviation(values));
    let law = StudentsT::new(0.0, 1.0, n - 1.0).expect("a positive number of degrees of freedom");
    let half = law.inverse_cdf(f64::midpoint(1.0, level)) * sd * (1.0 + 1.0 / n).sqrt();
    Interval { low: mean - half, high: mean + half }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// By hand: two values, mean 0, deviation sqrt 2, t(0.975; 1) = 12.706: half = 12.706 sqrt 2 sqrt 1.5 = 22.01.
    #[test]
    fn two_values_by_hand() {
        let found = interval(&[-1.0, 1.0], 0.95);
        assert_abs_diff_eq!(found.high, 22.007, epsilon = 1e-3);
        assert_abs_diff_eq!(found.low, -found.high, epsilon = 1e-12);
    }

    #[test]
    fn equal_values_expect_the_same() {
        let found = interval(&[2.0; 5], 0.999);
        assert_eq!((found.low, found.high), (2.0, 2.0));
    }
}
