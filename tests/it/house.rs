//! What the tests share: programs in temporary folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// The experiments: the folders of `experiments/` that have a program, sorted.
pub(crate) fn experiments() -> Vec<String> {
    let folders = fs_err::read_dir(root().join("experiments")).expect("the experiments");
    let paths = folders.map(|entry| entry.expect("a readable folder").path());
    let programs = paths.filter(|path| path.join("main.rs").exists());
    let name = |path: PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    let mut names: Vec<String> = programs.map(name).collect();
    names.sort();
    names
}

/// The experiments with committed results.
pub(crate) fn judged() -> Vec<String> {
    let has_results = |name: &String| root().join("results").join(name).exists();
    experiments().into_iter().filter(has_results).collect()
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a workspace").to_owned()
}

/// The path of a built program: two folders above this test's own.
pub(crate) fn binary(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("a path");
    let path = tests.ancestors().nth(2).expect("a target folder").join(name);
    assert!(path.exists(), "{} is not built: run `make build`", path.display());
    path
}

/// The built program of an experiment, run from the root of the repository.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(binary(name));
    command.current_dir(root()).env("OMP_NUM_THREADS", "1").env_remove("RUST_BACKTRACE");
    command
}

/// A smoke run of some arms into a folder.
pub(crate) fn smoke(name: &str, out: &Path, more: &[&str]) -> Command {
    let mut command = program(name);
    command.args(["run", "--profile", "smoke", "--out"]).arg(out).args(more);
    command
}

/// Few arms of `mog_collapse` that reach every kind of training.
pub(crate) const FEW: [&str; 2] = ["--only", "target=ring"];

/// The bytes of the stored tables and arrays, by name.
pub(crate) fn tables(out: &Path, name: &str) -> BTreeMap<String, Vec<u8>> {
    ["runs.parquet", "traces.parquet", "samples.safetensors"]
        .map(|file| (file.to_owned(), fs_err::read(out.join(name).join(file)).expect(file)))
        .into()
}

/// Paths of the finished shards of a folder, sorted.
pub(crate) fn shards(out: &Path, name: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs_err::read_dir(out.join(name).join("shards")) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter(|path| !path.file_name().expect("a file").to_string_lossy().starts_with('.'))
        .collect();
    paths.sort();
    paths
}
