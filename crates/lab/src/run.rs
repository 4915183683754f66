//! The only thing that a run writes to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::experiment::Device;
use crate::files::write_atomically;
use crate::interrupt;
use crate::progress::CellProgress;
use crate::record::{TRACE_POINTS, Trace};

/// The user asked to stop; the cell has left a checkpoint where it could.
#[derive(Debug)]
pub struct Interrupted;

/// The kind of an array's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Single precision.
    F32,
    /// Double precision.
    F64,
    /// Signed integers.
    I64,
    /// Bytes.
    U8,
}

impl Element {
    fn dtype(self) -> Dtype {
        match self {
            Self::F32 => Dtype::F32,
            Self::F64 => Dtype::F64,
            Self::I64 => Dtype::I64,
            Self::U8 => Dtype::U8,
        }
    }

    fn of(dtype: Dtype) -> Result<Self> {
        [Self::F32, Self::F64, Self::I64, Self::U8]
            .into_iter()
            .find(|element| element.dtype() == dtype)
            .ok_or_else(|| anyhow!("elements of kind {dtype:?} are not supported"))
    }
}

/// An array on its way to or from a file: little-endian bytes, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Sizes of the axes.
    pub shape: Vec<usize>,
    /// Kind of the elements.
    pub element: Element,
    /// The elements.
    pub bytes: Vec<u8>,
}

impl Array {
    /// Returns an array of single-precision numbers.
    ///
    /// # Panics
    /// If the shape does not have that many elements.
    pub fn of_f32(shape: &[usize], values: &[f32]) -> Self {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "shape {shape:?}");
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { shape: shape.to_vec(), element: Element::F32, bytes }
    }

    /// Returns an array of bytes, one axis.
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        Self { shape: vec![bytes.len()], element: Element::U8, bytes }
    }

    /// Returns an array of grey pictures, one per row, from values 0 to 1; what lies outside is clipped.
    ///
    /// # Panics
    /// If the shape does not have that many elements.
    pub fn of_pictures(shape: &[usize], values: &[f64]) -> Self {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "shape {shape:?}");
        let bytes = values.iter().map(|value| (value * 256.0).clamp(0.0, 255.0) as u8).collect();
        Self { shape: shape.to_vec(), element: Element::U8, bytes }
    }

    /// Returns the elements of an array of single-precision numbers.
    ///
    /// # Panics
    /// If it holds another kind.
    pub fn to_f32(&self) -> Vec<f32> {
        assert_eq!(self.element, Element::F32, "an array of another kind");
        self.bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
    }

    /// Returns the points of an array of shape `[n, 2]`.
    ///
    /// # Panics
    /// If it has another shape or kind.
    pub fn to_points(&self) -> Vec<(f64, f64)> {
        assert_eq!(self.shape.get(1), Some(&2), "expected [n, 2], got {:?}", self.shape);
        let values = self.to_f32();
        values.as_chunks::<2>().0.iter().map(|[x, y]| (f64::from(*x), f64::from(*y))).collect()
    }
}

/// What a long run needs to go on to the bit: parameters, optimiser state, random streams, best so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// Steps done.
    pub step: u64,
    /// Everything else, by name.
    pub arrays: BTreeMap<String, Array>,
}

/// What the harness adds to a checkpoint: what the run had reported by then.
#[derive(Serialize, Deserialize)]
struct Notes {
    step: u64,
    members: Vec<BTreeMap<String, Trace>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub(crate) traces: BTreeMap<String, Trace>,
    pub(crate) samples: BTreeMap<String, Array>,
}

/// One cell in training: its seeds, where it trains, and the doors for what it reports.
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
}

