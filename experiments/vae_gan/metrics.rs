//! What the numbers of runs are.

use std::sync::LazyLock;

use lab::Metric;
use shared::pictures;

pub(crate) static METRICS: LazyLock<Vec<Metric>> =
    LazyLock::new(|| [OF_ALL_PARTS, pictures::METRICS].concat());

const OF_ALL_PARTS: &[Metric] = &[
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
    Metric::new(
        "reconstruction",
        "",
        "of four points the surprise of a pixel in nats; of images the squared error of a pixel of test images",
    ),
    Metric::new(
        "reconstruction_share",
        "",
        "that squared error over the variance of a pixel of test images",
    ),
    Metric::new("elbo", "nats", "the bound with the exact divergence of the codes"),
    Metric::new("told_elbo", "nats", "the bound with the critic's divergence of the codes"),
    Metric::new("told_error", "nats", "the critic's divergence of the codes less the exact one"),
    Metric::new("told_excess", "nats", "`told_elbo` less `log_likelihood`"),
    Metric::new("marginal_kl", "nats", "KL of all codes together from the prior"),
    Metric::new("data_term", "nats", "the data's term of the bound"),
    Metric::new("code_term", "nats", "the codes' term of the bound, exact"),
    Metric::new("told_data_term", "nats", "what the objective takes for the data's term"),
    Metric::new("told_code_term", "nats", "what the objective takes for the codes' term"),
    Metric::new("gap", "nats", "ln p(x) minus the exact bound"),
    Metric::new(
        "marginal_kl_by_samples",
        "nats",
        "KL of all codes together from the prior, by Monte Carlo",
    ),
    Metric::new("modes_held", "", "modes with 1 % of 2,500 samples within 3 sigma"),
    Metric::new("basins_held", "", "modes nearest to 1 % of 2,500 samples, however far"),
    Metric::new("high_quality_3", "", "share of samples within 3 sigma of a mode"),
    Metric::new(
        "high_quality_3_of_means",
        "",
        "the same of the decoder's means, where a likelihood adds noise",
    ),
    Metric::new("score", "", "share of modes held times `high_quality_3`"),
    Metric::new("code_kl", "nats", "KL of 20,000 codes from the prior, over bins"),
    Metric::new(
        "frechet_of_*",
        "squared features",
        "`frechet` of the images of prior codes that the encoder rarely or often uses",
    ),
    Metric::new(
        "reconstruction_of_features",
        "",
        "squared error of reconstructed test images in the judge's features, over the features' variance",
    ),
    Metric::new("code_energy", "", "energy distance of the codes from the prior"),
    Metric::new(
        "code_kl_bound",
        "nats",
        "lower bound on the KL of all codes together from the prior, by a fresh classifier, of codes of test images, at most 13.2",
    ),
    Metric::new(
        "precision_of_rare",
        "",
        "`precision` of images of the tenth of 10,000 prior codes that by a fresh classifier the encoder makes least often",
    ),
    Metric::new("precision_of_frequent", "", "the same of the tenth that it makes most often"),
];
