//! The model's line on its way to the data's, and the divergence beside it.

use experiments::chart::{dots, panel, seeds};
use lab::figure::{Axis, Colour, Corner, Layer, Panel};
use lab::{Animation, Figure, Row};

use super::{colour, name, traces};
use crate::arms::Arms;
use crate::config::Config;
use crate::grid::{DEEP, GAN_GP, MINIMAX, NON_SATURATING, PARALLEL, Variant};

/// The variants that are pictured; a fresh critic looked at each of their looks.
const SHOWN: [Variant; 3] = [MINIMAX, NON_SATURATING, GAN_GP];

/// The run of each that kept its path.
fn stars(arms: Arms<'_>) -> Vec<(Variant, &Row<Config>)> {
    let star = |variant: Variant| {
        let rows = arms.game(PARALLEL, variant, (DEEP, 5));
        Some((variant, rows.into_iter().find(|row| row.samples.contains_key("line"))?))
    };
    SHOWN.into_iter().filter_map(star).collect()
}

/// Evenly likely normal numbers that stand for a sample, by the logistic approximation of their law.
fn quantiles() -> Vec<f64> {
    (0..41).map(|i| (f64::from(i) + 0.5) / 41.0).map(|u| (u / (1.0 - u)).ln() / 1.702).collect()
}

/// Data and model of one look.
fn plane((variant, row): (Variant, &Row<Config>), look: usize, title: &str) -> Panel {
    let line = row.samples["line"].to_points()[0];
    let number = |i: usize| {
        row.traces.get(&format!("path.{i}")).and_then(|t| t.get(look)).map_or(0.0, |p| p.1)
    };
    let at = |v: f64, (x, y): (f64, f64), (a, b): (f64, f64)| (a + v * x, b + v * y);
    let data = quantiles().into_iter().map(|v| at(v, line, (0.0, 0.0))).collect();
    let (weight, bias) = ((number(0), number(1)), (number(2), number(3)));
    let model = quantiles().into_iter().map(|z| at(z, weight, bias)).collect();
    panel(
        title,
        Axis::bare(-4.2, 4.2),
        Axis::bare(-4.2, 4.2),
        vec![dots(Colour::Grey, 4, 0.5, data), dots(colour(variant), 3, 0.7, model)],
        None,
    )
}

fn looks(row: &Row<Config>) -> Vec<u64> {
    row.traces.get("frechet").map_or(Vec::new(), |trace| trace.iter().map(|look| look.0).collect())
}

/// Snapshots, a row a variant.
pub(super) fn path(arms: Arms) -> Figure {
    let columns = 6;
    let panels = stars(arms).into_iter().flat_map(|star| {
        let steps = looks(star.1);
        let last = steps.len().saturating_sub(1);
        (0..columns).map(move |i| {
            let look = i * last / (columns - 1);
            plane(star, look, &format!("{}, {}", name(star.0), steps[look]))
        })
    });
    Figure {
        name: "path".into(),
        title: "From a parallel line, where the divergence is ln 2 and flat".into(),
        caption: "Seed 0 of each variant; the number is the generator's update. Grey: the data; colour: the model; dots are \
                  evenly likely. 5 critic steps, two hidden layers, Adam."
            .into(),
        columns,
        panel: (170, 185),
        panels: panels.collect(),
    }
}

/// The distance and the divergences of every seed.
pub(super) fn divergence(arms: Arms) -> Figure {
    let column = |variant: Variant| {
        let rows = arms.game(PARALLEL, variant, (DEEP, 5));
        let label = |text: &'static str| move |_: &Row<Config>| text.to_owned();
        let mut layers =
            traces(&rows, "frechet", label("distance to the data, in |e|"), Colour::Green);
        layers.extend(traces(&rows, "js_fresh", label("divergence, fresh critics"), Colour::Blue));
        layers.extend(traces(&rows, "js_critic", label("divergence, own critic"), Colour::Orange));
        layers.push(exact());
        let x = Axis::new("updates of the generator");
        panel(&name(variant), x, Axis::new("").within(-0.2, 1.55), layers, Some(Corner::UpperRight))
    };
    Figure {
        name: "divergence".into(),
        title: "The distance falls while the divergence stays where it was".into(),
        caption: format!(
            "{}, each a line, from the parallel line; divergences in nats. The true divergence is ln 2 until the lines \
             coincide; estimates fall when critics of 300 steps no longer tell the lines apart.",
            seeds(arms.0)
        ),
        columns: 3,
        panel: (380, 330),
        panels: SHOWN.map(column).into(),
    }
}

fn exact() -> Layer {
    Layer::Horizontal { label: "divergence, exact: ln 2".into(), y: std::f64::consts::LN_2 }
}

/// Above, the lines; below, the distance and the divergence so far.
pub(super) fn animation(arms: Arms) -> Option<Animation> {
    let stars = stars(arms);
    let count = stars.iter().map(|(_, row)| looks(row).len()).min()?;
    let frame = |look: usize| {
        let above = stars.iter().map(|&star| {
            let step = looks(star.1)[look];
            plane(star, look, &format!("{}, update {step}", name(star.0)))
        });
        let below = stars.iter().map(|(_, row)| {
            let steps = looks(row);
            let so_far = |metric: &str| {
                let trace = row.traces.get(metric).into_iter().flatten().take(look + 1);
                trace.map(|(step, x)| (*step as f64, *x)).collect::<Vec<_>>()
            };
            let line = |label: &str, metric, colour| Layer::Line {
                label: label.into(),
                colour,
                points: so_far(metric),
            };
            panel(
                "",
                Axis::new("update").within(0.0, steps[steps.len() - 1] as f64),
                Axis::new("").within(0.0, 1.6),
                vec![
                    line("distance", "frechet", Colour::Green),
                    line("divergence, fresh critic", "js_fresh", Colour::Blue),
                    exact(),
                ],
                Some(Corner::UpperRight),
            )
        });
        Figure {
            name: String::new(),
            title: String::new(),
            caption: String::new(),
            columns: stars.len(),
            panel: (260, 230),
            panels: above.chain(below).collect(),
        }
    };
    Some(Animation { name: "path".into(), delay: 180, frames: (0..count).map(frame).collect() })
}
