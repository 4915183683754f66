//! The set-up script.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::tempdir;

use super::our_libtorch;
use crate::house::root;

/// A copy of the set-up script in a folder of its own, where `pip` is a module that does this.
fn command(folder: &Path, step: &str, pip: &str) -> Command {
    let scripts = folder.join("scripts");
    fs_err::create_dir_all(&scripts).unwrap();
    fs_err::copy(root().join("scripts/setup.py"), scripts.join("setup.py")).unwrap();
    let module = folder.join("modules/pip");
    fs_err::create_dir_all(&module).unwrap();
    fs_err::write(module.join("__init__.py"), "").unwrap();
    let main = format!("import sys\nif '--version' in sys.argv: sys.exit(0)\n{pip}\n");
    fs_err::write(module.join("__main__.py"), main).unwrap();
    let mut command = Command::new("python3");
    command.arg(scripts.join("setup.py")).arg(step).env("PYTHONPATH", folder.join("modules"));
    for variable in ["LIBTORCH", "LIBTORCH_USE_PYTORCH", "GAN_DATA_DIR"] {
        command.env_remove(variable);
    }
    command
}

/// Runs the script where every download fails.
fn setup(folder: &Path, step: &str) -> (Option<i32>, String) {
    let output = command(folder, step, "sys.exit(1)").output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// A `.deps` whose libtorch is the one that tests were built with, if the script put it there.
fn with_libtorch(folder: &Path) -> Option<PathBuf> {
    let deps = folder.join(".deps");
    fs_err::create_dir_all(&deps).unwrap();
    std::os::unix::fs::symlink(our_libtorch()?, deps.join("libtorch")).unwrap();
    Some(deps)
}

#[test]
fn what_is_in_place_is_left_alone() {
    let folder = tempdir().unwrap();
    if with_libtorch(folder.path()).is_none() {
        return;
    }
    let (code, text) = setup(folder.path(), "libtorch");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("in place, checksums right"), "{text}");
}

/// One flipped bit of a library sends the script to the download, which fails here.
#[test]
fn a_damaged_library_is_found() {
    let folder = tempdir().unwrap();
    let Some(whole) = our_libtorch() else { return };
    let libtorch = folder.path().join(".deps/libtorch");
    fs_err::create_dir_all(libtorch.join("lib")).unwrap();
    fs_err::copy(whole.join("build-version"), libtorch.join("build-version")).unwrap();
    std::os::unix::fs::symlink(whole.join("include"), libtorch.join("include")).unwrap();
    for entry in fs_err::read_dir(whole.join("lib")).unwrap() {
        let (from, name) = (entry.as_ref().unwrap().path(), entry.unwrap().file_name());
        let to = libtorch.join("lib").join(&name);
        if name == "libc10.so" {
            let mut bytes = fs_err::read(from).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs_err::write(to, bytes).unwrap();
        } else {
            std::os::unix::fs::symlink(fs_err::read_link(&from).unwrap_or(from), to).unwrap();
        }
    }
    let (code, text) = setup(folder.path(), "libtorch");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("libc10.so is missing or not what was pinned"), "{text}");
}

/// What a set-up that was killed left behind goes; one that runs is waited for.
#[test]
fn leftovers_are_swept_and_set_ups_run_one_at_a_time() {
    let folder = tempdir().unwrap();
    let Some(deps) = with_libtorch(folder.path()) else { return };
    fs_err::create_dir_all(deps.join("tmp-killed/libtorch")).unwrap();
    let (code, text) = setup(folder.path(), "libtorch");
    assert!(code == Some(0) && text.contains("removing .deps/tmp-killed"), "{text}");
    assert!(!deps.join("tmp-killed").exists());

    let lock = std::fs::File::create(deps.join(".lock")).unwrap();
    lock.lock().unwrap();
    let mut waiting = command(folder.path(), "libtorch", "sys.exit(1)");
    let mut waiting = waiting.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(waiting.stderr.take().unwrap());
    let mut text = String::new();
    lines.read_line(&mut text).unwrap();
    assert!(text.contains("another set-up is running"), "{text}");
    drop(lock);
    lines.read_to_string(&mut text).unwrap();
    assert!(waiting.wait().unwrap().success(), "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
}

/// Ctrl-C in the middle of a download is one line, and nothing is left of it.
#[test]
fn an_interrupted_set_up_is_one_line_and_leaves_nothing() {
    let folder = tempdir().unwrap();
    let mut child = command(folder.path(), "data", "import time; time.sleep(60)")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deps = folder.path().join(".deps");
    let begun = || {
        let entries = fs_err::read_dir(&deps).into_iter().flatten();
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("tmp-"))
    };
    while !begun() {
        assert!(child.try_wait().unwrap().is_none(), "the set-up ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("bash").args(["-c", &kill]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.trim_end().lines().last().unwrap().contains("interrupted"), "{text}");
    assert!(!text.contains("Traceback"), "{text}");
    assert!(!begun(), "something half-done was left behind");
}

#[test]
fn a_download_that_fails_is_one_line_and_leaves_nothing() {
    let folder = tempdir().unwrap();
    let mnist = folder.path().join(".deps/data/mnist");
    fs_err::create_dir_all(&mnist).unwrap();
    // Present but wrong: its checksum sends the script to the download.
    fs_err::write(mnist.join("train-images-idx3-ubyte"), b"damaged").unwrap();
    for step in ["libtorch", "data"] {
        let (code, text) = setup(folder.path(), step);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("error: pip could not download"), "{text}");
    }
    assert!(!folder.path().join(".deps/libtorch").exists());
}

/// A pipe or a folder in place of a data file is no file, and not waited for.
#[test]
fn what_is_no_file_is_no_data() {
    let folder = tempdir().unwrap();
    let mnist = folder.path().join(".deps/data/mnist");
    fs_err::create_dir_all(&mnist).unwrap();
    let file = mnist.join("train-images-idx3-ubyte");
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    let (code, text) = setup(folder.path(), "data");
    assert!(code == Some(1) && text.contains("error: pip could not download"), "{text}");
    fs_err::remove_file(&file).unwrap();
    fs_err::create_dir(&file).unwrap();
    let (code, text) = setup(folder.path(), "data");
    assert!(code == Some(1) && !text.contains("Traceback"), "{text}");
}

/// A reader that went away, a full disk, no stderr at all: the exit code is the same.
#[test]
fn nobody_has_to_listen() {
    let folder = tempdir().unwrap();
    let script = command(folder.path(), "data", "sys.exit(1)");
    let arguments: Vec<_> = script.get_args().map(|word| word.to_str().unwrap()).collect();
    let line = format!("python3 {}", arguments.join(" "));
    let modules = folder.path().join("modules");
    for more in ["2>&-", "2>/dev/full", "2> >(true)"] {
        let mut shell = Command::new("bash");
        shell.args(["-c", &format!("{line} {more}")]).env("PYTHONPATH", &modules);
        let output = shell.env_remove("GAN_DATA_DIR").output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{more}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.stdout.is_empty() && !text.contains("Traceback"), "{more}: {text}");
    }
}
