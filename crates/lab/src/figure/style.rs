//! One palette, one font.

use std::sync::Once;

use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use super::Colour;
use super::text::FONT_FILE;

/// Pixels of every figure's width.
pub(super) const WIDTH: f64 = 800.0;
/// Plotters has whole places: a figure is drawn so many times as large as it is shown.
pub(super) const FINE: f64 = 10.0;
/// The font's name in SVG, and what stands in for it where it is not installed.
pub(super) const FONT: &str = "DejaVu Sans, Verdana, sans-serif";
/// Pixels of titles of figures.
pub(super) const TITLE: f64 = 17.0;
/// Pixels of titles of panels, names of axes and legends.
pub(super) const TEXT: f64 = 12.5;
/// Pixels of tick labels and captions.
pub(super) const SMALL: f64 = 11.5;

/// Returns pixels in the places of plotters.
pub(super) fn fine(pixels: f64) -> i32 {
    (pixels * FINE).round() as i32
}

/// Returns a font of a size in pixels; plotters writes its sizes divided by 1.24.
pub(super) fn font(size: f64) -> FontDesc<'static> {
    (FONT, size * FINE * 1.24).into_font()
}

/// Makes the embedded font known; plotters finds none by itself without system libraries.
pub(super) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let known = register_font(FONT, FontStyle::Normal, FONT_FILE);
        assert!(known.is_ok(), "the embedded font is a font");
    });
}

/// Returns the colour's red, green and blue.
pub(super) fn rgb(colour: Colour) -> RGBColor {
    match colour {
        Colour::Black => RGBColor(0, 0, 0),
        Colour::Orange => RGBColor(230, 159, 0),
        Colour::SkyBlue => RGBColor(86, 180, 233),
        Colour::Green => RGBColor(0, 158, 115),
        Colour::Yellow => RGBColor(222, 205, 40),
        Colour::Blue => RGBColor(0, 114, 178),
        Colour::Vermillion => RGBColor(213, 94, 0),
        Colour::Purple => RGBColor(204, 121, 167),
        Colour::Grey => RGBColor(150, 150, 150),
    }
}
