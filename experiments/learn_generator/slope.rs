//! What a generator's loss pulls with, from afar and from near, under the exact critic.

use experiments::{array, summary};
use gan::device::per_member;
use gan::objective::GeneratorLoss;
use gan::{Graph, grad};
use lab::{Diverged, Run, Summary};
use tch::{Device, Kind, Tensor};

use crate::streams;

/// Samples of the model behind a gradient.
const SAMPLES: i64 = 100_000;
/// The quadrature's points and their distance.
const POINTS: i64 = 30_001;
const STEP: f64 = 1e-3;

/// Distances at which gradients are summaries, by name.
pub(crate) const PLACES: [(f64, &str); 5] =
    [(0.5, "slope_half"), (1.0, "slope_1"), (2.0, "slope_2"), (4.0, "slope_4"), (8.0, "slope_8")];
/// Up to here samples of the model tell the gradient; further out the few that count are too rare.
const RELIABLE: usize = 2;

/// The derivative of the loss by the mean of `q = N(mean, 1)` against `p = N(0, 1)`, the exact log-ratio frozen: by
/// samples of each member, and by quadrature.
pub(crate) fn slope(loss: GeneratorLoss, run: &mut Run) -> Vec<Result<Summary, Diverged>> {
    let z = streams(run).fork("latent").normal(&[SAMPLES, 1]).to_kind(Kind::Double);
    let sampled: Vec<Vec<f64>> = PLACES
        .iter()
        .map(|(mean, _)| {
            let shift = Tensor::full([z.size()[0], 1, 1], *mean, (Kind::Double, z.device()));
            let shift = shift.set_requires_grad(true);
            let value = loss.value(&log_ratio(*mean, &(&z + &shift)));
            per_member(&grad(&value, &[shift], Graph::Free)[0].reshape([-1]))
        })
        .collect();
    let exact: Vec<f64> = PLACES.iter().map(|(mean, _)| exact_slope(loss, *mean)).collect();
    let path: Vec<f64> = (1..=64).map(|i| f64::from(i) / 8.0).collect();
    let curve: Vec<[f64; 2]> = path.iter().map(|mean| [*mean, exact_slope(loss, *mean)]).collect();
    let of_member = |i: usize| {
        let largest = exact[..RELIABLE].iter().fold(0.0f64, |most, slope| most.max(slope.abs()));
        let apart = (0..RELIABLE).map(|j| (sampled[j][i] - exact[j]).abs()).fold(0.0, f64::max);
        // A loss without any gradient is matched as it is.
        let error = if largest > 0.0 { apart / largest } else { apart };
        let places = PLACES.iter().enumerate().map(|(j, (_, name))| (*name, sampled[j][i]));
        summary(0, places.chain([("error", error)]))
    };
    let results = (0..run.seeds.len()).map(of_member).collect();
    run.sample(0, "curve", array(&Tensor::from_slice2(&curve)));
    results
}

/// `ln p / q` at points of the line.
fn log_ratio(mean: f64, x: &Tensor) -> Tensor {
    x * -mean + mean * mean / 2.0
}

/// The same derivative by quadrature over the latent.
pub(crate) fn exact_slope(loss: GeneratorLoss, mean: f64) -> f64 {
    let z = Tensor::arange(POINTS, (Kind::Double, Device::Cpu)) * STEP - STEP * (POINTS / 2) as f64;
    let weight = (z.square() * -0.5).exp() * (STEP / std::f64::consts::TAU.sqrt());
    let shift = Tensor::from(mean).set_requires_grad(true);
    // A member for each point, so that the loss's mean is over one.
    let each = loss.value(&log_ratio(mean, &(&z + &shift)).reshape([-1, 1, 1]));
    grad(&(each * weight), &[shift], Graph::Free)[0].double_value(&[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// The minimax gradient is largest at 1.65 and dies beyond; the log-ratio's is the distance.
    #[test]
    fn the_minimax_gradient_dies() {
        let of = |mean| exact_slope(GeneratorLoss::Minimax, mean);
        assert_relative_eq!(of(1.65), 0.467, epsilon = 1e-3);
        assert!(of(1.6) < of(1.65) && of(1.7) < of(1.65));
        assert_relative_eq!(of(8.0), 3.93e-4, epsilon = 1e-6);
        assert_relative_eq!(exact_slope(GeneratorLoss::LogRatio, 3.0), 3.0, epsilon = 1e-9);
    }
}
