//! Behavioural cloning: the expert's commands are labels of its states.

use gan::device::{per_member, to_vec};
use gan::optim::Player;
use gan::{Mlp, Params, Rng};
use lab::Run;
use shared::{Outcomes, Plain, Resumable, summary};
use tch::{Kind, Tensor};

use super::Config;
use super::demonstrations::Demonstrations;
use super::measure::Measure;
use crate::expert::HIDDEN;
use crate::rollout::policy;
use crate::streams;

shared::state! {
    /// The policy, and the one that was best on pairs that it did not learn from.
    struct State {
        policy: Player<Mlp>,
        best: Params,
        least: Plain<Vec<f64>>,
    }
}

/// Share of the pairs that only choose when to stop, and updates between two looks at them: the source's split.
const HELD: f64 = 0.3;
const LOOK_EVERY: u64 = 10;

/// Learns labels and keeps the policy with the least surprise on the pairs held back.
pub(crate) fn run(
    config: &Config,
    known: &Demonstrations,
    measure: &Measure,
    run: &mut Run,
) -> Outcomes {
    let root = streams(run);
    let [learnt, held] = split(known, &root);
    let policy = policy(config.task, HIDDEN, &mut root.fork("policy"));
    let best = policy.params.snapshot();
    let mut state = State { policy, best, least: Plain(vec![f64::MAX; run.seeds.len()]) };
    let start = state.resume(run);
    for step in start..config.iterations {
        if step > start && step % 100 == 0 {
            state.keep(run, (step, config.iterations))?;
        }
        if step % LOOK_EVERY == 0 {
            state.look(known, &held);
        }
        let loss = state.surprise(known, &learnt);
        state.policy.descend(&loss);
    }
    state.look(known, &held);
    state.policy.params.set(state.best.flat());
    let numbers = measure.of_policy(&state.policy, &root, run);
    Ok(numbers.into_iter().map(|numbers| summary(config.iterations, numbers)).collect())
}

impl State {
    /// The mean surprise at the expert's commands, `[members]`.
    fn surprise(&self, known: &Demonstrations, weights: &Tensor) -> Tensor {
        let log = self.policy.apply(&known.features).log_softmax(-1, weights.kind());
        let chosen = log.gather(2, &known.actions, false) * weights;
        -chosen.sum_dim_intlist([1i64, 2].as_slice(), false, None::<Kind>)
    }

    fn look(&mut self, known: &Demonstrations, held: &Tensor) {
        let _guard = tch::no_grad_guard();
        let found = per_member(&self.surprise(known, held));
        for (member, (least, found)) in self.least.0.iter_mut().zip(found).enumerate() {
            if found < *least {
                *least = found;
                let row = |params: &Params| params.flat().detach().select(0, member as i64);
                row(&self.best).copy_(&row(&self.policy.params));
            }
        }
    }
}

/// Weights of the pairs that are learnt from and of those held back, each a mean, `[members, rows, 1]`.
fn split(known: &Demonstrations, root: &Rng) -> [Tensor; 2] {
    let size = known.weights.size();
    let rows = size[1] as usize;
    let uniform = to_vec(&root.fork("split").uniform(&[size[1]]));
    let (mut learnt, mut held) = (vec![0.0; uniform.len()], vec![0.0; uniform.len()]);
    for (member, &count) in known.counts.iter().enumerate() {
        let mut order: Vec<usize> = (member * rows..member * rows + count).collect();
        order.sort_by(|a, b| uniform[*a].total_cmp(&uniform[*b]));
        let (back, rest) = order.split_at(((count as f64 * HELD) as usize).max(1).min(count - 1));
        for (weights, rows) in [(&mut learnt, rest), (&mut held, back)] {
            for &row in rows {
                weights[row] = 1.0 / rows.len() as f64;
            }
        }
    }
    let like = |weights: Vec<f64>| {
        Tensor::from_slice(&weights)
            .to_kind(known.weights.kind())
            .to_device(known.weights.device())
            .reshape(&size)
    };
    [like(learnt), like(held)]
}
