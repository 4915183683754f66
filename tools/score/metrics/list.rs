//! All metrics.

use gan::ratio::Features;

use super::transport::DIRECTIONS;
use super::{
    Better, Bias, Coordinates, Metric, images, memory, moments, pairs, ratio, relabel, transport,
};
use crate::cost::{self, Sizes};
use crate::estimate::Estimate;

const ALL: i64 = i64::MAX;
/// Rows of metrics of pairs that go by blocks.
pub(crate) const MANY: i64 = 10_000;
/// Rows of metrics of pairs that take more than that.
const FEW: i64 = 1_000;
const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
const POSITIVE: (f64, f64) = (0.0, f64::INFINITY);
const SHARE: (f64, f64) = (0.0, 1.0);

const BASE: Metric = Metric {
    name: "",
    about: "",
    power: 0,
    bias: Bias::OfFewRows,
    better: Better::Lower,
    coordinates: Coordinates::Given,
    range: ANY,
    rows: FEW,
    streams: false,
    misfit: |_, _| None,
    cost: cost::blocks,
    estimator: |_, _| Ok(Estimate::default()),
};

const SORTED: Metric = Metric {
    misfit: transport::misfit_of_many,
    cost: |sizes| cost::sorting(sizes, 1),
    power: 1,
    range: POSITIVE,
    rows: ALL,
    ..BASE
};

const SLICED: Metric =
    Metric { misfit: |_, _| None, cost: |sizes| cost::sorting(sizes, DIRECTIONS), ..SORTED };

const REACH: Metric = Metric {
    better: Better::Higher,
    range: SHARE,
    rows: MANY,
    misfit: pairs::reach_misfit,
    cost: cost::neighbours,
    ..BASE
};

const LOGISTIC: Metric = Metric {
    coordinates: Coordinates::White,
    rows: MANY,
    misfit: |context, which| ratio::misfit(Features::Linear, context, which),
    cost: |sizes| cost::regression(sizes, ratio::weights(affordable(sizes), sizes.dim as usize)),
    ..BASE
};

const TEST: Metric =
    Metric { bias: Bias::None, better: Better::Neither, cost: cost::permutations, ..BASE };

const MEMORY: Metric = Metric { bias: Bias::None, rows: MANY, misfit: memory::needs_train, ..BASE };

/// What is measured of pictures.
const PICTURES: Metric = Metric { bias: Bias::None, rows: ALL, ..BASE };

