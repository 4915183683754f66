//! Where numbers mean little.

use std::collections::HashSet;
use std::path::Path;

use gan::device::to_vec;
use tch::Tensor;

use crate::args::Args;
use crate::sample::Sample;

/// Times as wide as the other, beyond which two ranges of values look like two units.
const WIDER: f64 = 20.0;
/// The share of rows that repeat others, beyond which a sample is told to be of few points.
const REPEATED: f64 = 0.1;

/// Returns what should make a reader careful, a sentence each.
pub(crate) fn of(
    args: &Args,
    real: &Sample,
    fakes: &[Sample],
    train: Option<&Sample>,
) -> Vec<String> {
    let mut found = Vec::new();
    let fakes: Vec<(&Path, &Sample)> = args.fake.iter().map(AsRef::as_ref).zip(fakes).collect();
    let train: Option<(&Path, &Sample)> = args.train.as_deref().zip(train);
    let all: Vec<(&Path, &Sample)> =
        std::iter::once((args.real.as_ref(), real)).chain(fakes.clone()).chain(train).collect();
    for (at, (a, one)) in all.iter().enumerate() {
        for (b, other) in &all[at + 1..] {
            if one.hash == other.hash {
                found.push(format!("{} and {} hold the same", a.display(), b.display()));
            }
        }
    }
    let [low, high] = [real.ends.0, real.ends.1];
    for (path, sample) in all.iter().skip(1) {
        let (own, other) = (sample.ends.1 - sample.ends.0, high - low);
        if own > WIDER * other || other > WIDER * own {
            found.push(format!(
                "values of {} lie in {:.4} to {:.4}, those of {} in {low:.4} to {high:.4}: are both of one unit?",
                path.display(),
                sample.ends.0,
                sample.ends.1,
                args.real.display()
            ));
        }
    }
    for (path, sample) in &all {
        let rows = sample.rows.size()[0] as usize;
        let repeats = repeated(&sample.rows);
        if repeats as f64 > REPEATED * rows as f64 {
            found.push(format!("{repeats} of {rows} rows of {} repeat others", path.display()));
        }
    }
    let counts: Vec<i64> = fakes.iter().map(|(_, sample)| sample.rows.size()[0]).collect();
    if let (Some(least), Some(most)) = (counts.iter().min(), counts.iter().max())
        && least < most
    {
        found.push(format!(
            "models of {least} to {most} rows: those of unlike numbers are not set against each other; --limit {least} makes them alike"
        ));
    }
    let dim = real.rows.size()[1];
    let rows = all[..=fakes.len()].iter().map(|(_, sample)| sample.rows.size()[0]).min();
    if let Some(rows) = rows.filter(|rows| *rows < dim) {
        found.push(format!(
            "{rows} rows of {dim} columns: a Frechet distance of fewer rows than columns is of their number more than of their law; see its floor, or take kid"
        ));
    }
    found
}

/// Returns how many rows repeat one before them.
fn repeated(rows: &Tensor) -> usize {
    let mut seen = HashSet::new();
    let count = rows.size()[0];
    (0..count)
        .filter(|&row| {
            let bytes: Vec<u8> =
                to_vec(&rows.select(0, row)).iter().flat_map(|x| x.to_le_bytes()).collect();
            !seen.insert(blake3::hash(&bytes))
        })
        .count()
}
