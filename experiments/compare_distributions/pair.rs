//! Pairs of laws whose ratio is known.

use gan::{Rng, range, ranges_of_variants};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

/// A pair of normal laws, `p` of the data and `q` of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Pair {
    /// `N(e1, I)` against `N(0, I)`: the log-ratio is linear, `x1 - 1/2`.
    Shift {
        /// Dimension of the points.
        dim: i64,
    },
    /// `N(1, 1)` against `N(0, 4)`: the model is wider.
    WideModel,
    /// `N(0, 1.44)` against `N(0, 1)`: the data are wider.
    WideData,
}

ranges_of_variants!(Pair, |variant, pair| if let Self::Shift { dim } = pair {
    // Products of coordinates are features too.
    variant.check("dim", range::within(dim, &(1..=100)));
});

/// The pairs on the line.
pub(crate) const ON_THE_LINE: [Pair; 3] = [Pair::SHIFT, Pair::WideModel, Pair::WideData];

impl Pair {
    /// The shift on the line: `N(1, 1)` against `N(0, 1)`.
    pub(crate) const SHIFT: Self = Self::Shift { dim: 1 };

    /// Both laws in words.
    pub(crate) fn words(self) -> String {
        match self {
            Self::SHIFT => "N(1, 1) against N(0, 1)".into(),
            Self::Shift { dim } => format!("a shift in {dim} dimensions"),
            Self::WideModel => "N(1, 1) against N(0, 4)".into(),
            Self::WideData => "N(0, 1.44) against N(0, 1)".into(),
        }
    }

    /// Dimension of the points.
    pub(crate) fn dim(self) -> i64 {
        match self {
            Self::Shift { dim } => dim,
            Self::WideModel | Self::WideData => 1,
        }
    }

    /// Mean of the first coordinate and standard deviation of all, of `p` and of `q`.
    fn moments(self) -> [(f64, f64); 2] {
        match self {
            Self::Shift { .. } => [(1.0, 1.0), (0.0, 1.0)],
            Self::WideModel => [(1.0, 1.0), (0.0, 2.0)],
            Self::WideData => [(0.0, 1.2), (0.0, 1.0)],
        }
    }

    /// The first two moments of the first coordinate under `p`.
    pub(crate) fn data_moments(self) -> (f64, f64) {
        let [(mean, sd), _] = self.moments();
        (mean, mean * mean + sd * sd)
    }

    /// Samples of `p` and of `q`, `[members, n, dim]`.
    pub(crate) fn sample(self, rng: &mut Rng, n: i64, m: i64) -> [Tensor; 2] {
        let mut draw = |(mean, sd): (f64, f64), n| {
            let x = rng.normal(&[n, self.dim()]) * sd;
            let _ = x.narrow(2, 0, 1).g_add_scalar_(mean);
            x
        };
        let [p, q] = self.moments();
        [draw(p, n), draw(q, m)]
    }

    /// The exact `ln p / q` at points, `[.., dim]`, with one number for each, `[..]`.
    pub(crate) fn log_ratio(self, x: &Tensor) -> Tensor {
        let [p, q] = self.moments().map(|law| self.log_density(law, x));
        p - q
    }

    /// The exact densities of `p` and `q` at points.
    pub(crate) fn densities(self, x: &Tensor) -> [Tensor; 2] {
        self.moments().map(|law| self.log_density(law, x).exp())
    }

    fn log_density(self, (mean, sd): (f64, f64), x: &Tensor) -> Tensor {
        let first = (x.narrow(-1, 0, 1) - mean).square().squeeze_dim(-1);
        let others = x.narrow(-1, 1, self.dim() - 1).square();
        let squares = first + others.sum_dim_intlist([-1i64].as_slice(), false, None::<Kind>);
        squares * (-0.5 / (sd * sd)) - (sd * std::f64::consts::TAU.sqrt()).ln() * self.dim() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan::rng::double;

    /// Importance weights carry `q` to `p`: `E_q r = 1` and `E_q r x = E_p x`.
    #[test]
    fn ratios_belong_to_their_samples() {
        for pair in [Pair::Shift { dim: 3 }, Pair::WideModel, Pair::WideData] {
            let [p, q] = pair.sample(&mut double(&[0]), 200_000, 200_000);
            let ratio = pair.log_ratio(&q).exp();
            let mean = |x: Tensor| x.mean(Kind::Double).double_value(&[]);
            assert!((mean(ratio.shallow_clone()) - 1.0).abs() < 0.02, "{pair:?}");
            let first = |x: &Tensor| x.select(2, 0);
            assert!((mean(&ratio * first(&q)) - mean(first(&p))).abs() < 0.03, "{pair:?}");
            assert!((mean(first(&p)) - pair.data_moments().0).abs() < 0.02, "{pair:?}");
            assert!((mean(first(&p).square()) - pair.data_moments().1).abs() < 0.03, "{pair:?}");
        }
    }
}
