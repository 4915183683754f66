//! Do stored results still hold? Hashes, identities, claims and figures made again, and a few cells trained again.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};

use crate::book::Book;
use crate::experiment::Experiment;
use crate::likeness::{is_equal, is_within};
use crate::manifest::Manifest;
use crate::origin::Origin;
use crate::plan::Cell;
use crate::preflight::prepare;
use crate::record::{Outcome, RunRecord};
use crate::report::{CLAIMS, conclude, judged_results};
use crate::say;
use crate::signals::Stopped;
use crate::store::{Store, settle};
use crate::survey::Survey;
use crate::sweep::{Site, retrain};

/// Checks the stored results below `site.folder` and trains the `count` cheapest cells again.
/// Returns one line per difference.
///
/// # Errors
/// If there are no readable results.
pub(crate) fn verify<E: Experiment>(site: &Site, count: usize) -> Result<Vec<String>> {
    let folder = &site.folder;
    let lock = if folder.exists() { settle(folder)? } else { None };
    let Some(manifest) = Manifest::read(folder)? else {
        bail!("{} holds no results; `run` makes them", folder.display());
    };
    let damaged = manifest.damaged(folder)?;
    if !damaged.is_empty() {
        let line = |name| format!("{name} does not have the hash of manifest.json");
        return Ok(damaged.into_iter().map(line).collect());
    }
    let store = Store::read_settled::<E>(folder)?;
    let book = Book::read::<E>(folder)?.unwrap_or_else(|| Book::whole::<E>(manifest.profile));
    drop(lock);
    let survey = Survey::of::<E>(&store, &book);
    say(format!("{}: {survey}", E::NAME));
    let mut differences: Vec<String> = store.unusable.values().cloned().collect();
    if survey.outside > 0 {
        differences.push(format!(
            "{} rows belong to neither the grid nor a plan of this folder",
            survey.outside
        ));
    }
    differences.extend(edits::<E>(folder, &store, &book)?);

    let seconds = |cell: &Cell<E::Config>| manifest.seconds(&cell.config_id, cell.seeds[0]);
    let mut again: Vec<_> = book
        .cells::<E>()
        .into_iter()
        .filter(|cell| store.is_done(cell))
        .filter_map(|cell| Some((seconds(&cell)?, cell)))
        .collect();
    again.sort_by(|a, b| a.0.total_cmp(&b.0));
    again.truncate(count);
    let chosen: Vec<_> = again.iter().map(|(_, cell)| cell).collect();
    prepare::<E>(&chosen, &site.data_dir)?;
    for (seconds, cell) in again {
        differences.extend(train_again::<E>(&cell, seconds, &store, site)?);
    }
    Ok(differences)
}

/// Makes claims and figures again and says which stored ones differ.
fn edits<E: Experiment>(folder: &Path, store: &Store, book: &Book) -> Result<Vec<String>> {
    let made = tempfile::tempdir()?;
    conclude::<E>(made.path(), &judged_results::<E>(store, book, folder)?)?;
    let names = |folder: &Path| -> Result<BTreeSet<String>> {
        let mut names = BTreeSet::from([CLAIMS.to_owned()]);
        let figures = folder.join("figures");
        if figures.exists() {
            for entry in fs_err::read_dir(figures)? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                // A kill may have left a part of one.
                if !name.starts_with('.') {
                    names.insert(format!("figures/{name}"));
                }
            }
        }
        Ok(names)
    };
    let read = |folder: &Path, name: &str| fs_err::read(folder.join(name)).ok();
    let all: BTreeSet<String> = &names(folder)? | &names(made.path())?;
    let differs = |name: &String| match (read(folder, name), read(made.path(), name)) {
        (None, _) => Some(format!("{name} is missing; `report` makes it")),
        (_, None) => Some(format!("{name} is not made by `report`")),
        (Some(stored), Some(made)) => {
            (stored != made).then(|| format!("{name} is not what `report` makes of the tables"))
        }
    };
    Ok(all.iter().filter_map(differs).collect())
}

/// Trains a stored cell again and says which members differ.
fn train_again<E: Experiment>(
    cell: &Cell<E::Config>,
    seconds: f64,
    store: &Store,
    site: &Site,
) -> Result<Vec<String>> {
    let stored = |seed: u64| &store.runs[&(cell.config_id.clone(), seed)].record;
    let here = Origin::here::<E>(site.device);
    let other_bits = cell.seeds.iter().find_map(|&seed| here.other_bits(&stored(seed).origin));
    let exact = other_bits.is_none();
    say(format!(
        "{}: training {} again, about {seconds:.0} s; numbers should agree {}",
        E::NAME,
        cell.arm,
        other_bits.map_or_else(
            || "to the bit".to_owned(),
            |why| format!("within the spread over seeds: {why}")
        )
    ));
    let scratch = tempfile::tempdir()?;
    let scratch_site = Site { folder: scratch.path().to_owned(), ..site.clone() };
    let records = retrain::<E>(cell, &scratch_site)?.ok_or(Stopped)?;
    let is_of_arm = |record: &&RunRecord| record.config_id == cell.config_id;
    let peers: Vec<&RunRecord> =
        store.runs.values().map(|stored| &stored.record).filter(is_of_arm).collect();
    let agrees = |record: &RunRecord, stored: &RunRecord| {
        is_equal(record, stored) || (!exact && is_within(record, &peers))
    };
    let differing = records.iter().filter(|record| !agrees(record, stored(record.seed)));
    let line = |record: &RunRecord| {
        let (arm, seed) = (&record.arm, record.seed);
        match &record.outcome {
            Outcome::Panicked { message } => format!("{arm} seed {seed} panicked: {message}"),
            _ => format!("{arm} seed {seed} trains to other numbers than the stored ones"),
        }
    };
    Ok(differing.map(line).collect())
}
