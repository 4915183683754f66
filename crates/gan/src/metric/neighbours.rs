//! Precision, recall, density and coverage by nearest neighbours, and nearest neighbours themselves.

use tch::{Kind, Tensor};

use super::pairs::{distances, each_block, group_ends};

/// How much of each sample lies within reach of the other; a row reaches as far as its `k`-th nearest neighbour among
/// its own sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// The share of fake rows that a real row reaches.
    pub precision: f64,
    /// The share of real rows that a fake row reaches.
    pub recall: f64,
    /// The number of real rows that reach a fake row, divided by `k`, on average.
    pub density: f64,
    /// The share of real rows that reach a fake row.
    pub coverage: f64,
}

/// Returns the reach of all rows, and, if there are groups, of the rows without each of these parts of both samples,
/// all from one pass over the pairs.
///
/// # Shapes
/// `real`: `[n, dim]`; `fake`: `[m, dim]`.
///
/// # Panics
/// If a sample without a part has not more than `k` rows.
///
/// # Source
/// Kynkaanniemi et al. 2019 (precision, recall); Naeem et al. 2020 (density, coverage), whose inequalities these are.
pub fn reach(real: &Tensor, fake: &Tensor, k: i64, groups: i64) -> Vec<Reach> {
    let _guard = tch::no_grad_guard();
    let parts = groups.max(1);
    let ends = [real, fake].map(|sample| group_ends(sample.size()[0], parts));
    // A list of radii for the whole and for each part left out, [versions, rows].
    let radii = [real, fake].map(|sample| radii(sample, k, groups));
    let versions = radii[0].size()[0];
    let (n, m) = (real.size()[0], fake.size()[0]);
    let device = (Kind::Bool, real.device());
    let fake_is_reached = Tensor::zeros([versions, m], device);
    let real_is_reached = Tensor::zeros([versions, n], device);
    let real_reaches = Tensor::zeros([versions, n], device);
    let mut reaches = vec![0.0; versions as usize];
    each_block(real, fake, &ends[0], distances, |group, start, block| {
        for version in 0..versions {
            let left_out = version - 1;
            if left_out == group as i64 {
                continue;
            }
            let own = radii[0].select(0, version).narrow(0, start, block.size()[0]).unsqueeze(1);
            let others = radii[1].select(0, version).unsqueeze(0);
            let [within_real, within_fake] = [block.lt_tensor(&own), block.lt_tensor(&others)];
            if left_out >= 0 {
                let (from, to) = span(&ends[1], left_out as usize);
                for within in [&within_real, &within_fake] {
                    let _ = within.narrow(1, from, to - from).fill_(0i64);
                }
            }
            let mut seen = fake_is_reached.select(0, version);
            let _ = seen.logical_or_(&within_real.any_dim(0, false));
            let place = |all: &Tensor| all.select(0, version).narrow(0, start, block.size()[0]);
            place(&real_reaches).copy_(&within_real.any_dim(1, false));
            place(&real_is_reached).copy_(&within_fake.any_dim(1, false));
            reaches[version as usize] += within_real.sum(Kind::Double).double_value(&[]);
        }
    });
    let count =
        |all: &Tensor, version: i64| all.select(0, version).sum(Kind::Double).double_value(&[]);
    let of_version = |version: i64| {
        let left = |ends: &[i64]| {
            let (from, to) = if version == 0 { (0, 0) } else { span(ends, version as usize - 1) };
            (to - from) as f64
        };
        let (n, m) = (n as f64 - left(&ends[0]), m as f64 - left(&ends[1]));
        Reach {
            precision: count(&fake_is_reached, version) / m,
            recall: count(&real_is_reached, version) / n,
            density: reaches[version as usize] / (k as f64 * m),
            coverage: count(&real_reaches, version) / n,
        }
    };
    (0..versions).map(of_version).collect()
}

fn span(ends: &[i64], group: usize) -> (i64, i64) {
    (if group == 0 { 0 } else { ends[group - 1] }, ends[group])
}

