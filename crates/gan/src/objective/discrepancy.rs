//! Distances between two samples that a generator can minimise without a critic.

use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::mean;
use crate::{Rng, range, ranges_of_variants};

/// A differentiable distance between samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Discrepancy {
    /// The root of the squared maximum mean discrepancy under a sum of Gaussian kernels `exp(-d^2 / 2 h^2)`, each
    /// pair of a sample counted, the equal ones too (Li, Swersky and Zemel 2015, equations 3 and 5).
    Mmd {
        /// The `h` of every kernel, in the unit of the data.
        bandwidths: Vec<f64>,
    },
    /// The squared Wasserstein-2 distance of projections on random directions, averaged (Bonneel et al. 2015).
    SlicedWasserstein {
        /// Fresh directions of every call.
        directions: i64,
    },
    /// `min <P, |x - y|^2> + epsilon KL(P || a b^T)` (Cuturi 2013): not least where the samples are equal.
    EntropicTransport(Entropy),
    /// The Sinkhorn divergence, entropic transport less half of each sample's own (Feydy et al. 2019, equation 3).
    Sinkhorn(Entropy),
}

/// How entropic transport is solved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Entropy {
    /// The entropy's weight, in the unit of a squared distance.
    #[garde(custom(range::scale))]
    pub epsilon: f64,
    /// Sinkhorn's iterations.
    #[garde(custom(range::iterations))]
    pub iterations: u32,
}

ranges_of_variants!(Discrepancy, |variant, discrepancy| match discrepancy {
    Self::Mmd { bandwidths } => variant.check("bandwidths", scales(bandwidths)),
    Self::SlicedWasserstein { directions } => {
        variant.field("directions", directions, range::lines);
    }
    Self::EntropicTransport(entropy) | Self::Sinkhorn(entropy) => variant.inside(entropy),
});

/// Some lengths, each in range.
fn scales(values: &[f64]) -> garde::Result {
    if values.is_empty() {
        return Err(garde::Error::new("there is no bandwidth"));
    }
    values.iter().try_for_each(|value| range::scale(value, &()))
}

impl Discrepancy {
    /// Returns the distance of the samples, one value per member, as a function of both.
    ///
    /// # Shapes
    /// `real`, `fake`: `[members, batch, dim]`, for sliced transport of equal batches; result: `[members]`.
    ///
    /// # Panics
    /// If sliced transport gets batches of different sizes.
    pub fn value(&self, real: &Tensor, fake: &Tensor, rng: &mut Rng) -> Tensor {
        match self {
            Self::Mmd { bandwidths } => squared_mmd(real, fake, bandwidths).clamp_min(1e-12).sqrt(),
            Self::SlicedWasserstein { directions } => sliced(real, fake, *directions, rng),
            Self::EntropicTransport(entropy) => entropy.cost(real, fake),
            Self::Sinkhorn(entropy) => {
                let own = entropy.own_cost(real) + entropy.own_cost(fake);
                entropy.cost(real, fake) - own * 0.5
            }
        }
    }
}

fn squared_mmd(x: &Tensor, y: &Tensor, bandwidths: &[f64]) -> Tensor {
    let similarity = |x: &Tensor, y: &Tensor| similarity(&squared_distances(x, y), bandwidths);
    similarity(x, x) + similarity(y, y) - similarity(x, y) * 2.0
}

/// The mean kernel, one value per member, as a value with a gradient by the squared distances: kernels of many
/// bandwidths cost memory and passes that automatic differentiation would double.
fn similarity(distances: &Tensor, bandwidths: &[f64]) -> Tensor {
    let (value, slope) = {
        let _guard = tch::no_grad_guard();
        let members = distances.size()[0];
        let mut value = Tensor::zeros([members], (distances.kind(), distances.device()));
        let mut slope = distances.requires_grad().then(|| distances.zeros_like());
        for h in bandwidths {
            let rate = -0.5 / (h * h);
            let kernel = exp(distances * rate);
            value += mean(&kernel);
            if let Some(slope) = &mut slope {
                let _ = slope.g_add_(&(kernel * rate));
            }
        }
        (value, slope)
    };
    match slope {
        Some(slope) => with_gradient_of(&mean(&(distances * slope)), value),
        None => value,
    }
}

