//! Moving pictures.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use gif::{Encoder, Frame, Repeat};
use serde::Serialize;

use super::Figure;
use super::draw::svg;
use super::pixels::pixels;
use crate::files::write_atomically;

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

/// From 1, the best colours, to 30, the fastest.
const COLOUR_SPEED: i32 = 10;

impl Animation {
    /// Writes an animated GIF that repeats for ever.
    ///
    /// # Errors
    /// If there is no frame, frames differ in size, or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let drawn = self.frames.iter().map(|frame| pixels(&svg(frame)?));
        let drawn: Vec<_> = drawn.collect::<Result<_>>()?;
        let first = drawn.first().context("an animation without frames")?;
        let (width, height) = (u16::try_from(first.width())?, u16::try_from(first.height())?);
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, width, height, &[])?;
        encoder.set_repeat(Repeat::Infinite)?;
        for mut picture in drawn {
            let size = (u16::try_from(picture.width())?, u16::try_from(picture.height())?);
            ensure!(size == (width, height), "frames of {} differ in size", self.name);
            let rgba = picture.data_mut();
            let mut frame = Frame::from_rgba_speed(width, height, rgba, COLOUR_SPEED);
            frame.delay = u16::try_from(self.delay / 10)?;
            encoder.write_frame(&frame)?;
        }
        drop(encoder);
        write_atomically(path, &bytes)
    }
}
