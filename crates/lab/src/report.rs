//! Records to tables, tables to claims and figures. Never trains.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::book::Book;
use crate::claim::{Claim, Judged, judge};
use crate::experiment::{Experiment, Profile};
use crate::files::write_atomically;
use crate::lock::Lock;
use crate::manifest::Manifest;
use crate::plan::Cell;
use crate::results::{Results, Row};
use crate::say;
use crate::store::{Store, Stored, lock_tables};
use crate::survey::Survey;
use crate::table;

/// File of the judged claims.
pub(crate) const CLAIMS: &str = "claims.json";

/// What a folder holds, in tables that no other process writes as long as this is kept.
pub(crate) struct Merged {
    pub(crate) store: Store,
    /// The plans that are recorded there.
    pub(crate) book: Book,
    pub(crate) survey: Survey,
    _lock: Lock,
}

/// Writes the tables of everything that a folder holds, and says how much of its plans is there: of those that are recorded
/// now, which may be more than a sweep began with, or of `unrecorded` where there are none. Rows that are already in the
/// tables stay; without records, the tables stay as they are.
///
/// # Errors
/// If the folder cannot be read or written.
pub(crate) fn merge<E: Experiment>(folder: &Path, unrecorded: &Book) -> Result<Merged> {
    let lock = lock_tables(folder)?;
    let book = Book::read::<E>(folder)?.unwrap_or_else(|| unrecorded.clone());
    let store = Store::read_locked::<E>(folder, &lock)?;
    let survey = Survey::of::<E>(&store, &book);
    store.write_tables::<E>(folder, book.profile, (survey.done, survey.planned))?;
    // Once more: what was written is what is judged.
    let store = Store::read_locked::<E>(folder, &lock)?;
    if !store.runs.is_empty() {
        let records: Vec<_> = store.runs.values().map(|stored| &stored.record).collect();
        table::write_seconds(folder, &records)?;
    }
    say(format!("{}: {survey}", E::NAME));
    Ok(Merged { store, book, survey, _lock: lock })
}

/// Fails if a folder holds the results of another profile.
///
/// # Errors
/// One line that names the profile that is there.
pub(crate) fn refuse_other_profile(
    folder: &Path,
    profile: Profile,
    book: Option<&Book>,
) -> Result<()> {
    let stored = Manifest::read(folder)?.map(|manifest| manifest.profile);
    let stored = stored.or(book.map(|book| book.profile));
    if let Some(stored) = stored.filter(|stored| *stored != profile) {
        bail!(
            "{} holds the results of --profile {}; choose another --out for {}",
            folder.display(),
            stored.name(),
            profile.name()
        );
    }
    Ok(())
}

/// Returns the runs that claims and figures read: those of the book's judged settings, of arms that are whole. An arm of
/// which planned cells lack is left out, so that no claim rests on half of its seeds.
///
/// # Errors
/// If there are none, or they do not fit this program.
pub(crate) fn judged_results<E: Experiment>(
    store: &Store,
    book: &Book,
    folder: &Path,
) -> Result<Results<E::Config>> {
    if store.runs.is_empty() {
        bail!("{} holds no results; `run` makes them", folder.display());
    }
    let cells = book.cells::<E>();
    let lacking = |cell: &&Cell<E::Config>| !store.is_done(cell);
    let part: BTreeSet<&str> =
        cells.iter().filter(lacking).map(|cell| cell.config_id.as_str()).collect();
    let ids = book.judged_ids::<E>();
    // The program's own name of a configuration counts for more than the one that was stored: arms may be renamed.
    let named: BTreeMap<&str, &str> =
        cells.iter().map(|cell| (cell.config_id.as_str(), cell.arm.as_str())).collect();
    let is_judged = |id: &str| ids.contains(id) && !part.contains(id);
    let runs = store.runs.values().filter(|stored| is_judged(&stored.record.config_id));
    let rows = runs.map(|Stored { record, samples }| {
        let config = serde_json::from_value(record.config.clone()).with_context(|| {
            let show = folder.display();
            format!("{show}: the configuration of {} is of another version", record.config_id)
        })?;
        let name = named.get(record.config_id.as_str()).copied().unwrap_or(&record.arm);
        Ok(Row {
            arm: name.to_owned(),
            config,
            samples: samples.clone(),
            wall_seconds: Some(record.wall_seconds),
            config_id: record.config_id.clone(),
            seed: record.seed,
            outcome: record.outcome.clone(),
            traces: record.traces.clone(),
        })
    });
    Ok(Results { profile: book.profile, rows: rows.collect::<Result<_>>()? })
}

/// Returns the claims of an experiment before there are results: their rules.
pub(crate) fn rules<E: Experiment>(profile: Profile) -> Vec<Claim> {
    E::claims(&Results { profile, rows: Vec::new() })
}

/// Judges the claims of results, draws their figures, and writes both below the folder.
///
/// # Errors
/// If a file cannot be written or a figure cannot be drawn.
pub(crate) fn conclude<E: Experiment>(
    folder: &Path,
    results: &Results<E::Config>,
) -> Result<Vec<Judged>> {
    let claims = judge(E::claims(results), results.profile);
    write_atomically(&folder.join(CLAIMS), &serde_json::to_vec_pretty(&claims)?)?;
    let figures = folder.join("figures");
    let mut drawn = BTreeSet::new();
    for mut figure in E::figures(results) {
        figure.title = figure.title.under(&claims);
        figure.write(&figures).with_context(|| format!("cannot draw {}", figure.file_name()))?;
        drawn.insert(figure.file_name());
    }
    for animation in E::animations(results) {
        fs_err::create_dir_all(&figures)?;
        let name = format!("{}.gif", animation.name);
        let path = figures.join(&name);
        animation.write(&path).with_context(|| format!("cannot draw {}", path.display()))?;
        drawn.insert(name);
    }
    remove_others(&figures, &drawn)?;
    Ok(claims)
}

/// Removes the pictures of a folder that were not drawn now: they are of other runs.
fn remove_others(figures: &Path, drawn: &BTreeSet<String>) -> Result<()> {
    if !figures.exists() {
        return Ok(());
    }
    for entry in fs_err::read_dir(figures)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_picture = [".svg", ".png", ".gif"].iter().any(|end| name.ends_with(end));
        if is_picture && !name.starts_with('.') && !drawn.contains(&name) {
            fs_err::remove_file(figures.join(&name))?;
        }
    }
    Ok(())
}
