//! From stored numbers to estimates and pictures. The rules stand in the README.

use lab::figure::{Axis, Colour, Corner, Layer, Panel, Scale};
use lab::results::{diverged, paired};
use lab::{Claim, Estimate, Figure, Region, Results, Row};
use stats::{bootstrap, robust, tests};

use crate::config::Config;

const LAST: &str = "test_bits_per_dim";
const BEST: &str = "test_bits_per_dim_at_best_validation";

type Rows<'a> = Vec<&'a Row<Config>>;

fn likelihood(results: &Results<Config>) -> Rows<'_> {
    results.arm(|config| config.way() == crate::config::Way::Likelihood)
}

fn wasserstein(results: &Results<Config>) -> Rows<'_> {
    results.arm(|config| config.way() == crate::config::Way::Wgan)
}

/// Returns the claims D1 and D1b.
pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let (mle, wgan) = (likelihood(results), wasserstein(results));
    let claim = |id: &str, statement: &str, quantity: &str, metric: &str, published: &str| {
        let difference =
            |(a, b): &(&Row<Config>, &Row<Config>)| Some(a.value(metric)? - b.value(metric)?);
        let differences: Vec<f64> = paired(&wgan, &mle).iter().filter_map(difference).collect();
        let shifted: Vec<f64> = differences.iter().map(|d| d - MARGIN).collect();
        let estimate = (differences.len() > 1).then(|| {
            let interval = bootstrap::interval(&differences, robust::mean, 0.95, 1);
            Estimate::new(robust::mean(&differences), interval, Some(tests::sign_flip(&shifted, 1)))
        });
        Claim {
            id: id.into(),
            statement: statement.into(),
            source: "Danihelka et al. 2017; Grover et al. 2018 (Flow-GAN), tables 1 and 3".into(),
            published: published.into(),
            quantity: quantity.into(),
            region: Region::Above(MARGIN),
            estimate,
            seeds: differences.len(),
            diverged: diverged(&mle) + diverged(&wgan),
            figure: "likelihood.svg".into(),
        }
    };
    vec![
        claim(
            "D1",
            "The same flow has a far worse held-out likelihood when a Wasserstein GAN trains it",
            "bits/dim on test images, WGAN-GP minus maximum likelihood, last step",
            LAST,
            "56.49 against 1.95 bits/dim (table 3)",
        ),
        claim(
            "D1b",
            "It is so even at the WGAN's best checkpoint",
            "bits/dim on test images, WGAN-GP minus maximum likelihood, best validation",
            BEST,
            "5.05 against 1.86 bits/dim (table 1)",
        ),
    ]
}

/// A difference below this many bits per dimension (54 nats an image) would not be "far worse".
const MARGIN: f64 = 0.1;

/// Returns the figures of the README.
pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let mut figures = vec![likelihood_over_training(results)];
    figures.extend(samples(results));
    figures
}

fn likelihood_over_training(results: &Results<Config>) -> Figure {
    let arms = [
        ("maximum likelihood", Colour::Blue, likelihood(results)),
        ("WGAN-GP", Colour::Vermillion, wasserstein(results)),
    ];
    let lines = |metric: &str, sign: f64| {
        let mut layers = Vec::new();
        for (name, colour, rows) in &arms {
            for (i, row) in rows.iter().enumerate() {
                let Some(trace) = row.traces.get(metric) else { continue };
                layers.push(Layer::Line {
                    label: if i == 0 { (*name).into() } else { String::new() },
                    colour: *colour,
                    points: trace
                        .iter()
                        .map(|&(step, value)| (step as f64, sign * value))
                        .collect(),
                });
            }
        }
        layers
    };
    let mut nll = lines("test_log_likelihood_nats", -1.0);
    nll.push(Layer::Horizontal { label: "uniform density (8 bits/dim)".into(), y: 0.0 });
    let panel = |title: &str, y: Axis, layers, legend| Panel {
        title: title.into(),
        x: Axis::new("updates of the flow"),
        y,
        layers,
        legend,
    };
    Figure {
        name: "likelihood".into(),
        title: "One flow, two ways to train it".into(),
        caption: format!(
            "Profile {}; {} seeds a way, each a line; {} held-out images. Left: exact negative \
             log-likelihood in nats per image, density of pixels (k + u) / 256 on the unit cube. Right: the \
             training critic's estimate, mean f(validation) minus mean f(samples).",
            results.profile.name(),
            arms[0].2.len(),
            results.rows.first().map_or(0, |row| row.config.held_out)
        ),
        columns: 2,
        panel: (440, 340),
        panels: vec![
            panel(
                "Held-out negative log-likelihood",
                Axis::new("nats per image").scaled(Scale::SymLog(100.0)),
                nll,
                Some(Corner::UpperLeft),
            ),
            panel(
                "Critic's Wasserstein estimate",
                Axis::new("estimate"),
                lines("wasserstein_estimate", 1.0),
                None,
            ),
        ],
    }
}

fn samples(results: &Results<Config>) -> Option<Figure> {
    let pictured =
        |rows: Rows| rows.into_iter().find(|row| row.samples.contains_key("samples")).cloned();
    let (mle, wgan) = (pictured(likelihood(results))?, pictured(wasserstein(results))?);
    let bits = |row: &Row<Config>| {
        row.value(LAST).map_or("diverged".into(), |bits| format!("{bits:.2} bits/dim"))
    };
    let panel = |title: String, row: &Row<Config>, name: &str| {
        let array = &row.samples[name];
        let (width, pixels) = tile(&array.bytes, array.shape[0], 28);
        Panel {
            title,
            x: Axis::bare(0.0, 1.0),
            y: Axis::bare(0.0, 1.0),
            layers: vec![Layer::Picture { width, pixels }],
            legend: None,
        }
    };
    Some(Figure {
        name: "samples".into(),
        title: "The same flow, trained in two ways".into(),
        caption: format!(
            "Seed 0, profile {}: {} updates of the flow each. The number is the exact negative \
             log-likelihood of held-out test images.",
            results.profile.name(),
            mle.config.steps
        ),
        columns: 3,
        panel: (262, 272),
        panels: vec![
            panel("data".into(), &mle, "data"),
            panel(format!("maximum likelihood, {}", bits(&mle)), &mle, "samples"),
            panel(format!("WGAN-GP, {}", bits(&wgan)), &wgan, "samples"),
        ],
    })
}

/// Arranges square pictures in a square, one pixel apart.
fn tile(pictures: &[u8], count: usize, side: usize) -> (usize, Vec<u8>) {
    let columns = (count as f64).sqrt().ceil() as usize;
    let width = columns * (side + 1);
    let mut pixels = vec![0; width * count.div_ceil(columns) * (side + 1)];
    for (i, picture) in pictures.chunks_exact(side * side).enumerate() {
        let (left, top) = (i % columns * (side + 1), i / columns * (side + 1));
        for (y, row) in picture.chunks_exact(side).enumerate() {
            let start = (top + y) * width + left;
            pixels[start..start + side].copy_from_slice(row);
        }
    }
    (width, pixels)
}
