//! `report`: claims, figures and pages of what is stored.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::args::{Format, Place};
use super::rules::power;
use super::{CELLS_FAILED, INCOMPLETE, OK, print, table};
use crate::book::Book;
use crate::claim::Judged;
use crate::experiment::{Experiment, Profile, Usage};
use crate::files::is_same;
use crate::ledger::{Ledger, Stamp};
use crate::likeness::Likeness;
use crate::manifest::Manifest;
use crate::report::{Merged, conclude, judged_results, merge, refuse_other_profile};
use crate::settings::{Settings, show};
use crate::store::{Store, lock_tables};
use crate::table::RUNS;
use crate::{page, say, scoreboard};

/// `report`: merges, judges and draws what is stored.
pub(super) fn report<E: Experiment>(
    place: &Place,
    profile: Option<Profile>,
    set: &Settings,
    readme: Option<&Path>,
) -> Result<u8> {
    let folder = place.folder::<E>();
    let recorded = Book::read::<E>(&folder)?;
    let stored = Manifest::read(&folder)?.map(|stored| stored.profile);
    let whole = profile.or(stored);
    let mut book = recorded.unwrap_or_else(|| Book::whole::<E>(whole.unwrap_or(Profile::Quick)));
    refuse_other_profile(&folder, profile.unwrap_or(book.profile), Some(&book))?;
    if !folder.exists() {
        anyhow::bail!("{} holds no results; `run` makes them", folder.display());
    }
    if !set.is_empty() {
        // Locked and read anew: a `run` may have recorded a plan meanwhile.
        let _lock = lock_tables(&folder)?;
        book = Book::read::<E>(&folder)?.unwrap_or(book);
        judge_settings(&mut book, set)?;
        book.write(&folder)?;
    }
    let merged = merge::<E>(&folder, &book)?;
    let survey = &merged.survey;
    if merged.store.runs.is_empty() && survey.panicked > 0 {
        return Ok(CELLS_FAILED);
    }
    finish::<E>(place, &merged, readme)?;
    Ok(match () {
        () if survey.panicked > 0 => CELLS_FAILED,
        () if !survey.is_complete() => INCOMPLETE,
        () => OK,
    })
}

/// Makes these settings the judged ones.
fn judge_settings(book: &mut Book, set: &Settings) -> Result<(), Usage> {
    let known = book.settings();
    let in_order = |set: &Settings| set.iter().cloned().collect::<BTreeSet<_>>();
    if let Some(named) = known.iter().find(|known| in_order(known) == in_order(set)) {
        book.judged.clone_from(named);
        return Ok(());
    }
    let or_nothing = |set: &Settings| {
        if set.is_empty() { "nothing".to_owned() } else { show(set) }
    };
    let known: Vec<String> = known.iter().map(or_nothing).collect();
    Err(Usage(format!(
        "--set {}: no plan of this folder sets it; plans set {}",
        show(set),
        known.join(", or ")
    )))
}

/// Claims, figures and scoreboard of what is stored; the verdicts go to stdout.
pub(super) fn finish<E: Experiment>(
    place: &Place,
    Merged { store, book, .. }: &Merged,
    readme: Option<&Path>,
) -> Result<()> {
    let (folder, Place { out, reference, format }) = (place.folder::<E>(), place);
    let claims = conclude::<E>(&folder, &judged_results::<E>(store, book, &folder)?)?;
    if let Some(readme) = readme {
        update_readme::<E>(readme, &folder, book.profile, &claims)?;
    }
    if !is_same(out, reference) && reference.join(E::NAME).exists() {
        let likeness = Likeness::of(store, &Store::read::<E>(&reference.join(E::NAME))?);
        likeness.write(&folder)?;
        say(format!("{}: {likeness}", E::NAME));
    }
    scoreboard::write(out, reference)?;
    page::write(out, reference)?;
    say(format!("{}: claims, figures and tables are in {}", E::NAME, folder.display()));
    let settings = book.settings();
    if settings.len() > 1 {
        let judged = match show(&book.judged) {
            none if none.is_empty() => "no changed field".to_owned(),
            some => some,
        };
        let others = settings.iter().filter(|set| **set != book.judged && !set.is_empty());
        let flag = |(key, value): &(String, String)| format!(" --set {key}={value}");
        let others =
            others.map(|set| format!("`report{}`", set.iter().map(flag).collect::<String>()));
        let others: Vec<String> = others.collect();
        let others = match others.join(" or ") {
            none if none.is_empty() => none,
            some => format!("; {some} judges others"),
        };
        say(format!("{}: claims and figures are of the runs with {judged}{others}", E::NAME));
    }
    let lacking: Vec<&str> = claims
        .iter()
        .filter(|judged| judged.lacks_seeds())
        .map(|judged| judged.claim.id.as_str())
        .collect();
    if !lacking.is_empty() {
        say(format!(
            "{}: only Holm's correction over {} claims leaves {} undecided; a sweep of more seeds, their number chosen before it, can decide",
            E::NAME,
            claims.iter().filter(|judged| judged.claim.is_tested()).count(),
            lacking.join(", ")
        ));
    }
    let with_data = || claims.iter().filter(|judged| judged.claim.estimate.is_some());
    let idle = claims.len() - with_data().count();
    if idle > 0 {
        say(format!(
            "{}: {idle} of {} claims have no data; the numbers of what was run are in {}",
            E::NAME,
            claims.len(),
            folder.join("runs.parquet").display()
        ));
    }
    print(&match format {
        Format::Json => serde_json::to_string_pretty(&claims)? + "\n",
        Format::Table => table(None, with_data().map(line)),
    })
}

/// Writes the tables of a README and the look at these results into the ledger beside it.
fn update_readme<E: Experiment>(
    readme: &Path,
    folder: &Path,
    profile: Profile,
    judged: &[Judged],
) -> Result<()> {
    let mut ledger = Ledger::beside(readme)?;
    let claims: Vec<_> = judged.iter().map(|judged| judged.claim.clone()).collect();
    let drift = ledger.drift(&claims);
    if !drift.is_empty() {
        anyhow::bail!(
            "{}; record it with `{} rules --readme {} --record WHY`",
            drift.join("; "),
            E::NAME,
            readme.display()
        );
    }
    let manifest = Manifest::read(folder)?;
    let table = manifest.and_then(|manifest| manifest.blake3.get(RUNS).cloned());
    ledger.look(judged, profile, &table.unwrap_or_default(), &Stamp::today(E::backend().commit));
    ledger.write()?;
    scoreboard::update_readme(readme, E::NAME, judged, &ledger, &power::<E>(profile, &claims))
}

/// What a missed gate lacks would make the column of verdicts as wide as the terminal; the pages have it.
fn line(judged: &Judged) -> Vec<String> {
    let claim = &judged.claim;
    let direction = || scoreboard::verdict(judged);
    let verdict = judged.verdict.map_or_else(direction, |verdict| verdict.words().to_owned());
    vec![claim.id.clone(), verdict, scoreboard::estimate(claim), claim.statement.clone()]
}
