//! Means over all pairs of rows: energy, kernel discrepancies, and what lies within reach.

use anyhow::Result;
use gan::metric::{Reach, distances, group_ends, group_sums, reach};
use stats::{Interval, robust};
use tch::{Kind, Tensor};

use crate::estimate::{Context, Estimate, Pair};

/// Subsets and rows of each, as torch-fidelity has them.
const SUBSETS: u64 = 100;
const SUBSET: i64 = 1000;

/// Sums of a number over the pairs across and within two samples, by groups, of pairs of different rows and of a row
/// with itself.
struct Sums {
    across: Vec<Vec<f64>>,
    within: [Vec<Vec<f64>>; 2],
    own: [Vec<f64>; 2],
    sizes: [Vec<f64>; 2],
}

impl Sums {
    fn of(
        pair: &Pair,
        number: impl Fn(&Tensor, &Tensor) -> Tensor,
        own: impl Fn(&Tensor) -> Tensor,
    ) -> Self {
        let samples = [pair.real, pair.fake];
        let ends = samples.map(|sample| group_ends(sample.size()[0], pair.groups.max(1)));
        let side = |i: usize| (samples[i], &ends[i][..]);
        let starts = |i: usize| std::iter::once(0).chain(ends[i].iter().copied());
        let spans = |i: usize| starts(i).zip(ends[i].iter().copied());
        let own = |i: usize| {
            let numbers = own(samples[i]);
            let sum = |(from, to): (i64, i64)| {
                numbers.narrow(0, from, to - from).sum(Kind::Double).double_value(&[])
            };
            spans(i).map(sum).collect()
        };
        Self {
            across: group_sums(side(0), side(1), &number),
            within: [group_sums(side(0), side(0), &number), group_sums(side(1), side(1), &number)],
            own: [own(0), own(1)],
            sizes: [0, 1].map(|i| spans(i).map(|(from, to)| (to - from) as f64).collect()),
        }
    }

    /// Makes a number of the sums and the rows, without each group in turn too.
    fn each(&self, groups: i64, of: impl Fn(&Total) -> f64) -> Vec<f64> {
        let total = |out: Option<usize>| {
            let kept = |i: &usize| Some(*i) != out;
            let sum = |sums: &[Vec<f64>]| -> f64 {
                let rows = (0..sums.len()).filter(kept);
                rows.flat_map(|i| (0..sums[i].len()).filter(kept).map(move |j| sums[i][j])).sum()
            };
            let list =
                |list: &[f64]| -> f64 { (0..list.len()).filter(kept).map(|i| list[i]).sum() };
            of(&Total {
                across: sum(&self.across),
                within: [sum(&self.within[0]), sum(&self.within[1])],
                own: [list(&self.own[0]), list(&self.own[1])],
                rows: [list(&self.sizes[0]), list(&self.sizes[1])],
            })
        };
        std::iter::once(None).chain((0..groups as usize).map(Some)).map(total).collect()
    }
}

struct Total {
    across: f64,
    within: [f64; 2],
    own: [f64; 2],
    rows: [f64; 2],
}

impl Total {
    /// The unbiased squared discrepancy.
    fn squared_mmd(&self) -> f64 {
        let [n, m] = self.rows;
        let within = |i: usize| {
            let rows = self.rows[i];
            (self.within[i] - self.own[i]) / (rows * (rows - 1.0))
        };
        within(0) + within(1) - 2.0 * self.across / (n * m)
    }
}

/// The energy distance, of which each point pairs with itself too.
pub(super) fn energy(pair: &Pair, _: &Context) -> Result<Estimate> {
    let nothing = |rows: &Tensor| Tensor::zeros([rows.size()[0]], (Kind::Double, rows.device()));
    let sums = Sums::of(pair, distances, nothing);
    let values = sums.each(pair.groups, |total| {
        let [n, m] = total.rows;
        let [x, y] = total.within;
        (2.0 * total.across / (n * m) - x / (n * n) - y / (m * m)).max(0.0)
    });
    Ok(values.into())
}

pub(super) fn squared_mmd(pair: &Pair, context: &Context) -> Result<Estimate> {
    let weight = -0.5 / context.bandwidth().powi(2);
    let ones = |rows: &Tensor| Tensor::ones([rows.size()[0]], (Kind::Double, rows.device()));
    let sums = Sums::of(pair, |x, y| (distances(x, y).square() * weight).exp(), ones);
    Ok(sums.each(pair.groups, Total::squared_mmd).into())
}

