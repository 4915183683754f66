//! Tests of a difference between arms.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use statrs::stats_tests::{Alternative, fishers_exact};

/// Up to this many pairs, the sign-flip test enumerates every pattern of signs.
const EXACT_PAIRS: usize = 16;
const RANDOM_FLIPS: usize = 100_000;

/// Returns the two-sided p-value of the sign-flip permutation test that paired differences are
/// symmetric about zero, with their mean as statistic.
///
/// Exact up to 16 pairs, where the smallest possible value is `2^(1-n)`; beyond that over 100,000
/// random patterns, the observed one counted in.
///
/// # Panics
/// If `differences` is empty.
pub fn sign_flip(differences: &[f64], seed: u64) -> f64 {
    assert!(!differences.is_empty(), "a sign-flip test needs at least one pair");
    let n = differences.len();
    let observed = differences.iter().sum::<f64>().abs();
    // A pattern that differs only by rounding is as extreme as the observed one.
    let threshold = observed - 1e-12 * differences.iter().map(|d| d.abs()).sum::<f64>();
    let signed = |negative: &dyn Fn(usize) -> bool| {
        let flip = |(i, d): (usize, &f64)| if negative(i) { -d } else { *d };
        differences.iter().enumerate().map(flip).sum::<f64>().abs()
    };
    if n <= EXACT_PAIRS {
        let patterns = 1u32 << n;
        let extreme = (0..patterns).filter(|p| signed(&|i| p >> i & 1 == 1) >= threshold).count();
        return extreme as f64 / f64::from(patterns);
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let extreme = (0..RANDOM_FLIPS)
        .filter(|_| {
            let signs: Vec<bool> = (0..n).map(|_| rng.random()).collect();
            signed(&|i| signs[i]) >= threshold
        })
        .count();
    (extreme + 1) as f64 / (RANDOM_FLIPS + 1) as f64
}

/// Returns the two-sided p-value of Fisher's exact test for two shares, each (hits, n).
///
/// # Panics
/// If a count of hits exceeds its n.
pub fn fisher_exact(a: (usize, usize), b: (usize, usize)) -> f64 {
    let table = [a.0 as u64, b.0 as u64, (a.1 - a.0) as u64, (b.1 - b.0) as u64];
    // The library's only errors are an empty row or column, where no share can be told from the other.
    fishers_exact(&table, Alternative::TwoSided).unwrap_or(1.0).min(1.0)
}

/// Returns Holm's step-down adjusted p-values, in the order given.
///
/// # Source
/// Holm, *A simple sequentially rejective multiple test procedure*, 1979.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&i, &j| p_values[i].total_cmp(&p_values[j]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut running: f64 = 0.0;
    for (rank, &i) in order.iter().enumerate() {
        let factor = (p_values.len() - rank) as f64;
        running = running.max((factor * p_values[i]).min(1.0));
        adjusted[i] = running;
    }
    adjusted
}

#[cfg(test)]
mod unit {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn ten_equal_signs_are_as_unlikely_as_a_coin_says() {
        assert_abs_diff_eq!(sign_flip(&[1.0; 10], 0), 2.0 / 1024.0, epsilon = 1e-15);
        assert_abs_diff_eq!(sign_flip(&[0.0; 10], 0), 1.0, epsilon = 1e-15);
    }

    /// By hand for (1, 2, -4): |sum| = 1, and 6 of the 8 patterns reach at least 1... all do, since
    /// the sums are +-7, +-5, +-3, +-1.
    #[test]
    fn small_case_by_hand() {
        assert_abs_diff_eq!(sign_flip(&[1.0, 2.0, -4.0], 0), 1.0, epsilon = 1e-15);
        assert_abs_diff_eq!(sign_flip(&[1.0, 2.0, 4.0], 0), 0.25, epsilon = 1e-15);
    }

    #[test]
    fn random_flips_agree_with_the_normal_limit() {
        // 40 equal differences of which 26 are positive: sum 12, standard deviation sqrt(40).
        let d: Vec<f64> = (0..40).map(|i| if i < 26 { 1.0 } else { -1.0 }).collect();
        // Exact: P(|S| >= 12) = 2 P(Binomial(40, 1/2) >= 26) = 0.0807.
        assert_abs_diff_eq!(sign_flip(&d, 5), 0.0807, epsilon = 0.004);
    }

    /// The lady tasting tea: 3 of 4 against 1 of 4 has p = 34/70; 10/10 against 0/10 has 2/C(20,10).
    #[test]
    fn fisher_by_hand() {
        assert_abs_diff_eq!(fisher_exact((3, 4), (1, 4)), 34.0 / 70.0, epsilon = 1e-9);
        assert_abs_diff_eq!(fisher_exact((10, 10), (0, 10)), 2.0 / 184_756.0, epsilon = 1e-9);
        assert_abs_diff_eq!(fisher_exact((0, 10), (0, 10)), 1.0, epsilon = 1e-12);
    }

    #[test]
    fn holm_by_hand() {
        let adjusted = holm(&[0.01, 0.04, 0.03]);
        for (got, expected) in adjusted.iter().zip([0.03, 0.06, 0.06]) {
            assert_abs_diff_eq!(*got, expected, epsilon = 1e-15);
        }
    }
}
