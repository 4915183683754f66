//! Pictures of stored numbers: likelihood and samples here, the others in the files beside.

mod critics;
mod geometry;
mod pictures;

use gan::flow::Affine::{self, Additive};
use lab::figure::{Axis, Colour, Corner, Layer, Panel, Scale};
use lab::{Figure, Results, Row};

use crate::arms::{Rows, digits, images};
use crate::config::{Config, Way};
use crate::grid::{ALL, DEEP, SHALLOW};
use critics::{critics, targets};
use geometry::{estimators, latents, memory, singular_values};
use pictures::{redrawn, samples};

/// Returns the figures of the README.
pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let mut figures = vec![
        training(results),
        quality(results),
        hybrid(results),
        singular_values(results),
        latents(results),
        memory(results),
        estimators(results),
        critics(results),
        targets(results),
    ];
    figures.extend(samples(results));
    figures.extend(redrawn(results));
    figures
}

/// A series of the figures: name, colour, rows.
type Arm<'a> = (&'static str, Colour, Rows<'a>);

/// The three ways that figures compare, with the rows of each.
fn ways<'a>(rows: impl Fn(Way) -> Rows<'a>) -> [Arm<'a>; 3] {
    [
        ("maximum likelihood", Colour::Blue, Way::Likelihood),
        ("WGAN-GP", Colour::Vermillion, Way::Wgan),
        ("hybrid, weight 1", Colour::Green, Way::Hybrid(1.0)),
    ]
    .map(|(name, colour, way)| (name, colour, rows(way)))
}

/// The same with the NICE of digits.
fn digit_ways(results: &Results<Config>) -> [Arm<'_>; 3] {
    ways(|way| digits(results, way, Additive, DEEP))
}

/// Two panels over one abscissa: the likelihood, and the distance of samples to data.
fn likelihood_and_samples(
    x: &dyn Fn() -> Axis,
    likelihood: Vec<Layer>,
    samples: Vec<Layer>,
    legend: Option<Corner>,
) -> Vec<Panel> {
    let nats = Axis::new("nats per image").scaled(Scale::SymLog(50.0));
    let frechet = Axis::new("Frechet distance").scaled(Scale::Log);
    vec![
        panel("Test log-likelihood", (x(), nats), likelihood, legend),
        panel("Frechet distance of samples", (x(), frechet), samples, None),
    ]
}

fn panel(title: &str, (x, y): (Axis, Axis), layers: Vec<Layer>, legend: Option<Corner>) -> Panel {
    Panel { title: title.into(), x, y, layers, legend }
}

fn profile(results: &Results<Config>) -> String {
    format!("Profile {}", results.profile.name())
}

/// The lines of a trace, one for each seed; the first of an arm carries its name.
fn lines(arms: &[Arm], metric: &str, sign: f64) -> Vec<Layer> {
    let line = |name: &str, colour: Colour, i: usize, row: &Row<Config>| {
        let trace = row.traces.get(metric)?;
        let points = trace.iter().map(|&(step, value)| (step as f64, sign * value)).collect();
        let label = if i == 0 { name.to_owned() } else { String::new() };
        Some(Layer::Line { label, colour, points })
    };
    arms.iter()
        .flat_map(|(name, colour, rows)| {
            rows.iter().enumerate().filter_map(move |(i, row)| line(name, *colour, i, row))
        })
        .collect()
}

