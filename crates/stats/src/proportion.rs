//! Intervals of shares: how often a run covered every mode, and the difference between two arms.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::Interval;

/// Returns Wilson's score interval of a share of `hits` in `n`.
///
/// # Source
/// Wilson, *Probable inference, the law of succession, and statistical inference*, 1927.
///
/// # Panics
/// If `n` is zero or `hits > n`.
pub fn wilson(hits: usize, n: usize, level: f64) -> Interval {
    assert!(n > 0 && hits <= n, "{hits} hits of {n} is no share");
    let z = Normal::standard().inverse_cdf(1.0 - (1.0 - level) / 2.0);
    let (k, n) = (hits as f64, n as f64);
    let share = k / n;
    let centre = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    Interval {
        low: if hits == 0 { 0.0 } else { (centre - half) / scale },
        high: if k < n { (centre + half) / scale } else { 1.0 },
    }
}

/// Returns Newcombe's interval of the difference of two shares, `a - b`.
///
/// It treats the arms as independent, which is conservative for arms that share seeds and so
/// agree more often than chance, and it does not shrink to a point when every seed agrees.
///
/// # Source
/// Newcombe, *Interval estimation for the difference between independent proportions*, 1998,
/// method 10.
///
/// # Panics
/// If either count is no share.
pub fn difference(a: (usize, usize), b: (usize, usize), level: f64) -> Interval {
    let share = |(hits, n): (usize, usize)| hits as f64 / n as f64;
    let (p, q) = (share(a), share(b));
    let (x, y) = (wilson(a.0, a.1, level), wilson(b.0, b.1, level));
    Interval {
        low: p - q - ((p - x.low).powi(2) + (y.high - q).powi(2)).sqrt(),
        high: p - q + ((x.high - p).powi(2) + (q - y.low).powi(2)).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// Newcombe 1998, table II, method 10: 56/70 against 48/80 gives 0.0524 to 0.3339, and
    /// 10/10 against 0/10 gives 0.6075 to 1.
    #[test]
    fn agrees_with_newcombes_table() {
        let first = difference((56, 70), (48, 80), 0.95);
        assert_abs_diff_eq!(first.low, 0.0524, epsilon = 5e-5);
        assert_abs_diff_eq!(first.high, 0.3339, epsilon = 5e-5);
        let extreme = difference((10, 10), (0, 10), 0.95);
        assert_abs_diff_eq!(extreme.low, 0.6075, epsilon = 5e-5);
        assert_abs_diff_eq!(extreme.high, 1.0, epsilon = 1e-12);
    }

    /// The ends of Wilson's interval are the shares at which the score test just rejects:
    /// (hits / n - p)^2 = z^2 p (1 - p) / n.
    #[test]
    fn wilson_solves_the_score_equation() {
        let interval = wilson(3, 10, 0.95);
        for p in [interval.low, interval.high] {
            let z = 1.959_963_984_540_054_f64;
            assert_abs_diff_eq!((0.3 - p).powi(2), z * z * p * (1.0 - p) / 10.0, epsilon = 1e-12);
        }
    }
}