/// Where and how often a cell checkpoints.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) path: PathBuf,
    pub(crate) every: Duration,
    pub(crate) last: Instant,
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
    /// back. One that cannot be read is reported and ignored.
    pub fn resume(&mut self) -> Option<Saved> {
        if !self.checkpoint.path.exists() {
            return None;
        }
        match self.read_checkpoint() {
            Ok(saved) => Some(saved),
            Err(error) => {
                self.progress.say(&format!("starting the cell afresh: {error:#}"));
                None
            }
        }
    }

    fn read_checkpoint(&mut self) -> Result<Saved> {
        let path = &self.checkpoint.path;
        let (mut arrays, metadata) = read_arrays(path)?;
        let notes = metadata.get("notes").context("a checkpoint without notes")?;
        let notes: Notes = serde_json::from_str(notes)
            .with_context(|| format!("{} is damaged", path.display()))?;
        for (i, (member, traces)) in self.members.iter_mut().zip(notes.members).enumerate() {
            member.traces = traces;
            let prefix = sample_prefix(i);
            let names: Vec<String> =
                arrays.keys().filter(|name| name.starts_with(&prefix)).cloned().collect();
            for name in names {
                let array = arrays.remove(&name).expect("the name was just listed");
                member.samples.insert(name[prefix.len()..].to_owned(), array);
            }
        }
        Ok(Saved { step: notes.step, arrays })
    }

    /// The door for a long loop, called often: shows progress, writes a checkpoint when one is due, and
    /// stops the cell when the user asked for it. `state` is called only when it is needed.
    ///
    /// # Errors
    /// [`Interrupted`], after a checkpoint was written.
    ///
    /// # Panics
    /// If the checkpoint cannot be written.
    pub fn keep(
        &mut self,
        step: u64,
        total: u64,
        state: impl FnOnce() -> BTreeMap<String, Array>,
    ) -> Result<(), Interrupted> {
        self.progress.set(step, total);
        let stop = interrupt::requested();
        if stop || self.checkpoint.last.elapsed() >= self.checkpoint.every {
            if let Err(error) = self.write_checkpoint(step, state()) {
                panic!("{error:#}");
            }
            self.checkpoint.last = Instant::now();
        }
        if stop { Err(Interrupted) } else { Ok(()) }
    }

    fn write_checkpoint(&self, step: u64, mut arrays: BTreeMap<String, Array>) -> Result<()> {
        let members = self.members.iter().map(|member| member.traces.clone()).collect();
        for (i, member) in self.members.iter().enumerate() {
            let prefix = sample_prefix(i);
            let named = |(name, array): (&String, &Array)| (prefix.clone() + name, array.clone());
            arrays.extend(member.samples.iter().map(named));
        }
        let notes = serde_json::to_string(&Notes { step, members })?;
        let metadata = BTreeMap::from([("notes".to_owned(), notes)]);
        write_arrays(&self.checkpoint.path, &arrays, &metadata)
    }
}

fn sample_prefix(member: usize) -> String {
    format!("sample:{member}:")
}

/// Writes named arrays as safetensors.
pub(crate) fn write_arrays(
    path: &Path,
    arrays: &BTreeMap<String, Array>,
    metadata: &BTreeMap<String, String>,
) -> Result<()> {
    let views = arrays
        .iter()
        .map(|(name, array)| {
            let view = TensorView::new(array.element.dtype(), array.shape.clone(), &array.bytes);
            Ok((name.as_str(), view?))
        })
        .collect::<Result<Vec<_>>>()?;
    let metadata = (!metadata.is_empty()).then(|| metadata.clone().into_iter().collect());
    write_atomically(path, &safetensors::serialize(views, metadata)?)
}

/// Reads what [`write_arrays`] wrote.
pub(crate) fn read_arrays(
    path: &Path,
) -> Result<(BTreeMap<String, Array>, BTreeMap<String, String>)> {
    let bytes = fs_err::read(path)?;
    let damaged = || format!("{} is damaged", path.display());
    let file = SafeTensors::deserialize(&bytes).with_context(damaged)?;
    let mut arrays = BTreeMap::new();
    for (name, view) in file.tensors() {
        let element = Element::of(view.dtype()).with_context(damaged)?;
        let bytes = view.data().to_vec();
        arrays.insert(name, Array { shape: view.shape().to_vec(), element, bytes });
    }
    let (_, header) = SafeTensors::read_metadata(&bytes).with_context(damaged)?;
    let metadata = header.metadata().clone().unwrap_or_default().into_iter().collect();
    Ok((arrays, metadata))
}
