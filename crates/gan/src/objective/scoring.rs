//! Class-probability estimation: what a classifier of real against fake minimises.

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::mean;

/// A scoring rule for the probability `D = sigmoid(s)` that a sample is real, as a function of the critic's raw
/// output `s`. With as many real as fake samples, `s` of a strictly proper rule is least at `ln p(x) / q(x)`.
///
/// # Source
/// Gneiting and Raftery 2007; Mohamed and Lakshminarayanan 2016, table 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoringRule {
    /// `-ln D` of real, `-ln (1 - D)` of fake: the original GAN's.
    Bernoulli,
    /// `(1 - D)^2` and `D^2`.
    Brier,
    /// `exp(-s / 2)` and `exp(s / 2)`, boosting's; the exponent is one half: with another the rule is least at
    /// another power of the ratio.
    Exponential,
    /// `-D / |(D, 1 - D)|` and `-(1 - D) / |(D, 1 - D)|`.
    Spherical,
    /// `max(0, 1 - s)` and `max(0, 1 + s)`: not proper, least at the sign of the log-ratio.
    Hinge,
}

impl ScoringRule {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Bernoulli, Self::Brier, Self::Exponential, Self::Spherical, Self::Hinge];

    /// The strictly proper ones.
    pub const PROPER: [Self; 4] =
        [Self::Bernoulli, Self::Brier, Self::Exponential, Self::Spherical];

    /// Returns whether the least risk is at the log-ratio and nowhere else.
    pub fn is_strictly_proper(self) -> bool {
        Self::PROPER.contains(&self)
    }

    /// Returns the risk, `(E_p loss(real) + E_q loss(fake)) / 2`, one value per member.
    ///
    /// # Shapes
    /// `real`, `fake`: raw outputs, `[members, batch, 1]`; result: `[members]`.
    pub fn risk(self, real: &Tensor, fake: &Tensor) -> Tensor {
        (mean(&self.loss(real)) + mean(&self.loss(&-fake))) * 0.5
    }

    /// Returns the loss of a real sample, elementwise. Every rule treats both classes alike: that of a fake one is this at `-s`.
    pub fn loss(self, s: &Tensor) -> Tensor {
        match self {
            Self::Bernoulli => (-s).softplus(),
            Self::Brier => (-s).sigmoid().square(),
            Self::Exponential => (s * -0.5).exp(),
            // D / |(D, 1 - D)| = 1 / sqrt(1 + exp(-2 s)).
            Self::Spherical => -((s * -2.0).softplus() * -0.5).exp(),
            Self::Hinge => (-s + 1.0).relu(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::{Graph, grad};
    use approx::assert_abs_diff_eq;
    use tch::{Device, Kind};

    const STEP: f64 = 1e-3;

    /// Normal densities of a pair on a grid, and their log-ratio: the risk is an integral.
    fn on_grid(p: (f64, f64), q: (f64, f64)) -> (Tensor, Tensor, Tensor) {
        let x = Tensor::arange(60_000, (Kind::Double, Device::Cpu)) * STEP - 30.0;
        let log = |(mean, sd): (f64, f64)| {
            ((&x - mean) / sd).square() * -0.5 - (sd * std::f64::consts::TAU.sqrt()).ln()
        };
        let (p, q) = (log(p), log(q));
        (p.exp(), q.exp(), &p - &q)
    }

    fn risk(rule: ScoringRule, (p, q): (&Tensor, &Tensor), s: &Tensor) -> Tensor {
        (p * rule.loss(s) + q * rule.loss(&-s)).sum(Kind::Double) * (STEP / 2.0)
    }

    /// The least risks of three pairs of normal laws: ln 2 - JSD, 1/4 - int (p - q)^2 / (p + q) / 8, int sqrt(p q),
    /// -int sqrt(p^2 + q^2) / 2, and 1 - TV at the sign; by quadrature to six digits.
    #[test]
    fn least_risks_of_normal_pairs() {
        let pairs = [
            ((1.0, 1.0), (0.0, 1.0), [0.581_726, 0.198_986, 0.882_497, -0.773_235, 0.617_075]),
            ((1.0, 1.0), (0.0, 2.0), [0.564_972, 0.195_629, 0.850_805, -0.775_860, 0.609_934]),
            ((0.0, 1.2), (0.0, 1.0), [0.685_066, 0.246_086, 0.991_769, -0.712_451, 0.912_011]),
        ];
        for (p, q, least) in pairs {
            let (p, q, log_ratio) = on_grid(p, q);
            for (rule, least) in ScoringRule::ALL.into_iter().zip(least) {
                let best = if rule.is_strictly_proper() {
                    log_ratio.shallow_clone()
                } else {
                    log_ratio.sign()
                };
                let value = risk(rule, (&p, &q), &best).double_value(&[]);
                assert_abs_diff_eq!(value, least, epsilon = 1e-6);
            }
        }
    }

    /// At the log-ratio a proper rule is flat, and moving away in any direction costs.
    #[test]
    fn proper_rules_are_least_at_the_log_ratio() {
        let (p, q, log_ratio) = on_grid((1.0, 1.0), (0.0, 2.0));
        for rule in ScoringRule::ALL.into_iter().filter(|rule| rule.is_strictly_proper()) {
            let s = log_ratio.copy().set_requires_grad(true);
            let slope = grad(&risk(rule, (&p, &q), &s), &[s], Graph::Free).remove(0);
            assert!(slope.abs().max().double_value(&[]) < 1e-12, "{rule:?}");
            let least = risk(rule, (&p, &q), &log_ratio).double_value(&[]);
            for bend in [&log_ratio * 0.8, &log_ratio + 0.2, log_ratio.sin()] {
                assert!(risk(rule, (&p, &q), &bend).double_value(&[]) > least + 1e-4, "{rule:?}");
            }
        }
    }

    #[test]
    fn the_risk_averages_both_sides() {
        let outputs = |values: &[f64]| Tensor::from_slice(values).reshape([1, -1, 1]);
        let value = ScoringRule::Hinge.risk(&outputs(&[0.0, 3.0]), &outputs(&[-2.0, 1.0]));
        assert_abs_diff_eq!(to_vec(&value)[0], 0.75, epsilon = 1e-12); // (1/2 + 2/2) / 2
    }
}
