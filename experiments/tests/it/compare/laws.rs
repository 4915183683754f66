//! Laws that numbers between samples keep: what is invariant in mathematics is invariant here, what is known is found,
//! and what cannot be known is said.

use std::path::{Path, PathBuf};

use approx::{assert_abs_diff_eq, assert_relative_eq};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use tempfile::tempdir;

use super::{compare, lines_of, normal, save};

/// Quantiles of a normal law, a sample without luck, by Newton's method on its distribution function.
fn quantiles(count: usize) -> Vec<f64> {
    let density = |x: f64| (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let below = |x: f64| {
        let step = x / 2_000.0;
        let sum: f64 = (0..2_000).map(|i| density((f64::from(i) + 0.5) * step)).sum();
        0.5 + sum * step
    };
    let quantile = |share: f64| {
        (0..40).fold(0.0f64, |x, _| (x - (below(x) - share) / density(x)).clamp(-4.0, 4.0))
    };
    (0..count).map(|i| quantile((i as f64 + 0.5) / count as f64)).collect()
}

/// Two tight modes at -2 and 2, shares 80 : 20 against 50 : 50. With so small an epsilon the divergence is the squared
/// Wasserstein distance, 4.7213 by linear programming.
#[test]
fn transport_between_tight_modes_is_found_or_its_iterations_say_so() {
    let folder = tempdir().unwrap();
    let modes = |name: &str, left: usize, right: usize| {
        let of = |centre: f64, count| quantiles(count).into_iter().map(move |q| centre + 0.02 * q);
        let numbers: Vec<f64> = of(-2.0, left).chain(of(2.0, right)).collect();
        save(folder.path(), name, 1, &numbers)
    };
    let (real, fake) = (modes("real", 160, 40), modes("fake", 100, 100));
    let found = lines_of(&real, &fake, &["sinkhorn", "wasserstein_2"]);
    let value = |metric: &str| found[metric]["value"].as_f64().unwrap();
    assert_relative_eq!(value("wasserstein_2").powi(2), 4.7213, max_relative = 1e-3);
    assert_relative_eq!(value("sinkhorn"), 4.7213, max_relative = 1e-2);
}

/// What is done to each row.
type Dress = Box<dyn Fn(&[f64]) -> Vec<f64>>;

/// `N(0, I)` against `N((0.7, 0), I)`, and the same rows in other dress: divergences and classifiers do not change under
/// invertible affine maps, nor by a column that is the same in both.
#[test]
fn divergences_have_no_origin_no_unit_and_no_constant_columns() {
    let folder = tempdir().unwrap();
    let dressed = |name: &str, columns: usize, dress: &dyn Fn(&[f64]) -> Vec<f64>| {
        let rows = |seed: u64, shift: f64| {
            let rows = normal(seed, 600);
            let dressed = rows.chunks(2).flat_map(|row| dress(&[row[0] + shift, row[1]]));
            save(folder.path(), &format!("{name}{seed}"), columns, &dressed.collect::<Vec<_>>())
        };
        (rows(0, 0.0), rows(1, 0.7))
    };
    let metrics = ["kl_logistic", "js_logistic", "classifier_linear", "classifier_quadratic"];
    let numbers = |(real, fake): (PathBuf, PathBuf)| -> Vec<f64> {
        let found = lines_of(&real, &fake, &metrics);
        let ends = |metric: &&str| ["value", "low", "high"].map(|end| found[*metric][end].as_f64());
        metrics.iter().flat_map(ends).map(Option::unwrap).collect()
    };
    let plain = numbers(dressed("plain", 2, &|row| row.to_vec()));
    // The true divergence is 0.7^2 / 2 = 0.245; 300 rows a side have an error of a tenth.
    assert_abs_diff_eq!(plain[0], 0.245, epsilon = 0.12);
    let with = |constant: f64| -> Dress { Box::new(move |row| vec![row[0], row[1], constant]) };
    let moved = |by: f64| -> Dress { Box::new(move |row| vec![row[0] + by, row[1] + by]) };
    let scaled = |by: f64| -> Dress { Box::new(move |row| vec![row[0] * by, row[1] * by]) };
    let turned: Dress = Box::new(|row| vec![3.0 * row[0] + row[1], 1e-3 * row[1]]);
    for (name, columns, dress) in [
        ("constant5", 3, with(1e5)),
        ("constant7", 3, with(1e7)),
        ("constant12", 3, with(1e12)),
        ("offset4", 2, moved(1e4)),
        ("offset8", 2, moved(1e8)),
        ("micro", 2, scaled(1e-6)),
        ("giga", 2, scaled(1e9)),
        ("turned", 2, turned),
    ] {
        let other = numbers(dressed(name, columns, &*dress));
        for (a, b) in plain.iter().zip(&other) {
            // Rows that are 1e8 away from 0 keep eight digits of what they were.
            assert_abs_diff_eq!(a, b, epsilon = 1e-4);
        }
    }
}

/// Distances move with the unit of the rows, by its power, and not with their origin.
#[test]
fn distances_have_a_unit_and_no_origin() {
    let folder = tempdir().unwrap();
    let rows = |name: &str, seed: u64, scale: f64, offset: f64| {
        let rows: Vec<f64> = normal(seed, 200).iter().map(|x| scale * x + offset).collect();
        save(folder.path(), &format!("{name}{seed}"), 2, &rows)
    };
    let values = |name: &str, scale, offset| {
        let [real, fake] = [0, 1].map(|seed| rows(name, seed, scale, offset));
        lines_of(&real, &fake, &["frechet", "energy", "sliced_wasserstein_2", "sinkhorn"])
    };
    let plain = values("plain", 1.0, 0.0);
    for (scale, offset) in [(1e-6, 0.0), (1e6, 0.0), (1.0, 1e6)] {
        let other = values("other", scale, offset);
        for (metric, power) in
            [("frechet", 2), ("energy", 1), ("sliced_wasserstein_2", 1), ("sinkhorn", 2)]
        {
            let value = |lines: &std::collections::BTreeMap<String, Value>| {
                lines[metric]["value"].as_f64().unwrap()
            };
            let expected = value(&plain) * f64::powi(scale, power);
            assert_relative_eq!(value(&other), expected, max_relative = 1e-6);
        }
    }
}

/// Fewer rows than ten for each weight: left out with the reason, linear classifiers as quadratic ones.
#[test]
fn a_regression_with_too_few_rows_is_left_out() {
    let folder = tempdir().unwrap();
    let [real, fake] = [0, 1].map(|i| save(folder.path(), &i.to_string(), 120, &normal(i, 24_000)));
    for metric in ["kl_logistic", "js_logistic", "classifier_linear", "classifier_quadratic"] {
        compare(&real, &fake)
            .args(["--metric", metric])
            .assert()
            .code(1)
            .stderr(contains(metric).and(contains("weights need 10 rows each")));
    }
}

/// A biased metric of few rows of one law is not near 0: the floor beside it, between two halves of the real rows, says
/// so. An unbiased one has none, and its interval holds 0.
#[test]
fn biased_metrics_have_a_floor() {
    let folder = tempdir().unwrap();
    let biased = ["frechet", "energy", "sliced_wasserstein_2", "sinkhorn"];
    let (mut below, mut covered) = (0, 0);
    for pair in 0..5 {
        let [real, fake] = [100 + pair, 200 + pair]
            .map(|seed| save(folder.path(), &seed.to_string(), 10, &normal(seed, 2_000)));
        let metrics = [&biased[..], &["squared_mmd"]].concat();
        let found = lines_of(&real, &fake, &metrics);
        for metric in biased {
            let [value, floor] = ["value", "floor"].map(|end| found[metric][end].as_f64().unwrap());
            below += usize::from(value < floor);
        }
        let unbiased = &found["squared_mmd"];
        assert!(unbiased["floor"].is_null());
        let ends = ["low", "high"].map(|end| unbiased[end].as_f64().unwrap());
        covered += usize::from(ends[0] <= 0.0 && 0.0 <= ends[1]);
    }
    // Halves have half of the rows, and so about twice the bias.
    assert_eq!(below, 5 * biased.len());
    assert!(covered >= 4, "{covered} of 5");
}

/// For coins the statistic depends on the number of ones alone, so that the p-value is a sum of hypergeometric
/// probabilities: 12 ones of 20 against 8 of 20, 0.343. 999 permutations have an error of 0.015.
#[test]
fn ties_of_a_permutation_test_count() {
    let folder = tempdir().unwrap();
    let coins = |name: &str, ones: usize| {
        let numbers: Vec<f64> = (0..20).map(|i| f64::from(u8::from(i < ones))).collect();
        save(folder.path(), name, 1, &numbers)
    };
    let (real, fake) = (coins("real", 12), coins("fake", 8));
    for seed in ["0", "1", "2"] {
        let mut command = compare(&real, &fake);
        command.args(["--format", "json", "--metric", "mmd_test", "--seed", seed]);
        let output = command.output().unwrap();
        let lines: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_abs_diff_eq!(lines[0]["p_value"].as_f64().unwrap(), 0.343, epsilon = 0.05);
    }
}

/// A file against itself is at no distance, of fewer rows than columns too.
#[test]
fn singular_moments_of_one_file_are_at_no_distance() {
    let folder = tempdir().unwrap();
    let numbers: Vec<f64> = normal(4, 60 * 784).iter().map(|x| 127.0 + 60.0 * x).collect();
    let file = save(folder.path(), "pixels", 784, &numbers);
    let value = lines_of(&file, &file, &["frechet"])["frechet"]["value"].as_f64().unwrap();
    // The traces are 784 times 3,600.
    assert!((0.0..1e-9 * 784.0 * 3_600.0).contains(&value), "{value}");
}

/// Columns of the table split at spaces, whatever the numbers.
#[test]
fn numbers_of_seven_digits_stay_apart() {
    let folder = tempdir().unwrap();
    let rows = |seed: u64, shift: f64| {
        let numbers: Vec<f64> = normal(seed, 120).iter().map(|x| 1e4 * x + shift).collect();
        save(folder.path(), &seed.to_string(), 3, &numbers)
    };
    let (real, fake): (PathBuf, PathBuf) = (rows(0, 0.0), rows(1, 1e4));
    let table = |real: &Path, fake: &Path| {
        let output = compare(real, fake).args(["--metric", "frechet"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let text = table(&real, &fake);
    let row: Vec<&str> = text.lines().nth(1).unwrap().split_whitespace().collect();
    for number in &row[1..4] {
        assert!(number.parse::<f64>().is_ok(), "{text}");
    }
    assert!(row[1].parse::<f64>().unwrap() > 1e7, "{text}");
}
