//! Locks between processes: two sweeps of one folder share its cells and never train one twice.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::say;
use crate::signals;

/// A lock that this process holds; dropping it lets others in.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Only a holder removes the file, and whoever opened it before sees that it is gone.
        let _ = fs_err::remove_file(&self.path);
    }
}

/// Returns the lock of a name below a folder, or `None` if another process or thread holds it.
///
/// # Errors
/// If the folder cannot be written.
pub(crate) fn try_lock(folder: &Path, name: &str) -> Result<Option<Lock>> {
    let path = folder.join("locks").join(format!("{name}.lock"));
    let context = || format!("cannot lock {}; choose a writable --out", path.display());
    fs_err::create_dir_all(folder.join("locks")).with_context(context)?;
    loop {
        let file = fs_err::File::create(&path).with_context(context)?.into_file();
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            // A file system without locks: one sweep a folder is then the user's care.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(error).with_context(context),
        }
        // The file may have been removed by its last holder between our opening and our locking.
        let ours = file.metadata().with_context(context)?.ino();
        if fs_err::metadata(&path).is_ok_and(|there| there.ino() == ours) {
            return Ok(Some(Lock { path, _file: file }));
        }
    }
}

/// Waits between two tries.
pub(crate) const PAUSE: Duration = Duration::from_millis(200);

/// Returns the lock of a name, as soon as no other process holds it; `None` if the user stops the wait.
///
/// # Errors
/// If the folder cannot be written.
pub(crate) fn wait_for_lock(folder: &Path, name: &str) -> Result<Option<Lock>> {
    let mut said = false;
    loop {
        if let Some(lock) = try_lock(folder, name)? {
            return Ok(Some(lock));
        }
        if !said {
            say(format!("{}: another process writes its tables; waiting", folder.display()));
            said = true;
        }
        if signals::stop_requested() {
            return Ok(None);
        }
        std::thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::SeqCst;

    use super::*;

    #[test]
    fn one_at_a_time_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let count = std::sync::Mutex::new(0);
        let most = std::sync::atomic::AtomicUsize::new(0);
        let inside = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let lock = loop {
                            match try_lock(folder.path(), "cell").unwrap() {
                                Some(lock) => break lock,
                                None => std::thread::yield_now(),
                            }
                        };
                        most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
                        *count.lock().unwrap() += 1;
                        inside.fetch_sub(1, SeqCst);
                        drop(lock);
                    }
                });
            }
        });
        assert_eq!((*count.lock().unwrap(), most.into_inner()), (200, 1));
        assert_eq!(fs_err::read_dir(folder.path().join("locks")).unwrap().count(), 0);
    }
}
