//! One run's files below `shards/`: its record, and its arrays where it kept some.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::array::{Arrays, read_labelled, write_labelled};
use crate::files;
use crate::record::{Identity, Outcome, RunRecord, config_id};
use crate::seal::{SealError, read_sealed, write_sealed};

/// What stands where a run's record belongs.
#[derive(Debug)]
pub(crate) enum Shard {
    /// A whole record of a run that finished or diverged, and its arrays.
    Whole(Box<RunRecord>, Arrays),
    /// The run failed; the message says how.
    Panicked(String),
    /// A whole record of another epoch than the program's.
    OtherEpoch,
    /// Something that this program cannot use, and why.
    Unusable(String),
}

/// Returns the folder of the records of an experiment's results.
pub(crate) fn shards(folder: &Path) -> PathBuf {
    folder.join("shards")
}

fn path(folder: &Path, identity: &Identity) -> PathBuf {
    shards(folder).join(format!("{}.json", identity.file_stem()))
}

/// Writes a record and its arrays. The record goes last: it says that the arrays are whole.
///
/// # Errors
/// If a file cannot be written.
pub(crate) fn write_shard(
    folder: &Path,
    identity: &Identity,
    record: &RunRecord,
    samples: &Arrays,
) -> Result<()> {
    let path = path(folder, identity);
    if !samples.is_empty() {
        let arrays = path.with_extension("safetensors");
        write_labelled(&arrays, samples, &identity.to_string(), "")?;
    }
    write_sealed(&path, serde_json::to_string(record)?)
}

/// Reads what stands where a run's record belongs, or `None` if nothing does. What is read is what its name says: the
/// hash holds, and experiment, configuration and seed are the expected ones.
///
/// # Errors
/// If the system cannot read a file.
pub(crate) fn read_shard(folder: &Path, identity: &Identity) -> Result<Option<Shard>> {
    let path = path(folder, identity);
    let record: RunRecord = match read_sealed(&path) {
        Ok(record) => record,
        Err(SealError::Unreadable(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(SealError::Unreadable(error)) => return Err(error.into()),
        Err(error) => return Ok(Some(Shard::Unusable(error.to_string()))),
    };
    let unusable = |what: &str| Some(Shard::Unusable(format!("{} {what}", path.display())));
    if record.experiment != identity.experiment
        || record.config_id != identity.config_id
        || record.seed != identity.seed
    {
        return Ok(unusable("is the record of another run than its name says"));
    }
    if config_id(&record.config) != record.config_id {
        return Ok(unusable("has another configuration than its identity says"));
    }
    if record.epoch != identity.epoch {
        return Ok(Some(Shard::OtherEpoch));
    }
    if let Outcome::Panicked { message } = record.outcome {
        return Ok(Some(Shard::Panicked(message)));
    }
    let samples = if record.samples.is_empty() {
        BTreeMap::new()
    } else {
        match read_labelled(&path.with_extension("safetensors"), &identity.to_string()) {
            Ok((samples, _)) => samples,
            Err(error) => return Ok(Some(Shard::Unusable(format!("{error:#}")))),
        }
    };
    if samples.keys().ne(record.samples.iter()) {
        return Ok(unusable("and its arrays do not belong together"));
    }
    Ok(Some(Shard::Whole(Box::new(record), samples)))
}

/// Returns the configurations and seeds of which something stands in a folder's `shards/`, sorted.
///
/// # Errors
/// If the folder cannot be read.
pub(crate) fn names(folder: &Path) -> Result<Vec<(String, u64)>> {
    let folder = shards(folder);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let stem = name.strip_suffix(".json").filter(|stem| !stem.starts_with('.'));
        let parts = stem.and_then(|stem| stem.rsplit_once('-'));
        if let Some((id, Ok(seed))) = parts.map(|(id, seed)| (id, seed.parse())) {
            names.push((id.to_owned(), seed));
        }
    }
    names.sort();
    Ok(names)
}

/// Moves what stands where a run's record belongs to `set-aside/`, so that nothing is overwritten.
///
/// # Errors
/// If it cannot be moved.
pub(crate) fn set_aside(folder: &Path, identity: &Identity) -> Result<()> {
    let record = path(folder, identity);
    files::set_aside(folder, &[record.with_extension("safetensors"), record])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Array;
    use crate::experiment::Summary;
    use crate::origin::Origin;
    use proptest::prelude::*;
    use serde_json::json;

    fn record(values: &[f64]) -> (Identity, RunRecord, Arrays) {
        let config = json!({"rate": values[0]});
        let config_id = config_id(&config);
        let identity =
            Identity { experiment: "test", epoch: 1, config_id: config_id.clone(), seed: 3 };
        let mut summary = Summary::default();
        summary.insert("metric", values[0]);
        let record = RunRecord {
            experiment: "test".into(),
            epoch: 1,
            arm: "part/arm".into(),
            config_id,
            config,
            seed: 3,
            outcome: Outcome::Finished { summary },
            traces: [("metric".to_owned(), values.iter().map(|&v| (7, v)).collect())].into(),
            samples: vec!["cloud".into()],
            wall_seconds: 1.5,
            origin: Origin::unknown(),
        };
        let cloud = Array::of_f32(&[2, 1], &[1.0, f32::MIN_POSITIVE]);
        (identity, record, Arrays::from([("cloud".to_owned(), cloud)]))
    }

    proptest! {
        /// A stored record equals the computed one to the last bit of every number.
        #[test]
        fn a_record_survives_its_file(
            values in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL, 1..9)
        ) {
            let folder = tempfile::tempdir().unwrap();
            let (identity, record, samples) = record(&values);
            write_shard(folder.path(), &identity, &record, &samples).unwrap();
            let Some(Shard::Whole(read, arrays)) = read_shard(folder.path(), &identity).unwrap() else {
                panic!("not read");
            };
            prop_assert_eq!((*read, arrays), (record, samples));
        }
    }

    /// A record, or its arrays, under another name than its own is not taken for that other run's.
    #[test]
    fn a_record_is_only_what_its_name_says() {
        let folder = tempfile::tempdir().unwrap();
        let (identity, record, samples) = record(&[0.5]);
        write_shard(folder.path(), &identity, &record, &samples).unwrap();
        let other = Identity { seed: 4, ..identity.clone() };
        let another = Identity { config_id: "0123456789ab".into(), ..identity.clone() };
        for wrong in [&other, &another] {
            for end in ["json", "safetensors"] {
                let file = |identity| path(folder.path(), identity).with_extension(end);
                fs_err::copy(file(&identity), file(wrong)).unwrap();
            }
            let read = read_shard(folder.path(), wrong).unwrap();
            assert!(matches!(read, Some(Shard::Unusable(_))), "{read:?}");
        }
        let newer = Identity { epoch: 2, ..identity.clone() };
        assert!(matches!(read_shard(folder.path(), &newer), Ok(Some(Shard::OtherEpoch))));
        set_aside(folder.path(), &other).unwrap();
        assert!(read_shard(folder.path(), &other).unwrap().is_none());
        assert!(matches!(read_shard(folder.path(), &identity), Ok(Some(Shard::Whole(..)))));
    }

    #[test]
    fn a_truncated_shard_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (identity, ..) = record(&[0.5]);
        fs_err::create_dir_all(shards(folder.path())).unwrap();
        fs_err::write(path(folder.path(), &identity), br#"{"blake3": "te"#).unwrap();
        let Some(Shard::Unusable(why)) = read_shard(folder.path(), &identity).unwrap() else {
            panic!("taken for whole");
        };
        assert!(why.contains("-3.json is damaged"), "{why}");
    }
}
