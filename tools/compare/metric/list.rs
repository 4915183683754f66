//! All metrics.

use gan::ratio::{Features, kliep, ulsif};
use stats::distance::Points;
use stats::distance::mmd::{Kernel, mmd_test, squared_mmd};
use stats::distance::sinkhorn::Sinkhorn;
use stats::distance::transport::{sliced_wasserstein_to_the, wasserstein_to_the};
use tch::Tensor;

use super::{Bias, Coordinates, Estimator, Metric};
use crate::cost;
use crate::distance::{energy, frechet};
use crate::estimate::{Context, Estimate, Test};
use crate::frame::Frame;
use crate::ratio;
use crate::sample::rows;

const DIRECTIONS: usize = 200;
const PERMUTATIONS: usize = 999;
/// Kernels of a ratio.
const CENTRES: usize = 100;
/// Of potentials, in units of the entropy's weight.
const TOLERANCE: f64 = 1e-5;

const BASE: Metric = Metric {
    name: "",
    about: "",
    power: 0,
    bias: Bias::OfFewRows,
    coordinates: Coordinates::Given,
    misfit: |_| None,
    cost: cost::kernels,
    estimator: Estimator::Value(|_, _, _| Estimate::from(0.0)),
};

const SORTED: Metric = Metric {
    misfit: |frame| {
        let dim = frame.pair.real.dim();
        (dim > 1).then(|| format!("it is of single numbers, and these rows have {dim}"))
    },
    cost: |x, y| cost::sorting(x, y, 1),
    power: 1,
    ..BASE
};

const SLICED: Metric = Metric { cost: |x, y| cost::sorting(x, y, DIRECTIONS), power: 1, ..BASE };

const LOGISTIC: Metric = Metric {
    coordinates: Coordinates::White,
    misfit: |frame| {
        ratio::misfit(Features::Linear, frame.moving.len(), &frame.pair.real, &frame.pair.fake)
    },
    cost: |x, y| {
        let features = ratio::affordable(x.dim(), x, y);
        cost::regression(x, y, ratio::weights(features, x.dim()))
    },
    ..BASE
};

