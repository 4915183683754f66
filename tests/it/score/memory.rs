//! Whether a model repeats what it was trained on.

use super::{Files, by_metric, normal, number, score};

/// Copies of training rows with a little noise are nearer to them than held-out rows are; fresh rows are not. A fresh
/// critic sees held-out rows beyond training rows only for the copies.
#[test]
fn copies_are_told_from_fresh_rows() {
    let files = Files::new();
    let (dim, rows) = (4, 400);
    let train = normal(1, 12, dim);
    let noise = normal(2, rows, dim);
    let copies: Vec<f64> =
        noise.iter().enumerate().map(|(i, x)| train[i % train.len()] + 0.05 * x).collect();
    let train: Vec<f64> = train.repeat(2);
    let paths = [
        files.rows("train.npy", dim, &train),
        files.rows("real.npy", dim, &normal(3, rows, dim)),
        files.rows("copies.npy", dim, &copies),
        files.rows("fresh.npy", dim, &normal(4, rows, dim)),
    ];
    let found = |fake| {
        let mut command = score(&paths[1], fake);
        command.arg("--train").arg(&paths[0]).args(["--format", "json"]);
        command.args(["--metric", "nearest", "--metric", "memorising", "--metric", "critic"]);
        by_metric(&command.assert().success().get_output().stdout)
    };
    let (copies, fresh) = (found(&paths[2]), found(&paths[3]));
    assert!(number(&copies["nearest"], "low") > 0.9);
    // Ranks of 400 rows among 400 have a standard error of 0.02.
    let share = number(&fresh["nearest"], "value");
    assert!((share - 0.5).abs() < 0.07, "{share}");
    let beyond = |lines: &std::collections::BTreeMap<String, serde_json::Value>| {
        number(&lines["memorising"], "value")
    };
    assert!(beyond(&copies) > beyond(&fresh), "{copies:?} {fresh:?}");
    assert!(number(&copies["critic"], "low") > number(&fresh["critic"], "high"));
}
