//! Cells to shards: in parallel, skipping what is done, going on past what fails.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::experiment::{Device, Experiment};
use crate::files::remove_with_leftovers;
use crate::interrupt;
use crate::plan::Cell;
use crate::progress::{CellProgress, Progress};
use crate::record::{Outcome, RunRecord, read_shard, shard_path, write_shard};
use crate::run::{Array, Checkpoint, Member, Run};

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
    /// "config seed: message" of every member that panicked.
    pub(crate) panicked: Vec<String>,
    /// Whether the user stopped it.
    pub(crate) interrupted: bool,
}

type Records = Vec<(RunRecord, std::collections::BTreeMap<String, Array>)>;

/// Trains every cell that is not on disk yet.
///
/// # Errors
/// If a record cannot be written; the cells that finished before are kept.
pub(crate) fn sweep<E: Experiment>(cells: &[Cell<E::Config>], site: &Site) -> Result<Ended> {
    let (done, mut todo): (Vec<_>, Vec<_>) =
        cells.iter().partition(|cell| is_done::<E>(cell, &site.folder));
    todo.sort_by(|a, b| b.cost.total_cmp(&a.cost));
    let mut prepared: Vec<&str> = Vec::new();
    for cell in &todo {
        if !prepared.contains(&cell.config_id.as_str()) {
            E::prepare(&cell.config, &site.data_dir).map_err(|line| anyhow!(line))?;
            prepared.push(&cell.config_id);
        }
    }
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

    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let ended = Mutex::new(Ended { skipped: done.len(), ..Ended::default() });
    let error = Mutex::new(None);
    let worker = || {
        while !interrupt::requested() && !failed.load(Ordering::SeqCst) {
            let Some(cell) = todo.get(next.fetch_add(1, Ordering::SeqCst)) else { return };
            let progress = progress.cell(cell.cost);
            match train_and_keep::<E>(cell, site, progress) {
                Ok(Some(panics)) => {
                    let mut ended = ended.lock().expect("no panic while held");
                    ended.trained += 1;
                    ended.panicked.extend(panics);
                }
                Ok(None) => {}
                Err(cause) => {
                    failed.store(true, Ordering::SeqCst);
                    error.lock().expect("no panic while held").get_or_insert(cause);
                }
            }
        }
    };
    if !todo.is_empty() {
        // Not `par_iter`: its halving would fix which worker gets which cell; a queue keeps all busy.
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(site.jobs)
            .start_handler(|_| (E::backend().prepare_thread)())
            .build()
            .context("cannot start the worker threads")?;
        pool.scope(|scope| (0..site.jobs).for_each(|_| scope.spawn(|_| worker())));
    }
    progress.finish();
    if let Some(cause) = error.into_inner().expect("the workers are gone") {
        return Err(cause);
    }
    let mut ended = ended.into_inner().expect("the workers are gone");
    ended.interrupted = interrupt::requested();
    Ok(ended)
}

/// Whether every member of a cell has a whole record of this epoch. Damaged ones are reported.
fn is_done<E: Experiment>(cell: &Cell<E::Config>, folder: &Path) -> bool {
    cell.seeds.iter().all(|&seed| match read_shard(&shard_path(folder, &cell.config_id, seed)) {
        Ok(record) => record.is_some_and(|(record, _)| record.epoch == E::EPOCH),
        Err(error) => {
            eprintln!("{}: {error:#}; its cell trains again", E::NAME);
            false
        }
    })
}

/// Trains a cell and writes its records; `None` if the user interrupted it.
fn train_and_keep<E: Experiment>(
    cell: &Cell<E::Config>,
    site: &Site,
    progress: CellProgress,
) -> Result<Option<Vec<String>>> {
    let Some(records) = train::<E>(cell, site, progress.clone()) else { return Ok(None) };
    for (record, samples) in &records {
        write_shard(&site.folder, record, samples)?;
    }
    // Only now is the checkpoint of no more use.
    remove_with_leftovers(&checkpoint_path::<E>(cell, &site.folder))?;
    let status = |record: &RunRecord| match &record.outcome {
        Outcome::Panicked { message } => {
            Some(format!("{} seed {}: {message}", record.config_id, record.seed))
        }
        _ => None,
    };
    let seconds = records.first().map_or(0.0, |(record, _)| record.wall_seconds);
    let (first, last) = (cell.seeds[0], cell.seeds[cell.seeds.len() - 1]);
    progress.done(&format!("{} seeds {first}..={last} in {seconds:.1} s", cell.config_id));
    Ok(Some(records.iter().filter_map(|(record, _)| status(record)).collect()))
}

