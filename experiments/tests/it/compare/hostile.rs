//! Files that would take the machine's time or memory, and readers of the result that went away.

use std::path::Path;
use std::process::{Command as Process, Stdio};

use predicates::prelude::*;
use predicates::str::contains;
use tempfile::tempdir;

use super::{compare, header, lines_of, normal, npy, raw, save};

fn refused(good: &Path, bad: &Path, says: &str) {
    let name = bad.file_name().unwrap().to_str().unwrap();
    for [real, fake] in [[good, bad], [bad, good]] {
        let one_line = predicate::function(|text: &str| text.trim_end().lines().count() == 1);
        let refusal = contains(name).and(contains(says)).and(one_line);
        compare(real, fake).assert().code(1).stdout("").stderr(refusal);
    }
}

#[test]
fn headers_that_promise_too_much_are_refused() {
    let folder = tempdir().unwrap();
    let good = save(folder.path(), "good", 3, &normal(0, 90));
    let file = |name: &str| folder.path().join(name);
    let double = |shape: &str| header("<f8", "False", shape);
    let numbers = normal(1, 90);
    // Sizes whose product leaves 64 bits, or leaves them and comes back to 0.
    npy(&file("overflow.npy"), &double("(4611686018427387904, 4)"), &numbers);
    npy(&file("zero.npy"), &double("(4294967296, 4294967296)"), &numbers);
    npy(&file("long.npy"), &double("(1000000000000, 3)"), &numbers);
    for name in ["overflow.npy", "zero.npy", "long.npy"] {
        refused(&good, &file(name), "is truncated");
    }
    // Some hundred bytes of brackets cost a parser that goes back on its steps minutes.
    for brackets in [20, 300] {
        let nested = "(".repeat(brackets) + &")".repeat(brackets);
        npy(&file("nested.npy"), &double(&nested), &numbers);
        refused(&good, &file("nested.npy"), "brackets within brackets");
    }
    npy(&file("wordy.npy"), &(double("(30, 3)") + &" ".repeat(60_000)), &numbers);
    refused(&good, &file("wordy.npy"), "header of");
    // A pickle is data of another program, and is not run.
    raw(&file("pickle.npy"), &header("|O", "False", "(30, 3)"), &[0x80, 4, b'.']);
    refused(&good, &file("pickle.npy"), "save it as float32 or float64");
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let folder = tempdir().unwrap();
    let good = save(folder.path(), "good", 3, &normal(0, 90));
    let pipe = folder.path().join("pipe.npy");
    assert!(Process::new("mkfifo").arg(&pipe).status().unwrap().success());
    refused(&good, &pipe, "is not a regular file");
    fs_err::create_dir(folder.path().join("folder.npy")).unwrap();
    refused(&good, &folder.path().join("folder.npy"), "is not a regular file");
    refused(&good, Path::new("/dev/zero"), "is not a regular file");
}

#[test]
fn values_beyond_their_squares_are_refused() {
    let folder = tempdir().unwrap();
    let good = save(folder.path(), "good", 3, &normal(0, 90));
    for scale in [1e151, 1e200, 1e300] {
        let numbers: Vec<f64> = normal(1, 90).iter().map(|x| x * scale).collect();
        refused(&good, &save(folder.path(), "huge", 3, &numbers), "too large for its square");
    }
}

/// What a metric would take is known before it is taken; moments of many rows take little.
#[test]
fn memory_is_estimated_before_it_is_taken() {
    let folder = tempdir().unwrap();
    let [real, fake] = [0, 1].map(|i| save(folder.path(), &i.to_string(), 2, &normal(i, 100_000)));
    compare(&real, &fake)
        .args(["--limit", "50000", "--metric", "frechet", "--metric", "squared_mmd"])
        .assert()
        .code(1)
        .stdout(contains("frechet"))
        .stderr(contains("squared_mmd: left out, it needs about").and(contains("--memory")));
    // By hand: the law is one, so what is left is the moments' own error, some 1e-5.
    let line = &lines_of(&real, &fake, &["frechet"])["frechet"];
    assert!(line["value"].as_f64().unwrap() < 1e-2);
}

