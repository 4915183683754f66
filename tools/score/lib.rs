//! Scores anyone's samples against real ones: distances, divergences and tests, with intervals, floors and a warning
//! where a number means little.
//!
//! [`main`] is the program; the parts of it are files on disk (`input`), what is compared (`features`), rows in a
//! frame without origin and unit, the metrics, and the report with its protocol.

mod args;
mod bandwidth;
mod cost;
mod estimate;
mod features;
mod frame;
mod input;
mod metrics;
mod moments;
mod report;
mod sample;
mod warnings;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use args::{Args, EXAMPLES, Format};
use clap::{CommandFactory, FromArgMatches};
use cost::{Budget, GIB, Sizes};
use estimate::{Context, GROUPS, Line};
use features::{Cache, Features, Network};
use frame::Frame;
use metrics::{METRICS, Metric};
use report::{Protocol, Report, Side, Steps, changes, differences, earlier, print, say};
use sample::{Sample, Wanted};

const LEVEL: f64 = 0.95;
/// Minutes that are worth a remark before they pass.
const LONG: f64 = 5.0;

/// Runs the program on the process's arguments, under a name.
pub fn main(name: &'static str) -> ExitCode {
    let metrics =
        METRICS.map(|metric| format!("  {:<21} {}\n", metric.name, metric.about)).concat();
    let help = format!("Metrics, by name:\n{metrics}\n{EXAMPLES}");
    let matches = Args::command().name(name).after_help(help).get_matches();
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
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

/// Does what was asked for, and returns whether all of it was.
fn run(args: &Args) -> Result<bool> {
    // libtorch would take half of them; where the user says how many, that stands.
    if std::env::var_os("OMP_NUM_THREADS").is_none() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        tch::set_num_threads(cores as i32);
    }
    let features = Features::of(args)?;
    if let Some(file) = &args.save_moments {
        return moments::save(args, features.network(), file).map(|()| true);
    }
    if std::iter::once(&args.real).chain(&args.fake).any(|path| input::has_moments(path)) {
        return moments::score(args, features.network());
    }
    let Samples { real, fakes, train } = samples(args, &features)?;
    let classifier = match &args.classifier {
        Some(path) => Some(Network::own(path, args.resize.map(i64::from), args.takes)?),
        None => None,
    };
    let networks = [features.network(), classifier.as_ref()];
    let protocol = protocol(args, networks, &real, &fakes, train.as_ref());
    // Before hours are spent on numbers that would not compare.
    let earlier = match &args.against {
        Some(path) => earlier(path, &protocol)?,
        None => Vec::new(),
    };
    let warnings = warnings::of(args, &real, &fakes, train.as_ref());
    for warning in &warnings {
        say(&format!("warning: {warning}"));
    }
    let (mut fake_rows, mut fake_pictures, mut streamed) =
        (Vec::new(), Vec::new(), vec![real.streamed]);
    for fake in fakes {
        fake_rows.push(fake.rows);
        fake_pictures.push(fake.pictures);
        streamed.push(fake.streamed);
    }
    let frame = Frame::of(real.rows, fake_rows, train.map(|train| train.rows), args.standardise)?;
    let mut context = Context::new(&frame, args);
    let fake_pictures: Option<Vec<_>> = fake_pictures.iter().map(Option::as_ref).collect();
    context.pictures = real.pictures.as_ref().zip(fake_pictures);
    context.classifier = classifier.as_ref();
    let in_frame = |groups: Vec<_>| groups.iter().map(|group| frame.of_moments(group)).collect();
    context.streamed = streamed.into_iter().map(|groups| groups.map(in_frame)).collect();
    let (metrics, mut whole) = estimates(args, &context);
    let changes = changes(&earlier, &metrics);
    whole &= !metrics.is_empty();
    let differences = differences(&metrics);
    let report = Report { protocol, metrics, differences, changes, warnings };
    print(&match args.format {
        Format::Table => report.table(),
        Format::Json => serde_json::to_string_pretty(&report)? + "\n",
    })?;
    Ok(whole)
}

struct Samples {
    real: Sample,
    fakes: Vec<Sample>,
    train: Option<Sample>,
}

