//! What was meant: the cells to run, from what was typed.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::experiment::{Experiment, Profile};
use crate::record::config_id;

/// A configuration and an aligned group of seeds that train as one stack.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell<C> {
    pub(crate) config: C,
    pub(crate) json: Value,
    pub(crate) config_id: String,
    pub(crate) seeds: Vec<u64>,
    pub(crate) cost: f64,
}

/// Which part of a grid is wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    pub(crate) seeds: Option<Range<u64>>,
    pub(crate) only: Vec<(String, String)>,
    pub(crate) set: Vec<(String, String)>,
    pub(crate) shard: Option<(usize, usize)>,
}

/// Returns the cells of a profile that a selection leaves, in the order of the grid.
///
/// Stacks are never cut: seeds are widened to whole stacks, so that what a cell computes does not
/// depend on what was asked for.
///
/// # Errors
/// If a field or value of the selection does not exist.
pub(crate) fn cells<E: Experiment>(
    profile: Profile,
    selection: &Selection,
) -> Result<Vec<Cell<E::Config>>> {
    let with_json = |config: E::Config| {
        let json = serde_json::to_value(&config)?;
        Ok((config, json))
    };
    let grid: Vec<(E::Config, Value)> =
        E::grid(profile).into_iter().map(with_json).collect::<Result<_>>()?;
    check_fields(&grid, &selection.only)?;

    let mut cells = Vec::new();
    // Chosen by what they are, then changed.
    for (config, _) in grid.into_iter().filter(|(_, json)| matches(json, &selection.only)) {
        let (config, json) = with_json(with_fields(&config, &selection.set)?)?;
        let stack = E::stack(&config).max(1);
        let wanted = selection.seeds.clone().unwrap_or(0..E::seeds(&config, profile));
        let config_id = config_id(&json);
        let cost = E::cost(&config);
        for start in (wanted.start / stack * stack..wanted.end).step_by(stack as usize) {
            cells.push(Cell {
                seeds: (start..start + stack).collect(),
                config: config.clone(),
                json: json.clone(),
                config_id: config_id.clone(),
                cost,
            });
        }
    }
    if cells.is_empty() {
        bail!("the selection leaves no cell; `list` shows what there is");
    }
    if let Some((index, count)) = selection.shard {
        cells = cells.into_iter().skip(index).step_by(count).collect();
    }
    Ok(cells)
}

fn with_fields<C: serde::Serialize + serde::de::DeserializeOwned>(
    config: &C,
    set: &[(String, String)],
) -> Result<C> {
    let mut json = serde_json::to_value(config)?;
    for (key, value) in set {
        *field(&mut json, key)? = parse(value);
    }
    serde_json::from_value(json).with_context(|| format!("--set {set:?} does not fit"))
}

fn matches(json: &Value, only: &[(String, String)]) -> bool {
    let leaves = flatten(json);
    only.iter().all(|(key, value)| {
        let leaf = leaves.iter().find(|(name, _)| name == key);
        leaf.is_some_and(|(_, leaf)| *leaf == parse(value) || leaf.as_str() == Some(value))
    })
}

/// Fails unless every key names a field of some configuration.
fn check_fields<C>(configs: &[(C, Value)], only: &[(String, String)]) -> Result<()> {
    let names: BTreeSet<String> =
        configs.iter().flat_map(|(_, json)| flatten(json)).map(|(name, _)| name).collect();
    for (key, _) in only {
        if !names.contains(key) {
            return Err(unknown_field(key, names));
        }
    }
    Ok(())
}

fn unknown_field(key: &str, names: impl IntoIterator<Item = String>) -> anyhow::Error {
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    anyhow!("unknown config field `{key}`; there are: {names}")
}

/// Returns the field at a dotted path.
fn field<'a>(json: &'a mut Value, key: &str) -> Result<&'a mut Value> {
    let names: Vec<String> = flatten(json).into_iter().map(|(name, _)| name).collect();
    let mut place = json;
    for part in key.split('.') {
        place = place
            .as_object_mut()
            .and_then(|object| object.get_mut(part))
            .ok_or_else(|| unknown_field(key, names.clone()))?;
    }
    Ok(place)
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
