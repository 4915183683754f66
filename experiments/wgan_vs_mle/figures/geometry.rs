//! Jacobians, latents, and what estimators make of the likelihood.

use gan::flow::Affine::{self, Additive};
use lab::figure::{Axis, Colour, Corner, Layer, Scale};
use lab::{Figure, Results, Row};

use super::{Arm, digit_ways, dots, likelihood_and_samples, panel, profile};
use crate::arms::{digits, pictured};
use crate::config::{Config, Way};
use crate::grid::DEEP;

/// The sorted values of a kept array as a distribution function.
fn distribution(row: &Row<Config>, name: &str) -> Option<Vec<(f64, f64)>> {
    let mut values = row.samples.get(name)?.to_f32();
    values.sort_by(f32::total_cmp);
    let n = values.len() as f64;
    Some(values.iter().enumerate().map(|(i, x)| (f64::from(*x), (i as f64 + 0.5) / n)).collect())
}

pub(super) fn singular_values(results: &Results<Config>) -> Figure {
    let arm = |way, coupling| digits(results, way, coupling, DEEP);
    let arms: [Arm; 5] = [
        ("maximum likelihood", Colour::Blue, arm(Way::Likelihood, Additive)),
        ("WGAN-GP", Colour::Vermillion, arm(Way::Wgan, Additive)),
        ("hybrid, weight 1", Colour::Green, arm(Way::Hybrid(1.0), Additive)),
        ("likelihood, affine", Colour::SkyBlue, arm(Way::Likelihood, Affine::Affine)),
        ("WGAN-GP, affine", Colour::Orange, arm(Way::Wgan, Affine::Affine)),
    ];
    let layers = |name: &str| {
        let line = |(label, colour, rows): &Arm| {
            let points = distribution(pictured(rows)?, name)?;
            Some(Layer::Line { label: (*label).into(), colour: *colour, points })
        };
        arms.iter().filter_map(line).collect::<Vec<_>>()
    };
    let axes = || (Axis::new("log10 of a singular value"), Axis::new("share below"));
    Figure {
        name: "singular_values".into(),
        title: "Is it the sigmoid?".into(),
        caption: format!(
            "{}; 8 x 8 digits, seed 0: singular values of the generator's Jacobian at 16 latents, double \
             precision. Left: from latent to pixels. Right: to logits, without the last sigmoid.",
            profile(results)
        ),
        columns: 2,
        panel: (440, 340),
        panels: vec![
            panel("Pixels", axes(), layers("log10_singular_pixels"), Some(Corner::UpperLeft)),
            panel("Logits", axes(), layers("log10_singular_logits"), None),
        ],
    }
}

pub(super) fn latents(results: &Results<Config>) -> Figure {
    let one = |(name, colour, rows): Arm| {
        let row = pictured(&rows);
        let points = row
            .and_then(|row| row.samples.get("latents"))
            .map_or_else(Vec::new, lab::Array::to_points);
        let square = row.and_then(|row| row.value("latent_square")).unwrap_or(f64::NAN);
        panel(
            &format!("{name}: {square:.1} of the prior's variance"),
            (
                Axis::new("first coordinate").within(-12.0, 12.0),
                Axis::new("second coordinate").within(-12.0, 12.0),
            ),
            vec![Layer::Dots { label: String::new(), colour, radius: 2, opacity: 0.6, points }],
            None,
        )
    };
    Figure {
        name: "latents".into(),
        title: "Where the flow sends real images".into(),
        caption: format!(
            "{}; 8 x 8 digits, NICE, seed 0: two of the 64 coordinates of the latents of 300 test images. In \
             titles the mean square of all coordinates over that of the logistic prior.",
            profile(results)
        ),
        columns: 3,
        panel: (320, 320),
        panels: digit_ways(results).map(one).into(),
    }
}

/// The memorising mixture over its bandwidth, with the trained flows as lines.
pub(super) fn memory(results: &Results<Config>) -> Figure {
    let memory = digits(results, Way::Memorise, Additive, DEEP);
    let curve = |metric: &str| {
        let points =
            memory.first().and_then(|row| row.traces.get(metric)).map_or_else(Vec::new, |trace| {
                trace.iter().map(|&(thousandths, y)| (thousandths as f64 / 1000.0, y)).collect()
            });
        Layer::Line { label: "memorising mixture".into(), colour: Colour::Black, points }
    };
    let levels = |metric: &str| {
        let level = |(name, colour, rows): Arm| {
            let values: Vec<f64> = rows.iter().filter_map(|row| row.value(metric)).collect();
            // An arm that is not there, or whose runs all diverged, has no level.
            let y = (!values.is_empty()).then(|| stats::robust::median(&values))?;
            let points = vec![(0.02, y), (0.5, y)];
            Some(Layer::Line { label: name.into(), colour, points })
        };
        digit_ways(results).into_iter().filter_map(level).collect::<Vec<_>>()
    };
    let layers = |curve_of: &str, level_of: &str| {
        std::iter::once(curve(curve_of)).chain(levels(level_of)).collect::<Vec<_>>()
    };
    let bandwidth = || Axis::new("standard deviation about each training image").scaled(Scale::Log);
    Figure {
        name: "memory".into(),
        title: "A model that only remembers".into(),
        caption: format!(
            "{}; 8 x 8 digits: one Gaussian on each of 1,000 training images (seed 0), beside the trained flows \
             (medians over seeds, last step).",
            profile(results)
        ),
        columns: 2,
        panel: (440, 320),
        panels: likelihood_and_samples(
            &bandwidth,
            layers("memorise_test_nats", "test_nats"),
            layers("memorise_frechet", "frechet"),
            Some(Corner::LowerRight),
        ),
    }
}

pub(super) fn estimators(results: &Results<Config>) -> Figure {
    let estimate = |title: &str, metric: &str, legend| {
        panel(
            title,
            (
                Axis::new("exact, nats per image").scaled(Scale::SymLog(50.0)),
                Axis::new("estimate, nats per image"),
            ),
            dots(&digit_ways(results), "test_nats", metric),
            legend,
        )
    };
    Figure {
        name: "estimators".into(),
        title: "What estimators make of the likelihood".into(),
        caption: format!(
            "{}; 8 x 8 digits, NICE, every seed a dot, test images. Left: Parzen windows on 2,000 samples, width \
             chosen on validation. Right: annealed importance sampling of the flow as a decoder with noise 0.1.",
            profile(results)
        ),
        columns: 2,
        panel: (440, 340),
        panels: vec![
            estimate("Parzen windows", "parzen_nats", Some(Corner::UpperLeft)),
            estimate("Annealed importance sampling", "annealed_nats_sigma_010", None),
        ],
    }
}
