//! The set-up script from outside: no network is touched.

use std::process::Command;

use tempfile::tempdir;

use crate::house::root;

/// Runs a copy of the script in a folder of its own, with `pip` replaced by a module that fails.
fn setup(folder: &std::path::Path, step: &str) -> (Option<i32>, String) {
    let scripts = folder.join("scripts");
    fs_err::create_dir_all(&scripts).unwrap();
    fs_err::copy(root().join("scripts/setup.py"), scripts.join("setup.py")).unwrap();
    let pip = folder.join("modules/pip");
    fs_err::create_dir_all(&pip).unwrap();
    fs_err::write(pip.join("__init__.py"), "").unwrap();
    let main = "import sys\nsys.exit(0 if '--version' in sys.argv else 1)\n";
    fs_err::write(pip.join("__main__.py"), main).unwrap();
    let output = Command::new("python3")
        .arg(scripts.join("setup.py"))
        .arg(step)
        .env("PYTHONPATH", folder.join("modules"))
        .env_remove("LIBTORCH")
        .env_remove("LIBTORCH_USE_PYTORCH")
        .env_remove("GAN_DATA_DIR")
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn what_is_in_place_is_left_alone() {
    let folder = tempdir().unwrap();
    let libtorch = folder.path().join(".deps/libtorch");
    fs_err::create_dir_all(&libtorch).unwrap();
    fs_err::write(libtorch.join("build-version"), "2.11.0\n").unwrap();
    let (code, text) = setup(folder.path(), "libtorch");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("in place"), "{text}");
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
