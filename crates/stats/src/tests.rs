//! Tests of a difference between arms.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT};
use statrs::stats_tests::{Alternative, fishers_exact};

use crate::{Interval, robust};

/// Up to this many pairs, the sign-flip test enumerates every pattern of signs.
pub(crate) const EXACT_PAIRS: usize = 16;
pub(crate) const RANDOM_FLIPS: usize = 100_000;

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

/// Returns the two-sided p-value of the sign test: that of so many hits among `n` tosses of a fair coin, exactly.
///
/// # Panics
/// If `hits` exceeds `n`.
pub fn sign(hits: usize, n: usize) -> f64 {
    assert!(hits <= n, "{hits} hits of {n}");
    let coin = Binomial::new(0.5, n as u64).expect("a coin is fair");
    let most = hits.max(n - hits) as u64;
    let reached = if most == 0 { 1.0 } else { coin.sf(most - 1) };
    (2.0 * reached).min(1.0)
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

/// Returns Student's interval of the mean of normal values, and the two-sided p-value that the mean is
/// `centre`: for so few values that the sign-flip test could not reach significance.
///
/// Equal values are not normal; their p-value is that of their signs, `2^(1-n)`.
///
/// # Panics
/// If there are fewer than two values.
pub fn student(values: &[f64], centre: f64, level: f64) -> (Interval, f64) {
    let n = values.len() as f64;
    let (mean, error) = (robust::mean(values), robust::standard_deviation(values) / n.sqrt());
    if error <= 0.0 {
        let is_off = (mean - centre).abs() > 0.0;
        let p_value = if is_off { 0.5f64.powi(values.len() as i32 - 1) } else { 1.0 };
        return (Interval { low: mean, high: mean }, p_value);
    }
    let law = StudentsT::new(0.0, 1.0, n - 1.0).expect("a positive number of degrees of freedom");
    let half = error * law.inverse_cdf(f64::midpoint(1.0, level));
    let p_value = 2.0 * law.cdf(-((mean - centre) / error).abs());
    (Interval { low: mean - half, high: mean + half }, p_value)
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

    /// Of so few tosses every pattern of signs can be looked at.
    #[test]
    fn the_sign_test_is_the_flips_of_ones() {
        for n in 1..=EXACT_PAIRS {
            for hits in 0..=n {
                let signs: Vec<f64> = (0..n).map(|i| if i < hits { 1.0 } else { -1.0 }).collect();
                assert_abs_diff_eq!(sign(hits, n), sign_flip(&signs, 0), epsilon = 1e-12);
            }
        }
        assert_abs_diff_eq!(sign(40, 40), 0.5f64.powi(39), epsilon = 1e-18);
        assert_abs_diff_eq!(sign(0, 0), 1.0, epsilon = 1e-15);
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

    /// Student's sleep data (1908), differences of ten patients: mean 1.58, t = 4.0621, p = 0.002833, interval
    /// 0.70 to 2.46, as every textbook has it.
    #[test]
    fn students_own_data() {
        let sleep = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];
        let (interval, p) = student(&sleep, 0.0, 0.95);
        assert_abs_diff_eq!(p, 0.002_833, epsilon = 1e-6);
        assert_abs_diff_eq!(interval.low, 0.700_1, epsilon = 1e-4);
        assert_abs_diff_eq!(interval.high, 2.459_9, epsilon = 1e-4);
        assert_abs_diff_eq!(student(&sleep, 1.58, 0.95).1, 1.0, epsilon = 1e-9);
    }

    #[test]
    fn holm_by_hand() {
        let adjusted = holm(&[0.01, 0.04, 0.03]);
        for (got, expected) in adjusted.iter().zip([0.03, 0.06, 0.06]) {
            assert_abs_diff_eq!(*got, expected, epsilon = 1e-15);
        }
    }
}
