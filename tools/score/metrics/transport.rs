//! Wasserstein distances where sorting solves them, and entropic transport.

use anyhow::Result;
use gan::device::to_vec;
use gan::metric::{distances, group_ends};
use rayon::prelude::*;
use stats::distance::sinkhorn::{Costs, Sinkhorn, Solution};
use stats::distance::transport::{random_directions, wasserstein_by_groups};
use tch::Tensor;

use crate::estimate::{Context, Estimate, Pair};

pub(super) const DIRECTIONS: usize = 200;
/// Of potentials, in units of the entropy's weight.
const TOLERANCE: f64 = 1e-5;

/// Powers of the distances of order 1 and 2, without each group too.
pub(crate) type Sorted = [Vec<f64>; 2];

pub(super) fn misfit_of_many(context: &Context, _: usize) -> Option<String> {
    let dim = context.frame.dim();
    (dim > 1).then(|| format!("it is of single numbers, and these rows have {dim}"))
}

/// The Wasserstein distance of an order along the axis, or the mean over directions of its power, to the root.
pub(super) fn sorted(pair: &Pair, context: &Context, order: usize) -> Result<Estimate> {
    let mut known = context.sorted.borrow_mut();
    let found = known.entry(pair.which).or_insert_with(|| along_directions(pair, context.seed));
    let values: Vec<f64> = found[order - 1].iter().map(|x| x.powf(1.0 / order as f64)).collect();
    Ok(values.into())
}

fn along_directions(pair: &Pair, seed: u64) -> Sorted {
    let dim = pair.real.size()[1];
    let directions =
        if dim == 1 { vec![vec![1.0]] } else { random_directions(dim as usize, DIRECTIONS, seed) };
    let count = directions.len() as i64;
    let axes = Tensor::from_slice(&directions.concat()).reshape([count, dim]);
    // A line of numbers for each direction.
    let [x, y] = [pair.real, pair.fake].map(|rows| to_vec(&axes.matmul(&rows.tr())));
    let lines = |values: &[f64]| -> Vec<Vec<f64>> {
        values.chunks(values.len() / directions.len()).map(<[f64]>::to_vec).collect()
    };
    let pairs: Vec<(Vec<f64>, Vec<f64>)> = lines(&x).into_iter().zip(lines(&y)).collect();
    let groups = pair.groups as usize;
    [1.0, 2.0].map(|order| {
        let each: Vec<Vec<f64>> =
            pairs.par_iter().map(|(x, y)| wasserstein_by_groups(order, x, y, groups)).collect();
        let mean = |i: usize| each.iter().map(|values| values[i]).sum::<f64>() / each.len() as f64;
        (0..=groups).map(mean).collect()
    })
}

pub(super) fn sinkhorn(pair: &Pair, context: &Context) -> Result<Estimate> {
    let epsilon = 0.1 * context.bandwidth().powi(2);
    let settings = Sinkhorn { tolerance: TOLERANCE, ..Sinkhorn::new(epsilon) };
    let squares = |x: &Tensor, y: &Tensor| distances(x, y).square();
    let [x, y] = [pair.real, pair.fake];
    let all = [squares(x, y), squares(x, x), squares(y, y)];
    let sides = [(0, 1), (0, 0), (1, 1)];
    let ends = [x, y].map(|rows| group_ends(rows.size()[0], pair.groups.max(1)));
    let costs_without = |out: Option<usize>| {
        let mut parts = all.iter().zip(sides).map(|(squares, (rows, columns))| {
            let kept = out.map_or_else(
                || squares.shallow_clone(),
                |group| {
                    drop_span(&drop_span(squares, 0, &ends[rows], group), 1, &ends[columns], group)
                },
            );
            Costs::new(kept.size()[1] as usize, to_vec(&kept))
        });
        std::array::from_fn(|_| parts.next().expect("three"))
    };
    let versions: Vec<Option<usize>> =
        std::iter::once(None).chain((0..pair.groups as usize).map(Some)).collect();
    let cores = rayon::current_num_threads();
    let mut solutions: Vec<Solution> = Vec::new();
    for some in versions.chunks(cores) {
        let costs: Vec<[Costs; 3]> = some.iter().map(|out| costs_without(*out)).collect();
        solutions.par_extend(costs.into_par_iter().map(|costs| settings.divergence_of(costs)));
    }
    let note = note(&solutions);
    let values: Vec<f64> = solutions.iter().map(|solution| solution.value).collect();
    Ok(Estimate { note, ..Estimate::from(values) })
}

fn drop_span(matrix: &Tensor, axis: i64, ends: &[i64], group: usize) -> Tensor {
    let (from, to) = (if group == 0 { 0 } else { ends[group - 1] }, ends[group]);
    let rest = matrix.size()[axis as usize] - to;
    Tensor::cat(&[matrix.narrow(axis, 0, from), matrix.narrow(axis, to, rest)], axis)
}

/// Says which iterations ended before their tolerance.
fn note(solutions: &[Solution]) -> Option<String> {
    let (whole, parts) = solutions.split_first()?;
    let early = parts.iter().filter(|part| !part.converged).count();
    if !whole.converged {
        let residual = whole.residual;
        return Some(format!("did not converge, iterations ended at residual {residual:.1e}"));
    }
    (early > 0).then(|| {
        let all = parts.len();
        format!("{early} of the interval's {all} estimates did not converge")
    })
}
