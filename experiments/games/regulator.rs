//! An actor and a critic that regulate a linear system (F14), where the best policy is known: do stabilisers of GANs steady
//! an actor-critic method, beside its own target critic?

use gan::optim::Player;
use gan::{Activation, Adam, Graph, Mlp, Params, Rng, range};
use garde::Validate;
use lab::figure::{Axis, Layer, Scale};
use lab::{Arm, Claim, Diverged, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{panel, seeds_of};
use shared::colour::SERIES;
use shared::{Outcomes, Plain, Resumable, Task, looks, summary};
use stats::robust;
use tch::{Kind, Tensor};

use crate::stabiliser::{Exchange, Stabiliser, follow, mean};
use crate::streams;

/// One actor with its critic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What should steady it.
    #[garde(custom(EXCHANGE.check()))]
    stabiliser: Stabiliser,
    /// Transitions of a turn.
    #[garde(custom(range::batch))]
    batch: i64,
    /// Turns.
    #[garde(custom(range::steps))]
    steps: u64,
}

/// The target critic of its own, and three stabilisers of GANs.
const EXCHANGE: Exchange = Exchange {
    part: "regulator",
    stabilisers: &[
        Stabiliser::Nothing,
        Stabiliser::TargetCritic,
        Stabiliser::LabelSmoothing,
        Stabiliser::FrozenCritic,
        Stabiliser::MinibatchFeatures,
    ],
    oscillation: "deviation of the policy's excess cost over the last 20 looks",
    gate: (
        "mean `excess` cost over the best policy's without a stabiliser",
        "excess",
        Region::Below(0.5),
    ),
    figure: "regulator.svg",
};

impl Task for Config {
    fn cost(&self) -> f64 {
        self.steps as f64 * 2.0
    }
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let (batch, steps, seeds) = match profile {
        Profile::Smoke => (8, 3, 2),
        Profile::Quick | Profile::Reference => (128, 4_000, 20),
        Profile::Full => (512, 50_000, 20),
    };
    let config = |stabiliser| Config { stabiliser, batch, steps };
    EXCHANGE.arms(seeds, &[Stabiliser::Nothing], config)
}

/// A mass on a line with place and speed, pushed: `s' = A s + B a`, cost `|s|^2 + a^2 / 10` a step, discounted.
const A: [[f64; 2]; 2] = [[1.0, 0.2], [0.0, 1.0]];
const B: [f64; 2] = [0.0, 0.2];
const EFFORT: f64 = 0.1;
const DISCOUNT: f64 = 0.95;
/// Deviation of the actor's exploration.
const EXPLORATION: f64 = 0.5;
const SMOOTHED: f64 = 0.1;
/// Starts of an evaluation, its steps, the looks at a run, and the last of them over which oscillation is taken.
const STARTS: i64 = 256;
const HORIZON: usize = 100;
const LOOKS: u64 = 40;
const LAST: usize = 20;
const CHECKPOINT_CHANCE: u64 = 50;

/// State after an action, and its cost, of states `[.., 2]` and actions `[.., 1]`.
fn step(state: &Tensor, action: &Tensor) -> (Tensor, Tensor) {
    let like = |values: Tensor| values.to_kind(state.kind()).to_device(state.device());
    let next =
        state.matmul(&like(Tensor::from_slice2(&A)).tr()) + action * like(Tensor::from_slice(&B));
    let squares = state.square().sum_dim_intlist([2i64].as_slice(), true, None::<Kind>);
    (next, squares + action.square() * EFFORT)
}

/// The discounted cost of a policy from each start, `[members, starts, 1]`.
fn cost(starts: &Tensor, policy: impl Fn(&Tensor) -> Tensor) -> Tensor {
    let mut state = starts.shallow_clone();
    let mut total = starts.narrow(2, 0, 1).zeros_like();
    for t in 0..HORIZON {
        let (next, cost) = step(&state, &policy(&state));
        total += cost * DISCOUNT.powi(t as i32);
        state = next;
    }
    total
}

