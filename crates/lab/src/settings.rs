//! Fields of configurations by dotted path: what `--only` chooses by and `--set` changes.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::experiment::Usage;

/// Fields and the values that they are set to, in the order in which they were typed.
pub(crate) type Settings = Vec<(String, String)>;

/// Returns settings as they are typed, `key=value` one behind the other.
pub(crate) fn show(set: &Settings) -> String {
    let pairs: Vec<String> = set.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(" ")
}

/// Returns the flags of settings, for the start of a message; empty where there are none.
pub(crate) fn flags(set: &Settings) -> String {
    let flag = |(key, value): &(String, String)| format!("--set {key}={value}: ");
    set.iter().map(flag).collect::<Vec<_>>().concat()
}

/// Returns every combination of the values of settings such as `steps=30,40,50`; one without settings.
pub(crate) fn combinations(set: &Settings) -> Vec<Settings> {
    set.iter().fold(vec![Vec::new()], |combinations, (key, values)| {
        let values = split(values);
        let extended = |combination: Settings| {
            values.clone().into_iter().map(move |value| {
                let mut longer = combination.clone();
                longer.push((key.clone(), value));
                longer
            })
        };
        combinations.into_iter().flat_map(extended).collect()
    })
}

/// Splits a text at its commas, but for those inside a JSON list, object or string.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quoted) = (vec![String::new()], 0_i32, false);
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("one part at least").push(letter);
    }
    parts
}

/// Returns a configuration with some fields changed; one that is left out where it has its default can be set too.
///
/// # Errors
/// [`Usage`], if a field does not exist or a value does not fit it.
pub(crate) fn with_fields<C: Serialize + DeserializeOwned>(
    config: &C,
    set: &Settings,
) -> Result<C, Usage> {
    let mut json = serde_json::to_value(config).map_err(|error| Usage(error.to_string()))?;
    let names: Vec<String> = flatten(&json).into_iter().map(|(name, _)| name).collect();
    let mut added = Vec::new();
    for (key, value) in set {
        let (place, leaf) = place(key);
        let object = json.pointer_mut(&place).and_then(Value::as_object_mut);
        let object = object.ok_or_else(|| unknown_field(key, names.clone()))?;
        if object.insert(leaf.to_owned(), parse(value)).is_none() {
            added.push(key);
        }
    }
    serde_path_to_error::deserialize(json).map_err(|error| {
        let (path, words) = (error.path().to_string(), error.inner().to_string());
        let is_refused = |key: &&&String| {
            let (place, leaf) = place(key);
            words.starts_with(&format!("unknown field `{leaf}`")) || place == pointer(&path)
        };
        match added.iter().find(is_refused) {
            Some(key) => unknown_field(key, names),
            None => Usage(format!("{}`{path}`: {words}", flags(set))),
        }
    })
}

/// Fails unless every configuration, of the arm that is named beside it, has a place for every field that is set.
///
/// # Errors
/// [`Usage`], with the fields that there are, or with an arm that has the field and one that has not.
pub(crate) fn check_fields(arms: &[(&str, &Value)], set: &Settings) -> Result<(), Usage> {
    for (key, _) in set {
        let (place, _) = place(key);
        let has = |(_, json): &&(&str, &Value)| json.pointer(&place).is_some_and(Value::is_object);
        match (arms.iter().find(has), arms.iter().find(|arm| !has(arm))) {
            (None, _) => {
                let leaves = arms.iter().flat_map(|(_, json)| flatten(json));
                return Err(unknown_field(key, leaves.map(|(name, _)| name)));
            }
            (Some((own, _)), Some((other, _))) => {
                return Err(Usage(format!(
                    "--set {key}: `{own}` has this field and `{other}` has not; choose arms that have it with --arm or --only"
                )));
            }
            (Some(_), None) => {}
        }
    }
    Ok(())
}

/// Returns whether a configuration has all these values.
pub(crate) fn matches(json: &Value, only: &Settings) -> bool {
    let leaves = flatten(json);
    only.iter().all(|(key, value)| {
        let leaf = leaves.iter().find(|(name, _)| name == key);
        leaf.is_some_and(|(_, leaf)| *leaf == parse(value) || leaf.as_str() == Some(value))
    })
}

/// Fails unless every key names a field of some configuration, and some configuration has its value.
///
/// # Errors
/// [`Usage`], with the fields or the values that there are.
pub(crate) fn check_choice<'a>(
    configs: impl Iterator<Item = &'a Value> + Clone,
    only: &Settings,
) -> Result<(), Usage> {
    let leaves: Vec<(String, Value)> = configs.flat_map(flatten).collect();
    for (key, value) in only {
        let own = leaves.iter().filter(|(name, _)| name == key);
        let values: BTreeSet<String> = own
            .map(|(_, leaf)| leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned))
            .collect();
        if values.is_empty() {
            return Err(unknown_field(key, leaves.into_iter().map(|(name, _)| name)));
        }
        if !values.contains(value) && !values.contains(&parse(value).to_string()) {
            return Err(Usage(format!(
                "--only {key}={value}: no configuration has it; values of `{key}` are {}",
                values.into_iter().collect::<Vec<_>>().join(", ")
            )));
        }
    }
    Ok(())
}

