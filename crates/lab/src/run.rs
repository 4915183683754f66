//! The only thing that a run writes to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::array::{Array, Arrays, read_labelled, write_labelled};
use crate::experiment::Device;
use crate::files::set_aside;
use crate::progress::CellProgress;
use crate::record::{TRACE_POINTS, Trace};
use crate::signals;

/// The cell ended before its end, because the user asked it to or because its checkpoint cannot be written.
#[derive(Debug)]
pub struct Interrupted;

/// What a long run needs to go on to the bit: parameters, optimiser state, random streams, best so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// Steps done.
    pub step: u64,
    /// Everything else, by name.
    pub arrays: Arrays,
}

/// What the harness adds to a checkpoint: what the run had reported by then.
#[derive(Serialize, Deserialize)]
struct Notes {
    step: u64,
    /// Seconds of training up to here, those before earlier resumes too; 0 in checkpoints of before they were noted.
    #[serde(default)]
    seconds: f64,
    members: Vec<BTreeMap<String, Trace>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub(crate) traces: BTreeMap<String, Trace>,
    pub(crate) samples: Arrays,
}

/// One cell in training: its seeds, where it trains, and what it reports.
#[derive(Debug)]
pub struct Run {
    /// One seed per member.
    pub seeds: Vec<u64>,
    /// Where tensors should live.
    pub device: Device,
    /// Where data sets lie.
    pub data_dir: PathBuf,
    pub(crate) members: Vec<Member>,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) progress: CellProgress,
    pub(crate) clock: Clock,
}

/// How long a cell has trained, over all attempts at it.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Seconds of the attempts before this one.
    before: f64,
    started: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { before: 0.0, started: Instant::now() }
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.before + self.started.elapsed().as_secs_f64()
    }
}

/// Where and how often a cell checkpoints.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) path: PathBuf,
    /// What the file has to belong to, or it is not read.
    pub(crate) key: String,
    pub(crate) every: Duration,
    pub(crate) last: Instant,
    /// How often checkpoints had been asked for at the last one.
    pub(crate) asked: usize,
    /// Raised when the sweep has failed elsewhere and this cell should stop too.
    pub(crate) stop: Arc<AtomicBool>,
    /// Why the last one could not be written.
    pub(crate) failure: Option<anyhow::Error>,
}

impl Checkpoint {
    fn must_stop(&self) -> bool {
        signals::stop_requested() || self.stop.load(Ordering::SeqCst)
    }

    fn is_due(&self) -> bool {
        self.last.elapsed() >= self.every || self.asked != signals::checkpoints_requested()
    }

    fn set_aside(&self) -> Result<()> {
        let folder = self.path.parent().and_then(Path::parent).expect("it lies in `checkpoints/`");
        set_aside(folder, std::slice::from_ref(&self.path))
    }
}

impl Run {
    /// Notes a value of a metric of one member.
    ///
    /// # Panics
    /// If the value is not finite, or the trace already has [`TRACE_POINTS`] points.
    pub fn trace(&mut self, member: usize, metric: &str, step: u64, value: f64) {
        assert!(value.is_finite(), "trace `{metric}` is {value} at step {step}");
        let trace = self.members[member].traces.entry(metric.to_owned()).or_default();
        assert!(trace.len() < TRACE_POINTS, "trace `{metric}` has more than {TRACE_POINTS} points");
        trace.push((step, value));
        self.progress.note(metric, value);
    }

    /// Returns what was noted of a metric of one member so far, before a resume too.
    pub fn traced(&self, member: usize, metric: &str) -> &[(u64, f64)] {
        self.members[member].traces.get(metric).map_or(&[], Vec::as_slice)
    }

    /// Keeps an array of one member, for figures.
    pub fn sample(&mut self, member: usize, name: &str, array: Array) {
        self.members[member].samples.insert(name.to_owned(), array);
    }

