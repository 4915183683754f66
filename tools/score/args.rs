//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::features::{Order, Range};
use crate::metrics::METRICS;

/// Score samples against real ones: distances, divergences and tests, each with an interval.
///
/// Takes arrays with a row for each sample (.npy, .npz, .safetensors, Parquet tables of numbers) or folders of PNG and
/// JPEG pictures; values of 0 to 255 and of 0 to 1 are told apart by their type, and stderr says which.
///
/// Stdout is the table, or JSON with the protocol that the numbers belong to; stderr says what was left out, and warns
/// where a number means little. Intervals (95 %) come from leaving out a tenth of the rows of all files in turn; those
/// of accuracies are Wilson's. Most metrics are biased, above 0 for few rows of one law: their interval is of what as
/// many rows give again, not of the distance of the laws, and the floor beside it is the value between two halves of
/// the real rows. All numbers are the same each time for one seed. The exit code is 0 if everything that was asked for
/// was estimated, 1 if something was not, 2 if the command line is wrong.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
#[command(version = shared::VERSION)]
#[command(
    override_usage = "score --real <PATH> --fake <PATH>... [OPTIONS]\n       score --real <PATH> --save-moments <FILE.npz> [OPTIONS]"
)]
pub(crate) struct Args {
    /// Samples of the data: a file of an array, a folder of pictures, or an archive of moments (`mu`, `sigma`)
    #[arg(long, value_name = "PATH", help_heading = "Samples")]
    pub(crate) real: PathBuf,
    /// Samples of a model; given twice or more, the models are compared with each other too
    #[arg(
        long,
        value_name = "PATH",
        help_heading = "Samples",
        required_unless_present = "save_moments"
    )]
    pub(crate) fake: Vec<PathBuf>,
    /// What the model was trained on, --real being held out: whether samples are nearer to it than real ones are
    #[arg(long, value_name = "PATH", help_heading = "Samples")]
    pub(crate) train: Option<PathBuf>,
    /// The name of the array in files of several (`arr_0` of an archive, if it has one)
    #[arg(long, value_name = "NAME", help_heading = "Samples")]
    pub(crate) key: Option<String>,
    /// Rows of each file to use at most, drawn without replacement (all; of metrics whose time grows with the square
    /// of the rows, as many as the table says)
    #[arg(long, help_heading = "Samples", value_parser = clap::value_parser!(u64).range(20..))]
    pub(crate) limit: Option<u64>,
    /// Arrays are pictures: bring their axes and ranges into one (folders of pictures and networks do so anyway)
    #[arg(long, help_heading = "Samples")]
    pub(crate) images: bool,
    /// Order of the axes of arrays of pictures, where their sizes do not tell it
    #[arg(long, value_enum, help_heading = "Samples")]
    pub(crate) order: Option<Order>,
    /// Range of the values of arrays of pictures, where their type does not tell it
    #[arg(long, value_enum, help_heading = "Samples")]
    pub(crate) range: Option<Range>,

    /// What is compared: `pixels` (the numbers as they are), `inception` (`python3 scripts/setup.py inception` fetches
    /// it once), or a TorchScript file of your own
    #[arg(
        long,
        value_name = "pixels|inception|FILE.pt",
        default_value = "pixels",
        help_heading = "Features"
    )]
    pub(crate) features: String,
    /// Run the code that is in FILE.pt: a TorchScript file is a program, so say so only of one whose maker you trust
    #[arg(long, help_heading = "Features")]
    pub(crate) trust_code: bool,
    /// Resize pictures to SIDE x SIDE for FILE.pt
    #[arg(long, value_name = "SIDE", help_heading = "Features", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) resize: Option<u32>,
    /// Range of values that FILE.pt takes
    #[arg(long, value_enum, default_value_t = Range::Symmetric, help_heading = "Features")]
    pub(crate) takes: Range,
    /// TorchScript of a classifier of pictures, which gives logits, for `class_score`; runs code, as FILE.pt does
    #[arg(long, value_name = "FILE.pt", help_heading = "Features", requires = "trust_code")]
    pub(crate) classifier: Option<PathBuf>,
    /// Folder of features that were computed before, by content; [default: understanding-gans in the user's cache]
    #[arg(long, value_name = "FOLDER", help_heading = "Features")]
    pub(crate) cache: Option<PathBuf>,
    /// Compute features afresh and keep none
    #[arg(long, help_heading = "Features", conflicts_with = "cache")]
    pub(crate) no_cache: bool,
    /// Divide each column by its standard deviation over the real rows
    #[arg(long, help_heading = "Features")]
    pub(crate) standardise: bool,

    /// Only these, by name; may be repeated (all that fit the arrays, if none)
    #[arg(long, value_parser = METRICS.map(|metric| metric.name), hide_possible_values = true, help_heading = "Metrics")]
    pub(crate) metric: Vec<String>,
    /// Neighbours that a row reaches to, for precision, recall, density and coverage
    #[arg(long, default_value_t = 5, help_heading = "Metrics", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) neighbours: u32,
    /// Of the order of rows, permutations, directions, subsets and the critic
    #[arg(long, default_value_t = 0, help_heading = "Metrics")]
    pub(crate) seed: u64,
    /// No intervals and no floors: about a tenth of the time
    #[arg(long, help_heading = "Metrics")]
    pub(crate) no_intervals: bool,
    /// Memory in GiB that reading a file or a metric may take. Of a file that would take more 10,000 rows are drawn, and the
    /// Frechet distances are of all its rows as they stream by; a metric that would take more is left out
    #[arg(long, value_name = "GIB", default_value_t = 4.0, help_heading = "Metrics", value_parser = gibibytes)]
    pub(crate) memory: f64,
    /// Minutes that a metric may take; one that would take more on an old core is left out
    #[arg(long, default_value_t = 60, help_heading = "Metrics", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) minutes: u32,

    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Result")]
    pub(crate) format: Format,
    /// An earlier result (--format json) to set this one against; refused if their protocols differ
    #[arg(long, value_name = "FILE.json", help_heading = "Result")]
    pub(crate) against: Option<PathBuf>,
    /// Write the moments of --real to an archive, for later use in its place, and end; files larger than memory do too
    #[arg(long, value_name = "FILE.npz", help_heading = "Result", conflicts_with_all = ["fake", "train", "against"])]
    pub(crate) save_moments: Option<PathBuf>,
}

pub(crate) const EXAMPLES: &str = "\
Examples:
  score --real data.npy --fake samples.npy
  score --real photos/ --fake generated/ --features inception --metric frechet --metric kid
  score --real held_out.npy --train train.npy --fake samples.npy --metric memorising
  score --real data.npz --fake a.npz --fake b.npz --format json > scores.json
  score --real data.npy --save-moments data_moments.npz

How many rows each takes, and which are biased: tools/score/README.md.";

fn gibibytes(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(gib) if gib > 0.0 && f64::is_finite(gib) => Ok(gib),
        _ => Err("must be a number above 0".to_owned()),
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people
    Table,
    /// One object: protocol, metrics, differences, warnings
    Json,
}
