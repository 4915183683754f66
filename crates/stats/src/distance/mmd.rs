//! The maximum mean discrepancy and its permutation test.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{Points, same_dim, squared};

/// Differences of statistics, in units of the mean kernel, that are rounding: each is of sums of many kernels.
const TIE: f64 = 1e-11;

/// A kernel of two points by their Euclidean distance `d`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kernel {
    /// `exp(-d^2 / (2 h^2))` with this bandwidth `h`.
    Gaussian(f64),
    /// `exp(-d / h)` with this bandwidth `h`.
    Laplace(f64),
    /// `-d`: the squared discrepancy is the energy distance (Sejdinovic et al. 2013).
    Energy,
}

impl Kernel {
    fn at(self, squared_distance: f64) -> f64 {
        match self {
            Self::Gaussian(h) => (-squared_distance / (2.0 * h * h)).exp(),
            Self::Laplace(h) => (-squared_distance.sqrt() / h).exp(),
            Self::Energy => -squared_distance.sqrt(),
        }
    }
}

/// Returns the unbiased estimate of the squared discrepancy, which may be negative.
///
/// # Panics
/// If either side has fewer than two points, or they differ in dimension.
///
/// # Source
/// Gretton et al. 2012, equation 3.
pub fn squared_mmd(x: &Points, y: &Points, kernel: Kernel) -> f64 {
    let gram = Gram::of(x, y, kernel);
    gram.squared_mmd(&(0..gram.len).collect::<Vec<_>>(), x.len())
}

/// Returns the median Euclidean distance between different points of both samples, the usual bandwidth.
///
/// # Panics
/// If they differ in dimension.
pub fn median_distance(x: &Points, y: &Points) -> f64 {
    let all = x.joined(y);
    let mut distances: Vec<f64> = Vec::with_capacity(all.len() * (all.len() - 1) / 2);
    for (i, a) in all.iter().enumerate() {
        distances.extend(all.iter().skip(i + 1).map(|b| squared(a, b)));
    }
    let (_, middle, _) = {
        let middle = (distances.len() - 1) / 2;
        distances.select_nth_unstable_by(middle, f64::total_cmp)
    };
    middle.sqrt()
}

/// A statistic and how often a random relabelling of the points makes it as large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PermutationTest {
    /// The statistic of the samples as they are.
    pub statistic: f64,
    /// The share of relabellings with a statistic as large, the true labels counted in.
    pub p_value: f64,
}

/// Tests whether two samples are of one law by random relabellings of their points; a seed gives every kernel the
/// same ones. Statistics that differ by rounding alone are equal, and so as large: with few distinct points many are.
///
/// # Panics
/// As [`squared_mmd`].
pub fn mmd_test(
    x: &Points,
    y: &Points,
    kernel: Kernel,
    permutations: usize,
    seed: u64,
) -> PermutationTest {
    permuted(&Gram::of(x, y, kernel), x.len(), permutations, seed)
}

/// Returns the test of [`mmd_test`] from the kernels between all points, rows of the first `n` points first.
///
/// # Panics
/// If the kernels are no square, or either side has fewer than two points.
pub fn mmd_test_of(kernels: Vec<f64>, n: usize, permutations: usize, seed: u64) -> PermutationTest {
    permuted(&Gram::from(kernels, n), n, permutations, seed)
}

fn permuted(gram: &Gram, n: usize, permutations: usize, seed: u64) -> PermutationTest {
    let mut order: Vec<usize> = (0..gram.len).collect();
    let statistic = gram.squared_mmd(&order, n);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let rounding =
        TIE * gram.rows.iter().map(|sum| sum.abs()).sum::<f64>() / gram.len.pow(2) as f64;
    let as_large = |_: &usize| {
        order.shuffle(&mut rng);
        gram.squared_mmd(&order, n) >= statistic - rounding
    };
    let extreme = (0..permutations).filter(as_large).count();
    PermutationTest { statistic, p_value: (extreme + 1) as f64 / (permutations + 1) as f64 }
}

/// Kernels between all points of both samples, zero on the diagonal.
struct Gram {
    len: usize,
    kernels: Vec<f64>,
    /// Sum of each row.
    rows: Vec<f64>,
}

impl Gram {
    fn of(x: &Points, y: &Points, kernel: Kernel) -> Self {
        same_dim(x, y);
        assert!(x.len() > 1 && y.len() > 1, "two points of each sample");
        let all = x.joined(y);
        let len = all.len();
        let mut kernels = vec![0.0; len * len];
        for (i, a) in all.iter().enumerate() {
            for (j, b) in all.iter().enumerate().take(i) {
                let value = kernel.at(squared(a, b));
                kernels[i * len + j] = value;
                kernels[j * len + i] = value;
            }
        }
        Self::from(kernels, x.len())
    }

    fn from(mut kernels: Vec<f64>, n: usize) -> Self {
        let len = kernels.len().isqrt();
        assert!(len * len == kernels.len() && n > 1 && len > n + 1, "two points of each sample");
        for i in 0..len {
            kernels[i * len + i] = 0.0;
        }
        let rows = kernels.chunks_exact(len).map(|row| row.iter().sum()).collect();
        Self { len, kernels, rows }
    }

    /// The kernels between a point and others, in four sums that need not wait for each other.
    fn sum(&self, i: usize, others: &[usize]) -> f64 {
        let row = &self.kernels[i * self.len..][..self.len];
        let (fours, rest) = others.as_chunks::<4>();
        let mut sums = [0.0; 4];
        for four in fours {
            for (sum, &j) in sums.iter_mut().zip(four) {
                *sum += row[j];
            }
        }
        sums.iter().sum::<f64>() + rest.iter().map(|&j| row[j]).sum::<f64>()
    }

