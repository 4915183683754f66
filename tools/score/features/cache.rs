//! Features that were computed before, by the content of what they are of.

use std::io::Read;
use std::path::{Path, PathBuf};

use gan::device::to_vec;
use lab::array::{Array, Arrays, read_labelled, write_labelled};
use tch::{Kind, Tensor};

use super::Range;
use super::network::Protocol;
use crate::report::say;

/// Digits of a hash in a file's name.
const DIGITS: usize = 16;
/// Bytes of a file that hold its label.
const HEADER: u64 = 4096;

/// A folder of features, a file for each content and protocol.
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Returns the cache of a folder, or that of the user.
    pub(crate) fn of(folder: Option<&Path>) -> Option<Self> {
        let ours = || {
            let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
            let caches = set("XDG_CACHE_HOME")
                .map(PathBuf::from)
                .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache")))?;
            Some(caches.join("understanding-gans").join("features"))
        };
        folder.map(Path::to_owned).or_else(ours).map(|folder| Self { folder })
    }

    fn place(&self, content: &str, protocol: &str) -> PathBuf {
        let protocol = blake3::hash(protocol.as_bytes()).to_hex().to_string();
        self.folder.join(format!("{}-{}.safetensors", &content[..DIGITS], &protocol[..DIGITS]))
    }

    /// Returns features and pictures, `[n, dim]` and `[k, numbers]`, and the range that the values of the file were taken
    /// to lie in, if they are there and whole.
    pub(crate) fn get(&self, content: &str, protocol: &str) -> Option<(Tensor, Tensor, Range)> {
        let path = self.place(content, protocol);
        if !path.is_file() {
            return None;
        }
        match read_labelled(&path, &key(content, protocol)) {
            Ok((arrays, notes)) => {
                let tensor = |name: &str| {
                    let array = arrays.get(name)?;
                    let shape: Vec<i64> = array.shape.iter().map(|&size| size as i64).collect();
                    Some(Tensor::from_slice(&array.to_f32()).reshape(shape))
                };
                let range = serde_json::from_str(&notes).ok()?;
                Some((tensor("features")?, tensor("pictures")?, range))
            }
            Err(error) => {
                say(&format!("warning: {error:#}; computed afresh"));
                None
            }
        }
    }

    /// Keeps features and pictures; a cache that cannot be written is none.
    pub(crate) fn put(
        &self,
        content: &str,
        protocol: &str,
        features: &Tensor,
        pictures: &Tensor,
        range: Range,
    ) {
        let array = |tensor: &Tensor| {
            let shape: Vec<usize> = tensor.size().iter().map(|&size| size as usize).collect();
            let values: Vec<f32> =
                to_vec(&tensor.to_kind(Kind::Double)).into_iter().map(|x| x as f32).collect();
            Array::of_f32(&shape, &values)
        };
        let arrays = Arrays::from([
            ("features".to_owned(), array(features)),
            ("pictures".to_owned(), array(pictures)),
        ]);
        let path = self.place(content, protocol);
        let notes = serde_json::json!(range).to_string();
        if let Err(error) = write_labelled(&path, &arrays, &key(content, protocol), &notes) {
            say(&format!("warning: features were not kept: {error:#}"));
        }
    }

    /// Whether features of this content are here, and none by this network and resizing.
    pub(crate) fn differs(&self, content: &str, protocol: &Protocol) -> bool {
        let Ok(entries) = fs_err::read_dir(&self.folder) else { return false };
        let beginning = format!("{}-", &content[..DIGITS]);
        let ours = network_key(protocol);
        let mut others = entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&beginning))
            .filter_map(|entry| header(&entry.path()).ok())
            .peekable();
        others.peek().is_some() && !others.any(|header| header.contains(&ours))
    }
}

/// The beginning of a file, where its label stands.
fn header(path: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    fs_err::File::open(path)?.take(HEADER).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What stands for a network and what it takes in the keys of a cache.
pub(crate) fn network_key(protocol: &Protocol) -> String {
    format!("{} {:?} {:?}", protocol.blake3, protocol.resize, protocol.takes)
}

fn key(content: &str, protocol: &str) -> String {
    format!("{content} {protocol}")
}
