//! What does a WGAN do to the likelihood of the flow that it trains? (F3; D1 asks it of MNIST)

use lab::figure::{Axis, Colour, Layer, Panel, Scale, Title};
use lab::{Claim, Figure, Region, Results, Row};
use shared::chart::panel;
use shared::claim;
use shared::contrast::{each, metric, pair};

use super::{NICE, REAL_NVP, rows, shown};
use crate::chart::{Series, lines, profile, series, ways};
use crate::config::Config;
use crate::{ENOUGH, FLOW_GAN, UPDATES, WGAN, mnist, updates};

pub(super) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [nice, affine] = [NICE, REAL_NVP].map(|couplings| rows(results, couplings, WGAN));
    let overfit = |row: &Row<Config>| {
        Some(row.value("overfit_nats")?.abs() / row.value("rise_nats")?.max(1.0))
    };
    let fall = |row: &Row<Config>| Some(row.value("rise_nats")?.ln_1p());
    vec![
        claim("flow.F3", "Under a WGAN the likelihood of a flow first improves, then falls far below its best.")
            .published(FLOW_GAN, "figure 2, MNIST, read by eye", Some("negative log-likelihood of 2e3 to 5e3 nats at the start, up to 1.1e5 after 1e5 updates"))
            .measured("nats of validation likelihood lost since the best look (`rise_nats`), digits, NICE, WGAN-GP")
            .figure("training.svg")
            .gate(UPDATES, ENOUGH, updates(&[&nice]))
            .mean(Region::Above(40.0), &metric(&nice, "rise_nats")),
        claim("flow.F3t", "While a WGAN trains a flow its critic's estimate settles.")
            .published(FLOW_GAN, "figure 2, MNIST, read by eye", Some("a rise to about 20 by 0.12e5 updates, then 7 at 0.25e5 and 4.5 at 1e5"))
            .measured("largest relative distance of the critic's estimate from its mean over the second half of training (`estimate_spread`), digits, NICE, WGAN-GP")
            .figure("training.svg")
            .gate(UPDATES, ENOUGH, updates(&[&nice]))
            .mean(Region::Below(0.3), &metric(&nice, "estimate_spread")),
        claim("flow.F3o", "The fall of a flow's likelihood under a WGAN is not overfitting: training images lose as much as held-out ones.")
            .published(FLOW_GAN, "figure 2, MNIST, read by eye", Some("negative log-likelihoods of 7.6e4 and up to 1.1e5 nats at 1e5 updates"))
            .measured("difference of train and validation likelihood at the last step, either way, over the fall of at least 1 nat (`overfit_nats`, `rise_nats`), digits, NICE, WGAN-GP")
            .figure("training.svg")
            .gate(UPDATES, ENOUGH, updates(&[&nice]))
            .mean(Region::Below(0.1), &each(&nice, overfit)),
        claim("flow.F3b", "Under a WGAN the likelihood of affine couplings falls further than that of additive ones.")
            .ours_after("Grover et al. 2018, table 3 (2.6e4 nats, additive), and a re-implementation's logs (3e8, affine)")
            .measured("ln(1 + nats of validation likelihood lost since the best look) (`rise_nats`), digits, WGAN-GP, affine minus additive")
            .figure("training.svg")
            .gate(UPDATES, ENOUGH, updates(&[&affine, &nice]))
            .mean(Region::Above(0.0), &pair((&affine, &nice), |a, b| Some(fall(a)? - fall(b)?))),
    ]
}

pub(super) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![training(results)]
}

/// Likelihood beside the critic's estimate over training, on both sets of images.
fn training(results: &Results<Config>) -> Figure {
    let [mle, wgan, hybrid] = ways(|way| shown(results, way));
    let affine = rows(results, REAL_NVP, WGAN);
    let affine = series("WGAN-GP, affine couplings", Colour::Vermillion, affine);
    let small = [mle, wgan, affine, hybrid];
    let large = ways(|way| mnist::rows(results, way));
    let mut panels = over_training("8 x 8 digits", &small, 50.0).to_vec();
    let mut pixels = "(k + u) / 17".to_owned();
    if large.iter().any(|arm| !arm.rows.is_empty()) {
        panels.extend(over_training("MNIST", &large, 500.0));
        pixels.push_str(" (digits) and (k + u) / 256 (MNIST)");
    }
    Figure {
        name: "training".into(),
        title: Title::new("Likelihood and the critic's estimate in training")
            .if_reproduced("flow.F3", "Under a WGAN the likelihood falls to the last update"),
        caption: format!(
            "{}; validation images, every seed a line. Left: exact negative log-likelihood, density of pixels \
             {pixels} on the unit cube; its axis is logarithmic far from 0. Right: the training critic's own estimate, mean on \
             validation minus mean on samples.",
            profile(results)
        ),
        columns: 2,
        height: 280,
        panels,
    }
}

fn over_training(set: &str, arms: &[Series], linear_below: f64) -> [Panel; 2] {
    let mut likelihood = lines(arms, "validation_nats", -1.0);
    likelihood.push(Layer::Horizontal { label: "uniform density".into(), y: 0.0 });
    let updates = || Axis::new("updates of the flow");
    let nats = Axis::new("nats per image").scaled(Scale::SymLog(linear_below));
    let estimates = lines(arms, "wasserstein_estimate", 1.0);
    let [title, critic] = ["negative log-likelihood", "critic's Wasserstein estimate"]
        .map(|what| format!("{set}: {what}"));
    [
        panel(&title, updates(), nats, likelihood),
        panel(&critic, updates(), Axis::new("estimate"), estimates),
    ]
}
