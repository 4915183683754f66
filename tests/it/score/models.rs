//! Several models against one reference, bias, and warnings.

use predicates::str::contains;
use serde_json::Value;

use super::{Files, lines, normal, number, plain, score};
use crate::house::binary;

/// Of two models the nearer one is decided by paired intervals, and two samples of one model are not.
#[test]
fn differences_between_models() {
    let files = Files::new();
    let moved = |seed, by: f64| normal(seed, 300, 3).iter().map(|x| x + by).collect::<Vec<f64>>();
    let real = files.rows("real.npy", 3, &normal(1, 300, 3));
    let fakes = [("a.npy", 2, 0.2), ("b.npy", 3, 0.6), ("c.npy", 4, 0.2)]
        .map(|(name, seed, by)| files.rows(name, 3, &moved(seed, by)));
    let mut command = score(&real, &fakes[0]);
    command.arg("--fake").arg(&fakes[1]).arg("--fake").arg(&fakes[2]);
    command.args(["--metric", "frechet", "--metric", "energy", "--format", "json"]);
    let report: Value =
        serde_json::from_slice(&command.assert().success().get_output().stdout).unwrap();
    let differences = report["differences"].as_array().unwrap();
    assert_eq!((report["metrics"].as_array().unwrap().len(), differences.len()), (6, 6));
    for difference in differences {
        let pair = [&difference["a"], &difference["b"]].map(|side| side.as_u64().unwrap());
        let expected = match pair {
            [0, 1] => Some(0),
            [1, 2] => Some(2),
            _ => None,
        };
        assert_eq!(difference["decided"].as_u64(), expected, "{difference}");
    }
}

/// What a model is told to be does not depend on another one that diverged.
#[test]
fn a_model_that_diverged_takes_no_digits_from_another() {
    let files = Files::new();
    let times = |seed, by: f64| normal(seed, 300, 3).iter().map(|x| x * by).collect::<Vec<f64>>();
    let [real, good, broken] =
        [("real.npy", 1, 1.0), ("good.npy", 2, 1.1), ("broken.npy", 3, 1e18)]
            .map(|(name, seed, by)| files.rows(name, 3, &times(seed, by)));
    let metrics = ["frechet", "precision", "recall", "energy"];
    let alone = lines(&real, &good, &metrics);
    let mut command = score(&real, &good);
    command.arg("--fake").arg(&broken).args(["--format", "json"]);
    command.args(metrics.map(|metric| ["--metric", metric]).concat());
    let report: Value =
        serde_json::from_slice(&command.assert().success().get_output().stdout).unwrap();
    for line in report["metrics"].as_array().unwrap().iter().filter(|line| line["fake"] == 0) {
        let own = number(&alone[line["metric"].as_str().unwrap()], "value");
        assert!((number(line, "value") - own).abs() < 1e-9, "{line} for {own}");
    }
}

/// Pairs of files of one law: the extrapolated distance's intervals hold 0 about as often as they say.
#[test]
fn the_extrapolated_distance_is_of_the_laws() {
    let files = Files::new();
    let mut held = 0;
    for pair in 0..12 {
        let [real, fake] = [("real.npy", 100 + pair), ("fake.npy", 500 + pair)]
            .map(|(name, seed)| files.rows(name, 10, &normal(seed, 200, 10)));
        let line = &lines(&real, &fake, &["frechet_infinity"])["frechet_infinity"];
        held += usize::from(number(line, "low") < 0.0 && number(line, "high") > 0.0);
    }
    assert!(held >= 9, "{held} of 12");
}

/// Equal files, unlike units, few points, and fewer rows than columns are told.
#[test]
fn warnings() {
    let files = Files::new();
    let [x, y] = plain();
    let real = files.rows("real.npy", 2, &x);
    let warns = |fake: &[f64], columns: usize, says: &'static str| {
        let real = if columns == 2 {
            real.clone()
        } else {
            files.rows("r.npy", columns, &normal(8, 40, columns))
        };
        let fake = files.rows("fake.npy", columns, fake);
        score(&real, &fake).args(["--metric", "frechet"]).assert().success().stderr(contains(says));
    };
    warns(&x, 2, "hold the same");
    warns(&y.iter().map(|x| x * 255.0).collect::<Vec<_>>(), 2, "are both of one unit?");
    warns(&y[..20].repeat(20), 2, "rows of");
    warns(&normal(9, 40, 60), 60, "fewer rows than columns");
    let (few, many) = (files.rows("few.npy", 2, &y[..200]), files.rows("many.npy", 2, &y));
    let mut both = score(&real, &few);
    both.arg("--fake").arg(&many).args(["--metric", "frechet"]);
    both.assert().success().stderr(contains("--limit 100"));
}

/// The other name is the same program.
#[test]
fn compare_is_its_other_name() {
    let files = Files::new();
    let [x, y] = plain();
    let (real, fake) = (files.rows("x.npy", 2, &x), files.rows("y.npy", 2, &y));
    let of = |name| {
        let mut command = assert_cmd::Command::new(binary(name));
        command.arg("--real").arg(&real).arg("--fake").arg(&fake).args(["--metric", "energy"]);
        command.assert().success().get_output().stdout.clone()
    };
    assert_eq!(of("score"), of("compare"));
}