fn sliced(x: &Tensor, y: &Tensor, directions: i64, rng: &mut Rng) -> Tensor {
    assert_eq!(x.size()[1], y.size()[1], "sorted samples are paired");
    let along = rng.normal(&[x.size()[2], directions]);
    let length = along.square().sum_dim_intlist([1i64].as_slice(), true, None::<Kind>).sqrt();
    let along = along / length;
    let sorted = |x: &Tensor| x.matmul(&along).sort(1, false).0;
    mean(&(sorted(x) - sorted(y)).square())
}

impl Entropy {
    /// The transport cost as a dual value, with the optimal plan's gradient: at the optimum the potentials' own
    /// change does not count (Feydy et al. 2019, proposition 2).
    fn cost(self, x: &Tensor, y: &Tensor) -> Tensor {
        let costs = squared_distances(x, y);
        self.dual(&costs, |scaled| {
            let (n, m) = (scaled.size()[1], scaled.size()[2]);
            let mut f = Tensor::zeros([scaled.size()[0], n, 1], (scaled.kind(), scaled.device()));
            let mut g = f.zeros_like();
            for _ in 0..self.iterations {
                g = -log_sum_exp(&f - scaled, 1) + (n as f64).ln();
                f = -log_sum_exp(&g - scaled, 2) + (m as f64).ln();
            }
            (f, g)
        })
    }

    /// The same of a sample with itself, whose two potentials are equal: averaged updates converge in a few steps.
    fn own_cost(self, x: &Tensor) -> Tensor {
        let costs = squared_distances(x, x);
        self.dual(&costs, |scaled| {
            let n = scaled.size()[1];
            let mut f = Tensor::zeros([scaled.size()[0], n, 1], (scaled.kind(), scaled.device()));
            for _ in 0..self.iterations.div_ceil(2) {
                let mean = log_sum_exp(f.transpose(1, 2) - scaled, 2);
                f = (&f - mean + (n as f64).ln()) * 0.5;
            }
            let g = f.transpose(1, 2);
            (f, g)
        })
    }

    /// Potentials in units of epsilon, from costs in that unit, as a value with a gradient by the costs.
    fn dual(self, costs: &Tensor, solve: impl Fn(&Tensor) -> (Tensor, Tensor)) -> Tensor {
        let (plan, value) = {
            let _guard = tch::no_grad_guard();
            let scaled = costs.detach() / self.epsilon;
            let (f, g) = solve(&scaled);
            let pairs = (scaled.size()[1] * scaled.size()[2]) as f64;
            (exp(&f + &g - &scaled) / pairs, (mean(&f) + mean(&g)) * self.epsilon)
        };
        let moved = (costs * plan).sum_dim_intlist([1i64, 2].as_slice(), false, None::<Kind>);
        with_gradient_of(&moved, value)
    }
}

/// Returns `value` with the gradient of `other`.
fn with_gradient_of(other: &Tensor, value: Tensor) -> Tensor {
    other - other.detach() + value
}

/// Returns `exp(x)`, at least 1e-38: the exponential of MKL takes a slow way with every element that would be zero,
/// which took half of the time of a narrow kernel.
fn exp(mut x: Tensor) -> Tensor {
    x.clamp_min_(-87.0).exp_()
}

/// Returns `ln sum exp(x)` along an axis, which stays with length 1.
fn log_sum_exp(mut x: Tensor, axis: i64) -> Tensor {
    let largest = x.amax([axis].as_slice(), true);
    let sum = exp(x.g_sub_(&largest)).sum_dim_intlist([axis].as_slice(), true, None::<Kind>);
    sum.log() + largest
}

