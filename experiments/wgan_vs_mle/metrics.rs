//! What the numbers of runs are.

use std::sync::LazyLock;

use lab::Metric;
use shared::pictures;

pub(crate) static METRICS: LazyLock<Vec<Metric>> =
    LazyLock::new(|| [OF_ALL_PARTS, pictures::METRICS].concat());

const OF_ALL_PARTS: &[Metric] = &[
    Metric::new("test_nats", "nats", "mean log-likelihood of test data, of the last model"),
    Metric::new(
        "validation_nats",
        "nats",
        "mean log-likelihood of validation data, of the last model",
    ),
    Metric::new("train_nats", "nats", "mean log-likelihood of training data, of the last model"),
    Metric::new(
        "test_bits_per_dim",
        "bits",
        "surprise of test data by dimension, of the last model",
    ),
    Metric::new("kl_nats", "nats", "KL from the data's law to the last model, on the plane"),
    Metric::new("kl_nats_at_start", "nats", "the same of the flow before training"),
    Metric::new("step", "updates", "step of the last look"),
    Metric::new(
        "frechet",
        "squared features",
        "squared Frechet distance of samples to test images in the 32 features of a classifier of the set: of 1,000 at the last look; on MNIST of 2,000, geometric mean of the last 5 looks",
    ),
    Metric::new(
        "*_at_best_validation",
        "as without the ending",
        "the number of the look with the best validation likelihood",
    ),
    Metric::new(
        "*_at_best_frechet",
        "as without the ending",
        "the number of the look with the least Frechet distance to validation images",
    ),
    Metric::new("rise_nats", "nats", "validation likelihood lost since the best look"),
    Metric::new("overfit_nats", "nats", "training less validation likelihood"),
    Metric::new(
        "estimate_spread",
        "",
        "largest relative distance of the critic's estimate from its mean, over the second half of the looks",
    ),
    Metric::new(
        "wasserstein_estimate",
        "output of the critic",
        "difference of means of the critic in training, on data and samples",
    ),
    Metric::new("inception_like", "", "exp(E KL(p(y|x) | p(y))) of the classifier"),
    Metric::new(
        "mode_score",
        "",
        "exp(E KL(p(y|x) | p*(y)) - KL(p*(y) | p(y))) with the marginal p* of test images",
    ),
    Metric::new(
        "frechet_of_training_images",
        "squared features",
        "`frechet` of training images in the place of samples",
    ),
    Metric::new(
        "critic_fit",
        "output of the critic",
        "mean of a fresh critic on the validation images that it was fitted on, less that on samples",
    ),
    Metric::new(
        "critic_held_out",
        "output of the critic",
        "the same on the other half of the validation images",
    ),
    Metric::new("critic_train", "output of the critic", "the same on training images"),
    Metric::new("critic_test", "output of the critic", "the same on test images"),
    Metric::new(
        "log10_condition_*",
        "",
        "log10 of the width of the Jacobian's spectrum from latent to these, median over 16 latents",
    ),
    Metric::new(
        "latent_square",
        "",
        "mean square of test latents over the prior's variance; 1 is right",
    ),
    Metric::new("latent_kurtosis", "", "kurtosis of test latents; 4.2 for the logistic prior"),
    Metric::new(
        "latent_kolmogorov_smirnov",
        "",
        "Kolmogorov-Smirnov distance of test latents from the prior, all coordinates pooled",
    ),
    Metric::new(
        "redraw_*_label",
        "",
        "share of test images that keep their class where this percentage of the latent's coordinates is drawn afresh",
    ),
    Metric::new(
        "redraw_*_frechet",
        "squared features",
        "Frechet distance of test images of which this percentage of the latent's coordinates is drawn afresh",
    ),
    Metric::new(
        "parzen_nats",
        "nats",
        "test images under Parzen windows on 2,000 samples, bandwidth chosen on validation images",
    ),
    Metric::new("parzen_bandwidth", "as the data", "bandwidth of these windows"),
    Metric::new(
        "annealed_nats_sigma_*",
        "nats",
        "test images by annealed importance sampling of the flow as a decoder with Gaussian noise of this size, in hundredths",
    ),
    Metric::new(
        "bandwidth",
        "as the data",
        "bandwidth of the Gaussians on training images, chosen on validation images",
    ),
    Metric::new(
        "memorise_test_nats",
        "nats",
        "test images under Gaussians on the training images, by the bandwidth in thousandths in the place of the step",
    ),
    Metric::new(
        "memorise_frechet",
        "squared features",
        "`frechet` of draws from Gaussians on the training images, by the bandwidth in thousandths in the place of the step",
    ),
    Metric::new(
        "estimate_at_jump",
        "output of the critic",
        "the racing critic's estimate right after a jump, mean over the jumps of the second half",
    ),
    Metric::new("estimate_after_*", "output of the critic", "the same so many updates later"),
    Metric::new("share_at_jump", "", "`estimate_at_jump` over `estimate_after_24`"),
    Metric::new("share_after_5", "", "`estimate_after_5` over `estimate_after_24`"),
];
