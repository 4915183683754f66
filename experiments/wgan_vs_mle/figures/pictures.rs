//! Grids of images.

use gan::flow::Affine::Additive;
use lab::figure::{Axis, Layer, Panel};
use lab::{Figure, Results, Row};

use super::{panel, profile};
use crate::arms::{digits, images, pictured};
use crate::config::{Config, Way};
use crate::grid::{ALL, DEEP};

/// A grid of kept pictures, if the row has it.
fn pictures(title: &str, row: &Row<Config>, name: &str) -> Option<Panel> {
    let array = row.samples.get(name)?;
    let side = (array.shape[1] as f64).sqrt() as usize;
    let (width, pixels) = tile(&array.bytes, array.shape[0], side);
    let bare = || Axis::bare(0.0, 1.0);
    Some(panel(title, (bare(), bare()), vec![Layer::Picture { width, pixels }], None))
}

/// The talk's picture: data and samples side by side, with the exact likelihood.
pub(super) fn samples(results: &Results<Config>) -> Option<Figure> {
    const WAYS: [(&str, Way); 3] =
        [("likelihood", Way::Likelihood), ("WGAN-GP", Way::Wgan), ("hybrid", Way::Hybrid(1.0))];
    let row_of = |arms: [Option<&Row<Config>>; 3]| {
        let mut panels = Vec::new();
        let data = arms.iter().flatten().next()?;
        panels.push(pictures("data", data, "data")?);
        for ((name, _), row) in WAYS.iter().zip(&arms) {
            let Some(row) = row else { continue };
            let bits = row
                .value("test_bits_per_dim")
                .map_or("diverged".into(), |x| format!("{x:.2} bits/dim"));
            panels.push(pictures(&format!("{name}, {bits}"), row, "samples")?);
        }
        Some(panels)
    };
    let mut panels = row_of(WAYS.map(|(_, way)| pictured(&digits(results, way, Additive, DEEP))))?;
    panels.extend(
        row_of(WAYS.map(|(_, way)| pictured(&images(results, way, ALL)))).unwrap_or_default(),
    );
    Some(Figure {
        name: "samples".into(),
        title: "The same flow, trained in three ways".into(),
        caption: format!(
            "{}, seed 0, last step, NICE. Above: 8 x 8 digits; below: MNIST. The number is the exact negative \
             log-likelihood of test images; the uniform density has 4.09 bits/dim above and 8 below.",
            profile(results)
        ),
        columns: 4,
        panel: (262, 272),
        panels,
    })
}

pub(super) fn redrawn(results: &Results<Config>) -> Option<Figure> {
    let row = |way| pictured(&digits(results, way, Additive, DEEP));
    let (mle, wgan, hybrid) = (row(Way::Likelihood)?, row(Way::Wgan)?, row(Way::Hybrid(1.0))?);
    let kept = |row: &Row<Config>| row.value("redraw_50_label").unwrap_or(f64::NAN) * 100.0;
    let panels = [
        pictures("test images", mle, "data"),
        pictures(&format!("likelihood, {:.0} % keep their class", kept(mle)), mle, "redrawn"),
        pictures(&format!("WGAN-GP, {:.0} %", kept(wgan)), wgan, "redrawn"),
        pictures(&format!("hybrid, {:.0} %", kept(hybrid)), hybrid, "redrawn"),
    ];
    Some(Figure {
        name: "redrawn".into(),
        title: "Half of the latent drawn afresh".into(),
        caption: format!(
            "{}, seed 0, 8 x 8 digits, NICE: a test image is encoded, half of the coordinates of its latent are \
             drawn from the prior, and the result is decoded.",
            profile(results)
        ),
        columns: 4,
        panel: (262, 272),
        panels: panels.into_iter().collect::<Option<_>>()?,
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
