//! Runs, reports and resumes.

use predicates::prelude::*;
use predicates::str::contains;
use tempfile::tempdir;

use crate::house::{FEW, binary, experiments, judged, program, root, shards, smoke, tables};

#[test]
fn help_has_examples_and_exit_codes() {
    for name in experiments() {
        let words = ["Examples:", "Exit codes", "verify", "--out"].map(contains);
        let [a, b, c, d] = words;
        program(&name).arg("--help").assert().success().stdout(a.and(b).and(c).and(d));
    }
}

#[test]
fn help_of_run() {
    let output =
        program("mog_collapse").args(["run", "-h"]).env("COLUMNS", "100").output().unwrap();
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}

#[test]
fn a_smoke_run_ends_with_tables_claims_figures_and_a_scoreboard() {
    for name in &experiments() {
        let out = tempdir().unwrap();
        let few: &[&str] = match name.as_str() {
            "mog_collapse" => &FEW,
            // Every task, without most of the penalties.
            "penalty_ablation" => &["--only", "penalty=none"],
            _ => &[],
        };
        smoke(name, out.path(), few)
            .assert()
            .success()
            .stdout(contains("as claimed").and(contains("Reproduced").not()));
        let folder = out.path().join(name);
        for file in ["runs.parquet", "traces.parquet", "manifest.json", "claims.json"] {
            assert!(folder.join(file).exists(), "{name} left no {file}");
        }
        let figures: Vec<_> = fs_err::read_dir(folder.join("figures")).unwrap().collect();
        assert!(figures.len() >= 2, "{name} drew {} figures", figures.len());
        let page = fs_err::read_to_string(out.path().join("index.html")).unwrap();
        assert!(page.contains("A reproduction beside the reference"), "{name}");
        let board = fs_err::read_to_string(out.path().join("README.md")).unwrap();
        assert!(board.contains(&format!("## {name}")), "{board}");
    }
}

#[test]
fn a_part_of_an_experiment_says_where_its_numbers_are() {
    let out = tempdir().unwrap();
    let part = ["--only", "method.gan.look_ahead=5"];
    let (claims, place) = (contains("claims have no data"), contains("runs.parquet"));
    let run = smoke("mog_collapse", out.path(), &part).assert().success();
    run.stderr(claims.and(place)).stdout("");
}

/// Runs of another folder count where they are the same cell, so that a larger profile begins with a smaller one's.
#[test]
fn a_sweep_begins_with_the_runs_of_another_folder() {
    let (whole, begun) = (tempdir().unwrap(), tempdir().unwrap());
    smoke("mog_collapse", whole.path(), &FEW).assert().success();
    let from = whole.path().display().to_string();
    let more = [&FEW[..], &["--from", &from]].concat();
    let dry = [&more[..], &["--dry-run"]].concat();
    let dry = smoke("mog_collapse", begun.path(), &dry).assert();
    dry.success().stdout(contains("0 of").not());
    let run = smoke("mog_collapse", begun.path(), &more).assert().success();
    run.stderr(contains("runs are taken over").and(contains("nothing to train")));
    assert_eq!(tables(whole.path(), "mog_collapse"), tables(begun.path(), "mog_collapse"));
    let nowhere = [&FEW[..], &["--from", "nowhere"]].concat();
    let out = tempdir().unwrap();
    smoke("mog_collapse", out.path(), &nowhere).assert().code(1).stderr(contains("--from"));
    // A sweep that waited for itself would never end.
    let itself = [&FEW[..], &["--from", &from]].concat();
    smoke("mog_collapse", whole.path(), &itself).assert().code(2).stderr(contains("--from"));
}

#[test]
fn tables_are_the_same_for_any_number_of_jobs() {
    let runs: Vec<_> = ["1", "2", "4"]
        .iter()
        .map(|jobs| {
            let out = tempdir().unwrap();
            let more = [&FEW[..], &["--jobs", jobs]].concat();
            smoke("mog_collapse", out.path(), &more).assert().success();
            tables(out.path(), "mog_collapse")
        })
        .collect();
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0], runs[2]);
}

#[test]
fn parts_of_a_plan_merge_into_the_whole() {
    let (whole, parts) = (tempdir().unwrap(), tempdir().unwrap());
    smoke("mog_collapse", whole.path(), &FEW).assert().success();
    for part in ["0/3", "1/3", "2/3"] {
        let more = [&FEW[..], &["--shard", part]].concat();
        smoke("mog_collapse", parts.path(), &more).assert().success();
    }
    assert_eq!(tables(whole.path(), "mog_collapse"), tables(parts.path(), "mog_collapse"));
}

