//! How heavy the tail of a law is.

/// Returns Hill's estimate of the tail index from the largest `share` of positive values: the power `a` of
/// `P(X > x) ~ x^-a`. Below 2 the variance is infinite, below or at 1 the mean; of a normal law's largest 5 %
/// it is about 6.
///
/// # Source
/// Hill, *A simple general approach to inference about the tail of a distribution*, 1975.
///
/// # Panics
/// If fewer than two values are in the tail, or one of them is not positive.
pub fn hill_index(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let count = (share * sorted.len() as f64) as usize;
    assert!(count >= 2 && sorted[count] > 0.0, "a tail of {count} values above {}", sorted[count]);
    let excess: f64 = sorted[..count].iter().map(|x| (x / sorted[count]).ln()).sum();
    count as f64 / excess
}

#[cfg(test)]
mod unit {
    use super::*;

    /// The quantiles of Pareto laws, `u^(-1/a)`, at 10,000 midpoints.
    #[test]
    fn finds_the_power_of_a_pareto_law() {
        for power in [1.0, 3.0] {
            let quantile = |i: u32| ((f64::from(i) + 0.5) / 1e4).powf(-1.0 / power);
            let values: Vec<f64> = (0..10_000).map(quantile).collect();
            assert!((hill_index(&values, 0.05) / power - 1.0).abs() < 0.02);
        }
    }
}
