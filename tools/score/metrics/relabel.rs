//! Tests of one law by relabelling rows.

use anyhow::Result;
use stats::distance::mmd::mmd_test_of;
use tch::Tensor;

use crate::estimate::{Context, Estimate, Pair};

pub(super) const PERMUTATIONS: usize = 999;

/// Tests by a kernel of distances.
fn test(pair: &Pair, context: &Context, kernel: impl Fn(Tensor) -> Tensor) -> Result<Estimate> {
    let all = Tensor::cat(&[pair.real, pair.fake], 0);
    // Not through products, which round: ties are to be ties.
    let kernels = gan::device::to_vec(&kernel(Tensor::cdist(&all, &all, 2.0, 2)));
    let rows = pair.real.size()[0] as usize;
    let test = mmd_test_of(kernels, rows, PERMUTATIONS, context.seed);
    Ok(Estimate { p_value: Some(test.p_value), ..Estimate::from(test.statistic) })
}

pub(super) fn mmd(pair: &Pair, context: &Context) -> Result<Estimate> {
    let weight = -0.5 / context.bandwidth().powi(2);
    test(pair, context, |distances| (distances.square() * weight).exp())
}

pub(super) fn energy(pair: &Pair, context: &Context) -> Result<Estimate> {
    test(pair, context, |distances| -distances)
}
