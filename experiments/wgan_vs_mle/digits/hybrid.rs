//! Does a game that also weighs the likelihood keep both the likelihood and the samples? (F2)

use lab::figure::{Axis, Title};
use lab::{Claim, Figure, Region, Results, Row};
use shared::claim;
use shared::colour;
use shared::contrast::{difference, pair};

use super::{
    HYBRID_HUNDREDTH, HYBRID_TENTH, LEARNT, LIKELIHOOD_GAME_RATE, NICE, rows, updates_learnt,
};
use crate::chart::{Series, likelihood_and_samples, profile, series};
use crate::config::Config;
use crate::{ENOUGH, FLOW_GAN, HYBRID, LIKELIHOOD, UPDATES, WGAN, updates};

pub(super) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [mle, wgan, hybrid] = [LIKELIHOOD, WGAN, HYBRID].map(|way| rows(results, NICE, way));
    let ratio =
        |a: &Row<Config>, b: &Row<Config>| Some(a.value("test_nats")? / b.value("test_nats")?);
    vec![
        claim("flow.F2", "A hybrid of WGAN and likelihood keeps the likelihood of maximum likelihood.")
            .published(FLOW_GAN, "table 1, MNIST, whose hybrid has weight 0.1; its released commands have 1", Some("-3342.95 against -3334.56 nats, negative log-likelihood"))
            .measured("test nats at the last step of the hybrid with weight 1 over those of maximum likelihood (`test_nats`), digits, NICE")
            .figure("hybrid.svg")
            .gate(UPDATES, ENOUGH, updates(&[&hybrid, &mle]))
            .mean(Region::Above(0.9), &pair((&hybrid, &mle), ratio)),
        claim("flow.F2b", "The samples of a hybrid of WGAN and likelihood, of weight 1, are better than those of the WGAN alone.")
            .published(FLOW_GAN, "table 1, MNIST, whose hybrid has weight 0.1; its released commands have 1", None)
            .measured("Frechet distance of samples to test images, each at its best on validation images (`frechet_at_best_frechet`), digits, NICE, hybrid with weight 1 minus WGAN-GP")
            .figure("hybrid.svg")
            .gate(LEARNT, ENOUGH, updates_learnt(&[&hybrid, &wgan]))
            .mean(Region::Below(0.0), &difference((&hybrid, &wgan), "frechet_at_best_frechet")),
    ]
}

pub(super) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![dose(results)]
}

/// The weight of the likelihood as a dose.
fn dose(results: &Results<Config>) -> Figure {
    let ways = [
        ("WGAN-GP", colour::WGAN_GP, WGAN),
        ("0.01", colour::HYBRID, HYBRID_HUNDREDTH),
        ("0.1", colour::HYBRID, HYBRID_TENTH),
        ("1", colour::HYBRID, HYBRID),
        ("likelihood", colour::LIKELIHOOD, LIKELIHOOD),
        ("at game's rate", colour::LIKELIHOOD, LIKELIHOOD_GAME_RATE),
    ];
    let arms = ways.map(|(label, colour, way)| series(label, colour, rows(results, NICE, way)));
    // Not every profile has every weight.
    let arms: Vec<Series> = arms.into_iter().filter(|arm| !arm.rows.is_empty()).collect();
    let names: Vec<String> = arms.iter().map(|arm| arm.name.to_owned()).collect();
    let by_arm = |metric: &str| {
        let spread = |(i, Series { colour, rows, .. }): (usize, &Series)| {
            let shift = |k: usize| (k as f64 + 0.5) / rows.len() as f64 * 0.5 - 0.25;
            let at =
                |(k, row): (usize, &&Row<Config>)| Some((i as f64 + shift(k), row.value(metric)?));
            shared::chart::dots(*colour, 4, 0.75, rows.iter().enumerate().filter_map(at).collect())
        };
        arms.iter().enumerate().map(spread).collect()
    };
    let axis = || Axis { label: "weight of the likelihood".into(), ..Axis::of(names.clone()) };
    Figure {
        name: "hybrid".into(),
        title: Title::new("From the WGAN to maximum likelihood")
            .if_reproduced("flow.F2", "A hybrid keeps the likelihood of maximum likelihood"),
        caption: format!(
            "{}; 8 x 8 digits, NICE, every seed a dot, last step. Weight of the log-likelihood in nats per image \
             beside the critic's loss; likelihood alone at its own step size and at the game's. The left axis is \
             logarithmic far from 0.",
            profile(results)
        ),
        columns: 2,
        height: 280,
        panels: likelihood_and_samples(axis, by_arm("test_nats"), by_arm("frechet")),
    }
}
