//! Where results came from: everything that the tables leave out.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::experiment::{Device, Experiment, Profile};
use crate::files::write_atomically;
use crate::record::RunRecord;
use crate::table::{RUNS, TRACES};

/// File of the manifest.
pub(crate) const MANIFEST: &str = "manifest.json";
/// File of the kept arrays.
pub(crate) const SAMPLES: &str = "samples.safetensors";

/// The origin of the tables beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Name of the experiment.
    pub(crate) experiment: String,
    /// Epoch of its algorithm.
    pub(crate) epoch: u32,
    /// Profile of the grid.
    pub(crate) profile: Profile,
    /// Commit of the program, or "unknown" outside a repository.
    pub(crate) commit: String,
    /// Whether tracked files other than results differed from that commit.
    pub(crate) dirty: bool,
    /// The compiler.
    pub(crate) rustc: String,
    /// The tensor library.
    pub(crate) backend: String,
    /// The processor.
    pub(crate) cpu: String,
    /// Logical cores of the machine.
    pub(crate) cores: usize,
    /// Kind of device that trained.
    pub(crate) device: String,
    /// When the tables were written.
    pub(crate) written_at: String,
    /// Number of runs by status.
    pub(crate) runs: BTreeMap<String, usize>,
    /// Seconds of each stack, by "config_id-seed" of each member.
    pub(crate) wall_seconds: BTreeMap<String, f64>,
    /// BLAKE3 of the files beside it.
    pub(crate) blake3: BTreeMap<String, String>,
}

impl Manifest {
    /// Returns the manifest of tables that were just written to a folder.
    pub(crate) fn of<E: Experiment>(
        folder: &Path,
        profile: Profile,
        device: Device,
        records: &[&RunRecord],
    ) -> Result<Self> {
        let mut runs = BTreeMap::new();
        for record in records {
            *runs.entry(record.outcome.status().to_owned()).or_default() += 1;
        }
        let key = |record: &RunRecord| format!("{}-{}", record.config_id, record.seed);
        Ok(Self {
            experiment: E::NAME.to_owned(),
            epoch: E::EPOCH,
            profile,
            commit: git(&["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".to_owned()),
            dirty: git(&["status", "--porcelain", "-uno", "--", ".", ":!results", ":!*.md"])
                .is_none_or(|changes| !changes.is_empty()),
            rustc: env!("LAB_RUSTC").to_owned(),
            backend: E::backend().name.to_owned(),
            cpu: cpu_model(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            device: format!("{device:?}").to_lowercase(),
            written_at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            runs,
            wall_seconds: records.iter().map(|r| (key(r), r.wall_seconds)).collect(),
            blake3: hashes(folder)?,
        })
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        write_atomically(&folder.join(MANIFEST), &serde_json::to_vec_pretty(self)?)
    }

    /// Reads the manifest of a folder, or `None` if there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(MANIFEST);
        if !path.exists() {
            return Ok(None);
        }
        let manifest = serde_json::from_slice(&fs_err::read(&path)?);
        manifest.with_context(|| format!("{} is damaged", path.display())).map(Some)
    }
}

/// Returns the BLAKE3 of each stored file of a folder, by name.
pub(crate) fn hashes(folder: &Path) -> Result<BTreeMap<String, String>> {
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

/// Returns the processor's name, where the system tells.
pub(crate) fn cpu_model() -> String {
    let text = fs_err::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("model name"));
    let name = line.and_then(|rest| rest.split_once(':')).map(|(_, name)| name.trim().to_owned());
    name.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
