//! `metrics`: the dictionary of an experiment's numbers.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;

use super::args::{Format, Place};
use super::{DIFFERENT, OK, print, table};
use crate::experiment::Experiment;
use crate::metric::describe;
use crate::say;
use crate::table::{RUNS, names};

/// Prints what every metric is, and says which stored numbers nothing describes.
pub(super) fn metrics<E: Experiment>(place: &Place) -> Result<u8> {
    let all = E::metrics();
    print(&match place.format {
        Format::Json => {
            let entry = |metric: &crate::Metric| {
                (metric.name, json!({"unit": metric.unit, "what": metric.what}))
            };
            let all: BTreeMap<_, _> = all.iter().map(entry).collect();
            serde_json::to_string_pretty(&all)? + "\n"
        }
        Format::Table => {
            let row = |metric: &crate::Metric| {
                [metric.name, metric.unit, metric.what].map(str::to_owned).to_vec()
            };
            table(Some(&["metric", "unit", "what it is"]), all.iter().map(row))
        }
    })?;
    let folder = place.folder::<E>();
    if !folder.join(RUNS).exists() {
        return Ok(OK);
    }
    let stored = names(&folder)?;
    let lacking: Vec<&String> =
        stored.iter().filter(|name| describe(all, name).is_none()).collect();
    for name in &lacking {
        say(format!("{}: nothing describes the stored metric {name}", E::NAME));
    }
    Ok(if lacking.is_empty() { OK } else { DIFFERENT })
}
