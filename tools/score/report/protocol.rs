//! What numbers depend on beside the model that is scored.

use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::features::{self, Order, Range};
use crate::sample::Sample;

/// What numbers depend on.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Protocol {
    /// Of the program.
    pub(crate) version: &'static str,
    /// `pixels`, or the name of a network.
    pub(crate) features: String,
    pub(crate) network: Option<features::Protocol>,
    /// The network of the class score.
    pub(crate) classifier: Option<features::Protocol>,
    pub(crate) standardised: bool,
    /// Rows of each file at most; `None` for all.
    pub(crate) limit: Option<u64>,
    pub(crate) neighbours: u32,
    pub(crate) seed: u64,
    pub(crate) real: Side,
    pub(crate) train: Option<Side>,
    pub(crate) fake: Vec<Side>,
}

/// One file or folder.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Side {
    pub(crate) path: String,
    pub(crate) blake3: String,
    pub(crate) key: Option<String>,
    /// As stored; of features, rows and columns.
    pub(crate) shape: Vec<usize>,
    /// Rows that were read.
    pub(crate) rows: usize,
    pub(crate) range: Option<Range>,
    pub(crate) order: Option<Order>,
}

impl Side {
    pub(crate) fn of(path: &Path, key: Option<&str>, sample: &Sample) -> Self {
        Self {
            path: path.display().to_string(),
            blake3: sample.hash.clone(),
            key: key.map(str::to_owned),
            shape: sample.shape.clone(),
            rows: sample.rows.size()[0] as usize,
            range: sample.range,
            order: sample.order,
        }
    }
}

/// Fields that may differ where numbers compare: names, and the model itself.
const FREE: [&str; 2] = ["version", "path"];

/// Returns the fields in which an earlier protocol differs from this one, so that numbers of theirs do not compare.
pub(super) fn unlike(earlier: &Value, now: &Protocol) -> Vec<String> {
    let now = serde_json::to_value(now).unwrap_or_default();
    let mut found = Vec::new();
    for (name, value) in now.as_object().into_iter().flatten() {
        let old = &earlier[name];
        if name == "fake" {
            // Bias goes with the rows.
            let rows = |value: &Value| value[0]["rows"].clone();
            if rows(old) != rows(value) {
                found.push("rows of the fake file".to_owned());
            }
        } else if value.is_object() && old.is_object() {
            for (field, value) in value.as_object().into_iter().flatten() {
                if !FREE.contains(&field.as_str()) && old[field] != *value {
                    found.push(format!("{name}.{field}"));
                }
            }
        } else if !FREE.contains(&name.as_str()) && old != value {
            found.push(name.clone());
        }
    }
    found
}
