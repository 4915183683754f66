//! What the numbers of runs are.

use lab::Metric;

pub(crate) const METRICS: &[Metric] = &[
    Metric::new(
        "estimate",
        "nats",
        "mean log-ratio of the classifier over fresh samples: its estimate of the divergence",
    ),
    Metric::new("share", "", "`estimate` over the true divergence"),
    Metric::new(
        "kl_*",
        "nats",
        "KL of the encoder's samples from the exact posterior of this effect, over bins",
    ),
    Metric::new(
        "correlation_*",
        "",
        "correlation of the encoder's samples of both causes, given this effect",
    ),
    Metric::new(
        "smaller_half_*",
        "",
        "the smaller share of the samples on both sides of z1 = z2, given this effect",
    ),
    Metric::new(
        "bound_excess_*",
        "nats",
        "the bound that the critic tells, minus ln p(x), for this effect",
    ),
    Metric::new("log_likelihood", "nats", "mean of ln p(x), by quadrature"),
    Metric::new("reconstruction", "nats", "surprise of a pixel"),
    Metric::new("elbo", "nats", "the bound with the exact divergence of the codes"),
    Metric::new("told_elbo", "nats", "the bound with the critic's divergence of the codes"),
    Metric::new("told_error", "nats", "the critic's divergence of the codes less the exact one"),
    Metric::new("told_excess", "nats", "`told_elbo` less `log_likelihood`"),
    Metric::new("marginal_kl", "nats", "KL of all codes together from the prior"),
];
