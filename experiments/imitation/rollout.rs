//! What policies do in copies of a task, and what of it networks read.

use gan::device::to_vec;
use gan::init::Init;
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Rng};
use tch::{Kind, Tensor};

use crate::environment::{Copies, State, Step};
use crate::task::Task;

/// Returns a net of two hidden layers from a task's features, its last layer small.
pub(crate) fn net(task: Task, hidden: i64, outputs: i64) -> Mlp {
    let widths = [task.environment().width(), hidden, hidden, outputs];
    Mlp::new(&widths, Activation::Tanh).with_last_init(Init::Normal(0.01))
}

/// Returns a fresh policy: logits of a task's commands.
pub(crate) fn policy(task: Task, hidden: i64, rng: &mut Rng) -> Player<Mlp> {
    let commands = task.environment().commands().len() as i64;
    Player::new(net(task, hidden, commands), Adam::new(1e-3, 0.9, 0.999), rng)
}

/// Steps of every copy of every member: a row a step, all members' copies in it, those of a member side by side.
pub(crate) struct Rollout {
    task: Task,
    members: usize,
    pub(crate) steps: Vec<Vec<Step>>,
}

/// Lets policies act for `horizon` steps; `draws` chooses between commands.
pub(crate) fn roll(
    task: Task,
    policy: &Player<Mlp>,
    copies: &mut Copies,
    draws: &mut Rng,
    horizon: usize,
) -> Rollout {
    let _guard = tch::no_grad_guard();
    let members = draws.members() as usize;
    let count = copies.states().len() / members;
    let starts = copies.starts(horizon);
    let uniform = draws.uniform(&[horizon as i64, count as i64]).transpose(0, 1).contiguous();
    let uniform = to_vec(&uniform);
    let commands = task.environment().commands().len();
    let mut steps = Vec::with_capacity(horizon);
    for (starts, uniform) in starts.iter().zip(uniform.chunks(count * members)) {
        let features = features(task, members, copies.states().iter().copied(), draws);
        let log_probabilities = to_vec(&policy.apply(&features).log_softmax(-1, Kind::Float));
        let chosen =
            log_probabilities.chunks(commands).zip(uniform).map(|(log, u)| choose(log, *u));
        steps.push(copies.step(task, chosen, starts));
    }
    Rollout { task, members, steps }
}

/// The command whose share of (0, 1) holds `u`, with its log-probability.
fn choose(log_probabilities: &[f64], mut u: f64) -> (usize, f64) {
    let last = log_probabilities.len() - 1;
    for (action, log) in log_probabilities[..last].iter().enumerate() {
        u -= log.exp();
        if u < 0.0 {
            return (action, *log);
        }
    }
    (last, log_probabilities[last])
}

/// Features of states, those of a member side by side, `[members, rows, features]`.
pub(crate) fn features(
    task: Task,
    members: usize,
    states: impl Iterator<Item = State>,
    like: &Rng,
) -> Tensor {
    let environment = task.environment();
    let numbers: Vec<f32> = states.flat_map(|state| environment.features(state)).collect();
    let (kind, device) = like.options();
    let shape = [members as i64, -1, environment.width()];
    Tensor::from_slice(&numbers).reshape(shape).to_kind(kind).to_device(device)
}

/// Features and one-hot commands side by side: what a critic of behaviour reads, `[members, rows, features + commands]`.
pub(crate) fn pairs(task: Task, features: &Tensor, actions: &Tensor) -> Tensor {
    let commands = task.environment().commands().len() as i64;
    let one_hot = Tensor::zeros(
        [actions.size()[0], actions.size()[1], commands],
        (features.kind(), features.device()),
    );
    Tensor::cat(&[features.shallow_clone(), one_hot.scatter_value(2, actions, 1.0)], 2)
}

impl Rollout {
    /// The steps of each member, copy by copy.
    pub(crate) fn of_member(&self, member: usize) -> Vec<Vec<Step>> {
        let count = self.steps.first().map_or(0, Vec::len) / self.members;
        let copy = |i: usize| self.steps.iter().map(|row| row[member * count + i]).collect();
        (0..count).map(copy).collect()
    }

    /// The first episode of every copy of a member: whole where the horizon is the time limit.
    pub(crate) fn episodes(&self, member: usize) -> Vec<Vec<Step>> {
        let whole = |mut steps: Vec<Step>| {
            let over = steps.iter().position(|step| step.over).map_or(steps.len(), |at| at + 1);
            steps.truncate(over);
            steps
        };
        self.of_member(member).into_iter().map(whole).collect()
    }

    /// All steps, member by member and copy by copy: the order of the rows of tensors.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Step> {
        (0..self.members).flat_map(|member| self.of_member(member).into_iter().flatten())
    }

    /// Features of the states in which commands were chosen, and of those that they led to.
    pub(crate) fn features(&self, like: &Rng) -> [Tensor; 2] {
        [
            features(self.task, self.members, self.rows().map(|step| step.before), like),
            features(self.task, self.members, self.rows().map(|step| step.after), like),
        ]
    }

    /// A number of every step, `[members, rows, 1]`.
    pub(crate) fn column(&self, like: &Rng, number: impl FnMut(Step) -> f64) -> Tensor {
        let numbers: Vec<f64> = self.rows().map(number).collect();
        let (kind, device) = like.options();
        Tensor::from_slice(&numbers).to_kind(kind).to_device(device).reshape([
            self.members as i64,
            -1,
            1,
        ])
    }

    /// The chosen commands, `[members, rows, 1]`.
    pub(crate) fn actions(&self, like: &Rng) -> Tensor {
        let numbers: Vec<i64> = self.rows().map(|step| step.action as i64).collect();
        Tensor::from_slice(&numbers).to_device(like.options().1).reshape([
            self.members as i64,
            -1,
            1,
        ])
    }

    pub(crate) fn members(&self) -> usize {
        self.members
    }

    pub(crate) fn horizon(&self) -> usize {
        self.steps.len()
    }
}

/// One whole episode of `count` fresh copies for each member.
pub(crate) fn play(task: Task, policy: &Player<Mlp>, root: &Rng, count: usize) -> Rollout {
    let mut copies = Copies::new(task.environment(), root.fork("starts"), count);
    roll(task, policy, &mut copies, &mut root.fork("draws"), Task::LIMIT as usize)
}

/// The mean return of the first episodes, a number per member.
pub(crate) fn returns(rollout: &Rollout) -> Vec<f64> {
    let of_episode = |steps: Vec<Step>| steps.iter().map(|step| step.reward).sum::<f64>();
    let of_member = |member| {
        let episodes: Vec<f64> = rollout.episodes(member).into_iter().map(of_episode).collect();
        stats::robust::mean(&episodes)
    };
    (0..rollout.members).map(of_member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_chosen_in_proportion() {
        let log = [0.2f64.ln(), 0.5f64.ln(), 0.3f64.ln()];
        let mut counts = [0; 3];
        for i in 0..1000 {
            counts[choose(&log, (f64::from(i) + 0.5) / 1000.0).0] += 1;
        }
        assert_eq!(counts, [200, 500, 300]);
    }
}
