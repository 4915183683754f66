//! The invariants of ARCHITECTURE.md, each a test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::house::{judged, program, root};

/// The direct, non-development dependencies of our packages, by package.
fn dependencies(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|p| p["name"] == package).expect("a package of ours");
    package["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|dependency| dependency["kind"].is_null())
        .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The Rust files below a folder of the repository.
fn sources(folder: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&root().join(folder), &mut files);
    files
}

/// Fails where a word occurs in a source file outside the places that may use it.
fn only_in(word: &str, places: &[&str]) {
    for file in ["crates", "experiments", "tools", "tests"].into_iter().flat_map(sources) {
        let relative = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let allowed = places.iter().any(|place| relative.starts_with(place));
        if !allowed && !relative.ends_with("tests/it/architecture.rs") {
            let text = fs_err::read_to_string(&file).unwrap();
            assert!(!text.contains(word), "{relative} uses `{word}`");
        }
    }
}

#[test]
fn models_and_harness_never_meet() {
    let gan = dependencies("gan");
    for other in ["rayon", "polars", "plotters", "clap", "lab", "stats"] {
        assert!(!gan.contains(other), "gan depends on {other}");
    }
    let lab = dependencies("lab");
    assert!(!lab.contains("tch") && !lab.contains("gan"), "lab knows tensors");
    let stats = dependencies("stats");
    for other in ["tch", "gan", "lab", "polars", "serde"] {
        assert!(!stats.contains(other), "stats depends on {other}");
    }
}

#[test]
fn heavy_libraries_stay_in_one_place() {
    only_in("polars::", &["crates/lab/src/table.rs"]);
    only_in("plotters::", &["crates/lab/src/figure/"]);
    only_in("resvg::", &["crates/lab/src/figure/"]);
    only_in("Xoshiro", &["crates/gan/src/rng.rs", "crates/stats/"]);
    only_in("run_backward", &["crates/gan/src/grad.rs"]);
}

#[test]
fn models_read_no_clock_and_no_environment() {
    for file in sources("crates/gan/src") {
        let text = fs_err::read_to_string(&file).unwrap();
        for word in ["std::time", "std::env", "Instant::now", "manual_seed"] {
            assert!(!text.contains(word), "{} uses `{word}`", file.display());
        }
    }
}

#[test]
fn every_readme_states_the_claims_of_its_results() {
    let mut ids = BTreeSet::new();
    for name in judged() {
        let readme = root().join("experiments").join(&name).join("README.md");
        let text = fs_err::read_to_string(&readme).unwrap();
        let claims = root().join("results").join(&name).join("claims.json");
        let claims: Vec<Value> = serde_json::from_slice(&fs_err::read(claims).unwrap()).unwrap();
        assert!(!claims.is_empty(), "{name} claims nothing");
        for claim in claims {
            let (id, statement) =
                (claim["id"].as_str().unwrap(), claim["statement"].as_str().unwrap());
            assert!(statement.ends_with('.'), "{id} is no sentence: {statement}");
            // Once in each of the tables that `report` writes, with its figure where something was measured.
            let drawn = usize::from(!claim["estimate"].is_null());
            let (linked, plain) = (format!("| [{id}]("), format!("| {id} |"));
            assert!(text.matches(&linked).count() == drawn, "{name}: no row of {id}");
            assert!(text.matches(&plain).count() == 2 - drawn, "{name}: no rule of {id}");
            assert!(text.contains(statement), "{name}: the statement of {id} differs");
            assert!(ids.insert(id.to_owned()), "two claims of the repository are called {id}");
        }
    }
}

/// The front page's findings have the numbers and verdicts of the scoreboard.
#[test]
fn the_front_page_says_what_the_scoreboard_says() {
    let read = |path: &str| fs_err::read_to_string(root().join(path)).unwrap();
    let (front, scoreboard) = (read("README.md"), read("results/README.md"));
    let cells = |row: &str| row.split(" | ").map(str::to_owned).collect::<Vec<String>>();
    let rows = |text: &str| -> Vec<Vec<String>> {
        text.lines().filter(|line| line.starts_with("| [")).map(cells).collect()
    };
    let id = |row: &[String]| row[0].split(['[', ']']).nth(1).unwrap().to_owned();
    let findings: Vec<Vec<String>> =
        rows(&front).into_iter().filter(|row| id(row).contains('.')).collect();
    assert!(findings.len() >= 5, "{findings:?}");
    for finding in findings {
        let all = rows(&scoreboard);
        let row = all.iter().find(|row| id(row) == id(&finding)).expect("a claim");
        // The parts of a pooled claim stand on the scoreboard alone.
        assert_eq!(finding[2], row[6].split(';').next().unwrap(), "{}", finding[0]);
        let verdict = |cell: &str| cell.replace(['*', '|'], "").trim().to_owned();
        assert_eq!(verdict(&finding[3]), verdict(row.last().unwrap()), "{}", finding[0]);
    }
    let tally = scoreboard.split("\n\n").find(|part| part.starts_with("| claims")).unwrap();
    assert!(front.contains(tally), "the tally is stale: run `make report`");
}

/// Every rule is the one that the ledger holds: a changed one needs an entry (`make rules WHY=..`).
#[test]
fn rules_are_those_of_the_ledgers() {
    for name in judged() {
        let readme = root().join("experiments").join(&name).join("README.md");
        program(&name).args(["rules", "--readme"]).arg(&readme).assert().success();
    }
}

/// A report of the committed results, in a copy of their folder, writes what is committed, and their
/// tables have the hashes and identities that they should have.
#[test]
fn committed_results_are_what_their_programs_say() {
    for name in judged() {
        let committed = root().join("results").join(&name);
        let copy = tempfile::tempdir().unwrap();
        let folder = copy.path().join(&name);
        fs_err::create_dir_all(folder.join("figures")).unwrap();
        for file in ["runs.parquet", "traces.parquet", "samples.safetensors", "manifest.json"] {
            fs_err::copy(committed.join(file), folder.join(file)).unwrap();
        }
        // Of a reference that is not whole the plan says which arms are.
        if committed.join("plans.json").exists() {
            fs_err::copy(committed.join("plans.json"), folder.join("plans.json")).unwrap();
        }
        let source = root().join("experiments").join(&name);
        let sources = copy.path().join("sources");
        fs_err::create_dir(&sources).unwrap();
        for file in ["README.md", "claims.lock"] {
            fs_err::copy(source.join(file), sources.join(file)).unwrap();
        }
        program(&name)
            .args(["report", "--out"])
            .arg(copy.path())
            .arg("--readme")
            .arg(sources.join("README.md"))
            .assert()
            .success();
        let same = |a: &Path, b: &Path| {
            assert!(
                fs_err::read(a).unwrap() == fs_err::read(b).unwrap(),
                "{} is stale: run `make report`",
                a.display()
            );
        };
        for file in ["README.md", "claims.lock"] {
            same(&source.join(file), &sources.join(file));
        }
        for file in ["claims.json", "seconds.parquet"] {
            same(&committed.join(file), &folder.join(file));
        }
        for entry in fs_err::read_dir(folder.join("figures")).unwrap() {
            let drawn = entry.unwrap().path();
            same(&committed.join("figures").join(drawn.file_name().unwrap()), &drawn);
        }
        program(&name)
            .args(["verify", "--cells", "0", "--out"])
            .arg(copy.path())
            .assert()
            .success();
    }
}
