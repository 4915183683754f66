//! The marker of each colour, so that nobody needs to see colours.

use std::f64::consts::{FRAC_PI_2, PI};

use super::Colour;

/// Returns the corners of a colour's marker about zero, of radius one; none for a disc.
pub(super) fn corners(colour: Colour) -> Option<Vec<(f64, f64)>> {
    match colour {
        Colour::Blue | Colour::Grey => None,
        Colour::Vermillion => Some(polygon(4, PI / 4.0, 1.2)),
        Colour::Green => Some(polygon(3, -FRAC_PI_2, 1.3)),
        Colour::Purple => Some(polygon(3, FRAC_PI_2, 1.3)),
        Colour::Orange => Some(polygon(4, 0.0, 1.3)),
        Colour::SkyBlue => Some(cross(0.0)),
        Colour::Black => Some(cross(PI / 4.0)),
        Colour::Yellow => Some(star()),
    }
}

fn polygon(corners: usize, start: f64, radius: f64) -> Vec<(f64, f64)> {
    let at = |i: usize| start + 2.0 * PI * i as f64 / corners as f64;
    (0..corners).map(|i| (radius * at(i).cos(), radius * at(i).sin())).collect()
}

/// A cross of bars with half a radius of width, upright or turned.
fn cross(turn: f64) -> Vec<(f64, f64)> {
    let (long, thin) = (1.2, 0.4);
    let arm = [(thin, thin), (long, thin), (long, -thin)];
    let rotated =
        |(x, y): (f64, f64), by: f64| (x * by.cos() + y * by.sin(), y * by.cos() - x * by.sin());
    let quarter = |i: usize| arm.map(|corner| rotated(corner, turn + FRAC_PI_2 * i as f64));
    (0..4).flat_map(quarter).collect()
}

fn star() -> Vec<(f64, f64)> {
    let radius = |i: usize| if i.is_multiple_of(2) { 1.4 } else { 0.6 };
    let at = |i: usize| PI * i as f64 / 5.0 - FRAC_PI_2;
    (0..10).map(|i| (radius(i) * at(i).cos(), radius(i) * at(i).sin())).collect()
}
