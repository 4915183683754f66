//! Whether the parts of a pooled claim agree.

use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor};

/// How much the means of parts differ, against what their standard errors explain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heterogeneity {
    /// The mean of the parts' means, each weighted by the inverse of its squared standard error.
    pub pooled: f64,
    /// Cochran's Q: the sum of squared distances from the pooled mean, each in standard errors of its part.
    pub q: f64,
    /// The probability of such a Q or a greater one if all true means are equal, by the chi-squared law with one
    /// degree of freedom fewer than there are parts.
    pub p_value: f64,
    /// I^2, the share of the variance between the means that their errors do not explain, from 0 up to 1.
    pub i_squared: f64,
}

/// Returns the heterogeneity of parts, each (mean, standard error) in one unit.
///
/// The chi-squared law holds for known standard errors. Those of ten seeds are estimates, some of them too small,
/// and Q of equal normal means is significant at 5 % in 7 % of cases for two parts and in 12 % for six; of five
/// seeds, in 10 % and in 24 %. The p-value of [`welch`] is below 5 % in 5 % of these cases, but for six parts of
/// five seeds, where it is so in 7.5 %.
///
/// # Source
/// Cochran, *The combination of estimates from different experiments*, 1954; Higgins and Thompson,
/// *Quantifying heterogeneity in a meta-analysis*, 2002.
///
/// # Panics
/// If there are fewer than two parts, or a standard error is not positive and finite.
pub fn cochran(parts: &[(f64, f64)]) -> Heterogeneity {
    assert!(parts.len() > 1, "heterogeneity needs at least two parts");
    let (mut weights, mut sum) = (0.0, 0.0);
    for &(mean, error) in parts {
        assert!(error > 0.0 && error.is_finite(), "standard error {error} is not positive");
        weights += error.powi(-2);
        sum += mean * error.powi(-2);
    }
    let pooled = sum / weights;
    let q: f64 = parts.iter().map(|(mean, error)| ((mean - pooled) / error).powi(2)).sum();
    let freedom = parts.len() as f64 - 1.0;
    let law = ChiSquared::new(freedom).expect("a positive number of degrees of freedom");
    let i_squared = if q > freedom { (q - freedom) / q } else { 0.0 };
    Heterogeneity { pooled, q, p_value: law.sf(q), i_squared }
}

