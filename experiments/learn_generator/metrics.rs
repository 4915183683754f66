//! What the numbers of runs are.

use lab::Metric;

pub(crate) const METRICS: &[Metric] = &[
    Metric::new("mean", "as the data", "mean of the fitted law"),
    Metric::new("sd", "as the data", "standard deviation of the fitted law"),
    Metric::new(
        "mean_error",
        "as the data",
        "mean less that of the best Gaussian for the divergence",
    ),
    Metric::new(
        "sd_error",
        "as the data",
        "standard deviation less that of the best Gaussian for the divergence",
    ),
    Metric::new("bound", "nats", "the trained bound, by quadrature"),
    Metric::new("kl", "nats", "exact KL of the fit"),
    Metric::new("reverse_kl", "nats", "exact reverse KL of the fit"),
    Metric::new(
        "jensen_shannon",
        "nats",
        "twice the exact Jensen-Shannon divergence of the fit, as in f-GAN",
    ),
    Metric::new("jeffreys", "nats", "exact Jeffreys divergence of the fit"),
    Metric::new("pearson", "", "exact Pearson divergence of the fit"),
    Metric::new(
        "slope_*",
        "nats by the unit of length",
        "gradient of the generator's loss by the distance, at this distance",
    ),
    Metric::new(
        "error",
        "",
        "largest difference of the gradient from quadrature at 1/2 and 1, over the largest gradient there",
    ),
    Metric::new(
        "distance",
        "as the data",
        "of a race: |mean| at its end; of the ring: squared sliced Wasserstein distance to fresh data",
    ),
    Metric::new("rounds", "updates", "until |mean| is below 0.1 first; 120 if never"),
    Metric::new(
        "variance",
        "",
        "variance of the gradient's estimates, summed over parameters, over the squared gradient",
    ),
    Metric::new("work", "evaluations", "`variance` times the evaluations of an estimate"),
    Metric::new(
        "bias",
        "",
        "distance of the mean estimate from the gradient, over the gradient's length",
    ),
    Metric::new("spread", "", "total variance of the samples over the data's"),
    Metric::new("modes_held", "modes", "modes with at least 1 % of all samples within 3 sigma"),
    Metric::new("high_quality_3", "", "share of samples within 3 sigma of the nearest mode"),
    Metric::new(
        "frechet",
        "squared features",
        "squared Frechet distance to test images in the features of a classifier of the set",
    ),
    Metric::new("frechet_of_data", "squared features", "the same of training images"),
    Metric::new(
        "frechet_of_codes",
        "squared features",
        "the same of training images after encoding and decoding",
    ),
    Metric::new(
        "parzen",
        "nats",
        "test images under a kernel density of 2,000 samples, bandwidth chosen on training images",
    ),
    Metric::new(
        "sd_ratio_*",
        "",
        "deviation of what rejection keeps at this tolerance, over the exact posterior's",
    ),
    Metric::new("accepted_*", "", "share of simulations that rejection keeps at this tolerance"),
    Metric::new(
        "distance_*",
        "deviations of the posterior",
        "Wasserstein-2 distance, as normal laws, of what rejection keeps at this tolerance from the exact posterior",
    ),
    Metric::new(
        "classifier_distance_*",
        "deviations of the posterior",
        "Wasserstein-2 distance, as normal laws, of the classifier's posterior from the exact one, from so many simulations",
    ),
    Metric::new(
        "classifier_sd_ratio_*",
        "",
        "deviation of the classifier's posterior over the exact one's, from so many simulations",
    ),
    Metric::new(
        "rejection_distance_*",
        "deviations of the posterior",
        "distance of rejection from the exact posterior at its best tolerance, from so many simulations",
    ),
    Metric::new(
        "won",
        "",
        "share of series whose classifier posterior has the smaller Jensen-Shannon divergence from the exact one than the synthetic likelihood's",
    ),
    Metric::new(
        "won_distracted",
        "",
        "the same with fifteen normal numbers more among the classifier's statistics",
    ),
    Metric::new(
        "ratio_apart",
        "nats",
        "mean Jensen-Shannon divergence of the classifier's posterior from the exact one",
    ),
    Metric::new(
        "distracted_apart",
        "nats",
        "the same with fifteen normal numbers more among the statistics",
    ),
    Metric::new(
        "synthetic_apart",
        "nats",
        "mean Jensen-Shannon divergence of the synthetic likelihood's posterior from the exact one",
    ),
];
