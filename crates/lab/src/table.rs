//! Records to and from Parquet. The only file that knows polars.
//!
//! `runs.parquet` has a row per run: `arm`, `config_id`, `seed`, `status`, `diverged_step`, `message`, the whole
//! `config` as canonical JSON, its leaves as `config.<path>` and the summary as `metric.<name>`.
//! `traces.parquet` is long: `config_id`, `seed`, `metric`, `step`, `value`. The metadata of both say under `metric.<name>`
//! what each metric is. Rows are sorted, and there is no clock, host or path in them, so that equal runs give equal bytes;
//! the seconds of runs are in a table of their own, [`SECONDS`].
//!
//! Integers are integers and lists are lists in `config.<path>`; tables that were written before have numbers and JSON
//! there. Both are read alike: a configuration is read from `config`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use polars::prelude::{
    Column, DataFrame, DataType, KeyValueMetadata, NamedFrom, ParquetReader, ParquetWriter,
    PlSmallStr, SerReader, Series,
};
use serde_json::Value;

use crate::experiment::{Diverged, Summary};
use crate::files::write_atomically;
use crate::metric::{Metric, describe};
use crate::record::{Outcome, RunRecord, Trace, canonical};
use crate::settings::flatten;

/// File of one row per run.
pub(crate) const RUNS: &str = "runs.parquet";
/// File of the metrics over time.
pub(crate) const TRACES: &str = "traces.parquet";

/// File of the seconds of runs: `arm`, `config_id`, `seed`, `seconds` of the stack that trained the run.
pub(crate) const SECONDS: &str = "seconds.parquet";

/// A run as the tables hold it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredRun {
    /// Name of the arm; `None` in tables that were written before arms had names.
    pub(crate) arm: Option<String>,
    pub(crate) config_id: String,
    pub(crate) config: Value,
    pub(crate) seed: u64,
    pub(crate) outcome: Outcome,
    pub(crate) traces: BTreeMap<String, Trace>,
}

/// Writes both tables below a folder from records sorted by configuration and seed.
pub(crate) fn write(folder: &Path, records: &[&RunRecord], metrics: &[Metric]) -> Result<()> {
    let in_summaries = records.iter().flat_map(|record| summary(record).into_keys());
    let in_traces = records.iter().flat_map(|record| record.traces.keys().cloned());
    let tables = [
        (RUNS, runs(records)?, in_summaries.collect()),
        (TRACES, traces(records)?, in_traces.collect()),
    ];
    for (name, frame, names) in tables {
        write_atomically(&folder.join(name), &parquet(frame, &names, metrics)?)?;
    }
    Ok(())
}

/// Writes the table of seconds below a folder.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write_seconds(folder: &Path, records: &[&RunRecord]) -> Result<()> {
    let strings = |of: fn(&RunRecord) -> &str| records.iter().map(|r| of(r)).collect::<Vec<_>>();
    let frame = DataFrame::new_infer_height(vec![
        Column::new("arm".into(), strings(|r| &r.arm)),
        Column::new("config_id".into(), strings(|r| &r.config_id)),
        Column::new("seed".into(), records.iter().map(|r| r.seed as i64).collect::<Vec<_>>()),
        Column::new("seconds".into(), records.iter().map(|r| r.wall_seconds).collect::<Vec<_>>()),
    ])?;
    write_atomically(&folder.join(SECONDS), &parquet(frame, &BTreeSet::new(), &[])?)
}

/// Returns the file of a table, with the descriptions of the metrics of these names.
fn parquet(mut frame: DataFrame, names: &BTreeSet<String>, metrics: &[Metric]) -> Result<Vec<u8>> {
    let entry = |name: &String| Some((format!("metric.{name}"), describe(metrics, name)?.words()));
    let described = KeyValueMetadata::from_static(names.iter().filter_map(entry).collect());
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).with_key_value_metadata(Some(described)).finish(&mut frame)?;
    Ok(bytes)
}

fn summary(record: &RunRecord) -> BTreeMap<String, f64> {
    match &record.outcome {
        Outcome::Finished { summary } => summary.values().clone(),
        _ => BTreeMap::new(),
    }
}

