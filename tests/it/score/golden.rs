//! The numbers of other libraries, and of samples that are the same.

use std::path::PathBuf;

use approx::assert_relative_eq;
use serde_json::Value;

use super::{lines, score};
use crate::house::root;

fn golden(file: &str) -> PathBuf {
    root().join("tests/it/golden").join(file)
}

/// What numpy, scipy, POT and scikit-learn say of the same arrays (`scripts/reference/distances.py`): six digits,
/// four of the iterated Sinkhorn divergence, and 5 % where 200 random directions stand for all.
#[test]
fn agrees_with_scipy_and_pot() {
    let text = fs_err::read_to_string(golden("distances.json")).unwrap();
    let golden_numbers: Value = serde_json::from_str(&text).unwrap();
    for name in ["numbers", "points"] {
        let [real, fake] = ["real", "fake"].map(|side| golden(&format!("{name}_{side}.npy")));
        let found = lines(&real, &fake, &[]);
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

/// What numpy, scipy, prdc, torch-fidelity and clean-fid say of rows with full rank, fewer rows than columns, constant and
/// repeated columns, an offset of 1e8 and heavy tails (`scripts/reference/score.py`): six digits.
#[test]
fn agrees_with_numpy_and_the_peers_on_awkward_rows() {
    let text = fs_err::read_to_string(golden("score.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let (real, fake) = (golden("score_real.npz"), golden("score_fake.npz"));
    for (case, packages) in expected.as_object().unwrap() {
        let mut command = score(&real, &fake);
        command.args(["--key", case, "--format", "json", "--no-intervals"]);
        for metric in packages["numpy"].as_object().unwrap().keys() {
            command.args(["--metric", metric]);
        }
        let found = super::by_metric(&command.assert().success().get_output().stdout);
        for (package, numbers) in packages.as_object().unwrap() {
            for (metric, expected) in numbers.as_object().unwrap() {
                let (value, expected) =
                    (found[metric]["value"].as_f64().unwrap(), expected.as_f64().unwrap());
                assert!(
                    (value - expected).abs() <= 1e-6 * expected.abs() + 1e-9,
                    "{case}: {metric} {value} for {package}'s {expected}"
                );
            }
        }
    }
}

/// A table of numbers is its rows.
#[test]
fn parquet_tables_are_rows() {
    let file = golden("points_real.npy");
    let found = lines(&golden("points_real.parquet"), &file, &["energy"]);
    assert!(found["energy"]["value"].as_f64().unwrap().abs() < 1e-9);
}

/// A file against itself is at no distance, and the table is the same each time.
#[test]
fn the_same_samples_are_at_no_distance() {
    let file = golden("points_real.npy");
    let found = lines(&file, &file, &[]);
    for metric in ["frechet", "energy"] {
        assert!(found[metric]["value"].as_f64().unwrap().abs() < 1e-9, "{metric}");
    }
    assert!(found["mmd_test"]["p_value"].as_f64().unwrap() > 0.5);
    let table = || {
        let output =
            score(&file, &golden("points_fake.npy")).args(["--metric", "mmd_test"]).assert();
        output.success().get_output().stdout.clone()
    };
    assert_eq!(table(), table());
    assert!(String::from_utf8(table()).unwrap().lines().count() == 2);
}
