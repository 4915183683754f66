//! The estimators of a ratio, by what they fit to two samples.

use gan::Rng;
use gan::objective::Divergence;
use gan::ratio::{Features, LogisticRatio, SparseRatio, kliep, median_distance, ulsif};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::network;

/// An estimator of a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Estimator {
    /// Logistic regression on the coordinates.
    LogisticLinear,
    /// Logistic regression on the coordinates and their products.
    LogisticQuadratic,
    /// KLIEP with Gaussian kernels.
    Kliep,
    /// uLSIF with Gaussian kernels.
    Ulsif,
    /// The quadratic regression with a penalty on the magnitudes of its weights, chosen on held-out samples.
    LogisticSparse,
    /// A network that matches the ratio in this divergence's Bregman loss, until held-out samples say stop.
    Neural(Divergence),
}

/// Kernels of a ratio.
const CENTRES: i64 = 100;
/// Bandwidths in units of the median distance of numerator samples.
const BANDWIDTHS: [f64; 5] = [0.25, 0.5, 0.75, 1.0, 1.5];
const RIDGES: [f64; 4] = [1e-3, 1e-2, 1e-1, 1.0];
/// Of the sparse regression's weights, from the largest.
const PENALTIES: [f64; 5] = [0.1, 3e-2, 1e-2, 3e-3, 1e-3];

impl Estimator {
    /// Those that get every case.
    pub(super) const CLASSIC: [Self; 4] =
        [Self::LogisticLinear, Self::LogisticQuadratic, Self::Kliep, Self::Ulsif];
    /// Those that get the harder cases only: the losses are those of LSIF, KLIEP and logistic regression.
    pub(super) const RICH: [Self; 4] = [
        Self::LogisticSparse,
        Self::Neural(Divergence::Pearson),
        Self::Neural(Divergence::KullbackLeibler),
        Self::Neural(Divergence::Gan),
    ];

    /// Its name in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::LogisticLinear => "linear logistic",
            Self::LogisticQuadratic => "quadratic logistic",
            Self::Kliep => "KLIEP",
            Self::Ulsif => "uLSIF",
            Self::LogisticSparse => "sparse quadratic",
            Self::Neural(Divergence::Pearson) => "network, LSIF",
            Self::Neural(Divergence::KullbackLeibler) => "network, KLIEP",
            Self::Neural(_) => "network, logistic",
        }
    }

    /// Returns the ratio at points, `[members, n]`, that it finds from each member's samples.
    ///
    /// # Shapes
    /// `p`: `[members, numerator, dim]`; `q`: `[members, denominator, dim]`; `points`: `[members, n, dim]`.
    pub(super) fn ratio(self, [p, q]: [&Tensor; 2], points: &Tensor, root: &Rng) -> Tensor {
        match self {
            Self::LogisticLinear => of_each([p, q, points], |p, q, points| {
                LogisticRatio::fit(Features::Linear, (p, q)).log_ratio(points).exp()
            }),
            Self::LogisticQuadratic => of_each([p, q, points], |p, q, points| {
                LogisticRatio::fit(Features::Quadratic, (p, q)).log_ratio(points).exp()
            }),
            Self::LogisticSparse => of_each([p, q, points], sparse),
            Self::Kliep => of_each([p, q, points], |p, q, points| {
                kliep((p, q), centres(p), &bandwidths(p)).ratio.at(points)
            }),
            Self::Ulsif => of_each([p, q, points], |p, q, points| {
                let around = p.narrow(0, 0, centres(p));
                ulsif((p, q), &around, &bandwidths(p), &RIDGES).ratio.at(points)
            }),
            Self::Neural(divergence) => {
                let log_ratio = network::log_ratio(divergence, [p, q], points, root);
                log_ratio.squeeze_dim(2).to_kind(Kind::Double).exp()
            }
        }
    }
}

/// The ratio of each member from its own samples and points, in double precision.
fn of_each(all: [&Tensor; 3], ratio: impl Fn(&Tensor, &Tensor, &Tensor) -> Tensor) -> Tensor {
    let of_member = |i: i64| {
        let [p, q, points] = all.map(|x| x.select(0, i).to_kind(Kind::Double));
        ratio(&p, &q, &points)
    };
    let members = all[0].size()[0];
    Tensor::stack(&(0..members).map(of_member).collect::<Vec<_>>(), 0)
}

fn centres(p: &Tensor) -> i64 {
    p.size()[0].min(CENTRES)
}

fn bandwidths(p: &Tensor) -> [f64; 5] {
    let median = median_distance(p);
    BANDWIDTHS.map(|share| share * median)
}

fn sparse(p: &Tensor, q: &Tensor, points: &Tensor) -> Tensor {
    // The constant is the fit's own.
    let features = |x: &Tensor| {
        let all = Features::Quadratic.of(x);
        all.narrow(1, 1, all.size()[1] - 1)
    };
    let sides = [p, q].map(|x| features(x).unsqueeze(0));
    let sparse = SparseRatio::fit((&sides[0], &sides[1]), &PENALTIES);
    sparse.log_ratio(&features(points)).squeeze_dim(0).exp()
}
