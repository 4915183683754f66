//! Numbers too large or too small for their squares: one line, and never a number that is none.

use predicates::prelude::*;
use predicates::str::contains;

use super::{Files, lines, number, one_line, plain, score};

#[test]
fn values_without_squares_are_refused() {
    let files = Files::new();
    let [x, y] = plain();
    let scaled = |name: &str, rows: &[f64], scale: f64| {
        files.rows(name, 2, &rows.iter().map(|x| x * scale).collect::<Vec<_>>())
    };
    for (scale, says) in
        [(1e200, "too large for its square"), (1e151, "too large"), (1e-200, "too little")]
    {
        for format in ["table", "json"] {
            let (real, fake) = (scaled("real.npy", &x, scale), scaled("fake.npy", &y, scale));
            score(&real, &fake)
                .args(["--metric", "frechet", "--format", format])
                .assert()
                .code(1)
                .stdout("")
                .stderr(contains(says).and(one_line()));
        }
    }
    // One side alone is enough.
    let (real, fake) = (scaled("real.npy", &x, 1.0), scaled("fake.npy", &y, 1e200));
    score(&real, &fake).assert().code(1).stderr(contains("fake.npy").and(one_line()));
    // Just below the limit all numbers are numbers.
    let (real, fake) = (scaled("real.npy", &x, 1e149), scaled("fake.npy", &y, 1e149));
    for line in lines(&real, &fake, &["frechet", "sinkhorn", "energy", "kl_logistic"]).values() {
        for name in ["value", "low", "high", "floor"] {
            assert!(number(line, name).is_finite());
        }
    }
}
