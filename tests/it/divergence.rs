//! A run that diverged is a value: for the programs that train, and for the reports of what they left.

use std::collections::BTreeSet;
use std::path::Path;

use predicates::str::contains;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::house::{FEW, experiments, program, shards, smoke};

/// What a smoke run needs so that every task is reached.
fn few(name: &str) -> &'static [&'static str] {
    match name {
        "mog_collapse" => &FEW,
        "penalty_ablation" => &["--only", "penalty=none"],
        _ => &[],
    }
}

/// The record of a shard, which stands beside the hash of its text.
fn read(path: &Path) -> Value {
    let sealed: Value = serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap();
    sealed["content"].clone()
}

fn write(path: &Path, record: &Value) {
    let content = record.to_string();
    let hash = blake3::hash(content.as_bytes());
    fs_err::write(path, format!(r#"{{"blake3":"{hash}","content":{content}}}"#)).unwrap();
}

fn diverge(record: &mut Value) {
    record["outcome"] = json!({"status": "diverged", "step": 1, "what": "loss"});
}

/// Takes away what a run leaves on its way.
fn empty(record: &mut Value) {
    record["traces"] = json!({});
    record["samples"] = json!([]);
}

fn report(out: &Path, name: &str) {
    program(name).args(["report", "--profile", "smoke", "--out"]).arg(out).assert().success();
}

/// All members diverged, or the first of every configuration, which is the one that figures show, each with what it
/// left on its way and without; and every second record is missing.
#[test]
fn reports_stand_what_diverged_and_what_is_missing() {
    for name in experiments() {
        let name = name.as_str();
        let out = tempdir().unwrap();
        let more = [few(name), &["--no-report"]].concat();
        smoke(name, out.path(), &more).assert().success();
        let paths = shards(out.path(), name);
        let whole: Vec<Value> = paths.iter().map(|path| read(path)).collect();
        let rewrite = |change: &dyn Fn(&mut Value, bool)| {
            let mut seen = BTreeSet::new();
            for (path, record) in paths.iter().zip(&whole) {
                let mut record = record.clone();
                let is_first = seen.insert(record["config_id"].to_string());
                change(&mut record, is_first);
                write(path, &record);
            }
            report(out.path(), name);
        };
        rewrite(&|record, _| diverge(record));
        rewrite(&|record, _| {
            diverge(record);
            empty(record);
        });
        rewrite(&|record, is_first| {
            if is_first {
                diverge(record);
            }
        });
        rewrite(&|record, is_first| {
            if is_first {
                diverge(record);
                empty(record);
            }
        });
        rewrite(&|_, _| {});
        for path in paths.iter().step_by(2) {
            fs_err::remove_file(path).unwrap();
        }
        report(out.path(), name);
    }
}

/// Rates at the end of their range throw most runs out of the numbers; none of them may panic.
#[test]
fn rates_that_are_far_too_large_diverge_and_do_not_panic() {
    let arms: [(&str, &[&str], &[&str]); 6] = [
        ("wgan_vs_mle", &["data=digits"], &["adam.learning_rate"]),
        ("wgan_vs_mle", &["data=circle"], &["adam.learning_rate"]),
        (
            "js_failure",
            &["generator.adam.beta1=0.5", "penalty=none"],
            &["generator.adam.learning_rate", "critic.rule.adam.learning_rate"],
        ),
        (
            "penalty_ablation",
            &["rates.adam.beta1=0.5", "penalty=none"],
            &["rates.adam.learning_rate"],
        ),
        ("learn_generator", &["task.fit.batch=16"], &["task.fit.rule.adam.learning_rate"]),
        (
            "mog_collapse",
            &["target=ring"],
            &["nets.generator_adam.learning_rate", "nets.critic_adam.learning_rate"],
        ),
    ];
    for (name, only, rates) in arms {
        let out = tempdir().unwrap();
        let mut run = smoke(name, out.path(), &[]);
        for only in only {
            run.args(["--only", only]);
        }
        for rate in rates {
            run.arg("--set").arg(format!("{rate}=10.0"));
        }
        run.assert().success().stderr(contains("no data"));
        for path in shards(out.path(), name) {
            let record = read(&path);
            assert_ne!(record["outcome"]["status"], "panicked", "{name}: {}", record["outcome"]);
        }
    }
}
