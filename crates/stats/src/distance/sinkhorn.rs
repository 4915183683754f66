//! Entropic optimal transport between samples, in the log domain.

use super::{Points, same_dim, squared};

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sinkhorn {
    /// The entropy's weight, in the unit of a squared distance.
    pub epsilon: f64,
    /// Iterations at most.
    pub iterations: usize,
    /// The largest change of a potential, in units of `epsilon`, at which they stop.
    pub tolerance: f64,
}

impl Sinkhorn {
    /// Returns settings that reach six digits unless `epsilon` is tiny against the distances.
    pub fn new(epsilon: f64) -> Self {
        Self { epsilon, iterations: 2_000, tolerance: 1e-7 }
    }

    /// Returns `min <P, |x - y|^2> + epsilon KL(P || a b^T)` over plans between the empirical laws. It is not 0 for
    /// equal samples: a blurred plan costs.
    ///
    /// # Panics
    /// If the samples differ in dimension.
    ///
    /// # Source
    /// Cuturi 2013; Feydy et al. 2019, equation 1, with the squared distance for a cost.
    pub fn cost(&self, x: &Points, y: &Points) -> f64 {
        same_dim(x, y);
        let (n, m) = (x.len(), y.len());
        let rows = Costs::of(x, y, self.epsilon);
        let columns = Costs::of(y, x, self.epsilon);
        let (mut f, mut g) = (vec![0.0; n], vec![0.0; m]);
        for _ in 0..self.iterations {
            self.update(&mut f, &g, &rows);
            let moved = self.update(&mut g, &f, &columns);
            if moved < self.tolerance * self.epsilon {
                break;
            }
        }
        // After an update of g the plan has mass 1, and the dual value is the sum of the means.
        f.iter().sum::<f64>() / n as f64 + g.iter().sum::<f64>() / m as f64
    }

    /// Returns the Sinkhorn divergence, `cost(x, y) - (cost(x, x) + cost(y, y)) / 2`: never negative, and 0 for
    /// equal samples alone.
    ///
    /// # Panics
    /// As [`Self::cost`].
    ///
    /// # Source
    /// Feydy et al. 2019, equation 3.
    pub fn divergence(&self, x: &Points, y: &Points) -> f64 {
        self.cost(x, y) - f64::midpoint(self.cost(x, x), self.cost(y, y))
    }

    /// Sets `f_i = -eps ln mean_j exp((g_j - c_ij) / eps)` and returns the largest change.
    fn update(&self, f: &mut [f64], g: &[f64], costs: &Costs) -> f64 {
        let top = g.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = g.iter().map(|g| ((g - top) / self.epsilon).exp()).collect();
        let mut moved = 0.0f64;
        for (f, row) in f.iter_mut().zip(costs.entries.chunks_exact(g.len())) {
            let log_sum = if costs.are_kernels {
                top / self.epsilon + dot(&weights, row).ln()
            } else {
                let exponents = g.iter().zip(row).map(|(g, c)| (g - c) / self.epsilon);
                let largest = exponents.clone().fold(f64::NEG_INFINITY, f64::max);
                largest + exponents.map(|exponent| (exponent - largest).exp()).sum::<f64>().ln()
            };
            let next = -self.epsilon * (log_sum - (g.len() as f64).ln());
            moved = moved.max((next - *f).abs());
            *f = next;
        }
        moved
    }
}

/// Squared distances from each of some points to all of others; as `exp(-c / eps)` where none of these can vanish,
/// which spares the exponentials of every iteration.
struct Costs {
    entries: Vec<f64>,
    are_kernels: bool,
}

impl Costs {
    /// The largest `c / eps` of kernels: potentials are of the size of costs, and `e^600` is still a number.
    const RANGE: f64 = 300.0;

    fn of(x: &Points, y: &Points, epsilon: f64) -> Self {
        let mut entries: Vec<f64> =
            x.iter().flat_map(|a| y.iter().map(move |b| squared(a, b))).collect();
        let are_kernels = entries.iter().all(|c| *c <= Self::RANGE * epsilon);
        if are_kernels {
            for c in &mut entries {
                *c = (-*c / epsilon).exp();
            }
        }
        Self { entries, are_kernels }
    }
}

/// Four sums at a time, which the compiler can keep in one register.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (a, b) in a.0.iter().zip(b.0) {
        for i in 0..4 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f64 = a.1.iter().zip(b.1).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distance::transport::wasserstein_to_the;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    fn points(values: &[f64]) -> Points {
        Points::new(1, values.to_vec())
    }

    /// One point against one: the cost is the squared distance. Two against two by symmetry: with k = e^(-1/eps),
    /// between {0, 1} and itself f = g = -eps/2 ln((1 + k) / 2).
    #[test]
    fn by_hand() {
        let sinkhorn = Sinkhorn::new(0.5);
        assert_abs_diff_eq!(sinkhorn.cost(&points(&[0.0]), &points(&[3.0])), 9.0, epsilon = 1e-12);
        let expected = -0.5 * f64::midpoint(1.0, (-2.0f64).exp()).ln();
        let pair = points(&[0.0, 1.0]);
        assert_abs_diff_eq!(sinkhorn.cost(&pair, &pair), expected, epsilon = 1e-9);
        assert_abs_diff_eq!(sinkhorn.divergence(&pair, &points(&[1.0, 0.0])), 0.0, epsilon = 1e-9);
    }

    /// Kernels and the log domain agree where both serve.
    #[test]
    fn both_ways_agree() {
        let sinkhorn = Sinkhorn::new(0.5);
        let (x, y) = (points(&[0.0, 1.0, 2.5, 4.0, 4.4]), points(&[0.5, 3.0, 3.2]));
        let kernels = Costs::of(&x, &y, 0.5);
        assert!(kernels.are_kernels);
        let logs = kernels.entries.iter().map(|kernel| -0.5 * kernel.ln()).collect();
        let costs = Costs { entries: logs, are_kernels: false };
        let g = [0.3, -2.0, 1.0];
        let (mut f, mut h) = (vec![0.0; 5], vec![0.0; 5]);
        let moved = sinkhorn.update(&mut f, &g, &kernels);
        assert_abs_diff_eq!(moved, sinkhorn.update(&mut h, &g, &costs), epsilon = 1e-12);
        for (f, h) in f.iter().zip(&h) {
            assert_abs_diff_eq!(f, h, epsilon = 1e-12);
        }
    }

    /// A small entropy leaves optimal transport, which sorting solves; a large one the squared distance of the
    /// means.
    #[test]
    fn limits() {
        let (a, b) = ([0.0, 1.0, 2.5, 4.0], [0.5, 3.0, 3.2, 7.0]);
        let (x, y) = (points(&a), points(&b));
        let small = Sinkhorn { epsilon: 0.01, iterations: 20_000, tolerance: 1e-9 };
        assert_relative_eq!(
            small.divergence(&x, &y),
            wasserstein_to_the(2.0, &a, &b),
            max_relative = 0.01
        );
        let large = Sinkhorn::new(1e5).divergence(&x, &y);
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        assert_relative_eq!(large, (mean(&a) - mean(&b)).powi(2), max_relative = 1e-3);
    }
}
