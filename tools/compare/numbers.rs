//! Numbers of every kind that people save.

use std::io::{ErrorKind, Read};

use anyhow::{Result, anyhow, bail};
use half::f16;
use npyz::{Deserialize, NpyFile};

/// Calls with each number of a file, of whatever type and order of bytes, and its index.
pub(crate) fn numbers<R: Read>(
    file: NpyFile<R>,
    mut each: impl FnMut(usize, f64) -> Result<()>,
) -> Result<()> {
    fn of<T: Deserialize, R: Read>(
        file: NpyFile<R>,
        each: &mut dyn FnMut(usize, f64) -> Result<()>,
        to: fn(T) -> f64,
    ) -> Result<()> {
        for (index, value) in file.data::<T>()?.enumerate() {
            let value = value.map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => anyhow!("is truncated; write it again"),
                _ => anyhow!(error).context("cannot be read"),
            })?;
            each(index, to(value))?;
        }
        Ok(())
    }
    let each = &mut each;
    let descr = file.dtype().descr();
    match descr.trim_matches(['\'', '<', '>', '|', '=']) {
        "f8" => of::<f64, R>(file, each, |x| x),
        "f4" => of::<f32, R>(file, each, f64::from),
        "f2" => of::<f16, R>(file, each, f64::from),
        "b1" => of::<bool, R>(file, each, f64::from),
        "u1" => of::<u8, R>(file, each, f64::from),
        "i1" => of::<i8, R>(file, each, f64::from),
        "u2" => of::<u16, R>(file, each, f64::from),
        "i2" => of::<i16, R>(file, each, f64::from),
        "u4" => of::<u32, R>(file, each, f64::from),
        "i4" => of::<i32, R>(file, each, f64::from),
        "u8" => of::<u64, R>(file, each, |x| x as f64),
        "i8" => of::<i64, R>(file, each, |x| x as f64),
        _ => bail!("holds {descr}; save it as float32 or float64"),
    }
}
