//! Ring and grid (C10, C11): who covers the modes, and who is precise, with equal generators?
//!
//! Every method learns both mixtures from a latent of two numbers, so that codes can be counted in the plane.

mod claims;
mod figures;

pub(crate) use claims::claims;
pub(crate) use figures::{animations, figures};

use gan::data::{GaussianMixture, Target as _};
use gan::device::per_member;
use gan::vae::DecoderSigma;
use gan::{Adam, Rng};
use garde::Validate;
use lab::{Arm, Array, Diverged, Profile, Results, Row, Run};
use serde::{Deserialize, Serialize};
use shared::{Outcomes, Resumable, Task, array, looks, points, summary};
use stats::modes::Mixture;
use tch::{Kind, Tensor};

use crate::method::{AlphaGan, Method, Named, ablations, compared};
use crate::model::{Learner, Model};
use crate::nets::{Nets, POINT};
use crate::plane::{CODES, divergence};
use crate::streams;

/// One method on one mixture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What is learned.
    #[garde(skip)]
    target: Target,
    /// Who learns.
    #[garde(dive)]
    learner: Learner,
}

/// A mixture of equal Gaussians.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Target {
    /// Eight modes, radius 2, sigma 0.02.
    Ring,
    /// 25 modes, spacing 2, sigma 0.05.
    Grid,
}

impl Target {
    fn mixture(self) -> GaussianMixture {
        match self {
            Self::Ring => GaussianMixture::ring(8, 2.0, 0.02),
            Self::Grid => GaussianMixture::grid(5, 2.0, 0.05),
        }
    }
}

impl Task for Config {
    fn cost(&self) -> f64 {
        self.learner.cost(POINT.dim())
    }
}

/// The methods of each mixture: all, and on the grid alpha-GAN's ablations and weights too.
fn methods(target: Target) -> Vec<Named> {
    let mut methods = compared(DecoderSigma::Learned, PENALTY);
    match target {
        Target::Ring => {
            methods.push(("VAE-sigma-0.02", Method::Vae { sigma: DecoderSigma::Fixed(0.02) }));
        }
        Target::Grid => {
            methods.extend(ablations());
            let weighing = |weight| Method::AlphaGan(AlphaGan { weight, ..AlphaGan::WHOLE });
            methods.extend([
                ("alpha-GAN-weight-1", weighing(1.0)),
                ("alpha-GAN-weight-100", weighing(100.0)),
            ]);
        }
    }
    methods
}

/// Weight of gradient penalties: that which suits points (`penalty_ablation`).
const PENALTY: f64 = 1.0;
/// Seeds that train as one stack.
const STACK: u64 = 10;
/// Methods of which `quick` shows a short run on the ring, and their seeds.
const SHORT: [&str; 3] = ["NS-GAN", "VAE", "alpha-GAN"];
const SHORT_STACK: u64 = 5;
/// What their arms' names end with.
const SHORT_RUN: &str = "/short";

fn arm_name(target: Target, method: &str) -> String {
    format!("{}/{method}", shared::name(&target))
}

type Rows<'a> = Vec<&'a Row<Config>>;

fn rows<'a>(results: &'a Results<Config>, target: Target, method: &str) -> Rows<'a> {
    results.arm(&arm_name(target, method))
}

fn short_name(method: &str) -> String {
    arm_name(Target::Ring, method) + SHORT_RUN
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let (width, batch, steps, seeds) = match profile {
        Profile::Smoke => (8, 16, 3, 2),
        Profile::Quick | Profile::Reference => (64, 64, UPDATES, 20),
        Profile::Full => (128, 512, 100_000, 20),
    };
    let mut arms = Vec::new();
    for target in [Target::Ring, Target::Grid] {
        for (name, method) in methods(target) {
            let learner = Learner {
                method,
                encoder: method.encoder(),
                nets: Nets { latent: 2, width, maps: vec![] },
                adam: Adam::new(1e-3, 0.5, 0.999),
                batch,
                steps,
            };
            let arm = |name: String, learner| {
                Arm::new(name, Config { target, learner }).with_seeds(seeds, STACK)
            };
            if profile == Profile::Reference && target == Target::Ring && SHORT.contains(&name) {
                let learner = Learner { steps: UPDATES / 10, ..learner.clone() };
                let short = arm(short_name(name), learner).with_seeds(SHORT_STACK, SHORT_STACK);
                arms.push(short.as_demonstration());
            }
            arms.push(arm(arm_name(target, name), learner));
        }
    }
    arms
}

