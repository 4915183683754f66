//! Parquet tables of numbers.

use std::path::Path;

use anyhow::Result;

use super::numbers::Element;
use super::{Stored, source};

/// Hands a table of numbers to a reader, a row for each of its rows.
pub(super) fn with_table<T>(path: &Path, read: impl FnOnce(Stored) -> Result<T>) -> Result<T> {
    source::open(path)?;
    let table = lab::read_numbers(path)?;
    read(Stored {
        shape: vec![table.rows, table.columns.len()],
        element: Element::F64,
        first_fastest: false,
        pictures: false,
        surplus: 0,
        numbers: Box::new(move |take| take(&table.values)),
    })
}
