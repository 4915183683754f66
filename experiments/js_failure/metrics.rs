//! What the numbers of runs are.

use lab::Metric;

pub(crate) const METRICS: &[Metric] = &[
    Metric::new(
        "frechet",
        "length of the segment",
        "root of the Frechet distance of the exact laws of data and model; in summaries the mean of the last 5 of 41 looks",
    ),
    Metric::new("frechet_best", "length of the segment", "least `frechet` of all looks"),
    Metric::new(
        "frechet_spread",
        "length of the segment",
        "deviation of `frechet` over the last 20 looks",
    ),
    Metric::new("rises", "", "share of looks at which `frechet` grew"),
    Metric::new("offset", "length of the segment", "part of `frechet`: distance of the means"),
    Metric::new(
        "off_line",
        "length of the segment",
        "part of `frechet`: spread across the data's line",
    ),
    Metric::new(
        "scale",
        "length of the segment",
        "part of `frechet`: error of the spread along the line",
    ),
    Metric::new(
        "halvings_while_apart",
        "halvings",
        "most halvings of `frechet` between two looks between which every fresh critic found more than 95 % of ln 2",
    ),
    Metric::new(
        "log10_gradient_*",
        "",
        "log10 of the length of the generator's gradient under this loss, on 1,024 fresh points",
    ),
    Metric::new(
        "gradient_*",
        "",
        "gradient of this loss by the shift under the exact critic, by quadrature",
    ),
    Metric::new(
        "slope_*",
        "",
        "slope of `log10_gradient_*` on log10 critic steps, from 10 steps to the last",
    ),
    Metric::new("jensen_shannon", "nats", "exact Jensen-Shannon divergence, by quadrature"),
    Metric::new("shift", "deviations", "distance of the two normal laws"),
    Metric::new(
        "js_critic",
        "nats",
        "ln 2 minus half the cross-entropy of the critic in training on 1,024 fresh points: a lower bound on the divergence",
    ),
    Metric::new(
        "js_fresh",
        "nats",
        "the same bound from a fresh critic of 64 units after 300 steps, on other points",
    ),
    Metric::new(
        "wasserstein_critic",
        "output of the critic",
        "difference of the critic's means on 1,024 fresh points of data and model",
    ),
    Metric::new(
        "tail_index",
        "",
        "Hill's index of the largest 5 % of the non-saturating gradient's component across to the data, over 2,000 minibatches; variance is infinite below 2",
    ),
    Metric::new("cosine", "", "cosine of the mean non-saturating step with the way to the data"),
    Metric::new(
        "path.*",
        "as the data",
        "a number of the affine generator in the plane, for the picture of its path: two of its weight, then two of its bias",
    ),
];
