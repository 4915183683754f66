//! Do estimators of the likelihood rank flows as their exact likelihood does? (F6)

use lab::figure::{Axis, Scale, Title};
use lab::{Claim, Figure, Region, Results};
use shared::chart::panel;
use shared::claim;
use shared::contrast::difference;

use super::{NICE, nice, rows};
use crate::chart::{dots, profile};
use crate::config::Config;
use crate::{ENOUGH, FLOW_GAN, HYBRID, LIKELIHOOD, UPDATES, WGAN, updates};

pub(super) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [mle, wgan, hybrid] = [LIKELIHOOD, WGAN, HYBRID].map(|way| rows(results, NICE, way));
    vec![
        claim("flow.F6", "Annealed importance sampling ranks a flow that a WGAN trained above one that maximum likelihood trained.")
            .published(FLOW_GAN, "table 3, MNIST", Some("-2916.10 against -2584.40 nats, negative log-likelihood"))
            .measured("annealed nats with noise 0.1 (`annealed_nats_sigma_010`), digits, NICE, WGAN-GP minus maximum likelihood")
            .figure("estimators.svg")
            .gate(UPDATES, ENOUGH, updates(&[&wgan, &mle]))
            .mean(Region::Above(0.0), &difference((&wgan, &mle), "annealed_nats_sigma_010")),
        claim("flow.F6b", "Parzen windows rank the flow of a hybrid above one that maximum likelihood trained.")
            .published(FLOW_GAN, "table 3, MNIST", Some("-205.69 against -167.10 nats, negative log-likelihood"))
            .measured("Parzen nats (`parzen_nats`), digits, NICE, hybrid with weight 1 minus maximum likelihood")
            .figure("estimators.svg")
            .gate(UPDATES, ENOUGH, updates(&[&hybrid, &mle]))
            .mean(Region::Above(0.0), &difference((&hybrid, &mle), "parzen_nats")),
    ]
}

pub(super) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let estimate = |title: &str, metric: &str| {
        let exact = Axis::new("exact, nats per image").scaled(Scale::SymLog(50.0));
        let estimate = Axis::new("estimate, nats per image");
        panel(title, exact, estimate, dots(&nice(results), "test_nats", metric))
    };
    vec![Figure {
        name: "estimators".into(),
        title: Title::new("What estimators make of the likelihood").if_reproduced(
            "flow.F6",
            "Annealed importance sampling ranks the WGAN's flow above the likelier one",
        ),
        caption: format!(
            "{}; 8 x 8 digits, NICE, every seed a dot, test images. Left: Parzen windows on 2,000 samples, width \
             chosen on validation. Right: annealed importance sampling of the flow as a decoder with noise 0.1.",
            profile(results)
        ),
        columns: 2,
        height: 300,
        panels: vec![
            estimate("Parzen windows", "parzen_nats"),
            estimate("Annealed importance sampling", "annealed_nats_sigma_010"),
        ],
    }]
}
