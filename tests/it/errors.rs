//! Bad input gets one clear line.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use predicates::prelude::*;
use predicates::str::contains;
use tempfile::tempdir;

use crate::house::{FEW, binary, program, shards, smoke, tables};

#[test]
fn unknown_config_fields_are_named_with_those_that_exist() {
    let out = tempdir().unwrap();
    for flag in ["--only", "--set"] {
        smoke("mog_collapse", out.path(), &[flag, "nets.depth=3"])
            .assert()
            .code(2)
            .stderr(contains("unknown config field `nets.depth`").and(contains("nets.latent")));
    }
    smoke("mog_collapse", out.path(), &["--set", "batch=many"])
        .assert()
        .code(2)
        .stderr(contains("batch"));
}

#[test]
fn wrong_command_lines_have_code_2() {
    let out = tempdir().unwrap();
    for wrong in [["--seeds", "3..3"], ["--seeds", "all"], ["--shard", "4/4"], ["--jobs", "0"]] {
        smoke("mog_collapse", out.path(), &wrong).assert().code(2).stderr(contains(wrong[1]));
    }
}

#[test]
fn another_profile_does_not_overwrite_results() {
    let out = tempdir().unwrap();
    smoke("mog_collapse", out.path(), &["--only", "target=grid"]).assert().success();
    let before = tables(out.path(), "mog_collapse");
    program("mog_collapse")
        .args(["run", "--out"])
        .arg(out.path())
        .assert()
        .code(1)
        .stderr(contains("holds the results of --profile smoke"));
    assert_eq!(before, tables(out.path(), "mog_collapse"));
}

#[test]
fn missing_and_damaged_data_are_named_before_anything_trains() {
    let (out, data) = (tempdir().unwrap(), tempdir().unwrap());
    let run = || {
        let mut command = smoke("wgan_vs_mle", out.path(), &["--only", "data=mnist", "--data-dir"]);
        command.arg(data.path());
        command
    };
    run().assert().code(1).stderr(
        contains("train-images-idx3-ubyte").and(contains("make setup")).and(contains("--data-dir")),
    );
    let file = data.path().join("mnist").join("train-images-idx3-ubyte");
    fs_err::create_dir_all(file.parent().unwrap()).unwrap();
    fs_err::write(&file, b"not images").unwrap();
    run().assert().code(1).stderr(contains("10 bytes instead of 47040016"));
    // A pipe that nobody writes to must not hang the program.
    fs_err::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    run().assert().code(1).stderr(contains("train-images-idx3-ubyte: not a regular file"));
    fs_err::remove_file(&file).unwrap();
    for (name, length) in [
        ("train-images-idx3-ubyte", 47_040_016),
        ("train-labels-idx1-ubyte", 60_008),
        ("t10k-images-idx3-ubyte", 7_840_016),
        ("t10k-labels-idx1-ubyte", 10_008),
    ] {
        let file = fs_err::File::create(file.with_file_name(name)).unwrap();
        file.set_len(length).unwrap();
    }
    run().assert().code(1).stderr(contains("wrong checksum"));
    assert!(shards(out.path(), "wgan_vs_mle").is_empty());
}

#[test]
fn results_that_are_not_there_are_named() {
    let out = tempdir().unwrap();
    for verb in ["report", "verify"] {
        program("mog_collapse")
            .args([verb, "--out"])
            .arg(out.path())
            .assert()
            .code(1)
            .stderr(contains("holds no results"));
    }
}

#[test]
fn a_cuda_device_that_is_not_there_is_an_error_and_auto_falls_back() {
    let out = tempdir().unwrap();
    let arm = ["--only", "target=grid", "--device"];
    smoke("mog_collapse", out.path(), &[&arm[..], &["auto"]].concat()).assert().success();
    let run = smoke("mog_collapse", out.path(), &[&arm[..], &["cuda"]].concat()).output().unwrap();
    let text = String::from_utf8(run.stderr).unwrap();
    assert!(run.status.success() || text.contains("sees no CUDA device"), "{text}");
}

/// Root may write anywhere, so the folder is a file: as unwritable as it gets.
#[test]
fn an_unwritable_folder_is_named() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("occupied");
    fs_err::write(&out, b"a file").unwrap();
    let mode = std::fs::Permissions::from_mode(0o444);
    fs_err::set_permissions(&out, mode).unwrap();
    smoke("mog_collapse", &out, &FEW).assert().code(1).stderr(contains("occupied"));
}

/// A limit on the size of files stands in for a full disk: the write fails in the same place.
#[test]
fn a_full_disk_is_one_clear_line_and_loses_nothing() {
    let out = tempdir().unwrap();
    let binary = binary("mog_collapse").display().to_string();
    let run = |limit: &str| {
        let script = format!(
            "trap '' XFSZ; ulimit -f {limit}; exec '{binary}' run --profile smoke --only target=grid --out '{}'",
            out.path().display()
        );
        Command::new("bash").args(["-c", &script]).output().unwrap()
    };
    let failed = run("0");
    let text = String::from_utf8(failed.stderr).unwrap();
    assert_eq!(failed.status.code(), Some(1), "{text}");
    assert!(text.contains("cannot write") && text.contains("finished cells are kept"), "{text}");
    assert!(run("unlimited").status.success());
    let whole = tempdir().unwrap();
    smoke("mog_collapse", whole.path(), &["--only", "target=grid"]).assert().success();
    assert_eq!(tables(out.path(), "mog_collapse"), tables(whole.path(), "mog_collapse"));
}