/// The gain K of the best policy `a = -K s`, by Riccati's recursion.
fn best_gain() -> [f64; 2] {
    let mut value = [[1.0, 0.0], [0.0, 1.0]];
    let mut gain = [0.0; 2];
    for _ in 0..1_000 {
        // With P the value: K = d B'PA / (r + d B'PB), P' = I + d A'P(A - B K).
        let bp = [0, 1].map(|j| B[0] * value[0][j] + B[1] * value[1][j]);
        let bpa = [0, 1].map(|j| bp[0] * A[0][j] + bp[1] * A[1][j]);
        let denominator = EFFORT + DISCOUNT * (bp[0] * B[0] + bp[1] * B[1]);
        gain = bpa.map(|x| DISCOUNT * x / denominator);
        let closed = [0, 1].map(|i| [0, 1].map(|j| A[i][j] - B[i] * gain[j]));
        let ap = [0, 1].map(|i| [0, 1].map(|j| A[0][i] * value[0][j] + A[1][i] * value[1][j]));
        value = [0, 1].map(|i| {
            [0, 1].map(|j| {
                let product = ap[i][0] * closed[0][j] + ap[i][1] * closed[1][j];
                f64::from(u8::from(i == j)) + DISCOUNT * product
            })
        });
    }
    gain
}

fn best_policy(state: &Tensor) -> Tensor {
    let gain = Tensor::from_slice(&best_gain()).to_kind(state.kind()).to_device(state.device());
    -(state * gain).sum_dim_intlist([2i64].as_slice(), true, None::<Kind>)
}

shared::state! {
    /// Actor and critic, the average critic, and where they draw from.
    struct State {
        actor: Player<Mlp>,
        critic: Player<Mlp>,
        average: Params,
        states: Rng,
        exploration: Rng,
        lost: Plain<Vec<Option<Diverged>>>,
    }
}

/// The critic's value of pairs of state and action.
fn value(
    stabiliser: Stabiliser,
    net: &Mlp,
    params: &Params,
    state: &Tensor,
    action: &Tensor,
) -> Tensor {
    net.forward(params.views(), &stabiliser.read(Tensor::cat(&[state, action], 2)))
}

