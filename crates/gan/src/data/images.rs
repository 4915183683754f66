//! Image sets from the files of their authors, checked before use.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::published::Published;
use crate::net::ImageShape;

/// A set of images with ten classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageSet {
    /// Handwritten digits of 8 x 8 pixels with 17 levels (the test part of UCI's `optdigits`, Alpaydin and
    /// Kaynak), as scikit-learn ships them, in a fixed random order: 1,400 train and 397 test.
    Digits,
    /// Handwritten digits of 28 x 28 pixels (LeCun, Cortes and Burges): 60,000 train and 10,000 test.
    Mnist,
    /// Clothes of 28 x 28 pixels (Xiao, Rasul and Vollgraf 2017): 60,000 train and 10,000 test.
    FashionMnist,
    /// Animals and vehicles in colour, 3 x 32 x 32 (Krizhevsky 2009): 50,000 train and 10,000 test.
    Cifar10,
}

/// Which part of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The training images.
    Train,
    /// The test images.
    Test,
}

/// Images and what they show.
#[derive(Debug)]
pub struct Labelled {
    /// Levels from 0, one image a row, colour after colour: `[images, pixels]`, kind `Uint8`.
    pub pixels: Tensor,
    /// Classes 0 to 9: `[images]`, kind `Int64`.
    pub labels: Tensor,
}

/// An image file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The file is not there or cannot be read.
    #[error(
        "{source}; fetch the data with `make setup` (CIFAR-10: `python3 scripts/setup.py cifar10`), \
         or name your own copy with --data-dir"
    )]
    Unreadable {
        /// What the system said, path included.
        source: std::io::Error,
    },
    /// There is something else than a file: a folder, a pipe, a device.
    #[error("{}: not a regular file; delete it and run `make setup`", path.display())]
    NotAFile {
        /// What is there.
        path: PathBuf,
    },
    /// The file is not as long as that of the published set.
    #[error(
        "{}: {found} bytes instead of {expected}, the file is damaged or of another set; delete it and run \
         `make setup`",
        path.display()
    )]
    WrongLength {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        found: u64,
        /// Those of the published file.
        expected: u64,
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
            Self::Digits => "digits",
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
            Self::Cifar10 => "cifar-10",
        }
    }

    /// Returns the shape of an image.
    pub fn shape(self) -> ImageShape {
        let (channels, side) = match self {
            Self::Digits => (1, 8),
            Self::Mnist | Self::FashionMnist => (1, 28),
            Self::Cifar10 => (3, 32),
        };
        ImageShape { channels, height: side, width: side }
    }

    /// Returns the number of levels of a pixel.
    pub fn levels(self) -> i64 {
        if self == Self::Digits { 17 } else { 256 }
    }

    /// Checks that the files of a split are regular and have their length; reads nothing of them.
    ///
    /// # Errors
    /// If a file is missing, is none or has another length.
    pub fn find(self, data_dir: &Path, split: Split) -> Result<(), ImageError> {
        let folder = data_dir.join(self.folder());
        self.files(split).iter().try_for_each(|file| file.find(&folder).map(drop))
    }

    /// Returns a split.
    ///
    /// # Errors
    /// If a file is missing, is none or has another length, or its checksum is not that of the published set.
    pub fn load(self, data_dir: &Path, split: Split) -> Result<Labelled, ImageError> {
        self.find(data_dir, split)?;
        let folder = data_dir.join(self.folder());
        let files = self.files(split).iter().map(|file| file.read(&folder));
        let files = files.collect::<Result<Vec<_>, _>>()?;
        Ok(match self {
            Self::Digits => {
                let rows = digits(&files[0]);
                let (train, test) = rows.split_at(DIGITS_TRAIN);
                labelled(if split == Split::Train { train } else { test })
            }
            Self::Cifar10 => records(&files.concat()),
            // The checksums vouch for the headers: a magic number and the sizes.
            Self::Mnist | Self::FashionMnist => {
                let (pixels, labels) = (&files[0][16..], &files[1][8..]);
                let count = labels.len() as i64;
                Labelled {
                    pixels: Tensor::from_data_size(pixels, &[count, 28 * 28], Kind::Uint8),
                    labels: Tensor::from_data_size(labels, &[count], Kind::Uint8)
                        .to_kind(Kind::Int64),
                }
            }
        })
    }

    /// The unpacked files of a split, whose SHA-256 `scripts/setup.py` checks at download; of MNIST and its like images
    /// and labels.
    fn files(self, split: Split) -> &'static [Published] {
        match (self, split) {
            (Self::Digits, _) => &DIGITS,
            (Self::Mnist, Split::Train) => &MNIST_TRAIN,
            (Self::Mnist, Split::Test) => &MNIST_TEST,
            (Self::FashionMnist, Split::Train) => &FASHION_TRAIN,
            (Self::FashionMnist, Split::Test) => &FASHION_TEST,
            (Self::Cifar10, Split::Train) => &CIFAR_TRAIN,
            (Self::Cifar10, Split::Test) => &CIFAR_TEST,
        }
    }
}

/// Digits before the test part.
const DIGITS_TRAIN: usize = 1_400;

