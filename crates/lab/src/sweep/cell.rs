//! One cell: taken up while nobody else has it, trained, and its records kept.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::Result;

use super::Site;
use crate::array::Arrays;
use crate::experiment::Experiment;
use crate::files::remove_with_leftovers;
use crate::lock::try_lock;
use crate::origin::Origin;
use crate::plan::Cell;
use crate::progress::CellProgress;
use crate::record::{Identity, Outcome, RunRecord};
use crate::run::{Checkpoint, Clock, Member, Run};
use crate::shard::{Shard, read_shard, set_aside, write_shard};
use crate::signals;

/// What became of a cell that a worker took up.
pub(super) enum Kept {
    /// It trained; the lines of the members that panicked.
    Trained(Vec<String>),
    /// Another process has finished it meanwhile.
    DoneElsewhere,
    /// Another process trains it now.
    HeldElsewhere,
    /// It was stopped before its end.
    Stopped,
}

/// Trains a cell and writes its records, while no other process does.
pub(super) fn train_and_keep<E: Experiment>(
    cell: &Cell<E::Config>,
    site: &Site,
    progress: CellProgress,
    stop: &Arc<AtomicBool>,
) -> Result<Kept> {
    let Some(_lock) = try_lock(&site.folder, &cell.file_stem())? else {
        return Ok(Kept::HeldElsewhere);
    };
    if clear_the_way::<E>(cell, &site.folder, &progress)? {
        progress.done("finished by another process");
        return Ok(Kept::DoneElsewhere);
    }
    let records = match train::<E>(cell, site, progress.clone(), stop) {
        Trained::Records(records) => records,
        Trained::Stopped => return Ok(Kept::Stopped),
        Trained::Failed(error) => return Err(error),
    };
    // A process that is being torn down fails in many ways, none of which is a result.
    if signals::stop_requested() {
        return Ok(Kept::Stopped);
    }
    for (identity, record, samples) in &records {
        // A panic says nothing against a member that is whole already.
        let is_panic = matches!(record.outcome, Outcome::Panicked { .. });
        let is_kept = || {
            Ok::<_, anyhow::Error>(matches!(
                read_shard(&site.folder, identity)?,
                Some(Shard::Whole(..))
            ))
        };
        if !(is_panic && is_kept()?) {
            write_shard(&site.folder, identity, record, samples)?;
        }
    }
    let panicked = |record: &RunRecord| match &record.outcome {
        Outcome::Panicked { message } => {
            Some(format!("{} seed {}: {message}", record.arm, record.seed))
        }
        _ => None,
    };
    let panics: Vec<String> =
        records.iter().filter_map(|(_, record, _)| panicked(record)).collect();
    if panics.is_empty() {
        // Only now is the checkpoint of no more use.
        remove_with_leftovers(&checkpoint_path::<E>(cell, &site.folder))?;
    }
    let seconds = records.first().map_or(0.0, |(_, record, _)| record.wall_seconds);
    progress.done(&format!("in {seconds:.1} s"));
    Ok(Kept::Trained(panics))
}

/// Moves what this program cannot use out of the way of a cell's records, so that nothing is overwritten, and returns
/// whether these are all whole.
fn clear_the_way<E: Experiment>(
    cell: &Cell<E::Config>,
    folder: &Path,
    progress: &CellProgress,
) -> Result<bool> {
    let mut whole = true;
    for identity in cell.identities::<E>() {
        let in_the_way = match read_shard(folder, &identity)? {
            Some(Shard::Whole(..)) => continue,
            Some(Shard::Unusable(why)) => {
                progress.say(&format!("{why}; it is kept in set-aside/ and its cell trains again"));
                true
            }
            Some(Shard::OtherEpoch) => true,
            Some(Shard::Panicked(_)) | None => false,
        };
        whole = false;
        if in_the_way {
            set_aside(folder, &identity)?;
        }
    }
    Ok(whole)
}

/// How a cell ended.
enum Trained {
    /// With a record per member, and its arrays.
    Records(Vec<(Identity, RunRecord, Arrays)>),
    /// Before its end, because the user or a failure elsewhere stopped it.
    Stopped,
    /// Before its end, because its checkpoint cannot be written.
    Failed(anyhow::Error),
}

