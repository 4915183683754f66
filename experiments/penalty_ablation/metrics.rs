//! What the numbers of runs are.

use std::sync::LazyLock;

use lab::Metric;
use shared::pictures;

pub(crate) static METRICS: LazyLock<Vec<Metric>> =
    LazyLock::new(|| [OF_ALL_PARTS, pictures::METRICS].concat());

const OF_ALL_PARTS: &[Metric] = &[
    Metric::new(
        "distance",
        "as the data",
        "on ring and grid the energy distance of 256 samples from 256 points, on the line the root of the Frechet distance in deviations of the data, mean of the last 3 of 21 looks, 10 at most; of Dirac's game the distance from its equilibrium",
    ),
    Metric::new("distance_best", "as the data", "least `distance` of all looks"),
    Metric::new("modes_held", "modes", "modes with at least 1 % of all samples within 3 sigma"),
    Metric::new("high_quality_3", "", "share of samples within 3 sigma of the nearest mode"),
    Metric::new("setting.beta1", "", "the drawn first decay of Adam"),
    Metric::new("setting.critic_rate", "", "the drawn learning rate of the critic"),
    Metric::new("setting.generator_rate", "", "the drawn learning rate of the generator"),
    Metric::new("setting.weight", "", "the drawn weight of the penalty"),
    Metric::new("theta", "", "the generator of Dirac's game: its point"),
    Metric::new("psi", "", "the critic of Dirac's game: its slope"),
];
