//! .npy files, and archives of them.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use npyz::Order;
use npyz::npz::{array_name_from_file_name, file_name_from_array_name};
use tch::Tensor;
use zip::ZipArchive;

use super::header::{self, Header};
use super::numbers::Element;
use super::{Stored, Take, listed, source};

/// Elements that are decoded at a time.
const PIECE: usize = 1 << 16;
/// The array that `numpy.savez` names when nobody does.
const FIRST: &str = "arr_0";

/// Hands over so many numbers of a reader.
pub(super) fn pieces(
    mut file: impl Read,
    (element, high_first): (Element, bool),
    count: usize,
    take: Take,
) -> Result<()> {
    let (mut bytes, mut numbers) = (vec![0; PIECE.min(count.max(1)) * element.size()], Vec::new());
    let mut left = count;
    while left > 0 {
        let now = left.min(PIECE);
        let bytes = &mut bytes[..now * element.size()];
        file.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => anyhow!("is truncated; write it again"),
            _ => anyhow!(error).context("is damaged; write it again"),
        })?;
        numbers.clear();
        element.decode(bytes, high_first, &mut numbers);
        take(&numbers)?;
        left -= now;
    }
    // Also the end of an archive's entry, where its sum is checked.
    file.read(&mut [0]).context("is damaged; write it again")?;
    Ok(())
}

fn with_reader<'a, T>(
    mut file: impl Read + 'a,
    len: u64,
    read: impl FnOnce(Stored) -> Result<T>,
) -> Result<T> {
    let Header { npy, shape, surplus } = header::read(&mut file, len)?;
    let kind = Element::of_numpy(&npy.dtype().descr())?;
    let count = shape.iter().product();
    read(Stored {
        shape,
        element: kind.0,
        first_fastest: npy.order() == Order::Fortran,
        pictures: false,
        surplus,
        numbers: Box::new(move |take| pieces(file, kind, count, take)),
    })
}

/// Hands the array of a .npy file to a reader.
pub(super) fn with_file<T>(path: &Path, read: impl FnOnce(Stored) -> Result<T>) -> Result<T> {
    let (file, len) = source::open(path)?;
    with_reader(BufReader::with_capacity(1 << 20, file), len, read)
}

fn archive(path: &Path) -> Result<ZipArchive<BufReader<File>>> {
    let file = BufReader::new(source::open(path)?.0);
    ZipArchive::new(file).context("is a damaged archive; write it again with numpy.savez")
}

fn names_in(archive: &ZipArchive<BufReader<File>>) -> Vec<String> {
    let mut names: Vec<String> =
        archive.file_names().filter_map(array_name_from_file_name).map(str::to_owned).collect();
    names.sort();
    names
}

/// Returns the names of the arrays of an archive, sorted.
pub(super) fn names(path: &Path) -> Result<Vec<String>> {
    Ok(names_in(&archive(path)?))
}

/// Hands an array of an archive to a reader: the one that is named, or the only one, or the first that has no name.
pub(super) fn with_entry<T>(
    path: &Path,
    key: Option<&str>,
    read: impl FnOnce(Stored) -> Result<T>,
) -> Result<T> {
    let mut archive = archive(path)?;
    let names = names_in(&archive);
    let name = match (key, &names[..]) {
        (Some(key), _) if names.iter().any(|name| name == key) => key,
        (Some(key), _) => bail!("has no array {key}, but {}; name one with --key", listed(&names)),
        (None, [name]) => name,
        (None, []) => bail!("is an archive without arrays; write it with numpy.savez"),
        (None, _) if names.iter().any(|name| name == FIRST) => FIRST,
        (None, _) => bail!("has several arrays, {}; name one with --key", listed(&names)),
    };
    let entry = archive
        .by_name(&file_name_from_array_name(name))
        .with_context(|| format!("has an array {name} that cannot be read; write it again"))?;
    let len = entry.size();
    with_reader(BufReader::with_capacity(1 << 20, entry), len, read)
}

/// Returns an array of an archive, in double precision.
pub(crate) fn array_of(path: &Path, key: &str) -> Result<Tensor> {
    with_entry(path, Some(key), |stored| {
        let shape: Vec<i64> = stored.shape.iter().map(|&size| size as i64).collect();
        let first_fastest = stored.first_fastest;
        let mut values = Vec::new();
        (stored.numbers)(&mut |piece| {
            values.extend_from_slice(piece);
            Ok(())
        })?;
        if !values.iter().all(|x| x.is_finite()) {
            bail!("has a value in {key} that is not finite");
        }
        let values = Tensor::from_slice(&values);
        Ok(if first_fastest {
            let back: Vec<i64> = shape.iter().rev().copied().collect();
            let axes: Vec<i64> = (0..shape.len() as i64).rev().collect();
            values.reshape(back).permute(axes)
        } else {
            values.reshape(shape)
        })
    })
    .with_context(|| path.display().to_string())
}
