//! Programs of a clone that moved.

use std::path::Path;
use std::process::Command;

use tempfile::tempdir;

use super::our_libtorch;
use crate::house::binary;

/// A clone that was moved after its build: programs look for libtorch from their own place.
#[test]
fn a_moved_clone_finds_libtorch() {
    let Some(libtorch) = our_libtorch() else { return };
    let clone = tempdir().unwrap();
    let release = clone.path().join("target/release");
    fs_err::create_dir_all(&release).unwrap();
    let built = binary("compare");
    let moved = release.join("compare");
    // Of its run path only what is relative is left.
    let mut program = fs_err::read(built).unwrap();
    let elsewhere = Path::new(&std::env::var_os("LIBTORCH").unwrap()).join("lib");
    let absolute = elsewhere.to_str().unwrap().as_bytes();
    let places: Vec<usize> = program
        .windows(absolute.len())
        .enumerate()
        .filter(|(_, window)| *window == absolute)
        .map(|(place, _)| place)
        .collect();
    for place in places {
        program[place + 1] = b'_';
    }
    fs_err::write(&moved, program).unwrap();
    fs_err::set_permissions(&moved, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let version = || Command::new(&moved).arg("--version").env_remove("LD_LIBRARY_PATH").output();
    assert!(!version().unwrap().status.success(), "it was found elsewhere");
    fs_err::create_dir(clone.path().join(".deps")).unwrap();
    std::os::unix::fs::symlink(libtorch, clone.path().join(".deps/libtorch")).unwrap();
    let output = version().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
