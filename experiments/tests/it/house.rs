//! What the tests share: programs in temporary folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// Every program.
pub(crate) const PROGRAMS: [&str; 6] = [
    "compare_distributions",
    "learn_generator",
    "mog_collapse",
    "wgan_vs_mle",
    "js_failure",
    "penalty_ablation",
];

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").to_owned()
}

/// The built program of an experiment, run from the root of the repository.
pub(crate) fn program(name: &str) -> Command {
    let path = match name {
        "compare_distributions" => env!("CARGO_BIN_EXE_compare_distributions"),
        "learn_generator" => env!("CARGO_BIN_EXE_learn_generator"),
        "mog_collapse" => env!("CARGO_BIN_EXE_mog_collapse"),
        "wgan_vs_mle" => env!("CARGO_BIN_EXE_wgan_vs_mle"),
        "js_failure" => env!("CARGO_BIN_EXE_js_failure"),
        "penalty_ablation" => env!("CARGO_BIN_EXE_penalty_ablation"),
        other => panic!("no program {other}"),
    };
    let mut command = Command::new(path);
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
