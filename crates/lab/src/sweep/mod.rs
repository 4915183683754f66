//! Cells to shards: in parallel, skipping what is done, going on past what fails.

mod cell;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::experiment::{Device, Experiment};
use crate::lock::PAUSE;
use crate::plan::Cell;
use crate::preflight;
use crate::progress::{Among, Progress, Work};
use crate::rate::Rates;
use crate::signals;
use crate::store::Store;
pub(crate) use cell::retrain;
use cell::{Kept, train_and_keep};

/// Where and how cells run; nothing here changes what they compute.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The folder of this experiment's results.
    pub(crate) folder: PathBuf,
    pub(crate) data_dir: PathBuf,
    pub(crate) device: Device,
    pub(crate) jobs: usize,
    pub(crate) checkpoint_every: Duration,
    /// How long cells take, for the time that is left.
    pub(crate) rates: Rates,
    /// The experiments before and after this one, for one total of all.
    pub(crate) among: Option<Among>,
}

/// How a sweep ended.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Ended {
    /// Cells that were already whole.
    pub(crate) skipped: usize,
    /// Cells that trained now.
    pub(crate) trained: usize,
    /// "arm seed: message" of every member that panicked.
    pub(crate) panicked: Vec<String>,
    /// Whether the user stopped it.
    pub(crate) interrupted: bool,
}

/// Trains every cell that is not on disk yet. Another process that trains the same plan shares its cells.
///
/// # Errors
/// If data or room is lacking, or a record or a checkpoint cannot be written; what finished before is kept.
pub(crate) fn sweep<E: Experiment>(
    cells: &[Cell<E::Config>],
    store: &Store,
    site: &Site,
) -> Result<Ended> {
    let (done, mut todo): (Vec<_>, Vec<_>) = cells.iter().partition(|cell| store.is_done(cell));
    todo.sort_by(|a, b| b.cost.total_cmp(&a.cost));
    if todo.is_empty() {
        return Ok(Ended { skipped: done.len(), ..Ended::default() });
    }
    preflight::check::<E>(&todo, &site.folder, &site.data_dir, site.jobs)?;
    let of_another_epoch = todo
        .iter()
        .flat_map(|cell| cell.identities::<E>())
        .filter(|identity| store.other_epoch.contains(&(identity.config_id.clone(), identity.seed)))
        .count();
    let seconds = site.rates.total(todo.iter().copied());
    // In seconds, or, where nothing is known of these, in costs.
    let work = |cell: &Cell<E::Config>| {
        seconds.and_then(|_| site.rates.seconds(cell)).unwrap_or(cell.cost)
    };
    let progress = Progress::new(
        E::NAME,
        Work {
            cells: todo.len() as u64,
            total: todo.iter().map(|cell| work(cell)).sum(),
            seconds: seconds.map(|seconds| seconds / site.jobs.min(todo.len()) as f64),
            among: site.among,
        },
    );
    if !done.is_empty() {
        progress.say(&format!(
            "{}: {} of {} cells are done already",
            E::NAME,
            done.len(),
            cells.len()
        ));
    }

    if of_another_epoch > 0 {
        progress.say(&format!(
            "{}: {of_another_epoch} records of another epoch than {} go to set-aside/ as their cells train again",
            E::NAME,
            E::EPOCH
        ));
    }

    let (queue, stop) = (Mutex::new(VecDeque::from(todo)), Arc::new(AtomicBool::new(false)));
    let ended = Mutex::new(Ended { skipped: done.len(), ..Ended::default() });
    let error = Mutex::new(None);
    let worker = || {
        while !signals::stop_requested() && !stop.load(Ordering::SeqCst) {
            let Some(cell) = queue.lock().expect("no panic while held").pop_front() else { return };
            let shown = progress.cell(cell.label(), work(cell));
            match train_and_keep::<E>(cell, site, shown, &stop) {
                Ok(Kept::Trained(panics)) => {
                    let mut ended = ended.lock().expect("no panic while held");
                    ended.trained += 1;
                    ended.panicked.extend(panics);
                }
                Ok(Kept::DoneElsewhere) => {
                    ended.lock().expect("no panic while held").skipped += 1;
                }
                Ok(Kept::HeldElsewhere) => {
                    queue.lock().expect("no panic while held").push_back(cell);
                    std::thread::sleep(PAUSE);
                }
                Ok(Kept::Stopped) => {}
                Err(cause) => {
                    stop.store(true, Ordering::SeqCst);
                    error.lock().expect("no panic while held").get_or_insert(cause);
                }
            }
        }
    };
    // Not `par_iter`: its halving would fix which worker gets which cell; a queue keeps all busy.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(site.jobs)
        .start_handler(|_| (E::backend().prepare_thread)())
        .build()
        .context("cannot start the worker threads")?;
    pool.scope(|scope| (0..site.jobs).for_each(|_| scope.spawn(|_| worker())));
    progress.finish();
    if let Some(cause) = error.into_inner().expect("the workers are gone") {
        return Err(cause);
    }
    let mut ended = ended.into_inner().expect("the workers are gone");
    ended.interrupted = signals::stop_requested();
    Ok(ended)
}
