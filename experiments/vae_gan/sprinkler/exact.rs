//! The sprinkler's posteriors on a grid, and the best Gaussians.

use lab::figure::Layer;
use tch::Tensor;

use crate::plane::{Plane, divergence};

/// The effects of which posteriors are sought.
pub(super) const OBSERVED: [f64; 5] = [0.0, 5.0, 8.0, 12.0, 50.0];

/// Effect, and the least KL of a Gaussian from its posterior: with independent causes, and with any covariance. The test
/// below finds them again.
pub(super) const BEST_GAUSSIANS: [(f64, f64, f64); 5] = [
    (0.0, 0.017, 0.017),
    (5.0, 0.012, 0.012),
    (8.0, 0.032, 0.032),
    (12.0, 0.104, 0.084),
    (50.0, 0.633, 0.529),
];

/// The grid of causes.
pub(super) const REACH: f64 = 7.0;
const BINS: usize = 70;
const PLANE: Plane = Plane { reach: REACH, bins: BINS };
/// Points of a bin in each direction at which the exact density is taken.
const FINE: usize = 4;

/// `ln p(x | z)` of effects `[1, rows, 1]` at causes `[members, rows, 2]`, `[members, rows, 1]`.
pub(super) fn log_likelihood(effects: &Tensor, causes: &Tensor) -> Tensor {
    let cubes = causes.relu().pow_tensor_scalar(3);
    let mean = cubes.sum_dim_intlist([2i64].as_slice(), true, None::<tch::Kind>) + 3.0;
    -(effects / &mean) - mean.log()
}

/// `ln p(x, z)` in numbers.
fn log_joint(effect: f64, [a, b]: [f64; 2]) -> f64 {
    let mean = 3.0 + a.max(0.0).powi(3) + b.max(0.0).powi(3);
    let log_prior = -(a * a + b * b) / 4.0 - (4.0 * std::f64::consts::PI).ln();
    log_prior - effect / mean - mean.ln()
}

/// An exact posterior: the probabilities of the bins of the grid.
#[derive(Clone, Debug)]
pub(super) struct Posterior {
    masses: Vec<f64>,
    /// `ln p(x)`.
    pub(super) log_evidence: f64,
}

impl Posterior {
    /// Returns the posterior of an effect.
    pub(super) fn of(effect: f64) -> Self {
        let width = 2.0 * REACH / BINS as f64;
        let step = width / FINE as f64;
        let mut masses = vec![0.0; BINS * BINS];
        for (i, mass) in masses.iter_mut().enumerate() {
            let corner = [i / BINS, i % BINS].map(|bin| bin as f64 * width - REACH);
            for j in 0..FINE * FINE {
                let inner = [j / FINE, j % FINE].map(|k| (k as f64 + 0.5) * step);
                let point = [corner[0] + inner[0], corner[1] + inner[1]];
                *mass += log_joint(effect, point).exp() * step * step;
            }
        }
        let evidence: f64 = masses.iter().sum();
        for mass in &mut masses {
            *mass /= evidence;
        }
        Self { masses, log_evidence: evidence.ln() }
    }

    /// Returns `KL(cloud || posterior)` in nats over the bins. Of 100,000 samples it is about 0.01 too large.
    pub(super) fn divergence_of(&self, cloud: &[[f64; 2]]) -> f64 {
        divergence(&PLANE.shares(cloud), &self.masses)
    }

