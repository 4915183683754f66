//! Scores two samples of anyone's against each other: distances, divergences through estimated density ratios, and
//! tests of whether they are of one law.

mod bandwidth;
mod cost;
mod distance;
mod estimate;
mod frame;
mod header;
mod metric;
mod output;
mod ratio;
mod sample;
mod source;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use clap::{Parser, ValueEnum};
use cost::{Budget, GIB};
use estimate::{Context, ESTIMATES, Line};
use frame::{Frame, Pair};
use metric::{Estimator, METRICS, Metric};
use output::{print, say, table};
use sample::{Sample, Wanted, read};

const LEVEL: f64 = 0.95;
/// Minutes that are worth a remark before they pass.
const LONG: f64 = 5.0;

/// Compare two samples, stored as .npy arrays with a row for each sample (numpy.save) or as .npz archives of them.
///
/// Stdout is the table, stderr says what was left out. Intervals (95 %) come from leaving out a tenth of the rows of
/// both files in turn; those of accuracies are Wilson's. Most metrics are biased, above 0 for few rows of one law:
/// their interval is of what as many rows give again, not of the distance of the laws, and the floor beside it is the
/// value between two halves of the real rows. All numbers are the same each time for one seed. The exit code is 0 if
/// everything that was asked for was estimated.
#[derive(Debug, Parser)]
#[command(name = "compare", version = experiments::VERSION)]
struct Args {
    /// Samples of the data, a .npy or .npz file; arrays of more than two axes are flattened to rows
    #[arg(long, value_name = "FILE")]
    real: PathBuf,
    /// Samples of the model, a .npy or .npz file
    #[arg(long, value_name = "FILE")]
    fake: PathBuf,
    /// The name of the array in .npz archives of several
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// Only these, by name; may be repeated (all that fit the arrays, if none)
    #[arg(long, value_parser = METRICS.map(|metric| metric.name))]
    metric: Vec<String>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Rows of each file to use at most, drawn without replacement; time grows with its square, but for moments and
    /// sorted numbers
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(20..))]
    limit: u64,
    /// Memory in GiB that reading a file or a metric may take; what would take more is refused
    #[arg(long, value_name = "GIB", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    memory: u32,
    /// Minutes that a metric may take; one that would take more on an old core is left out
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    minutes: u32,
    /// Of the order of rows, permutations and directions
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Columns for people
    Table,
    /// An array of objects
    Json,
}

fn main() -> ExitCode {
    let args = Args::parse();
    // A panic is caught and becomes one line.
    std::panic::set_hook(Box::new(|_| {}));
    match caught(|| run(&args)).flatten() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Compares, and returns whether everything that was asked for was estimated.
fn run(args: &Args) -> Result<bool> {
    gan::prepare_thread();
    let frame = Frame::of(samples(args)?)?;
    let budget = Budget { bytes: f64::from(args.memory) * GIB, minutes: f64::from(args.minutes) };
    let context = Context::new(&frame, args.seed);
    let mut whole = true;
    let mut chosen: Vec<&Metric> = Vec::new();
    for metric in &METRICS {
        let named = args.metric.iter().any(|name| name == metric.name);
        if !named && !args.metric.is_empty() {
            continue;
        }
        match refusal(metric, &frame, budget) {
            None => chosen.push(metric),
            Some(why) => {
                say(&format!("{}: left out, {why}", metric.name));
                whole &= !named;
            }
        }
    }
    if chosen.is_empty() {
        bail!("no metric is left");
    }
    let minutes: f64 = chosen.iter().map(|metric| minutes(metric, &frame)).sum();
    if minutes > LONG {
        say(&format!("this may take {minutes:.0} minutes; fewer rows (--limit) take less"));
    }
    let mut lines: Vec<Line> = Vec::new();
    for metric in chosen {
        // The failure of one leaves the others standing.
        match caught(|| estimate::line(metric, &context, budget)) {
            Ok(line) if line.is_whole() => lines.push(line),
            Ok(_) => {
                say(&format!("{}: failed, it came out as no number", metric.name));
                whole = false;
            }
            Err(error) => {
                say(&format!("{}: failed, {error:#}", metric.name));
                whole = false;
            }
        }
    }
    print(&match args.format {
        Format::Table => table(&lines),
        Format::Json => serde_json::to_string_pretty(&lines)? + "\n",
    })?;
    Ok(whole)
}

/// Reads both files, which must be of one kind.
fn samples(args: &Args) -> Result<Pair> {
    let Args { real, fake, key, limit, seed, memory, .. } = args;
    if let Some(key) = key
        && !source::is_archive(real).unwrap_or(true)
        && !source::is_archive(fake).unwrap_or(true)
    {
        bail!("--key {key}: neither file is an archive of named arrays; leave it out");
    }
    let wanted = |path, seed| Wanted {
        path,
        key: key.as_deref(),
        limit: usize::try_from(*limit).unwrap_or(usize::MAX),
        seed,
        memory: f64::from(*memory) * GIB,
    };
    let [a, b] = [read(&wanted(real, *seed))?, read(&wanted(fake, seed.wrapping_add(1)))?];
    same_kind((real, &a), (fake, &b))?;
    Ok(Pair { real: a.points, fake: b.points })
}

/// Refuses rows of different axes. Rows that someone flattened fit any axes of as many numbers; axes of one entry do
/// not count.
fn same_kind((real, a): (&Path, &Sample), (fake, b): (&Path, &Sample)) -> Result<()> {
    let axes = |sample: &Sample| -> Vec<usize> {
        sample.shape.iter().skip(1).copied().filter(|&size| size != 1).collect()
    };
    let (axes_a, axes_b) = (axes(a), axes(b));
    let (real, fake) = (real.display(), fake.display());
    if a.points.dim() != b.points.dim() {
        let (n, m) = (a.points.dim(), b.points.dim());
        bail!("{real} has {n} numbers a row, {fake} has {m}: samples of one kind have as many");
    }
    if axes_a.len() > 1 && axes_b.len() > 1 && axes_a != axes_b {
        let (a, b) = (tuple(&a.shape), tuple(&b.shape));
        bail!(
            "the shapes {a} of {real} and {b} of {fake} differ: bring the axes into one order (numpy.transpose)"
        );
    }
    Ok(())
}

/// A shape as Python writes it.
fn tuple(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("({})", sizes.join(", "))
}

/// Returns why a metric is left out, if it is.
fn refusal(metric: &Metric, frame: &Frame, budget: Budget) -> Option<String> {
    let cost = (metric.cost)(&frame.pair.real, &frame.pair.fake);
    (metric.misfit)(frame).or_else(|| budget.refusal(cost, estimates(metric)))
}

fn minutes(metric: &Metric, frame: &Frame) -> f64 {
    (metric.cost)(&frame.pair.real, &frame.pair.fake).minutes(estimates(metric))
}

fn estimates(metric: &Metric) -> usize {
    if matches!(metric.estimator, Estimator::Value(_)) { ESTIMATES } else { 1 }
}

/// Runs something that may panic, and returns the first line of what it says then.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("for no known reason");
        anyhow!("{}", text.lines().next().unwrap_or_default().to_owned())
    })
}
