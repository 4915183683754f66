//! From stored numbers to estimates. The rules stand in the README.

mod instruments;

use gan::flow::Affine::{self, Additive};
use lab::{Claim, Region, Results, Row};

use crate::arms::{digits, images};
use crate::config::{Config, Way};
use crate::grid::{ALL, DEEP, SHALLOW};
use experiments::contrast::{Words, claim, difference, each, join, log_ratio, pair};
use instruments::{critics, estimators, jacobians, latents, targets};

const FLOW_GAN: &str = "Grover et al. 2018 (Flow-GAN)";
const DANIHELKA: &str = "Danihelka et al. 2017";
const NONE: &str = "none published";

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
                figure: "training.svg",
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
                figure: "training.svg",
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
