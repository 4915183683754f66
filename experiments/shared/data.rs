//! The files of image sets before any cell trains.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use gan::data::images::{ImageSet, Split};

/// Sets and folders whose checksums this process has seen to be right.
static READ: LazyLock<Mutex<HashSet<(ImageSet, PathBuf)>>> = LazyLock::new(Mutex::default);

/// Checks that the files of a set, if a cell reads one, are there, as long as they should be, and, once a process, that
/// their bytes are those that were published: a grid asks for every configuration.
///
/// # Errors
/// One line that names the file and says what to do.
pub fn prepare(set: Option<ImageSet>, data_dir: &Path) -> Result<(), String> {
    let Some(set) = set else { return Ok(()) };
    for split in [Split::Train, Split::Test] {
        set.find(data_dir, split).map_err(|error| error.to_string())?;
    }
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let place = (set, data_dir.to_owned());
    if !read.contains(&place) {
        for split in [Split::Train, Split::Test] {
            let _ = set.load(data_dir, split).map_err(|error| error.to_string())?;
        }
        read.insert(place);
    }
    Ok(())
}
