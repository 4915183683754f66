//! Cells to shards: in parallel, skipping what is done, going on past what fails.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::array::Arrays;
use crate::experiment::{Device, Experiment};
use crate::files::remove_with_leftovers;
use crate::lock::{PAUSE, try_lock};
use crate::origin::Origin;
use crate::plan::Cell;
use crate::preflight;
use crate::progress::{CellProgress, Progress};
use crate::record::{Identity, Outcome, RunRecord};
use crate::run::{Checkpoint, Member, Run};
use crate::say;
use crate::shard::{Shard, read_shard, set_aside, write_shard};
use crate::signals;
use crate::store::Store;

/// Where and how cells run; nothing here changes what they compute.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The folder of this experiment's results.
    pub(crate) folder: PathBuf,
    pub(crate) data_dir: PathBuf,
    pub(crate) device: Device,
    pub(crate) jobs: usize,
    pub(crate) checkpoint_every: Duration,
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

/// How a cell ended.
enum Trained {
    /// With a record per member, and its arrays.
    Records(Vec<(Identity, RunRecord, Arrays)>),
    /// Before its end, because the user or a failure elsewhere stopped it.
    Stopped,
    /// Before its end, because its checkpoint cannot be written.
    Failed(anyhow::Error),
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
    clear_the_way::<E>(&todo, store, &site.folder)?;
    let total: f64 = todo.iter().map(|cell| cell.cost).sum();
    let progress = Progress::new(E::NAME, todo.len() as u64, total);
    if !done.is_empty() {
        progress.say(&format!(
            "{}: {} of {} cells are done already",
            E::NAME,
            done.len(),
            cells.len()
        ));
    }

