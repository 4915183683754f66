//! Gradients of an expectation by the parameters of what is sampled: variance against cost.

use experiments::summary;
use gan::device::{CPU, to_vec};
use gan::objective::GeneratorLoss;
use gan::{Graph, Rng, grad};
use lab::{Diverged, Run, Summary};
use tch::{Device, Kind, Tensor};

use crate::config::{Estimator, Problem};
use crate::slope::exact_slope;
use crate::{streams, target};

const DOUBLE: (Kind, Device) = (Kind::Double, Device::Cpu);
/// Where the steep critic jumps, and how steeply: its slope there is a quarter of this.
const JUMP: f64 = 0.5;
const STEEPNESS: f64 = 200.0;
/// The quadrature over the latent from -8 to 8: its points and their distance.
const POINTS: i64 = 160_001;
const STEP: f64 = 1e-4;

impl Problem {
    /// The parameters at which the gradient is wanted, `[parameters]`.
    fn parameters(self) -> Tensor {
        match self {
            // Mean 0, standard deviation 1.5.
            Self::Mixture | Self::Steep => Tensor::from_slice(&[0.0, 1.5f64.ln()]),
            Self::Shift { dim } => Tensor::full([dim], (dim as f64).powf(-0.5), DOUBLE),
        }
    }

    /// Dimension of the points.
    pub(crate) fn dim(self) -> i64 {
        match self {
            Self::Mixture | Self::Steep => 1,
            Self::Shift { dim } => dim,
        }
    }

    /// The loss of every sample, `[repeats, batch]`, of parameters `[repeats, parameters]` and noise
    /// `[repeats, batch, dim]`. The critic stands still: its parameters are those of [`Self::parameters`].
    fn losses(self, at: &Tensor, z: &Tensor) -> Tensor {
        let frozen = self.parameters();
        match self {
            Self::Mixture | Self::Steep => {
                let (mean, log_sd) = (at.narrow(1, 0, 1), at.narrow(1, 1, 1));
                let x = z.squeeze_dim(2) * log_sd.exp() + mean;
                if self == Self::Steep {
                    return -((x - JUMP) * STEEPNESS).sigmoid();
                }
                let scaled = (&x - frozen.get(0)) / frozen.get(1).exp();
                let log_q =
                    scaled.square() * -0.5 - frozen.get(1) - std::f64::consts::TAU.sqrt().ln();
                log_q - target::log_density(&x)
            }
            Self::Shift { .. } => {
                let x = z + at.unsqueeze(1);
                // Data N(0, I), model N(mean, I): the non-saturating loss -ln D of the exact log-ratio.
                let log_ratio = -x.matmul(&frozen) + frozen.square().sum(Kind::Double) * 0.5;
                (-log_ratio).softplus()
            }
        }
    }

    /// The derivative of every sample's log-density, `[repeats, batch, parameters]`.
    fn scores(self, z: &Tensor) -> Tensor {
        match self {
            Self::Mixture | Self::Steep => {
                let by_mean = z / self.parameters().get(1).exp();
                Tensor::cat(&[by_mean, z.square() - 1.0], 2)
            }
            Self::Shift { .. } => z.shallow_clone(),
        }
    }

    /// The exact gradient, `[parameters]`.
    fn gradient(self) -> Tensor {
        if let Self::Shift { .. } = self {
            // Along the mean, whose length is 1, the problem is one-dimensional.
            return self.parameters() * exact_slope(GeneratorLoss::NonSaturating, 1.0);
        }
        let z = Tensor::arange(POINTS, DOUBLE) * STEP - 8.0;
        let weight = (z.square() * -0.5).exp() * (STEP / std::f64::consts::TAU.sqrt());
        let at = self.parameters().unsqueeze(0).set_requires_grad(true);
        let loss = self.losses(&at, &z.reshape([1, -1, 1])) * weight;
        grad(&loss, &[at], Graph::Free).remove(0).squeeze_dim(0)
    }
}

impl Estimator {
    /// Evaluations of the critic behind an estimate; a derivative through it counts as two more.
    fn evaluations(self, batch: i64, parameters: i64) -> f64 {
        let each = match self {
            Self::Pathwise => 3,
            Self::Score | Self::ScoreBaseline => 1,
            Self::Differences(_) | Self::IndependentDifferences(_) => 2 * parameters,
            Self::Spsa(_) => 2,
        };
        (each * batch) as f64
    }

