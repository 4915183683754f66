//! The parts of an array job.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::house::root;

/// An array job's tasks are the parts that their own indices say, or the job is refused.
#[test]
fn tasks_of_an_array_are_parts_by_their_own_indices() {
    let task = |id: &str, of: [&str; 3], parts: Option<&str>| {
        let mut command = Command::new("bash");
        command.arg("scripts/slurm/sweep.sh").current_dir(root());
        let [min, max, count] = of;
        command
            .envs([("SLURM_SUBMIT_DIR", root().to_str().unwrap()), ("EXP", "mog_collapse")])
            .envs([("SLURM_ARRAY_TASK_ID", id), ("SLURM_ARRAY_TASK_COUNT", count)])
            .envs([("SLURM_ARRAY_TASK_MIN", min), ("SLURM_ARRAY_TASK_MAX", max)])
            .envs([("FLAGS", "--dry-run --format json"), ("PROFILE", "smoke")])
            .env_remove("PARTS")
            .envs(parts.map(|parts| ("PARTS", parts)));
        let output = command.output().unwrap();
        let cells: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let cells: BTreeSet<String> = cells.iter().map(Value::to_string).collect();
        (output.status.code(), cells, String::from_utf8(output.stderr).unwrap())
    };
    // `--array=3,7` and `--array=0-6:2`.
    for (id, of) in [("7", ["3", "7", "2"]), ("4", ["0", "6", "4"])] {
        let (code, _, text) = task(id, of, None);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains("PARTS") && text.lines().count() == 1, "{text}");
    }
    // Tasks 3 and 7 of a whole of eight are two of its parts; with all of them, they are the whole.
    let (code, third, text) = task("3", ["3", "7", "2"], Some("8"));
    assert_eq!(code, Some(0), "{text}");
    let parts: Vec<BTreeSet<String>> =
        (0..8).map(|id| task(&id.to_string(), ["0", "7", "8"], None).1).collect();
    assert!(!third.is_empty());
    assert_eq!(third, parts[3]);
    let (_, whole, _) = task("0", ["0", "0", "1"], None);
    assert_eq!(parts.iter().map(BTreeSet::len).sum::<usize>(), whole.len());
    assert_eq!(parts.into_iter().flatten().collect::<BTreeSet<_>>(), whole);
}