/// Trains by the deterministic policy gradient on fresh transitions.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { stabiliser, batch, steps } = *config;
    let (root, adam) = (streams(run), Adam::new(1e-3, 0.9, 0.999));
    let player = |widths: &[i64], label| {
        Player::new(Mlp::new(widths, Activation::Relu), adam, &mut root.fork(label))
    };
    let critic = player(&[stabiliser.inputs(3), 64, 64, 1], "critic");
    let mut state = State {
        actor: player(&[2, 32, 1], "actor"),
        average: critic.params.snapshot(),
        critic,
        states: root.fork("states"),
        exploration: root.fork("exploration"),
        lost: Plain(vec![None; run.seeds.len()]),
    };
    let looks = looks(steps, LOOKS);
    let starts = root.fork("starts").normal(&[STARTS, 2]);
    let best = gan::device::per_member(&mean(&cost(&starts, best_policy)));
    let start = state.resume(run);
    for turn in start..=steps {
        if turn > start && turn % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (turn, steps))?;
        }
        if looks.binary_search(&turn).is_ok() {
            let _guard = tch::no_grad_guard();
            let costs = gan::device::per_member(&mean(&cost(&starts, |s| state.actor.apply(s))));
            for (i, (cost, best)) in costs.iter().zip(&best).enumerate() {
                if cost.is_finite() {
                    run.trace(i, "excess", turn, cost / best - 1.0);
                } else if state.lost.0[i].is_none() {
                    state.lost.0[i] = Some(Diverged { step: turn, what: "cost".to_owned() });
                }
            }
        }
        if turn == steps {
            break;
        }
        let before = state.states.normal(&[batch, 2]);
        if stabiliser.moves_critic(turn) {
            let explored = state.exploration.normal(&[batch, 1]) * EXPLORATION;
            let target = {
                let _guard = tch::no_grad_guard();
                let action = state.actor.apply(&before) + &explored;
                let (after, cost) = step(&before, &action);
                let critic = stabiliser.teacher(&state.critic.params, &state.average);
                let next = state.actor.apply(&after);
                let target =
                    cost + value(stabiliser, &state.critic.net, critic, &after, &next) * DISCOUNT;
                let centre = target.mean_dim([1i64].as_slice(), true, None::<Kind>);
                let drawn = if stabiliser == Stabiliser::LabelSmoothing { SMOOTHED } else { 0.0 };
                (action, target.lerp(&centre.expand_as(&target), drawn))
            };
            let (action, target) = target;
            let critic = &state.critic;
            let found = value(stabiliser, &critic.net, &critic.params, &before, &action);
            let loss = mean(&(found - target).square());
            let gradient = critic.gradient(&loss, Graph::Free);
            state.critic.step(&gradient);
            follow(&mut state.average, &state.critic.params);
        }
        // Values are costs: the actor descends them.
        let action = state.actor.apply(&before);
        let critic = &state.critic;
        let loss = mean(&value(stabiliser, &critic.net, &critic.params, &before, &action));
        state.actor.descend(&loss);
    }
    let of_member = |(i, lost): (usize, Option<Diverged>)| {
        if let Some(diverged) = lost {
            return Err(diverged);
        }
        let excess: Vec<f64> = run.traced(i, "excess").iter().map(|x| x.1).collect();
        let last = &excess[excess.len().saturating_sub(LAST)..];
        let oscillation = robust::standard_deviation(last);
        summary(steps, [("excess", robust::mean(last)), ("oscillation", oscillation)])
    };
    Ok(state.lost.0.into_iter().enumerate().map(of_member).collect())
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let claimed = [
        (
            "games.F14d",
            "Smoothed targets make an actor-critic method oscillate less.",
            Stabiliser::LabelSmoothing,
        ),
        (
            "games.F14e",
            "A critic that is frozen at every second turn makes an actor-critic method oscillate less.",
            Stabiliser::FrozenCritic,
        ),
        (
            "games.F14f",
            "Minibatch features make an actor-critic method oscillate less.",
            Stabiliser::MinibatchFeatures,
        ),
    ];
    EXCHANGE.claims(results, &claimed)
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let compared = |metric: &str, x: &str| {
        EXCHANGE.compared(results, metric, Axis::new(x).low_is_better().scaled(Scale::Log))
    };
    let layers = EXCHANGE.stabilisers.iter().zip(SERIES).filter_map(|(stabiliser, colour)| {
        let rows = EXCHANGE.rows(results, *stabiliser);
        let trace = rows.first()?.traces.get("excess")?;
        let points = trace.iter().map(|(step, excess)| (*step as f64, excess.max(1e-4))).collect();
        Some(Layer::Line { label: stabiliser.label(), colour, points })
    });
    let y = Axis::new("excess cost, seed 0").scaled(Scale::Log);
    let over_time = panel("", Axis::new("turn"), y, layers.collect());
    vec![Figure {
        name: "regulator".into(),
        title: "Stabilisers of GANs on an actor-critic method whose best policy is known".into(),
        caption: format!("Bars: medians of {} with their 95 % intervals.", seeds_of(results)),
        columns: 3,
        height: 210,
        panels: vec![
            compared("oscillation", "oscillation of the excess cost"),
            compared("excess", "excess cost, mean of the last looks"),
            over_time,
        ],
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan::device::to_vec;
    use gan::rng::double;

    /// No policy near the best gain does better, in either direction of either number.
    #[test]
    fn the_best_gain_is_best() {
        let starts = double(&[0]).normal(&[64, 2]);
        let total = |gain: [f64; 2]| {
            let gain = Tensor::from_slice(&gain);
            let policy =
                |s: &Tensor| -(s * &gain).sum_dim_intlist([2i64].as_slice(), true, None::<Kind>);
            to_vec(&cost(&starts, policy)).iter().sum::<f64>()
        };
        let best = best_gain();
        for i in [0, 1] {
            for by in [-0.05, 0.05] {
                let mut other = best;
                other[i] += by;
                assert!(total(other) > total(best), "{best:?} and {other:?}");
            }
        }
    }
}