pub(crate) const METRICS: [Metric; 28] = [
    Metric {
        name: "frechet",
        about: "squared Frechet distance of the normal laws of equal moments",
        power: 2,
        range: POSITIVE,
        rows: ALL,
        streams: true,
        cost: cost::moments,
        estimator: moments::frechet,
        ..BASE
    },
    Metric {
        name: "frechet_infinity",
        about: "the same, extrapolated to infinitely many rows",
        power: 2,
        bias: Bias::None,
        rows: ALL,
        streams: true,
        misfit: moments::infinity_misfit,
        cost: cost::moments,
        estimator: moments::frechet_infinity,
        ..BASE
    },
    Metric {
        name: "kid",
        about: "kernel distance: unbiased squared MMD, cubic kernel, all pairs",
        bias: Bias::None,
        rows: MANY,
        misfit: pairs::kid_misfit,
        estimator: pairs::kid,
        ..BASE
    },
    Metric {
        name: "kid_subsets",
        about: "the same, mean over random subsets",
        bias: Bias::None,
        rows: ALL,
        misfit: pairs::kid_misfit,
        cost: |sizes| {
            let rows = sizes.real.min(sizes.fake).min(2_000.0) / 2.0;
            let cost = cost::blocks(Sizes { real: rows, fake: rows, ..sizes });
            cost::Cost { operations: 100.0 * cost.operations, ..cost }
        },
        estimator: pairs::kid_subsets,
        ..BASE
    },
    Metric {
        name: "precision",
        about: "share of fake rows within reach of a real row",
        estimator: |pair, context| pairs::within_reach(pair, context, |reach| reach.precision),
        ..REACH
    },
    Metric {
        name: "recall",
        about: "share of real rows within reach of a fake row",
        estimator: |pair, context| pairs::within_reach(pair, context, |reach| reach.recall),
        ..REACH
    },
    Metric {
        name: "density",
        about: "real rows that reach a fake row, over the neighbours of a reach",
        range: POSITIVE,
        estimator: |pair, context| pairs::within_reach(pair, context, |reach| reach.density),
        ..REACH
    },
    Metric {
        name: "coverage",
        about: "share of real rows that reach a fake row",
        estimator: |pair, context| pairs::within_reach(pair, context, |reach| reach.coverage),
        ..REACH
    },
    Metric {
        name: "energy",
        about: "energy distance, 2 E|X-Y| - E|X-X'| - E|Y-Y'|",
        power: 1,
        range: POSITIVE,
        rows: MANY,
        estimator: pairs::energy,
        ..BASE
    },
    Metric {
        name: "squared_mmd",
        about: "unbiased, Gaussian kernel, bandwidth the median distance",
        bias: Bias::None,
        rows: MANY,
        estimator: pairs::squared_mmd,
        ..BASE
    },
    Metric {
        name: "wasserstein_1",
        about: "Wasserstein distance of order 1",
        estimator: |pair, context| transport::sorted(pair, context, 1),
        ..SORTED
    },
    Metric {
        name: "wasserstein_2",
        about: "Wasserstein distance of order 2",
        estimator: |pair, context| transport::sorted(pair, context, 2),
        ..SORTED
    },
    Metric {
        name: "sliced_wasserstein_1",
        about: "mean of order 1 over 200 random directions",
        estimator: |pair, context| transport::sorted(pair, context, 1),
        ..SLICED
    },
    Metric {
        name: "sliced_wasserstein_2",
        about: "root of the mean square of order 2 over 200 directions",
        estimator: |pair, context| transport::sorted(pair, context, 2),
        ..SLICED
    },
    Metric {
        name: "sinkhorn",
        about: "Sinkhorn divergence, squared distance, epsilon median^2 / 10",
        power: 2,
        range: POSITIVE,
        cost: cost::transport,
        estimator: transport::sinkhorn,
        ..BASE
    },
    Metric {
        name: "kl_logistic",
        about: "KL(real, fake), a logistic ratio on held-out halves",
        estimator: ratio::kullback_leibler,
        ..LOGISTIC
    },
    Metric {
        name: "kl_kliep",
        about: "KL(real, fake), KLIEP's held-out score; too large beyond the fake rows",
        cost: |sizes| cost::centres(sizes, ratio::CENTRES, 20_000.0),
        estimator: ratio::kliep,
        ..BASE
    },
    Metric {
        name: "js_logistic",
        about: "Jensen-Shannon divergence (nats), a logistic ratio on held-out halves",
        estimator: ratio::jensen_shannon,
        ..LOGISTIC
    },
    Metric {
        name: "pearson_ulsif",
        about: "Pearson's divergence of real from fake, uLSIF's leave-one-out score",
        cost: |sizes| cost::centres(sizes, ratio::CENTRES, 4_000.0),
        estimator: ratio::ulsif,
        ..BASE
    },
    Metric {
        name: "mmd_test",
        about: "squared MMD, 999 permutations",
        estimator: relabel::mmd,
        ..TEST
    },
    Metric {
        name: "energy_test",
        about: "half the unbiased energy distance, 999 permutations",
        power: 1,
        estimator: relabel::energy,
        ..TEST
    },
    Metric {
        name: "classifier_linear",
        about: "held-out accuracy of a linear classifier; 0.5 for equal laws",
        bias: Bias::None,
        better: Better::Neither,
        cost: |sizes| {
            let cost = cost::regression(sizes, sizes.dim as usize + 1);
            cost::Cost { again: false, ..cost }
        },
        estimator: |pair, _| ratio::accuracy(Features::Linear, pair),
        ..LOGISTIC
    },
    Metric {
        name: "classifier_quadratic",
        about: "held-out accuracy of a quadratic classifier",
        bias: Bias::None,
        better: Better::Neither,
        misfit: |context, which| ratio::misfit(Features::Quadratic, context, which),
        cost: |sizes| {
            let weights = ratio::weights(affordable(sizes), sizes.dim as usize);
            cost::Cost { again: false, ..cost::regression(sizes, weights) }
        },
        estimator: |pair, _| ratio::accuracy(Features::Quadratic, pair),
        ..LOGISTIC
    },
    Metric {
        name: "critic",
        about: "Wasserstein distance as fresh critics see it on rows that are new to them",
        power: 1,
        better: Better::Lower,
        misfit: |_, _| None,
        cost: |sizes| cost::critic(sizes, memory::STEPS as f64),
        estimator: memory::critic,
        ..MEMORY
    },
    Metric {
        name: "memorising",
        about: "fresh critics' distance to held-out less to training rows; 0 if none is copied",
        power: 1,
        cost: |sizes| cost::critic(sizes, memory::STEPS as f64),
        estimator: memory::memorising,
        ..MEMORY
    },
    Metric {
        name: "nearest",
        about: "how often fake rows are nearer to training rows than real ones; 0.5 is no copy",
        better: Better::Neither,
        range: SHARE,
        estimator: memory::nearest,
        ..MEMORY
    },
    Metric {
        name: "ms_ssim",
        about: "mean similarity of two fake pictures; lower is more diverse",
        misfit: images::ssim_misfit,
        cost: |_| cost::Cost { bytes: 1e9, operations: 1e10, again: true },
        estimator: images::similarity,
        ..PICTURES
    },
    Metric {
        name: "class_score",
        about: "exp E KL(p(class | x), p(class)) of the fake pictures",
        better: Better::Higher,
        misfit: images::class_misfit,
        estimator: images::class_score,
        ..PICTURES
    },
];

fn affordable(sizes: Sizes) -> Features {
    ratio::affordable(sizes.dim as usize, (sizes.real as i64, sizes.fake as i64))
}