fn runs(records: &[&RunRecord]) -> Result<DataFrame> {
    let strings = |name: &str, f: &dyn Fn(&RunRecord) -> Option<String>| {
        Column::new(name.into(), records.iter().map(|r| f(r)).collect::<Vec<Option<String>>>())
    };
    let numbers = |name: String, f: &dyn Fn(&RunRecord) -> Option<f64>| {
        Column::new(name.into(), records.iter().map(|r| f(r)).collect::<Vec<Option<f64>>>())
    };
    let mut columns = vec![
        strings("arm", &|r| Some(r.arm.clone())),
        strings("config_id", &|r| Some(r.config_id.clone())),
        Column::new("seed".into(), records.iter().map(|r| r.seed as i64).collect::<Vec<i64>>()),
        strings("status", &|r| Some(r.outcome.status().to_owned())),
        Column::new(
            "diverged_step".into(),
            records
                .iter()
                .map(|r| match &r.outcome {
                    Outcome::Diverged(Diverged { step, .. }) => Some(*step as i64),
                    _ => None,
                })
                .collect::<Vec<Option<i64>>>(),
        ),
        strings("message", &|r| match &r.outcome {
            Outcome::Diverged(Diverged { what, .. }) => Some(what.clone()),
            Outcome::Panicked { message } => Some(message.clone()),
            Outcome::Finished { .. } => None,
        }),
        strings("config", &|r| Some(canonical(&r.config))),
    ];

    let leaves: Vec<BTreeMap<String, Value>> =
        records.iter().map(|r| flatten(&r.config).into_iter().collect()).collect();
    let names: BTreeSet<&String> = leaves.iter().flat_map(BTreeMap::keys).collect();
    for name in names {
        let present: Vec<Option<&Value>> = leaves.iter().map(|leaf| leaf.get(name)).collect();
        columns.push(leaf_column(format!("config.{name}").into(), &present));
    }

    let metrics: BTreeSet<String> = records.iter().flat_map(|r| summary(r).into_keys()).collect();
    for metric in metrics {
        let value = |r: &RunRecord| summary(r).get(&metric).copied();
        columns.push(numbers(format!("metric.{metric}"), &value));
    }
    Ok(DataFrame::new_infer_height(columns)?)
}

/// A field of configurations as a column: integers, numbers, lists of one of them, or else text.
fn leaf_column(title: PlSmallStr, values: &[Option<&Value>]) -> Column {
    let all = |is: fn(&Value) -> bool| values.iter().flatten().all(|value| is(value));
    let elements = |is: fn(&Value) -> bool| {
        let of_list = |value: &&Value| value.as_array().is_some_and(|list| list.iter().all(is));
        values.iter().flatten().all(of_list)
    };
    if all(Value::is_i64) {
        let integers = values.iter().map(|value| value.and_then(Value::as_i64));
        Column::new(title, integers.collect::<Vec<_>>())
    } else if all(Value::is_number) {
        let numbers = values.iter().map(|value| value.and_then(Value::as_f64));
        Column::new(title, numbers.collect::<Vec<_>>())
    } else if elements(Value::is_i64) {
        Column::new(title, lists(values, Value::as_i64))
    } else if elements(Value::is_number) {
        Column::new(title, lists(values, Value::as_f64))
    } else {
        let text = |value: &Value| value.as_str().map_or_else(|| canonical(value), str::to_owned);
        let texts = values.iter().map(|value| value.map(text));
        Column::new(title, texts.collect::<Vec<_>>())
    }
}

/// The lists of a field, with their elements as one type.
fn lists<T>(values: &[Option<&Value>], element: fn(&Value) -> Option<T>) -> Vec<Option<Series>>
where
    Series: NamedFrom<Vec<Option<T>>, [Option<T>]>,
{
    let list = |list: &Vec<Value>| {
        Series::new("".into(), list.iter().map(element).collect::<Vec<Option<T>>>())
    };
    values.iter().map(|value| value.and_then(Value::as_array).map(list)).collect()
}

fn traces(records: &[&RunRecord]) -> Result<DataFrame> {
    let (mut ids, mut seeds, mut metrics) = (Vec::new(), Vec::new(), Vec::new());
    let (mut steps, mut values) = (Vec::new(), Vec::new());
    for record in records {
        for (metric, trace) in &record.traces {
            for &(step, value) in trace {
                ids.push(record.config_id.as_str());
                seeds.push(record.seed as i64);
                metrics.push(metric.as_str());
                steps.push(step as i64);
                values.push(value);
            }
        }
    }
    Ok(DataFrame::new_infer_height(vec![
        Column::new("config_id".into(), ids),
        Column::new("seed".into(), seeds),
        Column::new("metric".into(), metrics),
        Column::new("step".into(), steps),
        Column::new("value".into(), values),
    ])?)
}

