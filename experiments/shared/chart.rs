//! Panels that several experiments draw: every seed a dot, and what they say together.

use std::collections::BTreeMap;

use lab::figure::{Axis, Colour, Layer, Panel};
use lab::{Results, Row};
use stats::{bootstrap, robust};

/// One row of a [`ranking`]: its name, its colour, and one number per seed.
pub type Group = (String, Colour, Vec<f64>);

/// Returns a panel of groups from top to bottom: seeds as dots, their median and its 95 % bootstrap interval as
/// a bar, and dashed lines where something of interest lies.
pub fn ranking(title: &str, x: Axis, groups: &[Group], marks: &[f64]) -> Panel {
    let mark = |x: &f64| Layer::Vertical { label: String::new(), x: *x };
    let mut layers: Vec<Layer> = marks.iter().map(mark).collect();
    for (y, (_, colour, values)) in groups.iter().rev().enumerate() {
        let last = (values.len() as f64 - 1.0).max(1.0);
        let height = |j: usize| y as f64 + (j as f64 / last - 0.5) * 0.5;
        let points = values.iter().enumerate().map(|(j, &x)| (x, height(j))).collect();
        layers.push(dots(*colour, 3, 0.4, points));
        if values.len() > 1 {
            let ends = bootstrap::interval(values, robust::median, 0.95, 1);
            let at = (y as f64, ends.low, robust::median(values), ends.high);
            layers.push(Layer::Interval { colour: Colour::Black, at });
        }
    }
    let y = Axis::of(groups.iter().rev().map(|group| group.0.clone()).collect());
    Panel { title: title.to_owned(), x, y, layers }
}

/// Returns a curve: the median over seeds as a line, every seed a dot.
pub fn curve(label: &str, colour: Colour, points: &[(f64, Vec<f64>)]) -> [Layer; 2] {
    let seeds = |(x, values): &(f64, Vec<f64>)| values.iter().map(|y| (*x, *y)).collect::<Vec<_>>();
    let median =
        |(x, values): &(f64, Vec<f64>)| (!values.is_empty()).then(|| (*x, robust::median(values)));
    [
        Layer::Line {
            label: label.to_owned(),
            colour,
            points: points.iter().filter_map(median).collect(),
        },
        dots(colour, 2, 0.4, points.iter().flat_map(seeds).collect()),
    ]
}

/// Returns the points (step, value) of a metric, of all seeds.
pub fn traces<'a, C>(
    rows: &'a [&Row<C>],
    metric: &'a str,
) -> impl Iterator<Item = (u64, f64)> + 'a {
    rows.iter().filter_map(move |row| row.traces.get(metric)).flatten().copied()
}

/// Returns what seeds do over steps, from the [points of all](traces): their median as a line, on the band in which eight
/// of ten lie.
pub fn over_seeds(
    points: impl IntoIterator<Item = (u64, f64)>,
    label: &str,
    colour: Colour,
) -> [Layer; 2] {
    let mut seeds: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for (step, value) in points {
        seeds.entry(step).or_default().push(value);
    }
    let (mut line, mut band) = (Vec::new(), Vec::new());
    for (step, mut values) in seeds {
        values.sort_by(f64::total_cmp);
        let at = |probability| robust::quantile(&values, probability);
        line.push((step as f64, at(0.5)));
        band.push((step as f64, at(0.1), at(0.9)));
    }
    [
        Layer::Band { colour, points: band },
        Layer::Line { label: label.to_owned(), colour, points: line },
    ]
}

/// What [`over_seeds`] draws, for a caption.
pub const OVER_SEEDS: &str = "lines are medians, bands hold eight seeds of ten";

/// Returns dots without a name.
pub fn dots(colour: Colour, radius: u32, opacity: f64, points: Vec<(f64, f64)>) -> Layer {
    Layer::Dots { label: String::new(), colour, radius, opacity, points }
}

/// Returns a panel of layers.
pub fn panel(title: &str, x: Axis, y: Axis, layers: Vec<Layer>) -> Panel {
    Panel { title: title.to_owned(), x, y, layers }
}

/// Returns a panel of images of one or three colours, so many in a row, from bytes `[count, channels, height, width]`.
pub fn sheet(
    title: &str,
    [channels, height, width]: [usize; 3],
    bytes: &[u8],
    across: usize,
) -> Panel {
    let at = |channel: usize, y: usize, x: usize| {
        let image = y / height * across + x / width;
        bytes[((image * channels + channel) * height + y % height) * width + x % width]
    };
    let lines = bytes.len() / (channels * height * width) / across * height;
    let width = across * width;
    let places = (0..lines).flat_map(|y| (0..width).map(move |x| (y, x)));
    let layer = if channels == 3 {
        let pixels = places.map(|(y, x)| [at(0, y, x), at(1, y, x), at(2, y, x)]).collect();
        Layer::ColourPicture { width, pixels }
    } else {
        Layer::Picture { width, pixels: places.map(|(y, x)| at(0, y, x)).collect() }
    };
    panel(title, Axis::bare(0.0, 1.0), Axis::bare(0.0, 1.0), vec![layer])
}

/// Returns the start of a caption, "Profile reference, 10 to 20 seeds an arm", from the results themselves.
pub fn seeds<C>(results: &Results<C>) -> String {
    format!("Profile {}, {} an arm", results.profile.name(), seeds_of(results))
}

/// Returns how many seeds arms have, "20 seeds" or "10 to 20 seeds"; arms without chance, of one run, do not count.
pub fn seeds_of<C>(results: &Results<C>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &results.rows {
        *counts.entry(&row.arm).or_default() += 1;
    }
    let counts = || counts.values().copied().filter(|count| *count > 1);
    let (least, most) = (counts().min().unwrap_or(1), counts().max().unwrap_or(1));
    if least < most { format!("{least} to {most} seeds") } else { format!("{most} seeds") }
}

/// Returns a number with two digits that matter.
pub fn short(x: f64) -> String {
    let digits = (1.0 - x.abs().max(1e-9).log10().floor()).clamp(0.0, 4.0) as usize;
    format!("{x:.digits$}")
}
