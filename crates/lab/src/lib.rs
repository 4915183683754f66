//! The harness: what to run, running it once, keeping what came out, and saying what it means.
//!
//! An [`Experiment`] is four pure functions: its arms, a run, claims and figures.
//! This crate turns them into a program. Data flows one way, and each arrow is a file on disk:
//!
//! ```text
//! arms x seeds -> cells -> shards (JSON, one per seed) -> tables (Parquet) -> claims, figures, scoreboard
//! ```
//!
//! Nothing here knows a tensor.

pub mod array;
mod book;
pub mod claim;
mod cli;
pub mod experiment;
pub mod figure;
mod files;
mod ledger;
mod likeness;
mod lock;
mod manifest;
pub mod metric;
mod number;
pub mod origin;
mod page;
mod plan;
mod power;
mod preflight;
mod progress;
mod rate;
pub mod record;
mod report;
pub mod results;
pub mod run;
mod say;
mod scoreboard;
mod seal;
mod settings;
mod shard;
mod signals;
mod store;
mod survey;
mod sweep;
mod table;
mod verify;

use std::process::ExitCode;

pub use array::Array;
pub use claim::{Basis, Claim, Estimate, Evidence, Gate, Parts, Region, Seen};
pub use experiment::{Arm, Backend, Device, Diverged, Experiment, Profile, Summary};
pub use figure::{Animation, Figure};
pub use metric::Metric;
pub use results::{Results, Row};
pub use run::{Interrupted, Run, Saved};
pub use say::say;
pub use table::{Numbers, read_numbers};

/// Runs the program of an experiment on the process's arguments.
///
/// Exit codes: 0 done; 1 the tool failed; 2 the command line is wrong; 3 some cells panicked; 4 `verify` found a
/// difference; 5 `report` found cells missing; 130 interrupted.
pub fn main<E: Experiment>() -> ExitCode {
    cli::main::<E>()
}
