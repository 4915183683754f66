//! Optimal transport where sorting solves it.

use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use statrs::distribution::{ContinuousCDF, Normal};

use super::{Points, same_dim};

/// Returns `int |F^-1(u) - G^-1(u)|^order du` between the empirical laws of two samples of numbers: the
/// Wasserstein distance of that order, to that power.
///
/// # Panics
/// If a sample is empty.
///
/// # Source
/// Peyre and Cuturi 2019, remark 2.30.
pub fn wasserstein_to_the(order: f64, x: &[f64], y: &[f64]) -> f64 {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    between_sorted(order, &sorted(x), &sorted(y))
}

fn between_sorted(order: f64, x: &[f64], y: &[f64]) -> f64 {
    assert!(!x.is_empty() && !y.is_empty(), "a distance needs points");
    let (n, m) = (x.len(), y.len());
    // Walk over the quantiles where either function steps, counted in units of 1 / (n m) so that none is missed.
    let (mut i, mut j, mut at, mut total) = (0, 0, 0, 0.0);
    while i < n && j < m {
        let (end_x, end_y) = ((i + 1) * m, (j + 1) * n);
        let next = end_x.min(end_y);
        total += (next - at) as f64 * (x[i] - y[j]).abs().powf(order);
        at = next;
        i += usize::from(end_x == next);
        j += usize::from(end_y == next);
    }
    total / (n as f64 * m as f64)
}

/// Returns [`wasserstein_to_the`] of all numbers, and then without each of `groups` equal parts of both samples, from
/// one sorting.
///
/// # Panics
/// If a sample, or what is left of it, is empty.
pub fn wasserstein_by_groups(order: f64, x: &[f64], y: &[f64], groups: usize) -> Vec<f64> {
    let sorted = |values: &[f64]| {
        let group = |i: usize| (0..groups).find(|g| i < (g + 1) * values.len() / groups);
        let mut tagged: Vec<(f64, Option<usize>)> =
            values.iter().enumerate().map(|(i, &value)| (value, group(i))).collect();
        tagged.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        tagged
    };
    let (x, y) = (sorted(x), sorted(y));
    let left = |tagged: &[(f64, Option<usize>)], out: Option<usize>| -> Vec<f64> {
        let kept = tagged.iter().filter(|(_, group)| out.is_none() || *group != out);
        kept.map(|(value, _)| *value).collect()
    };
    let version = |out| between_sorted(order, &left(&x, out), &left(&y, out));
    std::iter::once(None).chain((0..groups).map(Some)).map(version).collect()
}

/// Returns the mean over random directions of [`wasserstein_to_the`] of the points' coordinates along them.
///
/// # Panics
/// If the samples differ in dimension, or there is no direction.
///
/// # Source
/// Rabin et al. 2011; Bonneel et al. 2015.
pub fn sliced_wasserstein_to_the(
    order: f64,
    x: &Points,
    y: &Points,
    directions: usize,
    seed: u64,
) -> f64 {
    same_dim(x, y);
    assert!(directions > 0, "a direction");
    let along = |points: &Points, direction: &[f64]| -> Vec<f64> {
        points.iter().map(|point| point.iter().zip(direction).map(|(a, b)| a * b).sum()).collect()
    };
    let mut total = 0.0;
    for direction in random_directions(x.dim(), directions, seed) {
        total += wasserstein_to_the(order, &along(x, &direction), &along(y, &direction));
    }
    total / directions as f64
}

/// Returns directions of length 1, uniform on the sphere.
pub fn random_directions(dim: usize, count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..count).map(|_| random_direction(dim, &mut rng)).collect()
}

fn random_direction(dim: usize, rng: &mut impl Rng) -> Vec<f64> {
    let direction: Vec<f64> = (0..dim).map(|_| standard_normal(rng)).collect();
    let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
    direction.iter().map(|x| x / length).collect()
}

/// A normal number through the inverse of its distribution function.
pub(super) fn standard_normal(rng: &mut impl Rng) -> f64 {
    let uniform: f64 = rng.random();
    Normal::standard().inverse_cdf(uniform.clamp(1e-16, 1.0 - 1e-16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    /// Equal sizes pair sorted values; {0} against {1, 3} has first order 2 and second order 5; {0, 3} against
    /// {0, 1, 5}: thirds and halves, |0-0|/3 + |0-1|/6 + |3-1|/6 + |3-5|/3 = 7/6.
    #[test]
    fn by_hand() {
        let w = |order, x: &[f64], y: &[f64]| wasserstein_to_the(order, x, y);
        assert_abs_diff_eq!(w(1.0, &[3.0, 0.0], &[1.0, 5.0]), 1.5, epsilon = 1e-14);
        assert_abs_diff_eq!(w(1.0, &[0.0], &[1.0, 3.0]), 2.0, epsilon = 1e-14);
        assert_abs_diff_eq!(w(2.0, &[0.0], &[1.0, 3.0]), 5.0, epsilon = 1e-14);
        assert_abs_diff_eq!(w(1.0, &[0.0, 3.0], &[0.0, 1.0, 5.0]), 7.0 / 6.0, epsilon = 1e-14);
        assert_abs_diff_eq!(w(1.0, &[0.0, 1.0, 5.0], &[3.0, 0.0]), 7.0 / 6.0, epsilon = 1e-14);
    }

    /// Leaving a part out after sorting is leaving it out before.
    #[test]
    fn parts_are_left_out() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        let mut numbers = |n: usize| (0..n).map(|_| standard_normal(&mut rng)).collect::<Vec<_>>();
        let (x, y) = (numbers(23), numbers(17));
        let found = wasserstein_by_groups(2.0, &x, &y, 4);
        assert_abs_diff_eq!(found[0], wasserstein_to_the(2.0, &x, &y), epsilon = 1e-14);
        let fewer = |v: &[f64]| [&v[..v.len() / 4], &v[2 * v.len() / 4..]].concat();
        let expected = wasserstein_to_the(2.0, &fewer(&x), &fewer(&y));
        assert_abs_diff_eq!(found[2], expected, epsilon = 1e-14);
    }

    /// Shifting a cloud by a vector moves it by `|a|^2 / dim` on average over directions, exactly whatever the
    /// cloud: within the error of 2,000 directions.
    #[test]
    fn sliced_distance_of_a_shift() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(0);
        let shift = [3.0, 0.0, 4.0];
        let cloud: Vec<f64> = (0..3 * 50).map(|_| standard_normal(&mut rng)).collect();
        let moved = cloud.iter().enumerate().map(|(i, x)| x + shift[i % 3]).collect();
        let value =
            sliced_wasserstein_to_the(2.0, &Points::new(3, cloud), &Points::new(3, moved), 2000, 1);
        assert_relative_eq!(value, 25.0 / 3.0, max_relative = 0.06);
    }
}
