//! Summaries that a single bad seed does not move.

/// Returns the arithmetic mean; `NaN` for an empty slice.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Returns the unbiased sample standard deviation; `NaN` for fewer than two values.
pub fn standard_deviation(values: &[f64]) -> f64 {
    let centre = mean(values);
    let sum: f64 = values.iter().map(|x| (x - centre).powi(2)).sum();
    (sum / (values.len() as f64 - 1.0)).sqrt()
}

/// Returns the quantile of **sorted** values by linear interpolation (Hyndman and Fan's type 7,
/// the default of NumPy and R).
///
/// # Panics
/// If `sorted` is empty.
pub fn quantile(sorted: &[f64], probability: f64) -> f64 {
    assert!(!sorted.is_empty(), "a quantile needs at least one value");
    let position = probability.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let (below, above) = (position.floor() as usize, position.ceil() as usize);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}

/// Returns the median.
///
/// # Panics
/// If `values` is empty.
pub fn median(values: &[f64]) -> f64 {
    quantile(&sorted(values), 0.5)
}

/// Returns the interquartile mean: the mean of the middle half, with fractional weights at its ends.
///
/// # Source
/// Agarwal et al., *Deep RL at the Edge of the Statistical Precipice*, 2021, section 4.3.
///
/// # Panics
/// If `values` is empty.
pub fn interquartile_mean(values: &[f64]) -> f64 {
    assert!(!values.is_empty(), "an interquartile mean needs at least one value");
    let sorted = sorted(values);
    let n = sorted.len() as f64;
    let (low, high) = (n / 4.0, 3.0 * n / 4.0);
    let weight = |i: usize| {
        let (left, right) = (i as f64, i as f64 + 1.0);
        (right.min(high) - left.max(low)).max(0.0)
    };
    let total: f64 = sorted.iter().enumerate().map(|(i, x)| weight(i) * x).sum();
    total / (high - low)
}

/// Returns the probability that a random value of `x` exceeds a random value of `y`, ties counted half.
///
/// # Source
/// Agarwal et al. 2021, section 4.3; the Mann-Whitney U statistic over its maximum.
pub fn probability_of_improvement(x: &[f64], y: &[f64]) -> f64 {
    let score = |a: f64, b: f64| {
        if a > b {
            1.0
        } else if a < b {
            0.0
        } else {
            0.5
        }
    };
    let wins: f64 = x.iter().flat_map(|&a| y.iter().map(move |&b| score(a, b))).sum();
    wins / (x.len() * y.len()) as f64
}

/// Returns the least-squares line through the points as (intercept, slope).
///
/// # Panics
/// If the abscissas are all equal.
pub fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let (mx, my) = points.iter().fold((0.0, 0.0), |(mx, my), (x, y)| (mx + x / n, my + y / n));
    let (sxx, sxy) = points.iter().fold((0.0, 0.0), |(sxx, sxy), (x, y)| {
        (sxx + (x - mx) * (x - mx), sxy + (x - mx) * (y - my))
    });
    assert!(sxx > 0.0, "a line needs two different abscissas");
    (my - sxy / sxx * mx, sxy / sxx)
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn interquartile_mean_trims_a_quarter_from_each_end() {
        assert_abs_diff_eq!(interquartile_mean(&[0.0, 1.0, 2.0, 1e9]), 1.5, epsilon = 1e-12);
        // n = 5: 1.25 values go at each end, so the second and fourth weigh 0.75.
        let expected = (0.75 * 2.0 + 3.0 + 0.75 * 4.0) / 2.5;
        assert_abs_diff_eq!(
            interquartile_mean(&[5.0, 1.0, 2.0, 3.0, 4.0]),
            expected,
            epsilon = 1e-12
        );
    }

    #[test]
    fn quantiles_interpolate() {
        assert_abs_diff_eq!(median(&[3.0, 1.0, 2.0, 10.0]), 2.5, epsilon = 1e-12);
        assert_abs_diff_eq!(quantile(&[0.0, 10.0], 0.25), 2.5, epsilon = 1e-12);
    }

    #[test]
    fn improvement_of_equal_samples_is_a_coin() {
        assert_abs_diff_eq!(
            probability_of_improvement(&[1.0, 2.0], &[1.0, 2.0]),
            0.5,
            epsilon = 1e-12
        );
        assert_abs_diff_eq!(probability_of_improvement(&[3.0], &[1.0, 2.0]), 1.0, epsilon = 1e-12);
    }

    #[test]
    fn a_line_is_recovered() {
        let (intercept, slope) = line(&[(0.0, 1.0), (1.0, 3.0), (4.0, 9.0)]);
        assert_abs_diff_eq!(intercept, 1.0, epsilon = 1e-12);
        assert_abs_diff_eq!(slope, 2.0, epsilon = 1e-12);
    }
}