    /// Returns the checkpoint of an earlier attempt at this very cell, with its traces and samples put
    /// back. One that is damaged, or was written by another program, is reported and set aside.
    pub fn resume(&mut self) -> Option<Saved> {
        if !self.checkpoint.path.exists() {
            return None;
        }
        match self.read_checkpoint() {
            Ok((saved, members, seconds)) => {
                self.members = members;
                self.clock.before = seconds;
                Some(saved)
            }
            Err(error) => {
                self.progress.say(&format!(
                    "starting the cell afresh, its checkpoint is kept in set-aside/: {error:#}"
                ));
                // Where it cannot be kept, no other is written over it.
                self.checkpoint.failure = self.checkpoint.set_aside().err();
                None
            }
        }
    }

    fn read_checkpoint(&self) -> Result<(Saved, Vec<Member>, f64)> {
        let path = &self.checkpoint.path;
        let (mut arrays, notes) = read_labelled(path, &self.checkpoint.key)?;
        let notes: Notes = serde_json::from_str(&notes)
            .with_context(|| format!("{} is damaged", path.display()))?;
        if notes.members.len() != self.members.len() {
            bail!("{} has another number of members", path.display());
        }
        let member = |(i, traces)| {
            let prefix = sample_prefix(i);
            let own = arrays.extract_if(.., |name, _| name.starts_with(&prefix));
            let samples = own.map(|(name, array)| (name[prefix.len()..].to_owned(), array));
            Member { traces, samples: samples.collect() }
        };
        let members = notes.members.into_iter().enumerate().map(member).collect();
        Ok((Saved { step: notes.step, arrays }, members, notes.seconds))
    }

    /// Called often by a long loop: shows progress, writes a checkpoint when one is due or asked for, and
    /// stops the cell when the user asked for it. `state` is called only when it is needed.
    ///
    /// # Errors
    /// [`Interrupted`]: after a checkpoint was written, or because it cannot be written, which ends the sweep.
    pub fn keep(
        &mut self,
        step: u64,
        total: u64,
        state: impl FnOnce() -> Arrays,
    ) -> Result<(), Interrupted> {
        self.progress.set(step, total);
        if self.checkpoint.failure.is_some() {
            return Err(Interrupted);
        }
        let stop = self.checkpoint.must_stop();
        if stop || self.checkpoint.is_due() {
            self.checkpoint.asked = signals::checkpoints_requested();
            if let Err(error) = self.write_checkpoint(step, state()) {
                self.checkpoint.failure = Some(error);
                return Err(Interrupted);
            }
            self.checkpoint.last = Instant::now();
        }
        if stop { Err(Interrupted) } else { Ok(()) }
    }

    fn write_checkpoint(&self, step: u64, mut arrays: Arrays) -> Result<()> {
        let members = self.members.iter().map(|member| member.traces.clone()).collect();
        for (i, member) in self.members.iter().enumerate() {
            let prefix = sample_prefix(i);
            let named = |(name, array): (&String, &Array)| (prefix.clone() + name, array.clone());
            arrays.extend(member.samples.iter().map(named));
        }
        let notes = Notes { step, seconds: self.clock.seconds(), members };
        let notes = serde_json::to_string(&notes)?;
        write_labelled(&self.checkpoint.path, &arrays, &self.checkpoint.key, &notes)
    }
}

fn sample_prefix(member: usize) -> String {
    format!("sample:{member}:")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(folder: &std::path::Path) -> Run {
        let checkpoint = Checkpoint {
            path: folder.join("checkpoints/cell.safetensors"),
            key: "a cell".into(),
            every: Duration::ZERO,
            last: Instant::now(),
            asked: 0,
            stop: Arc::default(),
            failure: None,
        };
        Run {
            seeds: vec![0],
            device: Device::Cpu,
            data_dir: PathBuf::new(),
            members: vec![Member::default()],
            checkpoint,
            progress: CellProgress::hidden(),
            clock: Clock::start(),
        }
    }

    /// A run that goes on has taken the seconds of its earlier attempts too.
    #[test]
    fn seconds_are_of_all_attempts() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = run(folder.path());
        first.clock.before = 3_600.0;
        first.keep(7, 10, Arrays::new).unwrap();
        let mut second = run(folder.path());
        assert_eq!(second.resume().unwrap().step, 7);
        assert!((3_600.0..3_700.0).contains(&second.clock.seconds()));
    }
}