/// Trains one cell and returns a record per member; `None` if the user interrupted it.
pub(crate) fn train<E: Experiment>(
    cell: &Cell<E::Config>,
    site: &Site,
    progress: CellProgress,
) -> Option<Records> {
    let started = Instant::now();
    let mut run = Run {
        seeds: cell.seeds.clone(),
        device: site.device,
        data_dir: site.data_dir.clone(),
        members: vec![Member::default(); cell.seeds.len()],
        checkpoint: Checkpoint {
            path: checkpoint_path::<E>(cell, &site.folder),
            every: site.checkpoint_every,
            last: Instant::now(),
        },
        progress,
    };
    let outcomes = match catch_unwind(AssertUnwindSafe(|| E::run(&cell.config, &mut run))) {
        Ok(Err(crate::Interrupted)) => return None,
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
    let record = |((seed, outcome), member): ((&u64, Outcome), Member)| {
        let record = RunRecord {
            experiment: E::NAME.to_owned(),
            epoch: E::EPOCH,
            config_id: cell.config_id.clone(),
            config: cell.json.clone(),
            seed: *seed,
            outcome,
            traces: member.traces,
            samples: member.samples.keys().cloned().collect(),
            wall_seconds,
        };
        (record, member.samples)
    };
    Some(cell.seeds.iter().zip(outcomes).zip(run.members).map(record).collect())
}

fn checkpoint_path<E: Experiment>(cell: &Cell<E::Config>, folder: &Path) -> PathBuf {
    let name = format!("{}-{}-epoch{}.safetensors", cell.config_id, cell.seeds[0], E::EPOCH);
    folder.join("checkpoints").join(name)
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
    use crate::experiment::{Backend, Diverged, Profile, Summary};
    use crate::plan::{Selection, cells};
    use crate::{Claim, Figure, Interrupted, Results};
    use serde::{Deserialize, Serialize};

    /// Runs that end as their configuration says, and say which seed they had.
    struct Toy;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Ending {
        ending: String,
    }

    impl Experiment for Toy {
        const NAME: &'static str = "toy";
        const ABOUT: &'static str = "endings";
        const EPOCH: u32 = 3;
        type Config = Ending;

        fn backend() -> Backend {
            Backend { name: "none", cuda_is_available: || false, prepare_thread: || {} }
        }

        fn grid(_: Profile) -> Vec<Ending> {
            ["panic", "diverge", "finish"].map(|ending| Ending { ending: ending.into() }).into()
        }

        fn seeds(_: &Ending, _: Profile) -> u64 {
            4
        }

        fn stack(_: &Ending) -> u64 {
            2
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
    fn a_panic_is_an_outcome_and_the_sweep_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let plan = cells::<Toy>(Profile::Quick, &Selection::default()).unwrap();
        let ended = sweep::<Toy>(&plan, &site(folder.path())).unwrap();
        assert_eq!((ended.trained, ended.skipped, ended.panicked.len()), (6, 0, 4));
        assert!(ended.panicked[0].ends_with("on purpose"), "{:?}", ended.panicked);
        let mut statuses: Vec<&str> = Vec::new();
        for cell in &plan {
            for &seed in &cell.seeds {
                let path = shard_path(folder.path(), &cell.config_id, seed);
                let (record, _) = read_shard(&path).unwrap().expect("a shard");
                statuses.push(record.outcome.status());
            }
        }
        let (p, d, f) = ("panicked", "diverged", "finished");
        assert_eq!(statuses, [p, p, p, p, d, f, d, f, f, f, f, f]);

        let again = sweep::<Toy>(&plan, &site(folder.path())).unwrap();
        assert_eq!((again.trained, again.skipped), (0, 6));
    }

    #[test]
    fn selections_keep_stacks_whole_and_parts_disjoint() {
        let select = |seeds: Option<std::ops::Range<u64>>, shard| {
            let selection = Selection { seeds, shard, ..Selection::default() };
            let cells = cells::<Toy>(Profile::Quick, &selection).unwrap();
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
