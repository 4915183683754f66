//! Distances of moments and of pairs that are exact and small in memory.

use stats::distance::Points;
use tch::{Kind, Tensor};

use crate::sample::rows;

/// Distances that are in memory at once.
const BLOCK: usize = 1 << 20;

/// Returns the squared Frechet distance between the normal laws of the samples' moments,
/// `|m1 - m2|^2 + tr C1 + tr C2 - 2 tr (C1 C2)^(1/2)`.
///
/// With centred rows `X`, `Y` the last trace is the sum of the singular values of `X Y^T`, which needs no root of a
/// matrix: covariances of fewer rows than columns are singular, and rounding makes of their roots what it likes.
pub(crate) fn frechet(x: &Points, y: &Points) -> f64 {
    let _guard = tch::no_grad_guard();
    let moments = |sample: &Points| {
        let x = rows(sample);
        let mean = x.mean_dim([0i64].as_slice(), true, None::<Kind>);
        let centred = (x - &mean) / (sample.len() as f64 - 1.0).sqrt();
        let trace = centred.square().sum(Kind::Double).double_value(&[]);
        // A triangle of the same products, with as many rows as columns at most.
        let (_, triangle) = Tensor::linalg_qr(&centred, "r");
        (mean, triangle, trace)
    };
    let ((m1, r1, trace1), (m2, r2, trace2)) = (moments(x), moments(y));
    let offset = (m1 - m2).square().sum(Kind::Double).double_value(&[]);
    // tch cannot leave out the driver that `linalg_svdvals` must not be given on a CPU.
    let (_, values, _) = r1.matmul(&r2.tr()).svd(true, false);
    let cross = values.sum(Kind::Double).double_value(&[]);
    (offset + (trace1 + trace2 - 2.0 * cross)).max(0.0)
}

/// Returns the energy distance, of which each point pairs with itself too.
pub(crate) fn energy(x: &Points, y: &Points) -> f64 {
    let (x, y) = (rows(x), rows(y));
    (2.0 * mean_distance(&x, &y) - mean_distance(&x, &x) - mean_distance(&y, &y)).max(0.0)
}

fn mean_distance(x: &Tensor, y: &Tensor) -> f64 {
    let _guard = tch::no_grad_guard();
    let (n, m) = (x.size()[0], y.size()[0]);
    let block = (BLOCK as i64 / m).max(1);
    let sum = |start: i64| {
        let some = x.narrow(0, start, block.min(n - start));
        Tensor::cdist(&some, y, 2.0, 2).sum(Kind::Double).double_value(&[])
    };
    (0..n).step_by(block as usize).map(sum).sum::<f64>() / (n as f64 * m as f64)
}
