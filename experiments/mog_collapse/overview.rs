//! How do all arms look beside each other?

use lab::figure::{Axis, Colour, Layer, Panel, Title};
use lab::{Figure, Profile, Results, Row};
use shared::chart::seeds;
use shared::colour;
use shared::contrast::values;
use stats::{bootstrap, robust};

use crate::config::{Config, Method};
use crate::coverage::CEILING;

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![coverage_precision(results), every_arm(results)]
}

/// Every seed of the main arms: how many modes it holds and how precisely.
fn coverage_precision(results: &Results<Config>) -> Figure {
    let ring = [
        (colour::GAN, "ring/plain"),
        (Colour::Vermillion, "ring/unrolled-1"),
        (colour::LOOK_AHEAD, "ring/unrolled-10"),
        (Colour::Orange, "ring/plain-deep-critic"),
        (Colour::Purple, "ring/packed"),
        (Colour::Yellow, "ring/critic-steps-10"),
        (colour::VAE, "ring/vae"),
    ];
    let grid = [
        (colour::GAN, "grid/plain"),
        (Colour::Black, "grid/unrolled-5"),
        (Colour::Orange, "grid/plain-deep-critic"),
        (Colour::Grey, "grid/packed-deep-critic"),
        (colour::VAE, "grid/vae"),
    ];
    let paper = [
        (colour::GAN, "paper/plain"),
        (Colour::Black, "paper/unrolled-5"),
        (colour::LOOK_AHEAD, "paper/unrolled-10"),
        (Colour::Orange, "paper/plain-deep-critic"),
        (Colour::Yellow, "paper/critic-steps-10"),
    ];
    let panel = |title: &str, modes: usize, arms: &[(Colour, &str)]| {
        let mut layers = vec![
            Layer::Horizontal { label: "perfect sampler".into(), y: CEILING },
            Layer::Vertical { label: String::new(), x: modes as f64 },
        ];
        for (colour, name) in arms {
            let rows = results.arm(name);
            let Some(first) = rows.first() else { continue };
            // Seeds that agree are set a little apart, so that each is seen.
            let point = |(j, row): (usize, &&Row<Config>)| {
                let shift =
                    (j as f64 / (rows.len() as f64 - 1.0).max(1.0) - 0.5) * 0.06 * modes as f64;
                Some((row.value("modes_held")? + shift, row.value("high_quality_3")?))
            };
            layers.push(Layer::Dots {
                label: first.config.label(),
                colour: *colour,
                radius: 4,
                opacity: 0.7,
                points: rows.iter().enumerate().filter_map(point).collect(),
            });
        }
        Panel {
            title: title.into(),
            x: Axis::new("modes that hold at least 1 % of samples")
                .high_is_better()
                .within(-0.6, 1.12 * modes as f64),
            y: Axis::new("share of samples within 3 sigma").high_is_better().within(-0.04, 1.08),
            layers,
        }
    };
    let mut panels = vec![panel("Ring of 8", 8, &ring), panel("Grid of 25", 25, &grid)];
    if !results.arm("paper/plain").is_empty() {
        panels.push(panel("Ring of 8, the paper's size", 8, &paper));
    }
    Figure {
        name: "coverage_precision".into(),
        title: Title::new("Coverage against precision, every seed a dot").if_reproduced(
            "mog.C1",
            "With one hidden layer in the critic, look-ahead covers more often than none",
        ),
        caption: format!(
            "{}; 2,500 samples each at the endpoint. Dots are set apart sideways by a fraction of a mode.",
            seeds(results)
        ),
        columns: 2,
        height: 360,
        panels,
    }
}

/// Every arm of the ring in three measures.
fn every_arm(results: &Results<Config>) -> Figure {
    // From the bottom.
    let names = crate::arms(Profile::Reference).into_iter().map(|arm| arm.name).rev();
    let arms: Vec<Vec<&Row<Config>>> = names
        .filter(|name| name.starts_with("ring/"))
        .map(|name| results.arm(&name))
        .filter(|rows| !rows.is_empty())
        .collect();
    let measures = [
        ("modes_any", "modes with one sample", 8.0, 8.6),
        ("modes_held", "modes that hold 1 %", 8.0, 8.6),
        ("high_quality_3", "share within 3 sigma", CEILING, 1.06),
    ];
    let panel = |(metric, title, best, end): (&str, &str, f64, f64)| {
        let mut layers = vec![Layer::Vertical { label: String::new(), x: best }];
        for (y, rows) in arms.iter().enumerate() {
            let colour = match rows[0].config.method {
                Method::Gan(_) => colour::GAN,
                Method::Vae { .. } => colour::VAE,
                Method::Baseline(_) => Colour::Grey,
            };
            let values = values(rows, metric);
            let last = (values.len() as f64 - 1.0).max(1.0);
            let spread = |j: usize| y as f64 + (j as f64 / last - 0.5) * 0.5;
            layers.push(Layer::Dots {
                label: String::new(),
                colour,
                radius: 3,
                opacity: 0.35,
                points: values.iter().enumerate().map(|(j, &x)| (x, spread(j))).collect(),
            });
            if values.len() > 1 {
                let mean = robust::interquartile_mean(&values);
                let ends = bootstrap::interval(&values, robust::interquartile_mean, 0.95, 1);
                layers.push(Layer::Interval {
                    colour: Colour::Black,
                    at: (y as f64, ends.low, mean, ends.high),
                });
            }
        }
        let names = arms.iter().map(|rows| rows[0].config.label()).collect();
        let y = Axis::of(names);
        Panel { title: title.into(), x: Axis::new("").within(-0.04 * end, end), y, layers }
    };
    Figure {
        name: "arms".into(),
        title: "Every arm on the ring of 8".into(),
        caption: format!(
            "{}: each a dot; bars are interquartile means with 95 % bootstrap intervals. Dashed: the most \
             that can be had. Gx Dy: hidden layers of generator and critic, 2 and 1 unless named. Noise \
             has 6 of 8 by the first measure.",
            seeds(results)
        ),
        columns: 3,
        height: 60 + 26 * arms.len() as u32,
        panels: measures.into_iter().map(panel).collect(),
    }
}
