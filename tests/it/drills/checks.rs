//! Late checks made early: what cannot work is said in one line before anything trains.

use tempfile::tempdir;

use super::{SEVERAL, files, folder, run, text};

#[test]
fn values_that_mean_nothing_are_refused() {
    let arm = ["--only", "target=ring", "--only", "method.gan.objective=non_saturating"];
    for (value, field) in [
        ("batch=0", "batch"),
        ("batch=1000000000000", "batch"),
        ("nets.critic_adam.learning_rate=-1", "nets.critic_adam.learning_rate"),
        ("nets.critic=[0]", "nets.critic"),
        ("method.gan.pack=3", "pack"),
        ("batch=many", "batch"),
        ("nets.latentt=3", "did you mean `nets.latent`?"),
    ] {
        let out = tempdir().unwrap();
        let refused = run(out.path(), &[&arm[..], &["--set", value]].concat());
        let said = text(&refused);
        assert_eq!(refused.status.code(), Some(2), "{value}: {said}");
        assert!(said.contains(field) && said.trim_end().lines().count() == 1, "{value}: {said}");
        assert!(!folder(out.path()).exists(), "{value} left something behind");
    }
}

#[test]
fn plans_that_are_too_large_are_refused() {
    let out = tempdir().unwrap();
    for seeds in ["0..9000000000000000", "0..18446744073709551615", "5000000..9000000000"] {
        let refused = run(out.path(), &["--seeds", seeds]);
        assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
    }
}

#[test]
fn a_value_that_no_configuration_has_is_told_with_those_that_there_are() {
    let out = tempdir().unwrap();
    let refused = run(out.path(), &["--only", "target=square"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused).contains("grid, notebook_ring, ring, unit_ring"), "{}", text(&refused));
}

/// Free room is compared with what the sweep may write; a small file system is needed, which not every user may mount.
#[test]
fn a_disk_without_room_is_refused_before_anything_trains() {
    let mount = tempdir().unwrap();
    let small = |action: &str| {
        let script = format!("{action} '{}' 2>/dev/null", mount.path().display());
        std::process::Command::new("bash").args(["-c", &script]).status().unwrap().success()
    };
    if !small("mount -t tmpfs -o size=1m drill") {
        eprintln!("not allowed to mount a tmpfs: the free room is not tested");
        return;
    }
    let refused = run(mount.path(), &SEVERAL);
    let shards = files(mount.path(), "shards", ".json");
    assert!(small("umount"));
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused));
    assert!(text(&refused).contains("MiB free"), "{}", text(&refused));
    assert!(shards.is_empty());
}
