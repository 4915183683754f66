//! From stored numbers to estimates. The rules stand in the README.

use std::collections::BTreeMap;

use gan::flow::Affine::{self, Additive};
use lab::results::{diverged, paired};
use lab::{Claim, Estimate, Region, Results, Row};
use stats::{bootstrap, robust, tests};

use crate::config::{ALL, Config, DEEP, Data, FEW, SHALLOW, Way};

pub(crate) type Rows<'a> = Vec<&'a Row<Config>>;

const FLOW_GAN: &str = "Grover et al. 2018 (Flow-GAN)";
const DANIHELKA: &str = "Danihelka et al. 2017";
const NONE: &str = "none published";

/// Returns the rows of one way to train a flow of digits.
pub(crate) fn digits(
    results: &Results<Config>,
    way: Way,
    coupling: Affine,
    couplings: usize,
) -> Rows<'_> {
    results.arm(|config| {
        config.data == Data::Digits
            && config.way() == way
            && config.flow.coupling == coupling
            && config.flow.couplings == couplings
    })
}

/// Returns the rows of one way to train the flow of the larger images on so many of them.
pub(crate) fn images(results: &Results<Config>, way: Way, training_images: i64) -> Rows<'_> {
    results.arm(|config| {
        matches!(config.data, Data::Mnist | Data::FashionMnist)
            && config.way() == way
            && config.training_images == training_images
    })
}

/// Returns the rows of one way to train on a target of the plane.
pub(crate) fn plane(results: &Results<Config>, data: Data, way: Way) -> Rows<'_> {
    results.arm(|config| config.data == data && config.way() == way)
}

/// One number for each training seed, and what was lost on the way.
struct Sample {
    values: BTreeMap<u64, f64>,
    diverged: usize,
}

/// One number for each seed of an arm; a seed without a finite one drops out.
fn each(rows: &Rows, number: impl Fn(&Row<Config>) -> Option<f64>) -> Sample {
    let of_row = |row: &&Row<Config>| Some((row.seed, number(row).filter(|x| x.is_finite())?));
    let values = rows.iter().filter_map(of_row).collect();
    Sample { values, diverged: diverged(rows) }
}

/// One number for each pair of runs with the same seed.
fn pair(
    (a, b): (&Rows, &Rows),
    number: impl Fn(&Row<Config>, &Row<Config>) -> Option<f64>,
) -> Sample {
    let of_pair = |(a, b): &(&Row<Config>, &Row<Config>)| {
        Some((a.seed, number(a, b).filter(|x| x.is_finite())?))
    };
    let values = paired(a, b).iter().filter_map(of_pair).collect();
    Sample { values, diverged: diverged(a) + diverged(b) }
}

/// Two samples joined seed by seed.
fn join(a: &Sample, b: &Sample, number: fn(f64, f64) -> f64) -> Sample {
    let of_seed = |(seed, x): (&u64, &f64)| Some((*seed, number(*x, *b.values.get(seed)?)));
    let values = a.values.iter().filter_map(of_seed).collect();
    Sample { values, diverged: a.diverged + b.diverged }
}

/// `a - b` of one metric.
fn difference(arms: (&Rows, &Rows), metric: &str) -> Sample {
    pair(arms, |a, b| Some(a.value(metric)? - b.value(metric)?))
}

/// `ln a - ln b` of one metric.
fn log_ratio(arms: (&Rows, &Rows), metric: &str) -> Sample {
    pair(arms, |a, b| Some((a.value(metric)? / b.value(metric)?).ln()))
}

/// The parts of a claim that are words.
struct Words {
    id: &'static str,
    statement: &'static str,
    source: String,
    published: &'static str,
    quantity: &'static str,
    figure: &'static str,
}

