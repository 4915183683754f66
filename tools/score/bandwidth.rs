//! The bandwidth of kernels: a median distance.

use gan::metric::distances;
use tch::Tensor;

use crate::frame::Frame;

/// Rows of all samples at most; pairs of more take memory and time, and the median hardly moves.
const ROWS: i64 = 2_000;

/// Returns the median distance between points of all samples, of the first rows where there are many; of points that
/// do not coincide, if most do; 1 if all do.
pub(crate) fn of(frame: &Frame) -> f64 {
    let _guard = tch::no_grad_guard();
    let samples: Vec<&Tensor> = std::iter::once(&frame.real).chain(&frame.fakes).collect();
    let all: i64 = samples.iter().map(|sample| sample.size()[0]).sum();
    let first = |sample: &&Tensor| {
        let rows = sample.size()[0];
        sample.narrow(0, 0, if all > ROWS { (rows * ROWS / all).max(2) } else { rows })
    };
    let points = Tensor::cat(&samples.iter().map(first).collect::<Vec<_>>(), 0);
    let n = points.size()[0];
    let pairs = Tensor::triu_indices(n, n, 1, (tch::Kind::Int64, points.device()));
    let index = [Some(pairs.select(0, 0)), Some(pairs.select(0, 1))];
    let (sorted, _) = distances(&points, &points).index(&index).sort(0, false);
    let middle = |sorted: &Tensor| {
        sorted.numel().checked_sub(1).map(|last| sorted.double_value(&[last as i64 / 2]))
    };
    match middle(&sorted) {
        Some(median) if median > 0.0 => median,
        _ => middle(&sorted.masked_select(&sorted.gt(0.0))).unwrap_or(1.0),
    }
}
