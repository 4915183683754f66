//! `list`, dry runs and `show-config`: what a selection has, and how much of it is there.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::args::{Format, Place, SelectionArgs};
use super::train::rates;
use super::{OK, print, table};
use crate::book::Book;
use crate::experiment::{Experiment, part_of};
use crate::plan::Cell;
use crate::rate::words;
use crate::say;
use crate::settings::flatten;
use crate::store::Store;
use crate::survey::Survey;

/// Prints the cells of a selection: as data each, as a table an arm in a row. Runs of `from` count as they do in `run`.
pub(super) fn list<E: Experiment>(
    selection: &SelectionArgs,
    from: Option<&Path>,
    place: &Place,
) -> Result<u8> {
    let (folder, cells) = (place.folder::<E>(), selection.cells::<E>()?);
    let store = store_with::<E>(from, &cells, &folder)?;
    let recorded = Book::read::<E>(&folder)?;
    let book = recorded.unwrap_or_else(|| Book::of::<E>(selection.profile, &selection.selection()));
    let rates = rates::<E>(&place.reference);
    print(&match place.format {
        Format::Json => {
            let cell = |cell: &Cell<E::Config>| {
                json!({
                    "arm": cell.arm,
                    "config_id": cell.config_id,
                    "seeds": cell.seeds,
                    "done": store.is_done(cell),
                    "seconds": rates.seconds(cell),
                    "config": cell.json,
                })
            };
            serde_json::to_string_pretty(&cells.iter().map(cell).collect::<Vec<_>>())? + "\n"
        }
        Format::Table => {
            let mut arms: Vec<Vec<&Cell<E::Config>>> = Vec::new();
            for cell in &cells {
                match arms.last_mut().filter(|arm| arm[0].config_id == cell.config_id) {
                    Some(arm) => arm.push(cell),
                    None => arms.push(vec![cell]),
                }
            }
            let row = |arm: &Vec<&Cell<E::Config>>| {
                let done = arm.iter().filter(|cell| store.is_done(cell)).count();
                let seeds: usize = arm.iter().map(|cell| cell.seeds.len()).sum();
                let seconds = rates.total(arm.iter().copied());
                vec![
                    arm[0].arm.clone(),
                    format!("{done} of {}", arm.len()),
                    seeds.to_string(),
                    seconds.map_or_else(|| "unknown".to_owned(), words),
                    differences(arm[0], &cells),
                ]
            };
            let head = ["arm", "cells done", "seeds", "core time", "differs from its part's first"];
            table(Some(&head), arms.iter().map(row))
        }
    })?;
    let open: Vec<_> = cells.iter().filter(|cell| !store.is_done(cell)).collect();
    let left = rates.total(open.iter().copied()).filter(|_| !open.is_empty());
    let left = left.map_or_else(String::new, |left| {
        format!("; about {} of one core left of this selection", words(left))
    });
    say(format!("{}: {}{left}", E::NAME, Survey::of::<E>(&store, &book)));
    Ok(OK)
}

/// Returns what a folder holds, with the runs of these cells in `from`, as `run` would take them over.
fn store_with<E: Experiment>(
    from: Option<&Path>,
    cells: &[Cell<E::Config>],
    folder: &Path,
) -> Result<Store> {
    let mut store = Store::read::<E>(folder)?;
    if let Some(from) = from {
        store.adopt(Store::read::<E>(&from.join(E::NAME))?, cells);
    }
    Ok(store)
}

/// Prints the seconds of one core that the open cells of a selection take, 0 where nothing is known of them.
pub(super) fn how_long<E: Experiment>(
    selection: &SelectionArgs,
    from: Option<&Path>,
    place: &Place,
) -> Result<u8> {
    let cells = selection.cells::<E>()?;
    let store = store_with::<E>(from, &cells, &place.folder::<E>())?;
    let open = cells.iter().filter(|cell| !store.is_done(cell));
    let seconds = rates::<E>(&place.reference).total(open).unwrap_or(0.0);
    print(&format!("{seconds:.0}\n"))?;
    Ok(OK)
}

/// Prints the configurations of a selection.
pub(super) fn show_config<E: Experiment>(selection: &SelectionArgs) -> Result<u8> {
    let mut configs: Vec<_> = selection
        .cells::<E>()?
        .into_iter()
        .map(|cell| json!({"config_id": cell.config_id, "config": cell.json}))
        .collect();
    configs.dedup();
    print(&format!("{}\n", serde_json::to_string_pretty(&configs)?))?;
    Ok(OK)
}

/// The fields in which a cell's configuration differs from that of the first arm of its part.
fn differences<C>(cell: &Cell<C>, cells: &[Cell<C>]) -> String {
    let first = cells.iter().find(|first| part_of(&first.arm) == part_of(&cell.arm));
    let usual: BTreeMap<String, Value> =
        first.map(|first| flatten(&first.json)).unwrap_or_default().into_iter().collect();
    let own = flatten(&cell.json).into_iter();
    let differing = own.filter(|(key, value)| usual.get(key) != Some(value));
    let shown = differing.map(|(key, value)| match value {
        Value::String(text) => format!("{key}={text}"),
        value => format!("{key}={value}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}
