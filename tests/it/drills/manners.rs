//! Manners of a process: signals that a user, a shell or a cluster sends, and readers that went away.

use std::process::{Command, Stdio};

use tempfile::tempdir;

use super::{LONG, NAME, SEVERAL, UNHURT, command, files, signal, spawn, wait_until};
use crate::house::{binary, root, tables};

/// What `nohup` starts goes on when its terminal goes away; what it does not start stops cleanly.
#[test]
fn an_ignored_hangup_is_respected() {
    let binary = binary(NAME).display().to_string();
    for (prefix, code) in [("trap '' HUP; ", Some(0)), ("", Some(130))] {
        let out = tempdir().unwrap();
        let script = format!(
            "{prefix}exec '{binary}' run --profile smoke --checkpoint-every 0 --out '{}' {}",
            out.path().display(),
            LONG.join(" ")
        );
        let mut bash = Command::new("bash");
        bash.current_dir(root()).env("OMP_NUM_THREADS", "1").args(["-c", &script]);
        let mut child = bash.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until(&mut child, || !files(out.path(), "checkpoints", ".safetensors").is_empty());
        signal(&child, "HUP");
        assert_eq!(child.wait().unwrap().code(), code, "with `{prefix}`");
    }
}

#[test]
fn a_stderr_or_stdout_that_nobody_reads_is_no_panic() {
    let binary = binary(NAME).display().to_string();
    for redirection in ["2>&-", "2> >(true)", "2>/dev/full", "| true", "2>&1 | true"] {
        let out = tempdir().unwrap();
        let script = format!(
            "set -o pipefail; '{binary}' run --profile smoke --out '{}' {} {redirection}",
            out.path().display(),
            SEVERAL.join(" ")
        );
        let mut bash = Command::new("bash");
        bash.current_dir(root()).env("OMP_NUM_THREADS", "1").args(["-c", &script]);
        let ended = bash.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert_eq!(ended.code(), Some(0), "{redirection}");
        assert_eq!(tables(out.path(), NAME), UNHURT.several, "{redirection}");
    }
    let out = tempdir().unwrap();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ended = command("list", out.path()).stdout(full).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
}

/// On the signals of a preempting cluster, running cells write a checkpoint and go on.
#[test]
fn a_checkpoint_is_written_on_usr1_and_usr2() {
    for name in ["USR1", "USR2"] {
        let out = tempdir().unwrap();
        let mut child = command("run", out.path());
        let mut child = child
            .args(LONG)
            .args(["--checkpoint-every", "3600"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The sweep listens once it has recorded its plan; a signal before its cells train finds nothing to write.
        wait_until(&mut child, || super::folder(out.path()).join("plans.json").exists());
        assert!(files(out.path(), "checkpoints", ".safetensors").is_empty());
        while files(out.path(), "checkpoints", ".safetensors").is_empty()
            && child.try_wait().unwrap().is_none()
        {
            signal(&child, name);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(child.try_wait().unwrap().is_none(), "{name} ended the sweep");
        child.kill().unwrap();
        child.wait().unwrap();
        let ended = super::run(out.path(), &LONG);
        assert!(ended.status.success());
        assert_eq!(tables(out.path(), NAME), UNHURT.long);
    }
    // A sweep that was asked to stop leaves a checkpoint, whatever asked.
    let out = tempdir().unwrap();
    let mut child = spawn(out.path(), &LONG);
    wait_until(&mut child, || !files(out.path(), "checkpoints", ".safetensors").is_empty());
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!files(out.path(), "checkpoints", ".safetensors").is_empty());
}