/// Parts that run at the same time keep their records only; `report` merges them.
#[test]
fn parts_without_reports_are_merged_by_report() {
    let (whole, parts) = (tempdir().unwrap(), tempdir().unwrap());
    smoke("mog_collapse", whole.path(), &FEW).assert().success();
    let part = |part: &str| {
        let mut command = std::process::Command::new(binary("mog_collapse"));
        command.current_dir(root()).env("OMP_NUM_THREADS", "1");
        command.args(["run", "--profile", "smoke", "--no-report", "--shard", part, "--out"]);
        command.arg(parts.path()).args(FEW).spawn().unwrap()
    };
    for mut child in ["0/2", "1/2"].map(part) {
        assert!(child.wait().unwrap().success());
    }
    assert!(!parts.path().join("mog_collapse").join("runs.parquet").exists());
    let mut report = program("mog_collapse");
    report.args(["report", "--profile", "smoke", "--out"]).arg(parts.path()).assert().success();
    assert_eq!(tables(whole.path(), "mog_collapse"), tables(parts.path(), "mog_collapse"));
}

#[test]
fn a_second_run_trains_nothing_and_a_record_without_its_row_trains_one_cell() {
    let out = tempdir().unwrap();
    smoke("mog_collapse", out.path(), &FEW).assert().success();
    let first = tables(out.path(), "mog_collapse");
    smoke("mog_collapse", out.path(), &FEW).assert().success().stderr(contains("nothing to train"));

    // Its row of the tables would do, too.
    fs_err::remove_file(&shards(out.path(), "mog_collapse")[0]).unwrap();
    smoke("mog_collapse", out.path(), &FEW).assert().success().stderr(contains("nothing to train"));
    for table in first.keys() {
        fs_err::remove_file(out.path().join("mog_collapse").join(table)).unwrap();
    }
    fs_err::remove_file(out.path().join("mog_collapse").join("manifest.json")).unwrap();
    smoke("mog_collapse", out.path(), &FEW).assert().success().stderr(contains("[1/1]"));
    assert_eq!(first, tables(out.path(), "mog_collapse"));
}

#[test]
fn a_truncated_shard_is_named_and_trained_again() {
    let out = tempdir().unwrap();
    smoke("mog_collapse", out.path(), &FEW).assert().success();
    let first = tables(out.path(), "mog_collapse");
    let shard = &shards(out.path(), "mog_collapse")[3];
    let bytes = fs_err::read(shard).unwrap();
    fs_err::write(shard, &bytes[..bytes.len() / 2]).unwrap();
    let name = shard.file_name().unwrap().to_string_lossy().into_owned();
    smoke("mog_collapse", out.path(), &FEW)
        .assert()
        .success()
        .stderr(contains(name).and(contains("damaged")));
    assert_eq!(first, tables(out.path(), "mog_collapse"));
}

#[test]
fn a_report_redraws_the_same_figures_without_shards() {
    let out = tempdir().unwrap();
    smoke("mog_collapse", out.path(), &FEW).assert().success();
    let folder = out.path().join("mog_collapse");
    let figures = |folder: &std::path::Path| {
        let mut all: Vec<_> = fs_err::read_dir(folder.join("figures"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), fs_err::read(path).unwrap()))
            .collect();
        all.sort();
        all
    };
    let (before, stored) = (figures(&folder), tables(out.path(), "mog_collapse"));
    fs_err::remove_dir_all(folder.join("shards")).unwrap();
    fs_err::remove_dir_all(folder.join("figures")).unwrap();
    program("mog_collapse").args(["report", "--out"]).arg(out.path()).assert().success();
    assert_eq!(before, figures(&folder));
    assert_eq!(stored, tables(out.path(), "mog_collapse"));
}

#[test]
fn verify_passes_on_what_was_run_and_fails_on_what_was_changed() {
    let out = tempdir().unwrap();
    let few = ["--only", "target=grid"];
    smoke("mog_collapse", out.path(), &few).assert().success();
    let verify = || {
        let mut command = program("mog_collapse");
        command.args(["verify", "--cells", "3", "--out"]).arg(out.path());
        command
    };
    verify().assert().success().stdout(contains("0 differences"));
    let table = out.path().join("mog_collapse").join("traces.parquet");
    let mut bytes = fs_err::read(&table).unwrap();
    bytes.push(0);
    fs_err::write(&table, bytes).unwrap();
    verify().assert().failure();
}

