//! What the numbers of runs are.

use lab::Metric;

pub(crate) const METRICS: &[Metric] = &[
    Metric::new("modes_any", "modes", "modes with at least one sample within 3 sigma"),
    Metric::new("modes_held", "modes", "modes with at least 1 % of all samples within 3 sigma"),
    Metric::new(
        "basins_held",
        "modes",
        "modes nearest to at least 1 % of all samples, however far",
    ),
    Metric::new(
        "covers",
        "",
        "1 where every basin is held and the mean distance from the origin is within 20 % of the target's, else 0",
    ),
    Metric::new("high_quality_*", "", "share of samples within so many sigma of the nearest mode"),
    Metric::new(
        "reverse_kl",
        "nats",
        "KL from the histogram of samples within 3 sigma over modes to the uniform one; absent where there are none",
    ),
    Metric::new(
        "majority_changes",
        "changes",
        "how often, over 49 looks at training, a mode with more than half of all samples gave way to another",
    ),
    Metric::new("mean_norm", "as the data", "mean distance of samples from the origin"),
];
