//! Sweeps of a toy experiment, whose runs end as their configurations say.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::book::Book;
use crate::experiment::{Arm, Backend, Diverged, Profile, Summary};
use crate::manifest::{MANIFEST, Manifest, SAMPLES};
use crate::plan::{Selection, cells, part};
use crate::record::{Outcome, RunRecord};
use crate::report::{conclude, judged_results, merge};
use crate::shard::write_shard;
use crate::survey::Survey;
use crate::table::{RUNS, TRACES};
use crate::verify::verify;
use crate::{Claim, Figure, Interrupted, Results, Run};
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
            multiply: || {},
        }
    }

    fn arms(_: Profile) -> Vec<Arm<Ending>> {
        let arm = |ending: &str| Arm::new(ending, Ending { ending: ending.into() });
        ["panic", "diverge", "finish"].map(|ending| arm(ending).with_seeds(4, 2)).into()
    }

    fn cost(_: &Ending) -> f64 {
        1.0
    }

    fn run(config: &Ending, run: &mut Run) -> Result<Vec<Result<Summary, Diverged>>, Interrupted> {
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
        rates: Rates::default(),
        among: None,
    }
}

#[test]
fn a_panic_is_no_result_and_the_sweep_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let plan = cells::<Toy>(Profile::Reference, &Selection::default()).unwrap();
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
    let book = Book::whole::<Toy>(Profile::Reference);
    let survey = Survey::of::<Toy>(&store, &book);
    let said = "4 of 6 cells; 0 of another epoch; 4 panicked; 0 rows outside the grid";
    assert_eq!(survey.to_string(), said);
}

/// A stack that panics takes nothing from the members that were whole before.
#[test]
fn a_panic_does_not_overwrite_a_whole_record() {
    let folder = tempfile::tempdir().unwrap();
    let select = |arm: &str| Selection { arms: vec![arm.into()], ..Selection::default() };
    let plan = |arm: &str| cells::<Toy>(Profile::Reference, &select(arm)).unwrap();
    let other = retrain::<Toy>(&plan("finish")[0], &site(folder.path())).unwrap().unwrap();
    let cell = &plan("panic")[0];
    let identity = cell.identities::<Toy>().next().unwrap();
    let (config_id, config) = (cell.config_id.clone(), cell.json.clone());
    let whole = RunRecord { config_id, config, arm: cell.arm.clone(), ..other[0].clone() };
    write_shard(folder.path(), &identity, &whole, &BTreeMap::new()).unwrap();
    let ended = sweep::<Toy>(&plan("panic")[..1], &Store::default(), &site(folder.path())).unwrap();
    assert_eq!(ended.panicked.len(), 2);
    let store = Store::read::<Toy>(folder.path()).unwrap();
    assert_eq!((store.runs.len(), store.panicked.len()), (1, 1));
}

/// Two sweeps of one folder at once train every cell once.
#[test]
fn two_sweeps_share_their_cells() {
    let folder = tempfile::tempdir().unwrap();
    let plan = cells::<Toy>(Profile::Reference, &Selection::default()).unwrap();
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
    let plan = cells::<Toy>(Profile::Reference, whole).unwrap();
    let site = site(folder.path());
    sweep::<Toy>(&plan, &Store::default(), &site).unwrap();
    let book = Book::of::<Toy>(Profile::Reference, whole);
    book.write(folder.path()).unwrap();
    let merged = merge::<Toy>(folder.path(), &book).unwrap();
    let results = judged_results::<Toy>(&merged.store, &book, folder.path()).unwrap();
    drop(merged);
    // A picture of other runs goes.
    let figures = folder.path().join("figures");
    fs_err::create_dir_all(&figures).unwrap();
    fs_err::write(figures.join("old.svg"), "<svg/>").unwrap();
    conclude::<Toy>(folder.path(), &results).unwrap();
    assert!(!figures.join("old.svg").exists());
    assert_eq!(verify::<Toy>(&site, 2).unwrap(), [""; 0]);

    let mut store = Store::read::<Toy>(folder.path()).unwrap();
    let altered = &mut store.runs.values_mut().next().unwrap().record;
    let mut summary = Summary::default();
    summary.insert("seed", 0.5);
    altered.outcome = Outcome::Finished { summary };
    store.write_tables::<Toy>(folder.path(), Profile::Reference, (2, 2)).unwrap();
    fs_err::remove_dir_all(folder.path().join("shards")).unwrap();
    let differences = verify::<Toy>(&site, 2).unwrap();
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert!(differences[0].contains("trains to other numbers"), "{differences:?}");
}