#[test]
fn lists_and_configurations_are_data() {
    let list = program("mog_collapse")
        .args(["list", "--profile", "smoke", "--format", "json"])
        .output()
        .unwrap();
    let cells: Vec<serde_json::Value> = serde_json::from_slice(&list.stdout).unwrap();
    assert!(cells.len() > 20 && cells.iter().all(|cell| cell["done"] == false));
    assert!(cells.iter().any(|cell| cell["arm"] == "ring/unrolled-10"));
    let shown = program("wgan_vs_mle").args(["show-config", "--profile", "full"]).output().unwrap();
    let configs: Vec<serde_json::Value> = serde_json::from_slice(&shown.stdout).unwrap();
    let of = |data: &str| {
        let config = configs.iter().find(|entry| entry["config"]["data"] == data).unwrap();
        &config["config"]["likelihood"]
    };
    assert_eq!(of("mnist")["offset_bits"], 8.0);
    assert_eq!(of("moons")["density_space"], "points of the plane");
    let out = tempdir().unwrap();
    let dry = smoke("mog_collapse", out.path(), &["--dry-run"]).assert().success();
    dry.stdout(contains("cells done").and(contains("ring/unrolled-10 ")).and(contains(" 0 of 1 ")));
    let how_long = smoke("mog_collapse", out.path(), &["--how-long"]).assert().success();
    let seconds = String::from_utf8(how_long.get_output().stdout.clone()).unwrap();
    assert!(seconds.trim().parse::<u64>().is_ok(), "{seconds}");
    assert!(!out.path().join("mog_collapse").exists());
}

/// Arms are chosen by name or by what their names begin with, and every profile gives each a name and a configuration
/// of its own, or its program would not list it.
#[test]
fn arms_are_chosen_by_name() {
    for (name, profile) in experiments()
        .into_iter()
        .flat_map(|name| ["smoke", "quick", "reference", "full"].map(|p| (name.clone(), p)))
    {
        program(&name).args(["list", "--profile", profile, "--out", "nowhere"]).assert().success();
    }
    let list = |arm: &str| {
        let mut command = program("mog_collapse");
        command.args(["list", "--profile", "smoke", "--out", "nowhere", "--arm", arm]);
        command.assert()
    };
    list("ring/vae").success().stdout(contains("ring/vae ").count(1));
    list("grid").success().stdout(contains("grid/").count(8).and(contains("ring/").not()));
    list("ring/unroled-5").code(2).stderr(contains("did you mean `ring/unrolled-5`?"));
}

/// Every stored number is described, in the dictionary and, where a program writes tables, in these.
#[test]
fn every_stored_metric_is_described() {
    for name in judged() {
        let dictionary = program(&name).args(["metrics", "--out", "results"]).assert().success();
        dictionary.stdout(contains("what it is"));
    }
    let out = tempdir().unwrap();
    smoke("mog_collapse", out.path(), &FEW).assert().success();
    program("mog_collapse").args(["metrics", "--out"]).arg(out.path()).assert().success();
    let table = fs_err::read(out.path().join("mog_collapse").join("runs.parquet")).unwrap();
    let described = "modes with at least one sample within 3 sigma (modes)".as_bytes();
    assert!(table.windows(described.len()).any(|window| window == described));
}

#[test]
fn shells_and_man_know_the_verbs() {
    let completions = program("mog_collapse").args(["completions", "bash"]).assert().success();
    completions.stdout(contains("show-config").and(contains("--checkpoint-every")));
    let out = tempdir().unwrap();
    program("mog_collapse").arg("man").arg(out.path()).assert().success();
    let page = fs_err::read_to_string(out.path().join("mog_collapse-run.1")).unwrap();
    assert!(page.contains("Train what is not on disk yet"), "{page}");
}

/// Where stored runs tell how long cells take, a line tells what is left of all experiments.
#[test]
fn progress_is_of_all_experiments() {
    let (reference, out) = (tempdir().unwrap(), tempdir().unwrap());
    let few = ["--arm", "ring/vae"];
    smoke("mog_collapse", reference.path(), &few).assert().success();
    let from = reference.path().display().to_string();
    let more = [&few[..], &["--reference", &from, "--among", "0/1000000"]].concat();
    let run = smoke("mog_collapse", out.path(), &more).assert().success();
    run.stderr(contains("[1/1] ring/vae seed").and(contains("all experiments 0 %, about")));
}
