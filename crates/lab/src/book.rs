//! The plans that were made for a folder: every selection that `run` was given, so that `list`, `report` and `verify`
//! know what should be there.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::experiment::{Experiment, Profile};
use crate::plan::{Cell, Selection, cells};
use crate::say;
use crate::seal::{SealError, read_sealed, write_sealed};
use crate::settings::{Settings, combinations};

/// File of the plans.
pub(crate) const BOOK: &str = "plans.json";

/// What was planned below a folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Book {
    /// Name of the experiment.
    experiment: String,
    /// Profile of every plan.
    pub(crate) profile: Profile,
    /// The selections, in the order in which they were first run.
    selections: Vec<Selection>,
    /// The changed fields whose runs claims and figures read.
    pub(crate) judged: Settings,
}

impl Book {
    /// Returns the plan of a whole profile.
    pub(crate) fn whole<E: Experiment>(profile: Profile) -> Self {
        let selections = vec![Selection::default()];
        Self { experiment: E::NAME.to_owned(), profile, selections, judged: Settings::new() }
    }

    /// Reads the plans of a folder, or `None` if none was recorded.
    ///
    /// # Errors
    /// If the file is damaged.
    pub(crate) fn read<E: Experiment>(folder: &Path) -> Result<Option<Self>> {
        match read_sealed::<Self>(&folder.join(BOOK)) {
            Ok(book) if book.experiment == E::NAME => Ok(Some(book)),
            Ok(book) => bail!(
                "{} holds the plans of {}; choose another --out",
                folder.join(BOOK).display(),
                book.experiment
            ),
            Err(SealError::Unreadable(e)) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => bail!("{error}; remove it, and the next `run` writes it again"),
        }
    }

    /// Adds a selection, whose first settings are judged from now on.
    pub(crate) fn add(&mut self, selection: &Selection) {
        if !self.selections.contains(selection) {
            self.selections.push(selection.clone());
        }
        self.judged = combinations(&selection.set).swap_remove(0);
    }

    /// Writes the plans below a folder.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        write_sealed(&folder.join(BOOK), serde_json::to_string_pretty(self)?)
    }

    /// Returns a book that holds only this selection.
    pub(crate) fn of<E: Experiment>(profile: Profile, selection: &Selection) -> Self {
        let mut book = Self { selections: Vec::new(), ..Self::whole::<E>(profile) };
        book.add(selection);
        book
    }

    /// Returns every planned cell once. A plan that the present grid no longer has is said and left out.
    pub(crate) fn cells<E: Experiment>(&self) -> Vec<Cell<E::Config>> {
        let mut all: Vec<Cell<E::Config>> = Vec::new();
        let mut seen = BTreeSet::new();
        for selection in &self.selections {
            match cells::<E>(self.profile, selection) {
                Ok(cells) => {
                    all.extend(cells.into_iter().filter(|cell| seen.insert(cell.file_stem())));
                }
                Err(error) => {
                    say(format!("{}: a plan of this folder is left out: {error}", E::NAME));
                }
            }
        }
        all
    }

    /// Returns the identities of the configurations that claims and figures read: those of the plans with the judged
    /// settings, and of the whole profile where nothing is changed.
    pub(crate) fn judged_ids<E: Experiment>(&self) -> BTreeSet<String> {
        let whole = Selection::default();
        let every = self.judged.is_empty().then_some(&whole);
        let judged = |selection: &&Selection| combinations(&selection.set).contains(&self.judged);
        let of = |selection: &Selection| {
            let selection = Selection { set: self.judged.clone(), ..selection.clone() };
            cells::<E>(self.profile, &selection).unwrap_or_default()
        };
        let selections = self.selections.iter().filter(judged).chain(every);
        selections.flat_map(of).map(|cell| cell.config_id).collect()
    }

    /// Returns the settings of all plans, each once.
    pub(crate) fn settings(&self) -> Vec<Settings> {
        let mut all = Vec::new();
        for settings in self.selections.iter().flat_map(|selection| combinations(&selection.set)) {
            if !all.contains(&settings) {
                all.push(settings);
            }
        }
        all
    }
}
