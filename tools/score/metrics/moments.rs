//! The Frechet distance, from all rows and extrapolated to infinitely many.

use std::rc::Rc;

use anyhow::Result;
use gan::metric::{FrechetDistance, RowMoments, frechet_of_few, group_ends, joined};
use tch::Tensor;

use crate::estimate::{Context, Estimate, GROUPS, Pair, leaving_out};

/// Columns up to which groups are left out in earnest, and not to first order.
const EXACT: i64 = 256;
/// Into how many parts the rows are cut for an extrapolation.
const CUTS: [usize; 3] = [1, 2, 5];
/// Rows for each column in the smallest part.
const ROWS: i64 = 2;

/// Moments of each group of both samples.
pub(crate) struct Parted {
    real: Rc<[RowMoments]>,
    fake: Rc<[RowMoments]>,
}

impl Parted {
    fn of(pair: &Pair, context: &Context) -> Self {
        let streamed = pair.which.and_then(|which| context.streamed(which));
        let [real, fake] = streamed.unwrap_or_default();
        let parts = |sample: &Tensor| -> Rc<[RowMoments]> {
            let ends = group_ends(sample.size()[0], GROUPS);
            let starts = std::iter::once(0).chain(ends.clone());
            starts
                .zip(ends)
                .map(|(from, to)| RowMoments::of(&sample.narrow(0, from, to - from)))
                .collect()
        };
        Self {
            real: real.unwrap_or_else(|| parts(pair.real)),
            fake: fake.unwrap_or_else(|| parts(pair.fake)),
        }
    }
}

/// All groups but one, if one is named.
fn but(parts: &[RowMoments], left_out: Option<usize>) -> Vec<&RowMoments> {
    parts.iter().enumerate().filter(|(i, _)| Some(*i) != left_out).map(|(_, part)| part).collect()
}

fn between(x: &[&RowMoments], y: &[&RowMoments]) -> f64 {
    FrechetDistance::between(&joined(x.iter().copied()), &joined(y.iter().copied())).value
}

/// The fewer rows of both samples, and their columns.
fn sizes(pair: &Pair, context: &Context) -> (i64, i64) {
    let streamed = pair.which.filter(|which| context.streamed(*which).is_some());
    let held = || [pair.real, pair.fake].map(|sample| sample.size()[0]);
    let [real, fake] = streamed.map_or_else(held, |which| context.all_rows(which));
    (real.min(fake), pair.real.size()[1])
}

/// Makes of the moments of a pair's groups what is asked for; they are kept for the next metric of the same pair.
fn with_parts<T>(pair: &Pair, context: &Context, of: impl FnOnce(&Parted) -> T) -> T {
    if pair.which.is_none() {
        return of(&Parted::of(pair, context));
    }
    let mut kept = context.moments.borrow_mut();
    kept.retain(|which, _| *which == pair.which);
    of(kept.entry(pair.which).or_insert_with(|| Parted::of(pair, context)))
}

pub(super) fn frechet(pair: &Pair, context: &Context) -> Result<Estimate> {
    let (rows, dim) = sizes(pair, context);
    if rows <= dim {
        return leaving_out(pair, |x, y| Ok(frechet_of_few(x, y)));
    }
    Ok(with_parts(pair, context, |parts| {
        let whole = [joined(&*parts.real), joined(&*parts.fake)];
        let distance = FrechetDistance::between(&whole[0], &whole[1]);
        let half = parts.real.len() / 2;
        let floor = (pair.groups > 0 && whole[0].rows as i64 / 2 > dim)
            .then(|| between(&but(&parts.real[..half], None), &but(&parts.real[half..], None)));
        Estimate {
            parts: left_out(pair, parts, &whole, &distance),
            floor,
            ..Estimate::from(distance.value)
        }
    }))
}

