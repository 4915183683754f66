//! What is checked before the first cell trains, so that hours are not lost at the first write.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::experiment::{Experiment, Usage};
use crate::plan::Cell;

/// Room for the record and the arrays of one run, at the most.
const RUN_BYTES: u64 = 256 << 10;
/// Room for one checkpoint, and its copy while it is written.
const CHECKPOINT_BYTES: u64 = 64 << 20;

/// Fails if the committed reference would be changed by less than a whole profile of a program that was built from a
/// clean commit.
///
/// # Errors
/// [`Usage`], with what to do instead.
pub(crate) fn protect_reference(out: &Path, is_whole: bool, clean: bool) -> Result<(), Usage> {
    if !is_reference(out) {
        return Ok(());
    }
    let show = out.display();
    if !is_whole {
        return Err(Usage(format!(
            "{show} is the committed reference, which takes whole profiles only: leave out --arm, --only, --set, --seeds and \
             --shard, or choose another --out, such as local"
        )));
    }
    if !clean {
        return Err(Usage(format!(
            "{show} is the committed reference, and this program was built from files that differ from their commit: \
             commit and build again, or choose another --out, such as local"
        )));
    }
    Ok(())
}

/// Whether a folder is the one that the repository keeps.
pub(crate) fn is_reference(out: &Path) -> bool {
    let Ok(out) = fs_err::canonicalize(out) else { return false };
    let of_workspace =
        |root: &Path| root.join("Cargo.toml").exists() && root.join("experiments").exists();
    out.ends_with("results") && out.parent().is_some_and(of_workspace)
}

/// Fails if a folder cannot be written to.
///
/// The file that tells has no name, as another sweep may be asking the same folder.
fn probe(folder: &Path) -> Result<()> {
    let attempt = || -> std::io::Result<()> {
        fs_err::create_dir_all(folder)?;
        tempfile::tempfile_in(folder)?;
        Ok(())
    };
    attempt()
        .with_context(|| format!("cannot write into {}; choose a writable --out", folder.display()))
}

/// Fails if cells lack data.
///
/// # Errors
/// One line that names what is lacking.
pub(crate) fn prepare<E: Experiment>(cells: &[&Cell<E::Config>], data_dir: &Path) -> Result<()> {
    let mut prepared: Vec<&str> = Vec::new();
    for cell in cells {
        if !prepared.contains(&cell.config_id.as_str()) {
            E::prepare(&cell.config, data_dir).map_err(anyhow::Error::msg)?;
            prepared.push(&cell.config_id);
        }
    }
    Ok(())
}

/// Fails if the cells that are still to be trained lack data, room or a writable folder.
///
/// # Errors
/// One line that names what is lacking.
pub(crate) fn check<E: Experiment>(
    todo: &[&Cell<E::Config>],
    folder: &Path,
    data_dir: &Path,
    jobs: usize,
) -> Result<()> {
    probe(folder)?;
    prepare::<E>(todo, data_dir)?;
    let runs: u64 = todo.iter().map(|cell| cell.seeds.len() as u64).sum();
    let needed = runs * RUN_BYTES + jobs.min(todo.len()) as u64 * CHECKPOINT_BYTES;
    let free = fs4::available_space(folder)
        .with_context(|| format!("cannot ask for the free room of {}", folder.display()))?;
    if free < needed {
        let mib = |bytes: u64| bytes.div_ceil(1 << 20);
        bail!(
            "{} has {} MiB free and this sweep may write {}: make room, choose another --out, or narrow the selection",
            folder.display(),
            mib(free),
            mib(needed)
        );
    }
    Ok(())
}