    /// The statistic with the first `n` points of an order on one side.
    fn squared_mmd(&self, order: &[usize], n: usize) -> f64 {
        let (first, second) = order.split_at(n);
        let pairs: f64 = first.iter().enumerate().map(|(a, &i)| self.sum(i, &first[..a])).sum();
        let within_first = 2.0 * pairs;
        let from_first: f64 = first.iter().map(|&i| self.rows[i]).sum();
        let across = from_first - within_first;
        let within_second = second.iter().map(|&i| self.rows[i]).sum::<f64>() - across;
        let (n, m) = (n as f64, (self.len - n) as f64);
        within_first / (n * (n - 1.0)) + within_second / (m * (m - 1.0)) - 2.0 * across / (n * m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distance::transport::standard_normal;
    use approx::assert_abs_diff_eq;
    use rand::RngExt;

    fn normal(seed: u64, n: usize, mean: f64, sd: f64) -> Points {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        Points::new(1, (0..n).map(|_| mean + sd * standard_normal(&mut rng)).collect())
    }

    /// {0, 1} against {0, 3}: k(1) + k(3) - (k(0) + k(3) + k(1) + k(2)) / 2.
    #[test]
    fn by_hand() {
        type Law = fn(f64) -> f64;
        let points = |x: &[f64]| Points::new(1, x.to_vec());
        let kernels: [(Kernel, Law); 3] = [
            (Kernel::Gaussian(2.0), |d| (-d * d / 8.0).exp()),
            (Kernel::Laplace(2.0), |d| (-d / 2.0).exp()),
            (Kernel::Energy, |d| -d),
        ];
        for (kernel, k) in kernels {
            let value = squared_mmd(&points(&[0.0, 1.0]), &points(&[0.0, 3.0]), kernel);
            let expected = k(1.0) + k(3.0) - (k(0.0) + k(3.0) + k(1.0) + k(2.0)) / 2.0;
            assert_abs_diff_eq!(value, expected, epsilon = 1e-14);
        }
        let median = median_distance(&points(&[0.0, 1.0]), &points(&[3.0]));
        assert_abs_diff_eq!(median, 2.0, epsilon = 1e-14);
    }

    /// The mean over samples is the closed form of normal laws: with A(v) = h / sqrt(h^2 + v), terms
    /// A(v) exp(-d^2 / (2 (h^2 + v))). For N(1, 1) against N(0, 1) and h = 1 it is 0.177268.
    #[test]
    fn is_unbiased() {
        let pairs = [
            ((1.0, 1.0), 0.5, 0.132_842),
            ((1.0, 1.0), 1.0, 0.177_268),
            ((0.0, 1.2), 1.0, 0.006_696),
        ];
        for ((mean, sd), bandwidth, expected) in pairs {
            let of = |seed| {
                squared_mmd(
                    &normal(seed, 40, mean, sd),
                    &normal(seed + 10_000, 60, 0.0, 1.0),
                    Kernel::Gaussian(bandwidth),
                )
            };
            let values: Vec<f64> = (0..400).map(of).collect();
            let error = crate::robust::standard_deviation(&values) / 20.0;
            assert_abs_diff_eq!(crate::robust::mean(&values), expected, epsilon = 3.5 * error);
        }
    }

    /// Equal laws are rejected in about one of twenty cases, at small p-values too; others nearly always.
    #[test]
    fn the_test_holds_its_level() {
        for kernel in [Kernel::Gaussian(1.0), Kernel::Laplace(1.0), Kernel::Energy] {
            let p_value = |seed, mean| {
                let (x, y) = (normal(seed, 30, mean, 1.0), normal(seed + 10_000, 20, 0.0, 1.0));
                mmd_test(&x, &y, kernel, 99, seed).p_value
            };
            let below = |mean, level: f64| {
                (0..400).filter(|&seed| p_value(seed, mean) <= level).count() as f64 / 400.0
            };
            assert_abs_diff_eq!(below(0.0, 0.05), 0.05, epsilon = 0.035);
            assert_abs_diff_eq!(below(0.0, 0.5), 0.5, epsilon = 0.08);
            assert!(below(1.5, 0.05) > 0.95, "{kernel:?}");
        }
    }

    /// For coins the statistic depends on the number of ones alone, so that the p-value is a sum of hypergeometric
    /// probabilities: 12 ones of 20 against 8 of 20, as far apart or farther, 0.343. 4,999 relabellings have an error
    /// of 0.007.
    #[test]
    fn ties_count() {
        let coins = |ones: usize| (0..20).map(|i| f64::from(u8::from(i < ones))).collect();
        for scale in [1.0, 0.1, 1e-3] {
            let of =
                |ones| Points::new(1, coins(ones)).values().iter().map(|x| x * scale).collect();
            let (x, y) = (Points::new(1, of(12)), Points::new(1, of(8)));
            for (seed, kernel) in [Kernel::Gaussian(scale), Kernel::Energy].into_iter().enumerate()
            {
                let p_value = mmd_test(&x, &y, kernel, 4999, seed as u64).p_value;
                assert_abs_diff_eq!(p_value, 0.343, epsilon = 0.025);
            }
        }
    }

    /// The order of points, and which sample comes first, change nothing.
    #[test]
    fn is_symmetric() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let mut cloud =
            |n: usize| Points::new(2, (0..2 * n).map(|_| rng.random::<f64>()).collect());
        let (x, y) = (cloud(7), cloud(5));
        let back = Points::new(2, x.values().chunks(2).rev().flatten().copied().collect());
        let of = |x, y| squared_mmd(x, y, Kernel::Gaussian(0.3));
        assert_abs_diff_eq!(of(&x, &y), of(&y, &back), epsilon = 1e-13);
    }
}