/// Reads both tables of a folder.
///
/// # Errors
/// If a table is missing, damaged, or lacks a column.
pub(crate) fn read(folder: &Path) -> Result<Vec<StoredRun>> {
    let runs = frame(&folder.join(RUNS))?;
    let context = |name: &str| format!("{}: column `{name}`", folder.join(RUNS).display());
    let strings = |name: &str| -> Result<Vec<Option<String>>> {
        let column = runs.column(name).with_context(|| context(name))?;
        let texts = column.str().with_context(|| context(name))?;
        Ok((0..texts.len()).map(|i| texts.get(i).map(str::to_owned)).collect())
    };
    let integers = |name: &str| -> Result<Vec<Option<i64>>> {
        let column = runs.column(name).with_context(|| context(name))?;
        let numbers = column.i64().with_context(|| context(name))?;
        Ok((0..numbers.len()).map(|i| numbers.get(i)).collect())
    };
    let arms = runs.column("arm").is_ok().then(|| strings("arm")).transpose()?;
    let ids = strings("config_id")?;
    let (seeds, statuses) = (integers("seed")?, strings("status")?);
    let (steps, messages) = (integers("diverged_step")?, strings("message")?);
    let configs = strings("config")?;
    let mut metrics = Vec::new();
    for name in runs.get_column_names() {
        if let Some(metric) = name.strip_prefix("metric.") {
            let column = runs.column(name)?.f64().with_context(|| context(name))?;
            let values: Vec<Option<f64>> = (0..column.len()).map(|i| column.get(i)).collect();
            metrics.push((metric.to_owned(), values));
        }
    }

    let mut traces = read_traces(&folder.join(TRACES))?;
    let missing = |what: &str| anyhow!("{}: a row without {what}", folder.join(RUNS).display());
    (0..runs.height())
        .map(|i| {
            let config_id = ids[i].clone().ok_or_else(|| missing("config_id"))?;
            let seed = seeds[i].ok_or_else(|| missing("seed"))? as u64;
            let message = messages[i].clone().unwrap_or_default();
            let outcome = match statuses[i].as_deref() {
                Some("finished") => {
                    let mut summary = Summary::default();
                    for (metric, values) in &metrics {
                        values[i].into_iter().for_each(|value| summary.insert(metric, value));
                    }
                    Outcome::Finished { summary }
                }
                Some("diverged") => {
                    let step = steps[i].ok_or_else(|| missing("diverged_step"))? as u64;
                    Outcome::Diverged(Diverged { step, what: message })
                }
                Some("panicked") => Outcome::Panicked { message },
                other => return Err(anyhow!("unknown status {other:?} of {config_id}")),
            };
            let config = configs[i].as_deref().ok_or_else(|| missing("config"))?;
            Ok(StoredRun {
                arm: arms.as_ref().and_then(|arms| arms[i].clone()),
                traces: traces.remove(&(config_id.clone(), seed)).unwrap_or_default(),
                config: serde_json::from_str(config)?,
                config_id,
                seed,
                outcome,
            })
        })
        .collect()
}

/// Reads the names of the metrics in both tables of a folder.
///
/// # Errors
/// If a table is missing or damaged.
pub(crate) fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let mut names: BTreeSet<String> = outline(folder)?.metrics.into_iter().collect();
    let traces = read_traces(&folder.join(TRACES))?.into_values();
    names.extend(traces.flat_map(BTreeMap::into_keys));
    Ok(names)
}

/// Names of arms and metrics in a table of runs, sorted.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// None in tables that were written before arms had names.
    pub(crate) arms: Vec<String>,
    pub(crate) metrics: Vec<String>,
}

/// Reads the names of a folder's table of runs.
///
/// # Errors
/// If the table is missing or damaged.
pub(crate) fn outline(folder: &Path) -> Result<Outline> {
    let runs = frame(&folder.join(RUNS))?;
    let metric = |name: &PlSmallStr| name.strip_prefix("metric.").map(str::to_owned);
    let metrics: BTreeSet<String> =
        runs.get_column_names().into_iter().filter_map(metric).collect();
    let mut arms = BTreeSet::new();
    if let Ok(column) = runs.column("arm") {
        let names = column.str()?;
        arms.extend((0..names.len()).filter_map(|i| names.get(i).map(str::to_owned)));
    }
    Ok(Outline { arms: arms.into_iter().collect(), metrics: metrics.into_iter().collect() })
}

type Traces = BTreeMap<(String, u64), BTreeMap<String, Trace>>;