/// Values up to which the cubes of their products are numbers.
const CUBED: f64 = 1e40;

pub(super) fn kid_misfit(context: &Context, which: usize) -> Option<String> {
    let frame = context.frame;
    let largest = [&frame.real, &frame.fakes[which]]
        .map(|rows| frame.raw(rows).abs().max().double_value(&[]))
        .into_iter()
        .fold(0.0, f64::max);
    (largest > CUBED).then(|| {
        format!("values of {largest:.1e} are too large for its cubic kernel; take --standardise")
    })
}

/// Binkowski et al. 2018: `(x . y / dim + 1)^3`.
fn cubic(x: &Tensor, y: &Tensor) -> Tensor {
    let dim = x.size()[1] as f64;
    (x.matmul(&y.tr()) / dim + 1.0).pow_tensor_scalar(3)
}

fn cubic_of_self(x: &Tensor) -> Tensor {
    let dim = x.size()[1] as f64;
    let lengths = x.square().sum_dim_intlist([1i64].as_slice(), false, Kind::Double);
    (lengths / dim + 1.0).pow_tensor_scalar(3)
}

pub(super) fn kid(pair: &Pair, context: &Context) -> Result<Estimate> {
    let [real, fake] = [pair.real, pair.fake].map(|rows| context.frame.raw(rows));
    let raw = Pair { real: &real, fake: &fake, ..*pair };
    let sums = Sums::of(&raw, cubic, cubic_of_self);
    Ok(sums.each(pair.groups, Total::squared_mmd).into())
}

/// The mean over random subsets, drawn without replacement. That of all `n` rows spreads less than one of `b` rows does
/// around it by the root of `b / (n - b)` (Politis and Romano 1994, with the correction for a finite population).
pub(super) fn kid_subsets(pair: &Pair, context: &Context) -> Result<Estimate> {
    let [real, fake] = [pair.real, pair.fake].map(|rows| context.frame.raw(rows));
    let rows = real.size()[0].min(fake.size()[0]);
    let size = SUBSET.min(rows / 2);
    let rng = gan::Rng::new(&[context.seed]).fork("kid");
    let draw = |sample: &Tensor, label: String| {
        let order = rng.fork(&label).uniform(&[sample.size()[0]]).reshape([-1]).argsort(0, false);
        sample.index_select(0, &order.narrow(0, 0, size))
    };
    let of_subset = |subset: u64| {
        let [x, y] = [(&real, "real"), (&fake, "fake")]
            .map(|(sample, side)| draw(sample, format!("{side} {subset}")));
        let pair = Pair { real: &x, fake: &y, which: None, groups: 0 };
        Sums::of(&pair, cubic, cubic_of_self).each(0, Total::squared_mmd)[0]
    };
    let values: Vec<f64> = (0..SUBSETS).map(of_subset).collect();
    let (mean, spread) = (robust::mean(&values), robust::standard_deviation(&values));
    let half = 1.96 * spread * (size as f64 / (rows - size) as f64).sqrt();
    let interval = (pair.groups > 0).then_some(Interval { low: mean - half, high: mean + half });
    let note = Some(format!("{SUBSETS} subsets of {size} rows, standard deviation {spread:.2e}"));
    Ok(Estimate { interval, note, ..Estimate::from(mean) })
}

pub(super) fn reach_misfit(context: &Context, which: usize) -> Option<String> {
    let rows = context.frame.real.size()[0].min(context.frame.fakes[which].size()[0]);
    let k = context.neighbours;
    (rows / 2 <= k + 1).then(|| {
        format!("half of {rows} rows has no {k} neighbours; take more rows, or fewer --neighbours")
    })
}

/// A number of what lies within reach; one pass over the pairs serves all of them.
pub(super) fn within_reach(
    pair: &Pair,
    context: &Context,
    of: fn(&Reach) -> f64,
) -> Result<Estimate> {
    let mut known = context.reach.borrow_mut();
    let found = known
        .entry(pair.which)
        .or_insert_with(|| reach(pair.real, pair.fake, context.neighbours, pair.groups));
    Ok(found.iter().map(of).collect::<Vec<f64>>().into())
}