    /// Returns the density as a picture, the first cause to the right, the second upwards.
    pub(super) fn picture(&self) -> Layer {
        let most = self.masses.iter().copied().fold(0.0, f64::max);
        let pixel = |i: usize| self.masses[(i % BINS) * BINS + (BINS - 1 - i / BINS)];
        let pixels = (0..BINS * BINS).map(|i| (255.0 * pixel(i) / most) as u8).collect();
        Layer::Picture { width: BINS, pixels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// By an independent quadrature (241 points a side).
    #[test]
    fn evidence_and_correlation() {
        let expected = [
            (-1.4425, 0.02),
            (-2.7836, -0.02),
            (-3.4826, -0.08),
            (-4.2615, -0.21),
            (-7.2840, -0.645),
        ];
        let width = 2.0 * REACH / BINS as f64;
        for (effect, (log_evidence, correlation)) in OBSERVED.into_iter().zip(expected) {
            let exact = Posterior::of(effect);
            assert_abs_diff_eq!(exact.log_evidence, log_evidence, epsilon = 2e-3);
            let middle = |bin: usize| (bin as f64 + 0.5) * width - REACH;
            let mean = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
                let each = exact.masses.iter().enumerate();
                each.map(|(i, mass)| mass * of(middle(i / BINS), middle(i % BINS))).sum()
            };
            let (x, y) = (mean(&|a, _| a), mean(&|_, b| b));
            let variance = mean(&|a, _| (a - x).powi(2));
            let found = mean(&|a, b| (a - x) * (b - y)) / variance;
            assert_abs_diff_eq!(found, correlation, epsilon = 0.01);
        }
    }

    /// Of a law with itself it is zero, of all samples in one bin it is that bin's surprise.
    #[test]
    fn divergence_by_hand() {
        let exact = Posterior::of(5.0);
        assert_abs_diff_eq!(divergence(&exact.masses, &exact.masses), 0.0, epsilon = 1e-12);
        let point = [[0.05, 0.05]; 10];
        let mass = exact.masses[35 * BINS + 35];
        assert_abs_diff_eq!(exact.divergence_of(&point), -mass.ln(), epsilon = 1e-9);
    }

    /// The least KL of Gaussians, by descent from several starts over quadrature in their own coordinates.
    #[test]
    fn best_gaussians() {
        for (effect, independent, any) in BEST_GAUSSIANS {
            for (has_covariance, expected) in [(false, independent), (true, any)] {
                let starts = [[0.0, 0.0], [0.0, 2.6], [2.6, 0.0], [1.2, 1.2]];
                let least = starts
                    .map(|start| least_divergence(effect, start, has_covariance))
                    .into_iter()
                    .fold(f64::INFINITY, f64::min);
                assert_abs_diff_eq!(least, expected, epsilon = 0.012);
            }
        }
    }

    /// Newton-free descent by numerical slopes with a step that shrinks where it fails.
    fn least_divergence(effect: f64, start: [f64; 2], has_covariance: bool) -> f64 {
        let log_evidence = Posterior::of(effect).log_evidence;
        let divergence = |p: &[f64; 5]| gaussian_divergence(effect, p) + log_evidence;
        let mut at = [start[0], start[1], 0.0, 0.0, 0.0];
        let (mut value, mut rate) = (divergence(&at), 0.1);
        for _ in 0..400 {
            let free = if has_covariance { 5 } else { 4 };
            let mut next = at;
            for i in 0..free {
                let mut moved = [at, at];
                moved[0][i] += 1e-4;
                moved[1][i] -= 1e-4;
                next[i] -= rate * (divergence(&moved[0]) - divergence(&moved[1])) / 2e-4;
            }
            let found = divergence(&next);
            if found < value {
                (at, value, rate) = (next, found, rate * 1.2);
            } else {
                rate *= 0.5;
            }
        }
        value
    }

    /// `E_q ln q - ln p(x, z)` of the Gaussian with this mean and triangular root, over a grid of its own noise.
    fn gaussian_divergence(effect: f64, [x, y, a, b, c]: &[f64; 5]) -> f64 {
        const SIDE: i32 = 20;
        let (first, second) = (a.exp(), b.exp());
        let (mut sum, mut total) = (0.0, 0.0);
        for i in -SIDE..=SIDE {
            for j in -SIDE..=SIDE {
                let [u, v] = [i, j].map(|k| f64::from(k) * 5.0 / f64::from(SIDE));
                let weight = (-0.5 * (u * u + v * v)).exp();
                let point = [x + first * u, y + c * u + second * v];
                let log_q = -0.5 * (u * u + v * v) - std::f64::consts::TAU.ln() - a - b;
                sum += weight * (log_q - log_joint(effect, point));
                total += weight;
            }
        }
        sum / total
    }
}
