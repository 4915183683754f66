//! What one seed of one configuration left behind, and the identity of both.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::experiment::{Diverged, Experiment, Summary};
use crate::origin::Origin;

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
    /// The program failed; the sweep went on, and its next start tries the cell again.
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
    /// Name of the arm.
    pub arm: String,
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
    /// What made it.
    pub origin: Origin,
}

/// What a record belongs to: one seed of one configuration of one epoch of an experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) experiment: &'static str,
    pub(crate) epoch: u32,
    pub(crate) config_id: String,
    pub(crate) seed: u64,
}

impl Identity {
    /// Returns the identity of a run of an experiment's present epoch.
    pub(crate) fn of<E: Experiment>(config_id: &str, seed: u64) -> Self {
        Self { experiment: E::NAME, epoch: E::EPOCH, config_id: config_id.to_owned(), seed }
    }

    /// Returns the name of this run's files, without their end.
    pub(crate) fn file_stem(&self) -> String {
        format!("{}-{}", self.config_id, self.seed)
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { experiment, epoch, config_id, seed } = self;
        write!(f, "{experiment} epoch {epoch} configuration {config_id} seed {seed}")
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn identity_ignores_the_order_of_fields_and_sees_every_value() {
        let a: Value = serde_json::from_str(r#"{"x": 1, "y": {"a": 0.1, "b": [1, 2]}}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{"y": {"b": [1, 2], "a": 0.1}, "x": 1}"#).unwrap();
        assert_eq!(config_id(&a), config_id(&b));
        assert_ne!(config_id(&a), config_id(&json!({"x": 1, "y": {"a": 0.1, "b": [2, 1]}})));
        assert_eq!(canonical(&a), r#"{"x":1,"y":{"a":0.1,"b":[1,2]}}"#);
    }
}
