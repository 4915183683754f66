//! JSON files that know whether they are whole: `{"blake3": .., "content": ..}`, where the hash is of the content's
//! text.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::files::write_atomically;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed<'a> {
    blake3: String,
    #[serde(borrow)]
    content: std::borrow::Cow<'a, RawValue>,
}

/// Why a sealed file was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    /// The system cannot read it.
    #[error(transparent)]
    Unreadable(#[from] std::io::Error),
    /// Its content is not what was written.
    #[error("{0} is damaged: {1}")]
    Damaged(String, String),
    /// It is whole, and of another version of the program.
    #[error("{0} is whole but of another version of this program: {1}")]
    Foreign(String, String),
}

fn hash(content: &RawValue) -> String {
    blake3::hash(content.get().as_bytes()).to_hex().to_string()
}

/// Writes a content, which is JSON, to a sealed file.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn write_sealed(path: &Path, content: String) -> anyhow::Result<()> {
    let content = RawValue::from_string(content)?;
    let sealed = Sealed { blake3: hash(&content), content: std::borrow::Cow::Owned(content) };
    write_atomically(path, &serde_json::to_vec(&sealed)?)
}

/// Reads a value from a sealed file.
///
/// # Errors
/// If the file is missing, damaged, or whole and of another version.
pub(crate) fn read_sealed<T: DeserializeOwned>(path: &Path) -> Result<T, SealError> {
    let bytes = fs_err::read(path)?;
    let show = || path.display().to_string();
    let sealed: Sealed = serde_json::from_slice(&bytes)
        .map_err(|error| SealError::Damaged(show(), error.to_string()))?;
    if hash(&sealed.content) != sealed.blake3 {
        let why = "its content does not have the hash that it was written with";
        return Err(SealError::Damaged(show(), why.to_owned()));
    }
    serde_json::from_str(sealed.content.get())
        .map_err(|error| SealError::Foreign(show(), error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Content {
        number: f64,
        name: String,
    }

    #[test]
    fn every_flipped_bit_is_seen_and_other_versions_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealed.json");
        let content = Content { number: 0.1 + 0.2, name: "a \"cell\"".to_owned() };
        write_sealed(&path, serde_json::to_string_pretty(&content).unwrap()).unwrap();
        assert_eq!(read_sealed::<Content>(&path).unwrap(), content);
        let whole = fs_err::read(&path).unwrap();
        for bit in 0..8 * whole.len() {
            let mut damaged = whole.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            fs_err::write(&path, damaged).unwrap();
            let read = read_sealed::<Content>(&path);
            assert!(matches!(read, Err(SealError::Damaged(..))), "bit {bit}: {read:?}");
        }
        write_sealed(&path, r#"{"number": 1.0, "name": "", "new": 1}"#.to_owned()).unwrap();
        assert!(matches!(read_sealed::<Content>(&path), Err(SealError::Foreign(..))));
    }
}