/// Updates that claims need.
const UPDATES: u64 = 30_000;
/// Updates between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 50;
/// Looks after the start.
const LOOKS: u64 = 20;
/// Samples behind a count, points behind a reconstruction, samples that figures and frames show.
const COUNTED: i64 = 2_500;
const ENCODED: i64 = 20_000;
const SHOWN: i64 = 500;
const IN_FRAME: i64 = 200;

/// Trains a method on fresh points and counts what its samples cover.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { target, learner } = config;
    let mixture = target.mixture();
    let counted = Mixture { centres: mixture.distinct_centres(), sigma: mixture.sigma };
    let root = streams(run);
    let mut model = Model::new(learner, POINT, &root);
    let due = looks(learner.steps, LOOKS);
    let start = model.resume(run);
    for step in start..=learner.steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            model.keep(run, (step, learner.steps))?;
        }
        if let Ok(look) = due.binary_search(&step) {
            let mut eval = root.fork(&format!("eval {step}"));
            let [_, samples] = model.sample(learner, &mut eval, COUNTED);
            for i in 0..run.seeds.len() {
                let coverage = counted.coverage(&points(&samples, i));
                run.trace(i, "modes_held", step, coverage.modes_held as f64);
                run.trace(i, "high_quality_3", step, coverage.high_quality[1]);
            }
            if run.seeds[0] == 0 && *target == Target::Ring {
                run.sample(0, &format!("frame {look:02}"), first(&samples, 0, IN_FRAME));
            }
        }
        if step == learner.steps {
            break;
        }
        let x = mixture.sample(&mut model.data, learner.batch);
        learner.method.update(learner, &mut model, &x);
    }
    Ok(outcomes(config, &counted, &mut model, &root, run))
}

/// The first rows of a member.
fn first(x: &Tensor, member: usize, count: i64) -> Array {
    array(&x.select(0, member as i64).narrow(0, 0, count))
}

/// The numbers that each member ends with.
fn outcomes(
    Config { target, learner }: &Config,
    counted: &Mixture,
    model: &mut Model,
    root: &Rng,
    run: &mut Run,
) -> Vec<Result<lab::Summary, Diverged>> {
    let _guard = tch::no_grad_guard();
    let eval = root.fork("end");
    let [means, samples] = model.sample(learner, &mut eval.fork("samples"), COUNTED);
    let encoded = model.encoder.is_some().then(|| {
        model.noise = eval.fork("noise");
        let x = target.mixture().sample(&mut eval.fork("points"), ENCODED);
        let codes = model.encode(learner, &x).z;
        let error = (model.generator.apply(&codes) - &x).norm_scalaropt_dim(2, [2i64], false);
        (codes, per_member(&error.mean_dim([1i64].as_slice(), false, None::<Kind>)))
    });
    let prior = CODES.of_prior();
    let mut all = Vec::new();
    for i in 0..run.seeds.len() {
        let cloud = points(&samples, i);
        if cloud.iter().flatten().any(|x| !x.is_finite()) {
            all.push(Err(Diverged { step: learner.steps, what: "samples".to_owned() }));
            continue;
        }
        let coverage = counted.coverage(&cloud);
        let held = coverage.modes_held as f64;
        let precise = coverage.high_quality[1];
        let mut numbers = vec![
            ("modes_held", held),
            ("basins_held", coverage.basins_held as f64),
            ("high_quality_3", precise),
            ("score", held / counted.centres.len() as f64 * precise),
        ];
        if learner.method.sigma().is_some() {
            let of_means = counted.coverage(&points(&means, i));
            numbers.push(("high_quality_3_of_means", of_means.high_quality[1]));
        }
        if let Some((codes, errors)) = &encoded {
            numbers.push(("reconstruction", errors[i]));
            numbers.push(("code_kl", divergence(&CODES.shares(&points(codes, i)), &prior)));
        }
        if run.seeds[i] == 0 {
            run.sample(i, "samples", first(&samples, i, SHOWN));
        }
        all.push(summary(learner.steps, numbers));
    }
    all
}
