//! Whether files are of one kind.

use std::path::Path;

use anyhow::{Result, bail};

/// Returns the axes of a row but for those of one entry.
fn axes(shape: &[usize]) -> Vec<usize> {
    shape.iter().skip(1).copied().filter(|&size| size != 1).collect()
}

/// Refuses rows of different axes. Rows that someone flattened fit any axes of as many numbers; axes of one entry do
/// not count.
pub(crate) fn same_kind((real, a): (&Path, &[usize]), (fake, b): (&Path, &[usize])) -> Result<()> {
    let (axes_a, axes_b) = (axes(a), axes(b));
    let (real, fake) = (real.display(), fake.display());
    let (n, m): (usize, usize) = (axes_a.iter().product(), axes_b.iter().product());
    if n != m {
        bail!("{real} has {n} numbers a row, {fake} has {m}: samples of one kind have as many");
    }
    if axes_a.len() > 1 && axes_b.len() > 1 && axes_a != axes_b {
        let (a, b) = (tuple(a), tuple(b));
        bail!(
            "the shapes {a} of {real} and {b} of {fake} differ: bring the axes into one order \
             (numpy.transpose), or say --images if they are pictures"
        );
    }
    Ok(())
}

/// A shape as Python writes it.
fn tuple(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("({})", sizes.join(", "))
}
