//! Copies of a task that go on side by side, each from a fresh start when its episode is over.

use gan::Rng;
use gan::device::to_vec;
use serde::{Deserialize, Serialize};
use shared::Plain;

use super::{Environment, State};
use crate::task::Task;

shared::state! {
    /// So many copies for each member, and the stream of their starts.
    pub(crate) struct Copies {
        starts: Rng,
        now: Plain<Now>,
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Now {
    states: Vec<State>,
    steps: Vec<u32>,
}

/// What one copy did in one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    /// The state in which it chose.
    pub(crate) before: State,
    /// The state that it came to, which is not the start of a next episode.
    pub(crate) after: State,
    /// Which command it chose.
    pub(crate) action: usize,
    /// The logarithm of its probability.
    pub(crate) log_probability: f64,
    /// The task's reward.
    pub(crate) reward: f64,
    /// Whether the task ended: nothing follows.
    pub(crate) ends: bool,
    /// Whether the episode is over, by an end or by the time limit.
    pub(crate) over: bool,
}

impl Copies {
    /// Returns `count` copies for each member of `rng` at their starts.
    pub(crate) fn new(environment: Environment, mut starts: Rng, count: usize) -> Self {
        let states: Vec<State> = draw(&mut starts, 1, count).pop().unwrap_or_default();
        let states: Vec<State> = states.into_iter().map(|u| environment.start(u)).collect();
        let steps = vec![0; states.len()];
        Self { starts, now: Plain(Now { states, steps }) }
    }

    /// Returns the present states, those of a member side by side.
    pub(crate) fn states(&self) -> &[State] {
        &self.now.0.states
    }

    /// Returns starts for `horizon` steps of every copy, whether they will be needed or not: what a member gets must not
    /// depend on how often another one falls.
    pub(crate) fn starts(&mut self, horizon: usize) -> Vec<Vec<State>> {
        let count = self.now.0.states.len() / self.starts.members() as usize;
        draw(&mut self.starts, horizon, count)
    }

    /// Moves every copy by the action and log-probability chosen for it.
    pub(crate) fn step(
        &mut self,
        task: Task,
        chosen: impl Iterator<Item = (usize, f64)>,
        starts: &[State],
    ) -> Vec<Step> {
        let environment = task.environment();
        let Now { states, steps } = &mut self.now.0;
        let copies = states.iter_mut().zip(steps).zip(starts).zip(chosen);
        let mut done = Vec::with_capacity(starts.len());
        for (((state, steps), start), (action, log_probability)) in copies {
            let before = *state;
            let outcome = environment.advance(before, environment.commands()[action]);
            let after = outcome.state;
            let ends = outcome.ends && task.ends();
            *steps += 1;
            let over = ends || *steps >= Task::LIMIT;
            (*state, *steps) = if over { (environment.start(*start), 0) } else { (after, *steps) };
            let reward = task.reward(after, outcome.reward);
            done.push(Step { before, after, action, log_probability, reward, ends, over });
        }
        done
    }
}

/// Uniform numbers for starts: a row a step, all members' copies in it.
fn draw(rng: &mut Rng, horizon: usize, count: usize) -> Vec<Vec<State>> {
    let uniform = rng.uniform(&[horizon as i64, count as i64, 4]).transpose(0, 1);
    let numbers = to_vec(&uniform.contiguous());
    let states: Vec<State> = numbers.as_chunks::<4>().0.to_vec();
    states.chunks(count * rng.members() as usize).map(<[State]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{Arrays, Resumable};

    fn run(copies: &mut Copies, task: Task, horizon: usize) -> Vec<Vec<Step>> {
        let starts = copies.starts(horizon);
        let mut all = Vec::new();
        for starts in &starts {
            let count = copies.states().len();
            all.push(copies.step(task, (0..count).map(|_| (1, 0.0)), starts));
        }
        all
    }

    /// A cart that is pushed one way falls; a limit cuts an episode without an end; what goes on is a fresh start.
    #[test]
    fn ends_are_apart_from_limits() {
        for (task, ends) in [(Task::Cartpole, true), (Task::FixedLength, false)] {
            let mut copies = Copies::new(task.environment(), Rng::new(&[0, 1]), 3);
            let steps = run(&mut copies, task, 201);
            for copy in 0..6 {
                let over = steps.iter().position(|step| step[copy].over).unwrap();
                assert_eq!(steps[over][copy].ends, ends);
                assert_eq!(over + 1 < 200, ends, "{task:?}: {over}");
                assert!(steps[over + 1][copy].before.iter().all(|x| x.abs() <= 0.05));
            }
        }
    }

    #[test]
    fn copies_go_on_from_a_checkpoint_and_members_stay_apart() {
        let new = |seeds: &[u64]| Copies::new(Environment::Cartpole, Rng::new(seeds), 2);
        let mut both = new(&[3, 4]);
        let _ = run(&mut both, Task::Cartpole, 30);
        let mut arrays = Arrays::new();
        both.save("", &mut arrays);
        let expected = run(&mut both, Task::Cartpole, 30);
        let mut other = new(&[8, 9]);
        other.load("", &arrays);
        assert_eq!(run(&mut other, Task::Cartpole, 30), expected);
        let mut alone = new(&[4]);
        let _ = run(&mut alone, Task::Cartpole, 30);
        let alone = run(&mut alone, Task::Cartpole, 30);
        assert!(alone.iter().zip(&expected).all(|(alone, both)| alone[..] == both[2..]));
    }
}
