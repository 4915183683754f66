//! Files that appear whole or not at all.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Writes a file by way of a temporary neighbour and a rename.
///
/// # Errors
/// If the folder cannot be made, or the disk is full; an older file is then left as it was.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().expect("a file lies in a folder");
    let attempt = || -> std::io::Result<()> {
        fs_err::create_dir_all(folder)?;
        let mode = std::fs::Permissions::from_mode(0o644);
        let mut file = tempfile::Builder::new()
            .prefix(&temporary_prefix(path))
            .permissions(mode)
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        // A rename may reach the disk before what it names.
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    attempt().with_context(|| {
        format!(
            "cannot write {}; make room or choose a writable --out, then run the same command: \
             finished cells are kept",
            path.display()
        )
    })
}

/// Returns whether two paths lead to one file or folder that is there.
pub(crate) fn is_same(a: &Path, b: &Path) -> bool {
    a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

/// Moves files of one name, which differ in their ends alone and may not all be there, to the `set-aside/` of a folder,
/// under a number that is free.
///
/// # Errors
/// If they cannot be moved.
pub(crate) fn set_aside(folder: &Path, files: &[PathBuf]) -> Result<()> {
    let aside = folder.join("set-aside");
    fs_err::create_dir_all(&aside)?;
    let place = |file: &Path, number: u32| {
        let [stem, end] = [file.file_stem(), file.extension()].map(Option::unwrap_or_default);
        aside.join(format!("{}.{number}.{}", stem.display(), end.display()))
    };
    let is_free = |number: &u32| files.iter().all(|file| !place(file, *number).exists());
    let number = (0..u32::MAX).find(is_free).context("no free name")?;
    for file in files.iter().filter(|file| file.exists()) {
        fs_err::rename(file, place(file, number))?;
    }
    Ok(())
}

/// What the names of temporary neighbours of a file start with.
fn temporary_prefix(path: &Path) -> String {
    format!(".tmp-{}-", path.file_name().unwrap_or_default().to_string_lossy())
}

/// Removes a file that may not exist, and the temporary neighbours that a kill may have left of it.
///
/// # Errors
/// If something that is there cannot be removed.
pub(crate) fn remove_with_leftovers(path: &Path) -> std::io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| folder.exists()) else { return Ok(()) };
    let prefix = temporary_prefix(path);
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        if entry.path() == path || entry.file_name().to_string_lossy().starts_with(&prefix) {
            fs_err::remove_file(entry.path())?;
        }
    }
    Ok(())
}
