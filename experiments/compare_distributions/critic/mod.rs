//! What does a network find out about two laws on the line from fresh samples?
//!
//! It learns the probability that a sample is real, by a scoring rule (`scoring`, F01), or the bound of a divergence
//! (`bounds`, F03), and is compared with the exact log-ratio by quadrature.

mod bounds;
mod scoring;

use gan::device::per_member;
use gan::objective::{Divergence, ScoringRule};
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Rng, range};
use garde::Validate;
use lab::{Arm, Claim, Diverged, Figure, Profile, Results, Run, Summary};
use serde::{Deserialize, Serialize};
use shared::{Outcomes, Resumable, Task, array, name, summary};
use tch::{Device, Kind, Tensor};

use crate::pair::Pair;
use crate::{seeds, streams};

/// One critic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The laws.
    #[garde(dive, custom(on_the_line()))]
    pair: Pair,
    /// What it minimises.
    #[garde(skip)]
    loss: Loss,
    /// Its updates.
    #[garde(custom(range::steps))]
    steps: u64,
}

/// What a critic minimises.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Loss {
    /// The risk of a scoring rule: class-probability estimation.
    Risk(ScoringRule),
    /// The negative variational bound of a divergence.
    Bound(Divergence),
}

/// Checks that a critic's laws are on the line, where quadrature measures it.
fn on_the_line() -> impl FnOnce(&Pair, &()) -> garde::Result {
    |pair, ()| match pair.dim() {
        1 => Ok(()),
        _ => Err(garde::Error::new("a critic compares laws on the line")),
    }
}

impl Task for Config {
    fn cost(&self) -> f64 {
        6.0 * self.steps as f64
    }
}

fn arm_name(pair: Pair, loss: Loss) -> String {
    format!("critic/{}/{}", name(&pair), name(&loss))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    [scoring::arms(profile), bounds::arms(profile)].concat()
}

/// One arm, of which `quick` takes so many seeds.
fn arm(profile: Profile, config: Config, quick_seeds: u64) -> Arm<Config> {
    const STACK: u64 = 10;
    let arm = Arm::new(arm_name(config.pair, config.loss), config);
    arm.with_seeds(seeds(profile, STACK), STACK).with_quick_seeds(quick_seeds)
}

/// Samples of each law in an update.
const BATCH: i64 = 256;
/// Updates between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 200;

shared::state! {
    /// The critic, and where it draws from.
    struct State {
        critic: Player<Mlp>,
        data: Rng,
    }
}

/// Trains a critic and measures what it knows of the ratio.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { pair, loss, steps } = *config;
    let root = streams(run);
    let net = Mlp::new(&[1, 64, 64, 1], Activation::Tanh);
    let adam = Adam::new(1e-3, 0.9, 0.999);
    let mut state =
        State { critic: Player::new(net, adam, &mut root.fork("critic")), data: root.fork("data") };
    let start = state.resume(run);
    for step in start..steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (step, steps))?;
        }
        let [real, fake] = pair.sample(&mut state.data, BATCH, BATCH);
        let outputs = state.critic.apply(&Tensor::cat(&[real, fake], 1));
        let (real, fake) = (outputs.narrow(1, 0, BATCH), outputs.narrow(1, BATCH, BATCH));
        state.critic.descend(&match loss {
            Loss::Risk(rule) => rule.risk(&real, &fake),
            Loss::Bound(divergence) => -divergence.bound(&real, &fake),
        });
    }
    Ok(measure(config, &state.critic, run))
}

/// Points of the quadrature, from -8 to 8, and their distance.
const POINTS: i64 = 1_601;
const STEP: f64 = 0.01;
/// Every so many of them is kept for the figure.
const EVERY: i64 = 10;

/// Metrics with their values, one for each member.
type Metrics = Vec<(&'static str, Vec<f64>)>;

/// The points of the quadrature with both laws at them, `[1, POINTS]` each, in double precision.
struct Quadrature {
    x: Tensor,
    p: Tensor,
    q: Tensor,
    log_ratio: Tensor,
}

impl Quadrature {
    fn of(pair: Pair) -> Self {
        let half = (POINTS - 1) as f64 * STEP / 2.0;
        let x = (Tensor::arange(POINTS, (Kind::Double, Device::Cpu)) * STEP - half).unsqueeze(0);
        let points = x.unsqueeze(2);
        let [p, q] = pair.densities(&points);
        Self { log_ratio: pair.log_ratio(&points), x, p, q }
    }
}

/// The integral of values on the line, `[members, POINTS]`.
fn integral(values: &Tensor) -> Vec<f64> {
    per_member(&(values * STEP).sum_dim_intlist([1i64].as_slice(), false, Kind::Double))
}

/// Compares the critic on the line with the exact ratio.
fn measure(config: &Config, critic: &Player<Mlp>, run: &mut Run) -> Vec<Result<Summary, Diverged>> {
    let _guard = tch::no_grad_guard();
    let quadrature = Quadrature::of(config.pair);
    let inputs = quadrature.x.unsqueeze(2).to_kind(Kind::Float);
    let members = run.seeds.len();
    let inputs = inputs.expand([members as i64, -1, -1], false);
    let outputs = critic.apply(&inputs).to_kind(Kind::Double).to_device(Device::Cpu).squeeze_dim(2);
    let metrics = match config.loss {
        Loss::Risk(rule) => scoring::metrics(rule, &quadrature, &outputs),
        Loss::Bound(divergence) => bounds::metrics(divergence, &quadrature, &outputs),
    };
    let of_member = |i: usize| {
        let ends = [quadrature.x.select(0, 0), outputs.select(0, i as i64)];
        let curve = ends.map(|values| values.slice(0, 0, POINTS, EVERY));
        run.sample(i, "outputs", array(&Tensor::stack(&curve, 1)));
        summary(config.steps, metrics.iter().map(|(name, values)| (*name, values[i])))
    };
    (0..members).map(of_member).collect()
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    [scoring::claims(results), bounds::claims(results)].concat()
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![scoring::figure(results), bounds::figure(results)]
}