/// Returns `|x_i - y_j|^2`, `[members, n, m]`.
fn squared_distances(x: &Tensor, y: &Tensor) -> Tensor {
    let squares = |x: &Tensor| x.square().sum_dim_intlist([2i64].as_slice(), true, None::<Kind>);
    let sums = squares(x) + squares(y).transpose(1, 2);
    sums.baddbmm(x, &y.transpose(1, 2), 1, -2).clamp_min(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::gradient_error;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::{assert_abs_diff_eq, assert_relative_eq};
    use stats::distance::Points;

    fn points(seed: u64, n: i64) -> Tensor {
        double(&[seed]).normal(&[n, 2])
    }

    fn as_points(x: &Tensor) -> Points {
        Points::new(2, to_vec(x))
    }

    fn value(of: &Discrepancy, x: &Tensor, y: &Tensor) -> f64 {
        to_vec(&of.value(x, y, &mut double(&[7])))[0]
    }

    /// N(1, 1) against N(0, 1) on the line: 0.132842, 0.177268 and 0.130567 for bandwidths 1/2, 1 and 2, in closed
    /// form; counting equal pairs adds some 2 / n.
    #[test]
    fn mmd_of_normal_laws() {
        let (x, y) = (double(&[0]).normal(&[4_000, 1]) + 1.0, double(&[1]).normal(&[4_000, 1]));
        let mmd = Discrepancy::Mmd { bandwidths: vec![0.5, 1.0, 2.0] };
        let expected: f64 = 0.132_842 + 0.177_268 + 0.130_567;
        assert_abs_diff_eq!(value(&mmd, &x, &y).powi(2), expected, epsilon = 0.03);
        assert!(value(&mmd, &x, &x) < 1e-5);
    }

    /// Points that all move by `a`: each projection moves by `<a, u>`, whose mean square is `|a|^2 / dim`.
    #[test]
    fn sliced_transport_of_a_shift() {
        let x = points(0, 64);
        let moved = &x + Tensor::from_slice(&[3.0f64, -1.0]);
        let sliced = Discrepancy::SlicedWasserstein { directions: 40_000 };
        assert_relative_eq!(value(&sliced, &x, &moved), 5.0, max_relative = 0.02);
    }

    /// Against the solver of `stats`, which has neither tensors nor gradients.
    #[test]
    fn sinkhorn_of_two_samples() {
        let (x, y) = (points(0, 30), points(1, 40) * 1.5 + 0.5);
        for epsilon in [0.1, 1.0] {
            let reference = stats::distance::sinkhorn::Sinkhorn::new(epsilon);
            let entropy = Entropy { epsilon, iterations: 1_000 };
            let (a, b) = (as_points(&x), as_points(&y));
            let transport = value(&Discrepancy::EntropicTransport(entropy), &x, &y);
            assert_relative_eq!(transport, reference.cost(&a, &b).value, max_relative = 1e-5);
            let divergence = value(&Discrepancy::Sinkhorn(entropy), &x, &y);
            assert_relative_eq!(
                divergence,
                reference.divergence(&a, &b).value,
                max_relative = 1e-4
            );
            assert_abs_diff_eq!(
                value(&Discrepancy::Sinkhorn(entropy), &x, &x),
                0.0,
                epsilon = 1e-6
            );
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let (real, fake) = (points(0, 7), points(1, 7) * 1.5);
        let entropy = Entropy { epsilon: 0.5, iterations: 2_000 };
        for of in [
            Discrepancy::Mmd { bandwidths: vec![0.5, 2.0] },
            Discrepancy::SlicedWasserstein { directions: 20 },
            Discrepancy::EntropicTransport(entropy),
            Discrepancy::Sinkhorn(entropy),
        ] {
            let error = gradient_error(|fake| of.value(&real, fake, &mut double(&[7])), &fake);
            assert!(error < 1e-6, "{of:?}: {error}");
        }
    }

    /// Half of what separates two points is the best that a blurred plan can do: entropic transport is least for a
    /// sample that has shrunk, the Sinkhorn divergence for one that has not.
    #[test]
    fn entropy_shrinks_unless_it_is_taken_off() {
        let x = points(0, 50);
        let entropy = Entropy { epsilon: 2.0, iterations: 300 };
        let at = |of: &Discrepancy, scale: f64| value(of, &x, &(&x * scale));
        let entropic = Discrepancy::EntropicTransport(entropy);
        assert!(at(&entropic, 0.5) < at(&entropic, 1.0));
        let sinkhorn = Discrepancy::Sinkhorn(entropy);
        assert!(at(&sinkhorn, 0.5) > at(&sinkhorn, 1.0) + 0.01);
    }
}
