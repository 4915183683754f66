//! What must not change a number: where the data lie, their unit, columns that carry nothing.

use approx::assert_relative_eq;
use predicates::str::contains;

use super::{Files, lines, number, plain, score};

const RATIOS: [&str; 4] =
    ["kl_logistic", "js_logistic", "classifier_linear", "classifier_quadratic"];
const NUMBERS: [&str; 4] = ["value", "low", "high", "floor"];

/// Rows of two columns in other dress: how many columns that makes, and the row.
type Dress = (&'static str, usize, fn(&[f64]) -> Vec<f64>);

fn worn(rows: &[f64], dress: Dress) -> Vec<f64> {
    rows.chunks(2).flat_map(dress.2).collect()
}

/// Divergences do not change under invertible affine maps, and a column that is the same in both, or that others
/// determine, carries nothing.
#[test]
fn ratios_have_neither_origin_nor_unit() {
    let dresses: [Dress; 11] = [
        ("constant", 3, |row| vec![row[0], 1e5, row[1]]),
        ("large constant", 3, |row| vec![1e7, row[0], row[1]]),
        ("constant of rounding", 3, |row| {
            vec![0.1 + 0.2 * f64::EPSILON * row[0].signum(), row[0], row[1]]
        }),
        ("shift", 2, |row| vec![row[0] + 1e4, row[1] + 1e4]),
        ("large shift", 2, |row| vec![row[0] + 1e8, row[1] - 1e8]),
        ("micro", 2, |row| vec![row[0] * 1e-6, row[1] * 1e-6]),
        ("tiny", 2, |row| vec![row[0] * 1e-90, row[1] * 1e-90]),
        ("mega", 2, |row| vec![row[0] * 1e6, row[1] * 1e6]),
        ("large", 2, |row| vec![row[0] * 1e100, row[1] * 1e100]),
        ("units", 2, |row| vec![row[0] * 1e-6, row[1] * 1e6 + 1e9]),
        ("mixed", 2, |row| vec![row[0] + row[1], row[0] - 3.0 * row[1] + 5.0]),
    ];
    let files = Files::new();
    let [x, y] = plain();
    let found = |dress: Dress| {
        let [real, fake] = [("real.npy", &x), ("fake.npy", &y)]
            .map(|(name, rows)| files.rows(name, dress.1, &worn(rows, dress)));
        lines(&real, &fake, &RATIOS)
    };
    let expected = found(("plain", 2, <[f64]>::to_vec));
    assert!(number(&expected["kl_logistic"], "value") > 0.1);
    assert!(number(&expected["classifier_linear"], "p_value") < 0.01);
    for dress in dresses {
        let found = found(dress);
        for metric in RATIOS {
            for name in NUMBERS {
                let [a, b] = [&found, &expected].map(|lines| lines[metric][name].as_f64());
                assert_eq!(a.is_some(), b.is_some(), "{}: {metric} {name}", dress.0);
                let (a, b) = (a.unwrap_or(0.0), b.unwrap_or(0.0));
                assert!((a - b).abs() < 1e-4, "{}: {metric} {name} {a} for {b}", dress.0);
            }
        }
    }
}

/// Distances have the unit of the data, to a power, and what rests on a bandwidth has none.
#[test]
fn distances_have_the_unit_of_the_data() {
    let files = Files::new();
    let [x, y] = plain();
    let metrics = [
        ("frechet", 2),
        ("energy", 1),
        ("sliced_wasserstein_2", 1),
        ("sinkhorn", 2),
        ("squared_mmd", 0),
        ("kl_kliep", 0),
        ("pearson_ulsif", 0),
    ];
    let found = |scale: f64, shift: f64| {
        let [real, fake] = [("real.npy", &x), ("fake.npy", &y)].map(|(name, rows)| {
            let rows: Vec<f64> = rows.iter().map(|x| (x + shift) * scale).collect();
            files.rows(name, 2, &rows)
        });
        lines(&real, &fake, &metrics.map(|(metric, _)| metric))
    };
    let expected = found(1.0, 0.0);
    for (scale, shift) in [(3e-6, 0.0), (7e70, 0.0), (1.0, 1e6), (5e-80, -1e3)] {
        let found = found(scale, shift);
        for (metric, power) in metrics {
            let [a, b] = [&found, &expected].map(|lines| number(&lines[metric], "value"));
            assert_relative_eq!(a, b * scale.powi(power), max_relative = 1e-4);
        }
    }
}

/// Where no column changes there is nothing to tell apart, and nothing to divide by.
#[test]
fn columns_that_never_change() {
    let files = Files::new();
    let same = files.rows("same.npy", 2, &[0.3; 60]);
    let again = files.rows("again.npy", 2, &[0.3; 80]);
    let output = score(&same, &again).args(["--format", "json"]).assert().success();
    let output = output.stderr(contains("kl_logistic: left out, no column changes"));
    let found = super::by_metric(&output.get_output().stdout);
    for metric in ["frechet", "energy", "sinkhorn", "squared_mmd", "sliced_wasserstein_1"] {
        assert!(number(&found[metric], "value").abs() < 1e-12, "{metric}");
    }
}