/// Returns the p-value of Welch's test that all parts have the same true mean, each part given as (mean, standard
/// error, number of values): Q, corrected for standard errors that are estimated from that many normal values.
///
/// Of two parts, it is Welch's t test.
///
/// # Source
/// Welch, *On the comparison of several mean values: an alternative approach*, 1951.
///
/// # Panics
/// As [`cochran`], or if a part has fewer than two values.
pub fn welch(parts: &[(f64, f64, usize)]) -> f64 {
    let errors: Vec<(f64, f64)> = parts.iter().map(|&(mean, error, _)| (mean, error)).collect();
    let q = cochran(&errors).q;
    let weights: f64 = errors.iter().map(|(_, error)| error.powi(-2)).sum();
    let term = |&(_, error, n): &(f64, f64, usize)| {
        assert!(n > 1, "a standard error needs at least two values, not {n}");
        (1.0 - error.powi(-2) / weights).powi(2) / (n as f64 - 1.0)
    };
    let doubt: f64 = parts.iter().map(term).sum();
    let k = parts.len() as f64;
    let ratio = q / (k - 1.0) / (1.0 + 2.0 * (k - 2.0) / (k * k - 1.0) * doubt);
    let law = FisherSnedecor::new(k - 1.0, (k * k - 1.0) / (3.0 * doubt));
    law.expect("positive numbers of degrees of freedom").sf(ratio)
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::robust;
    use approx::assert_abs_diff_eq;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;
    use statrs::distribution::StudentsT;

    /// Of 0 and 2 with errors of 1, the pooled mean is 1 and Q = 2, for which P(|z| > sqrt 2) = 0.157299; with
    /// a third part the p-value is exp(-Q / 2). Here weights of 1, 1 and 4 pool 0, 2 and 4 to 3: Q = 9 + 1 + 4.
    #[test]
    fn by_hand() {
        let two = cochran(&[(0.0, 1.0), (2.0, 1.0)]);
        assert_abs_diff_eq!(two.pooled, 1.0, epsilon = 1e-15);
        assert_abs_diff_eq!(two.q, 2.0, epsilon = 1e-15);
        assert_abs_diff_eq!(two.p_value, 0.157_299, epsilon = 1e-6);
        assert_abs_diff_eq!(two.i_squared, 0.5, epsilon = 1e-15);
        let three = cochran(&[(0.0, 1.0), (2.0, 1.0), (4.0, 0.5)]);
        assert_abs_diff_eq!(three.q, 14.0, epsilon = 1e-12);
        assert_abs_diff_eq!(three.p_value, (-7f64).exp(), epsilon = 1e-12);
        assert_abs_diff_eq!(three.i_squared, 12.0 / 14.0, epsilon = 1e-12);
        let equal = cochran(&[(3.0, 1.0), (3.0, 2.0), (3.0, 0.1)]);
        assert_abs_diff_eq!(equal.p_value, 1.0, epsilon = 1e-12);
        assert_abs_diff_eq!(equal.i_squared, 0.0, epsilon = 1e-12);
    }

    /// Thirteen trials of the BCG vaccine (Colditz et al. 1994), of cases and others with and without it: their
    /// log risk ratios have Q = 152.2330, I^2 = 92.12 % and the pooled mean -0.4303 (Viechtbauer's `metafor`).
    #[test]
    fn agrees_with_a_published_meta_analysis() {
        let trials = [
            [4.0, 119.0, 11.0, 128.0],
            [6.0, 300.0, 29.0, 274.0],
            [3.0, 228.0, 11.0, 209.0],
            [62.0, 13_536.0, 248.0, 12_619.0],
            [33.0, 5_036.0, 47.0, 5_761.0],
            [180.0, 1_361.0, 372.0, 1_079.0],
            [8.0, 2_537.0, 10.0, 619.0],
            [505.0, 87_886.0, 499.0, 87_892.0],
            [29.0, 7_470.0, 45.0, 7_232.0],
            [17.0, 1_699.0, 65.0, 1_600.0],
            [186.0, 50_448.0, 141.0, 27_197.0],
            [5.0, 2_493.0, 3.0, 2_338.0],
            [27.0, 16_886.0, 29.0, 17_825.0],
        ];
        let parts = trials.map(|[a, b, c, d]: [f64; 4]| {
            let variance = 1.0 / a - 1.0 / (a + b) + 1.0 / c - 1.0 / (c + d);
            ((a / (a + b)).ln() - (c / (c + d)).ln(), variance.sqrt())
        });
        let found = cochran(&parts);
        assert_abs_diff_eq!(found.q, 152.2330, epsilon = 1e-4);
        assert_abs_diff_eq!(found.i_squared, 0.9212, epsilon = 1e-4);
        assert_abs_diff_eq!(found.pooled, -0.4303, epsilon = 1e-4);
    }

    /// For two parts, Welch's t and his degrees of freedom.
    #[test]
    fn of_two_parts_it_is_welchs_t_test() {
        let (a, b) = ((1.0, 0.3, 5), (2.0, 0.5, 8));
        let variance: f64 = 0.3f64.powi(2) + 0.5f64.powi(2);
        let freedom = variance.powi(2) / (0.3f64.powi(4) / 4.0 + 0.5f64.powi(4) / 7.0);
        let law = StudentsT::new(0.0, 1.0, freedom).expect("positive degrees of freedom");
        assert_abs_diff_eq!(welch(&[a, b]), 2.0 * law.cdf(-1.0 / variance.sqrt()), epsilon = 1e-9);
    }

    /// Shares of p-values below 5 % among 10,000 cases of `k` equal means, each of `n` values with the part's own
    /// spread: (by Q, by Welch's test), with standard errors of 0.2 to 0.4 points.
    fn rejections(k: u32, n: usize) -> (f64, f64) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        let cases = 10_000;
        let (mut by_q, mut by_welch) = (0, 0);
        for _ in 0..cases {
            let part = |spread: u32| {
                // The sum of twelve uniforms is normal to the eye, and cheap.
                let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
                let x: Vec<f64> = (0..n).map(|_| f64::from(spread) * normal()).collect();
                (robust::mean(&x), robust::standard_deviation(&x) / (n as f64).sqrt(), n)
            };
            let parts: Vec<(f64, f64, usize)> = (1..=k).map(part).collect();
            let errors: Vec<(f64, f64)> = parts.iter().map(|part| (part.0, part.1)).collect();
            by_q += u32::from(cochran(&errors).p_value < 0.05);
            by_welch += u32::from(welch(&parts) < 0.05);
        }
        let share = |count| f64::from(count) / f64::from(cases);
        (share(by_q), share(by_welch))
    }

    /// The shares that the documentation of `cochran` gives.
    #[test]
    fn few_values_make_q_too_large() {
        let shares =
            [(2, 10, 0.07, 0.05), (6, 10, 0.12, 0.05), (2, 5, 0.10, 0.05), (6, 5, 0.24, 0.075)];
        for (k, n, of_q, of_welch) in shares {
            let (by_q, by_welch) = rejections(k, n);
            assert_abs_diff_eq!(by_q, of_q, epsilon = 0.01);
            assert_abs_diff_eq!(by_welch, of_welch, epsilon = 0.01);
        }
    }
}
