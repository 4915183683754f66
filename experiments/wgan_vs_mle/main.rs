//! The same flow trained by maximum likelihood, by Wasserstein GAN and by both.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod chart;
mod config;
mod critics;
mod data;
mod digits;
mod flow;
mod look;
mod measure;
mod metrics;
mod mnist;
mod parzen;
mod plane;
mod race;
mod real_nvp;
mod train;

use std::path::Path;
use std::process::ExitCode;

use gan::Rng;
use lab::{Arm, Backend, Claim, Experiment, Figure, Metric, Profile, Region, Results, Row, Run};
use shared::{Outcomes, Source, is_pictured};

use config::{Config, Training};
use digits::memory;

struct WganVsMle;

impl Experiment for WganVsMle {
    const NAME: &'static str = "wgan_vs_mle";
    const ABOUT: &'static str =
        "One flow, trained by maximum likelihood, by Wasserstein GAN and by both";
    const EPOCH: u32 = 7;
    type Config = Config;

    fn backend() -> Backend {
        shared::backend()
    }

    fn arms(profile: Profile) -> Vec<Arm<Config>> {
        [plane::arms, race::arms, digits::arms, mnist::arms, real_nvp::arms]
            .into_iter()
            .flat_map(|part| part(profile))
            .collect()
    }

    fn cost(config: &Config) -> f64 {
        let per_step = match &config.training {
            Training::MaximumLikelihood => 1.0,
            Training::Wasserstein { critic, .. } => 2.0 + 1.5 * f64::from(critic.steps),
            Training::Race { .. } => 1.5,
            Training::Memorise => 0.01,
        };
        // Stacks of ten small flows, of five middle ones, and a large one take about as long a step.
        per_step * config.steps as f64
    }

    fn prepare(config: &Config, data_dir: &Path) -> Result<(), String> {
        shared::data::prepare(config.data.images(), data_dir)
    }

    fn run(config: &Config, run: &mut Run) -> Outcomes {
        match config.training {
            Training::MaximumLikelihood | Training::Wasserstein { .. } => train::run(config, run),
            Training::Memorise => memory::run(config, run),
            Training::Race { .. } => race::run(config, run),
        }
    }

    fn metrics() -> &'static [Metric] {
        &metrics::METRICS
    }

    fn claims(results: &Results<Config>) -> Vec<Claim> {
        [digits::claims, mnist::claims, plane::claims, race::claims]
            .into_iter()
            .flat_map(|part| part(results))
            .collect()
    }

    fn figures(results: &Results<Config>) -> Vec<Figure> {
        [digits::figures, mnist::figures, critics::figures, plane::figures]
            .into_iter()
            .flat_map(|part| part(results))
            .collect()
    }
}

/// Tables 1 to 3 and figures 2 and 4 were seen, and the released code.
const FLOW_GAN: Source = Source::read("Grover et al. 2018, Flow-GAN (1705.08868)");
/// Of the paper itself only the abstract was seen.
const DANIHELKA: Source = Source::read("Danihelka et al. 2017 (1705.05263)");
/// What a reader's notes tell of it.
const DANIHELKA_TOLD: Source = Source::second_hand("Danihelka et al. 2017 (1705.05263)");

/// Ways to train a flow, as the names of arms end.
const LIKELIHOOD: &str = "likelihood";
const WGAN: &str = "wgan";
/// Weight 1.
const HYBRID: &str = "hybrid-1";

/// The runs of an arm.
type Rows<'a> = Vec<&'a Row<Config>>;

/// The run whose arrays were kept for figures.
fn pictured<'a>(rows: &Rows<'a>) -> Option<&'a Row<Config>> {
    rows.iter().find(|row| is_pictured(row.seed)).copied()
}

/// The random streams of this experiment.
fn streams(run: &Run) -> Rng {
    shared::streams(run, WganVsMle::NAME)
}

/// The gate of claims about flows of images: what it counts, where it has to lie, and its number.
const UPDATES: &str = "number of updates of every compared flow";
const ENOUGH: Region = Region::Above(19_999.0);

fn updates(arms: &[&Rows]) -> Option<f64> {
    let of_arm = |rows: &&Rows| rows.first().map(|row| row.config.steps as f64);
    arms.iter().map(of_arm).reduce(|a, b| Some(a?.min(b?)))?
}

fn main() -> ExitCode {
    lab::main::<WganVsMle>()
}
