//! Layers and panels that figures of several parts share.

use lab::figure::{Axis, Colour, Layer, Panel, Scale};
use lab::{Results, Row};
use shared::chart::panel;
use shared::colour;

use crate::config::Config;
use crate::{HYBRID, LIKELIHOOD, Rows, WGAN};

/// An arm in a figure.
pub(crate) struct Series<'a> {
    pub(crate) name: &'static str,
    pub(crate) colour: Colour,
    pub(crate) rows: Rows<'a>,
}

/// Makes a series.
pub(crate) fn series<'a>(name: &'static str, colour: Colour, rows: Rows<'a>) -> Series<'a> {
    Series { name, colour, rows }
}

/// Returns the three ways to train that most figures compare, with the rows of each.
pub(crate) fn ways<'a>(rows: impl Fn(&str) -> Rows<'a>) -> [Series<'a>; 3] {
    [
        series("maximum likelihood", colour::LIKELIHOOD, rows(LIKELIHOOD)),
        series("WGAN-GP", colour::WGAN_GP, rows(WGAN)),
        series("hybrid, weight 1", colour::HYBRID, rows(HYBRID)),
    ]
}

/// Returns the start of a caption.
pub(crate) fn profile(results: &Results<Config>) -> String {
    format!("Profile {}", results.profile.name())
}

/// Returns every seed as a dot: one metric against another.
pub(crate) fn dots(arms: &[Series], x: &str, y: &str) -> Vec<Layer> {
    let layer = |Series { name, colour, rows }: &Series| Layer::Dots {
        label: (*name).into(),
        colour: *colour,
        radius: 4,
        opacity: 0.75,
        points: rows.iter().filter_map(|row| Some((row.value(x)?, row.value(y)?))).collect(),
    };
    arms.iter().map(layer).collect()
}

/// Returns the lines of a trace, one for each seed; the first of an arm carries its name.
pub(crate) fn lines(arms: &[Series], metric: &str, sign: f64) -> Vec<Layer> {
    let line = |name: &str, colour: Colour, i: usize, row: &Row<Config>| {
        let trace = row.traces.get(metric)?;
        let points = trace.iter().map(|&(step, value)| (step as f64, sign * value)).collect();
        let label = if i == 0 { name.to_owned() } else { String::new() };
        Some(Layer::Line { label, colour, points })
    };
    let of_arm = |Series { name, colour, rows }: &Series| {
        let each = rows.iter().enumerate();
        each.filter_map(|(i, row)| line(name, *colour, i, row)).collect::<Vec<_>>()
    };
    arms.iter().flat_map(of_arm).collect()
}

/// Returns metrics in columns, of each the arms side by side, every seed a dot.
pub(crate) fn columns(metrics: &[(&str, &str)], arms: &[Series]) -> (Axis, Vec<Layer>) {
    let layer = |(k, Series { name, colour, rows }): (usize, &Series)| {
        let shift = (k as f64 + 0.5) / arms.len() as f64 * 0.6 - 0.3;
        let column = |(i, (_, metric)): (usize, &(&str, &str))| {
            let place = i as f64 + shift;
            rows.iter().filter_map(|row| Some((place, row.value(metric)?))).collect::<Vec<_>>()
        };
        Layer::Dots {
            label: (*name).into(),
            colour: *colour,
            radius: 4,
            opacity: 0.7,
            points: metrics.iter().enumerate().flat_map(column).collect(),
        }
    };
    let names = metrics.iter().map(|(name, _)| (*name).into()).collect();
    (Axis::of(names), arms.iter().enumerate().map(layer).collect())
}

/// Returns two panels over one abscissa: the likelihood, and the distance of samples to data.
pub(crate) fn likelihood_and_samples(
    x: impl Fn() -> Axis,
    likelihood: Vec<Layer>,
    samples: Vec<Layer>,
) -> Vec<Panel> {
    let nats = Axis::new("nats per image").scaled(Scale::SymLog(50.0));
    let frechet = Axis::new("Frechet distance").scaled(Scale::Log);
    vec![
        panel("Test log-likelihood", x(), nats, likelihood),
        panel("Frechet distance of samples", x(), frechet, samples),
    ]
}

/// Returns the surprise of test images under a run's last model, for a title.
pub(crate) fn bits(row: &Row<Config>) -> String {
    row.value("test_bits_per_dim").map_or("diverged".into(), |x| format!("{x:.2} bits/dim"))
}

/// Returns a square of kept pictures, one pixel apart, if the row has them.
pub(crate) fn pictures(title: &str, row: &Row<Config>, name: &str) -> Option<Panel> {
    let array = row.samples.get(name)?;
    let (count, side) = (array.shape[0], array.shape[1..].iter().product::<usize>().isqrt());
    let columns = (count as f64).sqrt().ceil() as usize;
    let width = columns * (side + 1);
    let mut pixels = vec![0; width * count.div_ceil(columns) * (side + 1)];
    for (i, picture) in array.bytes.chunks_exact(side * side).enumerate() {
        let (left, top) = (i % columns * (side + 1), i / columns * (side + 1));
        for (y, line) in picture.chunks_exact(side).enumerate() {
            let start = (top + y) * width + left;
            pixels[start..start + side].copy_from_slice(line);
        }
    }
    let bare = || Axis::bare(0.0, 1.0);
    Some(panel(title, bare(), bare(), vec![Layer::Picture { width, pixels }]))
}
