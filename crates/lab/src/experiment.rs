//! What an experiment is.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Animation, Claim, Figure, Interrupted, Metric, Results, Run};

/// How much of an experiment to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Every line in seconds; proves nothing.
    Smoke,
    /// Part of the reference in minutes: does it work here, and is it the same?
    Quick,
    /// What claims need, in hours to days on two CPU cores: the results that the repository keeps.
    Reference,
    /// The source's own scale: a GPU, a cluster or a night.
    Full,
}

impl Profile {
    /// Every profile, from the smallest.
    pub const ALL: [Self; 4] = [Self::Smoke, Self::Quick, Self::Reference, Self::Full];

    /// Returns the name as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Quick => "quick",
            Self::Reference => "reference",
            Self::Full => "full",
        }
    }

    /// Returns whether claims get verdicts: a smoke run proves nothing, and of a quick one only the direction counts.
    pub fn gives_verdicts(self) -> bool {
        !matches!(self, Self::Smoke | Self::Quick)
    }
}

/// A command line that cannot be meant; the message says what can.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Where tensors should live; the experiment translates it for its library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// The processor.
    Cpu,
    /// The first CUDA device.
    Cuda,
}

impl Device {
    /// Returns the name as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

/// What the harness must know of the tensor library, which it does not link.
#[derive(Clone, Copy, Debug)]
pub struct Backend {
    /// Name and version, for manifests.
    pub name: &'static str,
    /// Version of the model crate's arithmetic, which rises when last bits move.
    pub arithmetic: u32,
    /// Commit that the program was built from, or "unknown".
    pub commit: &'static str,
    /// Whether the program was built from files that differ from that commit.
    pub dirty: bool,
    /// Whether a CUDA device can be used.
    pub cuda_is_available: fn() -> bool,
    /// Called first on every thread that runs cells.
    pub prepare_thread: fn(),
    /// Does one product of matrices, by which the linear algebra is asked what it takes.
    pub multiply: fn(),
}

impl Backend {
    /// Returns whether the program was built from a clean commit.
    pub(crate) fn is_clean(&self) -> bool {
        self.commit != "unknown" && !self.dirty
    }
}

/// The numbers that a finished run ends with, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary(BTreeMap<String, f64>);

impl Summary {
    /// Adds a number.
    ///
    /// # Panics
    /// If it is not finite: a run that ends so has diverged, and says that instead.
    pub fn insert(&mut self, name: &str, value: f64) {
        assert!(value.is_finite(), "summary `{name}` is {value}; return `Diverged` instead");
        self.0.insert(name.to_owned(), value);
    }

    /// Returns the numbers by name.
    pub fn values(&self) -> &BTreeMap<String, f64> {
        &self.0
    }
}

/// A run whose numbers stopped being numbers: a finding, not an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diverged {
    /// The step at which it was seen.
    pub step: u64,
    /// What was not finite.
    pub what: String,
}

/// One way to run an experiment: a configuration under a name, and how many seeds it gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm<C> {
    /// The part of the experiment and the arm's own name in it, such as `ring/unrolled-5`; unique in a profile.
    pub name: String,
    /// The configuration; unique in a profile too.
    pub config: C,
    /// Number of seeds, from 0.
    pub seeds: u64,
    /// Seeds that train as one stack: part of the plan, never of the machine.
    pub stack: u64,
    /// Number of seeds that `quick` takes of the reference's.
    quick_seeds: u64,
    /// Whether the arm is a short one that `quick` shows and no claim reads.
    is_demonstration: bool,
}

impl<C> Arm<C> {
    /// Returns an arm of one stack of one seed, which `quick` leaves out.
    pub fn new(name: impl Into<String>, config: C) -> Self {
        let name = name.into();
        Self { name, config, seeds: 1, stack: 1, quick_seeds: 0, is_demonstration: false }
    }

    /// Returns the arm with so many seeds, in stacks of this size.
    pub fn with_seeds(self, seeds: u64, stack: u64) -> Self {
        Self { seeds, stack, ..self }
    }