/// Reads all files, and refuses those that are not of one kind.
fn samples(args: &Args, features: &Features) -> Result<Samples> {
    let paths: Vec<&Path> =
        [&args.real].into_iter().chain(&args.fake).chain(&args.train).map(AsRef::as_ref).collect();
    if let Some(key) = &args.key
        && !paths.iter().any(|path| input::has_names(path))
    {
        bail!("--key {key}: no file holds arrays by name; leave it out");
    }
    let images = args.images || args.classifier.is_some() || paths.iter().any(|path| path.is_dir());
    let cache = if args.no_cache { None } else { Cache::of(args.cache.as_deref()) };
    let read = |path: &Path, seed: u64| {
        sample::read(&Wanted {
            path,
            key: args.key.as_deref(),
            limit: args.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
            seed,
            memory: args.memory * GIB,
            network: features.network(),
            images,
            order: args.order,
            range: args.range,
            cache: cache.as_ref(),
        })
    };
    let real = read(&args.real, args.seed)?;
    let like = |path: &Path| -> Result<Sample> {
        // Of a file given twice the same rows are drawn and left out, so that it stays at no distance from itself.
        let same = input::hash(path)? == real.hash;
        let sample = read(path, if same { args.seed } else { args.seed.wrapping_add(1) })?;
        input::same_kind((&args.real, &real.shape), (path, &sample.shape))?;
        Ok(sample)
    };
    let fakes = args.fake.iter().map(|path| like(path)).collect::<Result<Vec<_>>>()?;
    let train = args.train.as_deref().map(like).transpose()?;
    Ok(Samples { real, fakes, train })
}

fn protocol(
    args: &Args,
    [network, classifier]: [Option<&Network>; 2],
    real: &Sample,
    fakes: &[Sample],
    train: Option<&Sample>,
) -> Protocol {
    let side = |path: &Path, sample: &Sample| Side::of(path, args.key.as_deref(), sample);
    let of = |network: &Network| network.protocol().clone();
    Protocol {
        version: shared::VERSION,
        features: network.map_or_else(|| "pixels".to_owned(), |network| network.name.clone()),
        network: network.map(of),
        classifier: classifier.map(of),
        standardised: args.standardise,
        limit: args.limit,
        neighbours: args.neighbours,
        seed: args.seed,
        real: side(&args.real, real),
        train: args.train.as_deref().zip(train).map(|(path, sample)| side(path, sample)),
        fake: args.fake.iter().zip(fakes).map(|(path, sample)| side(path, sample)).collect(),
    }
}

/// Estimates what was asked for, and returns whether all of it was.
fn estimates(args: &Args, context: &Context) -> (Vec<Line>, bool) {
    let budget = Budget { bytes: args.memory * GIB, minutes: f64::from(args.minutes) };
    let (mut whole, mut chosen) = (true, Vec::new());
    for metric in &METRICS {
        let named = args.metric.iter().any(|name| name == metric.name);
        if !named && !args.metric.is_empty() {
            continue;
        }
        let refusal = (0..context.frame.fakes.len())
            .find_map(|which| refusal(metric, context, which, budget));
        match refusal {
            None => chosen.push(metric),
            Some(why) => {
                say(&format!("{}: left out, {why}", metric.name));
                whole &= !named;
            }
        }
    }
    let minutes: f64 = chosen.iter().map(|metric| minutes(metric, context)).sum();
    if minutes > LONG {
        say(&format!("this may take {minutes:.0} minutes; fewer rows (--limit) take less"));
    }
    let mut lines = Vec::new();
    let steps = Steps::of("", chosen.len() * context.frame.fakes.len());
    for which in 0..context.frame.fakes.len() {
        for metric in &chosen {
            steps.name(metric.name);
            // The failure of one leaves the others standing.
            match caught(|| estimate::line(metric, context, which)).flatten() {
                Ok(line) => lines.push(line),
                Err(error) => {
                    say(&format!("{}: failed, {error:#}", metric.name));
                    whole = false;
                }
            }
            steps.advance(1);
        }
    }
    (lines, whole)
}

/// Returns why a metric is left out, if it is.
fn refusal(metric: &Metric, context: &Context, which: usize, budget: Budget) -> Option<String> {
    (metric.misfit)(context, which)
        .or_else(|| budget.refusal(cost(metric, context, which), times(context)))
}

fn cost(metric: &Metric, context: &Context, which: usize) -> cost::Cost {
    let [real, fake] = context.rows(metric, which).map(|rows| rows as f64);
    (metric.cost)(Sizes { real, fake, dim: context.frame.dim() as f64 })
}

fn minutes(metric: &Metric, context: &Context) -> f64 {
    let of_one = |which| cost(metric, context, which).minutes(times(context));
    (0..context.frame.fakes.len()).map(of_one).sum()
}

/// Estimates for a value, its interval and its floor.
fn times(context: &Context) -> usize {
    if context.intervals { GROUPS as usize + 2 } else { 1 }
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
