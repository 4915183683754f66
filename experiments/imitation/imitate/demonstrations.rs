//! What is known of an expert: some pairs of some of its trajectories.

use gan::Rng;
use gan::device::to_vec;
use tch::{Kind, Tensor};

use crate::environment::Step;
use crate::expert::load;
use crate::rollout::{features, pairs, play};
use crate::task::Task;

/// Pairs of every member's own trajectories; rows are as many as the longest member has.
pub(crate) struct Demonstrations {
    pub(crate) task: Task,
    /// Features and commands, `[members, rows, width]`.
    pub(crate) pairs: Tensor,
    /// Features alone, `[members, rows, features]`.
    pub(crate) features: Tensor,
    /// Commands, `[members, rows, 1]`.
    pub(crate) actions: Tensor,
    /// One over the number of a member's pairs, and zero for rows beyond them, `[members, rows, 1]`.
    pub(crate) weights: Tensor,
    /// The number of pairs of each member.
    pub(crate) counts: Vec<usize>,
}

/// Trajectories that are played in any case, so that the first of ten is the only one of one.
const PLAYED: usize = 10;

impl Demonstrations {
    /// Returns pairs of so many trajectories of a task's expert, every some steps from a random one on.
    pub(crate) fn new(task: Task, trajectories: usize, root: &Rng) -> Self {
        let root = root.fork("demonstrations");
        let played = play(task, &load(task, &root), &root, trajectories.max(PLAYED));
        let offsets = to_vec(&root.fork("offsets").uniform(&[trajectories.max(PLAYED) as i64]));
        let members = root.members() as usize;
        let own = |member: usize| -> Vec<Step> {
            let offsets = &offsets[member * trajectories.max(PLAYED)..];
            let kept = |(episode, u): (Vec<Step>, &f64)| {
                let offset = (u * task.stride() as f64) as usize;
                episode.into_iter().skip(offset).step_by(task.stride())
            };
            played
                .episodes(member)
                .into_iter()
                .take(trajectories)
                .zip(offsets)
                .flat_map(kept)
                .collect()
        };
        let mut all: Vec<Vec<Step>> = (0..members).map(own).collect();
        let counts: Vec<usize> = all.iter().map(Vec::len).collect();
        let rows = counts.iter().copied().max().unwrap_or(0);
        for own in &mut all {
            if let Some(first) = own.first().copied() {
                own.resize(rows, first);
            }
        }
        let (kind, device) = root.options();
        let steps = || all.iter().flatten();
        let features = features(task, members, steps().map(|step| step.before), &root);
        let actions: Vec<i64> = steps().map(|step| step.action as i64).collect();
        let actions =
            Tensor::from_slice(&actions).to_device(device).reshape([members as i64, -1, 1]);
        let weight = |count: &usize| {
            let own = *count;
            (0..rows).map(move |row| if row < own { 1.0 / own as f64 } else { 0.0 })
        };
        let weights: Vec<f64> = counts.iter().flat_map(weight).collect();
        let weights = Tensor::from_slice(&weights).to_kind(kind).to_device(device);
        let weights = weights.reshape([members as i64, -1, 1]);
        Self { task, pairs: pairs(task, &features, &actions), features, actions, weights, counts }
    }

    /// Draws pairs with replacement, `[members, count, width]`.
    pub(crate) fn draw(&self, rng: &mut Rng, count: i64) -> Tensor {
        let counts: Vec<i64> = self.counts.iter().map(|count| *count as i64).collect();
        let counts = Tensor::from_slice(&counts).to_device(rng.options().1).reshape([-1, 1, 1]);
        let index = (rng.uniform(&[count, 1]).to_kind(Kind::Double) * &counts).floor();
        let index = index.to_kind(Kind::Int64).minimum(&(counts - 1));
        self.pairs.gather(1, &index.expand([-1, -1, self.pairs.size()[2]], false), false)
    }
}
