//! Files: what they begin with, and what they hold.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::folder;

/// How an array is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Npy,
    /// `numpy.savez`.
    Archive,
    /// safetensors.
    Tensors,
    Parquet,
}

/// Opens a file and returns its length; a pipe would wait for ever, and a device has no end.
pub(super) fn open(path: &Path) -> Result<(File, u64)> {
    let kind = std::fs::metadata(path).context("cannot be opened")?;
    if !kind.is_file() {
        bail!("is not a regular file; write the array to one");
    }
    Ok((File::open(path).context("cannot be opened")?, kind.len()))
}

/// Returns the format that a file begins like; anything else is taken for a .npy file, which says what is wrong.
pub(super) fn format(path: &Path) -> Result<Format> {
    let mut start = Vec::new();
    open(path)?.0.take(9).read_to_end(&mut start).context("cannot be read")?;
    let tensors = path.extension().is_some_and(|extension| extension == "safetensors")
        || (start.len() == 9 && start[8] == b'{');
    Ok(match &start[..] {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Format::Archive,
        [b'P', b'A', b'R', b'1', ..] => Format::Parquet,
        [0x93, b'N', ..] => Format::Npy,
        _ if tensors => Format::Tensors,
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => {
            bail!("is one picture; give the folder that it lies in")
        }
        _ => Format::Npy,
    })
}

/// Returns the BLAKE3 of what lies at a path, 64 hexadecimal digits: of a file's bytes, or of the bytes of a folder's
/// pictures in the order of their names.
pub(crate) fn hash(path: &Path) -> Result<String> {
    let of_file = |path: &Path| -> Result<blake3::Hash> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(open(path)?.0).context("cannot be read")?;
        Ok(hasher.finalize())
    };
    let hash = if path.is_dir() {
        let mut hasher = blake3::Hasher::new();
        for picture in folder::pictures(path)? {
            let hash = of_file(&picture).with_context(|| picture.display().to_string())?;
            hasher.update(hash.as_bytes());
        }
        Ok(hasher.finalize())
    } else {
        of_file(path)
    };
    let hash: Result<blake3::Hash> = hash;
    Ok(hash.with_context(|| path.display().to_string())?.to_hex().to_string())
}
