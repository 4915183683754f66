//! Arrays of numbers, and the files that hold them by name.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::files::write_atomically;

/// The kind of an array's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Single precision.
    F32,
    /// Double precision.
    F64,
    /// Signed integers.
    I64,
    /// Bytes.
    U8,
}

impl Element {
    fn dtype(self) -> Dtype {
        match self {
            Self::F32 => Dtype::F32,
            Self::F64 => Dtype::F64,
            Self::I64 => Dtype::I64,
            Self::U8 => Dtype::U8,
        }
    }

    fn of(dtype: Dtype) -> Result<Self> {
        [Self::F32, Self::F64, Self::I64, Self::U8]
            .into_iter()
            .find(|element| element.dtype() == dtype)
            .ok_or_else(|| anyhow!("elements of kind {dtype:?} are not supported"))
    }
}

/// An array on its way to or from a file: little-endian bytes, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Sizes of the axes.
    pub shape: Vec<usize>,
    /// Kind of the elements.
    pub element: Element,
    /// The elements.
    pub bytes: Vec<u8>,
}

impl Array {
    /// Returns an array of single-precision numbers.
    ///
    /// # Panics
    /// If the shape does not have that many elements.
    pub fn of_f32(shape: &[usize], values: &[f32]) -> Self {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "shape {shape:?}");
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { shape: shape.to_vec(), element: Element::F32, bytes }
    }

    /// Returns an array of bytes, one axis.
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        Self { shape: vec![bytes.len()], element: Element::U8, bytes }
    }

    /// Returns an array of grey pictures, one per row, from values 0 to 1; what lies outside is clipped.
    ///
    /// # Panics
    /// If the shape does not have that many elements.
    pub fn of_pictures(shape: &[usize], values: &[f64]) -> Self {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "shape {shape:?}");
        let bytes = values.iter().map(|value| (value * 256.0).clamp(0.0, 255.0) as u8).collect();
        Self { shape: shape.to_vec(), element: Element::U8, bytes }
    }

    /// Returns the elements of an array of single-precision numbers.
    ///
    /// # Panics
    /// If it holds another kind.
    pub fn to_f32(&self) -> Vec<f32> {
        assert_eq!(self.element, Element::F32, "an array of another kind");
        self.bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
    }

    /// Returns the points of an array of shape `[n, 2]`.
    ///
    /// # Panics
    /// If it has another shape or kind.
    pub fn to_points(&self) -> Vec<(f64, f64)> {
        assert_eq!(self.shape.get(1), Some(&2), "expected [n, 2], got {:?}", self.shape);
        let values = self.to_f32();
        values.as_chunks::<2>().0.iter().map(|[x, y]| (f64::from(*x), f64::from(*y))).collect()
    }
}

/// Arrays by name.
pub type Arrays = BTreeMap<String, Array>;

/// What a file of arrays says of itself: what it belongs to, and a hash of everything in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    key: String,
    notes: String,
    blake3: String,
}

/// The only entry of a file's metadata: several would stand in an order of chance.
const LABEL: &str = "label";

impl Label {
    fn new(key: &str, notes: &str, arrays: &Arrays) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut feed = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        feed(key.as_bytes());
        feed(notes.as_bytes());
        for (name, array) in arrays {
            feed(name.as_bytes());
            feed(format!("{:?} {:?}", array.element, array.shape).as_bytes());
            feed(&array.bytes);
        }
        let blake3 = hasher.finalize().to_hex().to_string();
        Self { key: key.to_owned(), notes: notes.to_owned(), blake3 }
    }
}

/// Writes named arrays as safetensors, without a label: for a file whose hash a manifest holds.
pub(crate) fn write_arrays(path: &Path, arrays: &Arrays) -> Result<()> {
    write(path, arrays, None)
}

/// Writes named arrays with a label: the key of what they belong to, notes, and the hash of it all.
///
/// # Errors
/// If the file cannot be written; an older one is then left as it was.
pub fn write_labelled(path: &Path, arrays: &Arrays, key: &str, notes: &str) -> Result<()> {
    let label = serde_json::to_string(&Label::new(key, notes, arrays))?;
    write(path, arrays, Some([(LABEL.to_owned(), label)].into()))
}

fn write(
    path: &Path,
    arrays: &Arrays,
    metadata: Option<std::collections::HashMap<String, String>>,
) -> Result<()> {
    let views = arrays
        .iter()
        .map(|(name, array)| {
            let view = TensorView::new(array.element.dtype(), array.shape.clone(), &array.bytes);
            Ok((name.as_str(), view?))
        })
        .collect::<Result<Vec<_>>>()?;
    write_atomically(path, &safetensors::serialize(views, metadata)?)
}

/// Reads what [`write_arrays`] wrote.
///
/// # Errors
/// If the file cannot be read or is no file of arrays.
pub(crate) fn read_arrays(path: &Path) -> Result<Arrays> {
    Ok(read(path)?.0)
}

/// Reads what [`write_labelled`] wrote for this key, and returns the notes too.
///
/// # Errors
/// If the file cannot be read, does not have the hash that it was written with, or belongs to another key.
pub fn read_labelled(path: &Path, key: &str) -> Result<(Arrays, String)> {
    let (arrays, label) = read(path)?;
    let show = path.display();
    let label = label.with_context(|| format!("{show} has no label"))?;
    let label: Label =
        serde_json::from_str(&label).with_context(|| format!("{show} is damaged: its label"))?;
    if Label::new(&label.key, &label.notes, &arrays) != label {
        bail!("{show} is damaged: it does not have the hash that it was written with");
    }
    if label.key != key {
        bail!("{show} belongs to {}, not to {key}", label.key);
    }
    Ok((arrays, label.notes))
}

fn read(path: &Path) -> Result<(Arrays, Option<String>)> {
    let bytes = fs_err::read(path)?;
    let damaged = || format!("{} is damaged", path.display());
    let file = SafeTensors::deserialize(&bytes).with_context(damaged)?;
    let mut arrays = Arrays::new();
    for (name, view) in file.tensors() {
        let element = Element::of(view.dtype()).with_context(damaged)?;
        let bytes = view.data().to_vec();
        arrays.insert(name, Array { shape: view.shape().to_vec(), element, bytes });
    }
    let (_, header) = SafeTensors::read_metadata(&bytes).with_context(damaged)?;
    let label = header.metadata().as_ref().and_then(|metadata| metadata.get(LABEL).cloned());
    Ok((arrays, label))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whichever bit of a labelled file flips, it is not read as whole.
    #[test]
    fn every_flipped_bit_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("arrays.safetensors");
        let arrays = Arrays::from([
            ("weights".to_owned(), Array::of_f32(&[2, 2], &[0.5, -1.0, 3.0, 0.0])),
            ("stream".to_owned(), Array::of_bytes(vec![1, 2, 3])),
        ]);
        write_labelled(&path, &arrays, "a cell", "step 7").unwrap();
        assert_eq!(read_labelled(&path, "a cell").unwrap(), (arrays, "step 7".to_owned()));
        let message = format!("{:#}", read_labelled(&path, "another").unwrap_err());
        assert!(message.contains("belongs to a cell, not to another"), "{message}");
        let whole = fs_err::read(&path).unwrap();
        for bit in 0..8 * whole.len() {
            let mut damaged = whole.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            fs_err::write(&path, damaged).unwrap();
            let found = std::panic::catch_unwind(|| read_labelled(&path, "a cell"));
            assert!(found.is_ok_and(|found| found.is_err()), "bit {bit} was not seen");
        }
    }
}
