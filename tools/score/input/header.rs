//! The header of a stored array, within bounds.

use std::io::Read;

use anyhow::{Context, Result, bail};
use npyz::NpyHeader;

/// Bytes of a header at most; that of an array of numbers has about a hundred.
const LONGEST: usize = 4096;
/// Brackets within brackets at most: parsing takes twice the time for each. Numbers need two.
const DEEPEST: usize = 4;

/// What a file says that it holds.
pub(crate) struct Header {
    pub(crate) npy: NpyHeader,
    pub(crate) shape: Vec<usize>,
    /// Bytes that follow those of the numbers.
    pub(crate) surplus: u64,
}

/// Reads the header of an array that has so many bytes, and checks that these are enough for its numbers.
pub(crate) fn read(file: &mut impl Read, len: u64) -> Result<Header> {
    let bytes = text(file)?;
    let npy = NpyHeader::from_reader(&bytes[..])
        .context("has a header that is damaged; write the file again with numpy.save")?;
    let shape: Option<Vec<usize>> =
        npy.shape().iter().map(|&size| usize::try_from(size).ok()).collect();
    let numbers = npy.shape().iter().try_fold(1u64, |product, &size| product.checked_mul(size));
    let size = npy.dtype().num_bytes().map(|size| size as u64);
    let held = len.saturating_sub(bytes.len() as u64);
    let (Some(shape), Some(size)) = (shape, size) else {
        bail!("holds no numbers; save it as float32 or float64");
    };
    let Some(said) = numbers.and_then(|numbers| numbers.checked_mul(size)) else {
        bail!("is truncated: its header says {shape:?}, which is more than any file holds");
    };
    if said > held {
        bail!(
            "is truncated: its header says {shape:?}, {said} bytes, and {held} follow; write it again"
        );
    }
    Ok(Header { npy, shape, surplus: held - said })
}

/// Reads the bytes of a header, from the first of the file.
fn text(file: &mut impl Read) -> Result<Vec<u8>> {
    let what = "is not a .npy file, or an empty one; write it with numpy.save";
    let mut bytes = vec![0; 10];
    file.read_exact(&mut bytes).context(what)?;
    let len = match (&bytes[..6], bytes[6]) {
        (b"\x93NUMPY", 1) => usize::from(u16::from_le_bytes([bytes[8], bytes[9]])),
        (b"\x93NUMPY", 2 | 3) => {
            let mut high = [0; 2];
            file.read_exact(&mut high).context("is truncated in its header")?;
            bytes.extend(high);
            u32::from_le_bytes([bytes[8], bytes[9], high[0], high[1]]) as usize
        }
        (b"\x93NUMPY", version) => {
            bail!("is of version {version} of the format, which is not known; write it again")
        }
        _ => bail!("{what}"),
    };
    if len > LONGEST {
        bail!("has a header of {len} bytes, and numbers need a hundred; save them alone");
    }
    let start = bytes.len();
    bytes.resize(start + len, 0);
    file.read_exact(&mut bytes[start..]).context("is truncated in its header")?;
    if depth(&bytes[start..]) > DEEPEST {
        bail!("has brackets within brackets in its header; save the numbers alone");
    }
    Ok(bytes)
}

/// Returns how many brackets are open at once at most; one within a string counts too.
fn depth(text: &[u8]) -> usize {
    let (mut open, mut deepest) = (0usize, 0);
    for byte in text {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}
