//! Numbers of every kind that people save.

use anyhow::{Result, bail};
use half::{bf16, f16};
use safetensors::Dtype;

/// The kind of an array's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    Bool,
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F16,
    BF16,
    F32,
    F64,
}

impl Element {
    /// Returns the kind that numpy describes so, and whether the first byte of an element is its highest.
    pub(crate) fn of_numpy(descr: &str) -> Result<(Self, bool)> {
        let kind = match descr.trim_matches(['\'', '<', '>', '|', '=']) {
            "b1" => Self::Bool,
            "u1" => Self::U8,
            "i1" => Self::I8,
            "u2" => Self::U16,
            "i2" => Self::I16,
            "u4" => Self::U32,
            "i4" => Self::I32,
            "u8" => Self::U64,
            "i8" => Self::I64,
            "f2" => Self::F16,
            "f4" => Self::F32,
            "f8" => Self::F64,
            _ => bail!("holds {descr}; save it as float32 or float64"),
        };
        Ok((kind, descr.contains('>')))
    }

    /// Returns the kind of a tensor.
    pub(crate) fn of_tensor(dtype: Dtype) -> Result<Self> {
        Ok(match dtype {
            Dtype::BOOL => Self::Bool,
            Dtype::U8 => Self::U8,
            Dtype::I8 => Self::I8,
            Dtype::U16 => Self::U16,
            Dtype::I16 => Self::I16,
            Dtype::U32 => Self::U32,
            Dtype::I32 => Self::I32,
            Dtype::U64 => Self::U64,
            Dtype::I64 => Self::I64,
            Dtype::F16 => Self::F16,
            Dtype::BF16 => Self::BF16,
            Dtype::F32 => Self::F32,
            Dtype::F64 => Self::F64,
            _ => bail!("holds {dtype:?}; save it as float32 or float64"),
        })
    }

    /// Returns the bytes of an element.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Bool | Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 | Self::F16 | Self::BF16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// Appends the numbers of whole elements.
    pub(crate) fn decode(self, bytes: &[u8], high_first: bool, into: &mut Vec<f64>) {
        fn each<const N: usize>(
            bytes: &[u8],
            high_first: bool,
            into: &mut Vec<f64>,
            of: impl Fn([u8; N]) -> f64,
        ) {
            let words = bytes.as_chunks::<N>().0.iter();
            if high_first {
                into.extend(words.map(|word| {
                    let mut word = *word;
                    word.reverse();
                    of(word)
                }));
            } else {
                into.extend(words.map(|word| of(*word)));
            }
        }
        match self {
            Self::Bool => each(bytes, false, into, |[byte]| f64::from(u8::from(byte != 0))),
            Self::U8 => each(bytes, false, into, |[byte]| f64::from(byte)),
            Self::I8 => each(bytes, high_first, into, |word| f64::from(i8::from_le_bytes(word))),
            Self::U16 => each(bytes, high_first, into, |word| f64::from(u16::from_le_bytes(word))),
            Self::I16 => each(bytes, high_first, into, |word| f64::from(i16::from_le_bytes(word))),
            Self::U32 => each(bytes, high_first, into, |word| f64::from(u32::from_le_bytes(word))),
            Self::I32 => each(bytes, high_first, into, |word| f64::from(i32::from_le_bytes(word))),
            Self::U64 => each(bytes, high_first, into, |word| u64::from_le_bytes(word) as f64),
            Self::I64 => each(bytes, high_first, into, |word| i64::from_le_bytes(word) as f64),
            Self::F16 => each(bytes, high_first, into, |word| f16::from_le_bytes(word).into()),
            Self::BF16 => each(bytes, high_first, into, |word| bf16::from_le_bytes(word).into()),
            Self::F32 => each(bytes, high_first, into, |word| f64::from(f32::from_le_bytes(word))),
            Self::F64 => each(bytes, high_first, into, f64::from_le_bytes),
        }
    }
}