/// A kill while new tables are moved into their place leaves some of them beside it.
#[test]
fn verify_ends_a_move_of_tables() {
    let folder = tables_alone();
    let (store, book) = (Store::read::<Toy>(folder.path()), Book::read::<Toy>(folder.path()));
    let (store, book) = (store.unwrap(), book.unwrap().unwrap());
    let results = judged_results::<Toy>(&store, &book, folder.path()).unwrap();
    conclude::<Toy>(folder.path(), &results).unwrap();
    let next = folder.path().join("next");
    fs_err::create_dir_all(&next).unwrap();
    for name in [TRACES, SAMPLES, MANIFEST] {
        fs_err::rename(folder.path().join(name), next.join(name)).unwrap();
    }
    assert_eq!(verify::<Toy>(&site(folder.path()), 1).unwrap(), [""; 0]);
    assert!(!next.exists());
}

/// Runs of the arm that finishes, in tables, and no records.
fn tables_alone() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let finish = &Selection { arms: vec!["finish".into()], ..Selection::default() };
    let plan = cells::<Toy>(Profile::Reference, finish).unwrap();
    sweep::<Toy>(&plan, &Store::default(), &site(folder.path())).unwrap();
    let book = Book::of::<Toy>(Profile::Reference, finish);
    book.write(folder.path()).unwrap();
    merge::<Toy>(folder.path(), &book).unwrap();
    fs_err::remove_dir_all(folder.path().join("shards")).unwrap();
    folder
}

/// A kill between tables of an older epoch and new ones leaves both, the older ones together.
#[test]
fn a_kill_while_older_tables_are_set_aside_loses_none() {
    const TABLES: [&str; 4] = [RUNS, TRACES, SAMPLES, MANIFEST];
    let folder = tables_alone();
    let [next, aside] = ["next", "set-aside/epoch-2"].map(|name| folder.path().join(name));
    fs_err::create_dir_all(&next).unwrap();
    fs_err::create_dir_all(&aside).unwrap();
    for name in TABLES {
        fs_err::copy(folder.path().join(name), next.join(name)).unwrap();
    }
    let older = Manifest { epoch: 2, ..Manifest::read(folder.path()).unwrap().unwrap() };
    older.write(folder.path()).unwrap();
    fs_err::rename(folder.path().join(RUNS), aside.join(RUNS)).unwrap();

    let store = Store::read::<Toy>(folder.path()).unwrap();
    assert_eq!((store.runs.len(), store.manifest.unwrap().epoch), (4, 3));
    assert!(TABLES.iter().all(|name| aside.join(name).exists()) && !next.exists());
    assert_eq!(Manifest::read(&aside).unwrap().unwrap(), older);
}

/// Tables whose manifest is gone are not written over.
#[test]
fn tables_without_a_manifest_are_named() {
    let folder = tables_alone();
    fs_err::remove_file(folder.path().join(MANIFEST)).unwrap();
    let error = Store::read::<Toy>(folder.path()).unwrap_err().to_string();
    assert!(error.contains(RUNS) && error.contains("restore"), "{error}");
}

/// A sweep is judged by the plans that are recorded when it ends, which another one may have made more.
#[test]
fn a_plan_that_another_sweep_has_recorded_counts() {
    let folder = tables_alone();
    let mut both = Book::read::<Toy>(folder.path()).unwrap().unwrap();
    let began_with = both.clone();
    both.add(&Selection { arms: vec!["diverge".into()], ..Selection::default() });
    both.write(folder.path()).unwrap();
    let merged = merge::<Toy>(folder.path(), &began_with).unwrap();
    assert_eq!((merged.book, merged.survey.planned), (both, 4));
}

#[test]
fn selections_keep_stacks_whole_and_parts_disjoint() {
    let select = |seeds: Option<std::ops::Range<u64>>, shard: Option<(usize, usize)>| {
        let selection = Selection { seeds, ..Selection::default() };
        let cells = cells::<Toy>(Profile::Reference, &selection).unwrap();
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
