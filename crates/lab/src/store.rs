//! Everything that a folder of results holds: rows of its tables, and records that are not in them yet.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::array::{Arrays, read_arrays, write_arrays};
use crate::experiment::{Experiment, Profile};
use crate::lock::{Lock, wait_for_lock};
use crate::manifest::{MANIFEST, Manifest, SAMPLES};
use crate::plan::Cell;
use crate::record::{Identity, RunRecord};
use crate::say;
use crate::shard::{self, Shard, read_shard};
use crate::signals::Stopped;
use crate::table::{self, RUNS, TRACES};

/// A run that is kept, with its arrays.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) record: RunRecord,
    pub(crate) samples: Arrays,
}

/// Configuration and seed of a run.
pub(crate) type Name = (String, u64);

/// The content of a folder, as the present epoch of an experiment sees it.
#[derive(Debug, Default)]
pub(crate) struct Store {
    /// Where the tables came from, if there are some.
    pub(crate) manifest: Option<Manifest>,
    /// Whole runs of this epoch.
    pub(crate) runs: BTreeMap<Name, Stored>,
    /// Runs that failed, and how.
    pub(crate) panicked: BTreeMap<Name, String>,
    /// Records that cannot be used, and why.
    pub(crate) unusable: BTreeMap<Name, String>,
    /// Records of another epoch.
    pub(crate) other_epoch: BTreeSet<Name>,
    /// Whether any run came from a record: without records the tables stay as they are.
    has_records: bool,
}

/// Where new tables lie until they are whole.
const NEXT: &str = "next";

/// Returns the lock of a folder's tables, as soon as no other process holds it.
///
/// # Errors
/// If the folder cannot be written, or the user stops the wait.
pub(crate) fn lock_tables(folder: &Path) -> Result<Lock> {
    Ok(wait_for_lock(folder, "tables")?.ok_or(Stopped)?)
}

/// Ends what a killed process has left between old tables and new, and returns the lock of the tables; none where the
/// folder cannot be written, for then others cannot write it either.
///
/// # Errors
/// If the user stops the wait for another process, or a file cannot be moved.
pub(crate) fn settle(folder: &Path) -> Result<Option<Lock>> {
    match lock_tables(folder) {
        Ok(lock) => finish_write(folder).map(|()| Some(lock)),
        Err(error) if error.is::<Stopped>() => Err(error),
        Err(_) => Ok(None),
    }
}

impl Store {
    /// Reads a folder. A record counts for more than a row of the tables, whatever its state.
    ///
    /// # Errors
    /// If the tables are damaged or of a newer version, or the folder cannot be read.
    pub(crate) fn read<E: Experiment>(folder: &Path) -> Result<Self> {
        if !folder.exists() {
            return Ok(Self::default());
        }
        let _lock = settle(folder)?;
        Self::read_settled::<E>(folder)
    }

    /// Reads a folder whose tables nobody else writes meanwhile.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub(crate) fn read_locked<E: Experiment>(folder: &Path, _: &Lock) -> Result<Self> {
        finish_write(folder)?;
        Self::read_settled::<E>(folder)
    }

    /// Reads a folder after [`settle`], whose lock the caller holds.
    ///
    /// # Errors
    /// If the tables are damaged or of a newer version, or the folder cannot be read.
    pub(crate) fn read_settled<E: Experiment>(folder: &Path) -> Result<Self> {
        let mut store = Self { manifest: Manifest::read(folder)?, ..Self::default() };
        // Between old tables and new, a manifest may lack.
        if store.manifest.is_none() && !folder.join(NEXT).exists() {
            let tables = [RUNS, TRACES, SAMPLES].map(|name| folder.join(name));
            if let Some(table) = tables.iter().find(|table| table.exists()) {
                let show = table.display();
                bail!("{show} lies there without {MANIFEST}; restore that, or move the table away");
            }
        }
        if let Some(manifest) = &store.manifest {
            let show = folder.display();
            if manifest.experiment != E::NAME {
                bail!("{show} holds results of {}; choose another --out", manifest.experiment);
            }
            if manifest.epoch > E::EPOCH {
                bail!(
                    "{show} holds results of a newer version: epoch {}, this program's is {}; choose another --out",
                    manifest.epoch,
                    E::EPOCH
                );
            }
            let damaged = manifest.damaged(folder)?;
            if !damaged.is_empty() {
                bail!(
                    "{show}: {} does not have the hash of {MANIFEST}; restore it, or choose another --out",
                    damaged.join(", ")
                );
            }
            let rows = rows(folder, manifest)?;
            if manifest.epoch == E::EPOCH {
                store.runs = rows;
            } else {
                store.other_epoch.extend(rows.into_keys());
            }
        }
        for name in shard::names(folder)? {
            store.take::<E>(folder, name)?;
        }
        Ok(store)
    }

    /// Takes what stands where a run's record belongs.
    fn take<E: Experiment>(&mut self, folder: &Path, name: Name) -> Result<()> {
        let identity = Identity::of::<E>(&name.0, name.1);
        let Some(shard) = read_shard(folder, &identity)? else { return Ok(()) };
        self.has_records |= matches!(shard, Shard::Whole(..));
        match shard {
            Shard::Whole(record, samples) => {
                self.runs.insert(name, Stored { record: *record, samples });
            }
            Shard::Panicked(message) => drop(self.panicked.insert(name, message)),
            Shard::OtherEpoch => drop(self.other_epoch.insert(name)),
            Shard::Unusable(why) => drop(self.unusable.insert(name, why)),
        }
        Ok(())
    }

    /// Returns whether every member of a cell is kept, and no failed or damaged record says otherwise.
    pub(crate) fn is_done<C>(&self, cell: &Cell<C>) -> bool {
        cell.seeds.iter().all(|&seed| {
            let name = (cell.config_id.clone(), seed);
            let kept = self.runs.contains_key(&name);
            kept && !self.panicked.contains_key(&name) && !self.unusable.contains_key(&name)
        })
    }

    /// Takes over the runs of another folder that belong to these cells and are not here, under the cells' names of arms,
    /// and returns how many they were.
    pub(crate) fn adopt<C>(&mut self, mut other: Self, cells: &[Cell<C>]) -> usize {
        let mut adopted = 0;
        for cell in cells {
            for &seed in &cell.seeds {
                let name = (cell.config_id.clone(), seed);
                let lacks = !self.runs.contains_key(&name);
                if let Some(mut stored) = lacks.then(|| other.runs.remove(&name)).flatten() {
                    stored.record.arm.clone_from(&cell.arm);
                    self.runs.insert(name, stored);
                    adopted += 1;
                }
            }
        }
        self.has_records |= adopted > 0;
        adopted
    }

    /// Writes the tables of all runs below the folder, if there are records: first beside the old ones, then in their
    /// place, so that a kill at any moment leaves the old or the new. The caller holds the lock of the tables.
    ///
    /// # Errors
    /// If a file cannot be written; the old tables are then as they were.
    pub(crate) fn write_tables<E: Experiment>(
        &self,
        folder: &Path,
        profile: Profile,
        cells: (usize, usize),
    ) -> Result<()> {
        if !self.has_records {
            return Ok(());
        }
        let stored: Vec<&Stored> = self.runs.values().collect();
        let records: Vec<&RunRecord> = stored.iter().map(|stored| &stored.record).collect();
        let next = folder.join(NEXT);
        table::write(&next, &records, E::metrics())?;
        let mut samples = Arrays::new();
        for Stored { record, samples: own } in &stored {
            for (name, array) in own {
                let name = format!("{}/{}/{name}", record.config_id, record.seed);
                samples.insert(name, array.clone());
            }
        }
        write_arrays(&next.join(SAMPLES), &samples)?;
        Manifest::of::<E>(&next, profile, &stored, cells)?.write(&next)?;
        finish_write(folder)
    }
}

