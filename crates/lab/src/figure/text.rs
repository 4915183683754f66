//! Lines of text as wide as their font makes them.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef};

/// The font that charts are measured and rasterised with.
pub(super) const FONT_FILE: &[u8] = include_bytes!("../../assets/DejaVuSans.ttf");

/// Returns the width of a line in pixels, at a size in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    static FONT: OnceLock<FontRef<'_>> = OnceLock::new();
    let font = FONT
        .get_or_init(|| FontRef::try_from_slice(FONT_FILE).expect("the embedded font is a font"));
    let units: f32 = text.chars().map(|c| font.h_advance_unscaled(font.glyph_id(c))).sum();
    f64::from(units) / f64::from(font.units_per_em().expect("the font has a scale")) * size
}

/// Breaks a text between words into lines of at most so many pixels; a longer word stands alone.
pub(super) fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Returns the greatest width of some lines, zero for none.
pub(super) fn widest<'a>(lines: impl IntoIterator<Item = &'a String>, size: f64) -> f64 {
    lines.into_iter().map(|line| width(line, size)).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_add_up_and_follow_the_size() {
        assert!((width("ab", 12.0) - width("a", 12.0) - width("b", 12.0)).abs() < 1e-6);
        assert!((width("wide", 24.0) - 2.0 * width("wide", 12.0)).abs() < 1e-4);
        assert!(width("WWW", 12.0) > 2.0 * width("iii", 12.0));
    }

    #[test]
    fn wrapped_lines_fit_and_lose_no_word() {
        let text = "What a size cannot decide is not tested, never contradicted.";
        let lines = wrap(text, 12.0, 120.0);
        assert!(lines.len() > 2 && widest(&lines, 12.0) <= 120.0);
        assert_eq!(lines.join(" "), text);
        assert_eq!(wrap("unbreakable", 12.0, 5.0), ["unbreakable"]);
    }
}
