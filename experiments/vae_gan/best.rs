//! The best of several arms, without the luck of having chosen it.

use lab::Row;
use shared::contrast::{Sample, each};
use stats::robust;

/// Returns one metric of the best of several arms, seed by seed: for even seeds the arm that is best on odd ones, and the
/// other way round. `sign` is 1 where larger is better, -1 where smaller is.
pub(crate) fn best<C>(
    arms: &[Vec<&Row<C>>],
    sign: f64,
    metric: impl Fn(&Row<C>) -> Option<f64>,
) -> Sample {
    let samples: Vec<Sample> = arms.iter().map(|rows| each(rows, &metric)).collect();
    let mut chosen = Sample::default();
    for parity in [0, 1] {
        let score = |sample: &&Sample| {
            let other = sample.values.iter().filter(|(seed, _)| *seed % 2 != parity);
            let other: Vec<f64> = other.map(|(_, x)| sign * x).collect();
            if other.is_empty() { f64::NEG_INFINITY } else { robust::mean(&other) }
        };
        let found = samples.iter().max_by(|a, b| score(a).total_cmp(&score(b)));
        let Some(found) = found else { continue };
        let own = found.values.iter().filter(|(seed, _)| *seed % 2 == parity);
        chosen.values.extend(own.map(|(seed, x)| (*seed, *x)));
        chosen.diverged = chosen.diverged.max(found.diverged);
    }
    chosen
}
