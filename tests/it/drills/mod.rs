//! Fault drills: whatever goes wrong around a sweep, nothing false is stored and nothing true is lost.
//!
//! A drill hurts a sweep from outside (a full disk, a signal, a flipped bit) and runs it again: in the end its tables are
//! those of an unhurt sweep, byte for byte.

mod accidents;
mod bytes;
mod checks;
mod counts;
mod manners;
mod random;
mod reference;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::house::{binary, root, tables};

/// The program that drills hurt.
const NAME: &str = "mog_collapse";

/// One arm of five seeds in one stack, long enough to be hurt in the middle: some three seconds.
const LONG: [&str; 4] = ["--only", "method.gan.objective=non_saturating", "--set", "steps=4000"];
/// Several cells of a fraction of a second each.
const SEVERAL: [&str; 4] = ["--only", "target=grid", "--set", "steps=400"];

/// The cells of a selection that are done, and all of them, as `list` has them.
fn done(out: &Path, selection: &[&str]) -> (usize, usize) {
    let list = command("list", out).args(selection).args(["--format", "json"]).output().unwrap();
    let cells: Vec<serde_json::Value> = serde_json::from_slice(&list.stdout).unwrap();
    (cells.iter().filter(|cell| cell["done"] == true).count(), cells.len())
}

/// A command of the drilled program on the profile `smoke`.
fn command(verb: &str, out: &Path) -> Command {
    let mut command = Command::new(binary(NAME));
    command.current_dir(root()).env("OMP_NUM_THREADS", "1").env_remove("RUST_BACKTRACE");
    command.args([verb, "--out"]).arg(out);
    if ["run", "list"].contains(&verb) {
        command.args(["--profile", "smoke"]);
    }
    command
}

/// Runs a selection to its end.
fn run(out: &Path, selection: &[&str]) -> Output {
    command("run", out).args(selection).output().unwrap()
}

/// Starts a sweep that checkpoints at every chance.
fn spawn(out: &Path, selection: &[&str]) -> Child {
    let mut command = command("run", out);
    command.args(selection).args(["--checkpoint-every", "0", "--jobs", "1"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {} 2>/dev/null", child.id());
    let _ = Command::new("bash").args(["-c", &kill]).status().unwrap();
}

/// Waits until `there` or the child's end.
fn wait_until(child: &mut Child, there: impl Fn() -> bool) {
    let start = Instant::now();
    while !there() && child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_mins(2), "nothing happened");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A folder of the drilled program's results.
fn folder(out: &Path) -> PathBuf {
    out.join(NAME)
}

/// Files below a folder of results with this end, sorted; files in the making left out.
fn files(out: &Path, below: &str, end: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs_err::read_dir(folder(out).join(below)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.retain(|path| name(path).ends_with(end) && !name(path).starts_with('.'));
    paths.sort();
    paths
}

/// Number of stored runs by status, as the manifest counts them.
fn runs(out: &Path) -> BTreeMap<String, u64> {
    let text = fs_err::read(folder(out).join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
    serde_json::from_value(manifest["content"]["runs"].clone()).unwrap()
}

type Tables = BTreeMap<String, Vec<u8>>;

/// The tables of sweeps that nothing hurt.
struct Unhurt {
    long: Tables,
    several: Tables,
}

static UNHURT: LazyLock<Unhurt> = LazyLock::new(|| {
    let whole = |selection: &[&str]| {
        let out = TempDir::new().unwrap();
        assert!(run(out.path(), selection).status.success());
        tables(out.path(), NAME)
    };
    Unhurt { long: whole(&LONG), several: whole(&SEVERAL) }
});

/// Kills a long sweep as soon as it has left a checkpoint.
fn killed_with_a_checkpoint(out: &Path) {
    let mut child = spawn(out, &LONG);
    wait_until(&mut child, || !files(out, "checkpoints", ".safetensors").is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(files(out, "shards", ".json").is_empty(), "the run ended before it could be killed");
}
