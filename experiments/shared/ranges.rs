//! What the ranges of every experiment's configurations are tested for.

use garde::Validate;
use lab::{Experiment, Profile};
use serde_json::{Value, json};

/// Checks that every configuration of every grid is in its ranges and knows all its fields, that every number of the
/// small ones has a range with two ends, and that the named changes, a dotted path as `--set` spells it with a value, are
/// refused: each with a line that starts with the path.
///
/// # Panics
/// If something of that does not hold.
pub fn check<E: Experiment>(changes: &[(&str, Value)]) {
    for profile in Profile::ALL.into_iter().filter(|profile| *profile != Profile::Quick) {
        for config in E::arms(profile).into_iter().map(|arm| arm.config) {
            let report = config.validate().err().map(|report| report.to_string());
            assert_eq!(report, None, "{}: {config:?}", profile.name());
            knows_its_fields::<E>(&to_json(&config));
        }
    }
    let grid: Vec<Value> = E::arms(Profile::Smoke).iter().map(|arm| to_json(&arm.config)).collect();
    for config in &grid {
        let mut numbers = Vec::new();
        collect(config, (String::new(), String::new()), false, &mut numbers);
        for (path, pointer) in numbers {
            let far = if config.pointer(&pointer).is_some_and(Value::is_f64) {
                [json!(-1e30), json!(1e30)]
            } else {
                [json!(-1), json!(1_000_000_000_000_000i64)]
            };
            for value in &far {
                refused::<E>(config, (&path, &pointer), value);
            }
        }
    }
    for (path, value) in changes {
        let pointer = format!("/{}", path.replace('.', "/"));
        let config = grid.iter().find(|config| config.pointer(&pointer).is_some());
        let config = config.unwrap_or_else(|| panic!("no configuration has `{path}`"));
        refused::<E>(config, (path, &pointer), value);
    }
}

fn to_json(config: &impl serde::Serialize) -> Value {
    serde_json::to_value(config).expect("configurations are plain data")
}

/// Fails unless each object of a configuration refuses a field that does not exist: `--set` adds those that are left out
/// where they have their default, and takes the word of the configuration for which these are.
fn knows_its_fields<E: Experiment>(config: &Value) {
    let mut objects = vec![String::new()];
    while let Some(pointer) = objects.pop() {
        let mut changed = config.clone();
        let fields = changed.pointer_mut(&pointer).and_then(Value::as_object_mut);
        let fields = fields.expect("an object is there");
        let inner = fields.iter().filter(|(_, value)| value.is_object());
        objects.extend(inner.map(|(name, _)| format!("{pointer}/{name}")));
        fields.insert("not_a_field".to_owned(), json!(1));
        let found = serde_json::from_value::<E::Config>(changed);
        assert!(found.is_err(), "{pointer} takes a field that does not exist: {config}");
    }
}

/// Adds the numbers of a value: the dotted path, in which arrays count as one field, and the pointer.
fn collect(
    value: &Value,
    (path, pointer): (String, String),
    in_array: bool,
    numbers: &mut Vec<(String, String)>,
) {
    match value {
        Value::Number(_) => numbers.push((path, pointer)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                let path = if in_array { path.clone() } else { format!("{path}{dot}{name}") };
                collect(value, (path, format!("{pointer}/{name}")), in_array, numbers);
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                collect(value, (path.clone(), format!("{pointer}/{i}")), true, numbers);
            }
        }
        _ => {}
    }
}

/// Fails unless a change is refused, by its type or by a line that starts with its path.
fn refused<E: Experiment>(config: &Value, (path, pointer): (&str, &str), value: &Value) {
    let mut changed = config.clone();
    *changed.pointer_mut(pointer).expect("the field is there") = value.clone();
    let Ok(config) = serde_json::from_value::<E::Config>(changed) else { return };
    let Err(report) = config.validate() else { panic!("{path}={value} is not refused") };
    let report = report.to_string();
    // The place in a list may follow, or what lies below a value that was changed whole.
    let names =
        |line: &str| line.strip_prefix(path).is_some_and(|rest| rest.starts_with([':', '[', '.']));
    assert!(report.lines().any(names), "{path}={value} is refused by: {report}");
}
