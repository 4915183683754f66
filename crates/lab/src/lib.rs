//! The harness: what to run, running it once, keeping what came out, and saying what it means.
//!
//! An [`Experiment`] is four pure functions: a grid of configurations, a run, claims and figures.
//! This crate turns them into a program. Data flows one way, and each arrow is a file on disk:
//!
//! ```text
//! grid x seeds -> cells -> shards (JSON, one per seed) -> tables (Parquet) -> claims, figures, scoreboard
//! ```
//!
//! Nothing here knows a tensor.

pub mod claim;
mod cli;
pub mod experiment;
pub mod figure;
mod files;
mod interrupt;
mod manifest;
mod plan;
mod progress;
pub mod record;
mod report;
pub mod results;
pub mod run;
mod scoreboard;
mod sweep;
mod table;
mod verify;

use std::process::ExitCode;

pub use claim::{Claim, Estimate, Region};
pub use experiment::{Backend, Device, Diverged, Experiment, Profile, Summary};
pub use figure::{Animation, Figure};
pub use results::{Results, Row};
pub use run::{Array, Interrupted, Run, Saved};

/// Runs the program of an experiment on the process's arguments.
///
/// Exit codes: 0 done; 1 the tool failed; 2 the command line is wrong; 3 done, but some cells panicked;
/// 4 `verify` found a difference; 130 interrupted.
pub fn main<E: Experiment>() -> ExitCode {
    cli::main::<E>()
}