    let (queue, stop) = (Mutex::new(VecDeque::from(todo)), Arc::new(AtomicBool::new(false)));
    let ended = Mutex::new(Ended { skipped: done.len(), ..Ended::default() });
    let error = Mutex::new(None);
    let worker = || {
        while !signals::stop_requested() && !stop.load(Ordering::SeqCst) {
            let Some(cell) = queue.lock().expect("no panic while held").pop_front() else { return };
            match train_and_keep::<E>(cell, site, &progress, &stop) {
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

/// Moves records that this program cannot use, or that another epoch wrote, out of the way of new ones, with a line for
/// what is damaged: nothing is overwritten.
fn clear_the_way<E: Experiment>(
    todo: &[&Cell<E::Config>],
    store: &Store,
    folder: &Path,
) -> Result<()> {
    let mut others = 0;
    for identity in todo.iter().flat_map(|cell| cell.identities::<E>()) {
        let name = (identity.config_id.clone(), identity.seed);
        if let Some(why) = store.unusable.get(&name) {
            say(format!("{}: {why}; it is kept in set-aside/ and its cell trains again", E::NAME));
            set_aside(folder, &identity)?;
        } else if store.other_epoch.contains(&name) {
            others += 1;
            set_aside(folder, &identity)?;
        }
    }
    if others > 0 {
        say(format!(
            "{}: {others} records of another epoch than {} are kept in set-aside/; their cells train again",
            E::NAME,
            E::EPOCH
        ));
    }
    Ok(())
}

/// What became of a cell that a worker took up.
enum Kept {
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
fn train_and_keep<E: Experiment>(
    cell: &Cell<E::Config>,
    site: &Site,
    progress: &Arc<Progress>,
    stop: &Arc<AtomicBool>,
) -> Result<Kept> {
    let Some(_lock) = try_lock(&site.folder, &cell.file_stem())? else {
        return Ok(Kept::HeldElsewhere);
    };
    let progress = progress.cell(cell.cost);
    let mut whole = true;
    for identity in cell.identities::<E>() {
        whole &= matches!(read_shard(&site.folder, &identity)?, Some(Shard::Whole(..)));
    }
    if whole {
        progress.done(&format!("{}: another process finished it", cell.arm));
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
        write_shard(&site.folder, identity, record, samples)?;
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
    let (first, last) = (cell.seeds[0], cell.seeds[cell.seeds.len() - 1]);
    progress.done(&format!("{}, seeds {first} to {last}, in {seconds:.1} s", cell.arm));
    Ok(Kept::Trained(panics))
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
    let started = Instant::now();
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
    let wall_seconds = started.elapsed().as_secs_f64();
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

/// What a checkpoint belongs to: going on to the bit takes the same cell and the same program on the same kind of device.
fn checkpoint_key<E: Experiment>(cell: &Cell<E::Config>, origin: &Origin) -> String {
    let (first, last) = (cell.seeds[0], cell.seeds[cell.seeds.len() - 1]);
    let Origin { commit, arithmetic, device, .. } = origin;
    format!(
        "{} epoch {} configuration {} seeds {first}..={last} on {device}, arithmetic {arithmetic}, commit {commit}",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Book;
    use crate::experiment::{Arm, Backend, Diverged, Profile, Summary};
    use crate::plan::{Selection, cells, part};
    use crate::report::{conclude, judged_results, merge};
    use crate::survey::Survey;
    use crate::verify::verify;
    use crate::{Claim, Figure, Interrupted, Results};
    use serde::{Deserialize, Serialize};

    /// Runs that end as their configuration says, and say which seed they had.
    struct Toy;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, garde::Validate)]
    #[serde(deny_unknown_fields)]
    struct Ending {
        #[garde(skip)]
        ending: String,
    }

    impl Experiment for Toy {
        const NAME: &'static str = "toy";
        const ABOUT: &'static str = "endings";
        const EPOCH: u32 = 3;
        type Config = Ending;

        fn backend() -> Backend {
            Backend {
                name: "none",
                arithmetic: 1,
                commit: "unknown",
                dirty: false,
                cuda_is_available: || false,
                prepare_thread: || {},
            }
        }

        fn arms(_: Profile) -> Vec<Arm<Ending>> {
            let arm = |ending: &str| Arm::new(ending, Ending { ending: ending.into() });
            ["panic", "diverge", "finish"].map(|ending| arm(ending).with_seeds(4, 2)).into()
        }

        fn cost(_: &Ending) -> f64 {
            1.0
        }

        fn run(
            config: &Ending,
            run: &mut Run,
        ) -> Result<Vec<Result<Summary, Diverged>>, Interrupted> {
            assert!(config.ending != "panic", "on purpose");
            let result = |&seed: &u64| {
                // One member of a stack diverges; its neighbour goes on.
                if config.ending == "diverge" && seed % 2 == 0 {
                    return Err(Diverged { step: 7, what: "loss".into() });
                }
                let mut summary = Summary::default();
                summary.insert("seed", seed as f64);
                Ok(summary)
            };
            Ok(run.seeds.iter().map(result).collect())
        }

        fn claims(_: &Results<Ending>) -> Vec<Claim> {
            Vec::new()
        }

        fn figures(_: &Results<Ending>) -> Vec<Figure> {
            Vec::new()
        }
    }

    fn site(folder: &Path) -> Site {
        Site {
            folder: folder.to_owned(),
            data_dir: folder.to_owned(),
            device: Device::Cpu,
            jobs: 2,
            checkpoint_every: Duration::from_mins(1),
        }
    }

    #[test]
    fn a_panic_is_no_result_and_the_sweep_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let plan = cells::<Toy>(Profile::Quick, &Selection::default()).unwrap();
        let sweep = || {
            let store = Store::read::<Toy>(folder.path()).unwrap();
            sweep::<Toy>(&plan, &store, &site(folder.path())).unwrap()
        };
        let ended = sweep();
        assert_eq!((ended.trained, ended.skipped, ended.panicked.len()), (6, 0, 4));
        assert!(ended.panicked[0].ends_with("on purpose"), "{:?}", ended.panicked);
        let store = Store::read::<Toy>(folder.path()).unwrap();
        assert_eq!((store.panicked.len(), store.runs.len()), (4, 8));
        let diverged = store.runs.values().filter(|s| s.record.outcome.status() == "diverged");
        assert_eq!(diverged.count(), 2);

        // The cells that failed are tried again, and nothing else is.
        let again = sweep();
        assert_eq!((again.trained, again.skipped, again.panicked.len()), (2, 4, 4));
        let book = Book::whole::<Toy>(Profile::Quick);
        let survey = Survey::of::<Toy>(&store, &book);
        let said = "4 of 6 cells; 0 of another epoch; 4 panicked; 0 rows outside the grid";
        assert_eq!(survey.to_string(), said);
    }

    /// Two sweeps of one folder at once train every cell once.
    #[test]
    fn two_sweeps_share_their_cells() {
        let folder = tempfile::tempdir().unwrap();
        let plan = cells::<Toy>(Profile::Quick, &Selection::default()).unwrap();
        let ends: Vec<Ended> = std::thread::scope(|scope| {
            let sweep = || {
                let store = Store::default();
                sweep::<Toy>(&plan[2..], &store, &site(folder.path())).unwrap()
            };
            let both = [scope.spawn(sweep), scope.spawn(sweep)];
            both.map(|handle| handle.join().unwrap()).into()
        });
        let trained: usize = ends.iter().map(|ended| ended.trained).sum();
        let skipped: usize = ends.iter().map(|ended| ended.skipped).sum();
        assert_eq!((trained, skipped), (4, 4));
    }

    /// One altered number of a table whose hashes were made to fit is found by training its cell again.
    #[test]
    fn verify_trains_again_what_was_altered() {
        let folder = tempfile::tempdir().unwrap();
        let whole = &Selection { arms: vec!["finish".into()], ..Selection::default() };
        let plan = cells::<Toy>(Profile::Quick, whole).unwrap();
        let site = site(folder.path());
        sweep::<Toy>(&plan, &Store::default(), &site).unwrap();
        let book = Book::of::<Toy>(Profile::Quick, whole);
        book.write(folder.path()).unwrap();
        let (store, _) = merge::<Toy>(folder.path(), &book).unwrap();
        let results = judged_results::<Toy>(&store, &book, folder.path()).unwrap();
        conclude::<Toy>(folder.path(), &results).unwrap();
        assert_eq!(verify::<Toy>(&site, 2).unwrap(), [""; 0]);

        let mut store = Store::read::<Toy>(folder.path()).unwrap();
        let altered = &mut store.runs.values_mut().next().unwrap().record;
        let mut summary = Summary::default();
        summary.insert("seed", 0.5);
        altered.outcome = Outcome::Finished { summary };
        store.write_tables::<Toy>(folder.path(), Profile::Quick, (2, 2)).unwrap();
        fs_err::remove_dir_all(folder.path().join("shards")).unwrap();
        let differences = verify::<Toy>(&site, 2).unwrap();
        assert_eq!(differences.len(), 1, "{differences:?}");
        assert!(differences[0].contains("trains to other numbers"), "{differences:?}");
    }

    #[test]
    fn selections_keep_stacks_whole_and_parts_disjoint() {
        let select = |seeds: Option<std::ops::Range<u64>>, shard: Option<(usize, usize)>| {
            let selection = Selection { seeds, ..Selection::default() };
            let cells = cells::<Toy>(Profile::Quick, &selection).unwrap();
            let cells = shard.map_or(cells.clone(), |shard| part(cells, shard));
            cells.into_iter().map(|cell| (cell.config_id, cell.seeds)).collect::<Vec<_>>()
        };
        let odd = select(Some(1..3), None);
        assert!(odd.iter().all(|(_, seeds)| seeds.len() == 2 && seeds[0] % 2 == 0));
        assert_eq!(odd.len(), 6);
        let mut parts: Vec<_> = (0..4).flat_map(|i| select(None, Some((i, 4)))).collect();
        let mut whole = select(None, None);
        parts.sort();
        whole.sort();
        assert_eq!(parts, whole);
    }
}