/// Trains one cell on purpose of a comparison: nothing is kept. `None` if the user stopped it.
///
/// # Errors
/// If its checkpoint cannot be written.
pub(crate) fn retrain<E: Experiment>(
    cell: &Cell<E::Config>,
    site: &Site,
) -> Result<Option<Vec<RunRecord>>> {
    match train::<E>(cell, site, CellProgress::hidden(), &Arc::default()) {
        Trained::Records(records) => {
            Ok(Some(records.into_iter().map(|(_, record, _)| record).collect()))
        }
        Trained::Stopped => Ok(None),
        Trained::Failed(error) => Err(error),
    }
}

/// Trains one cell.
fn train<E: Experiment>(
    cell: &Cell<E::Config>,
    site: &Site,
    progress: CellProgress,
    stop: &Arc<AtomicBool>,
) -> Trained {
    let origin = Origin::here::<E>(site.device);
    let mut run = Run {
        seeds: cell.seeds.clone(),
        device: site.device,
        data_dir: site.data_dir.clone(),
        members: vec![Member::default(); cell.seeds.len()],
        checkpoint: Checkpoint {
            path: checkpoint_path::<E>(cell, &site.folder),
            key: checkpoint_key::<E>(cell, &origin),
            every: site.checkpoint_every,
            last: Instant::now(),
            asked: signals::checkpoints_requested(),
            stop: stop.clone(),
            failure: None,
        },
        progress,
        clock: Clock::start(),
    };
    let outcomes = match catch_unwind(AssertUnwindSafe(|| E::run(&cell.config, &mut run))) {
        Ok(Err(crate::Interrupted)) => {
            return run.checkpoint.failure.map_or(Trained::Stopped, Trained::Failed);
        }
        Ok(Ok(results)) => {
            assert_eq!(results.len(), cell.seeds.len(), "a result for every member");
            results
                .into_iter()
                .map(|result| match result {
                    Ok(summary) => Outcome::Finished { summary },
                    Err(diverged) => Outcome::Diverged(diverged),
                })
                .collect()
        }
        Err(panic) => vec![Outcome::Panicked { message: message(panic) }; cell.seeds.len()],
    };
    let wall_seconds = run.clock.seconds();
    let record = |((identity, outcome), member): ((Identity, Outcome), Member)| {
        let record = RunRecord {
            experiment: E::NAME.to_owned(),
            epoch: E::EPOCH,
            arm: cell.arm.clone(),
            config_id: cell.config_id.clone(),
            config: cell.json.clone(),
            seed: identity.seed,
            outcome,
            traces: member.traces,
            samples: member.samples.keys().cloned().collect(),
            wall_seconds,
            origin: origin.clone(),
        };
        (identity, record, member.samples)
    };
    let members = cell.identities::<E>().zip(outcomes).zip(run.members);
    Trained::Records(members.map(record).collect())
}

fn checkpoint_path<E: Experiment>(cell: &Cell<E::Config>, folder: &Path) -> PathBuf {
    let name = format!("{}-epoch{}.safetensors", cell.file_stem(), E::EPOCH);
    folder.join("checkpoints").join(name)
}

/// What a checkpoint belongs to: going on to the bit takes the same cell and the same program on the same kind of device and
/// processor.
fn checkpoint_key<E: Experiment>(cell: &Cell<E::Config>, origin: &Origin) -> String {
    let (first, last) = (cell.seeds[0], cell.seeds[cell.seeds.len() - 1]);
    let Origin { commit, arithmetic, device, cpu, instructions, .. } = origin;
    let mkl = origin.mkl_instructions();
    format!(
        "{} epoch {} configuration {} seeds {first}..={last} on {device} ({cpu}, {instructions}, MKL {mkl}), \
         arithmetic {arithmetic}, commit {commit}",
        E::NAME,
        E::EPOCH,
        cell.config_id
    )
}

/// The first line of a panic's message: libtorch appends a C++ backtrace with addresses, and `unwrap`
/// escapes its line breaks.
fn message(panic: Box<dyn Any + Send>) -> String {
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => {
            panic.downcast_ref::<&str>().unwrap_or(&"a panic without a message").to_string()
        }
    };
    let first = text.lines().next().unwrap_or_default();
    first.split("\\n").next().unwrap_or_default().to_owned()
}
