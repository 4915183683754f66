//! Gradient penalties beyond Wasserstein: every objective with every penalty.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod config;
mod dirac;
mod images;
mod metrics;
mod points;
mod search;

use shared::colour;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use gan::penalty::Perturbation;
use gan::{Objective, Penalty, Rng};
use lab::figure::{Axis, Colour, Scale};
use lab::{Arm, Backend, Claim, Experiment, Figure, Metric, Profile, Results, Row, Run};
use shared::Outcomes;
use shared::contrast::{Sample, join};

use config::{Config, Rates, Task};

struct PenaltyAblation;

impl Experiment for PenaltyAblation {
    const NAME: &'static str = "penalty_ablation";
    const ABOUT: &'static str =
        "Gradient penalties beyond Wasserstein: every objective with every penalty";
    const EPOCH: u32 = 5;
    type Config = Config;

    fn backend() -> Backend {
        Backend { arithmetic: gan::ARITHMETIC_OF_CONVOLUTIONS, ..shared::backend() }
    }

    fn arms(profile: Profile) -> Vec<Arm<Config>> {
        [points::arms, search::arms, images::arms, dirac::arms].map(|arms| arms(profile)).concat()
    }

    fn cost(config: &Config) -> f64 {
        // Milliseconds on one core, roughly.
        let critic = if config.penalty.is_term() { 1.2 } else { 0.5 };
        let update = critic * f64::from(config.critic_steps) + 0.6;
        let steps = config.steps as f64;
        match Part::of(config) {
            Part::Points => 1_500.0 + update * steps,
            Part::Search => 1_000.0 + 2.5 * update * steps,
            Part::Images => 2_000.0 + 15.0 * update * steps,
            Part::Dirac => 0.3 * steps,
        }
    }

    fn prepare(config: &Config, data_dir: &Path) -> Result<(), String> {
        let set = match config.task {
            Task::Images { pictures, .. } => Some(pictures.set),
            _ => None,
        };
        shared::data::prepare(set, data_dir)
    }

    fn run(config: &Config, run: &mut Run) -> Outcomes {
        match Part::of(config) {
            Part::Points => points::run(config, run),
            Part::Search => search::run(config, run),
            Part::Images => images::run(config, run),
            Part::Dirac => Ok(dirac::run(config, run)),
        }
    }

    fn metrics() -> &'static [Metric] {
        &metrics::METRICS
    }

    fn claims(results: &Results<Config>) -> Vec<Claim> {
        [
            points::claims(&Part::Points.of_results(results)),
            search::claims(&Part::Search.of_results(results)),
            images::claims(&Part::Images.of_results(results)),
            dirac::claims(&Part::Dirac.of_results(results)),
        ]
        .concat()
    }

    fn figures(results: &Results<Config>) -> Vec<Figure> {
        [
            points::figures(&Part::Points.of_results(results)),
            search::figures(&Part::Search.of_results(results)),
            images::figures(&Part::Images.of_results(results)),
            dirac::figures(&Part::Dirac.of_results(results)),
        ]
        .concat()
    }
}

/// The parts of the experiment, a module each.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Points,
    Search,
    Images,
    Dirac,
}

impl Part {
    fn of(config: &Config) -> Self {
        match (&config.task, config.rates) {
            (Task::Dirac { .. }, _) => Self::Dirac,
            (Task::Images { .. }, _) => Self::Images,
            (_, Rates::Drawn) => Self::Search,
            (Task::Plane { .. } | Task::Line { .. }, _) => Self::Points,
        }
    }

    fn of_results(self, results: &Results<Config>) -> Results<Config> {
        results.narrow(|config| (Self::of(config) == self).then(|| config.clone()))
    }
}

/// The random streams of this experiment.
fn streams(run: &Run) -> Rng {
    shared::streams(run, "penalty_ablation 2")
}

/// Losses and a penalty.
type Variant = (Objective, Penalty);

const OBJECTIVES: [Objective; 5] = [
    Objective::Minimax,
    Objective::NonSaturating,
    Objective::LeastSquares,
    Objective::Hinge,
    Objective::Wasserstein,
];

const fn dragan(weight: f64, near: Perturbation) -> Penalty {
    Penalty::Dragan { weight, near, of_probability: false }
}

/// Returns every penalty at one weight, in the order of the figures.
const fn penalties(weight: f64) -> [Penalty; 10] {
    let one_sided = Perturbation::OneSided;
    [
        Penalty::None,
        Penalty::WeightClip { bound: 0.1 },
        Penalty::Gradient { weight },
        dragan(weight, one_sided),
        dragan(weight, Perturbation::Centred),
        dragan(weight, Perturbation::Normal { deviation: 0.5 }),
        Penalty::Dragan { weight, near: one_sided, of_probability: true },
        Penalty::R1 { weight },
        Penalty::R2 { weight },
        Penalty::Roth { weight },
    ]
}

/// Weight of penalties on points, where a claim does not say another; that on images is ten times it.
const WEIGHT: f64 = 1.0;

/// Returns NS-GAN, and the variants that Fedus et al. compare with it: GAN-GP, DRAGAN-NS, WGAN-GP.
const fn compared(weight: f64) -> [Variant; 4] {
    let [none, _, gp, dragan, ..] = penalties(weight);
    [
        (Objective::NonSaturating, none),
        (Objective::NonSaturating, gp),
        (Objective::NonSaturating, dragan),
        (Objective::Wasserstein, gp),
    ]
}

/// The colour of a variant.
fn colour((objective, penalty): Variant) -> Colour {
    colour::variant(objective, penalty)
}

/// Read in its abstract alone, and in a reader's notes; what is known of its sections is named where it is used.
const FEDUS: &str = "Fedus et al. 2018 (1710.08446)";
const MESCHEDER: &str = "Mescheder et al. 2018 (1801.04406)";
const LUCIC: &str = "Lucic et al. 2018 (1711.10337)";

/// The rows of an arm.
type Rows<'a> = Vec<&'a Row<Config>>;

/// What a run counts that diverged, or that ended even further away: no better than anything that stayed a number.
const FAR: f64 = 10.0;

/// The logarithm of a run's distance, of a lost run as of one that is far.
fn log_distance(row: &Row<Config>) -> f64 {
    row.value("distance").map_or(FAR, |distance| distance.min(FAR)).ln()
}

/// Returns the fewest updates among compared arms, the gate of a claim whose verdict the length of training decides;
/// `None` where the results lack an arm.
fn fewest_updates(arms: &[&Rows]) -> Option<f64> {
    let of_arm = |rows: &&Rows| rows.iter().map(|row| row.config.steps).min();
    let fewest: Option<Vec<u64>> = arms.iter().map(of_arm).collect();
    fewest?.into_iter().min().map(|steps| steps as f64)
}

/// Returns the mean of samples over the seeds that all of them have.
fn mean_of(samples: &[Sample]) -> Sample {
    let total = samples.iter().cloned().reduce(|a, b| join(&a, &b, |x, y| x + y));
    let values = total.map_or_else(BTreeMap::new, |total| total.values);
    let count = samples.len() as f64;
    Sample {
        values: values.into_iter().map(|(seed, x)| (seed, x / count)).collect(),
        diverged: samples.iter().map(|sample| sample.diverged).sum(),
    }
}

fn log_axis(label: &str) -> Axis {
    Axis::new(label).scaled(Scale::Log)
}

fn main() -> ExitCode {
    lab::main::<PenaltyAblation>()
}
