//! Image sets from IDX files, checked before use.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

/// A set of 28 x 28 grey images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageSet {
    /// Handwritten digits (LeCun, Cortes and Burges).
    Mnist,
    /// Clothes (Xiao, Rasul and Vollgraf 2017).
    FashionMnist,
}

/// Which part of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The 60,000 training images.
    Train,
    /// The 10,000 test images.
    Test,
}

/// An image file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The file is not there or cannot be read.
    #[error("{source}; fetch the data with `make setup`, or name your own copy with --data-dir")]
    Unreadable {
        /// What the system said, path included.
        source: std::io::Error,
    },
    /// The file's bytes are not those of the published set.
    #[error(
        "{}: wrong checksum, the file is damaged or of another set; delete it and run `make setup`",
        path.display()
    )]
    WrongChecksum {
        /// The file.
        path: PathBuf,
    },
}

impl ImageSet {
    /// Returns the folder of this set below a data folder.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
        }
    }

    /// BLAKE3 of the unpacked image files, whose SHA-256 `scripts/setup.py` checks at download.
    fn checksum(self, split: Split) -> &'static str {
        match (self, split) {
            (Self::Mnist, Split::Train) => MNIST_TRAIN,
            (Self::Mnist, Split::Test) => MNIST_TEST,
            (Self::FashionMnist, Split::Train) => FASHION_TRAIN,
            (Self::FashionMnist, Split::Test) => FASHION_TEST,
        }
    }

    /// Returns the pixels of a split, 0 to 255, one image a row.
    ///
    /// # Shapes
    /// `[images, 784]`, kind `Uint8`.
    ///
    /// # Errors
    /// If the file is missing or its checksum is not that of the published set.
    pub fn load(self, data_dir: &Path, split: Split) -> Result<Tensor, ImageError> {
        let (stem, count) = match split {
            Split::Train => ("train", 60_000),
            Split::Test => ("t10k", 10_000),
        };
        let path = data_dir.join(self.folder()).join(format!("{stem}-images-idx3-ubyte"));
        let bytes = fs_err::read(&path).map_err(|source| ImageError::Unreadable { source })?;
        if blake3::hash(&bytes).to_hex().as_str() != self.checksum(split) {
            return Err(ImageError::WrongChecksum { path });
        }
        // The checksum vouches for the header: 16 bytes of magic number and sizes.
        Ok(Tensor::from_data_size(&bytes[16..], &[count, 28 * 28], Kind::Uint8))
    }
}

const MNIST_TRAIN: &str = "c6e6fd8c67d07c8a9b7bffa7dd0413ff4b8af241607b049b7721107f379df9fd";
const MNIST_TEST: &str = "f8d502322cd9f186e155a74a3dff598ed56c1a7b5a5c8d312749ac47c4a2bec7";
const FASHION_TRAIN: &str = "feaca08b36e07f8d504641a929bff1554884ef73964323e44e59e39a986b4c9e";
const FASHION_TEST: &str = "a19b8c1e5f798e5a6fa7229093b630c04a620179497a1fa3a71e7334fb59a30b";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named_with_what_to_do() {
        let error = ImageSet::Mnist.load(Path::new("/nowhere"), Split::Test).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("/nowhere/mnist/t10k-images-idx3-ubyte"), "{message}");
        assert!(message.contains("make setup"), "{message}");
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fashion-mnist").join("train-images-idx3-ubyte");
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, [0u8; 100]).unwrap();
        let error = ImageSet::FashionMnist.load(folder.path(), Split::Train).unwrap_err();
        assert!(error.to_string().contains("wrong checksum"), "{error}");
    }
}
