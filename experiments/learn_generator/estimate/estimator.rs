//! How a gradient of an expectation is estimated from samples.

use gan::{Graph, Rng, grad, range, ranges_of_variants};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::DOUBLE;
use super::problem::Problem;

/// An estimator of a gradient from samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Estimator {
    /// Through the samples: reparametrisation.
    Pathwise,
    /// The loss times the derivative of the log-density (REINFORCE).
    Score,
    /// The same less the mean loss of the other samples.
    ScoreBaseline,
    /// Central differences of every parameter by this step, all from the same noise.
    Differences(f64),
    /// The same, each evaluation with noise of its own.
    IndependentDifferences(f64),
    /// A central difference along one random direction by this step, from the same noise (SPSA).
    Spsa(f64),
}

ranges_of_variants!(Estimator, |variant, estimator| match estimator {
    Self::Pathwise | Self::Score | Self::ScoreBaseline => {}
    Self::Differences(step) | Self::IndependentDifferences(step) | Self::Spsa(step) => {
        variant.only(step, range::scale);
    }
});

impl Estimator {
    /// Those that are compared.
    pub(super) const COMPARED: [Self; 7] = [
        Self::Pathwise,
        Self::Score,
        Self::ScoreBaseline,
        Self::Differences(0.01),
        Self::IndependentDifferences(0.1),
        Self::IndependentDifferences(0.01),
        Self::Spsa(0.01),
    ];

    /// Evaluations of the critic behind an estimate; a derivative through it counts as two more.
    pub(super) fn evaluations(self, batch: i64, parameters: i64) -> f64 {
        let each = match self {
            Self::Pathwise => 3,
            Self::Score | Self::ScoreBaseline => 1,
            Self::Differences(_) | Self::IndependentDifferences(_) => 2 * parameters,
            Self::Spsa(_) => 2,
        };
        (each * batch) as f64
    }

    /// Estimates of the gradient, `[repeats, parameters]`, each from a batch of its own.
    pub(super) fn estimates(
        self,
        problem: Problem,
        [repeats, batch]: [i64; 2],
        rng: &mut Rng,
    ) -> Tensor {
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

#[cfg(test)]
mod tests {
    use super::*;
    use gan::device::to_vec;
    use gan::rng::double;

    /// Every estimator is right on average: within four standard errors of the exact gradient, central differences
    /// also within their truncation.
    #[test]
    fn estimators_agree_with_quadrature() {
        for problem in [Problem::Mixture, Problem::Steep, Problem::Shift { dim: 3 }] {
            let exact = problem.gradient();
            for estimator in Estimator::COMPARED {
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