fn read_traces(path: &Path) -> Result<Traces> {
    let frame = frame(path)?;
    let context = || path.display().to_string();
    let ids = frame.column("config_id").and_then(Column::str).with_context(context)?;
    let seeds = frame.column("seed").and_then(Column::i64).with_context(context)?;
    let metrics = frame.column("metric").and_then(Column::str).with_context(context)?;
    let steps = frame.column("step").and_then(Column::i64).with_context(context)?;
    let values = frame.column("value").and_then(Column::f64).with_context(context)?;
    let mut traces = Traces::new();
    for i in 0..frame.height() {
        let row = (ids.get(i), seeds.get(i), metrics.get(i), steps.get(i), values.get(i));
        let (Some(id), Some(seed), Some(metric), Some(step), Some(value)) = row else {
            return Err(anyhow!("{}: row {i} has a hole", path.display()));
        };
        let run = traces.entry((id.to_owned(), seed as u64)).or_default();
        run.entry(metric.to_owned()).or_default().push((step as u64, value));
    }
    Ok(traces)
}

fn frame(path: &Path) -> Result<DataFrame> {
    let file = fs_err::File::open(path)?;
    let damaged = || format!("{} is damaged", path.display());
    ParquetReader::new(file.into_file()).finish().with_context(damaged)
}

/// The numbers of a table, a row after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: usize,
    /// The numbers, `rows` times as many as there are columns.
    pub values: Vec<f64>,
}

/// Reads a Parquet file of which every column holds numbers.
///
/// # Errors
/// If it is missing or damaged, or a column holds something else or a hole.
pub fn read_numbers(path: &Path) -> Result<Numbers> {
    let frame = frame(path)?;
    let columns: Vec<String> =
        frame.get_column_names().into_iter().map(ToString::to_string).collect();
    let (rows, width) = (frame.height(), columns.len());
    let mut values = vec![0.0; rows * width];
    for (place, name) in columns.iter().enumerate() {
        let column = frame.column(name)?;
        let kind = column.dtype();
        if !(kind.is_primitive_numeric() || kind.is_bool()) {
            anyhow::bail!("column `{name}` holds {kind}, no numbers; write the numbers alone");
        }
        let numbers = column.cast(&DataType::Float64)?;
        for (row, value) in numbers.f64()?.iter().enumerate() {
            values[row * width + place] =
                value.with_context(|| format!("column `{name}` has a hole in row {row}"))?;
        }
    }
    Ok(Numbers { columns, rows, values })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(config: Value, seed: u64, outcome: Outcome) -> RunRecord {
        let traces = [("loss".to_owned(), vec![(0, 0.1), (10, 1.0 / 3.0)])].into();
        RunRecord {
            experiment: "test".into(),
            epoch: 1,
            arm: "part/arm".into(),
            config_id: crate::record::config_id(&config),
            config,
            seed,
            outcome,
            traces,
            samples: Vec::new(),
            wall_seconds: 0.5,
            origin: crate::origin::Origin::unknown(),
        }
    }

    #[test]
    fn tables_give_back_what_they_were_given() {
        let folder = tempfile::tempdir().unwrap();
        let mut summary = Summary::default();
        summary.insert("modes", 8.0);
        summary.insert("tiny", f64::MIN_POSITIVE / 3.0);
        let records = [
            record(json!({"k": 0, "net": "a"}), 0, Outcome::Finished { summary }),
            record(
                json!({"k": 0, "net": "a"}),
                1,
                Outcome::Finished { summary: Summary::default() },
            ),
            record(
                json!({"k": 5, "extra": {"weight": 10.0}}),
                0,
                Outcome::Diverged(Diverged { step: 7, what: "critic loss".into() }),
            ),
            record(json!({"k": "five"}), 2, Outcome::Panicked { message: "shape".into() }),
        ];
        let all: Vec<&RunRecord> = records.iter().collect();
        write(folder.path(), &all, &[]).unwrap();
        let stored = read(folder.path()).unwrap();
        assert_eq!(stored.len(), records.len());
        for (stored, record) in stored.iter().zip(&records) {
            assert_eq!(stored.arm.as_ref(), Some(&record.arm));
            assert_eq!(stored.config, record.config);
            assert_eq!(stored.outcome, record.outcome);
            assert_eq!(stored.traces, record.traces);
            assert_eq!((&stored.config_id, stored.seed), (&record.config_id, record.seed));
        }
        let bytes = |name| fs_err::read(folder.path().join(name)).unwrap();
        let first = (bytes(RUNS), bytes(TRACES));
        write(folder.path(), &all, &[]).unwrap();
        assert_eq!(first, (bytes(RUNS), bytes(TRACES)));
    }

    #[test]
    fn a_damaged_table_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join(RUNS), b"PAR1 cut").unwrap();
        let message = format!("{:#}", read(folder.path()).unwrap_err());
        assert!(message.contains("runs.parquet is damaged"), "{message}");
    }
}
