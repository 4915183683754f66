//! How good an imitation is: by the task's return, and by numbers that a return does not see.

use std::collections::BTreeMap;

use gan::Mlp;
use gan::Rng;
use gan::device::to_vec;
use gan::optim::Player;
use lab::{Array, Run};
use tch::Tensor;

use crate::environment::Step;
use crate::expert::{EPISODES, load};
use crate::rollout::{Rollout, features, play, policy, returns};
use crate::task::Task;

/// What policies of a task are compared with: the expert on episodes that nobody learns from, and chance.
pub(crate) struct Measure {
    task: Task,
    expert: Rollout,
    /// The expert's most probable commands in those episodes, for each member.
    commands: Vec<Vec<usize>>,
    expert_returns: Vec<f64>,
    random_returns: Vec<f64>,
    /// Shares of the expert's steps in the cells of states and commands.
    occupancies: Vec<Cells>,
    floors: Vec<f64>,
    again: Rollout,
}

type Numbers = Vec<(&'static str, f64)>;

impl Measure {
    pub(crate) fn new(task: Task, root: &Rng) -> Self {
        let root = root.fork("measure");
        let mut chance = policy(task, crate::expert::HIDDEN, &mut root.fork("chance"));
        chance.params.set(&chance.params.flat().zeros_like());
        let random_returns = returns(&play(task, &chance, &root.fork("random"), EPISODES));
        let known = load(task, &root);
        let expert = play(task, &known, &root.fork("held-out"), EPISODES);
        // From the starts of the policies that will be measured.
        let again = play(task, &known, &root.fork("last"), EPISODES);
        let members = root.members() as usize;
        let commands = (0..members).map(|i| choices(task, &known, &steps(&expert, i), i, &root));
        let commands = commands.collect();
        let occupancies: Vec<Cells> =
            (0..members).map(|i| Cells::new(task, &steps(&expert, i))).collect();
        let floor = |i: usize| occupancies[i].divergence(task, &steps(&again, i));
        let floors = (0..members).map(floor).collect();
        let expert_returns = returns(&expert);
        Self { task, expert, commands, expert_returns, random_returns, occupancies, floors, again }
    }

    /// Returns where returns lie between chance, zero, and the expert, one.
    pub(crate) fn scores(&self, returns: &[f64]) -> Vec<f64> {
        let scale = self.expert_returns.iter().zip(&self.random_returns);
        returns
            .iter()
            .zip(scale)
            .map(|(own, (expert, random))| (own - random) / (expert - random))
            .collect()
    }

    /// Plays a policy's last episodes and returns its numbers, for each member; the first member's first episode is kept
    /// beside the expert's from the same start.
    pub(crate) fn of_policy(
        &self,
        policy: &Player<Mlp>,
        root: &Rng,
        run: &mut Run,
    ) -> Vec<Numbers> {
        let _guard = tch::no_grad_guard();
        let root = root.fork("measure");
        let last = play(self.task, policy, &root.fork("last"), EPISODES);
        for (label, rollout) in [("episode", &last), ("expert_episode", &self.again)] {
            if let Some(episode) = rollout.episodes(0).first() {
                run.sample(0, label, states(episode));
            }
        }
        let found = returns(&last);
        let scores = self.scores(&found);
        let of_member = |i: usize| {
            let is_finite = policy.params.flat().detach().select(0, i as i64).isfinite().all();
            let number = |x: f64| if is_finite.int64_value(&[]) == 1 { x } else { f64::NAN };
            let own = choices(self.task, policy, &steps(&self.expert, i), i, &root);
            let alike = own.iter().zip(&self.commands[i]).filter(|(a, b)| a == b).count();
            vec![
                ("return", number(found[i])),
                ("score", scores[i]),
                ("expert_return", self.expert_returns[i]),
                ("random_return", self.random_returns[i]),
                ("agreement", alike as f64 / own.len() as f64),
                ("divergence", self.occupancies[i].divergence(self.task, &steps(&last, i))),
                ("divergence_of_expert", self.floors[i]),
            ]
        };
        (0..found.len()).map(of_member).collect()
    }
}

/// The steps of a member's first episodes.
fn steps(rollout: &Rollout, member: usize) -> Vec<Step> {
    rollout.episodes(member).into_iter().flatten().collect()
}

/// The most probable commands of one member's policy in the states of some steps.
fn choices(
    task: Task,
    policy: &Player<Mlp>,
    steps: &[Step],
    member: usize,
    like: &Rng,
) -> Vec<usize> {
    let _guard = tch::no_grad_guard();
    let features = features(task, 1, steps.iter().map(|step| step.before), like);
    // One member's states pass through every member's net, of which one is read: the nets lie in one tensor.
    let members = policy.params.flat().size()[0];
    let all = policy.apply(&features.expand([members, -1, -1], false));
    to_vec(&all.select(0, member as i64).argmax(-1, false))
        .into_iter()
        .map(|x| x as usize)
        .collect()
}

/// The states of an episode, `[steps, 4]`.
fn states(episode: &[Step]) -> Array {
    let numbers: Vec<f32> = episode.iter().flat_map(|step| step.before.map(|x| x as f32)).collect();
    shared::array(&Tensor::from_slice(&numbers).reshape([-1, 4]))
}

/// Shares of the steps of an expert in cells: six intervals of every coordinate, between its least, its quartiles and its
/// largest value, for each command.
struct Cells {
    edges: Vec<[f64; 5]>,
    shares: BTreeMap<Vec<usize>, f64>,
}

impl Cells {
    fn new(task: Task, steps: &[Step]) -> Self {
        let environment = task.environment();
        let all: Vec<Vec<f64>> =
            steps.iter().map(|step| environment.coordinates(step.before)).collect();
        let edges = (0..all[0].len()).map(|i| {
            let mut values: Vec<f64> = all.iter().map(|coordinates| coordinates[i]).collect();
            values.sort_by(f64::total_cmp);
            std::array::from_fn(|quarter| values[quarter * (values.len() - 1) / 4])
        });
        let mut cells = Self { edges: edges.collect(), shares: BTreeMap::new() };
        cells.shares = cells.count(task, steps);
        cells
    }

    fn count(&self, task: Task, steps: &[Step]) -> BTreeMap<Vec<usize>, f64> {
        let mut shares = BTreeMap::new();
        for step in steps {
            let place =
                |(x, edges): (f64, &[f64; 5])| edges.iter().filter(|edge| x > **edge).count();
            let coordinates = task.environment().coordinates(step.before);
            let mut cell: Vec<usize> =
                coordinates.into_iter().zip(&self.edges).map(place).collect();
            cell.push(step.action);
            *shares.entry(cell).or_insert(0.0) += 1.0 / steps.len() as f64;
        }
        shares
    }

    /// Returns the Jensen-Shannon divergence of other steps, in nats: at most ln 2.
    fn divergence(&self, task: Task, steps: &[Step]) -> f64 {
        let own = self.count(task, steps);
        let to_middle = |p: &BTreeMap<Vec<usize>, f64>, q: &BTreeMap<Vec<usize>, f64>| -> f64 {
            let term = |(cell, p): (&Vec<usize>, &f64)| {
                p * (2.0 * p / (p + q.get(cell).copied().unwrap_or(0.0))).ln()
            };
            p.iter().map(term).sum()
        };
        0.5 * (to_middle(&self.shares, &own) + to_middle(&own, &self.shares))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    fn at(x: f64) -> Step {
        let before = [x, 0.5 * x, 0.0, 0.0];
        Step {
            before,
            after: before,
            action: 0,
            log_probability: 0.0,
            reward: 0.0,
            ends: false,
            over: false,
        }
    }

    #[test]
    fn divergences_of_occupancy_have_their_ends() {
        let steps: Vec<Step> = (0..40).map(|i| at(f64::from(i))).collect();
        let cells = Cells::new(Task::MountainCar, &steps);
        assert_abs_diff_eq!(cells.divergence(Task::MountainCar, &steps), 0.0, epsilon = 1e-12);
        let far: Vec<Step> = (0..40).map(|i| at(100.0 + f64::from(i))).collect();
        assert_abs_diff_eq!(cells.divergence(Task::MountainCar, &far), 2f64.ln(), epsilon = 1e-12);
        // Half here, half far: 1/2 KL(p || m) + 1/2 KL(q || m) with shares 1, 1/2 and 0, 1/2.
        let both: Vec<Step> = steps.iter().chain(&far).copied().collect();
        let exact = 0.5 * (4.0 / 3.0f64).ln() + 0.25 * (2.0 / 3.0f64).ln() + 0.25 * 2f64.ln();
        assert_abs_diff_eq!(cells.divergence(Task::MountainCar, &both), exact, epsilon = 1e-12);
    }
}
