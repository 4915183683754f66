//! Where results came from: everything that the tables leave out.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::experiment::{Experiment, Profile};
use crate::origin::Origin;
use crate::seal::{SealError, read_sealed, write_sealed};
use crate::store::Stored;
use crate::table::{RUNS, TRACES};

/// File of the manifest.
pub(crate) const MANIFEST: &str = "manifest.json";
/// File of the kept arrays.
pub(crate) const SAMPLES: &str = "samples.safetensors";

/// The origin of the tables beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Name of the experiment.
    pub(crate) experiment: String,
    /// Epoch of its algorithm.
    pub(crate) epoch: u32,
    /// Profile of the grid.
    pub(crate) profile: Profile,
    /// What made the runs.
    pub(crate) origins: Vec<Origin>,
    /// Place among the origins of each run that the first did not make, by "config_id-seed".
    pub(crate) origin_of: BTreeMap<String, usize>,
    /// Logical cores of the machine that wrote the tables.
    pub(crate) cores: usize,
    /// When the tables were written.
    pub(crate) written_at: String,
    /// Number of runs by status.
    pub(crate) runs: BTreeMap<String, usize>,
    /// Cells that were whole, of those that were planned.
    pub(crate) cells: (usize, usize),
    /// Seconds of each stack, by "config_id-seed" of each member.
    pub(crate) wall_seconds: BTreeMap<String, f64>,
    /// BLAKE3 of the files beside it.
    pub(crate) blake3: BTreeMap<String, String>,
}

impl Manifest {
    /// Returns the manifest of tables of these runs, which lie in a folder.
    pub(crate) fn of<E: Experiment>(
        folder: &Path,
        profile: Profile,
        stored: &[&Stored],
        cells: (usize, usize),
    ) -> Result<Self> {
        let (mut runs, mut wall_seconds) = (BTreeMap::new(), BTreeMap::new());
        let (mut origins, mut origin_of) = (Vec::new(), BTreeMap::new());
        for Stored { record, .. } in stored {
            let key = format!("{}-{}", record.config_id, record.seed);
            *runs.entry(record.outcome.status().to_owned()).or_default() += 1;
            let known = origins.iter().position(|origin| *origin == record.origin);
            let place = known.unwrap_or_else(|| {
                origins.push(record.origin.clone());
                origins.len() - 1
            });
            if place > 0 {
                origin_of.insert(key.clone(), place);
            }
            wall_seconds.insert(key, record.wall_seconds);
        }
        Ok(Self {
            experiment: E::NAME.to_owned(),
            epoch: E::EPOCH,
            profile,
            origins,
            origin_of,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            written_at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            runs,
            cells,
            wall_seconds,
            blake3: hashes(folder)?,
        })
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        write_sealed(&folder.join(MANIFEST), serde_json::to_string_pretty(self)?)
    }

    /// Reads the manifest of a folder, or `None` if there is none.
    ///
    /// # Errors
    /// If it is damaged or of another version.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        match read_sealed(&folder.join(MANIFEST)) {
            Ok(manifest) => Ok(Some(manifest)),
            Err(SealError::Unreadable(e)) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => bail!("{error}; choose another --out, or restore the file"),
        }
    }

    /// Returns what made a run.
    pub(crate) fn origin(&self, config_id: &str, seed: u64) -> Option<&Origin> {
        let place = self.origin_of.get(&format!("{config_id}-{seed}")).copied().unwrap_or(0);
        self.origins.get(place)
    }

    /// Returns the seconds of the stack of a run.
    pub(crate) fn seconds(&self, config_id: &str, seed: u64) -> Option<f64> {
        self.wall_seconds.get(&format!("{config_id}-{seed}")).copied()
    }

    /// Returns the names of the files in a folder that do not have the hash that the manifest holds, or are missing.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(crate) fn damaged(&self, folder: &Path) -> Result<Vec<String>> {
        let found = hashes(folder)?;
        let names = self.blake3.keys().filter(|&name| found.get(name) != self.blake3.get(name));
        Ok(names.cloned().collect())
    }

    /// Returns a property of the origins, each value once.
    pub(crate) fn origins_by(&self, of: impl Fn(&Origin) -> &str) -> String {
        let mut values: Vec<&str> = Vec::new();
        for value in self.origins.iter().map(of) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values.join(" and ")
    }
}

/// Returns the BLAKE3 of each stored file of a folder, by name.
fn hashes(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut hashes = BTreeMap::new();
    for name in [RUNS, TRACES, SAMPLES] {
        let path = folder.join(name);
        if path.exists() {
            let hash = blake3::hash(&fs_err::read(path)?).to_hex().to_string();
            hashes.insert(name.to_owned(), hash);
        }
    }
    Ok(hashes)
}
