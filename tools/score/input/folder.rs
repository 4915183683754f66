//! Folders of pictures.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use image::{DynamicImage, ImageReader};

use super::Stored;
use super::numbers::Element;

const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

/// Returns the PNG and JPEG files of a folder and of the folders in it, by name.
pub(super) fn pictures(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(folder, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        if hidden {
            continue;
        }
        if kind.is_dir() {
            collect(&path, found)?;
        } else if ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known)) {
            found.push(path);
        }
    }
    Ok(())
}

/// A picture's bytes, `[height, width, colours]`, one colour or three: what is see-through lies on black.
fn bytes(path: &Path) -> Result<([usize; 3], Vec<u8>)> {
    let name = || path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let picture = ImageReader::open(path)
        .and_then(ImageReader::with_guessed_format)
        .with_context(name)?
        .decode()
        .with_context(|| format!("{}: cannot be decoded; write it again", name()))?;
    let [height, width] = [picture.height(), picture.width()].map(|side| side as usize);
    let size = |colours| [height, width, colours];
    Ok(match picture {
        DynamicImage::ImageLuma8(grey) => (size(1), grey.into_raw()),
        DynamicImage::ImageLuma16(_) => (size(1), picture.into_luma8().into_raw()),
        _ if picture.color().has_alpha() => {
            let solid =
                |colour: u8, alpha: u8| ((u16::from(colour) * u16::from(alpha) + 127) / 255) as u8;
            if picture.color().has_color() {
                let mixed = picture.to_rgba8();
                let of_pixel = |&[r, g, b, alpha]: &[u8; 4]| [r, g, b].map(|x| solid(x, alpha));
                (size(3), mixed.pixels().flat_map(|pixel| of_pixel(&pixel.0)).collect())
            } else {
                let mixed = picture.to_luma_alpha8();
                let of_pixel = |&[grey, alpha]: &[u8; 2]| solid(grey, alpha);
                (size(1), mixed.pixels().map(|pixel| of_pixel(&pixel.0)).collect())
            }
        }
        _ => (size(3), picture.into_rgb8().into_raw()),
    })
}

/// Hands the pictures of a folder to a reader, `[n, height, width, colours]`; they must be of one size, and grey ones
/// among coloured ones have three equal colours.
pub(super) fn with_pictures<T>(folder: &Path, read: impl FnOnce(Stored) -> Result<T>) -> Result<T> {
    let files = pictures(folder)?;
    let Some(first) = files.first() else {
        bail!(
            "holds no .png, .jpg or .jpeg file; give a folder of pictures, or a file of an array"
        );
    };
    let (first_size, _) = bytes(first)?;
    // A grey first picture does not make all grey: the headers tell.
    let coloured = first_size[2] == 3 || files.iter().any(|file| is_coloured(file));
    let size = [first_size[0], first_size[1], if coloured { 3 } else { 1 }];
    read(Stored {
        shape: vec![files.len(), size[0], size[1], size[2]],
        element: Element::U8,
        first_fastest: false,
        pictures: true,
        surplus: 0,
        numbers: Box::new(move |take| {
            for file in &files {
                let (own, bytes) = bytes(file)?;
                if own[..2] != size[..2] {
                    bail!(
                        "{} is {} x {} pixels, and the first picture {} x {}: resize them to one size",
                        file.file_name().unwrap_or_default().to_string_lossy(),
                        own[1],
                        own[0],
                        size[1],
                        size[0]
                    );
                }
                let copies = size[2] / own[2];
                let numbers: Vec<f64> = bytes
                    .iter()
                    .flat_map(|byte| std::iter::repeat_n(f64::from(*byte), copies))
                    .collect();
                take(&numbers)?;
            }
            Ok(())
        }),
    })
}

fn is_coloured(file: &Path) -> bool {
    use image::ImageDecoder;
    ImageReader::open(file)
        .and_then(ImageReader::with_guessed_format)
        .ok()
        .and_then(|reader| reader.into_decoder().ok())
        .is_some_and(|decoder| decoder.color_type().has_color())
}