    /// Estimates of the gradient, `[repeats, parameters]`, each from a batch of its own.
    fn estimates(self, problem: Problem, [repeats, batch]: [i64; 2], rng: &mut Rng) -> Tensor {
        let noise = |rng: &mut Rng| {
            rng.normal(&[repeats, batch, problem.dim()]).squeeze_dim(0).to_kind(Kind::Double)
        };
        let at = problem.parameters().repeat([repeats, 1]);
        let mean = |at: &Tensor, z: &Tensor| {
            problem.losses(at, z).mean_dim([1i64].as_slice(), true, None::<Kind>)
        };
        let z = noise(rng);
        match self {
            Self::Pathwise => {
                let at = at.set_requires_grad(true);
                grad(&mean(&at, &z), &[at], Graph::Free).remove(0)
            }
            Self::Score | Self::ScoreBaseline => {
                let mut losses = problem.losses(&at, &z);
                if self == Self::ScoreBaseline {
                    // The others' mean: a sample's own loss in its baseline would bias the estimate.
                    let sum = losses.sum_dim_intlist([1i64].as_slice(), true, None::<Kind>);
                    losses = &losses - (sum - &losses) / (batch - 1) as f64;
                }
                let products = losses.unsqueeze(2) * problem.scores(&z);
                products.mean_dim([1i64].as_slice(), false, None::<Kind>)
            }
            Self::Differences(step) | Self::IndependentDifferences(step) => {
                let independent = matches!(self, Self::IndependentDifferences(_));
                let unit = Tensor::eye(at.size()[1], DOUBLE) * step;
                let mut along = |j: i64| {
                    let ahead = mean(&(&at + unit.get(j)), &z);
                    let other = if independent { noise(rng) } else { z.shallow_clone() };
                    (ahead - mean(&(&at - unit.get(j)), &other)) / (2.0 * step)
                };
                Tensor::cat(&(0..at.size()[1]).map(&mut along).collect::<Vec<_>>(), 1)
            }
            Self::Spsa(step) => {
                let signs = rng.uniform(&at.size()).squeeze_dim(0).to_kind(Kind::Double) - 0.5;
                let signs = signs.sign();
                let way = &signs * step;
                (mean(&(&at + &way), &z) - mean(&(&at - way), &z)) / (2.0 * step) * signs
            }
        }
    }
}

/// Repeats one estimator and compares with the exact gradient.
pub(crate) fn estimate(
    (problem, estimator): (Problem, Estimator),
    [repeats, batch]: [i64; 2],
    run: &Run,
) -> Vec<Result<Summary, Diverged>> {
    let exact = problem.gradient();
    let mut rng = streams(run).with(CPU).fork("noise");
    let estimates = estimator.estimates(problem, [repeats, batch], &mut rng);
    let (variances, means) = estimates.var_mean_dim([0i64].as_slice(), true, false);
    let sum = |x: Tensor| to_vec(&x.sum(Kind::Double))[0];
    let square = sum(exact.square());
    let variance = sum(variances) / square;
    let cost = estimator.evaluations(batch, exact.size()[0]);
    vec![summary(
        0,
        [
            ("variance", variance),
            ("work", variance * cost),
            ("bias", (sum((means - exact).square()) / square).sqrt()),
        ],
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan::rng::double;

    /// Every estimator is right on average: within four standard errors of the exact gradient, central differences
    /// also within their truncation.
    #[test]
    fn estimators_agree_with_quadrature() {
        for problem in [Problem::Mixture, Problem::Steep, Problem::Shift { dim: 3 }] {
            let exact = problem.gradient();
            for estimator in [
                Estimator::Pathwise,
                Estimator::Score,
                Estimator::ScoreBaseline,
                Estimator::Differences(0.01),
                Estimator::IndependentDifferences(0.1),
                Estimator::Spsa(0.01),
            ] {
                let found = estimator.estimates(problem, [4_000, 16], &mut double(&[1]));
                let (variances, means) = found.var_mean_dim([0i64].as_slice(), true, false);
                let allowed = (variances / 4_000.0).sqrt() * 4.0 + 0.01;
                let apart = (means - &exact).abs();
                let fits = apart.le_tensor(&allowed).all().int64_value(&[]) == 1;
                assert!(fits, "{problem:?} {estimator:?} {:?}", to_vec(&apart));
            }
        }
    }
}
