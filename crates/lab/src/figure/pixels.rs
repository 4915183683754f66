//! From SVG to pixels, with the font that it was measured by.

use std::sync::{Arc, LazyLock};

use anyhow::{Context, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::text::FONT_FILE;

/// Returns a picture of a drawing, a pixel for each of its own.
///
/// # Errors
/// If it is no SVG.
pub(super) fn pixels(svg: &str) -> Result<Pixmap> {
    static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(FONT_FILE.to_vec());
        Arc::new(fonts)
    });
    let options = Options { fontdb: Arc::clone(&FONTS), ..Options::default() };
    let tree = Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size();
    let mut pixels = Pixmap::new(size.width(), size.height()).context("a drawing without area")?;
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    Ok(pixels)
}

/// Returns a PNG of a drawing.
///
/// # Errors
/// If it is no SVG.
pub(super) fn png(svg: &str) -> Result<Vec<u8>> {
    pixels(svg)?.encode_png().context("cannot encode a PNG")
}
