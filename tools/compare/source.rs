//! Where an array lies: a file, or an entry of an archive.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use anyhow::{Context, Result, bail};
use npyz::npz::array_name_from_file_name;
use zip::ZipArchive;

/// Names of entries that a message lists at most.
const LISTED: usize = 8;

/// Opens a file and returns its length; a pipe would wait for ever, and a device has no end.
pub(crate) fn open(path: &Path) -> Result<(File, u64)> {
    let kind = std::fs::metadata(path).context("cannot be opened")?;
    if !kind.is_file() {
        bail!("is not a regular file; write the array to one");
    }
    Ok((File::open(path).context("cannot be opened")?, kind.len()))
}

/// Whether a file begins as archives do (numpy.savez).
pub(crate) fn is_archive(path: &Path) -> Result<bool> {
    let mut start = Vec::new();
    open(path)?.0.take(4).read_to_end(&mut start).context("cannot be read")?;
    Ok(start == b"PK\x03\x04" || start == b"PK\x05\x06")
}

/// Whether both files hold the same bytes; a file that cannot be read is like none, and is refused when it is read.
pub(crate) fn same(a: &Path, b: &Path) -> bool {
    let (Ok((a, len)), Ok((b, other))) = (open(a), open(b)) else { return false };
    let (mut a, mut b) = (BufReader::new(a).bytes(), BufReader::new(b).bytes());
    len == other
        && a.by_ref().zip(b.by_ref()).all(|(a, b)| matches!((a, b), (Ok(a), Ok(b)) if a == b))
}

/// Hands the bytes of the array of a file, and how many they are, to a reader of them.
pub(crate) fn with_array<T>(
    path: &Path,
    key: Option<&str>,
    read: impl FnOnce(&mut dyn Read, u64) -> Result<T>,
) -> Result<T> {
    let archive = is_archive(path)?;
    let (file, len) = open(path)?;
    let mut file = BufReader::new(file);
    if archive { with_entry(file, key, read) } else { read(&mut file, len) }
}

fn with_entry<T>(
    file: impl Read + Seek,
    key: Option<&str>,
    read: impl FnOnce(&mut dyn Read, u64) -> Result<T>,
) -> Result<T> {
    let mut archive =
        ZipArchive::new(file).context("is a damaged archive; write it again with numpy.savez")?;
    let mut names: Vec<String> =
        archive.file_names().filter_map(array_name_from_file_name).map(str::to_owned).collect();
    names.sort();
    let name = match (key, &names[..]) {
        (Some(key), _) if names.iter().any(|name| name == key) => key.to_owned(),
        (Some(key), _) => bail!("has no array {key}, but {}; name one with --key", listed(&names)),
        (None, [name]) => name.clone(),
        (None, []) => bail!("is an archive without arrays; write it with numpy.savez"),
        (None, _) => bail!("has several arrays, {}; name one with --key", listed(&names)),
    };
    let entry = archive
        .by_name(&npyz::npz::file_name_from_array_name(&name))
        .with_context(|| format!("has an array {name} that cannot be read; write it again"))?;
    let len = entry.size();
    // The end of the entry checks its sum, so the reader has to come there.
    read(&mut BufReader::new(entry), len)
}

fn listed(names: &[String]) -> String {
    let short = |name: &String| name.chars().take(40).collect::<String>();
    let first: Vec<String> = names.iter().take(LISTED).map(short).collect();
    let more = if names.len() > LISTED { ", ..." } else { "" };
    if names.is_empty() { "none".to_owned() } else { first.join(", ") + more }
}
