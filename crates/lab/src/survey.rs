//! How much of what was planned is there: the one notion of "done" of every verb.

use std::collections::BTreeSet;
use std::fmt;

use crate::book::Book;
use crate::experiment::Experiment;
use crate::plan::{Cell, Selection, cells};
use crate::store::Store;

/// Counts of a folder's cells and runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Planned cells that are whole.
    pub(crate) done: usize,
    /// Planned cells.
    pub(crate) planned: usize,
    /// Cells of the whole profile.
    whole: usize,
    /// Records of another epoch.
    other_epoch: usize,
    /// Runs that failed.
    pub(crate) panicked: usize,
    /// Records that cannot be used.
    unusable: usize,
    /// Kept runs that belong to neither the profile nor a plan.
    pub(crate) outside: usize,
}

impl Survey {
    /// Counts what a folder holds of its plans.
    pub(crate) fn of<E: Experiment>(store: &Store, book: &Book) -> Self {
        let planned = book.cells::<E>();
        let whole = cells::<E>(book.profile, &Selection::default()).unwrap_or_default();
        let names = |cell: &Cell<E::Config>| {
            let id = cell.config_id.clone();
            cell.seeds.clone().into_iter().map(move |seed| (id.clone(), seed))
        };
        let known: BTreeSet<_> = planned.iter().chain(&whole).flat_map(names).collect();
        Self {
            done: planned.iter().filter(|cell| store.is_done(cell)).count(),
            planned: planned.len(),
            whole: whole.len(),
            other_epoch: store.other_epoch.len(),
            panicked: store.panicked.len(),
            unusable: store.unusable.len(),
            outside: store.runs.keys().filter(|name| !known.contains(name)).count(),
        }
    }

    /// Returns whether every planned cell is there.
    pub(crate) fn is_complete(&self) -> bool {
        self.done == self.planned
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} cells; ", self.done, self.planned)?;
        write!(f, "{} of another epoch; {} panicked; ", self.other_epoch, self.panicked)?;
        write!(f, "{} rows outside the grid", self.outside)?;
        if self.unusable > 0 {
            write!(f, "; {} records cannot be used", self.unusable)?;
        }
        if self.planned != self.whole {
            write!(f, " (planned here; the whole profile has {} cells)", self.whole)?;
        }
        Ok(())
    }
}
