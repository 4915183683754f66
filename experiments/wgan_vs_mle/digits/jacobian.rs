//! Is the Jacobian of a WGAN's flow ill-conditioned, and is it the last sigmoid? (F4)

use lab::figure::{Axis, Colour, Layer, Scale, Title};
use lab::{Claim, Figure, Region, Results, Row};
use shared::chart::panel;
use shared::claim;
use shared::contrast::difference;

use super::{NICE, REAL_NVP, nice, rows};
use crate::chart::{Series, profile, series};
use crate::config::Config;
use crate::{ENOUGH, FLOW_GAN, LIKELIHOOD, UPDATES, WGAN, pictured, updates};

pub(super) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let arms = |couplings| [WGAN, LIKELIHOOD].map(|way| rows(results, couplings, way));
    let ([wgan, mle], [affine_wgan, affine_mle]) = (arms(NICE), arms(REAL_NVP));
    vec![
        claim("flow.F4", "A flow that a WGAN trains has a worse-conditioned Jacobian than one that maximum likelihood trains.")
            .published(FLOW_GAN, "figure 4, MNIST, read by eye", Some("median singular value 10^-7.6 against 10^-2.4"))
            .measured("log10 condition number from latent to pixels (`log10_condition_pixels`), digits, NICE, WGAN-GP minus maximum likelihood")
            .figure("singular_values.svg")
            .gate(UPDATES, ENOUGH, updates(&[&wgan, &mle]))
            .mean(Region::Above(0.5), &difference((&wgan, &mle), "log10_condition_pixels")),
        claim("flow.F4b", "What makes the Jacobian of a WGAN's NICE ill-conditioned is the saturating sigmoid: up to the logits it is conditioned like maximum likelihood's.")
            .ours_after("Grover et al. 2018, Flow-GAN (1705.08868), figure 4")
            .measured("log10 condition number from latent to logits (`log10_condition_logits`), digits, NICE, WGAN-GP minus maximum likelihood")
            .figure("singular_values.svg")
            .gate(UPDATES, ENOUGH, updates(&[&wgan, &mle]))
            .mean(Region::Within(-0.5, 0.5), &difference((&wgan, &mle), "log10_condition_logits")),
        claim("flow.F4c", "With affine couplings the Jacobian of a WGAN's flow is ill-conditioned up to the logits too.")
            .ours_after("Grover et al. 2018, Flow-GAN (1705.08868), figure 4")
            .measured("log10 condition number from latent to logits (`log10_condition_logits`), digits, Real NVP, WGAN-GP minus maximum likelihood")
            .figure("singular_values.svg")
            .gate(UPDATES, ENOUGH, updates(&[&affine_wgan, &affine_mle]))
            .mean(Region::Above(0.5), &difference((&affine_wgan, &affine_mle), "log10_condition_logits")),
    ]
}

pub(super) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![singular_values(results)]
}

fn singular_values(results: &Results<Config>) -> Figure {
    let [mle, wgan, hybrid] = nice(results);
    let arms = [
        mle,
        wgan,
        hybrid,
        series("likelihood, affine", Colour::SkyBlue, rows(results, REAL_NVP, LIKELIHOOD)),
        series("WGAN-GP, affine", Colour::Vermillion, rows(results, REAL_NVP, WGAN)),
    ];
    let layers = |name: &str| {
        let line = |Series { name: label, colour, rows }: &Series| {
            let points = distribution(pictured(rows)?, name)?;
            Some(Layer::Line { label: (*label).into(), colour: *colour, points })
        };
        arms.iter().filter_map(line).collect::<Vec<_>>()
    };
    let (value, share) =
        (|| Axis::new("log10 of a singular value"), || Axis::new("share below").scaled(Scale::Log));
    let [pixels, logits] = ["log10_singular_pixels", "log10_singular_logits"].map(layers);
    Figure {
        name: "singular_values".into(),
        title: Title::new("Singular values of the generator's Jacobian").if_reproduced(
            "flow.F4b",
            "It is the sigmoid: up to the logits the WGAN's Jacobian is conditioned like the other",
        ),
        caption: format!(
            "{}; 8 x 8 digits, seed 0: singular values of the generator's Jacobian at 16 latents, double \
             precision. Left: from latent to pixels. Right: to logits, without the last sigmoid. Shares are \
             logarithmic, for the few smallest.",
            profile(results)
        ),
        columns: 2,
        height: 300,
        panels: vec![
            panel("Pixels", value(), share(), pixels),
            panel("Logits", value(), share(), logits),
        ],
    }
}

/// The sorted values of a kept array as a distribution function.
fn distribution(row: &Row<Config>, name: &str) -> Option<Vec<(f64, f64)>> {
    let mut values = row.samples.get(name)?.to_f32();
    values.sort_by(f32::total_cmp);
    let n = values.len() as f64;
    Some(values.iter().enumerate().map(|(i, x)| (f64::from(*x), (i as f64 + 0.5) / n)).collect())
}
