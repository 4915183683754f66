//! Checks of derivatives, for tests: in double precision, against independent derivations.

use tch::Tensor;

use crate::device::to_vec;
use crate::{Graph, grad};

/// Returns the largest difference between the gradient of the sum of `f` at `x` and its central
/// differences, relative to the largest component (or to 1 if that is smaller).
///
/// With a step of 1e-5 in double precision, truncation leaves about 1e-10 and rounding 1e-11 of a
/// function of order one, so a right gradient of a smooth function scores below 1e-7.
pub fn gradient_error(f: impl Fn(&Tensor) -> Tensor, x: &Tensor) -> f64 {
    let x = x.detach().copy().set_requires_grad(true);
    let exact = to_vec(&grad(&f(&x), &[x.shallow_clone()], Graph::Free)[0]);
    let step = 1e-5;
    let base = to_vec(&x);
    let shape = x.size();
    let value = |i: usize, shift: f64| {
        let mut moved = base.clone();
        moved[i] += shift;
        let moved = Tensor::from_slice(&moved).reshape(&shape).set_requires_grad(true);
        to_vec(&f(&moved)).iter().sum::<f64>()
    };
    let scale = exact.iter().fold(1.0f64, |largest, g| largest.max(g.abs()));
    let error = |(i, g): (usize, &f64)| {
        (g - (value(i, step) - value(i, -step)) / (2.0 * step)).abs() / scale
    };
    exact.iter().enumerate().map(error).fold(0.0, f64::max)
}

/// Returns `ln |det dy/dx|` of `f` at one point by automatic differentiation, row by row.
///
/// # Shapes
/// `x`: `[1, 1, dim]`; `f` maps it to the same shape.
pub fn log_abs_det_jacobian(f: impl Fn(&Tensor) -> Tensor, x: &Tensor) -> f64 {
    let x = x.detach().copy().set_requires_grad(true);
    let y = f(&x).flatten(0, -1);
    let row = |i: i64| grad(&y.select(0, i), &[x.shallow_clone()], Graph::Retain).remove(0);
    let rows: Vec<Tensor> = (0..y.size()[0]).map(|i| row(i).flatten(0, -1)).collect();
    let (_, log_abs_det) = Tensor::linalg_slogdet(&Tensor::stack(&rows, 0));
    log_abs_det.double_value(&[])
}
