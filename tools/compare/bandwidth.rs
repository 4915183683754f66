//! The bandwidth of kernels: a median distance.

use stats::distance::{Points, mmd::median_distance};

use crate::frame::Pair;

/// Rows of both files at most; pairs of more take memory and time, and the median hardly moves.
const ROWS: usize = 2_000;

/// Returns the median distance between points of both samples, of the first rows where there are many; of points that
/// do not coincide, if most do; 1 if all do.
pub(crate) fn of(pair: &Pair) -> f64 {
    let all = pair.real.len() + pair.fake.len();
    let first = |sample: &Points| {
        let rows = if all > ROWS { (sample.len() * ROWS / all).max(2) } else { sample.len() };
        Points::new(sample.dim(), sample.values()[..rows * sample.dim()].to_vec())
    };
    let (real, fake) = (first(&pair.real), first(&pair.fake));
    match median_distance(&real, &fake) {
        median if median > 0.0 => median,
        _ => median_of_different(&real.joined(&fake)).unwrap_or(1.0),
    }
}

fn median_of_different(points: &Points) -> Option<f64> {
    let squared = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let pairs = points.iter().enumerate().flat_map(|(i, a)| {
        points.iter().skip(i + 1).map(move |b| squared(a, b)).filter(|squared| *squared > 0.0)
    });
    let mut distances: Vec<f64> = pairs.collect();
    let middle = distances.len().checked_sub(1)? / 2;
    let (_, median, _) = distances.select_nth_unstable_by(middle, f64::total_cmp);
    Some(median.sqrt())
}
