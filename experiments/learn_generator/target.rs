//! The mixture on the line that f-GAN's generator cannot match, and the best that it can do.

use gan::objective::Divergence;
use gan::{Graph, Rng, grad};
use tch::{Device, Kind, Tensor};

/// Weight, mean and standard deviation of both components: recovered from the published optima, not quoted
/// (README, *Sources*).
const COMPONENTS: [(f64, f64, f64); 2] = [(0.67, 2.0, 1.415), (0.33, -1.0, 0.255)];
/// The grid of integrals: `-12` to `14`.
const START: f64 = -12.0;
const STEP: f64 = 0.005;
const POINTS: i64 = 5_201;

/// The divergences of f-GAN's table.
pub(crate) const TABLE: [Divergence; 5] = [
    Divergence::KullbackLeibler,
    Divergence::ReverseKullbackLeibler,
    Divergence::JensenShannon,
    Divergence::Jeffreys,
    Divergence::Pearson,
];

/// The name of a divergence's metric.
pub(crate) fn column(divergence: Divergence) -> &'static str {
    match divergence {
        Divergence::KullbackLeibler => "kl",
        Divergence::ReverseKullbackLeibler => "reverse_kl",
        Divergence::Pearson => "pearson",
        Divergence::SquaredHellinger => "squared_hellinger",
        Divergence::JensenShannon => "jensen_shannon",
        Divergence::Gan => "gan",
        Divergence::Jeffreys => "jeffreys",
    }
}

/// Samples, `[members, count, 1]`.
pub(crate) fn sample(rng: &mut Rng, count: i64) -> Tensor {
    let [(share, mean, sd), (_, other_mean, other_sd)] = COMPONENTS;
    let wide = rng.uniform(&[count, 1]).lt(share);
    let noise = rng.normal(&[count, 1]);
    (&noise * sd + mean).where_self(&wide, &(&noise * other_sd + other_mean))
}

/// The density's logarithm, elementwise.
pub(crate) fn log_density(x: &Tensor) -> Tensor {
    let [wide, narrow] = COMPONENTS.map(|(share, mean, sd)| normal(x, mean, sd) + share.ln());
    wide.logaddexp(&narrow)
}

/// The log-density of a normal law, elementwise.
pub(crate) fn normal(x: &Tensor, mean: f64, sd: f64) -> Tensor {
    ((x - mean) / sd).square() * -0.5 - (sd * std::f64::consts::TAU.sqrt()).ln()
}

/// The points of integrals.
pub(crate) fn grid() -> Tensor {
    Tensor::arange(POINTS, (Kind::Double, Device::Cpu)) * STEP + START
}

/// The integral of values on the grid.
pub(crate) fn integral(values: &Tensor) -> Tensor {
    values.sum(Kind::Double) * STEP
}

/// `D_f(P || N(mean, sd^2))` as a differentiable function of mean and `ln sd`.
fn divergence(of: Divergence, mean: &Tensor, log_sd: &Tensor) -> Tensor {
    let x = grid();
    let log_q =
        ((&x - mean) / log_sd.exp()).square() * -0.5 - log_sd - std::f64::consts::TAU.sqrt().ln();
    integral(&(of.f(&(log_density(&x) - &log_q)) * log_q.exp()))
}

/// A Gaussian on the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Gaussian {
    pub(crate) mean: f64,
    pub(crate) sd: f64,
}

impl Gaussian {
    /// `D_f(P || this)` by quadrature.
    pub(crate) fn divergence(self, of: Divergence) -> f64 {
        let _guard = tch::no_grad_guard();
        divergence(of, &Tensor::from(self.mean), &Tensor::from(self.sd.ln())).double_value(&[])
    }

    /// The Gaussian of least divergence from the mixture, by Newton's method from the mixture's own moments.
    pub(crate) fn best(of: Divergence) -> Self {
        let leaf = |x: f64| Tensor::from(x).set_requires_grad(true);
        let (mut mean, mut log_sd) = (1.0, 0.6);
        for _ in 0..12 {
            let at = [leaf(mean), leaf(log_sd)];
            let slopes = grad(&divergence(of, &at[0], &at[1]), &at, Graph::Keep);
            let rows =
                slopes.iter().map(|slope| Tensor::stack(&grad(slope, &at, Graph::Retain), 0));
            let curvature = Tensor::stack(&rows.collect::<Vec<_>>(), 0);
            let slope = Tensor::stack(&slopes, 0).detach();
            let step = gan::device::to_vec(&Tensor::linalg_solve(&curvature, &slope, true));
            // Not too far at once: the quadratic model holds near the optimum only.
            mean -= step[0].clamp(-0.2, 0.2);
            log_sd -= step[1].clamp(-0.1, 0.1);
        }
        Self { mean, sd: log_sd.exp() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use gan::rng::double;

    /// Mean, deviation and divergence of the best Gaussian by an independent quadrature, to three digits or four.
    #[test]
    fn best_gaussians() {
        let expected = [
            (0.2830, 1.0100, 1.8310),
            (0.2481, 1.5780, 1.6317),
            (0.1280, 1.3068, 1.7544),
            (0.5706, 1.3215, 1.7034),
            (0.6457, 0.5736, 1.9276),
        ];
        for (of, (value, mean, sd)) in TABLE.into_iter().zip(expected) {
            let best = Gaussian::best(of);
            assert_abs_diff_eq!(best.mean, mean, epsilon = 2e-4);
            assert_abs_diff_eq!(best.sd, sd, epsilon = 2e-4);
            assert_abs_diff_eq!(best.divergence(of), value, epsilon = 1e-4);
        }
    }

    /// Off the diagonal: what a Gaussian that is best for one divergence scores by another.
    #[test]
    fn the_cross_table() {
        let row = Gaussian::best(Divergence::KullbackLeibler);
        for (of, value) in TABLE.into_iter().zip([0.2830, 0.3500, 0.1346, 0.6330, 0.7377]) {
            assert_abs_diff_eq!(row.divergence(of), value, epsilon = 2e-4);
        }
    }

    #[test]
    fn samples_have_the_density() {
        let x = sample(&mut double(&[0]), 400_000);
        let mean = x.mean(Kind::Double).double_value(&[]);
        assert_abs_diff_eq!(mean, 0.67 * 2.0 - 0.33, epsilon = 0.01);
        let narrow = (&x + 1.0).abs().lt(0.255).to_kind(Kind::Double).mean(Kind::Double);
        let on_grid = log_density(&grid()).exp();
        let inside = (grid() + 1.0).abs().lt(0.255).to_kind(Kind::Double);
        let expected = integral(&(on_grid * inside)).double_value(&[]);
        assert_abs_diff_eq!(narrow.double_value(&[]), expected, epsilon = 0.005);
    }
}
