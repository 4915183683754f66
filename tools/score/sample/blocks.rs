//! Rows of a file in blocks, some in memory at a time.

use std::path::Path;

use anyhow::Result;
use tch::Tensor;

use super::{Ends, NO_ENDS, check, check_range, ends, say_layout};
use crate::features::{Layout, Range};
use crate::input::{Element, Stored};

/// What blocks are made of.
pub(super) struct Blocks<'a> {
    pub(super) path: &'a Path,
    /// Where rows are pictures, how they lie in the array.
    pub(super) layout: Option<Layout>,
    /// The range of their values; where it is not given, the first block tells.
    pub(super) range: Option<Range>,
    /// Rows at a time.
    pub(super) size: usize,
}

impl Blocks<'_> {
    /// Hands over blocks of the rows that are kept, with their indices, and returns the range of their values:
    /// pictures colours first and in 0 to 255, `[n, numbers of a picture]`, other numbers as they are.
    ///
    /// # Errors
    /// If a number is none or leaves the range, or if `take` fails.
    pub(super) fn each(
        mut self,
        stored: Stored,
        keep: impl Fn(usize) -> bool,
        mut take: impl FnMut(&[usize], &Tensor) -> Result<()>,
    ) -> Result<Option<Range>> {
        let element = stored.element;
        let (mut rows, mut held, mut seen) = (Vec::new(), Vec::new(), NO_ENDS);
        stored.each_row(|row, numbers| {
            if !keep(row) {
                return Ok(());
            }
            check(row, numbers)?;
            rows.push(row);
            held.extend_from_slice(numbers);
            if rows.len() == self.size {
                take(&rows, &self.block(&held, rows.len(), element, &mut seen)?)?;
                rows.clear();
                held.clear();
            }
            Ok(())
        })?;
        if !rows.is_empty() {
            take(&rows, &self.block(&held, rows.len(), element, &mut seen)?)?;
        }
        Ok(self.range)
    }

    fn block(
        &mut self,
        held: &[f64],
        rows: usize,
        element: Element,
        seen: &mut Ends,
    ) -> Result<Tensor> {
        let Some(layout) = self.layout else {
            return Ok(Tensor::from_slice(held).reshape([rows as i64, -1]));
        };
        *seen = ends(held, *seen);
        let range = if let Some(range) = self.range {
            range
        } else {
            let found = Range::of(element, seen.0, seen.1)?;
            say_layout(self.path, layout, found);
            *self.range.insert(found)
        };
        check_range(range, *seen)?;
        let mut bytes = Vec::with_capacity(held.len());
        for row in held.chunks(held.len() / rows) {
            layout.append(row, range, &mut bytes);
        }
        Ok(Tensor::from_slice(&bytes).reshape([rows as i64, -1]))
    }
}