/// Moves new tables into their place if they are whole, and removes them if they are not.
fn finish_write(folder: &Path) -> Result<()> {
    let next = folder.join(NEXT);
    if !next.exists() {
        return Ok(());
    }
    if let Ok(Some(manifest)) = Manifest::read(&next) {
        // After a kill in the middle of the moves, some files are in place already.
        let there = manifest.damaged(&next)?;
        let in_place = manifest.damaged(folder)?;
        if there.iter().all(|name| !in_place.contains(name)) {
            let old = Manifest::read(folder)?.filter(|old| old.epoch != manifest.epoch);
            if let Some(old) = old {
                set_tables_aside(folder, old.epoch)?;
            }
            for name in [RUNS, TRACES, SAMPLES, MANIFEST] {
                if next.join(name).exists() {
                    fs_err::rename(next.join(name), folder.join(name))?;
                }
            }
        }
    }
    fs_err::remove_dir_all(next)?;
    Ok(())
}

/// Keeps the tables of another epoch beside the new ones. Their manifest goes last, so that after a kill in the middle the
/// others follow to the same place, and where it is already there, older tables are.
fn set_tables_aside(folder: &Path, epoch: u32) -> Result<()> {
    let place = |number: u32| match number {
        0 => folder.join("set-aside").join(format!("epoch-{epoch}")),
        _ => folder.join("set-aside").join(format!("epoch-{epoch}.{number}")),
    };
    let is_free = |aside: &PathBuf| !aside.join(MANIFEST).exists();
    let aside = (0..u32::MAX).map(place).find(is_free).context("no free name")?;
    fs_err::create_dir_all(&aside)?;
    for name in [RUNS, TRACES, SAMPLES, MANIFEST] {
        if folder.join(name).exists() {
            fs_err::rename(folder.join(name), aside.join(name))?;
        }
    }
    say(format!("the tables of epoch {epoch} are kept in {}", aside.display()));
    Ok(())
}

/// Reads the tables of a folder and gives each row its arrays, seconds and origin.
fn rows(folder: &Path, manifest: &Manifest) -> Result<BTreeMap<Name, Stored>> {
    let mut samples: BTreeMap<Name, Arrays> = BTreeMap::new();
    for (name, array) in read_arrays(&folder.join(SAMPLES))? {
        let mut parts = name.splitn(3, '/');
        let (id, seed, rest) = (parts.next(), parts.next(), parts.next());
        let (Some(id), Some(Ok(seed)), Some(rest)) = (id, seed.map(str::parse), rest) else {
            bail!("{}: unexpected name `{name}`", folder.join(SAMPLES).display());
        };
        samples.entry((id.to_owned(), seed)).or_default().insert(rest.to_owned(), array);
    }
    let mut rows = BTreeMap::new();
    for row in table::read(folder)? {
        let name = (row.config_id.clone(), row.seed);
        let lacking = || anyhow::anyhow!("{MANIFEST} lacks {}-{}", name.0, name.1);
        let arrays = samples.remove(&name).unwrap_or_default();
        let record = RunRecord {
            experiment: manifest.experiment.clone(),
            epoch: manifest.epoch,
            wall_seconds: manifest.seconds(&name.0, name.1).ok_or_else(lacking)?,
            origin: manifest.origin(&name.0, name.1).ok_or_else(lacking)?.clone(),
            arm: row.arm.unwrap_or_default(),
            samples: arrays.keys().cloned().collect(),
            config_id: row.config_id,
            config: row.config,
            seed: row.seed,
            outcome: row.outcome,
            traces: row.traces,
        };
        rows.insert(name, Stored { record, samples: arrays });
    }
    Ok(rows)
}
