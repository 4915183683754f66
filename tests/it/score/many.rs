//! Many rows: metrics of moments and sorted numbers take them all, those of pairs say what they would need.

use std::process::Command;

use approx::assert_relative_eq;
use predicates::prelude::*;
use predicates::str::contains;

use super::{Files, by_metric, normal, number, one_line, score};
use crate::house::binary;

const ROWS: usize = 50_000;

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn deviation(x: &[f64]) -> f64 {
    let mean = mean(x);
    (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (x.len() - 1) as f64).sqrt()
}

/// In one dimension the distance is `(m1 - m2)^2 + (s1 - s2)^2`. A limit on memory stands where all pairs of rows
/// would take 40 GB.
#[test]
fn moments_need_no_pairs() {
    let binary = binary("score").display().to_string();
    let files = Files::new();
    let (x, y) = (normal(5, ROWS, 1), normal(6, ROWS, 1));
    let (real, fake) = (files.rows("real.npy", 1, &x), files.rows("fake.npy", 1, &y));
    let script = format!(
        "ulimit -v 12000000; exec '{binary}' --real '{}' --fake '{}' --limit {ROWS} --format json \
         --metric frechet --metric wasserstein_1",
        real.display(),
        fake.display()
    );
    let output =
        Command::new("bash").args(["-c", &script]).env("OMP_NUM_THREADS", "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found = by_metric(&output.stdout);
    let expected = (mean(&x) - mean(&y)).powi(2) + (deviation(&x) - deviation(&y)).powi(2);
    assert_relative_eq!(number(&found["frechet"], "value"), expected, max_relative = 1e-6);
}

/// What does not fit is refused before any work, with what to do; the others stand.
#[test]
fn memory_and_time_are_estimated_first() {
    let files = Files::new();
    let real = files.rows("real.npy", 1, &normal(5, ROWS, 1));
    let fake = files.rows("fake.npy", 1, &normal(6, ROWS, 1));
    let all = ["--limit", "50000"];
    for metric in ["mmd_test", "energy_test", "sinkhorn"] {
        let says = contains(metric).and(contains("GiB")).and(contains("--limit")).and(one_line());
        score(&real, &fake).args(all).args(["--metric", metric]).assert().code(1).stderr(says);
    }
    let long = contains("energy: left out, it may take").and(contains("--minutes"));
    score(&real, &fake)
        .args(all)
        .args(["--minutes", "1", "--metric", "energy", "--metric", "frechet"])
        .assert()
        .code(1)
        .stdout(contains("frechet"))
        .stderr(long);
    // A file of zeros that were never written takes no room on the disk, and would take 8 GB in memory.
    let sparse = files.path("sparse.npy");
    let text = super::header("|u1", "False", "(20, 50000000)");
    files.bytes("sparse.npy", &super::npy(&text, &[]));
    let file = fs_err::OpenOptions::new().write(true).open(&sparse).unwrap();
    file.set_len(10 + text.len() as u64 + 1_000_000_000).unwrap();
    let says =
        contains("sparse.npy").and(contains("GiB")).and(contains("--memory")).and(one_line());
    score(&sparse, &fake).assert().code(1).stdout("").stderr(says);
}

/// Of files that memory does not hold the Frechet distances are those of all rows, as if it did; pictures with colours
/// last too.
#[test]
fn files_larger_than_memory_stream_by() {
    let files = Files::new();
    let rows = 20_000;
    let numbers = [(1, "real.npy"), (2, "fake.npy")]
        .map(|(seed, name)| files.rows(name, 16, &normal(seed, rows, 16)));
    let pictures = [(3, "real_pictures.npy"), (4, "fake_pictures.npy")].map(|(seed, name)| {
        let header = super::header("|u1", "False", &format!("({rows}, 4, 4, 3)"));
        let numbers = normal(seed, rows, 48);
        let bytes: Vec<u8> = numbers.iter().map(|x| (128.0 + 30.0 * x) as u8).collect();
        files.bytes(name, &super::npy(&header, &bytes))
    });
    for ([real, fake], images, memory) in
        [(numbers, &[][..], "0.006"), (pictures, &["--images"][..], "0.016")]
    {
        let found = |memory: &str, draw: bool| {
            let mut command = score(&real, &fake);
            command.args(["--metric", "frechet", "--metric", "frechet_infinity"]).args(images);
            command.args(["--format", "json", "--memory", memory]);
            let says = contains("10000 of 20000 rows, at random").count(if draw { 2 } else { 0 });
            by_metric(&command.assert().success().stderr(says).get_output().stdout)
        };
        let (whole, streamed) = (found("4", false), found(memory, true));
        for (name, line) in &whole {
            assert_eq!(line["rows"], streamed[name]["rows"], "{name}");
            for end in ["value", "low", "high"] {
                let (expected, found) = (number(line, end), number(&streamed[name], end));
                assert_relative_eq!(found, expected, max_relative = 1e-9, epsilon = 1e-12);
            }
        }
        let floors = [&whole, &streamed].map(|lines| number(&lines["frechet"], "floor"));
        assert_relative_eq!(floors[0], floors[1], max_relative = 1e-9);
    }
}