#[test]
fn readers_that_went_away_and_full_disks_are_told_apart() {
    let folder = tempdir().unwrap();
    let [real, fake] = [0, 1].map(|i| save(folder.path(), &i.to_string(), 2, &normal(i, 60)));
    let program = env!("CARGO_BIN_EXE_compare");
    let run = |redirection: &str| {
        let script = format!(
            "set -o pipefail; '{program}' --real '{}' --fake '{}' --metric frechet {redirection}",
            real.display(),
            fake.display()
        );
        Process::new("bash").args(["-c", &script]).stdin(Stdio::null()).output().unwrap()
    };
    for quiet in ["| true", "2>&-", "2>/dev/full", "2> >(true)"] {
        assert_eq!(run(quiet).status.code(), Some(0), "{quiet}");
    }
    let full = run("> /dev/full");
    assert_eq!(full.status.code(), Some(1));
    assert_eq!(String::from_utf8(full.stderr).unwrap().lines().count(), 1);
}

/// What was named and not computed is no success; what can be computed still is.
#[test]
fn a_metric_that_does_not_fit_is_no_success() {
    let folder = tempdir().unwrap();
    let [real, fake] = [0, 1].map(|i| save(folder.path(), &i.to_string(), 2, &normal(i, 60)));
    let named = |metrics: &[&str]| {
        let named = metrics.iter().flat_map(|name| ["--metric", name]).collect::<Vec<_>>();
        let mut command = compare(&real, &fake);
        command.args(["--format", "json"]).args(named);
        command.assert()
    };
    named(&["wasserstein_1"]).code(1).stdout("").stderr(contains("of single numbers"));
    named(&["wasserstein_1", "energy"]).code(1).stdout(contains("energy"));
    named(&["energy"]).code(0);
}

/// Axes are compared, not their product; rows that someone flattened fit any.
#[test]
fn axes_in_another_order_are_refused() {
    let folder = tempdir().unwrap();
    let numbers = normal(0, 30 * 12);
    let shaped = |name: &str, shape: &str| {
        let path = folder.path().join(name);
        npy(&path, &header("<f8", "False", shape), &numbers);
        path
    };
    let last = shaped("last.npy", "(30, 2, 2, 3)");
    let first = shaped("first.npy", "(30, 3, 2, 2)");
    let flat = shaped("flat.npy", "(30, 12)");
    let shapes = contains("(30, 2, 2, 3)").and(contains("(30, 3, 2, 2)"));
    compare(&last, &first).assert().code(1).stderr(shapes);
    compare(&last, &flat).args(["--metric", "frechet"]).assert().success();
}

/// Kinds that people save: the same numbers give the same result.
#[test]
fn half_precision_booleans_and_archives_are_read() {
    let folder = tempdir().unwrap();
    let fake = save(folder.path(), "fake", 2, &normal(1, 80));
    // Halves of these are exact: multiples of a sixteenth.
    let exact: Vec<f64> = normal(0, 80).iter().map(|x| (x * 16.0).round() / 16.0).collect();
    let double = save(folder.path(), "double", 2, &exact);
    let halves: Vec<u8> =
        exact.iter().flat_map(|x| half::f16::from_f64(*x).to_le_bytes()).collect();
    let half = folder.path().join("half.npy");
    raw(&half, &header("<f2", "False", "(40, 2)"), &halves);
    let value = |real: &Path| lines_of(real, &fake, &["energy"])["energy"]["value"].clone();
    assert_eq!(value(&half), value(&double));

    let bits: Vec<f64> = exact.iter().map(|x| f64::from(u8::from(*x > 0.0))).collect();
    let as_numbers = save(folder.path(), "bits", 2, &bits);
    let boolean = folder.path().join("boolean.npy");
    let bytes: Vec<u8> = bits.iter().map(|bit| *bit as u8).collect();
    raw(&boolean, &header("|b1", "False", "(40, 2)"), &bytes);
    assert_eq!(value(&boolean), value(&as_numbers));

    let archive = |name: &str, entries: &[&str]| {
        let path = folder.path().join(name);
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        for entry in entries {
            let options = zip::write::FileOptions::default()
                .compression_method(zip::CompressionMethod::Deflated);
            zip.start_file(format!("{entry}.npy"), options).unwrap();
            std::io::Write::write_all(&mut zip, &fs_err::read(&double).unwrap()).unwrap();
        }
        zip.finish().unwrap();
        path
    };
    assert_eq!(value(&archive("one.npz", &["arr_0"])), value(&double));
    let two = archive("two.npz", &["a", "b"]);
    refused(&fake, &two, "name one with --key");
    compare(&two, &fake).args(["--key", "b", "--metric", "energy"]).assert().success();
    compare(&two, &fake).args(["--key", "c"]).assert().code(1).stderr(contains("a, b"));
}
