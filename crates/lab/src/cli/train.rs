//! `run`: what is not done yet trains; then the report.

use std::path::Path;

use anyhow::Result;

use super::args::{Place, RunArgs};
use super::judge::finish;
use super::{CELLS_FAILED, OK};
use crate::book::Book;
use crate::experiment::{Experiment, Profile, Usage};
use crate::files::is_same;
use crate::plan::{Cell, Selection};
use crate::preflight::{is_reference, protect_reference};
use crate::rate::Rates;
use crate::report::{merge, refuse_other_profile};
use crate::say;
use crate::signals::{INTERRUPTED, listen};
use crate::store::{Store, lock_tables};
use crate::survey::Survey;
use crate::sweep::{Site, sweep};

/// Trains what is not done yet; then the report, unless it is left to `report`.
pub(super) fn run<E: Experiment>(args: RunArgs, place: &Place) -> Result<u8> {
    let RunArgs { selection: wanted, site, report, from, among, no_report, .. } = args;
    let folder = place.folder::<E>();
    let (selection, cells) = (wanted.selection(), wanted.cells::<E>()?);
    let rates = rates::<E>(&place.reference);
    let site = Site { rates, among, ..site.site::<E>(folder.clone())? };
    let is_whole = selection == Selection::default() && wanted.shard.is_none();
    protect_reference(&place.out, is_whole, E::backend().is_clean())?;
    listen()?;
    let (store, book) = begin(&Beginning::<E> {
        folder: &folder,
        profile: wanted.profile,
        selection: &selection,
        cells: &cells,
        is_reference: is_reference(&place.out),
        from: from.map(|from| from.join(E::NAME)).as_deref(),
    })?;
    let ended = sweep::<E>(&cells, &store, &site)?;
    if ended.interrupted {
        say(format!("{}: interrupted; the same command goes on from here", E::NAME));
        return Ok(INTERRUPTED);
    }
    if ended.trained == 0 {
        say(format!("{}: nothing to train, all {} cells are done", E::NAME, ended.skipped));
    }
    let panicked = if no_report {
        !ended.panicked.is_empty()
    } else {
        let merged = merge::<E>(&folder, &book)?;
        // Where every cell has panicked there is nothing to judge.
        if !merged.store.runs.is_empty() {
            finish::<E>(place, &merged, report.readme.as_deref())?;
        }
        merged.survey.panicked > 0
    };
    for line in &ended.panicked {
        say(format!("{}: panicked: {line}", E::NAME));
    }
    Ok(if panicked { CELLS_FAILED } else { OK })
}

/// What a `run` begins with.
struct Beginning<'a, E: Experiment> {
    folder: &'a Path,
    profile: Profile,
    selection: &'a Selection,
    /// The cells of the selection.
    cells: &'a [Cell<E::Config>],
    /// Whether the folder is the committed one, which needs no record of plans where it is whole.
    is_reference: bool,
    /// Another folder whose runs count.
    from: Option<&'a Path>,
}

/// Reads what a folder holds, takes over what another holds of its cells, and records what is planned.
fn begin<E: Experiment>(beginning: &Beginning<E>) -> Result<(Store, Book)> {
    let Beginning { folder, profile, selection, cells, is_reference, from } = *beginning;
    // Locked, so that of two programs that record their plans at once both do, or one is refused.
    let lock = lock_tables(folder)?;
    let recorded = Book::read::<E>(folder)?;
    refuse_other_profile(folder, profile, recorded.as_ref())?;
    let mut store = Store::read_locked::<E>(folder, &lock)?;
    // Tables without recorded plans are of a whole profile.
    let of_whole = || (!store.runs.is_empty()).then(|| Book::whole::<E>(profile));
    let is_recorded = recorded.is_some();
    let book = match recorded.or_else(of_whole) {
        None => Book::of::<E>(profile, selection),
        Some(mut book) => {
            book.add(selection);
            book
        }
    };
    if let Some(from) = from {
        if !from.exists() {
            anyhow::bail!("--from: {} holds no results", from.display());
        }
        if is_same(from, folder) {
            return Err(Usage(format!("--from: {} is what --out names", from.display())).into());
        }
        let adopted = store.adopt(Store::read::<E>(from)?, cells);
        say(format!("{}: {adopted} runs are taken over from {}", E::NAME, from.display()));
        let survey = Survey::of::<E>(&store, &book);
        store.write_tables::<E>(folder, profile, (survey.done, survey.planned))?;
    }
    if is_recorded || !is_reference {
        book.write(folder)?;
    }
    Ok((store, book))
}

/// How long cells take, as the reference's runs tell; nothing is known where it cannot be read, which `report` will say.
pub(super) fn rates<E: Experiment>(reference: &Path) -> Rates {
    Store::read::<E>(&reference.join(E::NAME)).as_ref().map(Rates::of::<E>).unwrap_or_default()
}