/// Names the nearest field that exists, then all of them.
fn unknown_field(key: &str, names: impl IntoIterator<Item = String>) -> Usage {
    let names: BTreeSet<String> = names.into_iter().collect();
    let near = |name: &&String| strsim::jaro_winkler(name, key);
    let nearest = names.iter().max_by(|a, b| near(a).total_cmp(&near(b)));
    let suggestion = nearest.map_or_else(String::new, |name| format!(" did you mean `{name}`?"));
    let all = names.iter().cloned().collect::<Vec<_>>().join(", ");
    Usage(format!("unknown config field `{key}`;{suggestion} there are: {all}"))
}

/// Returns the JSON pointer to the object in which a dotted path ends, and the path's last name.
fn place(key: &str) -> (String, &str) {
    key.rsplit_once('.').map_or((String::new(), key), |(path, leaf)| (pointer(path), leaf))
}

/// Returns the JSON pointer of a dotted path.
fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

/// Returns the scalar leaves of a configuration by dotted path; arrays count as scalars.
pub(crate) fn flatten(json: &Value) -> Vec<(String, Value)> {
    let Value::Object(fields) = json else { return Vec::new() };
    let expand = |(key, value): (&String, &Value)| match value {
        Value::Object(_) => flatten(value)
            .into_iter()
            .map(|(inner, leaf)| (format!("{key}.{inner}"), leaf))
            .collect(),
        leaf => vec![(key.clone(), leaf.clone())],
    };
    fields.iter().flat_map(expand).collect()
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Config {
        steps: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Rule>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Rule {
        Adam,
    }

    fn set(key: &str, value: &str) -> Settings {
        vec![(key.into(), value.into())]
    }

    #[test]
    fn fields_that_are_left_out_by_default_can_be_set_and_unknown_ones_cannot() {
        let config = Config { steps: 3, rule: None };
        let found = with_fields(&config, &set("rule", "adam")).unwrap();
        assert_eq!(found, Config { steps: 3, rule: Some(Rule::Adam) });
        for (key, value, words) in [
            ("step", "4", "unknown config field `step`; did you mean `steps`?"),
            ("steps.count", "4", "unknown config field `steps.count`"),
            ("rule", "sgd", "--set rule=sgd: `rule`: unknown variant `sgd`"),
            ("steps", "many", "--set steps=many: `steps`: invalid type"),
        ] {
            let Usage(found) = with_fields(&config, &set(key, value)).unwrap_err();
            assert!(found.starts_with(words), "{found}");
        }
    }

    #[test]
    fn of_several_fields_the_unknown_one_is_named() {
        let config = Config { steps: 3, rule: None };
        for keys in [["stepz", "rule"], ["rule", "stepz"]] {
            let set = keys.map(|key| (key.to_owned(), "adam".to_owned())).to_vec();
            let Usage(found) = with_fields(&config, &set).unwrap_err();
            assert!(found.starts_with("unknown config field `stepz`"), "{found}");
        }
    }

    #[test]
    fn a_field_of_other_arms_says_which_arms_have_it() {
        let (ring, line) = (json!({"ring": {"modes": 8}}), json!({"line": {"slope": 1}}));
        let both = [("a/ring", &ring), ("a/line", &line)];
        let check = |arms: &[(&str, &Value)], key: &str| {
            check_fields(arms, &set(key, "1")).map_err(|Usage(words)| words)
        };
        assert_eq!(check(&both[..1], "ring.modes"), Ok(()));
        let mixed = check(&both, "ring.modes").unwrap_err();
        assert!(mixed.contains("`a/ring` has this field and `a/line` has not"), "{mixed}");
        let unknown = check(&both, "circle.modes").unwrap_err();
        assert!(unknown.ends_with("there are: line.slope, ring.modes"), "{unknown}");
    }

    #[test]
    fn settings_of_several_values_make_every_combination() {
        let set = |pairs: &[(&str, &str)]| -> Settings {
            pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
        };
        assert_eq!(combinations(&Settings::new()), [Settings::new()]);
        assert_eq!(
            combinations(&set(&[("steps", "30,40"), ("nets", "[64,64],[32]")])),
            [
                set(&[("steps", "30"), ("nets", "[64,64]")]),
                set(&[("steps", "30"), ("nets", "[32]")]),
                set(&[("steps", "40"), ("nets", "[64,64]")]),
                set(&[("steps", "40"), ("nets", "[32]")]),
            ]
        );
        assert_eq!(split(r#"{"a":1,"b":"x,y"},z"#), [r#"{"a":1,"b":"x,y"}"#, "z"]);
    }
}