    /// Returns the arm with so many of its seeds in `quick`.
    pub fn with_quick_seeds(self, quick_seeds: u64) -> Self {
        Self { quick_seeds, ..self }
    }

    /// Returns the arm as one that `quick` has beside the reference's, because none of those is short enough.
    pub fn as_demonstration(self) -> Self {
        Self { quick_seeds: self.seeds, is_demonstration: true, ..self }
    }

    /// Returns the arm with another configuration.
    pub fn map<D>(self, config: impl FnOnce(C) -> D) -> Arm<D> {
        let Self { name, config: own, seeds, stack, quick_seeds, is_demonstration } = self;
        Arm { name, config: config(own), seeds, stack, quick_seeds, is_demonstration }
    }
}

/// Returns the arms of a profile. Those of `quick` are the reference's with fewer seeds, so that its runs are the
/// reference's to the bit.
pub(crate) fn arms_of<E: Experiment>(profile: Profile) -> Vec<Arm<E::Config>> {
    match profile {
        Profile::Quick => {
            let all = E::arms(Profile::Reference).into_iter();
            all.filter(|arm| arm.quick_seeds > 0)
                .map(|arm| Arm { seeds: arm.quick_seeds.min(arm.seeds), ..arm })
                .collect()
        }
        other => E::arms(other).into_iter().filter(|arm| !arm.is_demonstration).collect(),
    }
}

/// Returns the part of an experiment that an arm's name begins with.
pub(crate) fn part_of(name: &str) -> &str {
    name.split_once('/').map_or(name, |(part, _)| part)
}

/// One finding: its arms, a run, and what the numbers mean.
pub trait Experiment: 'static {
    /// Name of the program, of its folder and of its results.
    const NAME: &'static str;
    /// One line for `--help`.
    const ABOUT: &'static str;
    /// Bumped when the algorithm changes: shards of another epoch are ignored.
    const EPOCH: u32;
    /// Plain data, `deny_unknown_fields`, hashed into the identity of a run.
    type Config: Clone
        + Debug
        + PartialEq
        + Serialize
        + DeserializeOwned
        + garde::Validate<Context = ()>
        + Send
        + Sync;

    /// Returns what the harness must know of the tensor library.
    fn backend() -> Backend;

    /// Returns the arms of a profile; never asked for `quick`, whose arms are the reference's with
    /// [`Arm::with_quick_seeds`] and [`Arm::as_demonstration`].
    fn arms(profile: Profile) -> Vec<Arm<Self::Config>>;

    /// Returns a rough relative cost, so that long cells start first.
    fn cost(config: &Self::Config) -> f64;

    /// Checks what cells need from outside before any of them starts.
    ///
    /// # Errors
    /// One line that names what is missing and says what to do.
    fn prepare(_: &Self::Config, _data_dir: &Path) -> Result<(), String> {
        Ok(())
    }

    /// Trains the members of one cell and returns one result each, in the order of the seeds.
    ///
    /// Pure but for `run`: no files, no clock, no threads.
    ///
    /// # Errors
    /// [`Interrupted`], handed on from [`Run::keep`].
    fn run(
        config: &Self::Config,
        run: &mut Run,
    ) -> Result<Vec<Result<Summary, Diverged>>, Interrupted>;

    /// Returns what the numbers of runs are; none unless overridden, and then the tables lack their descriptions.
    fn metrics() -> &'static [Metric] {
        &[]
    }

    /// Returns the claims with their estimates; verdicts are the harness's.
    fn claims(results: &Results<Self::Config>) -> Vec<Claim>;

    /// Returns the charts of stored results.
    fn figures(results: &Results<Self::Config>) -> Vec<Figure>;

    /// Returns moving pictures of stored results; none unless overridden.
    fn animations(_: &Results<Self::Config>) -> Vec<Animation> {
        Vec::new()
    }
}
