//! Files that do not fit, by accident or on purpose: one line that names the file, and no work.

use std::process::Command;

use predicates::prelude::*;
use predicates::str::contains;

use super::{Files, header, lines, npy, number, one_line, score};

fn numbers() -> Vec<f64> {
    (0..60).map(|i| f64::from(i) * 0.1).collect()
}

/// Asserts that a file is refused beside a good one, on either side.
fn refused(files: &Files, name: &str, says: &str) {
    let good = files.rows("good.npy", 3, &numbers());
    for real_is_good in [true, false] {
        let other = files.path(name);
        let (real, fake) = if real_is_good { (&good, &other) } else { (&other, &good) };
        score(real, fake)
            .assert()
            .code(1)
            .stdout("")
            .stderr(contains(name).and(contains(says)).and(one_line()));
    }
}

#[test]
fn files_that_do_not_fit_get_one_clear_line() {
    let (files, numbers) = (Files::new(), numbers());
    let double = |shape| header("<f8", "False", shape);
    files.doubles("few.npy", &double("(12, 5)"), &numbers);
    files.doubles("scalar.npy", &double("()"), &numbers[..1]);
    files.doubles("wide.npy", &double("(20, 2)"), &numbers[..40]);
    files.doubles("truncated.npy", &double("(30, 3)"), &numbers);
    files.doubles("text.npy", &header("<U1", "False", "(20, 3)"), &numbers);
    let hole: Vec<f64> = numbers.iter().map(|x| if *x > 2.95 { f64::NAN } else { *x }).collect();
    files.rows("hole.npy", 3, &hole);
    files.bytes("empty.npy", b"");
    files.bytes("line\nend.npy", b"");
    for (name, says) in [
        ("few.npy", "20 rows of numbers at least"),
        ("scalar.npy", "the shape []"),
        ("wide.npy", "numbers a row"),
        ("truncated.npy", "is truncated"),
        ("text.npy", "save it as float32 or float64"),
        ("hole.npy", "row 10 has a value that is not finite"),
        ("empty.npy", "is not a .npy file, or an empty one"),
        ("missing.npy", "cannot be opened"),
    ] {
        refused(&files, name, says);
    }
    let good = files.path("good.npy");
    score(&good, &files.path("line\nend.npy")).assert().code(1).stderr(one_line());
    score(&good, &good)
        .args(["--metric", "nonsense"])
        .assert()
        .code(2)
        .stderr(contains("wasserstein_1"));
}

/// Headers that say more than there is, sizes whose product is no number of 64 bits, and brackets within brackets,
/// of which a parser tries every reading.
#[test]
fn headers_are_bounded() {
    let files = Files::new();
    let zeros = [0.0; 80];
    let double = |shape: &str| header("<f8", "False", shape);
    for (name, shape) in [
        ("rows.npy", "(4611686018427387904, 4)"),
        ("columns.npy", "(20, 4611686018427387904, 16)"),
        ("bytes.npy", "(2305843009213693952, 1)"),
        ("large.npy", "(1000000000000, 3)"),
    ] {
        files.doubles(name, &double(shape), &zeros);
        refused(&files, name, "is truncated");
    }
    files.doubles("nothing.npy", &double("(0, 4611686018427387904, 4)"), &zeros);
    refused(&files, "nothing.npy", "20 rows of numbers at least");
    files.doubles("huge.npy", &double("(99999999999999999999999, 2)"), &zeros);
    refused(&files, "huge.npy", "a header that is damaged");
    let nest = |open: &str, close: &str| double(&(open.repeat(400) + &close.repeat(400)));
    for (name, open, close) in [
        ("round.npy", "(", ")"),
        ("square.npy", "[", "]"),
        ("curly.npy", "{", "}"),
        ("open.npy", "{[(", ""),
    ] {
        files.doubles(name, &nest(open, close), &zeros);
        refused(&files, name, "brackets within brackets");
    }
    files.doubles("long.npy", &double(&format!("(20, {}4)", " ".repeat(60_000))), &zeros);
    refused(&files, "long.npy", "a header of 60");
    let mut version = npy(&double("(20, 4)"), &[0; 640]);
    version[6] = 9;
    files.bytes("version.npy", &version);
    refused(&files, "version.npy", "version 9");
    // The second version has a length of four bytes, here of 4 GB.
    let mut second = b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec();
    second.extend([b' '; 100]);
    files.bytes("second.npy", &second);
    refused(&files, "second.npy", "a header of 4294967295 bytes");
}

