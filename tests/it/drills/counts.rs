//! No silence about what is missing: every verb counts the same cells, and edits are found.

use tempfile::tempdir;

use super::{NAME, SEVERAL, command, done, files, folder, run, runs, text};

#[test]
fn a_lacking_part_is_counted_by_every_verb() {
    let out = tempdir().unwrap();
    let first = run(out.path(), &[&SEVERAL[..], &["--shard", "0/2", "--no-report"]].concat());
    assert!(first.status.success(), "{}", text(&first));
    let report = command("report", out.path()).output().unwrap();
    assert_eq!(report.status.code(), Some(5), "{}", text(&report));
    let list = command("list", out.path()).args(SEVERAL).output().unwrap();
    let (done, all) = done(out.path(), &SEVERAL);
    assert!(0 < done && done < all, "{done} of {all}");
    let said =
        format!("{done} of {all} cells; 0 of another epoch; 0 panicked; 0 rows outside the grid");
    for output in [&report, &list, &command("verify", out.path()).output().unwrap()] {
        assert!(text(output).contains(&said), "{said}\n{}", text(output));
    }
    let board = fs_err::read_to_string(out.path().join("README.md")).unwrap();
    assert!(board.contains(&format!("Incomplete: {done} of {all} planned cells")), "{board}");

    assert!(run(out.path(), &[&SEVERAL[..], &["--shard", "1/2"]].concat()).status.success());
    assert!(command("report", out.path()).output().unwrap().status.success());
}

/// Three values of a setting, one after the other or in one command, are all kept.
#[test]
fn rows_of_other_settings_are_kept() {
    let (one, each) = (tempdir().unwrap(), tempdir().unwrap());
    let arm = ["--only", "target=ring", "--only", "method.gan.objective=non_saturating"];
    let set = |out, steps| run(out, &[&arm[..], &["--set", steps]].concat());
    assert!(set(one.path(), "steps=30,40,50").status.success());
    for steps in ["steps=30", "steps=40", "steps=50"] {
        assert!(set(each.path(), steps).status.success());
    }
    for out in [&one, &each] {
        assert_eq!(runs(out.path())["finished"], 15);
        let verify = command("verify", out.path()).output().unwrap();
        assert!(verify.status.success(), "{}", text(&verify));
        let judged = command("report", out.path()).args(["--set", "steps=40"]).output().unwrap();
        assert!(
            judged.status.success() && text(&judged).contains("with steps=40"),
            "{}",
            text(&judged)
        );
        let unknown = command("report", out.path()).args(["--set", "steps=41"]).output().unwrap();
        assert_eq!(unknown.status.code(), Some(2), "{}", text(&unknown));
        assert!(text(&unknown).contains("plans set steps=30, or steps=40"), "{}", text(&unknown));
    }
}

/// Seeds and settings outside the grid were planned, so they are no difference.
#[test]
fn verify_knows_other_seeds_and_settings() {
    let out = tempdir().unwrap();
    let more = ["--only", "target=ring", "--only", "method.gan.pack=2", "--seeds", "100..105"];
    assert!(run(out.path(), &more).status.success());
    let verify = command("verify", out.path()).output().unwrap();
    assert!(verify.status.success(), "{}", text(&verify));
    // Without the plan, they belong to nothing.
    fs_err::remove_file(folder(out.path()).join("plans.json")).unwrap();
    let verify = command("verify", out.path()).output().unwrap();
    assert_eq!(verify.status.code(), Some(4), "{}", text(&verify));
    assert!(text(&verify).contains("neither the grid nor a plan"), "{}", text(&verify));
}

/// One altered verdict, one altered number, one altered figure.
#[test]
fn edits_are_found_by_verify() {
    let out = tempdir().unwrap();
    assert!(run(out.path(), &SEVERAL).status.success());
    let figure = files(out.path(), "figures", ".svg").swap_remove(0);
    let claims = folder(out.path()).join("claims.json");
    let edits = [
        (&claims, "\"verdict\": null", "\"verdict\": \"reproduced\""),
        (&claims, "\"seeds\": 0", "\"seeds\": 7"),
        (&figure, "<svg", "<svg "),
    ];
    for (path, from, to) in edits {
        let whole = fs_err::read_to_string(path).unwrap();
        assert!(whole.contains(from), "{} lacks {from}", path.display());
        fs_err::write(path, whole.replacen(from, to, 1)).unwrap();
        let verify = command("verify", out.path()).args(["--cells", "0"]).output().unwrap();
        assert_eq!(verify.status.code(), Some(4), "{}", text(&verify));
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(text(&verify).contains(&name), "{}", text(&verify));
        fs_err::write(path, whole).unwrap();
    }
    let verify = command("verify", out.path()).args(["--cells", "0"]).output().unwrap();
    assert!(verify.status.success(), "{}", text(&verify));
}

/// Settings that make cells equal leave each once.
#[test]
fn equal_cells_are_there_once() {
    let out = tempdir().unwrap();
    let equal = [
        "method.gan.pack=1",
        "method.gan.critic_steps=1",
        "method.gan.look_ahead=0",
        "method.gan.second_term=full",
        "target=ring",
    ];
    let mut list = command("list", out.path());
    list.args(["--only", "method.gan.objective=minimax"]);
    for setting in equal {
        list.args(["--set", setting]);
    }
    let lines = String::from_utf8(list.output().unwrap().stdout).unwrap();
    let cells: std::collections::BTreeSet<&str> = lines.lines().collect();
    assert_eq!(cells.len(), lines.lines().count(), "{NAME}: {lines}");
}