/// The rows of the table, 64 grey values and the class each, in the order of the hashes of their numbers:
/// the file keeps the digits of a writer together.
fn digits(csv: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(csv);
    let numbers = |line: &str| line.split(',').filter_map(|word| word.parse().ok()).collect();
    let mut rows: Vec<(blake3::Hash, Vec<u8>)> = text
        .lines()
        .enumerate()
        .map(|(i, line)| (blake3::hash(&(i as u64).to_le_bytes()), numbers(line)))
        .collect();
    rows.sort_by_key(|(hash, _)| *hash.as_bytes());
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Records of a label and a colour image.
fn records(bytes: &[u8]) -> Labelled {
    let dim = ImageSet::Cifar10.shape().dim();
    let count = bytes.len() as i64 / (dim + 1);
    let table = Tensor::from_data_size(bytes, &[count, dim + 1], Kind::Uint8);
    Labelled {
        pixels: table.narrow(1, 1, dim).contiguous(),
        labels: table.select(1, 0).to_kind(Kind::Int64),
    }
}

fn labelled(rows: &[Vec<u8>]) -> Labelled {
    let table = Tensor::from_slice(&rows.concat()).reshape([rows.len() as i64, 65]);
    Labelled {
        pixels: table.narrow(1, 0, 64).contiguous(),
        labels: table.select(1, 64).to_kind(Kind::Int64),
    }
}

const fn published(name: &'static str, length: u64, checksum: &'static str) -> Published {
    Published { name, length, checksum }
}

/// Images of 28 x 28 pixels after a header of 16 bytes.
const fn images(name: &'static str, count: u64, checksum: &'static str) -> Published {
    published(name, 16 + 28 * 28 * count, checksum)
}

/// Labels of a byte after a header of 8 bytes.
const fn labels(name: &'static str, count: u64, checksum: &'static str) -> Published {
    published(name, 8 + count, checksum)
}

/// 10,000 records of a label and three colours of 32 x 32 pixels.
const fn batch(name: &'static str, checksum: &'static str) -> Published {
    published(name, 10_000 * (1 + 3 * 32 * 32), checksum)
}

const DIGITS: [Published; 1] = [published(
    "digits.csv",
    264_712,
    "f84230aa70dfb2e9da69c9c09d8c1fb7fb743a0cce3676204f3b3933c2115f15",
)];
const MNIST_TRAIN: [Published; 2] = [
    images(
        "train-images-idx3-ubyte",
        60_000,
        "c6e6fd8c67d07c8a9b7bffa7dd0413ff4b8af241607b049b7721107f379df9fd",
    ),
    labels(
        "train-labels-idx1-ubyte",
        60_000,
        "8ebcfdf2fe191516f9cb37fceb75d2d19289d91ee92026534ed45e44144b5642",
    ),
];
const MNIST_TEST: [Published; 2] = [
    images(
        "t10k-images-idx3-ubyte",
        10_000,
        "f8d502322cd9f186e155a74a3dff598ed56c1a7b5a5c8d312749ac47c4a2bec7",
    ),
    labels(
        "t10k-labels-idx1-ubyte",
        10_000,
        "6d43ea317fa8f5851bb85404bb7358defd48b0294cf31f60cdcde8106fe2c3ad",
    ),
];
const FASHION_TRAIN: [Published; 2] = [
    images(
        "train-images-idx3-ubyte",
        60_000,
        "feaca08b36e07f8d504641a929bff1554884ef73964323e44e59e39a986b4c9e",
    ),
    labels(
        "train-labels-idx1-ubyte",
        60_000,
        "b4d9ea8013b029ef778c95ea7de31195ef443589877589523ad330db2829ebd6",
    ),
];
const FASHION_TEST: [Published; 2] = [
    images(
        "t10k-images-idx3-ubyte",
        10_000,
        "a19b8c1e5f798e5a6fa7229093b630c04a620179497a1fa3a71e7334fb59a30b",
    ),
    labels(
        "t10k-labels-idx1-ubyte",
        10_000,
        "0a067399ed18bcc9d7dc26832b3b8e4481abf2d33fee04c611e90b9061296b90",
    ),
];
const CIFAR_TRAIN: [Published; 5] = [
    batch("data_batch_1.bin", "1b3fcad40d258858f510c4bcd1afcfe8c314b9ce56dd1e5497433a7084a97293"),
    batch("data_batch_2.bin", "d6e4b10488a9921e026b4d5ee9f7e3dd326e866f8b48d623538c7cef1a8ffc79"),
    batch("data_batch_3.bin", "a736d929656ecfb2eab80ea59e8573caeea112d8d60a45f4a0a4504214bdd281"),
    batch("data_batch_4.bin", "afd36c14a4d2a00e0c9eab2d984d5c1ebe5a5d7f35ce865c8d6ce74275afb0eb"),
    batch("data_batch_5.bin", "fc1cbe676c343edd20366fde0b046aa5251665fe07c5bc068044656a5e5d45eb"),
];
const CIFAR_TEST: [Published; 1] =
    [batch("test_batch.bin", "69a7d1df5b1d17f8c98089666dffee384a8f3da4421e368f08a80f067ae79ffc")];

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
        for (set, name) in
            [(ImageSet::FashionMnist, "train-images-idx3-ubyte"), (ImageSet::Digits, "digits.csv")]
        {
            for file in set.files(Split::Train) {
                let path = folder.path().join(set.folder()).join(file.name);
                fs_err::create_dir_all(path.parent().unwrap()).unwrap();
                fs_err::File::create(&path).unwrap().set_len(file.length).unwrap();
            }
            set.find(folder.path(), Split::Train).unwrap();
            let error = set.load(folder.path(), Split::Train).unwrap_err().to_string();
            assert!(error.contains(&format!("{name}: wrong checksum")), "{error}");
        }
    }
}
