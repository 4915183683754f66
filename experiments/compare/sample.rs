//! Rows of a file.

use std::fs::File;
use std::io::{BufReader, Result as IoResult};
use std::path::Path;

use anyhow::{Context, Result, bail};
use gan::Rng;
use gan::device::to_vec;
use npyz::{Deserialize, NpyFile};
use stats::distance::Points;
use tch::Tensor;

/// Fewer rows leave nothing to leave out.
const LEAST: usize = 20;

/// Reads the rows of a file, shuffles them and keeps the first `limit`.
pub(crate) fn read(path: &Path, limit: usize, seed: u64) -> Result<Points> {
    let show = path.display();
    let all = load(path).with_context(|| format!("{show}"))?;
    let n = all.len();
    if n > limit {
        eprintln!("{show}: {limit} of {n} rows, at random; --limit takes more");
    }
    let order = Rng::new(&[seed]).uniform(&[n as i64]).reshape([-1]).argsort(0, false);
    let kept = rows(&all).index_select(0, &order).narrow(0, 0, n.min(limit) as i64);
    Ok(Points::new(all.dim(), to_vec(&kept)))
}

/// Reads all rows; the axes after the first become one, the last the fastest.
fn load(path: &Path) -> Result<Points> {
    let file = File::open(path).context("cannot be opened")?;
    let file = NpyFile::new(BufReader::new(file))
        .context("is not a .npy file, or an empty one; write it with numpy.save")?;
    let shape: Vec<usize> = file.shape().iter().map(|&size| size as usize).collect();
    let strides: Vec<usize> = file.strides().iter().map(|&stride| stride as usize).collect();
    let n = shape.first().copied().unwrap_or(0);
    let dim: usize = shape.iter().skip(1).product();
    if n < LEAST || dim == 0 {
        bail!("has the shape {shape:?}; a comparison needs {LEAST} rows of numbers at least");
    }
    let stored = numbers(file)?;
    // Arrays may be stored first axis first.
    let at = |mut index: usize| {
        let mut place = 0;
        for (size, stride) in shape.iter().zip(&strides).rev() {
            place += index % size * stride;
            index /= size;
        }
        stored[place]
    };
    let values: Vec<f64> = (0..n * dim).map(at).collect();
    if let Some(index) = values.iter().position(|x| !x.is_finite()) {
        bail!("row {} has a value that is not finite; leave such rows out", index / dim);
    }
    Ok(Points::new(dim, values))
}

type Npy = NpyFile<BufReader<File>>;

/// Reads the numbers of a file, of whatever type and order of bytes.
fn numbers(file: Npy) -> Result<Vec<f64>> {
    fn of<T: Deserialize>(file: Npy, to: fn(T) -> f64) -> Result<Vec<f64>> {
        let values: IoResult<Vec<f64>> = file.data::<T>()?.map(|value| value.map(to)).collect();
        values.context("is truncated")
    }
    let descr = file.dtype().descr();
    match descr.trim_matches(['\'', '<', '>', '|', '=']) {
        "f8" => of::<f64>(file, |x| x),
        "f4" => of::<f32>(file, f64::from),
        "u1" => of::<u8>(file, f64::from),
        "i1" => of::<i8>(file, f64::from),
        "u2" => of::<u16>(file, f64::from),
        "i2" => of::<i16>(file, f64::from),
        "u4" => of::<u32>(file, f64::from),
        "i4" => of::<i32>(file, f64::from),
        "u8" => of::<u64>(file, |x| x as f64),
        "i8" => of::<i64>(file, |x| x as f64),
        _ => bail!("holds {descr}; save it as float32 or float64"),
    }
}

/// Returns points as a tensor, `[n, dim]`, in double precision.
pub(crate) fn rows(points: &Points) -> Tensor {
    Tensor::from_slice(points.values()).reshape([-1, points.dim() as i64])
}

/// Returns the points but for one of `groups` equal parts of them.
pub(crate) fn without(points: &Points, group: usize, groups: usize) -> Points {
    let end = |group: usize| group * points.len() / groups * points.dim();
    let values = points.values();
    Points::new(points.dim(), [&values[..end(group)], &values[end(group + 1)..]].concat())
}
