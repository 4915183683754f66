//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::metric::METRICS;

/// Compare two samples, stored as .npy arrays with a row for each sample (numpy.save) or as .npz archives of them.
///
/// Stdout is the table, stderr says what was left out. Intervals (95 %) come from leaving out a tenth of the rows of
/// both files in turn; those of accuracies are Wilson's. Most metrics are biased, above 0 for few rows of one law:
/// their interval is of what as many rows give again, not of the distance of the laws, and the floor beside it is the
/// value between two halves of the real rows. All numbers are the same each time for one seed. The exit code is 0 if
/// everything that was asked for was estimated.
#[derive(Debug, Parser)]
#[command(name = "compare", version = shared::VERSION)]
pub(crate) struct Args {
    /// Samples of the data, a .npy or .npz file; arrays of more than two axes are flattened to rows
    #[arg(long, value_name = "FILE")]
    pub(crate) real: PathBuf,
    /// Samples of the model, a .npy or .npz file
    #[arg(long, value_name = "FILE")]
    pub(crate) fake: PathBuf,
    /// The name of the array in .npz archives of several
    #[arg(long, value_name = "NAME")]
    pub(crate) key: Option<String>,
    /// Only these, by name; may be repeated (all that fit the arrays, if none)
    #[arg(long, value_parser = METRICS.map(|metric| metric.name))]
    pub(crate) metric: Vec<String>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Rows of each file to use at most, drawn without replacement; time grows with its square, but for moments and
    /// sorted numbers
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(20..))]
    pub(crate) limit: u64,
    /// Memory in GiB that reading a file or a metric may take; what would take more is refused
    #[arg(long, value_name = "GIB", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) memory: u32,
    /// Minutes that a metric may take; one that would take more on an old core is left out
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) minutes: u32,
    /// Of the order of rows, permutations and directions
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people
    Table,
    /// An array of objects
    Json,
}