/// The mean over seeds, its BCa interval, and the sign-flip test about the nearest end of the region.
fn claim(words: Words, region: Region, sample: &Sample) -> Claim {
    let diverged = sample.diverged;
    let values: Vec<f64> = sample.values.values().copied().collect();
    let estimate = (values.len() > 1).then(|| {
        let mean = robust::mean(&values);
        let threshold = match region {
            Region::Above(x) | Region::Below(x) => x,
            Region::Within(low, high) => {
                if mean - low < high - mean {
                    low
                } else {
                    high
                }
            }
        };
        let shifted: Vec<f64> = values.iter().map(|x| x - threshold).collect();
        let interval = bootstrap::interval(&values, robust::mean, 0.95, 1);
        Estimate::new(mean, interval, Some(tests::sign_flip(&shifted, 1)))
    });
    Claim {
        id: words.id.into(),
        statement: words.statement.into(),
        source: words.source,
        published: words.published.into(),
        quantity: words.quantity.into(),
        region,
        estimate,
        seeds: values.len(),
        diverged,
        figure: words.figure.into(),
    }
}

/// Returns every claim of the README, in its order.
pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    [
        likelihood(results),
        samples(results),
        jacobians(results),
        estimators(results),
        latents(results),
        critics(results),
        targets(results),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// D1 to F3b: what happens to the likelihood.
fn likelihood(results: &Results<Config>) -> Vec<Claim> {
    let (mle, wgan) = (images(results, Way::Likelihood, ALL), images(results, Way::Wgan, ALL));
    let small = digits(results, Way::Wgan, Additive, DEEP);
    let affine = digits(results, Way::Wgan, Affine::Affine, DEEP);
    vec![
        claim(
            Words {
                id: "D1",
                statement: "The same flow has a far worse held-out likelihood when a Wasserstein GAN trains it",
                source: format!("{DANIHELKA}; {FLOW_GAN}, table 3"),
                published: "56.49 against 1.95 bits/dim",
                quantity: "bits/dim on MNIST test images, WGAN-GP minus maximum likelihood, last step",
                figure: "samples.png",
            },
            Region::Above(0.1),
            &difference((&wgan, &mle), "test_bits_per_dim"),
        ),
        claim(
            Words {
                id: "D1b",
                statement: "It is so even at the WGAN's best checkpoint",
                source: format!("{FLOW_GAN}, table 1"),
                published: "5.05 against 1.86 bits/dim",
                quantity: "the same, each at its best validation likelihood",
                figure: "samples.png",
            },
            Region::Above(0.1),
            &difference((&wgan, &mle), "test_bits_per_dim_at_best_validation"),
        ),
        claim(
            Words {
                id: "F3",
                statement: "Under the WGAN the likelihood first improves, then falls without bound",
                source: format!("{FLOW_GAN}, figure 2"),
                published: "read by eye: 2e3 to 1.1e5 nats over 1e5 updates",
                quantity: "nats of validation likelihood lost since the best look, digits, NICE",
                figure: "training.svg",
            },
            Region::Above(40.0),
            &each(&small, |row| row.value("rise_nats")),
        ),
        claim(
            Words {
                id: "F3t",
                statement: "Meanwhile the critic's estimate has settled",
                source: format!("{FLOW_GAN}, figure 2"),
                published: "read by eye: 7 to 4.5",
                quantity: "largest relative distance of the estimate from its mean, second half of training",
                figure: "training.svg",
            },
            Region::Below(0.3),
            &each(&small, |row| row.value("estimate_spread")),
        ),
        claim(
            Words {
                id: "F3o",
                statement: "The fall is not overfitting: training images lose as much",
                source: format!("{FLOW_GAN}, figure 2"),
                published: "train and validation coincide",
                quantity: "train minus validation likelihood at the last step, relative to the fall",
                figure: "training.svg",
            },
            Region::Below(0.1),
            &each(&small, |row| {
                Some(row.value("overfit_nats")?.abs() / row.value("rise_nats")?.max(1.0))
            }),
        ),
        claim(
            Words {
                id: "F3b",
                statement: "Affine couplings fall much further than additive ones",
                source: format!("{FLOW_GAN}, table 3, and a re-implementation's logs"),
                published: "2.6e4 nats (additive) and 3e8 (affine)",
                quantity: "ln(1 + fall in nats), affine minus additive",
                figure: "training.svg",
            },
            Region::Above(0.0),
            &pair((&affine, &small), |a, b| {
                let fall = |row: &Row<Config>| Some(row.value("rise_nats")?.ln_1p());
                Some(fall(a)? - fall(b)?)
            }),
        ),
    ]
}

/// D2 to W1: who has the better samples.
fn samples(results: &Results<Config>) -> Vec<Claim> {
    let arm = |way, couplings| digits(results, way, Additive, couplings);
    let (mle, wgan) = (arm(Way::Likelihood, DEEP), arm(Way::Wgan, DEEP));
    let (shallow_mle, shallow_wgan) = (arm(Way::Likelihood, SHALLOW), arm(Way::Wgan, SHALLOW));
    let (hybrid, clipped) = (arm(Way::Hybrid(1.0), DEEP), arm(Way::Clipped, DEEP));
    let best = "frechet_at_best_frechet";
    vec![
        claim(
            Words {
                id: "D2",
                statement: "The WGAN's samples are better than maximum likelihood's",
                source: format!("{DANIHELKA}; {FLOW_GAN}, table 1"),
                published: "MODE score 9.24 against 7.42; a re-implementation's FID: 56.6 against 7.7",
                quantity: "Frechet distance in the classifier's features, WGAN-GP minus maximum likelihood, each at its best",
                figure: "quality.svg",
            },
            Region::Below(0.0),
            &difference((&wgan, &mle), best),
        ),
        claim(
            Words {
                id: "F2",
                statement: "A hybrid keeps the likelihood of maximum likelihood",
                source: format!("{FLOW_GAN}, table 1"),
                published: "3342.95 against 3334.56 nats",
                quantity: "test nats of the hybrid (weight 1) over those of maximum likelihood",
                figure: "hybrid.svg",
            },
            Region::Above(0.9),
            &pair((&hybrid, &mle), |a, b| Some(a.value("test_nats")? / b.value("test_nats")?)),
        ),
        claim(
            Words {
                id: "F2b",
                statement: "And its samples rival the WGAN's",
                source: format!("{FLOW_GAN}, table 1"),
                published: "MODE score 9.37 against 9.24",
                quantity: "Frechet distance, hybrid (weight 1) minus WGAN-GP, each at its best",
                figure: "hybrid.svg",
            },
            Region::Below(0.0),
            &difference((&hybrid, &wgan), best),
        ),
        claim(
            Words {
                id: "D3",
                statement: "A shallow flow spoils the samples of maximum likelihood more than those of the WGAN",
                source: format!("{DANIHELKA}, as told by a reader"),
                published: NONE,
                quantity: "ln Frechet distance, one coupling minus four; maximum likelihood's minus WGAN-GP's, last step",
                figure: "quality.svg",
            },
            Region::Above(0.0),
            &join(
                &log_ratio((&shallow_mle, &mle), "frechet"),
                &log_ratio((&shallow_wgan, &wgan), "frechet"),
                |a, b| a - b,
            ),
        ),
        claim(
            Words {
                id: "W1",
                statement: "Clipped weights give worse samples than the gradient penalty",
                source: "Gulrajani et al. 2017 (WGAN-GP)".into(),
                published: NONE,
                quantity: "ln Frechet distance, clipping minus penalty, last step",
                figure: "quality.svg",
            },
            Region::Above(0.0),
            &log_ratio((&clipped, &wgan), "frechet"),
        ),
    ]
}

/// F4: are the Jacobians ill-conditioned, and is it the sigmoid?
fn jacobians(results: &Results<Config>) -> Vec<Claim> {
    let arms =
        |coupling| [Way::Wgan, Way::Likelihood].map(|way| digits(results, way, coupling, DEEP));
    let ([wgan, mle], [affine_wgan, affine_mle]) = (arms(Additive), arms(Affine::Affine));
    vec![
        claim(
            Words {
                id: "F4",
                statement: "The WGAN's flow has an ill-conditioned Jacobian, maximum likelihood's has not",
                source: format!("{FLOW_GAN}, figure 4"),
                published: "read by eye: median singular value 10^-7.6 against 10^-2.4",
                quantity: "log10 condition number in pixels, WGAN-GP minus maximum likelihood, NICE",
                figure: "singular_values.svg",
            },
            Region::Above(0.5),
            &difference((&wgan, &mle), "log10_condition_pixels"),
        ),
        claim(
            Words {
                id: "F4b",
                statement: "For NICE it is the saturating sigmoid: in logits both are alike",
                source: "ours, from an earlier pilot".into(),
                published: NONE,
                quantity: "log10 condition number in logits, WGAN-GP minus maximum likelihood, NICE",
                figure: "singular_values.svg",
            },
            Region::Within(-0.5, 0.5),
            &difference((&wgan, &mle), "log10_condition_logits"),
        ),
        claim(
            Words {
                id: "F4c",
                statement: "With affine couplings the logits are ill-conditioned too",
                source: "ours, from an earlier pilot".into(),
                published: NONE,
                quantity: "log10 condition number in logits, WGAN-GP minus maximum likelihood, Real NVP",
                figure: "singular_values.svg",
            },
            Region::Above(0.5),
            &difference((&affine_wgan, &affine_mle), "log10_condition_logits"),
        ),
    ]
}

/// F5 and F6: baselines and estimators.
fn estimators(results: &Results<Config>) -> Vec<Claim> {
    let arm = |way| digits(results, way, Additive, DEEP);
    let [mle, wgan, hybrid, memory] =
        [Way::Likelihood, Way::Wgan, Way::Hybrid(1.0), Way::Memorise].map(arm);
    vec![
        claim(
            Words {
                id: "F5",
                statement: "A mixture that memorises the training images has a better likelihood than the WGAN",
                source: format!("{FLOW_GAN}, figures 3 and 6"),
                published: "none (captions only)",
                quantity: "test nats, mixture minus WGAN-GP at the last step",
                figure: "memory.svg",
            },
            Region::Above(0.0),
            &difference((&memory, &wgan), "test_nats"),
        ),
        claim(
            Words {
                id: "F5b",
                statement: "And better samples, at the same bandwidth",
                source: format!("{FLOW_GAN}, figures 3 and 6"),
                published: "none (captions only)",
                quantity: "Frechet distance, mixture minus WGAN-GP at the last step",
                figure: "memory.svg",
            },
            Region::Below(0.0),
            &difference((&memory, &wgan), "frechet"),
        ),
        claim(
            Words {
                id: "F6",
                statement: "Annealed importance sampling ranks the WGAN above maximum likelihood",
                source: format!("{FLOW_GAN}, table 3"),
                published: "-2916.10 against -2584.40 nats (negative log-likelihood)",
                quantity: "annealed nats with noise 0.1, WGAN-GP minus maximum likelihood",
                figure: "estimators.svg",
            },
            Region::Above(0.0),
            &difference((&wgan, &mle), "annealed_nats_sigma_010"),
        ),
        claim(
            Words {
                id: "F6b",
                statement: "Parzen windows rank the hybrid above maximum likelihood",
                source: format!("{FLOW_GAN}, table 3"),
                published: "-205.69 against -167.10 nats (negative log-likelihood)",
                quantity: "Parzen nats, hybrid (weight 1) minus maximum likelihood",
                figure: "estimators.svg",
            },
            Region::Above(0.0),
            &difference((&hybrid, &mle), "parzen_nats"),
        ),
    ]
}

/// D5: what the flow makes of real images.
fn latents(results: &Results<Config>) -> Vec<Claim> {
    let [wgan, mle] = [Way::Wgan, Way::Likelihood].map(|way| digits(results, way, Additive, DEEP));
    vec![
        claim(
            Words {
                id: "D5",
                statement: "Latents of real images follow the prior under maximum likelihood, not under the WGAN",
                source: format!("{DANIHELKA}, as told by a reader"),
                published: NONE,
                quantity: "Kolmogorov-Smirnov distance of test latents to the prior, WGAN-GP minus maximum likelihood",
                figure: "latents.svg",
            },
            Region::Above(0.05),
            &difference((&wgan, &mle), "latent_kolmogorov_smirnov"),
        ),
        claim(
            Words {
                id: "D5b",
                statement: "Drawing half of an image's latent afresh ruins the WGAN's images, not maximum likelihood's",
                source: format!("{DANIHELKA}, as told by a reader"),
                published: NONE,
                quantity: "Frechet distance of test images with half of the latent redrawn, WGAN-GP minus maximum likelihood",
                figure: "redrawn.png",
            },
            Region::Above(0.0),
            &difference((&wgan, &mle), "redraw_50_frechet"),
        ),
    ]
}

/// D4 and D6: critics as instruments.
fn critics(results: &Results<Config>) -> Vec<Claim> {
    let gap = |row: &Row<Config>| Some(row.value("critic_held_out")? - row.value("critic_train")?);
    let arm = |images_seen| images(results, Way::Likelihood, images_seen);
    let race = |extra_batch| results.arm(|config| config.way() == Way::Race { extra_batch });
    vec![
        claim(
            Words {
                id: "D4",
                statement: "An independent critic on validation images detects that a generator overfits",
                source: format!("{DANIHELKA}, abstract"),
                published: NONE,
                quantity: "critic's distance to held-out minus to training images: 200 training images minus 50,000, maximum likelihood, MNIST",
                figure: "critics.svg",
            },
            Region::Above(0.0),
            &pair((&arm(FEW), &arm(ALL)), |few, all| Some(gap(few)? - gap(all)?)),
        ),
        claim(
            Words {
                id: "D6",
                statement: "A critic that also sees an extra batch of the generator's adapts faster",
                source: format!("{DANIHELKA}, abstract; the design is ours"),
                published: NONE,
                quantity: "share of its settled estimate that a critic has when the generator has just jumped, with minus without",
                figure: "critics.svg",
            },
            Region::Above(0.0),
            &difference((&race(true), &race(false)), "share_at_jump"),
        ),
    ]
}

/// B1: does it depend on the target?
fn targets(results: &Results<Config>) -> Vec<Claim> {
    let gap = |data| {
        let arm = |way| plane(results, data, way);
        difference((&arm(Way::Wgan), &arm(Way::Likelihood)), "kl_nats")
    };
    let easy = join(&gap(Data::Teacher), &gap(Data::Moons), f64::midpoint);
    let hard = join(&gap(Data::EightGaussians), &gap(Data::Circle), f64::midpoint);
    vec![
        claim(
            Words {
                id: "B1",
                statement: "The loss of likelihood is small on smooth targets with full support, large on thin or broken ones",
                source: "Bai et al. 2019, sections 1 and 5".into(),
                published: NONE,
                quantity: "KL in nats, WGAN-GP minus maximum likelihood: mean of eight Gaussians and circle minus mean of flow and moons",
                figure: "plane.svg",
            },
            Region::Above(0.5),
            &join(&hard, &easy, |a, b| a - b),
        ),
        claim(
            Words {
                id: "B1b",
                statement: "On a target that a flow made, the WGAN does reduce the KL divergence",
                source: "Bai et al. 2019, section 5".into(),
                published: NONE,
                quantity: "KL in nats before training minus after, WGAN-GP",
                figure: "plane.svg",
            },
            Region::Above(0.0),
            &each(&plane(results, Data::Teacher, Way::Wgan), |row| {
                Some(row.value("kl_nats_at_start")? - row.value("kl_nats")?)
            }),
        ),
    ]
}
