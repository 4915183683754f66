//! Scores two samples of anyone's against each other: distances, divergences through estimated density ratios, and
//! tests of whether they are of one law.

mod args;
mod bandwidth;
mod cost;
mod distance;
mod estimate;
mod frame;
mod header;
mod metric;
mod numbers;
mod output;
mod pair;
mod ratio;
mod sample;
mod source;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use args::{Args, Format};
use clap::Parser;
use cost::{Budget, GIB};
use estimate::{Context, ESTIMATES, Line};
use frame::Frame;
use metric::{Estimator, METRICS, Metric};
use output::{print, say, table};
use pair::samples;

const LEVEL: f64 = 0.95;
/// Minutes that are worth a remark before they pass.
const LONG: f64 = 5.0;

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
    Ok(whole && !lines.is_empty())
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