/// The distance of each row to its `k`-th nearest neighbour, of all rows and without each part,
/// `[1 + groups, rows]`.
fn radii(sample: &Tensor, k: i64, groups: i64) -> Tensor {
    let rows = sample.size()[0];
    let ends = group_ends(rows, groups.max(1));
    let mut all: Vec<Tensor> = Vec::new();
    each_block(sample, sample, &ends, distances, |_, start, block| {
        // A row is no neighbour of itself, however rounding places it.
        let _ = block.diagonal(start, 0, 1).fill_(-1.0);
        // The nearest of each part, itself among them.
        let nearest: Vec<Tensor> = (0..ends.len())
            .map(|group| {
                let (from, to) = span(&ends, group);
                let part = block.narrow(1, from, to - from);
                part.topk((k + 1).min(to - from), 1, false, false).0
            })
            .collect();
        let far =
            |parts: Vec<&Tensor>, place: i64| Tensor::cat(&parts, 1).kthvalue(place, 1, false).0;
        let whole = far(nearest.iter().collect(), k + 1);
        let without = |group: usize| {
            let others =
                nearest.iter().enumerate().filter(|(i, _)| *i != group).map(|(_, part)| part);
            far(others.collect(), k + 1)
        };
        let versions = (0..groups as usize).map(without);
        all.push(Tensor::stack(&std::iter::once(whole).chain(versions).collect::<Vec<_>>(), 0));
    });
    Tensor::cat(&all, 1)
}

/// Returns the distance of each row to the nearest of others, `[n]`.
///
/// # Shapes
/// `x`: `[n, dim]`; `others`: `[m, dim]`.
pub fn nearest_distances(x: &Tensor, others: &Tensor) -> Tensor {
    let mut nearest = Vec::new();
    each_block(x, others, &[x.size()[0]], distances, |_, _, block| {
        nearest.push(block.argmin(1, false));
    });
    // Anew from the rows: distances by a matrix product leave a copy a little way off.
    let apart = x - others.index_select(0, &Tensor::cat(&nearest, 0));
    apart.square().sum_dim_intlist([1i64].as_slice(), false, None::<Kind>).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    fn without(x: &Tensor, group: usize, groups: i64) -> Tensor {
        let ends = group_ends(x.size()[0], groups);
        let (from, to) = span(&ends, group);
        Tensor::cat(&[x.narrow(0, 0, from), x.narrow(0, to, x.size()[0] - to)], 0)
    }

    /// On the line by hand: 0, 1, 3 and 10 reach 1, 1, 2 and 7 (k = 1). Fake rows 0.5, 4, 30 and 31 reach 3.5, 3.5, 1
    /// and 1.
    #[test]
    fn by_hand() {
        let column = |x: &[f64]| Tensor::from_slice(x).reshape([-1, 1]);
        let (real, fake) = (column(&[0.0, 1.0, 3.0, 10.0]), column(&[0.5, 4.0, 30.0, 31.0]));
        let found = reach(&real, &fake, 1, 0);
        assert_eq!(found.len(), 1);
        // 0 and 1 reach 0.5, 3 and 10 reach 4.
        assert_abs_diff_eq!(found[0].precision, 0.5);
        assert_abs_diff_eq!(found[0].density, 4.0 / 4.0);
        assert_abs_diff_eq!(found[0].coverage, 1.0);
        // 0.5 reaches 0, 1 and 3; 4 reaches 1 and 3.
        assert_abs_diff_eq!(found[0].recall, 0.75);
    }

    /// Leaving a part out in the pass is leaving it out of the rows.
    #[test]
    fn parts_are_left_out_as_rows_are() {
        let real = double(&[0]).normal(&[53, 3]).squeeze_dim(0);
        let fake = double(&[1]).normal(&[47, 3]).squeeze_dim(0) * 0.8 + 0.4;
        let found = reach(&real, &fake, 3, 5);
        assert_eq!(found[0], reach(&real, &fake, 3, 0)[0]);
        for (group, found) in found[1..].iter().enumerate() {
            let fewer = reach(&without(&real, group, 5), &without(&fake, group, 5), 3, 0);
            assert_eq!(*found, fewer[0]);
        }
    }

    #[test]
    fn nearest() {
        let x = Tensor::from_slice(&[0.0f64, 5.0]).reshape([2, 1]);
        let others = Tensor::from_slice(&[1.0f64, 4.5, 9.0]).reshape([3, 1]);
        assert_eq!(to_vec(&nearest_distances(&x, &others)), [1.0, 0.5]);
        // A copy is at no distance, however many columns it has.
        let wide = double(&[2]).normal(&[20, 300]).squeeze_dim(0) * 100.0;
        assert_eq!(to_vec(&nearest_distances(&wide.narrow(0, 3, 5), &wide)), [0.0; 5]);
    }
}
