//! Files that appear whole or not at all.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

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
        let mut file =
            tempfile::Builder::new().prefix(".tmp-").permissions(mode).tempfile_in(folder)?;
        file.write_all(bytes)?;
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
