//! What was meant: the cells to run, from what was typed.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::Result;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::experiment::{Arm, Experiment, Profile, Usage, arms_of};
use crate::record::{Identity, config_id};
use crate::settings::{
    Settings, check_choice, check_fields, combinations, flags, matches, with_fields,
};

/// An arm and an aligned group of its seeds that train as one stack.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell<C> {
    /// Name of the arm.
    pub(crate) arm: String,
    pub(crate) config: C,
    pub(crate) json: Value,
    pub(crate) config_id: String,
    pub(crate) seeds: Vec<u64>,
    pub(crate) cost: f64,
}

impl<C> Cell<C> {
    /// Returns the identities of the members.
    pub(crate) fn identities<E: Experiment>(&self) -> impl Iterator<Item = Identity> {
        self.seeds.iter().map(|&seed| Identity::of::<E>(&self.config_id, seed))
    }

    /// Returns the name of the cell for people.
    pub(crate) fn label(&self) -> String {
        match self.seeds[..] {
            [seed] => format!("{} seed {seed}", self.arm),
            [first, .., last] => format!("{} seeds {first} to {last}", self.arm),
            [] => self.arm.clone(),
        }
    }

    /// Returns the name of the stack's own files.
    pub(crate) fn file_stem(&self) -> String {
        format!("{}-{}", self.config_id, self.seeds[0])
    }
}

/// Which part of a grid is wanted, and what is changed in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    pub(crate) seeds: Option<Range<u64>>,
    /// Names of arms or of parts; all where there are none.
    #[serde(default)]
    pub(crate) arms: Vec<String>,
    pub(crate) only: Settings,
    /// Fields to change; a value such as `1,2,3` stands for three selections.
    pub(crate) set: Settings,
}

/// The most cells of one plan: more are a slip of the keyboard.
const MOST_CELLS: u64 = 100_000;

/// Returns the cells of a profile that a selection leaves, in the order of the arms, each once.
///
/// Stacks are never cut: seeds are widened to whole stacks, so that what a cell computes does not
/// depend on what was asked for.
///
/// # Errors
/// [`Usage`], if a field or value of the selection does not exist or is out of its range.
pub(crate) fn cells<E: Experiment>(
    profile: Profile,
    selection: &Selection,
) -> Result<Vec<Cell<E::Config>>> {
    let arms: Vec<(Arm<E::Config>, Value)> = arms_of::<E>(profile)
        .into_iter()
        .map(|arm| serde_json::to_value(&arm.config).map(|json| (arm, json)))
        .collect::<Result<_, _>>()?;
    check_unique(&arms);
    check_names(&arms, &selection.arms)?;
    check_choice(arms.iter().map(|(_, json)| json), &selection.only)?;
    let chosen = |(arm, json): &&(Arm<E::Config>, Value)| {
        let named =
            selection.arms.is_empty() || selection.arms.iter().any(|n| is_named(&arm.name, n));
        named && matches(json, &selection.only)
    };
    let named = arms.iter().filter(chosen).map(|(arm, json)| (arm.name.as_str(), json));
    check_fields(&named.collect::<Vec<_>>(), &selection.set)?;
    let (mut cells, mut seen) = (Vec::new(), BTreeSet::new());
    for set in combinations(&selection.set) {
        // Chosen by what they are, then changed.
        for (arm, _) in arms.iter().filter(chosen) {
            let config = with_fields(&arm.config, &set)?;
            validate(&config, &set)?;
            let json = serde_json::to_value(&config)?;
            let config_id = config_id(&json);
            let stack = arm.stack.max(1);
            let wanted = selection.seeds.clone().unwrap_or(0..arm.seeds);
            let starts = wanted.start / stack * stack..wanted.end;
            let count = (starts.end - starts.start).div_ceil(stack) + cells.len() as u64;
            if count > MOST_CELLS {
                return Err(Usage(format!(
                    "the selection makes {count} cells or more; {MOST_CELLS} are the most: narrow --seeds or --set"
                ))
                .into());
            }
            for start in starts.step_by(stack as usize) {
                if seen.insert((config_id.clone(), start)) {
                    cells.push(Cell {
                        arm: arm.name.clone(),
                        seeds: (start..start + stack).collect(),
                        config: config.clone(),
                        json: json.clone(),
                        config_id: config_id.clone(),
                        cost: E::cost(&config),
                    });
                }
            }
        }
    }
    if cells.is_empty() {
        return Err(Usage("the selection leaves no cell; `list` shows what there is".into()).into());
    }
    Ok(cells)
}

/// Whether an arm has this name, or one that goes on behind it.
fn is_named(arm: &str, name: &str) -> bool {
    arm.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Every arm has a name and a configuration of its own.
///
/// # Panics
/// If two share one: the experiment is wrong.
fn check_unique<C>(arms: &[(Arm<C>, Value)]) {
    let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (arm, json) in arms {
        assert!(names.insert(&arm.name), "two arms are called {}", arm.name);
        assert!(ids.insert(config_id(json)), "{} has the configuration of another arm", arm.name);
    }
}

/// Fails unless every name is an arm's or begins one.
fn check_names<C>(arms: &[(Arm<C>, Value)], names: &[String]) -> Result<(), Usage> {
    for name in names {
        if !arms.iter().any(|(arm, _)| is_named(&arm.name, name)) {
            let all = arms.iter().map(|(arm, _)| arm.name.as_str());
            let nearest = all.max_by(|a, b| {
                strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name))
            });
            let nearest = nearest.unwrap_or_default();
            return Err(Usage(format!(
                "no arm is called, or begins with, `{name}`; did you mean `{nearest}`? `list` shows all"
            )));
        }
    }
    Ok(())
}

/// Fails if a number of a configuration is out of its range, with one line that names the field.
fn validate<C: Validate<Context = ()>>(config: &C, set: &Settings) -> Result<(), Usage> {
    config.validate().map_err(|report| {
        let faults: Vec<String> =
            report.iter().map(|(path, error)| format!("`{path}`: {error}")).collect();
        Usage(format!("{}{}", flags(set), faults.join("; ")))
    })
}

/// Returns part `index` of `count` disjoint parts of cells.
pub(crate) fn part<C>(cells: Vec<Cell<C>>, (index, count): (usize, usize)) -> Vec<Cell<C>> {
    cells.into_iter().skip(index).step_by(count).collect()
}
