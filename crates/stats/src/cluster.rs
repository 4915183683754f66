//! Means of clusters: for values that share a random draw, such as seeds trained on one data set.

use std::collections::BTreeMap;

/// Returns the mean of each cluster of values that carry the same label, in the order of the labels; nothing
/// for no values.
///
/// Values of one draw are not independent: they move together with it, so that ten values of two draws tell
/// little more of the mean than two values do. The unit of the analysis is the draw. The interval and the
/// tests of the mean over draws are those of independent values, applied to these means:
/// [`student`](crate::tests::student) with one degree of freedom fewer than there are clusters, and
/// [`sign_flip`](crate::tests::sign_flip), which then flips whole clusters. Each cluster counts once, however
/// many values it has; for clusters of one size, the mean of their means is the mean of all values.
///
/// # Source
/// Hayes and Moulton, *Cluster Randomised Trials*, 2009, chapter 10.
pub fn means<L: Ord>(values: &[(L, f64)]) -> Vec<f64> {
    let mut clusters: BTreeMap<&L, (f64, f64)> = BTreeMap::new();
    for (label, value) in values {
        let (sum, count) = clusters.entry(label).or_default();
        *sum += value;
        *count += 1.0;
    }
    clusters.values().map(|(sum, count)| sum / count).collect()
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::{robust, tests};
    use approx::assert_abs_diff_eq;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    #[test]
    fn by_hand() {
        assert_eq!(means(&[("b", 4.0), ("a", 1.0), ("b", 6.0), ("b", 2.0)]), [1.0, 4.0]);
        assert_eq!(means::<u8>(&[]), [0.0; 0]);
    }

    /// Flips of whole clusters of three equal clusters give 2^(1-3), however many values they have.
    #[test]
    fn signs_flip_by_the_cluster() {
        let values: Vec<(usize, f64)> = (0..30).map(|i| (i % 3, 1.0)).collect();
        assert_abs_diff_eq!(tests::sign_flip(&means(&values), 0), 0.25, epsilon = 1e-15);
    }

    /// Six draws of five seeds, half of the variance between the draws (an intraclass correlation of 0.5), at a
    /// true mean of zero. Student's interval of the means covers it at its level, that of all thirty values,
    /// as if independent, does not: their mean has three times the variance that independent ones had
    /// (1 + (5 - 1) / 2), so that it covers like `|z| < 2.05 / sqrt(3)`, at some 75 %.
    #[test]
    fn clusters_cover_where_values_do_not() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        let trials = 4_000;
        let (mut by_cluster, mut by_value) = (0, 0);
        for _ in 0..trials {
            let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
            let mut values = Vec::new();
            for draw in 0..6 {
                let shared = normal();
                values.extend((0..5).map(|_| (draw, shared + normal())));
            }
            let all: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
            let clusters = means(&values);
            assert_abs_diff_eq!(robust::mean(&clusters), robust::mean(&all), epsilon = 1e-12);
            by_cluster += u32::from(tests::student(&clusters, 0.0, 0.95).0.contains(0.0));
            by_value += u32::from(tests::student(&all, 0.0, 0.95).0.contains(0.0));
        }
        let share = |count| f64::from(count) / f64::from(trials);
        assert_abs_diff_eq!(share(by_cluster), 0.95, epsilon = 0.011);
        assert_abs_diff_eq!(share(by_value), 0.75, epsilon = 0.04);
    }
}
