//! A new experiment is a folder and nothing else.

use std::process::Command;

use serde_json::Value;
use tempfile::tempdir;

use crate::house::root;

/// The sources of an experiment that the repository does not have.
const FOLDER: [(&str, &str); 3] = [
    ("Cargo.toml", include_str!("folder/Cargo.toml")),
    ("main.rs", include_str!("folder/program.rs")),
    ("README.md", "# coin_toss: is a coin fair?\n"),
];

/// In a copy of the workspace, with the folder added and no other file changed, Cargo builds its program and every
/// target of the Makefile runs it.
#[test]
fn a_folder_is_found_by_cargo_and_by_make() {
    let copy = tempdir().unwrap();
    let tracked =
        ["Cargo.toml", "Cargo.lock", "Makefile", "crates", "experiments", "tools", "tests"];
    for path in tracked {
        let copied = Command::new("cp").arg("-r").arg(root().join(path)).arg(copy.path()).status();
        assert!(copied.unwrap().success(), "{path} is not copied");
    }
    let folder = copy.path().join("experiments/coin_toss");
    fs_err::create_dir(&folder).unwrap();
    for (name, text) in FOLDER {
        fs_err::write(folder.join(name), text).unwrap();
    }

    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--no-deps"])
        .current_dir(copy.path())
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "coin_toss").unwrap();
    let kinds: Vec<&Value> =
        package["targets"].as_array().unwrap().iter().map(|target| &target["kind"][0]).collect();
    assert!(kinds.contains(&&Value::from("bin")), "{kinds:?}");

    // `report` and `verify` go over the experiments that have results.
    let results = copy.path().join("results/coin_toss");
    fs_err::create_dir_all(&results).unwrap();
    fs_err::write(results.join("manifest.json"), "{}").unwrap();
    for target in ["reproduce-all", "smoke", "report", "verify"] {
        let plan = Command::new("make").args(["-n", target]).current_dir(copy.path()).output();
        let plan = String::from_utf8(plan.unwrap().stdout).unwrap();
        assert!(plan.contains("coin_toss"), "make {target} leaves it out: {plan}");
    }
    let mut known = Command::new("make");
    known.args(["known", "EXP=coin_toss"]).current_dir(copy.path());
    assert!(known.status().unwrap().success());
}
