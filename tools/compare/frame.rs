//! Both samples in one frame, in which where they lie and what their unit is play no part.

use std::sync::OnceLock;

use anyhow::{Result, bail};
use gan::device::to_vec;
use stats::distance::Points;
use tch::{Kind, Tensor};

use crate::sample::{points, rows};

/// Numbers of which the square is more than nothing.
const SMALLEST: f64 = 1e-150;
/// Of the largest value of a column, what may be rounding.
const ROUNDING: f64 = 16.0 * f64::EPSILON;
/// Of the largest singular value of standardised columns, what may be rounding.
const RANK: f64 = 1e-12;

/// Two samples of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) real: Points,
    pub(crate) fake: Points,
}

/// Two samples around 0, and how they were before.
pub(crate) struct Frame {
    /// The samples less the mean of all their rows, divided by the unit.
    pub(crate) pair: Pair,
    /// A power of two, so that dividing by it rounds nothing.
    pub(crate) unit: f64,
    /// Columns that change.
    pub(crate) moving: Vec<usize>,
    white: OnceLock<Pair>,
}

impl Frame {
    /// Returns the samples in a frame of their own. A column that is the same in both, but for rounding, is 0.
    ///
    /// # Errors
    /// If the values are too small for their squares.
    pub(crate) fn of(Pair { real, fake }: Pair) -> Result<Self> {
        let (dim, n) = (real.dim(), real.len());
        let mut values = [real.values(), fake.values()].concat();
        drop((real, fake));
        let mut moving = Vec::new();
        for column in 0..dim {
            if centre(&mut values[column..], dim) {
                moving.push(column);
            }
        }
        let largest = values.iter().fold(0.0f64, |largest, x| largest.max(x.abs()));
        if largest > 0.0 && largest < SMALLEST {
            bail!(
                "the values of both files differ by {largest:.1e} at most, too little for their squares; multiply both by one number"
            );
        }
        let unit = if largest > 0.0 { largest.log2().floor().exp2() } else { 1.0 };
        for x in &mut values {
            *x /= unit;
        }
        let fake = values.split_off(n * dim);
        let pair = Pair { real: Points::new(dim, values), fake: Points::new(dim, fake) };
        Ok(Self { pair, unit, moving, white: OnceLock::new() })
    }

    /// Returns the samples in coordinates that are uncorrelated and of variance 1 over all rows, so that what a ridge
    /// holds down is of no unit; columns that others determine are left out.
    ///
    /// # Panics
    /// If no column changes.
    pub(crate) fn white(&self) -> &Pair {
        self.white.get_or_init(|| whitened(&self.pair, &self.moving))
    }
}

/// Takes its mean from a column, every `dim`-th value; returns whether it changes by more than rounding.
fn centre(values: &mut [f64], dim: usize) -> bool {
    let column = || values.iter().step_by(dim).copied();
    let (low, high) = column()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let moves = high - low > ROUNDING * high.abs().max(low.abs());
    let first = values[0];
    let mean = first + column().map(|x| x - first).sum::<f64>() / column().count() as f64;
    for x in values.iter_mut().step_by(dim) {
        *x = if moves { *x - mean } else { 0.0 };
    }
    moves
}

fn whitened(pair: &Pair, moving: &[usize]) -> Pair {
    let _guard = tch::no_grad_guard();
    let columns: Vec<i64> = moving.iter().map(|&column| column as i64).collect();
    let x = Tensor::cat(&[rows(&pair.real), rows(&pair.fake)], 0)
        .index_select(1, &Tensor::from_slice(&columns));
    // By their largest value first: squares of a column that is tiny against another would vanish.
    let x = &x / x.abs().amax([0i64].as_slice(), true);
    let x = &x / x.square().mean_dim([0i64].as_slice(), true, None::<Kind>).sqrt();
    let (_, triangle) = Tensor::linalg_qr(&x, "r");
    let (_, values, vectors) = triangle.svd(true, true);
    let sizes = to_vec(&values);
    let rank = sizes.iter().filter(|&&size| size > RANK * sizes[0]).count() as i64;
    let scale = values.narrow(0, 0, rank).reciprocal() * (x.size()[0] as f64).sqrt();
    let x = x.matmul(&(vectors.narrow(1, 0, rank) * scale));
    let n = pair.real.len() as i64;
    let side = |start: i64, len: i64| points(&x.narrow(0, start, len));
    Pair { real: side(0, n), fake: side(n, x.size()[0] - n) }
}
