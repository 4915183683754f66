//! Kinds of numbers that people save, and archives of arrays.

use std::io::{Cursor, Write};

use predicates::prelude::*;
use predicates::str::contains;
use zip::ZipWriter;
use zip::write::FileOptions;

use super::{Files, header, lines, npy, number, one_line, plain, score};

fn archive(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (index, (name, bytes)) in entries.iter().enumerate() {
        let method = if index % 2 == 0 {
            zip::CompressionMethod::Stored
        } else {
            zip::CompressionMethod::Deflated
        };
        archive.start_file(*name, FileOptions::default().compression_method(method)).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Bytes of an array of doubles, `[300, 2]`.
fn doubles(values: &[f64]) -> Vec<u8> {
    let numbers: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    npy(&header("<f8", "False", "(300, 2)"), &numbers)
}

/// Half precision and booleans are numbers too: those that the same values have in double precision.
#[test]
fn halves_and_booleans() {
    let files = Files::new();
    let [x, y] = plain();
    let fake = files.rows("fake.npy", 2, &y);
    let halves: Vec<half::f16> = x.iter().map(|x| half::f16::from_f64(*x)).collect();
    let ones: Vec<u8> = x.iter().map(|x| u8::from(*x > 0.0)).collect();
    let little: Vec<u8> = halves.iter().flat_map(|x| x.to_le_bytes()).collect();
    let big: Vec<u8> = halves.iter().flat_map(|x| x.to_be_bytes()).collect();
    let rounded: Vec<f64> = halves.iter().copied().map(f64::from).collect();
    let truths: Vec<f64> = ones.iter().copied().map(f64::from).collect();
    for (descr, bytes, same) in
        [("<f2", little, &rounded), (">f2", big, &rounded), ("|b1", ones, &truths)]
    {
        let stored = files.bytes("stored.npy", &npy(&header(descr, "False", "(300, 2)"), &bytes));
        let same = files.rows("same.npy", 2, same);
        let of = |real| number(&lines(real, &fake, &["energy"])["energy"], "value");
        assert!((of(&stored) - of(&same)).abs() < 1e-15, "{descr}");
    }
}

/// The number of rows beside moments is one number, in whatever shape, and two at least; a covariance has no variance
/// below 0.
#[test]
fn rows_of_moments_are_one_number() {
    let files = Files::new();
    let array = |shape: &str, values: &[f64]| {
        let numbers: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        npy(&header("<f8", "False", shape), &numbers)
    };
    let with_variance = |variance: f64, shape: &str, rows: &[f64]| {
        let entries = [
            ("mu.npy", array("(2,)", &[0.0, 1.0])),
            ("sigma.npy", array("(2, 2)", &[1.0, 0.0, 0.0, variance])),
            ("rows.npy", array(shape, rows)),
        ];
        files.bytes("moments.npz", &archive(&entries))
    };
    let moments = |shape: &str, rows: &[f64]| with_variance(1.0, shape, rows);
    let fake = files.rows("fake.npy", 2, &plain()[1]);
    for shape in ["()", "(1,)"] {
        score(&moments(shape, &[500.0]), &fake).assert().success();
    }
    let says = contains("rows is of several numbers").and(one_line());
    score(&moments("(2,)", &[5.0, 6.0]), &fake).assert().code(1).stdout("").stderr(says);
    for (rows, why) in [(1.0, "rows is 1"), (f64::INFINITY, "in rows that is not finite")] {
        let says = contains("moments.npz").and(contains(why)).and(one_line());
        score(&moments("()", &[rows]), &fake).assert().code(1).stdout("").stderr(says);
    }
    let says = contains("moments.npz: sigma has an eigenvalue of -1.0e0").and(one_line());
    score(&with_variance(-1.0, "()", &[500.0]), &fake).assert().code(1).stdout("").stderr(says);
}

/// An archive of one array is that array, one of several needs a name.
#[test]
fn archives_of_one_array_and_of_several() {
    let files = Files::new();
    let [x, y] = plain();
    let (array, fake) = (files.rows("x.npy", 2, &x), files.rows("y.npy", 2, &y));
    let expected = number(&lines(&array, &fake, &["energy"])["energy"], "value");
    let one = files.bytes("one.npz", &archive(&[("arr_0.npy", doubles(&x))]));
    let value = number(&lines(&one, &fake, &["energy"])["energy"], "value");
    assert!((value - expected).abs() < 1e-15);

    let entries =
        [("y.npy", doubles(&y)), ("x.npy", doubles(&x)), ("notes.txt", b"no array".to_vec())];
    let several = files.bytes("several.npz", &archive(&entries));
    let energy = |key: &[&str]| {
        let mut command = score(&several, &fake);
        command.args(["--metric", "energy", "--format", "json"]).args(key);
        command.assert()
    };
    let names = || contains("several.npz").and(contains("x, y")).and(contains("--key"));
    energy(&[]).code(1).stdout("").stderr(names().and(one_line()));
    energy(&["--key", "z"]).code(1).stdout("").stderr(names().and(one_line()));
    let found = super::by_metric(&energy(&["--key", "x"]).success().get_output().stdout);
    assert!((number(&found["energy"], "value") - expected).abs() < 1e-15);
    // numpy's own name for the first array is no riddle.
    let first = [("b.npy", doubles(&y)), ("arr_0.npy", doubles(&x))];
    let first = files.bytes("first.npz", &archive(&first));
    assert!(
        (number(&lines(&first, &fake, &["energy"])["energy"], "value") - expected).abs() < 1e-15
    );
    score(&array, &fake).args(["--key", "x"]).assert().code(1).stderr(contains("--key x"));
}

/// Damage shows: in the sum of an entry, in its length, in the list of entries.
#[test]
fn damaged_archives() {
    let files = Files::new();
    let [x, y] = plain();
    let fake = files.rows("fake.npy", 2, &y);
    let good = archive(&[("arr_0.npy", doubles(&x))]);
    let mut flipped = good.clone();
    flipped[1000] ^= 1;
    let cut = good[..good.len() / 2].to_vec();
    let short = archive(&[("arr_0.npy", doubles(&x)[..2000].to_vec())]);
    let empty = archive(&[]);
    for (bytes, says) in [
        (flipped, "is damaged"),
        (cut, "is a damaged archive"),
        (short, "is truncated"),
        (empty, "without arrays"),
    ] {
        let real = files.bytes("bad.npz", &bytes);
        score(&real, &fake)
            .assert()
            .code(1)
            .stdout("")
            .stderr(contains("bad.npz").and(contains(says)).and(one_line()));
    }
}
