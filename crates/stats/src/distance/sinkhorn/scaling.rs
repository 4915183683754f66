//! Sinkhorn's iterations: at falling weights of the entropy, in the log domain, and over-relaxed.

use super::Sinkhorn;
use super::relaxation::Relaxation;

/// From one weight to the next.
const FALL: f64 = 0.25;
/// Iterations at most at each weight before the last; the tolerance is the last's, because masses that differ by one
/// point in a thousand leave a residual of a thousandth, and a way between their modes to climb.
const WARM: usize = 300;
/// Logarithms of factors beyond which they go into the potentials.
const REACH: f64 = 50.0;

/// Potentials `f`, `g` of points and the kernels `exp((f_i + g_j - c_ij) / epsilon)`, which are near 1 where mass
/// flows, however small epsilon is: factors `u`, `v` of the kernels are iterated in products, and go into the
/// potentials before they leave the range of numbers (Schmitzer 2019). Weights of the entropy fall to the last, so
/// that potentials of the size of `c / epsilon` need not be climbed step by step.
pub(super) struct Scaling {
    costs: Vec<f64>,
    kernels: Vec<f64>,
    f: Vec<f64>,
    g: Vec<f64>,
}

impl Scaling {
    /// Returns potentials of nothing for costs of each pair, rows of `columns`.
    pub(super) fn new(costs: Vec<f64>, columns: usize) -> Self {
        let (f, g) = (vec![0.0; costs.len() / columns], vec![0.0; columns]);
        Self { kernels: vec![0.0; costs.len()], costs, f, g }
    }

    /// Iterates and returns the last residual.
    pub(super) fn solve(&mut self, settings: &Sinkhorn) -> f64 {
        let mut epsilon = self.costs.iter().copied().fold(0.0, f64::max) * FALL;
        while epsilon > settings.epsilon {
            self.at(epsilon, (WARM, settings.tolerance));
            epsilon *= FALL;
        }
        self.at(settings.epsilon, (settings.iterations, settings.tolerance))
    }

    /// Returns the dual value. The plan has mass 1 after an update of `g`, so that it is the sum of the means.
    pub(super) fn value(&self) -> f64 {
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        mean(&self.f) + mean(&self.g)
    }

    fn at(&mut self, epsilon: f64, (mut left, tolerance): (usize, f64)) -> f64 {
        loop {
            self.update_in_logs(epsilon);
            let residual = self.fill_kernels(epsilon);
            if residual <= tolerance || left == 0 {
                return residual;
            }
            left -= 1;
            let (u, v) = self.factors(&mut left, tolerance);
            let absorb = |potentials: &mut [f64], factors: &[f64]| {
                for (potential, factor) in potentials.iter_mut().zip(factors) {
                    *potential += epsilon * factor.ln();
                }
            };
            absorb(&mut self.f, &u);
            absorb(&mut self.g, &v);
        }
    }

    /// Sets `f_i = -eps ln mean_j exp((g_j - c_ij) / eps)`, then `g` in the same way.
    fn update_in_logs(&mut self, epsilon: f64) {
        let m = self.g.len();
        let rows = || self.costs.chunks_exact(m);
        for (f, row) in self.f.iter_mut().zip(rows()) {
            let exponents = self.g.iter().zip(row).map(|(g, c)| (g - c) / epsilon);
            let top = exponents.clone().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = exponents.map(|exponent| (exponent - top).exp()).sum();
            *f = -epsilon * (top + (sum / m as f64).ln());
        }
        let (mut tops, mut sums) = (vec![f64::NEG_INFINITY; m], vec![0.0; m]);
        for (f, row) in self.f.iter().zip(rows()) {
            for (top, c) in tops.iter_mut().zip(row) {
                *top = top.max((f - c) / epsilon);
            }
        }
        for (f, row) in self.f.iter().zip(rows()) {
            for ((sum, top), c) in sums.iter_mut().zip(&tops).zip(row) {
                *sum += ((f - c) / epsilon - top).exp();
            }
        }
        for ((g, top), sum) in self.g.iter_mut().zip(&tops).zip(&sums) {
            *g = -epsilon * (top + (sum / self.f.len() as f64).ln());
        }
    }

    /// Fills the kernels and returns how far the rows of the plan are from their mass.
    fn fill_kernels(&mut self, epsilon: f64) -> f64 {
        let m = self.g.len();
        let mut residual = 0.0f64;
        let rows = self.kernels.chunks_exact_mut(m).zip(self.costs.chunks_exact(m));
        for ((kernels, costs), f) in rows.zip(&self.f) {
            for ((kernel, c), g) in kernels.iter_mut().zip(costs).zip(&self.g) {
                *kernel = ((f + g - c) / epsilon).exp();
            }
            residual = residual.max((kernels.iter().sum::<f64>() / m as f64).ln().abs());
        }
        residual
    }

    /// Iterates factors of the kernels until the tolerance, the reach or the last iteration that is left.
    fn factors(&self, left: &mut usize, tolerance: f64) -> (Vec<f64>, Vec<f64>) {
        let (n, m) = (self.f.len(), self.g.len());
        let (mut u, mut v) = (vec![1.0; n], vec![1.0; m]);
        let mut relaxation = Relaxation::new();
        while *left > 0 {
            *left -= 1;
            let rows = self.kernels.chunks_exact(m);
            let masses = rows.clone().map(|row| dot(row, &v) / m as f64).collect::<Vec<f64>>();
            let Some(of_rows) = relax(&mut u, &masses, relaxation.weight) else { break };
            let mut masses = vec![0.0; m];
            for (row, u) in rows.zip(&u) {
                for (mass, kernel) in masses.iter_mut().zip(row) {
                    *mass += kernel * u / n as f64;
                }
            }
            let Some(of_columns) = relax(&mut v, &masses, relaxation.weight) else { break };
            let residual = of_rows.max(of_columns);
            let reach = u.iter().chain(&v).map(|x| x.ln().abs()).fold(0.0, f64::max);
            if residual <= tolerance || reach > REACH {
                break;
            }
            relaxation.look(residual);
        }
        (u, v)
    }
}

/// Divides factors by a power of the mass that they leave, which should be 1, and returns the largest logarithm of
/// a mass; nothing, and leaves them, if one is no number to divide by.
fn relax(factors: &mut [f64], masses: &[f64], weight: f64) -> Option<f64> {
    let logs: Vec<f64> = factors.iter().zip(masses).map(|(u, mass)| (u * mass).ln()).collect();
    if logs.iter().any(|log| !log.is_finite()) {
        return None;
    }
    for (factor, log) in factors.iter_mut().zip(&logs) {
        *factor *= (-weight * log).exp();
    }
    Some(logs.iter().fold(0.0, |largest, log| largest.max(log.abs())))
}

/// Sums four products at a time, which the compiler can keep in one register.
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
