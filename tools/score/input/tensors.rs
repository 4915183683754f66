//! safetensors files.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result, bail};
use safetensors::tensor::Metadata;

use super::npy::pieces;
use super::numbers::Element;
use super::{Stored, listed, source};

/// Bytes of a header at most, as the format's own reader has it.
const LONGEST: u64 = 100_000_000;

/// Hands a tensor of a file to a reader: the one that is named, or the only one.
pub(super) fn with_tensor<T>(
    path: &Path,
    key: Option<&str>,
    read: impl FnOnce(Stored) -> Result<T>,
) -> Result<T> {
    let damaged = "is a damaged safetensors file; write it again";
    let (file, len) = source::open(path)?;
    let mut file = BufReader::with_capacity(1 << 20, file);
    let mut size = [0; 8];
    file.read_exact(&mut size).context(damaged)?;
    let size = u64::from_le_bytes(size);
    if size > LONGEST.min(len.saturating_sub(8)) {
        bail!("{damaged}: its header says that it has {size} bytes");
    }
    let mut header = vec![0; size as usize];
    file.read_exact(&mut header).context(damaged)?;
    let metadata: Metadata = serde_json::from_slice(&header).context(damaged)?;
    let tensors = metadata.tensors();
    let mut names: Vec<String> = tensors.keys().cloned().collect();
    names.sort();
    let name = match (key, &names[..]) {
        (Some(key), _) if tensors.contains_key(key) => key,
        (Some(key), _) => bail!("has no tensor {key}, but {}; name one with --key", listed(&names)),
        (None, [name]) => name,
        (None, []) => bail!("holds no tensor"),
        (None, _) => bail!("has several tensors, {}; name one with --key", listed(&names)),
    };
    let all = tensors.values().map(|tensor| tensor.data_offsets.1 as u64).max().unwrap_or(0);
    if 8 + size + all > len {
        bail!("is truncated: its tensors end at byte {}, and the file at {len}", 8 + size + all);
    }
    let tensor = tensors[name];
    let start = tensor.data_offsets.0 as u64;
    file.seek(SeekFrom::Start(8 + size + start)).context("cannot be read")?;
    let element = Element::of_tensor(tensor.dtype)?;
    let shape = tensor.shape.clone();
    let count = shape.iter().product();
    read(Stored {
        shape,
        element,
        first_fastest: false,
        pictures: false,
        surplus: 0,
        numbers: Box::new(move |take| pieces(file, (element, false), count, take)),
    })
}
