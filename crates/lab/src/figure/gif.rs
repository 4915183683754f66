//! Moving pictures.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use plotters::prelude::*;
use serde::Serialize;

use super::Figure;
use super::draw::{draw, size};
use super::style::prepare;

/// Figures of one size, one after the other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Animation {
    /// File name without its end.
    pub name: String,
    /// Milliseconds that a frame is shown.
    pub delay: u32,
    /// The frames.
    pub frames: Vec<Figure>,
}

impl Animation {
    /// Writes an animated GIF.
    ///
    /// # Errors
    /// If there is no frame, or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        prepare();
        let first = self.frames.first().context("an animation without frames")?;
        let root = BitMapBackend::gif(path, size(first), self.delay)?.into_drawing_area();
        for frame in &self.frames {
            draw(&root, frame).map_err(|error| anyhow!("{error}"))?;
            root.present().map_err(|error| anyhow!("{error}"))?;
        }
        Ok(())
    }
}