pub(crate) const METRICS: [Metric; 15] = [
    Metric {
        name: "frechet",
        about: "squared Frechet distance of the normal laws of equal moments",
        power: 2,
        cost: cost::moments,
        estimator: Estimator::Value(|x, y, _| frechet(x, y).into()),
        ..BASE
    },
    Metric {
        name: "energy",
        about: "energy distance, 2 E|X-Y| - E|X-X'| - E|Y-Y'|",
        power: 1,
        cost: cost::distances,
        estimator: Estimator::Value(|x, y, _| energy(x, y).into()),
        ..BASE
    },
    Metric {
        name: "squared_mmd",
        about: "unbiased, Gaussian kernel, bandwidth the median distance",
        bias: Bias::None,
        estimator: Estimator::Value(|x, y, context| {
            squared_mmd(x, y, Kernel::Gaussian(context.bandwidth())).into()
        }),
        ..BASE
    },
    Metric {
        name: "wasserstein_1",
        about: "Wasserstein distance of order 1",
        estimator: Estimator::Value(|x, y, _| {
            wasserstein_to_the(1.0, x.values(), y.values()).into()
        }),
        ..SORTED
    },
    Metric {
        name: "wasserstein_2",
        about: "Wasserstein distance of order 2",
        estimator: Estimator::Value(|x, y, _| {
            wasserstein_to_the(2.0, x.values(), y.values()).sqrt().into()
        }),
        ..SORTED
    },
    Metric {
        name: "sliced_wasserstein_1",
        about: "mean of order 1 over 200 random directions",
        estimator: Estimator::Value(|x, y, context| {
            sliced_wasserstein_to_the(1.0, x, y, DIRECTIONS, context.seed).into()
        }),
        ..SLICED
    },
    Metric {
        name: "sliced_wasserstein_2",
        about: "root of the mean square of order 2 over 200 directions",
        estimator: Estimator::Value(|x, y, context| {
            sliced_wasserstein_to_the(2.0, x, y, DIRECTIONS, context.seed).sqrt().into()
        }),
        ..SLICED
    },
    Metric {
        name: "sinkhorn",
        about: "Sinkhorn divergence, squared distance, epsilon a tenth of the median's square",
        power: 2,
        cost: cost::transport,
        estimator: Estimator::Value(|x, y, context| {
            let epsilon = 0.1 * context.bandwidth().powi(2);
            let sinkhorn = Sinkhorn { tolerance: TOLERANCE, ..Sinkhorn::new(epsilon) };
            let solution = sinkhorn.divergence(x, y);
            Estimate {
                value: solution.value,
                unmet: (!solution.converged).then_some(solution.residual),
            }
        }),
        ..BASE
    },
    Metric {
        name: "kl_logistic",
        about: "KL(real, fake), a logistic ratio on held-out halves",
        estimator: Estimator::Value(|x, y, context| {
            ratio::kullback_leibler(x, y, context.features).into()
        }),
        ..LOGISTIC
    },
    Metric {
        name: "kl_kliep",
        about: "KL(real, fake), KLIEP's held-out score; too large out of the fake samples' reach",
        cost: |x, y| cost::centres(x, y, CENTRES, 20_000.0),
        estimator: Estimator::Value(|x, y, context| {
            let centres = CENTRES.min(x.len()) as i64;
            kliep((&rows(x), &rows(y)), centres, &bandwidths(context)).score.into()
        }),
        ..BASE
    },
    Metric {
        name: "js_logistic",
        about: "Jensen-Shannon divergence (nats), a logistic ratio on held-out halves",
        estimator: Estimator::Value(|x, y, context| {
            ratio::jensen_shannon(x, y, context.features).into()
        }),
        ..LOGISTIC
    },
    Metric {
        name: "pearson_ulsif",
        about: "Pearson's divergence of real from fake, uLSIF's leave-one-out score",
        cost: |x, y| cost::centres(x, y, CENTRES, 4_000.0),
        estimator: Estimator::Value(|x, y, context| {
            let ridges = [1e-3, 1e-2, 1e-1, 1.0];
            let fit = ulsif((&rows(x), &rows(y)), &centres(x), &bandwidths(context), &ridges);
            // The least value of E_q r^2 / 2 - E_p r is -(1 + chi^2) / 2.
            Estimate::from(-2.0 * fit.score - 1.0)
        }),
        ..BASE
    },
    Metric {
        name: "mmd_test",
        about: "squared MMD, 999 permutations",
        bias: Bias::None,
        cost: cost::permutations,
        estimator: Estimator::Test(|x, y, context| {
            let kernel = Kernel::Gaussian(context.bandwidth());
            let test = mmd_test(x, y, kernel, PERMUTATIONS, context.seed);
            Test { statistic: test.statistic, interval: None, p_value: test.p_value }
        }),
        ..BASE
    },
    Metric {
        name: "classifier_linear",
        about: "held-out accuracy of a linear classifier; 0.5 for equal laws",
        bias: Bias::None,
        cost: |x, y| cost::regression(x, y, x.dim() + 1),
        estimator: Estimator::Test(|x, y, _| ratio::accuracy(Features::Linear, x, y)),
        ..LOGISTIC
    },
    Metric {
        name: "classifier_quadratic",
        about: "held-out accuracy of a quadratic classifier",
        bias: Bias::None,
        misfit: |frame| {
            let Frame { pair, moving, .. } = frame;
            ratio::misfit(Features::Quadratic, moving.len(), &pair.real, &pair.fake)
        },
        estimator: Estimator::Test(|x, y, _| ratio::accuracy(Features::Quadratic, x, y)),
        ..LOGISTIC
    },
];

fn bandwidths(context: &Context) -> [f64; 4] {
    [0.25, 0.5, 1.0, 2.0].map(|share| share * context.bandwidth())
}

fn centres(real: &Points) -> Tensor {
    rows(real).narrow(0, 0, real.len().min(CENTRES) as i64)
}
