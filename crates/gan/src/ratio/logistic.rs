//! A ratio by telling samples apart: logistic regression, and the test that rests on it.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::finite::of_finite;

/// Newton steps at most; a fit takes about six.
const STEPS: usize = 50;
/// Halvings of a step at most.
const HALVINGS: usize = 40;
/// The share of a loss by which rounding may make it rise.
const ROUNDING: f64 = 1e-6;
/// Of every weight: samples that a plane separates would have infinite ones.
const RIDGE: f64 = 1e-6;

/// What the log-ratio is linear in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Features {
    /// The coordinates: right for normal laws of one covariance.
    Linear,
    /// Also their products: right for normal laws.
    Quadratic,
}

impl Features {
    /// Returns the features of points, a constant first, `[n, features]`.
    ///
    /// # Shapes
    /// `x`: `[n, dim]`.
    pub fn of(self, x: &Tensor) -> Tensor {
        let (n, dim) = (x.size()[0], x.size()[1]);
        let mut columns = vec![Tensor::ones([n, 1], (x.kind(), x.device())), x.shallow_clone()];
        if self == Self::Quadratic {
            for i in 0..dim {
                columns.push(x.narrow(1, i, 1) * x.narrow(1, i, dim - i));
            }
        }
        Tensor::cat(&columns, 1)
    }
}

/// A log-ratio that is linear in features.
#[derive(Debug)]
pub struct LogisticRatio {
    features: Features,
    /// Weights, `[features]`, the constant's first.
    pub weights: Tensor,
}

impl LogisticRatio {
    /// Fits by maximal likelihood of the classes, corrected for their sizes.
    ///
    /// # Shapes
    /// `numerator`: `[n, dim]`; `denominator`: `[m, dim]`.
    ///
    /// # Source
    /// Qin 1998; with Newton's method, and a ridge of 1e-6 per sample on all weights but the constant's.
    ///
    /// # Examples
    /// ```
    /// use gan::Rng;
    /// use gan::ratio::{Features, LogisticRatio};
    ///
    /// // The log-ratio of N(1, 1) to N(0, 1) is x - 1/2.
    /// let root = Rng::new(&[0]);
    /// let sample = |label, mean: f64| root.fork(label).normal(&[5_000, 1]).squeeze_dim(0) + mean;
    /// let fit = LogisticRatio::fit(Features::Linear, (&sample("p", 1.0), &sample("q", 0.0)));
    /// assert!((fit.weights.double_value(&[0]) + 0.5).abs() < 0.1);
    /// assert!((fit.weights.double_value(&[1]) - 1.0).abs() < 0.1);
    /// ```
    pub fn fit(features: Features, (numerator, denominator): (&Tensor, &Tensor)) -> Self {
        let _guard = tch::no_grad_guard();
        let (n, m) = (numerator.size()[0], denominator.size()[0]);
        let x = features.of(&Tensor::cat(&[numerator, denominator], 0));
        let options = (x.kind(), x.device());
        let classes = Tensor::cat(&[Tensor::ones([n], options), Tensor::zeros([m], options)], 0);
        let ridge = Tensor::full([x.size()[1]], RIDGE * (n + m) as f64, options);
        let _ = ridge.get(0).zero_();
        let mut weights = Tensor::zeros([x.size()[1]], options);
        let loss = |weights: &Tensor| {
            let logits = x.mv(weights);
            let misfit = logits.softplus() - &classes * logits;
            let shrinkage = (&ridge * weights.square()).sum(Kind::Double) * 0.5;
            (misfit.sum(Kind::Double) + shrinkage).double_value(&[])
        };
        let mut reached = loss(&weights);
        for _ in 0..STEPS {
            let probability = x.mv(&weights).sigmoid();
            let slope = x.tr().mv(&(&probability - &classes)) + &ridge * &weights;
            let spread = &probability * (-&probability + 1.0) + 1e-12;
            let curvature = x.tr().matmul(&(&x * spread.unsqueeze(1))) + ridge.diag(0);
            let mut step =
                of_finite(&curvature, |curvature| Tensor::linalg_solve(curvature, &slope, true));
            // A whole step can overshoot to where all probabilities are 0 or 1, from which none comes back.
            let mut next = loss(&(&weights - &step));
            for _ in 0..HALVINGS {
                let rises = next > reached + ROUNDING * reached.abs() || next.is_nan();
                if !rises {
                    break;
                }
                step *= 0.5;
                next = loss(&(&weights - &step));
            }
            reached = next;
            weights -= &step;
            let length = step.abs().max().double_value(&[]);
            if length < 1e-10 || length.is_nan() {
                break;
            }
        }
        let _ = weights.get(0).g_add_scalar_((m as f64 / n as f64).ln());
        Self { features, weights }
    }

    /// Returns the log-ratio at points, `[n]`.
    ///
    /// # Shapes
    /// `x`: `[n, dim]`.
    pub fn log_ratio(&self, x: &Tensor) -> Tensor {
        self.features.of(x).mv(&self.weights)
    }
}

/// What a classifier says of whether two samples are of one law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassifierTest {
    /// Share of held-out samples that it tells right, the classes counting alike; 1/2 for equal laws.
    pub accuracy: f64,
    /// The number of samples of which a single share would be as sure; for samples of one size, of all held-out ones.
    pub held_out: f64,
    /// The probability of so large an accuracy by chance, by the normal approximation, one-sided.
    pub p_value: f64,
}

