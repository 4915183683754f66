//! One palette, one font.

use std::sync::Once;

use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use super::Colour;

/// The font's name in SVG; browsers use their own of that name, sizes are measured with ours.
pub(super) const FONT: &str = "sans-serif";
/// Size of titles of figures.
pub(super) const TITLE: u32 = 17;
/// Size of titles of panels, labels and legends.
pub(super) const TEXT: u32 = 13;
/// Size of tick labels and captions.
pub(super) const SMALL: u32 = 12;

/// Makes the embedded font known; plotters finds none by itself without system libraries.
pub(super) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let bytes = include_bytes!("../../assets/DejaVuSans.ttf");
        let known = register_font(FONT, FontStyle::Normal, bytes);
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
        Colour::Yellow => RGBColor(240, 228, 66),
        Colour::Blue => RGBColor(0, 114, 178),
        Colour::Vermillion => RGBColor(213, 94, 0),
        Colour::Purple => RGBColor(204, 121, 167),
        Colour::Grey => RGBColor(150, 150, 150),
    }
}

/// Breaks a text into lines of at most `width` characters.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a first line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
