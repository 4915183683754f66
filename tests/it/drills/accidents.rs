//! Accidents are no results: a cell that failed is tried again, and its checkpoint is kept until it is whole.

use predicates::prelude::*;
use predicates::str::contains;
use tempfile::tempdir;

use super::{
    LONG, NAME, SEVERAL, UNHURT, command, done, files, folder, killed_with_a_checkpoint, run, runs,
    signal, spawn, text, wait_until,
};
use crate::house::{binary, root, smoke, tables};

/// A file stands where the folder of checkpoints should be made.
#[test]
fn a_checkpoint_that_cannot_be_written_is_an_error_of_the_sweep() {
    let out = tempdir().unwrap();
    fs_err::create_dir_all(folder(out.path())).unwrap();
    let occupied = folder(out.path()).join("checkpoints");
    fs_err::write(&occupied, b"").unwrap();
    let failed = run(out.path(), &[&LONG[..], &["--checkpoint-every", "0"]].concat());
    assert_eq!(failed.status.code(), Some(1), "{}", text(&failed));
    assert!(text(&failed).contains("make room"), "{}", text(&failed));
    assert_eq!(done(out.path(), &LONG).0, 0);
    fs_err::remove_file(occupied).unwrap();
    assert!(run(out.path(), &LONG).status.success());
    assert_eq!(tables(out.path(), NAME), UNHURT.long);
}

/// A limit on the size of files stands in for a full disk: records of some kB fit, checkpoints do not.
#[test]
fn a_disk_that_fills_at_a_checkpoint_loses_nothing() {
    let binary = binary(NAME).display().to_string();
    let out = tempdir().unwrap();
    let script = format!(
        "trap '' XFSZ; ulimit -f 8; exec '{binary}' run --profile smoke --checkpoint-every 0 --out '{}' {}",
        out.path().display(),
        LONG.join(" ")
    );
    let bash = || {
        let mut bash = std::process::Command::new("bash");
        bash.current_dir(root()).args(["-c", &script]).output().unwrap()
    };
    for _ in 0..2 {
        let failed = bash();
        assert_eq!(failed.status.code(), Some(1), "{}", text(&failed));
        assert!(text(&failed).contains("cannot write"), "{}", text(&failed));
        assert!(files(out.path(), "shards", ".json").is_empty());
    }
    assert!(run(out.path(), &LONG).status.success());
    assert_eq!(tables(out.path(), NAME), UNHURT.long);
}

/// The second Ctrl-C ends the process wherever its threads are, and none of them leaves a record of that.
#[test]
fn a_second_interrupt_stores_nothing() {
    for pause in [0, 1, 5, 20] {
        let out = tempdir().unwrap();
        let mut child = spawn(out.path(), &LONG);
        wait_until(&mut child, || !files(out.path(), "checkpoints", ".safetensors").is_empty());
        signal(&child, "INT");
        std::thread::sleep(std::time::Duration::from_millis(pause));
        signal(&child, "INT");
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(files(out.path(), "shards", ".json").is_empty());
        assert!(run(out.path(), &LONG).status.success());
        assert_eq!(tables(out.path(), NAME), UNHURT.long);
    }
}

/// Data that are gone in the middle of a sweep, and come back.
#[test]
fn a_cell_that_panicked_is_tried_again_until_it_is_whole() {
    let (out, data) = (tempdir().unwrap(), tempdir().unwrap());
    let digits = data.path().join("digits");
    fs_err::create_dir(&digits).unwrap();
    let csv = digits.join("digits.csv");
    let whole = root().join(".deps/data/digits/digits.csv");
    fs_err::copy(&whole, &csv).unwrap();
    let name = "wgan_vs_mle";
    let selection =
        ["--only", "data=digits", "--only", "training=maximum_likelihood", "--jobs", "1"];
    let sweep = || {
        let mut sweep = smoke(name, out.path(), &selection);
        sweep.args(["--data-dir"]).arg(data.path());
        sweep
    };
    let path = binary(name);
    let mut child = std::process::Command::new(path)
        .current_dir(root())
        .args(["run", "--profile", "smoke", "--no-report", "--set", "steps=60,61", "--out"])
        .arg(out.path())
        .args(selection)
        .arg("--data-dir")
        .arg(data.path())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let shards = || crate::house::shards(out.path(), name).len();
    wait_until(&mut child, || shards() > 0);
    fs_err::remove_file(&csv).unwrap();
    let code = child.wait().unwrap().code();
    assert_eq!(code, Some(3), "a cell trained without its data");

    let report = |code: i32| {
        let mut report = crate::house::program(name);
        report.args(["report", "--out"]).arg(out.path());
        report.assert().code(code)
    };
    report(3).stderr(contains("panicked; 0 rows").and(contains("; 0 panicked").not()));
    fs_err::copy(&whole, &csv).unwrap();
    sweep().args(["--set", "steps=60,61"]).assert().success().stderr(contains("; 0 panicked"));
    report(0).stderr(contains("; 0 panicked"));
}

/// A checkpoint goes on to the bit, and is read by the same program alone.
#[test]
fn a_kill_at_a_checkpoint_loses_nothing() {
    let out = tempdir().unwrap();
    killed_with_a_checkpoint(out.path());
    assert!(run(out.path(), &LONG).status.success());
    assert_eq!(tables(out.path(), NAME), UNHURT.long);
    assert!(files(out.path(), "checkpoints", ".safetensors").is_empty());
}

/// Two sweeps of one folder at once share its cells: both succeed, and the tables are those of one.
#[test]
fn two_sweeps_of_one_folder_share_its_cells() {
    let out = tempdir().unwrap();
    let mut both = [spawn(out.path(), &SEVERAL), spawn(out.path(), &SEVERAL)];
    for child in &mut both {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(tables(out.path(), NAME), UNHURT.several);
    assert_eq!(runs(out.path()).keys().collect::<Vec<_>>(), ["finished"]);
    assert!(files(out.path(), "locks", ".lock").is_empty());
}

/// Memory that the system refuses is no result, however often: the cell is open, and the exit code says so.
#[test]
fn a_cell_whose_memory_is_refused_is_not_done() {
    let binary = binary(NAME).display().to_string();
    let out = tempdir().unwrap();
    let huge = ["--set", "batch=65536", "--set", "nets.generator=[16384]", "--set", "steps=1"];
    let selection = [&LONG[..2], &huge].concat();
    let script = format!(
        "ulimit -v 8000000; exec '{binary}' run --profile smoke --jobs 1 --out '{}' {}",
        out.path().display(),
        selection.join(" ")
    );
    for _ in 0..2 {
        let mut bash = std::process::Command::new("bash");
        bash.current_dir(root()).env("OMP_NUM_THREADS", "1").args(["-c", &script]);
        let failed = bash.output().unwrap();
        assert_eq!(failed.status.code(), Some(3), "{}", text(&failed));
        let list = command("list", out.path()).args(&selection).output().unwrap();
        assert_eq!(done(out.path(), &selection), (0, 1));
        assert!(
            text(&list).contains("0 of 1 cells; 0 of another epoch; 5 panicked"),
            "{}",
            text(&list)
        );
    }
}
