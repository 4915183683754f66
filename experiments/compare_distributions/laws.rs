//! Laws whose ratio is known.

use gan::{Rng, range, ranges_of_variants};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

/// A pair of normal laws, `p` of the data and `q` of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    variant.check("dim", dimension(*dim));
});

/// Checks the dimension of points, whose products are features too.
pub(crate) fn dimension(dim: i64) -> garde::Result {
    range::within(&dim, &(1..=100))
}

impl Pair {
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

/// How the second of two laws differs from `N(0, I)`, in the first coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// Not at all.
    None,
    /// Its mean is 1/2.
    Mean,
    /// Its variance is 1.5.
    Spread,
    /// It is Laplace's law of variance 1.
    Shape,
}

impl Change {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::None, Self::Mean, Self::Spread, Self::Shape];

    /// Samples, `[members, n, dim]`.
    pub(crate) fn sample(self, rng: &mut Rng, n: i64, dim: i64) -> Tensor {
        let x = rng.normal(&[n, dim]);
        let mut first = x.narrow(2, 0, 1);
        match self {
            Self::None => {}
            Self::Mean => drop(first.g_add_scalar_(0.5)),
            Self::Spread => drop(first.g_mul_scalar_(1.5f64.sqrt())),
            Self::Shape => {
                // By the inverse of the distribution function; the scale 1 / sqrt 2 has variance 1.
                let centred = rng.uniform(&[n, 1]) - 0.5;
                let laplace = centred.sign() * (centred.abs() * -2.0).log1p() * -(0.5f64.sqrt());
                first.copy_(&laplace);
            }
        }
        x
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

    /// Every change but the mean's leaves the mean, every change but the spread's and the mean's the variance;
    /// Laplace's law has the fourth moment 6.
    #[test]
    fn changes_change_what_they_say() {
        for (change, mean, variance, fourth) in [
            (Change::None, 0.0, 1.0, 3.0),
            (Change::Mean, 0.5, 1.0, 3.0),
            (Change::Spread, 0.0, 1.5, 3.0),
            (Change::Shape, 0.0, 1.0, 6.0),
        ] {
            let x = change.sample(&mut double(&[1]), 400_000, 2).select(2, 0);
            let of = |x: Tensor| x.mean(Kind::Double).double_value(&[]);
            let found = of(x.shallow_clone());
            assert!((found - mean).abs() < 0.01, "{change:?}");
            let spread = of((&x - mean).square());
            assert!((spread - variance).abs() < 0.02, "{change:?}");
            let kurtosis = of((&x - mean).square().square()) / (variance * variance);
            assert!((kurtosis - fourth).abs() < 0.2, "{change:?}");
        }
    }
}
