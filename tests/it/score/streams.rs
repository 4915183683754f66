//! What goes to stdout and stderr, whoever reads it, and what the exit code says.

use std::path::PathBuf;
use std::process::{Command, Output};

use predicates::str::contains;

use super::{Files, normal, plain, score};
use crate::house::binary;

fn files() -> (Files, PathBuf, PathBuf) {
    let files = Files::new();
    let [x, y] = plain();
    let (real, fake) = (files.rows("real.npy", 2, &x), files.rows("fake.npy", 2, &y));
    (files, real, fake)
}

/// Runs with redirections of a shell.
fn shell(files: &Files, before: &str, after: &str) -> Output {
    let binary = binary("score").display().to_string();
    let script = format!(
        "{before} '{binary}' --real '{}' --fake '{}' {after}",
        files.path("real.npy").display(),
        files.path("fake.npy").display()
    );
    Command::new("bash").args(["-c", &script]).env("OMP_NUM_THREADS", "1").output().unwrap()
}

#[test]
fn a_reader_that_went_away_and_a_full_disk() {
    let (files, ..) = files();
    let energy = "--metric energy";
    let gone = shell(&files, "", &format!("{energy} | true; exit ${{PIPESTATUS[0]}}"));
    assert_eq!((gone.status.code(), gone.stderr.len()), (Some(0), 0));
    let full = shell(&files, "exec", &format!("{energy} > /dev/full"));
    let text = String::from_utf8(full.stderr).unwrap();
    assert!(full.status.code() == Some(1) && text.lines().count() == 1, "{text}");
    assert!(text.contains("stdout cannot be written"), "{text}");
    assert_eq!(shell(&files, "exec", &format!("{energy} >&-")).status.code(), Some(0));
}

/// Remarks that nobody can read are no reason to fail, nor to succeed.
#[test]
fn a_stderr_that_is_closed_or_full() {
    let (files, ..) = files();
    for stderr in ["2>&-", "2>/dev/full"] {
        let all = shell(&files, "exec", &format!("--limit 100 --metric energy {stderr}"));
        assert_eq!(all.status.code(), Some(0), "{stderr}");
        let some =
            shell(&files, "exec", &format!("--metric energy --metric wasserstein_1 {stderr}"));
        assert_eq!(some.status.code(), Some(1), "{stderr}");
        assert!(String::from_utf8(some.stdout).unwrap().contains("energy"), "{stderr}");
    }
}

/// What was asked for and not done shows in the exit code, and does not take the others with it.
#[test]
fn a_named_metric_that_does_not_fit() {
    let (_files, real, fake) = files();
    let left_out = || contains("wasserstein_1: left out, it is of single numbers");
    score(&real, &fake)
        .args(["--metric", "wasserstein_1", "--format", "json"])
        .assert()
        .code(1)
        .stderr(left_out());
    score(&real, &fake)
        .args(["--metric", "wasserstein_1", "--metric", "energy"])
        .assert()
        .code(1)
        .stdout(contains("energy"))
        .stderr(left_out());
    // One that nobody named is left out without harm.
    score(&real, &fake).args(["--limit", "50"]).assert().success().stderr(left_out());
}

/// Columns split at spaces, however large the numbers, and where there is none.
#[test]
fn columns_split_at_spaces() {
    let files = Files::new();
    for scale in [1.0, 3e3, 1e9, 1e60, 1e-7] {
        let rows = |name, seed| {
            let values: Vec<f64> = normal(seed, 60, 2).iter().map(|x| (x + 0.3) * scale).collect();
            files.rows(name, 2, &values)
        };
        let (real, fake) = (rows("real.npy", 1), rows("fake.npy", 2));
        let output = score(&real, &fake).assert().success();
        let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        let mut lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let head = ["metric", "value", "low", "high", "floor", "p", "what"];
        assert_eq!(lines.next().unwrap(), head);
        for line in lines {
            assert!(line.len() > head.len(), "{line:?}");
            for entry in &line[1..6] {
                assert!(
                    *entry == "-" || entry.parse::<f64>().is_ok_and(f64::is_finite),
                    "{line:?}"
                );
            }
            assert!(line[1] != "-", "{line:?}");
        }
    }
}
