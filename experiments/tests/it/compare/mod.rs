//! `compare` from outside: the numbers of other libraries, files that do not fit, and laws that numbers must keep.

mod hostile;
mod laws;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use approx::assert_relative_eq;
use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use tempfile::tempdir;

use crate::house::root;

fn compare(real: &Path, fake: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_compare"));
    command.env("OMP_NUM_THREADS", "1").env_remove("RUST_BACKTRACE");
    command.arg("--real").arg(real).arg("--fake").arg(fake);
    command
}

fn golden(file: &str) -> PathBuf {
    root().join("experiments/tests/it/golden").join(file)
}

/// The lines of a result by metric; all that fit, if none is named.
fn lines_of(real: &Path, fake: &Path, metrics: &[&str]) -> BTreeMap<String, Value> {
    let named = metrics.iter().flat_map(|name| ["--metric", name]);
    let output = compare(real, fake).args(["--format", "json"]).args(named).assert().success();
    let lines: Vec<Value> = serde_json::from_slice(&output.get_output().stdout).unwrap();
    lines.into_iter().map(|line| (line["metric"].as_str().unwrap().to_owned(), line)).collect()
}

fn lines(real: &Path, fake: &Path) -> BTreeMap<String, Value> {
    lines_of(real, fake, &[])
}

/// What numpy, scipy, POT and scikit-learn say of the same arrays (`scripts/reference/distances.py`): six digits,
/// four of the iterated Sinkhorn divergence, and 5 % where 200 random directions stand for all.
#[test]
fn agrees_with_scipy_and_pot() {
    let text = fs_err::read_to_string(golden("distances.json")).unwrap();
    let golden_numbers: Value = serde_json::from_str(&text).unwrap();
    for name in ["numbers", "points"] {
        let [real, fake] = ["real", "fake"].map(|side| golden(&format!("{name}_{side}.npy")));
        let found = lines(&real, &fake);
        for (metric, expected) in golden_numbers[name].as_object().unwrap() {
            let line = &found[metric.trim_end_matches("_scipy")];
            let value = line["value"].as_f64().unwrap();
            let tolerance = match metric.as_str() {
                "sinkhorn" => 1e-4,
                sliced if sliced.starts_with("sliced") => 0.05,
                _ => 1e-6,
            };
            assert_relative_eq!(value, expected.as_f64().unwrap(), max_relative = tolerance);
            let [low, high] = ["low", "high"].map(|end| line[end].as_f64().unwrap());
            assert!(low < value && value < high, "{metric}");
        }
        // A normal law against one half as wide again or twice as wide is told apart.
        assert!(found["mmd_test"]["p_value"].as_f64().unwrap() < 0.01);
    }
}

/// A file against itself is at no distance, and the table is the same each time.
#[test]
fn the_same_samples_are_at_no_distance() {
    let file = golden("points_real.npy");
    let found = lines(&file, &file);
    for metric in ["frechet", "energy"] {
        assert!(found[metric]["value"].as_f64().unwrap().abs() < 1e-9, "{metric}");
    }
    assert!(found["mmd_test"]["p_value"].as_f64().unwrap() > 0.5);
    let table = || {
        let output =
            compare(&file, &golden("points_fake.npy")).args(["--metric", "mmd_test"]).assert();
        output.success().get_output().stdout.clone()
    };
    assert_eq!(table(), table());
    assert!(String::from_utf8(table()).unwrap().lines().count() == 2);
}

/// A .npy file with a header and bytes of its own.
fn raw(path: &Path, header: &str, data: &[u8]) {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(data);
    fs_err::write(path, bytes).unwrap();
}

/// A .npy file of doubles with a header of its own.
fn npy(path: &Path, header: &str, numbers: &[f64]) {
    let data: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
    raw(path, header, &data);
}

/// Writes rows of doubles and returns their path.
fn save(folder: &Path, name: &str, columns: usize, numbers: &[f64]) -> PathBuf {
    let path = folder.join(format!("{name}.npy"));
    let shape = format!("({}, {columns})", numbers.len() / columns);
    npy(&path, &header("<f8", "False", &shape), numbers);
    path
}

/// Normal numbers, the same for the same seed.
fn normal(seed: u64, count: usize) -> Vec<f64> {
    gan::device::to_vec(&gan::Rng::new(&[seed]).normal(&[count as i64]))
}

fn header(descr: &str, order: &str, shape: &str) -> String {
    format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n")
}

#[test]
fn files_that_do_not_fit_get_one_clear_line() {
    let folder = tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let numbers: Vec<f64> = (0..60).map(|i| f64::from(i) * 0.1).collect();
    let double = |shape| header("<f8", "False", shape);
    npy(&file("good.npy"), &double("(20, 3)"), &numbers);
    npy(&file("few.npy"), &double("(12, 5)"), &numbers);
    npy(&file("scalar.npy"), &double("()"), &numbers[..1]);
    npy(&file("wide.npy"), &double("(20, 2)"), &numbers[..40]);
    npy(&file("truncated.npy"), &double("(30, 3)"), &numbers);
    npy(&file("text.npy"), &header("<U1", "False", "(20, 3)"), &numbers);
    let hole: Vec<f64> = numbers.iter().map(|x| if *x > 2.95 { f64::NAN } else { *x }).collect();
    npy(&file("hole.npy"), &double("(20, 3)"), &hole);
    fs_err::write(file("empty.npy"), b"").unwrap();
    for (name, says) in [
        ("few.npy", "20 rows of numbers at least"),
        ("scalar.npy", "the shape []"),
        ("wide.npy", "numbers a row"),
        ("truncated.npy", "is truncated"),
        ("text.npy", "save it as float32 or float64"),
        ("hole.npy", "row 10 has a value that is not finite"),
        ("empty.npy", "is not a .npy file, or an empty one"),
        ("missing.npy", "cannot be opened"),
    ] {
        let one_line = predicate::function(|text: &str| text.trim_end().lines().count() == 1);
        compare(&file("good.npy"), &file(name))
            .assert()
            .code(1)
            .stdout("")
            .stderr(contains(name).and(contains(says)).and(one_line));
    }
    compare(&file("good.npy"), &file("good.npy"))
        .args(["--metric", "nonsense"])
        .assert()
        .code(2)
        .stderr(contains("wasserstein_1"));
}

/// Columns first, or axes beyond two: the same rows.
#[test]
fn the_layout_of_a_file_does_not_matter() {
    let folder = tempdir().unwrap();
    let [rows, columns, axes] = ["rows", "columns", "axes"].map(|name| folder.path().join(name));
    let at = |row: usize, column: usize| ((row * 7 + column * 11) % 23) as f64;
    let by_row: Vec<f64> = (0..80).map(|i| at(i / 4, i % 4)).collect();
    let by_column: Vec<f64> = (0..80).map(|i| at(i % 20, i / 20)).collect();
    npy(&rows, &header("<f8", "False", "(20, 4)"), &by_row);
    npy(&columns, &header("<f8", "True", "(20, 4)"), &by_column);
    npy(&axes, &header("<f8", "False", "(20, 2, 2)"), &by_row);
    for other in [columns, axes] {
        let value = lines(&rows, &other)["energy"]["value"].as_f64().unwrap();
        assert!(value.abs() < 1e-12, "{value}");
    }
}
