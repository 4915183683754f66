//! Which training gives the better samples? (D2, D3, W1)

use lab::figure::{Axis, Colour, Layer, Scale, Title};
use lab::{Claim, Figure, Region, Results};
use shared::chart::panel;
use shared::colour;
use shared::contrast::{difference, join, log_ratio};
use shared::{Source, claim};

use super::{CLIPPED, LEARNT, NICE, REAL_NVP, SHALLOW, memory, nice, rows, shown, updates_learnt};
use crate::chart::{bits, dots, pictures, profile, series};
use crate::config::Config;
use crate::{DANIHELKA_TOLD, ENOUGH, FLOW_GAN, HYBRID, LIKELIHOOD, WGAN, pictured};

const WGAN_GP: Source = Source::remembered("Gulrajani et al. 2017, WGAN-GP (1704.00028)");

pub(super) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let arms = |couplings| [LIKELIHOOD, WGAN].map(|way| rows(results, couplings, way));
    let ([mle, wgan], [shallow_mle, shallow_wgan]) = (arms(NICE), arms(SHALLOW));
    let clipped = rows(results, NICE, CLIPPED);
    let loss = join(
        &log_ratio((&shallow_mle, &mle), "frechet"),
        &log_ratio((&shallow_wgan, &wgan), "frechet"),
        |mle, wgan| mle - wgan,
    );
    vec![
        claim("flow.D2", "A flow that a WGAN trains has better samples than one that maximum likelihood trains.")
            .published(FLOW_GAN, "table 1, MNIST", Some("MODE score 9.24 against 7.42"))
            .measured("Frechet distance of samples to test images, each at its best on validation images (`frechet_at_best_frechet`), digits, NICE, WGAN-GP minus maximum likelihood")
            .figure("quality.svg")
            .gate(LEARNT, ENOUGH, updates_learnt(&[&wgan, &mle]))
            .mean(Region::Below(0.0), &difference((&wgan, &mle), "frechet_at_best_frechet")),
        claim("flow.D3", "With one coupling in the place of four a flow's samples suffer more under maximum likelihood than under a WGAN.")
            .published(DANIHELKA_TOLD, "a reader's notes", None)
            .measured("ln Frechet distance at the last step (`frechet`), digits, additive, one coupling minus four; maximum likelihood's minus WGAN-GP's")
            .figure("quality.svg")
            .gate(LEARNT, ENOUGH, updates_learnt(&[&shallow_mle, &mle, &shallow_wgan, &wgan]))
            .mean(Region::Above(0.0), &loss),
        claim("flow.W1", "A critic of clipped weights gives a flow worse samples than one with the gradient penalty.")
            .published(WGAN_GP, "clipping against the penalty; the place was not read", None)
            .measured("ln Frechet distance at the last step (`frechet`), digits, NICE, clipped WGAN minus WGAN-GP")
            .figure("quality.svg")
            .gate(LEARNT, ENOUGH, updates_learnt(&[&clipped, &wgan]))
            .mean(Region::Above(0.0), &log_ratio((&clipped, &wgan), "frechet")),
    ]
}

pub(super) fn figures(results: &Results<Config>) -> Vec<Figure> {
    std::iter::once(quality(results)).chain(samples(results)).collect()
}

/// Likelihood against sample quality, the last model of every seed.
fn quality(results: &Results<Config>) -> Figure {
    let [mle, wgan, hybrid] = nice(results);
    let arms = [
        mle,
        wgan,
        hybrid,
        series("likelihood, affine", Colour::SkyBlue, rows(results, REAL_NVP, LIKELIHOOD)),
        series("WGAN-GP, affine", Colour::Vermillion, rows(results, REAL_NVP, WGAN)),
        series("WGAN, clipped", colour::WGAN_CLIPPED, rows(results, NICE, CLIPPED)),
        series("likelihood, one coupling", Colour::Grey, rows(results, SHALLOW, LIKELIHOOD)),
        series("WGAN-GP, one coupling", Colour::Yellow, rows(results, SHALLOW, WGAN)),
        series("memorising mixture", Colour::Black, results.arm(memory::ARM)),
    ];
    let mut layers = dots(&arms, "test_nats", "frechet");
    layers.push(Layer::Vertical { label: "uniform density".into(), x: 0.0 });
    let nats = Axis::new("test log-likelihood, nats per image").scaled(Scale::SymLog(50.0));
    let frechet = Axis::new("Frechet distance").scaled(Scale::Log);
    Figure {
        name: "quality".into(),
        title: Title::new("Likelihood against the quality of samples")
            .if_reproduced("flow.D2", "The WGAN's samples are better, its likelihood is far worse"),
        caption: format!(
            "{}; 8 x 8 digits, the last model of every seed. Right is likelier, down is better looking: squared \
             Frechet distance of 1,000 samples to the test images in the features of a small classifier. Claim D2 compares each at its best look; the \
             likelihood's axis is logarithmic far from 0.",
            profile(results)
        ),
        columns: 1,
        height: 420,
        panels: vec![panel("", nats, frechet, layers)],
    }
}

/// Data and samples side by side, with the exact likelihood.
fn samples(results: &Results<Config>) -> Option<Figure> {
    const WAYS: [(&str, &str); 3] =
        [("likelihood", LIKELIHOOD), ("WGAN-GP", WGAN), ("hybrid", HYBRID)];
    let rows = WAYS.map(|(name, way)| (name, pictured(&shown(results, way))));
    let first = rows.iter().find_map(|(_, row)| *row)?;
    let mut panels = vec![pictures("data", first, "data")?];
    for (name, row) in rows {
        let Some(row) = row else { continue };
        panels.push(pictures(&format!("{name}, {}", bits(row)), row, "samples")?);
    }
    Some(Figure {
        name: "samples".into(),
        title: "The same flow, trained in three ways".into(),
        caption: format!(
            "{}, seed 0, last step, NICE. The number is the exact negative log-likelihood of test images. 8 x 8 \
             digits; the uniform density has 4.09 bits/dim.",
            profile(results)
        ),
        columns: 4,
        height: 200,
        panels,
    })
}
