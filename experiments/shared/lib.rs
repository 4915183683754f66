//! What experiments share: the bridge between a model ([`gan`]) and a record ([`lab`]), which never meet
//! anywhere else.

pub mod chart;
mod claim;
pub mod classifier;
pub mod colour;
pub mod contrast;
pub mod data;
mod game;
mod images;
mod name;
mod parts;
pub mod pictures;
pub mod ranges;
mod state;
pub mod variant;

pub use claim::{Draft, Source, claim, with_parts};
pub use game::Game;
pub use images::Images;
pub use name::name;
pub use parts::Task;
pub use state::{Plain, Resumable};

use std::collections::BTreeMap;

use gan::Rng;
use gan::device::Options;
use lab::{Array, Backend, Device, Diverged, Interrupted, Run, Summary};
use tch::{Kind, Tensor};

/// Serves libtorch's allocations too, because its `malloc` takes the place of the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Version and commit of the tools.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("PROGRAM_COMMIT"), ")");

/// Returns libtorch as the harness sees it.
pub fn backend() -> Backend {
    Backend {
        name: "libtorch 2.11.0",
        arithmetic: gan::ARITHMETIC,
        commit: env!("PROGRAM_COMMIT"),
        dirty: env!("PROGRAM_DIRTY") == "true",
        cuda_is_available: gan::device::cuda_is_available,
        prepare_thread: gan::prepare_thread,
        multiply,
    }
}

fn multiply() {
    let square = Tensor::ones([8, 8], (Kind::Float, tch::Device::Cpu));
    let _ = square.mm(&square);
}

/// Returns single precision on the device that the run should use.
pub fn options(device: Device) -> Options {
    let device = match device {
        Device::Cpu => tch::Device::Cpu,
        Device::Cuda => tch::Device::Cuda(0),
    };
    (Kind::Float, device)
}

/// Returns the random streams of a cell, which no other experiment draws from.
pub fn streams(run: &Run, experiment: &str) -> Rng {
    Rng::new(&run.seeds).with(options(run.device)).fork(experiment)
}

/// Returns an array of a tensor's numbers in single precision.
///
/// # Panics
/// If the tensor is undefined.
pub fn array(tensor: &Tensor) -> Array {
    let shape: Vec<usize> = tensor.size().iter().map(|&size| size as usize).collect();
    let flat = tensor.detach().to_device(tch::Device::Cpu).to_kind(Kind::Float).flatten(0, -1);
    let values = Vec::<f32>::try_from(&flat).expect("a flat float tensor converts");
    Array::of_f32(&shape, &values)
}

/// Returns the points of one member of a `[members, count, 2]` tensor.
pub fn points(samples: &Tensor, member: usize) -> Vec<[f64; 2]> {
    let values = gan::device::to_vec(&samples.select(0, member as i64));
    values.as_chunks::<2>().0.to_vec()
}

/// Returns whether the pictures of a seed are kept for figures: of the first of a sweep, and of a pilot, whose seeds begin
/// at 100.
pub fn is_pictured(seed: u64) -> bool {
    seed.is_multiple_of(100)
}

/// Returns the steps at which a run of `total` steps looks at itself: `looks` evenly spaced ones after
/// the start, the last at the end.
pub fn looks(total: u64, looks: u64) -> Vec<u64> {
    let looks = looks.min(total).max(1);
    (0..=looks).map(|i| i * total / looks).collect()
}

/// Returns a summary of numbers at a step, or the first that is none.
///
/// # Errors
/// [`Diverged`], with the step and the name of a number that is not finite.
pub fn summary<'a>(
    step: u64,
    numbers: impl IntoIterator<Item = (&'a str, f64)>,
) -> Result<Summary, Diverged> {
    let mut summary = Summary::default();
    for (name, value) in numbers {
        if !value.is_finite() {
            return Err(Diverged { step, what: format!("`{name}` is {value}") });
        }
        summary.insert(name, value);
    }
    Ok(summary)
}

/// What the members of a cell end with, in the order of their seeds.
pub type Outcomes = Result<Vec<Result<Summary, Diverged>>, Interrupted>;

/// Names and arrays of a checkpoint.
pub type Arrays = BTreeMap<String, Array>;