/// The distance without each group: in earnest, or to first order where that would take long.
fn left_out(
    pair: &Pair,
    parts: &Parted,
    whole: &[RowMoments; 2],
    distance: &FrechetDistance,
) -> Vec<f64> {
    let groups = 0..pair.groups as usize;
    if whole[0].mean.size()[0] <= EXACT {
        return groups
            .map(|g| between(&but(&parts.real, Some(g)), &but(&parts.fake, Some(g))))
            .collect();
    }
    if groups.is_empty() {
        return Vec::new();
    }
    let [real, fake] = distance.influence([&whole[0], &whole[1]], [&parts.real, &parts.fake]);
    let moved = |sum: f64, part: &RowMoments, all: &RowMoments| sum / (all.rows - part.rows);
    groups
        .map(|g| {
            distance.value
                - moved(real[g], &parts.real[g], &whole[0])
                - moved(fake[g], &parts.fake[g], &whole[1])
        })
        .collect()
}

pub(super) fn infinity_misfit(context: &Context, which: usize) -> Option<String> {
    let [real, fake] = context.all_rows(which);
    let rows = context.limit.map_or(real.min(fake), |limit| real.min(fake).min(limit as i64));
    let dim = context.frame.dim() as i64;
    (rows < 2 * ROWS * dim).then(|| {
        format!(
            "it extrapolates from halves of the rows, which need {ROWS} a column: {} of {dim} columns; take more rows",
            2 * ROWS * dim
        )
    })
}

/// The value at 1 / rows = 0 of a line through the distances of the whole, of halves and of fifths of the rows. The
/// distance of few rows is beyond that of their laws by a multiple of 1 / rows, to first order.
///
/// # Source
/// Chong and Forsyth 2020; disjoint parts in the place of random subsets.
fn extrapolated(real: &[&RowMoments], fake: &[&RowMoments], dim: i64) -> f64 {
    let rows = |parts: &[&RowMoments]| parts.iter().map(|part| part.rows).sum::<f64>();
    let least = (ROWS * dim) as f64;
    let mut points: Vec<(f64, f64)> = Vec::new();
    for cuts in CUTS {
        let pieces = |parts: &[&RowMoments], piece: usize| {
            (piece * parts.len() / cuts, (piece + 1) * parts.len() / cuts)
        };
        for piece in 0..cuts {
            let (from, to) = pieces(real, piece);
            let (x, y) = (&real[from..to], &fake[from..to]);
            if cuts > 2 && rows(x).min(rows(y)) < least {
                continue;
            }
            points.push((rows(real) / rows(x), between(x, y)));
        }
    }
    let n = points.len() as f64;
    let (t, f) = points.iter().fold((0.0, 0.0), |(a, b), (t, f)| (a + t / n, b + f / n));
    let slope = points.iter().map(|p| (p.0 - t) * (p.1 - f)).sum::<f64>()
        / points.iter().map(|p| (p.0 - t).powi(2)).sum::<f64>();
    f - slope * t
}

pub(super) fn frechet_infinity(pair: &Pair, context: &Context) -> Result<Estimate> {
    let dim = pair.real.size()[1];
    Ok(with_parts(pair, context, |parts| {
        let value = extrapolated(&but(&parts.real, None), &but(&parts.fake, None), dim);
        let parts = if dim <= EXACT {
            let without =
                |g| extrapolated(&but(&parts.real, Some(g)), &but(&parts.fake, Some(g)), dim);
            (0..pair.groups as usize).map(without).collect()
        } else {
            // Disjoint parts of the rows have the whole's term of first order.
            let whole = [joined(&*parts.real), joined(&*parts.fake)];
            let distance = FrechetDistance::between(&whole[0], &whole[1]);
            let without = left_out(pair, parts, &whole, &distance);
            without.into_iter().map(|part| value + part - distance.value).collect()
        };
        Estimate { parts, ..Estimate::from(value) }
    }))
}

/// Returns the distance of moments alone.
pub(crate) fn of_moments(real: &RowMoments, fake: &RowMoments) -> f64 {
    FrechetDistance::between(real, fake).value
}
