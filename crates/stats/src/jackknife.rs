//! Intervals of a statistic of samples, by leaving out parts of them.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::Interval;

/// Returns the interval of a statistic from its value on all rows and its values without one of several equal
/// groups of rows each: the delete-a-group jackknife, with Student's quantile.
///
/// # Panics
/// If there are fewer than two groups.
///
/// # Source
/// Kott 2001; Efron and Tibshirani 1993, chapter 11.
pub fn interval(value: f64, without: &[f64], level: f64) -> Interval {
    let groups = without.len() as f64;
    assert!(groups > 1.0, "two groups");
    let mean = without.iter().sum::<f64>() / groups;
    let squares: f64 = without.iter().map(|x| (x - mean) * (x - mean)).sum();
    let error = ((groups - 1.0) / groups * squares).sqrt();
    let law =
        StudentsT::new(0.0, 1.0, groups - 1.0).expect("a positive number of degrees of freedom");
    let half = error * law.inverse_cdf(f64::midpoint(1.0, level));
    Interval { low: value - half, high: value + half }
}

#[cfg(test)]
mod unit {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// For a mean and groups of one row it is Student's interval of the mean.
    #[test]
    fn of_a_mean() {
        let rows = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];
        let mean = |rows: &[f64]| rows.iter().sum::<f64>() / rows.len() as f64;
        let without: Vec<f64> =
            (0..10).map(|i| mean(&[&rows[..i], &rows[i + 1..]].concat())).collect();
        let (expected, _) = crate::tests::student(&rows, 0.0, 0.95);
        let found = interval(mean(&rows), &without, 0.95);
        assert_abs_diff_eq!(found.low, expected.low, epsilon = 1e-12);
        assert_abs_diff_eq!(found.high, expected.high, epsilon = 1e-12);
    }
}
