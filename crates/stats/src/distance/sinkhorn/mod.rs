//! Entropic optimal transport between samples.

mod relaxation;
mod scaling;

use super::{Points, same_dim, squared};
use scaling::Scaling;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sinkhorn {
    /// The entropy's weight, in the unit of a squared distance.
    pub epsilon: f64,
    /// Iterations at most, at this weight.
    pub iterations: usize,
    /// The largest change of a potential, in units of `epsilon`, at which they stop.
    pub tolerance: f64,
}

/// A number from iterations, and how far they came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solution {
    /// The number.
    pub value: f64,
    /// The largest change of a potential that another iteration makes, in units of `epsilon`.
    pub residual: f64,
    /// Whether that is within the tolerance.
    pub converged: bool,
}

impl Sinkhorn {
    /// Returns settings that reach six digits.
    pub fn new(epsilon: f64) -> Self {
        Self { epsilon, iterations: 5_000, tolerance: 1e-7 }
    }

    /// Returns `min <P, |x - y|^2> + epsilon KL(P || a b^T)` over plans between the empirical laws. It is not 0 for
    /// equal samples: a blurred plan costs.
    ///
    /// # Panics
    /// If the samples differ in dimension.
    ///
    /// # Source
    /// Cuturi 2013; Feydy et al. 2019, equation 1, with the squared distance for a cost.
    pub fn cost(&self, x: &Points, y: &Points) -> Solution {
        self.cost_of(Costs::between(x, y))
    }

    fn cost_of(&self, costs: Costs) -> Solution {
        let mut scaling = Scaling::new(costs.values, costs.columns);
        let residual = scaling.solve(self);
        Solution { value: scaling.value(), residual, converged: residual <= self.tolerance }
    }

    /// Returns the Sinkhorn divergence, `cost(x, y) - (cost(x, x) + cost(y, y)) / 2`: never negative, and 0 for
    /// equal samples alone. The residual is the largest of the three.
    ///
    /// # Panics
    /// As [`Self::cost`].
    ///
    /// # Source
    /// Feydy et al. 2019, equation 3.
    pub fn divergence(&self, x: &Points, y: &Points) -> Solution {
        self.divergence_of([(x, y), (x, x), (y, y)].map(|(x, y)| Costs::between(x, y)))
    }

    /// Returns the divergence of samples of which the costs are known: across, within the first, within the second.
    pub fn divergence_of(&self, costs: [Costs; 3]) -> Solution {
        let [across, of_x, of_y] = costs.map(|costs| self.cost_of(costs));
        Solution {
            value: across.value - f64::midpoint(of_x.value, of_y.value),
            residual: across.residual.max(of_x.residual).max(of_y.residual),
            converged: across.converged && of_x.converged && of_y.converged,
        }
    }
}

/// What it costs to move each point of a sample to each of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    values: Vec<f64>,
    columns: usize,
}

impl Costs {
    /// Returns costs from a row for each point of the first sample.
    ///
    /// # Panics
    /// If a row is not whole, or there is none.
    pub fn new(columns: usize, values: Vec<f64>) -> Self {
        assert!(columns > 0 && !values.is_empty() && values.len().is_multiple_of(columns), "rows");
        Self { values, columns }
    }

    fn between(x: &Points, y: &Points) -> Self {
        same_dim(x, y);
        let values = x.iter().flat_map(|a| y.iter().map(move |b| squared(a, b))).collect();
        Self { values, columns: y.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distance::transport::{standard_normal, wasserstein_to_the};
    use approx::{assert_abs_diff_eq, assert_relative_eq};
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn points(values: &[f64]) -> Points {
        Points::new(1, values.to_vec())
    }

    /// One point against one: the cost is the squared distance. Two against two by symmetry: with k = e^(-1/eps),
    /// between {0, 1} and itself f = g = -eps/2 ln((1 + k) / 2).
    #[test]
    fn by_hand() {
        let sinkhorn = Sinkhorn::new(0.5);
        let one = sinkhorn.cost(&points(&[0.0]), &points(&[3.0]));
        assert_abs_diff_eq!(one.value, 9.0, epsilon = 1e-12);
        let expected = -0.5 * f64::midpoint(1.0, (-2.0f64).exp()).ln();
        let pair = points(&[0.0, 1.0]);
        assert_abs_diff_eq!(sinkhorn.cost(&pair, &pair).value, expected, epsilon = 1e-9);
        let divergence = sinkhorn.divergence(&pair, &points(&[1.0, 0.0]));
        assert_abs_diff_eq!(divergence.value, 0.0, epsilon = 1e-9);
        assert!(one.converged && divergence.converged);
    }

    /// As `epsilon` falls the divergence tends to the squared Wasserstein distance, as it grows to the squared
    /// distance of the means.
    #[test]
    fn limits_of_epsilon() {
        let (a, b) = ([0.0, 1.0, 2.5, 4.0, 4.4], [0.5, 3.0, 3.2]);
        let (x, y) = (points(&a), points(&b));
        let small = Sinkhorn { tolerance: 1e-9, ..Sinkhorn::new(0.01) }.divergence(&x, &y);
        let expected = wasserstein_to_the(2.0, &a, &b);
        assert_relative_eq!(small.value, expected, max_relative = 0.01);
        let large = Sinkhorn::new(1e5).divergence(&x, &y);
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        assert_relative_eq!(large.value, (mean(&a) - mean(&b)).powi(2), max_relative = 1e-3);
    }

    /// Two narrow modes far apart, whose shares differ much or by one point: hardly a path leads from mode to mode,
    /// so that plain iterations take as many as there are points, or squared distances in epsilon.
    #[test]
    fn modes_of_other_shares() {
        let modes = |left: usize, right: usize| {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64((left + right) as u64);
            let mut around = |x: f64| x + 0.02 * standard_normal(&mut rng);
            let values = (0..left + right).map(|i| around(if i < left { -2.0 } else { 2.0 }));
            values.collect::<Vec<f64>>()
        };
        for (left, right) in [(80, 20), (50, 50), (51, 49), (1, 99)] {
            let (a, b) = (modes(50, 50), modes(left, right));
            let solution = Sinkhorn { tolerance: 1e-5, ..Sinkhorn::new(1e-4) }
                .divergence(&points(&a), &points(&b));
            assert!(solution.converged, "{left} to {right}: {solution:?}");
            let expected = wasserstein_to_the(2.0, &a, &b);
            assert_abs_diff_eq!(solution.value, expected, epsilon = 0.01 * expected + 1e-4);
        }
    }

    /// Iterations that end early say so.
    #[test]
    fn an_early_end_is_reported() {
        let (x, y) = (points(&[0.0, 1.0, 2.5, 4.0]), points(&[0.5, 3.0, 3.2]));
        let solution = Sinkhorn { iterations: 2, ..Sinkhorn::new(0.05) }.divergence(&x, &y);
        assert!(!solution.converged && solution.residual > 1e-7, "{solution:?}");
    }
}
