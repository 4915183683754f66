//! What a number of seeds can show, before any is trained.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use crate::tests::{EXACT_PAIRS, RANDOM_FLIPS};

/// Returns the power of Student's two-sided test of the mean of `n` normal values: the probability that it
/// rejects a mean of zero at level `alpha` where the true mean is `effect` standard deviations.
///
/// A claim of a family of `m` under Holm's correction has at least the power that `alpha / m` gives: the level
/// of its first step, Bonferroni's.
///
/// The noncentral t law is integrated over the sample's standard deviation, to about 1e-9 up to 10,000
/// values.
///
/// # Source
/// Johnson and Welch, *Applications of the non-central t-distribution*, 1940.
///
/// # Panics
/// If there are fewer than two values, `effect` is not finite, or `alpha` is not inside (0, 1).
pub fn of_student(n: usize, effect: f64, alpha: f64) -> f64 {
    assert!(n > 1, "Student's test needs at least two values, not {n}");
    assert!(effect.is_finite(), "effect {effect} is not finite");
    assert!(alpha > 0.0 && alpha < 1.0, "level {alpha} is not inside (0, 1)");
    let freedom = n as f64 - 1.0;
    let student =
        StudentsT::new(0.0, 1.0, freedom).expect("a positive number of degrees of freedom");
    let critical = -student.inverse_cdf(alpha / 2.0);
    let shift = effect.abs() * (n as f64).sqrt();
    let normal = Normal::standard();
    // Given the sample's standard deviation, as a multiple e^u of the true one, the mean is normal. The law of u
    // has a density proportional to exp(freedom (u - e^(2u) / 2)), which is below 1e-15 of its greatest value
    // outside these ends, so that the trapezium rule converges faster than any power of the step.
    let (low, high) = (-(40.0 / freedom + 6.5 / freedom.sqrt()), (9.0 / freedom.sqrt()).ln_1p());
    if shift > critical * high.exp() + 9.0 {
        return 1.0;
    }
    // The chance of a rejection rises from 0 to 1 over a length of about 1 / shift of u.
    let steps = (1.7 * (high - low) * (1.0 + shift)).max(1_000.0).ceil();
    let (mut rejected, mut total) = (0.0, 0.0);
    for step in 0..=steps as u64 {
        let u = low + (high - low) * step as f64 / steps;
        let weight = (freedom * (u - u.exp_m1() - 0.5 * u.exp_m1().powi(2))).exp();
        let bound = critical * u.exp();
        rejected += weight * (normal.cdf(shift - bound) + normal.cdf(-shift - bound));
        total += weight;
    }
    rejected / total
}

/// Returns the least effect, in standard deviations, that Student's two-sided test of `n` values at level `alpha`
/// shows with probability `power`; for a family of `m` claims, `alpha / m` is the level (see [`of_student`]).
///
/// # Panics
/// If there are fewer than two values, `alpha` is not above 0, or `power` is not between `alpha` and 1.
pub fn least_effect(n: usize, alpha: f64, power: f64) -> f64 {
    assert!(alpha < power && power < 1.0, "power {power} is not between {alpha} and 1");
    let (mut low, mut high) = (0.0, 1.0);
    while of_student(n, high, alpha) < power {
        (low, high) = (high, 2.0 * high);
    }
    // Halving ends at the last bits.
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if of_student(n, middle, alpha) < power {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Returns the least two-sided p-value that `n` values, all of one sign, can have by [flips of signs](crate::tests::sign_flip):
/// `2^(1-n)`, and one over the patterns looked at where these are drawn.
///
/// Where it exceeds `alpha / m`, the sign-flip test can confirm no claim of a family of `m` at the first step
/// of Holm's correction, whatever the effect: at 5 %, 6 values suffice for one claim, 10 for 20 claims.
///
/// # Panics
/// If `n` is zero.
pub fn least_p_value_of_sign_flips(n: usize) -> f64 {
    assert!(n > 0, "a sign-flip test needs at least one value");
    let all = 0.5f64.powi(n as i32 - 1);
    if n <= EXACT_PAIRS { all } else { all.max(1.0 / (RANDOM_FLIPS + 1) as f64) }
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::tests;
    use approx::assert_abs_diff_eq;

    /// G*Power 3.1, "means: difference from constant (one sample case)", two tails, at 5 %.
    #[test]
    fn agrees_with_g_power() {
        assert_abs_diff_eq!(of_student(34, 0.5, 0.05), 0.808, epsilon = 5e-4);
        assert_abs_diff_eq!(of_student(15, 0.8, 0.05), 0.82, epsilon = 5e-3);
    }

    /// Without an effect, the test rejects at its level.
    #[test]
    fn no_effect_is_rejected_at_the_level() {
        for n in [2, 3, 5, 10, 100, 10_000] {
            for alpha in [0.5, 0.05, 0.05 / 40.0] {
                assert_abs_diff_eq!(of_student(n, 0.0, alpha), alpha, epsilon = 1e-9);
            }
        }
    }

    /// Of two values, t is their sum over their distance, which are independent and normal: with v for the
    /// latter, the power is 2 int phi(v) [Q(c v - s) + Q(c v + s)] dv over v > 0, here by the midpoint rule.
    #[test]
    fn two_values_by_quadrature() {
        let normal = Normal::standard();
        // The quantile of Cauchy's law at 97.5 %.
        let critical = (0.475 * std::f64::consts::PI).tan();
        for effect in [0.5, 3.0, 30.0] {
            let shift = effect * 2f64.sqrt();
            let term = |v: f64| {
                let density = (2.0 / std::f64::consts::PI).sqrt() * (-0.5 * v * v).exp();
                density * (normal.sf(critical * v - shift) + normal.sf(critical * v + shift))
            };
            let step = 1e-4;
            let sum: f64 = (0..100_000).map(|i| step * term((f64::from(i) + 0.5) * step)).sum();
            assert_abs_diff_eq!(of_student(2, effect, 0.05), sum, epsilon = 1e-8);
        }
    }

    /// With many values, the t law is normal but for terms of 1 / n.
    #[test]
    fn many_values_are_normal() {
        let normal = Normal::standard();
        let expected = normal.cdf(2.5 - 1.959_964) + normal.cdf(-2.5 - 1.959_964);
        assert_abs_diff_eq!(of_student(10_000, 0.025, 0.05), expected, epsilon = 2e-4);
        assert_abs_diff_eq!(of_student(2, 1e9, 0.05), 1.0, epsilon = 1e-15);
    }

    #[test]
    fn the_least_effect_has_its_power() {
        for (n, alpha) in [(2, 0.05), (5, 0.05), (10, 0.0025), (20, 0.05)] {
            let effect = least_effect(n, alpha, 0.8);
            assert_abs_diff_eq!(of_student(n, effect, alpha), 0.8, epsilon = 1e-9);
        }
    }

    #[test]
    fn equal_signs_have_the_least_p_value() {
        for n in [1, 2, 5, 12, 16, 17, 30, 40] {
            let all = tests::sign_flip(&vec![1.0; n], 0);
            let least = least_p_value_of_sign_flips(n);
            // Among drawn patterns a few may be the observed one.
            let slack = if n == 17 { 5e-5 } else { 1e-15 };
            assert_abs_diff_eq!(least, all, epsilon = slack);
        }
        assert!(least_p_value_of_sign_flips(6) < 0.05 && 0.05 < least_p_value_of_sign_flips(5));
        let level = 0.05 / 20.0;
        assert!(least_p_value_of_sign_flips(10) < level && level < least_p_value_of_sign_flips(9));
    }
}
