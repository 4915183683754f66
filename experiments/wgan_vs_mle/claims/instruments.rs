//! Claims about Jacobians, latents, estimators, critics and targets.

use gan::flow::Affine::{self, Additive};
use lab::{Claim, Region, Results, Row};

use super::{DANIHELKA, FLOW_GAN, NONE};
use crate::arms::{digits, images, plane, race};
use crate::config::{Config, Data, Way};
use crate::grid::{ALL, DEEP, FEW};
use experiments::contrast::{Words, claim, difference, each, join, pair};

/// F4: are the Jacobians ill-conditioned, and is it the sigmoid?
pub(super) fn jacobians(results: &Results<Config>) -> Vec<Claim> {
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
pub(super) fn estimators(results: &Results<Config>) -> Vec<Claim> {
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
pub(super) fn latents(results: &Results<Config>) -> Vec<Claim> {
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
pub(super) fn critics(results: &Results<Config>) -> Vec<Claim> {
    let gap = |row: &Row<Config>| Some(row.value("critic_held_out")? - row.value("critic_train")?);
    let arm = |images_seen| images(results, Way::Likelihood, images_seen);
    let race = |extra_batch| race(results, extra_batch);
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
pub(super) fn targets(results: &Results<Config>) -> Vec<Claim> {
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