/// NLL beside the critic's estimate over training, on both sets of images: the picture of D1 and F3.
fn training(results: &Results<Config>) -> Figure {
    let [mle, wgan, hybrid] = digit_ways(results);
    let affine = digits(results, Way::Wgan, Affine::Affine, DEEP);
    let small = [mle, wgan, ("WGAN-GP, affine couplings", Colour::Orange, affine), hybrid];
    let large = ways(|way| images(results, way, ALL));
    let row = |set: &str, arms: &[Arm], linear_below: f64, legend| {
        let mut likelihood = lines(arms, "validation_nats", -1.0);
        likelihood.push(Layer::Horizontal { label: "uniform density".into(), y: 0.0 });
        let updates = || Axis::new("updates of the flow");
        [
            panel(
                &format!("{set}: negative log-likelihood"),
                (updates(), Axis::new("nats per image").scaled(Scale::SymLog(linear_below))),
                likelihood,
                legend,
            ),
            panel(
                &format!("{set}: critic's Wasserstein estimate"),
                (updates(), Axis::new("estimate")),
                lines(arms, "wasserstein_estimate", 1.0),
                None,
            ),
        ]
    };
    Figure {
        name: "training".into(),
        title: "The likelihood falls while the critic is calm".into(),
        caption: format!(
            "{}; validation images, every seed a line. Left: exact negative log-likelihood, density of pixels \
             (k + u) / 17 (digits) and (k + u) / 256 (MNIST) on the unit cube. Right: the training critic's own \
             estimate, mean on validation minus mean on samples.",
            profile(results)
        ),
        columns: 2,
        panel: (440, 320),
        panels: [
            row("8 x 8 digits", &small, 50.0, Some(Corner::UpperLeft)),
            row("MNIST", &large, 500.0, None),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

/// Every seed of some arms as a dot: one metric against another.
fn dots(arms: &[Arm], x: &str, y: &str) -> Vec<Layer> {
    arms.iter()
        .map(|(name, colour, rows)| Layer::Dots {
            label: (*name).into(),
            colour: *colour,
            radius: 4,
            opacity: 0.75,
            points: rows.iter().filter_map(|row| Some((row.value(x)?, row.value(y)?))).collect(),
        })
        .collect()
}

/// Likelihood against sample quality, the last model of every seed.
fn quality(results: &Results<Config>) -> Figure {
    let arm = |way, coupling, couplings| digits(results, way, coupling, couplings);
    let arms: [Arm; 8] = [
        ("maximum likelihood", Colour::Blue, arm(Way::Likelihood, Additive, DEEP)),
        ("WGAN-GP", Colour::Vermillion, arm(Way::Wgan, Additive, DEEP)),
        ("hybrid, weight 1", Colour::Green, arm(Way::Hybrid(1.0), Additive, DEEP)),
        ("WGAN-GP, affine", Colour::Orange, arm(Way::Wgan, Affine::Affine, DEEP)),
        ("WGAN, clipped", Colour::Purple, arm(Way::Clipped, Additive, DEEP)),
        ("likelihood, one coupling", Colour::SkyBlue, arm(Way::Likelihood, Additive, SHALLOW)),
        ("WGAN-GP, one coupling", Colour::Yellow, arm(Way::Wgan, Additive, SHALLOW)),
        ("memorising mixture", Colour::Black, arm(Way::Memorise, Additive, DEEP)),
    ];
    let mut layers = dots(&arms, "test_nats", "frechet");
    layers.push(Layer::Vertical { label: "uniform density".into(), x: 0.0 });
    Figure {
        name: "quality".into(),
        title: "Likelihood and samples are two things".into(),
        caption: format!(
            "{}; 8 x 8 digits, the last model of every seed. Right is likelier, down is better looking: squared \
             Frechet distance of 1,000 samples to the test images in the features of a small classifier.",
            profile(results)
        ),
        columns: 1,
        panel: (760, 420),
        panels: vec![panel(
            "",
            (
                Axis::new("test log-likelihood, nats per image").scaled(Scale::SymLog(50.0)),
                Axis::new("Frechet distance").scaled(Scale::Log),
            ),
            layers,
            Some(Corner::LowerLeft),
        )],
    }
}

/// The weight of the likelihood as a dose.
fn hybrid(results: &Results<Config>) -> Figure {
    const WEIGHTS: [f64; 3] = [0.01, 0.1, 1.0];
    let names = ["WGAN-GP", "0.01", "0.1", "1", "likelihood"].map(String::from).to_vec();
    let arms: Vec<Rows> = std::iter::once(Way::Wgan)
        .chain(WEIGHTS.map(Way::Hybrid))
        .chain([Way::Likelihood])
        .map(|way| digits(results, way, Additive, DEEP))
        .collect();
    let by_arm = |metric: &str| {
        let spread = |(i, rows): (usize, &Rows)| {
            let shift = |k: usize| (k as f64 + 0.5) / rows.len().max(1) as f64 * 0.5 - 0.25;
            let at =
                |(k, row): (usize, &&Row<Config>)| Some((i as f64 + shift(k), row.value(metric)?));
            rows.iter().enumerate().filter_map(at).collect::<Vec<_>>()
        };
        vec![Layer::Dots {
            label: String::new(),
            colour: Colour::Green,
            radius: 4,
            opacity: 0.75,
            points: arms.iter().enumerate().flat_map(spread).collect(),
        }]
    };
    let axis = || Axis { label: "weight of the likelihood".into(), ..Axis::of(names.clone()) };
    Figure {
        name: "hybrid".into(),
        title: "From the WGAN to maximum likelihood".into(),
        caption: format!(
            "{}; 8 x 8 digits, NICE, every seed a dot, last step. Weight of the log-likelihood in nats per image \
             beside the critic's loss.",
            profile(results)
        ),
        columns: 2,
        panel: (440, 320),
        panels: likelihood_and_samples(&axis, by_arm("test_nats"), by_arm("frechet"), None),
    }
}
