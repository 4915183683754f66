//! Rows of a file.

use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use gan::Rng;
use gan::device::to_vec;
use npyz::{NpyFile, Order};
use stats::distance::Points;
use tch::Tensor;

use crate::cost::{GIB, gib};
use crate::header::{self, Header};
use crate::numbers::numbers;
use crate::output::say;
use crate::source::with_array;

/// Fewer rows leave nothing to leave out.
const LEAST: usize = 20;
/// Numbers of which a sum of squares is a number still.
const LARGEST: f64 = 1e150;
/// Copies of the rows that exist at once: as read, in the frame of both files, whitened, without a part.
const COPIES: f64 = 5.0;
/// Bytes for each row of the file that it takes to draw rows.
const DRAW: f64 = 40.0;

/// What is read of a file.
pub(crate) struct Wanted<'a> {
    pub(crate) path: &'a Path,
    /// The name of the array in an archive of several.
    pub(crate) key: Option<&'a str>,
    /// Rows at most.
    pub(crate) limit: usize,
    pub(crate) seed: u64,
    /// Bytes at most.
    pub(crate) memory: f64,
}

/// Rows, and the shape of the array that they are of.
pub(crate) struct Sample {
    pub(crate) points: Points,
    pub(crate) shape: Vec<usize>,
}

/// Reads the rows of a file in random order, `limit` of them if there are more; the axes after the first become
/// one, the last the fastest.
pub(crate) fn read(wanted: &Wanted) -> Result<Sample> {
    let show = wanted.path.display();
    with_array(wanted.path, wanted.key, |mut file, len| {
        let header = header::read(&mut file, len)?;
        rows_of(file, header, wanted)
    })
    .with_context(|| format!("{show}"))
}

fn rows_of(file: &mut dyn Read, header: Header, wanted: &Wanted) -> Result<Sample> {
    let Header { npy, shape, surplus } = header;
    let show = wanted.path.display();
    let n = shape.first().copied().unwrap_or(0);
    let dim = shape.iter().skip(1).try_fold(1usize, |product, &size| product.checked_mul(size));
    let (Some(dim @ 1..), LEAST..) = (dim, n) else {
        bail!("has the shape {shape:?}; a comparison needs {LEAST} rows of numbers at least");
    };
    let kept = n.min(wanted.limit);
    let bytes = kept as f64 * dim as f64 * 8.0 * COPIES + n as f64 * DRAW;
    if bytes > wanted.memory {
        let (bytes, most) = (gib(bytes), wanted.memory / GIB);
        bail!(
            "needs about {bytes} for {kept} rows of {dim} numbers, and --memory allows {most}; \
             take fewer rows with --limit, or allow more"
        );
    }
    if n > kept {
        say(&format!("{show}: {kept} of {n} rows, at random; --limit takes more"));
    }
    let place = places(n, kept, wanted.seed);
    let column = columns(&shape[1..], npy.order());
    let mut values = vec![0.0; kept * dim];
    let mut file = BufReader::new(file);
    numbers(NpyFile::with_header(npy.clone(), &mut file), |index, x| {
        let (row, rest) = match npy.order() {
            Order::C => (index / dim, index % dim),
            Order::Fortran => (index % n, index / n),
        };
        if !x.is_finite() {
            bail!("row {row} has a value that is not finite; leave such rows out");
        }
        if x.abs() > LARGEST {
            bail!(
                "row {row} has a value of {x:.1e}, too large for its square; divide both files by one number"
            );
        }
        if let Some(slot) =
            place[row].checked_mul(dim).and_then(|at| values.get_mut(at + column[rest]))
        {
            *slot = x;
        }
        Ok(())
    })?;
    // Also the end of an archive's entry, where its sum is checked.
    file.read(&mut [0]).context("is damaged; write it again")?;
    if surplus > 0 {
        say(&format!("{show}: {surplus} bytes follow the array and are not read"));
    }
    Ok(Sample { points: Points::new(dim, values), shape })
}

/// Draws rows and returns the place of each row among them, `usize::MAX` for one that is left out.
fn places(n: usize, kept: usize, seed: u64) -> Vec<usize> {
    let order = Rng::new(&[seed]).uniform(&[n as i64]).reshape([-1]).argsort(0, false);
    let drawn = Vec::<i64>::try_from(order.narrow(0, 0, kept as i64)).expect("indices convert");
    let mut place = vec![usize::MAX; n];
    for (at, row) in drawn.into_iter().enumerate() {
        place[row as usize] = at;
    }
    place
}

/// Returns the column of each number of a row in the order in which they are stored: the last axis may be the
/// fastest, or the first.
fn columns(axes: &[usize], order: Order) -> Vec<usize> {
    let dim: usize = axes.iter().product();
    let column = |mut rest: usize| {
        axes.iter().fold(0, |column, size| {
            let at = rest % size;
            rest /= size;
            column * size + at
        })
    };
    match order {
        Order::C => (0..dim).collect(),
        Order::Fortran => (0..dim).map(column).collect(),
    }
}

/// Returns points as a tensor, `[n, dim]`, in double precision.
pub(crate) fn rows(points: &Points) -> Tensor {
    Tensor::from_slice(points.values()).reshape([-1, points.dim() as i64])
}

/// Returns the points of a tensor, `[n, dim]`.
pub(crate) fn points(rows: &Tensor) -> Points {
    Points::new(rows.size()[1] as usize, to_vec(rows))
}

/// Returns the points but for one of `groups` equal parts of them.
pub(crate) fn without(points: &Points, group: usize, groups: usize) -> Points {
    let end = |group: usize| group * points.len() / groups * points.dim();
    let values = points.values();
    Points::new(points.dim(), [&values[..end(group)], &values[end(group + 1)..]].concat())
}