/// Tests whether two samples are of one law: fits a classifier to the first half of each and scores it on the
/// second. Rows must be in random order.
///
/// # Shapes
/// `x`: `[n, dim]`; `y`: `[m, dim]`.
///
/// # Panics
/// If a side has fewer than two rows.
///
/// # Source
/// Lopez-Paz and Oquab 2017.
pub fn classifier_test(features: Features, (x, y): (&Tensor, &Tensor)) -> ClassifierTest {
    let (n, m) = (x.size()[0], y.size()[0]);
    assert!(n > 1 && m > 1, "a test needs samples to fit and samples to score");
    let first = |x: &Tensor| x.narrow(0, 0, x.size()[0] / 2);
    let ratio = LogisticRatio::fit(features, (&first(x), &first(y)));
    // Where a log-ratio is NaN, because of a row that holds one or for want of a fit, it is not wrong: there is no accuracy.
    let right = |x: &Tensor, sign: f64| {
        let held = x.narrow(0, x.size()[0] / 2, x.size()[0] - x.size()[0] / 2);
        let signed = ratio.log_ratio(&held) * sign;
        let is_right = signed.gt(0.0).to_kind(Kind::Double);
        is_right.masked_fill(&signed.isfinite().logical_not(), f64::NAN).mean(Kind::Double)
    };
    let accuracy = (right(x, 1.0) + right(y, -1.0)).double_value(&[]) / 2.0;
    // The variance of a mean of two shares of 1/2.
    let deviation = ((1.0 / (n - n / 2) as f64 + 1.0 / (m - m / 2) as f64) / 16.0).sqrt();
    // The normal law's upper tail by its own function, which keeps its digits where one minus the lower tail is 0.
    let tail = Tensor::from((accuracy - 0.5) / deviation / 2f64.sqrt()).special_erfc();
    let p_value = tail.double_value(&[]) / 2.0;
    let held_out = 4.0 / (1.0 / (n - n / 2) as f64 + 1.0 / (m - m / 2) as f64);
    ClassifierTest { accuracy, held_out, p_value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    fn normal(seed: u64, n: i64, dim: i64) -> Tensor {
        double(&[seed]).normal(&[n, dim]).squeeze_dim(0)
    }

    /// N(1, 1) against N(0, 1): `ln r = x - 1/2`. N(1, 1) against N(0, 4): `ln 2 - 1/2 + x - 3/8 x^2`. The sizes
    /// of the classes do not enter.
    #[test]
    fn normal_laws() {
        for (n, m) in [(40_000, 40_000), (40_000, 10_000)] {
            let p = normal(0, n, 1) + 1.0;
            let linear = LogisticRatio::fit(Features::Linear, (&p, &normal(1, m, 1)));
            for (found, true_value) in to_vec(&linear.weights).iter().zip([-0.5, 1.0]) {
                assert_abs_diff_eq!(*found, true_value, epsilon = 0.05);
            }
            let q = normal(2, m, 1) * 2.0;
            let quadratic = LogisticRatio::fit(Features::Quadratic, (&p, &q));
            let truth = [std::f64::consts::LN_2 - 0.5, 1.0, -0.375];
            for (found, true_value) in to_vec(&quadratic.weights).iter().zip(truth) {
                assert_abs_diff_eq!(*found, true_value, epsilon = 0.06);
            }
        }
    }

    /// Samples that a plane separates leave finite weights.
    #[test]
    fn separable_samples() {
        let p = normal(0, 50, 2) * 0.1 + 5.0;
        let ratio = LogisticRatio::fit(Features::Linear, (&p, &normal(1, 50, 2)));
        assert!(ratio.weights.isfinite().all().int64_value(&[]) == 1);
        assert!(ratio.log_ratio(&p).min().double_value(&[]) > 3.0);
    }

    /// Laws of very unlike spreads, of which whole steps of Newton overshoot: no fit is worse than no fit.
    #[test]
    fn no_step_overshoots() {
        for (rows, dim, spread) in [(20, 1, 30.0), (20, 2, 30.0), (100, 2, 100.0)] {
            for seed in 0..40 {
                let p = normal(2 * seed, rows, dim);
                let _ = p.narrow(1, 0, 1).g_mul_scalar_(spread);
                let q = normal(2 * seed + 1, rows, dim);
                let ratio = LogisticRatio::fit(Features::Quadratic, (&p, &q));
                let misfit = (-ratio.log_ratio(&p)).softplus().mean(Kind::Double)
                    + ratio.log_ratio(&q).softplus().mean(Kind::Double);
                let misfit = misfit.double_value(&[]);
                assert!(misfit < 2.0 * std::f64::consts::LN_2, "{rows} {dim} {seed}: {misfit}");
            }
        }
    }

    /// Of samples without numbers there is no verdict.
    #[test]
    fn no_number_is_no_equality() {
        for row in [3, 30] {
            let x = normal(0, 40, 1);
            let _ = x.get(row).fill_(f64::NAN);
            let found = classifier_test(Features::Linear, (&x, &normal(1, 40, 1)));
            assert!(found.accuracy.is_nan() && found.p_value.is_nan());
        }
    }

    /// Equal laws are rejected in about one of twenty cases; a shift is seen, a change of the spread only by
    /// quadratic features.
    #[test]
    fn the_test_holds_its_level_and_has_power() {
        let rejected = |features, scale: f64, shift: f64| {
            let test = |i: u64| {
                let (x, y) = (normal(2 * i, 100, 1) * scale + shift, normal(2 * i + 1, 100, 1));
                classifier_test(features, (&x, &y)).p_value < 0.05
            };
            (0..400).filter(|i| test(*i)).count() as f64 / 400.0
        };
        assert_abs_diff_eq!(rejected(Features::Quadratic, 1.0, 0.0), 0.05, epsilon = 0.035);
        assert!(rejected(Features::Linear, 1.0, 1.0) > 0.8);
        assert!(rejected(Features::Linear, 2.0, 0.0) < 0.2);
        assert!(rejected(Features::Quadratic, 2.0, 0.0) > 0.8);
    }
}
