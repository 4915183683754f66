//! The ends of a panel's axes.

use super::{Axis, Layer, Panel};

/// Returns the ends of both axes, in places: those given, else those of the data and a margin.
pub(super) fn of(panel: &Panel) -> ((f64, f64), (f64, f64)) {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for layer in &panel.layers {
        match layer {
            Layer::Line { points: p, .. } | Layer::Dots { points: p, .. } => points.extend(p),
            Layer::Band { points: p, .. } => {
                points.extend(p.iter().flat_map(|&(x, low, high)| [(x, low), (x, high)]));
            }
            Layer::Interval { at: (y, low, _, high), .. } => {
                points.extend([(*low, *y), (*high, *y)]);
            }
            Layer::Shares { steps, .. } => {
                points.extend(steps.iter().flat_map(|&x| [(x, 0.0), (x, 1.0)]));
            }
            Layer::Vertical { x, .. } => points.push((*x, f64::NAN)),
            Layer::Horizontal { y, .. } => points.push((f64::NAN, *y)),
            Layer::Picture { .. } | Layer::ColourPicture { .. } => {
                points.extend([(0.0, 0.0), (1.0, 1.0)]);
            }
            Layer::Tiles(tiles) => {
                points.extend(tiles.iter().map(|tile| (tile.at.0 as f64, tile.at.1 as f64)));
            }
        }
    }
    let along = |axis: &Axis, pick: fn(&(f64, f64)) -> f64| {
        let place = |x: f64| axis.scale.place(x);
        if let Some((low, high)) = axis.range {
            return (place(low), place(high));
        }
        let places = points.iter().map(pick).map(place).filter(|x| x.is_finite());
        let ends = places
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        if ends.0 > ends.1 {
            return (0.0, 1.0);
        }
        let margin = 0.04 * (ends.1 - ends.0).max(1e-9 + 1e-3 * ends.1.abs());
        (ends.0 - margin, ends.1 + margin)
    };
    (along(&panel.x, |p| p.0), along(&panel.y, |p| p.1))
}
