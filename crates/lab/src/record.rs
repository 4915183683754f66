//! What one seed of one configuration left behind, and the identity of both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::experiment::{Diverged, Summary};
use crate::files::write_atomically;
use crate::run::{Array, read_arrays, write_arrays};

/// How a run ended. `NaN` is a status, never a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Outcome {
    /// It reached its end.
    Finished {
        /// Its last numbers.
        summary: Summary,
    },
    /// Its numbers stopped being numbers.
    Diverged(Diverged),
    /// The program failed; the sweep went on.
    Panicked {
        /// The panic's message.
        message: String,
    },
}

impl Outcome {
    /// Returns the status as it is stored.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Finished { .. } => "finished",
            Self::Diverged(_) => "diverged",
            Self::Panicked { .. } => "panicked",
        }
    }
}

/// A metric over the steps of a run: at most [`TRACE_POINTS`] pairs of step and value.
pub type Trace = Vec<(u64, f64)>;

/// The most points that a trace may have.
pub const TRACE_POINTS: usize = 200;

/// One seed of one configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// Name of the experiment.
    pub experiment: String,
    /// Epoch of its algorithm.
    pub epoch: u32,
    /// See [`config_id`].
    pub config_id: String,
    /// The whole configuration.
    pub config: Value,
    /// The seed.
    pub seed: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Metrics over time.
    pub traces: BTreeMap<String, Trace>,
    /// Names of the arrays in the file beside this one.
    pub samples: Vec<String>,
    /// Seconds that its whole stack took; not part of any table.
    pub wall_seconds: f64,
}

/// Returns the identity of a configuration: 12 hex digits of BLAKE3 over canonical JSON, which does
/// not depend on the order of fields.
pub fn config_id(config: &Value) -> String {
    blake3::hash(canonical(config).as_bytes()).to_hex()[..12].to_owned()
}

/// Returns JSON with sorted keys and no spaces.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            let field = |(key, value): (&String, &Value)| {
                format!("{}:{}", Value::String(key.clone()), canonical(value))
            };
            format!("{{{}}}", sorted.into_iter().map(field).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        scalar => scalar.to_string(),
    }
}

/// Returns the path of a record below the folder of an experiment's results.
pub fn shard_path(folder: &Path, config_id: &str, seed: u64) -> PathBuf {
    folder.join("shards").join(format!("{config_id}-{seed}.json"))
}

/// Writes a record and its samples. The record goes last: it says that the samples are whole.
///
/// # Errors
/// If a file cannot be written.
pub fn write_shard(
    folder: &Path,
    record: &RunRecord,
    samples: &BTreeMap<String, Array>,
) -> Result<()> {
    let path = shard_path(folder, &record.config_id, record.seed);
    if !samples.is_empty() {
        write_arrays(&path.with_extension("safetensors"), samples, &BTreeMap::new())?;
    }
    write_atomically(&path, &serde_json::to_vec(record)?)
}

/// Reads the record at a path, or `None` if there is no file.
///
/// # Errors
/// If the file, or that of its samples, is damaged.
pub fn read_shard(path: &Path) -> Result<Option<(RunRecord, BTreeMap<String, Array>)>> {
    let bytes = match fs_err::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let record: RunRecord =
        serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", path.display()))?;
    let samples = if record.samples.is_empty() {
        BTreeMap::new()
    } else {
        read_arrays(&path.with_extension("safetensors"))?.0
    };
    if samples.keys().ne(record.samples.iter()) {
        bail!("{} and its samples do not belong together", path.display());
    }
    Ok(Some((record, samples)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn identity_ignores_the_order_of_fields_and_sees_every_value() {
        let a: Value = serde_json::from_str(r#"{"x": 1, "y": {"a": 0.1, "b": [1, 2]}}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{"y": {"b": [1, 2], "a": 0.1}, "x": 1}"#).unwrap();
        assert_eq!(config_id(&a), config_id(&b));
        assert_ne!(config_id(&a), config_id(&json!({"x": 1, "y": {"a": 0.1, "b": [2, 1]}})));
        assert_eq!(canonical(&a), r#"{"x":1,"y":{"a":0.1,"b":[1,2]}}"#);
    }

    proptest! {
        /// A stored record equals the computed one to the last bit of every number.
        #[test]
        fn a_record_survives_its_file(
            values in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL, 1..9)
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut summary = Summary::default();
            summary.insert("metric", values[0]);
            let record = RunRecord {
                experiment: "test".into(),
                epoch: 1,
                config_id: "0123456789ab".into(),
                config: json!({"rate": values[0]}),
                seed: 3,
                outcome: Outcome::Finished { summary },
                traces: [("metric".to_owned(), values.iter().map(|&v| (7, v)).collect())].into(),
                samples: vec!["cloud".into()],
                wall_seconds: 1.5,
            };
            let cloud = Array::of_f32(&[2, 1], &[1.0, f32::MIN_POSITIVE]);
            let samples = BTreeMap::from([("cloud".to_owned(), cloud)]);
            write_shard(folder.path(), &record, &samples).unwrap();
            let path = shard_path(folder.path(), &record.config_id, 3);
            prop_assert_eq!(read_shard(&path).unwrap(), Some((record, samples)));
        }
    }

    #[test]
    fn a_truncated_shard_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = shard_path(folder.path(), "0123456789ab", 0);
        write_atomically(&path, br#"{"experiment": "te"#).unwrap();
        let message = format!("{:#}", read_shard(&path).unwrap_err());
        assert!(message.contains("0123456789ab-0.json is damaged"), "{message}");
        assert!(read_shard(&shard_path(folder.path(), "none", 0)).unwrap().is_none());
    }
}