/// A pipe that nobody writes to would wait for ever, and a device has no end.
#[test]
fn only_regular_files_are_read() {
    let files = Files::new();
    let pipe = files.path("pipe.npy");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs_err::create_dir_all(files.path("folder.npy")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", files.path("zero.npy")).unwrap();
    for name in ["pipe.npy", "zero.npy"] {
        refused(&files, name, "is not a regular file");
    }
    let empty = contains("folder.npy").and(contains("holds no .png")).and(one_line());
    let folder = files.path("folder.npy");
    score(&folder, &files.path("good.npy")).assert().code(1).stdout("").stderr(empty);
}

/// What an array of pickled objects would run is never run: the type alone refuses it.
#[test]
fn objects_are_refused() {
    let files = Files::new();
    files.doubles("objects.npy", &header("|O", "False", "(20, 3)"), &numbers());
    refused(&files, "objects.npy", "holds no numbers");
    let fields =
        "{'descr': [('a', '<f8'), ('b', '<f8')], 'fortran_order': False, 'shape': (20,), }\n";
    files.doubles("fields.npy", fields, &numbers());
    refused(&files, "fields.npy", "save it as float32 or float64");
}

/// Columns first, or axes beyond two: the same rows.
#[test]
fn the_layout_of_a_file_does_not_matter() {
    let files = Files::new();
    let at = |row: usize, column: usize| ((row * 7 + column * 11) % 23) as f64;
    let by_row: Vec<f64> = (0..240).map(|i| at(i / 12, i % 12)).collect();
    let by_column: Vec<f64> = (0..240).map(|i| at(i % 20, i / 20)).collect();
    let rows = files.rows("rows.npy", 12, &by_row);
    let columns = files.doubles("columns.npy", &header("<f8", "True", "(20, 12)"), &by_column);
    let axes = files.doubles("axes.npy", &header("<f8", "False", "(20, 3, 4)"), &by_row);
    // Rows first, then the first axis of a row, so that entry (r, i, j) lies at r + 20 i + 60 j.
    let first: Vec<f64> = (0..240).map(|k| at(k % 20, (k / 20 % 3) * 4 + k / 60)).collect();
    let first = files.doubles("first.npy", &header("<f8", "True", "(20, 3, 4)"), &first);
    let one = files.doubles("one.npy", &header("<f8", "False", "(20, 1, 3, 4)"), &by_row);
    for (real, fake) in [(&rows, &columns), (&rows, &axes), (&axes, &first), (&axes, &one)] {
        let value = number(&lines(real, fake, &["energy"])["energy"], "value");
        assert!(value.abs() < 1e-12, "{value}");
    }
}

/// Colours last and colours first have as many numbers a row, and are not of one kind.
#[test]
fn axes_are_compared_and_not_their_product() {
    let files = Files::new();
    let numbers: Vec<f64> = (0..20 * 48).map(|i| f64::from(i % 17)).collect();
    let image = |name, shape| files.doubles(name, &header("<f8", "False", shape), &numbers);
    let (last, first) = (image("last.npy", "(20, 4, 4, 3)"), image("first.npy", "(20, 3, 4, 4)"));
    let both = contains("(20, 4, 4, 3)").and(contains("(20, 3, 4, 4)")).and(contains("differ"));
    score(&last, &first).assert().code(1).stdout("").stderr(both.and(one_line()));
    lines(&last, &image("again.npy", "(20, 4, 4, 3)"), &["energy"]);
}
