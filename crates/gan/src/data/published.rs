//! Files of published sets, known by length and checksum.

use std::path::{Path, PathBuf};

use super::images::ImageError;

/// A file as its authors published it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Published {
    /// Name below the folder of its set.
    pub(super) name: &'static str,
    /// Length in bytes.
    pub(super) length: u64,
    /// BLAKE3 of the bytes.
    pub(super) checksum: &'static str,
}

impl Published {
    /// Returns the path of a file that is regular and has the right length; nothing of it is read, so that a pipe
    /// cannot hang and a device cannot fill the memory.
    pub(super) fn find(self, folder: &Path) -> Result<PathBuf, ImageError> {
        let path = folder.join(self.name);
        let metadata =
            fs_err::metadata(&path).map_err(|source| ImageError::Unreadable { source })?;
        if !metadata.is_file() {
            return Err(ImageError::NotAFile { path });
        }
        let (found, expected) = (metadata.len(), self.length);
        if found != expected {
            return Err(ImageError::WrongLength { path, found, expected });
        }
        Ok(path)
    }

    /// Returns the bytes, which are those that were published.
    pub(super) fn read(self, folder: &Path) -> Result<Vec<u8>, ImageError> {
        let path = self.find(folder)?;
        let bytes = fs_err::read(&path).map_err(|source| ImageError::Unreadable { source })?;
        if blake3::hash(&bytes).to_hex().as_str() != self.checksum {
            return Err(ImageError::WrongChecksum { path });
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const FILE: Published = Published {
        name: "three",
        length: 3,
        // Of "abc".
        checksum: "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    };

    fn refusal(folder: &Path) -> String {
        FILE.read(folder).unwrap_err().to_string()
    }

    #[test]
    fn only_the_published_bytes_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("three");
        assert!(refusal(folder.path()).contains("three"));
        fs_err::write(&path, "ab").unwrap();
        assert!(refusal(folder.path()).contains("three: 2 bytes instead of 3"));
        fs_err::write(&path, "abd").unwrap();
        assert!(refusal(folder.path()).contains("three: wrong checksum"));
        fs_err::write(&path, "abc").unwrap();
        assert_eq!(FILE.read(folder.path()).unwrap(), b"abc");
    }

    /// A pipe that nobody writes to would hang whoever opens it.
    #[test]
    fn pipes_folders_and_devices_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("three");
        let made = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        assert!(refusal(folder.path()).contains("three: not a regular file"));
        fs_err::remove_file(&path).unwrap();
        fs_err::create_dir_all(&path).unwrap();
        assert!(refusal(folder.path()).contains("three: not a regular file"));
        fs_err::remove_dir(&path).unwrap();
        fs_err::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert!(refusal(folder.path()).contains("three: not a regular file"));
    }
}
