//! What the numbers of runs are.

use lab::Metric;

pub(crate) const METRICS: &[Metric] = &[
    Metric::new(
        "distance",
        "as the data",
        "on ring and grid the energy distance of 256 samples from 256 points, on the line the root of the Frechet distance in deviations of the data, mean of the last 3 of 21 looks, 10 at most; of Dirac's game the distance from its equilibrium",
    ),
    Metric::new("distance_best", "as the data", "least `distance` of all looks"),
    Metric::new("modes_held", "modes", "modes with at least 1 % of all samples within 3 sigma"),
    Metric::new("high_quality_3", "", "share of samples within 3 sigma of the nearest mode"),
    Metric::new(
        "independent_critic",
        "output of the critic",
        "difference of means of a fresh critic with gradient penalty of weight 10, on points that neither it nor the generator saw",
    ),
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
        "the same of one Gaussian in pixels, fitted to 10,000 training images: what an arm has to beat",
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
    Metric::new("class_score_of_gaussian", "", "the same of that Gaussian"),
    Metric::new("classifier_accuracy", "", "share of test images that the classifier gets right"),
    Metric::new(
        "ms_ssim",
        "",
        "mean multi-scale structural similarity of pairs of samples, in 5 batches of 64",
    ),
    Metric::new(
        "independent_critic_on_train",
        "output of the critic",
        "the same on training images, most of which it was not fitted to",
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
    Metric::new("modes_of_gaussian", "modes", "`modes` of the Gaussian in pixels"),
    Metric::new("clear_modes_of_gaussian", "modes", "`clear_modes` of the Gaussian in pixels"),
    Metric::new(
        "counter_accuracy",
        "",
        "share of test images that the classifier behind the modes gets right",
    ),
    Metric::new("setting.beta1", "", "the drawn first decay of Adam"),
    Metric::new("setting.critic_rate", "", "the drawn learning rate of the critic"),
    Metric::new("setting.generator_rate", "", "the drawn learning rate of the generator"),
    Metric::new("setting.weight", "", "the drawn weight of the penalty"),
    Metric::new("theta", "", "the generator of Dirac's game: its point"),
    Metric::new("psi", "", "the critic of Dirac's game: its slope"),
];
