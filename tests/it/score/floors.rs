//! Few rows: what they cannot estimate is left out, and what they bias stands beside its floor.

use predicates::prelude::*;
use predicates::str::contains;

use super::{Files, lines, normal, number, score};

/// One law, 200 rows, 120 columns: a regression would follow the rows.
#[test]
fn ratios_need_rows_for_their_weights() {
    let files = Files::new();
    let (real, fake) = (
        files.rows("a.npy", 120, &normal(2, 200, 120)),
        files.rows("b.npy", 120, &normal(3, 200, 120)),
    );
    let metrics = ["kl_logistic", "js_logistic", "classifier_linear", "classifier_quadratic"];
    for metric in metrics {
        let reason = contains(format!("{metric}: left out")).and(contains("10 rows each"));
        score(&real, &fake).args(["--metric", metric]).assert().code(1).stderr(reason);
    }
    // With rows enough both are there, and near 0 for one law.
    let (real, fake) =
        (files.rows("a.npy", 9, &normal(2, 200, 9)), files.rows("b.npy", 9, &normal(3, 200, 9)));
    let found = lines(&real, &fake, &metrics[..3]);
    let divergence = number(&found["js_logistic"], "value");
    assert!((-0.1..=std::f64::consts::LN_2).contains(&divergence), "{divergence}");
}

/// Pairs of files of one law: biased distances are about their floor, which stands beside them, and the interval of
/// what is not biased holds 0.
#[test]
fn a_floor_stands_beside_what_is_biased() {
    let files = Files::new();
    let biased = ["frechet", "energy", "sliced_wasserstein_2", "sinkhorn"];
    let metrics = [&biased[..], &["squared_mmd"]].concat();
    let mut held = 0;
    for pair in 0..8 {
        let [real, fake] = [("real.npy", 1000 + pair), ("fake.npy", 5000 + pair)]
            .map(|(name, seed)| files.rows(name, 10, &normal(seed, 200, 10)));
        let found = lines(&real, &fake, &metrics);
        for metric in biased {
            let [value, floor] = ["value", "floor"].map(|name| number(&found[metric], name));
            assert!(value < 1.5 * floor, "{metric}: {value} and {floor}");
        }
        let unbiased = &found["squared_mmd"];
        assert!(unbiased["floor"].is_null());
        held += usize::from(number(unbiased, "low") < 0.0 && number(unbiased, "high") > 0.0);
    }
    assert!(held >= 7, "{held} of 8");
    let (real, fake) = (files.path("real.npy"), files.path("fake.npy"));
    let says = contains("floor").and(contains("biased, so see the floor"));
    score(&real, &fake).args(["--metric", "frechet"]).assert().success().stdout(says);
    // Another law is far above it.
    let far: Vec<f64> = normal(9, 200, 10).iter().map(|x| x + 1.0).collect();
    let found = lines(&real, &files.rows("far.npy", 10, &far), &biased);
    for metric in biased {
        let line = &found[metric];
        assert!(number(line, "low") > number(line, "floor"), "{metric}");
    }
}

/// Fewer rows than columns make moments singular: a file is at no distance from itself all the same, nor is one with
/// columns that never change or repeat others.
#[test]
fn no_distance_without_full_rank() {
    let files = Files::new();
    let pixels: Vec<f64> = normal(4, 60, 784).iter().map(|x| 128.0 + 60.0 * x).collect();
    let repeated: Vec<f64> =
        normal(5, 100, 3).chunks(3).flat_map(|row| [row[0], row[0], row[1], 7.0, row[2]]).collect();
    for (columns, values) in [(784, pixels), (5, repeated)] {
        let (file, copy) =
            (files.rows("file.npy", columns, &values), files.rows("copy.npy", columns, &values));
        let squares: f64 = values.iter().map(|x| x * x).sum();
        let line = &lines(&file, &copy, &["frechet"])["frechet"];
        for name in ["value", "low", "high"] {
            let number = number(line, name);
            assert!(
                (0.0..1e-12 * squares).contains(&number),
                "{name} of {columns} columns: {number}"
            );
        }
    }
}

/// The accuracy of files of unlike lengths is as unsure as the shorter one.
#[test]
fn a_short_file_makes_an_accuracy_unsure() {
    let files = Files::new();
    let real = files.rows("real.npy", 1, &normal(0, 4_000, 1));
    let width = |rows: usize| {
        let fake = files.rows("fake.npy", 1, &normal(1, rows, 1));
        let found = lines(&real, &fake, &["classifier_linear"]);
        number(&found["classifier_linear"], "high") - number(&found["classifier_linear"], "low")
    };
    // Standard errors of a mean of shares of one half, of 2,000 and 2,000 or of 2,000 and 30 held-out rows.
    for (rows, error) in [(4_000, 0.0079), (60, 0.046)] {
        let expected = 2.0 * 1.96 * error;
        assert!((width(rows) - expected).abs() < 0.1 * expected, "{rows}: {}", width(rows));
    }
}
