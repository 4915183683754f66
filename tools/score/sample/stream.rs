//! Moments of all rows of a file of which memory holds a draw.

use gan::metric::{RowMoments, group_ends};
use tch::Tensor;

use crate::estimate::GROUPS;
use crate::features::{Layout, Range};

/// Rows of a group whose moments are taken at a time.
const BLOCK: usize = 256;

/// The moments of each group of rows, as rows go by. The groups are those that intervals leave out, in the random order
/// of all rows.
pub(super) struct Stream {
    dim: usize,
    /// Where each group ends in that order.
    ends: Vec<i64>,
    /// Rows of each group whose moments are not taken yet.
    held: Vec<Vec<f64>>,
    moments: Vec<Option<RowMoments>>,
}

impl Stream {
    /// Returns the stream of a file with so many rows and columns.
    pub(super) fn new(rows: usize, dim: usize) -> Self {
        let ends = group_ends(rows as i64, GROUPS);
        let held = vec![Vec::new(); ends.len()];
        let moments = ends.iter().map(|_| None).collect();
        Self { dim, ends, held, moments }
    }

    /// Returns the bytes that two such streams, and what is made of them, hold.
    pub(super) fn bytes(dim: usize) -> f64 {
        let groups = 2.0 * GROUPS as f64;
        let dim = dim as f64;
        8.0 * dim * ((groups + 10.0) * dim + groups * BLOCK as f64)
    }

    /// Takes the row that has a place in the random order.
    pub(super) fn take(&mut self, place: usize, row: &[f64]) {
        let group = self.ends.partition_point(|end| *end <= place as i64);
        self.held[group].extend_from_slice(row);
        if self.held[group].len() == BLOCK * self.dim {
            self.flush(group);
        }
    }

    fn flush(&mut self, group: usize) {
        let rows = Tensor::from_slice(&self.held[group]).reshape([-1, self.dim as i64]);
        add(&mut self.moments[group], &rows);
        self.held[group].clear();
    }

    /// Returns the moments of each group.
    pub(super) fn end(mut self) -> Vec<RowMoments> {
        for group in 0..self.held.len() {
            if !self.held[group].is_empty() {
                self.flush(group);
            }
        }
        self.moments.into_iter().flatten().collect()
    }
}

/// Adds rows to the moments of those before them.
pub(super) fn add(moments: &mut Option<RowMoments>, rows: &Tensor) {
    let block = RowMoments::of(rows);
    *moments = Some(match moments.take() {
        Some(moments) => moments.with(&block),
        None => block,
    });
}

/// Returns the moments of pictures, colours first and in 0 to 255, from those of an array's rows.
pub(super) fn of_pictures(moments: &RowMoments, layout: Layout, range: Range) -> RowMoments {
    let order = Tensor::from_slice(&layout.columns());
    let (scale, shift) = range.map();
    RowMoments {
        rows: moments.rows,
        mean: (moments.mean.index_select(0, &order) + shift) * scale,
        scatter: moments.scatter.index_select(0, &order).index_select(1, &order) * scale.powi(2),
    }
}
