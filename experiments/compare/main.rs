//! Scores two samples of anyone's against each other: distances, divergences through estimated density ratios, and
//! tests of whether they are of one law.

mod metric;
mod sample;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Parser, ValueEnum};
// For its allocator.
use experiments as _;
use rayon::prelude::*;
use serde::Serialize;
use stats::distance::Points;
use stats::jackknife;

use metric::{Estimator, METRICS, Metric, Scale};
use sample::{read, without};

/// Groups of rows that are left out in turn for an interval.
const GROUPS: usize = 10;
const LEVEL: f64 = 0.95;

/// Compare two samples, stored as .npy arrays with a row for each sample (numpy.save).
///
/// Stdout is the table, stderr says what was left out. Intervals (95 %) come from leaving out a tenth of the rows of
/// both files in turn; those of accuracies are Wilson's. All numbers are the same each time for one seed.
#[derive(Debug, Parser)]
#[command(name = "compare", version)]
struct Args {
    /// Samples of the data, a .npy file; arrays of more than two axes are flattened to rows
    #[arg(long, value_name = "FILE")]
    real: PathBuf,
    /// Samples of the model, a .npy file
    #[arg(long, value_name = "FILE")]
    fake: PathBuf,
    /// Only these, by name; may be repeated (all that fit the arrays, if none)
    #[arg(long, value_parser = METRICS.map(|metric| metric.name))]
    metric: Vec<String>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Rows of each file to use at most, drawn without replacement; time grows with its square
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(20..))]
    limit: u64,
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

/// One line of the result.
#[derive(Debug, Serialize)]
struct Line {
    metric: &'static str,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
    p_value: Option<f64>,
    about: &'static str,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    gan::prepare_thread();
    let limit = args.limit as usize;
    let real = read(&args.real, limit, args.seed)?;
    let fake = read(&args.fake, limit, args.seed + 1)?;
    if real.dim() != fake.dim() {
        bail!(
            "{} has {} numbers a row, {} has {}: samples of one kind have as many",
            args.real.display(),
            real.dim(),
            args.fake.display(),
            fake.dim()
        );
    }
    // Bandwidths are of all rows, so that parts of them estimate the same number.
    let scale = Scale::of(&real, &fake, args.seed);
    let mut lines = Vec::new();
    for metric in METRICS {
        if !args.metric.is_empty() && !args.metric.iter().any(|name| name == metric.name) {
            continue;
        }
        if let Some(why) = (metric.misfit)(&real, &fake) {
            eprintln!("{}: left out, {why}", metric.name);
            continue;
        }
        lines.push(line(metric, &real, &fake, scale));
    }
    match args.format {
        Format::Table => print_table(&lines),
        Format::Json => print_text(&serde_json::to_string_pretty(&lines)?),
    }
    Ok(())
}

/// Estimates one metric, with its interval.
fn line(metric: Metric, real: &Points, fake: &Points, scale: Scale) -> Line {
    let (value, interval, p_value) = match metric.estimator {
        Estimator::Value(estimate) => {
            let value = estimate(real, fake, scale);
            let part = |group: usize| {
                gan::prepare_thread();
                estimate(&without(real, group, GROUPS), &without(fake, group, GROUPS), scale)
            };
            let parts: Vec<f64> = (0..GROUPS).into_par_iter().map(part).collect();
            (value, Some(jackknife::interval(value, &parts, LEVEL)), None)
        }
        Estimator::Test(test) => {
            let test = test(real, fake, scale);
            (test.statistic, test.interval, Some(test.p_value))
        }
    };
    let (low, high) = interval.map(|interval| (interval.low, interval.high)).unzip();
    Line { metric: metric.name, value, low, high, p_value, about: metric.about }
}

fn print_table(lines: &[Line]) {
    let number = |x: Option<f64>| match x {
        None => String::new(),
        Some(x) if x.abs() >= 1e-3 || x.abs() < 1e-12 => format!("{x:.4}"),
        Some(x) => format!("{x:.1e}"),
    };
    let head = ["metric", "value", "low", "high", "p", "what"].map(str::to_owned);
    let row = |line: &Line| {
        let [value, low, high, p] =
            [Some(line.value), line.low, line.high, line.p_value].map(number);
        [line.metric.to_owned(), value, low, high, p, line.about.to_owned()]
    };
    let rows = std::iter::once(head).chain(lines.iter().map(row));
    let text: Vec<String> = rows
        .map(|[metric, value, low, high, p, what]| {
            format!("{metric:<22}{value:>12}{low:>12}{high:>12}{p:>10}   {what}")
        })
        .collect();
    print_text(&text.join("\n"));
}

#[expect(clippy::print_stdout, reason = "the result")]
fn print_text(text: &str) {
    println!("{text}");
}
