//! Both files, which must be of one kind.

use std::path::Path;

use anyhow::{Result, bail};

use crate::args::Args;
use crate::cost::GIB;
use crate::frame::Pair;
use crate::sample::{Sample, Wanted, read};
use crate::source;

/// Reads both files, and refuses those that are not of one kind.
pub(crate) fn samples(args: &Args) -> Result<Pair> {
    let Args { real, fake, key, limit, seed, memory, .. } = args;
    if let Some(key) = key
        && !source::is_archive(real).unwrap_or(true)
        && !source::is_archive(fake).unwrap_or(true)
    {
        bail!("--key {key}: neither file is an archive of named arrays; leave it out");
    }
    // Of a file given twice the same rows are drawn and left out, so that it stays at no distance from itself.
    let other = if source::same(real, fake) { *seed } else { seed.wrapping_add(1) };
    let wanted = |path, seed| Wanted {
        path,
        key: key.as_deref(),
        limit: usize::try_from(*limit).unwrap_or(usize::MAX),
        seed,
        memory: f64::from(*memory) * GIB,
    };
    let [a, b] = [read(&wanted(real, *seed))?, read(&wanted(fake, other))?];
    same_kind((real, &a), (fake, &b))?;
    Ok(Pair { real: a.points, fake: b.points })
}

/// Refuses rows of different axes. Rows that someone flattened fit any axes of as many numbers; axes of one entry do
/// not count.
fn same_kind((real, a): (&Path, &Sample), (fake, b): (&Path, &Sample)) -> Result<()> {
    let axes = |sample: &Sample| -> Vec<usize> {
        sample.shape.iter().skip(1).copied().filter(|&size| size != 1).collect()
    };
    let (axes_a, axes_b) = (axes(a), axes(b));
    let (real, fake) = (real.display(), fake.display());
    if a.points.dim() != b.points.dim() {
        let (n, m) = (a.points.dim(), b.points.dim());
        bail!("{real} has {n} numbers a row, {fake} has {m}: samples of one kind have as many");
    }
    if axes_a.len() > 1 && axes_b.len() > 1 && axes_a != axes_b {
        let (a, b) = (tuple(&a.shape), tuple(&b.shape));
        bail!(
            "the shapes {a} of {real} and {b} of {fake} differ: bring the axes into one order (numpy.transpose)"
        );
    }
    Ok(())
}

/// A shape as Python writes it.
fn tuple(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("({})", sizes.join(", "))
}
