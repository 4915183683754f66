//! What people store samples in: every kind becomes an array whose numbers come one piece after the other.

mod folder;
mod header;
mod kind;
mod npy;
mod numbers;
mod parquet;
mod source;
mod tensors;

pub(crate) use kind::same_kind;
pub(crate) use npy::array_of;
pub(crate) use numbers::Element;
pub(crate) use source::hash;

use std::path::Path;

use anyhow::{Context, Result, bail};

/// Takes pieces of an array's numbers, in the order in which they are stored.
pub(crate) type Take<'a> = &'a mut dyn FnMut(&[f64]) -> Result<()>;

/// An array on its way in.
pub(crate) struct Stored<'a> {
    pub(crate) shape: Vec<usize>,
    pub(crate) element: Element,
    /// Whether the first axis is the fastest, and not the last.
    pub(crate) first_fastest: bool,
    /// Whether it is known to be of pictures, `[n, height, width, colours]`.
    pub(crate) pictures: bool,
    /// Bytes that follow those of the numbers.
    pub(crate) surplus: u64,
    /// Hands over all numbers.
    pub(crate) numbers: Box<dyn FnOnce(Take) -> Result<()> + 'a>,
}

impl Stored<'_> {
    /// Returns the rows and the numbers of each, if there are any.
    pub(crate) fn sizes(&self) -> Option<(usize, usize)> {
        let rows = *self.shape.first()?;
        let columns =
            self.shape[1..].iter().try_fold(1usize, |product, &size| product.checked_mul(size))?;
        (columns > 0).then_some((rows, columns))
    }

    /// Hands over each row and its index.
    ///
    /// # Errors
    /// If the first axis is the fastest, so that a row is spread over the file.
    pub(crate) fn each_row(self, mut each: impl FnMut(usize, &[f64]) -> Result<()>) -> Result<()> {
        if self.first_fastest && self.shape.len() > 1 {
            bail!("is stored columns first; save numpy.ascontiguousarray of it");
        }
        let Some((_, columns)) = self.sizes() else { return Ok(()) };
        let (mut row, mut held) = (0, Vec::with_capacity(columns));
        (self.numbers)(&mut |mut piece| {
            while !piece.is_empty() {
                let (now, rest) = piece.split_at(piece.len().min(columns - held.len()));
                if now.len() == columns {
                    each(row, now)?;
                    row += 1;
                } else {
                    held.extend_from_slice(now);
                    if held.len() == columns {
                        each(row, &held)?;
                        held.clear();
                        row += 1;
                    }
                }
                piece = rest;
            }
            Ok(())
        })
    }
}

/// Opens what lies at a path and hands its array to a reader. The errors name the path.
pub(crate) fn with_array<T>(
    path: &Path,
    key: Option<&str>,
    read: impl FnOnce(Stored) -> Result<T>,
) -> Result<T> {
    let opened = || {
        if path.is_dir() {
            return folder::with_pictures(path, read);
        }
        match source::format(path)? {
            source::Format::Parquet => parquet::with_table(path, read),
            source::Format::Tensors => tensors::with_tensor(path, key, read),
            source::Format::Archive => npy::with_entry(path, key, read),
            source::Format::Npy => npy::with_file(path, read),
        }
    };
    opened().with_context(|| path.display().to_string())
}

/// Whether a path holds arrays by name, so that a key may choose one.
pub(crate) fn has_names(path: &Path) -> bool {
    let named = [source::Format::Archive, source::Format::Tensors];
    // What cannot be read is refused when it is read.
    !path.is_dir() && source::format(path).map_or(true, |format| named.contains(&format))
}

/// Whether a path holds moments, as `--save-moments` and pytorch-fid write them: an archive of `mu` and `sigma`.
pub(crate) fn has_moments(path: &Path) -> bool {
    holds(path, &["mu", "sigma"])
}

/// Returns whether a path is an archive that holds all these arrays.
pub(crate) fn holds(path: &Path, wanted: &[&str]) -> bool {
    matches!(source::format(path), Ok(source::Format::Archive))
        && npy::names(path)
            .is_ok_and(|names| wanted.iter().all(|wanted| names.iter().any(|name| name == wanted)))
}

/// Names in a message, the first of them.
fn listed(names: &[String]) -> String {
    const LISTED: usize = 8;
    let short = |name: &String| name.chars().take(40).collect::<String>();
    let first: Vec<String> = names.iter().take(LISTED).map(short).collect();
    let more = if names.len() > LISTED { ", ..." } else { "" };
    if names.is_empty() { "none".to_owned() } else { first.join(", ") + more }
}
