//! Association of ranks.

/// Returns Spearman's rank correlation of paired values, ties at their mean rank; 0 where either side does
/// not vary.
///
/// # Panics
/// If the lengths differ.
pub fn spearman(x: &[f64], y: &[f64]) -> f64 {
    assert_eq!(x.len(), y.len(), "paired values");
    let (a, b) = (ranks(x), ranks(y));
    let centre = f64::midpoint(x.len() as f64, 1.0);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().map(|a| a - centre).zip(b.iter().map(|b| b - centre)) {
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    if aa * bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

/// Ranks from 1, ties at their mean.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |x: &f64| {
        let below = values.iter().filter(|y| y.total_cmp(x).is_lt()).count() as f64;
        let equal = values.iter().filter(|y| y.total_cmp(x).is_eq()).count() as f64;
        below + f64::midpoint(equal, 1.0)
    };
    values.iter().map(rank).collect()
}

#[cfg(test)]
mod unit {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// Without ties it is `1 - 6 sum d^2 / (n (n^2 - 1))`: for ranks (1 2 3 4) and (2 1 4 3), 1 - 24 / 60. With
    /// ties by hand: (1, 2.5, 2.5, 4) and (1 2 3 4) give 4.5 / sqrt(4.5 * 5).
    #[test]
    fn by_hand() {
        assert_abs_diff_eq!(
            spearman(&[1.0, 2.0, 3.0, 4.0], &[5.0, 3.0, 9.0, 7.0]),
            0.6,
            epsilon = 1e-12
        );
        let tied = spearman(&[0.0, 1.0, 1.0, 2.0], &[1.0, 2.0, 3.0, 4.0]);
        assert_abs_diff_eq!(tied, (4.5f64 / 5.0).sqrt(), epsilon = 1e-12);
        assert_abs_diff_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), 0.0, epsilon = 1e-12);
    }
}
