//! What the numbers are that a [`super::Scene`] keeps.

use lab::Metric;

/// The numbers of samples of images, of real images and of the trivial generator.
pub const METRICS: &[Metric] = &[
    Metric::new(
        "frechet",
        "squared features",
        "squared Frechet distance in the features of a classifier of the set, 2,000 samples against 2,000 test images, geometric mean of the last 5 of 21 looks",
    ),
    Metric::new("frechet_last", "squared features", "the same at the last look alone"),
    Metric::new("frechet_best", "squared features", "the least of all looks"),
    Metric::new(
        "frechet_of_gaussian",
        "squared features",
        "`frechet` of one Gaussian in pixels, fitted to 10,000 training images: what an arm has to beat",
    ),
    Metric::new("kernel", "squared features", "kernel distance in the same features"),
    Metric::new(
        "precision",
        "",
        "share of samples that a test image reaches in the same features, as far as its third neighbour",
    ),
    Metric::new("recall", "", "share of test images that a sample reaches likewise"),
    Metric::new("real_precision", "", "`precision` of training images"),
    Metric::new("class_score", "", "inception-like score by the same classifier"),
    Metric::new("class_score_best", "", "the largest of all looks"),
    Metric::new("class_score_of_gaussian", "", "`class_score` of that Gaussian"),
    Metric::new("classifier_accuracy", "", "share of test images that the classifier gets right"),
    Metric::new(
        "ms_ssim",
        "",
        "mean multi-scale structural similarity of pairs of samples, in 5 batches of 64",
    ),
    Metric::new(
        "independent_critic",
        "output of the critic",
        "difference of means of a fresh critic with gradient penalty of weight 10, on points or images that neither it nor the generator saw",
    ),
    Metric::new(
        "independent_critic_on_train",
        "output of the critic",
        "`independent_critic` on training images, most of which it was not fitted to",
    ),
    Metric::new("ms_ssim_noise", "", "standard error of `ms_ssim` over the batches"),
    Metric::new("real_frechet", "squared features", "`frechet` of real images"),
    Metric::new("real_class_score", "", "`class_score` of real images"),
    Metric::new("real_ms_ssim", "", "`ms_ssim` of real images"),
    Metric::new("real_ms_ssim_noise", "", "`ms_ssim_noise` of real images"),
    Metric::new(
        "modes",
        "modes",
        "modes of 1,000 with a sample or more among 10,000 stacked samples, by a convolutional classifier",
    ),
    Metric::new("modes_kl", "nats", "KL of the counts of modes from equal ones"),
    Metric::new(
        "clear_modes",
        "modes",
        "modes with a quarter or more of their fair share, of samples whose three digits that classifier tells with a probability above 0.9",
    ),
    Metric::new("real_clear_modes", "modes", "the same of training images"),
    Metric::new(
        "modes_held",
        "",
        "modes with a quarter or more of their fair share of the clear samples, over the modes that as many samples of 1,000 equal ones would so hold",
    ),
    Metric::new("real_modes_held", "", "`modes_held` of training images"),
    Metric::new("modes_of_gaussian", "modes", "`modes` of the Gaussian in pixels"),
    Metric::new("clear_modes_of_gaussian", "modes", "`clear_modes` of the Gaussian in pixels"),
    Metric::new(
        "counter_accuracy",
        "",
        "share of test images that the classifier behind the modes gets right",
    ),
];
