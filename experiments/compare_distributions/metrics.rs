//! What the numbers of runs are.

use lab::Metric;

pub(crate) const METRICS: &[Metric] = &[
    Metric::new(
        "error",
        "nats",
        "root mean square of the critic's output less the exact log-ratio, under (p + q) / 2",
    ),
    Metric::new(
        "wrong_sign",
        "",
        "share of the mass of (p + q) / 2 where the critic's output and the exact log-ratio differ in sign",
    ),
    Metric::new(
        "risk_gap",
        "nats or score",
        "the rule's risk at the critic less its exact minimum",
    ),
    Metric::new("bound", "nats", "the variational bound at the trained critic, by quadrature"),
    Metric::new("exact", "nats", "the divergence that the bound is of, by quadrature"),
    Metric::new(
        "shortfall",
        "",
        "share of the divergence that the bound lacks: 1 - bound / divergence",
    ),
    Metric::new(
        "relative_error",
        "",
        "mean squared error of the ratio over its mean square, under q",
    ),
    Metric::new("mean_ratio", "", "mean of the estimated ratio under q; 1 for the exact one"),
    Metric::new("first_moment", "", "mean of the first coordinate under r q, less that under p"),
    Metric::new(
        "second_moment",
        "",
        "mean square of the first coordinate under r q, less that under p",
    ),
    Metric::new(
        "rejected_mmd",
        "",
        "share of repetitions that the permutation test of the MMD rejects at 0.05, Gaussian kernel of the median distance",
    ),
    Metric::new(
        "rejected_mmd_narrow",
        "",
        "the same with a kernel of a quarter of the median distance",
    ),
    Metric::new(
        "rejected_mmd_wide",
        "",
        "the same with a kernel of four times the median distance",
    ),
    Metric::new("rejected_mmd_laplace", "", "the same with Laplace's kernel"),
    Metric::new(
        "rejected_energy",
        "",
        "share of repetitions that the permutation test of the energy distance rejects at 0.05",
    ),
    Metric::new(
        "rejected_linear",
        "",
        "share of repetitions that a linear classifier's test on held-out samples rejects at 0.05",
    ),
    Metric::new(
        "rejected_quadratic",
        "",
        "share of repetitions that a quadratic classifier's test on held-out samples rejects at 0.05",
    ),
];
