//! `score` from outside, and `compare`, its other name.

mod archives;
mod files;
mod floors;
mod formats;
mod golden;
mod invariances;
mod many;
mod memory;
mod models;
mod networks;
mod sizes;
mod streams;
mod ties;
mod transport;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::house::binary;
use assert_cmd::Command;
use gan::Rng;
use gan::device::to_vec;
use predicates::prelude::*;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

fn score(real: &Path, fake: &Path) -> Command {
    let mut command = Command::new(binary("score"));
    command.env("OMP_NUM_THREADS", "1").env_remove("RUST_BACKTRACE");
    command.arg("--real").arg(real).arg("--fake").arg(fake);
    command
}

/// The lines of a result by metric, all of those that are named.
fn lines(real: &Path, fake: &Path, metrics: &[&str]) -> BTreeMap<String, Value> {
    let mut command = score(real, fake);
    command.args(["--format", "json"]);
    for metric in metrics {
        command.args(["--metric", metric]);
    }
    by_metric(&command.assert().success().get_output().stdout)
}

fn by_metric(json: &[u8]) -> BTreeMap<String, Value> {
    let report: Value = serde_json::from_slice(json).unwrap();
    let lines = report["metrics"].as_array().unwrap().iter().cloned();
    lines.map(|line| (line["metric"].as_str().unwrap().to_owned(), line)).collect()
}

/// A number of a line.
fn number(line: &Value, name: &str) -> f64 {
    line[name].as_f64().unwrap_or_else(|| panic!("no {name} in {line}"))
}

/// A folder of arrays.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes rows of doubles.
    fn rows(&self, name: &str, columns: usize, values: &[f64]) -> PathBuf {
        let shape = format!("({}, {columns})", values.len() / columns);
        self.doubles(name, &header("<f8", "False", &shape), values)
    }

    /// Writes doubles behind a header of their own.
    fn doubles(&self, name: &str, header: &str, values: &[f64]) -> PathBuf {
        let numbers: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.bytes(name, &npy(header, &numbers))
    }

    fn bytes(&self, name: &str, bytes: &[u8]) -> PathBuf {
        fs_err::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
}

/// The bytes of a .npy file.
fn npy(header: &str, numbers: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(numbers);
    bytes
}

fn header(descr: &str, order: &str, shape: &str) -> String {
    format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n")
}

/// Normal numbers, a row after the other.
fn normal(seed: u64, rows: usize, columns: usize) -> Vec<f64> {
    to_vec(&Rng::new(&[seed]).normal(&[rows as i64, columns as i64]))
}

/// Rows of N(0, I) and of N((0.7, 0), I).
fn plain() -> [Vec<f64>; 2] {
    let shifted = normal(1, 300, 2).chunks(2).flat_map(|row| [row[0] + 0.7, row[1]]).collect();
    [normal(0, 300, 2), shifted]
}

/// Whether a text is one line.
fn one_line() -> impl Predicate<str> {
    predicate::function(|text: &str| text.ends_with('\n') && text.lines().count() == 1)
}
