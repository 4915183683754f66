//! The committed reference is changed by whole profiles alone.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::tempdir;

use super::{NAME, text};
use crate::house::{binary, root};

#[test]
fn results_are_not_replaced_by_a_part_of_them() {
    let clone = tempdir().unwrap();
    let path = clone.path();
    fs_err::write(path.join("Cargo.toml"), b"").unwrap();
    fs_err::create_dir(path.join("experiments")).unwrap();
    let stored = path.join("results/mog_collapse");
    fs_err::create_dir_all(&stored).unwrap();
    let names =
        ["runs.parquet", "traces.parquet", "samples.safetensors", "manifest.json", "claims.json"];
    for name in names {
        fs_err::copy(root().join("results/mog_collapse").join(name), stored.join(name)).unwrap();
    }
    let manifest = |path: &Path| -> Value {
        serde_json::from_slice(&fs_err::read(path.join("manifest.json")).unwrap()).unwrap()
    };
    let content = &manifest(&stored)["content"];
    let bytes = || names.map(|name| fs_err::read(stored.join(name)).unwrap());
    let before = bytes();
    let run = |more: &[&str]| {
        let mut command = Command::new(binary(NAME));
        command.current_dir(path).env("OMP_NUM_THREADS", "1");
        command.arg("run").args(more).output().unwrap()
    };
    let only = ["--only", "method.reference=perfect", "--seeds", "0..3", "--jobs", "1"];
    let profile = content["profile"].as_str().unwrap();
    let part = [&["--profile", profile][..], &only].concat();
    let refused = run(&[&part[..], &["--out", "results"]].concat());
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
    assert!(text(&refused).contains("choose another --out"), "{}", text(&refused));
    // Without a word on where, it goes to a folder of its own.
    let local = run(&part);
    assert!(local.status.success(), "{}", text(&local));
    assert!(path.join("local/mog_collapse/runs.parquet").exists());
    assert!(before == bytes());

    // In a copy of the reference elsewhere, the rows that were not asked for stay.
    fs_err::rename(path.join("results"), path.join("copy")).unwrap();
    let copied = run(&[&part[..], &["--out", "copy"]].concat());
    assert!(copied.status.success(), "{}", text(&copied));
    let copied = manifest(&path.join("copy/mog_collapse"));
    assert_eq!(copied["content"]["runs"], content["runs"]);
}
