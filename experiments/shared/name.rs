//! Names of arms from the settings that tell them apart.

use serde::Serialize;
use serde_json::Value;

/// Returns a setting in words that need no quotes on a command line, as it is stored: `wide-model`, `shift-dim-5`.
///
/// # Panics
/// If the setting cannot be stored.
pub fn name(setting: &impl Serialize) -> String {
    words(&serde_json::to_value(setting).expect("a setting is stored as JSON"))
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace('_', "-"),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join("-"),
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| {
                let name = key.replace('_', "-");
                match value {
                    Value::Object(inner) if inner.is_empty() => name,
                    value => format!("{name}-{}", words(value)),
                }
            };
            fields.iter().map(field).collect::<Vec<_>>().join("-")
        }
        Value::Number(number) => number.as_f64().map_or_else(String::new, |x| x.to_string()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::name;
    use serde_json::json;

    #[test]
    fn settings_become_words() {
        assert_eq!(name(&json!("wide_model")), "wide-model");
        assert_eq!(name(&json!({"shift": {"dim": 5}})), "shift-dim-5");
        assert_eq!(name(&json!({"mmd": {"bandwidths": [0.1, 2.0]}})), "mmd-bandwidths-0.1-2");
    }
}
