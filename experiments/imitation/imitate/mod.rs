//! From a few trajectories of an expert: cloning, a discriminator as the reward, matched features, and the controls.

mod arms;
mod claims;
mod clone;
mod demonstrations;
mod figures;
mod measure;
mod reward;

pub(crate) use arms::arms;
pub(crate) use claims::claims;
pub(crate) use figures::{animations, figures};

use gan::optim::Player;
use gan::{Mlp, Params, Penalty, Rng, range, ranges_of_variants};
use garde::Validate;
use lab::Run;
use serde::{Deserialize, Serialize};
use shared::{Outcomes, Plain, Resumable, looks, name};

use crate::environment::Copies;
use crate::expert::{HIDDEN, LOOK_EPISODES, LOOKS, fingerprint};
use crate::learner::{Learner, Optimisation};
use crate::rollout::{Rollout, play, returns, roll};
use crate::streams;
use crate::task::Task;
use demonstrations::Demonstrations;
use measure::Measure;
use reward::Reward;

/// One way to imitate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What the expert can do.
    #[garde(skip)]
    task: Task,
    /// The stored expert, by its content.
    #[garde(custom(is_stored(self.task)))]
    expert: String,
    /// How many of its trajectories are known.
    #[garde(range(min = 1, max = 1_000))]
    trajectories: usize,
    /// How they are used.
    #[garde(dive, custom(fits(self.task)))]
    method: Method,
    /// Copies of the task that a member acts in; cloning does not act.
    #[garde(range(min = 1, max = 1_000))]
    copies: usize,
    /// Steps of every copy between two improvements.
    #[garde(range(min = 1, max = 10_000))]
    horizon: usize,
    /// Improvements of the policy.
    #[garde(custom(range::steps))]
    iterations: u64,
    /// How the policy is improved; cloning does not.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Optimisation::is_default")]
    optimisation: Optimisation,
}

/// How trajectories are used.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Method {
    /// The expert's commands are labels (behavioural cloning).
    Cloning,
    /// A discriminator of both behaviours is the reward (GAIL, Ho and Ermon 2016).
    Adversarial {
        /// What of its output is the reward.
        reward: Reward,
        /// Whether it never learns: the control.
        frozen: bool,
        /// What keeps it smooth.
        penalty: Penalty,
    },
    /// The difference of mean features is the reward (Abbeel and Ng 2004; Ho, Gupta and Ermon 2016).
    Features,
}

ranges_of_variants!(
    Method,
    |variant, method| if let Method::Adversarial { penalty, .. } = method {
        variant.inside_of("penalty", penalty);
    }
);

/// Checks that an expert is the one whose policy this program has.
fn is_stored(task: Task) -> impl FnOnce(&str, &()) -> garde::Result {
    move |expert, ()| {
        let known = fingerprint(task);
        if expert == known {
            return Ok(());
        }
        Err(garde::Error::new(format!(
            "{expert} is not the stored expert of {}, {known}",
            name(&task)
        )))
    }
}

/// Checks that a penalty can be taken of a task's pairs.
fn fits(task: Task) -> impl FnOnce(&Method, &()) -> garde::Result {
    move |method, ()| match method {
        Method::Adversarial { penalty, .. } => penalty.goes_with(reward::width(task)),
        _ => Ok(()),
    }
}

impl shared::Task for Config {
    fn cost(&self) -> f64 {
        let steps = (self.copies * self.horizon) as f64 * self.iterations as f64;
        if self.method == Method::Cloning { 2.0 * self.iterations as f64 } else { steps / 5.0 }
    }
}

shared::state! {
    /// Both players, where the policy is, and the streams.
    struct State {
        learner: Learner,
        discriminator: Option<Player<Mlp>>,
        copies: Copies,
        draws: Rng,
        expert: Rng,
        penalty: Rng,
        chosen: Chosen,
    }
}

shared::state! {
    /// The policies at which two rules would have stopped, and what they had: the highest learnt reward, and the highest
    /// return up to the expert's.
    struct Chosen {
        by_reward: Params,
        by_return: Params,
        best: Plain<Vec<[f64; 2]>>,
    }
}

/// Imitates an expert: by its labels, or by improving a policy under a reward that the trajectories make.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let root = streams(run);
    let known = Demonstrations::new(config.task, config.trajectories, &root);
    let measure = Measure::new(config.task, &root);
    if config.method == Method::Cloning {
        return clone::run(config, &known, &measure, run);
    }
    let Config { task, method, copies, horizon, iterations, optimisation, .. } = *config;
    let learner = Learner::new(task, HIDDEN, &root);
    let best = Plain(vec![[f64::MIN; 2]; run.seeds.len()]);
    let [by_reward, by_return] = [(); 2].map(|()| learner.policy.params.snapshot());
    let mut state = State {
        learner,
        discriminator: matches!(method, Method::Adversarial { .. })
            .then(|| reward::discriminator(task, &mut root.fork("discriminator"))),
        copies: Copies::new(task.environment(), root.fork("starts"), copies),
        draws: root.fork("draws"),
        expert: root.fork("expert"),
        penalty: root.fork("penalty"),
        chosen: Chosen { by_reward, by_return, best },
    };
    let looks = looks(iterations, LOOKS);
    let start = state.resume(run);
    for iteration in start..iterations {
        if iteration > start {
            state.keep(run, (iteration, iterations))?;
        }
        if looks.contains(&iteration) {
            state.look(config, &known, &measure, iteration, &root, run);
        }
        let State { learner, discriminator, copies, draws, expert, penalty, .. } = &mut state;
        let rollout = roll(task, &learner.policy, copies, draws, horizon);
        if let Method::Adversarial { frozen: false, penalty: smooth, .. } = method {
            let of_expert =
                known.draw(expert, (copies.states().len() / run.seeds.len() * horizon) as i64);
            if let Some(discriminator) = discriminator {
                let own = reward::of_rollout(task, &rollout, draws);
                reward::teach(discriminator, smooth, (&of_expert, &own), penalty);
            }
        }
        let rewards = reward::rewards(method, discriminator.as_ref(), &known, &rollout, draws);
        learner.improve(optimisation, &rollout, &rewards, draws);
    }
    state.look(config, &known, &measure, iterations, &root, run);
    let State { learner: Learner { mut policy, .. }, chosen, .. } = state;
    let mut numbers = measure.of_policy(&policy, &root, run);
    for (member, numbers) in numbers.iter_mut().enumerate() {
        let scores: Vec<f64> =
            run.traced(member, "score").iter().map(|(_, score)| *score).collect();
        let late = &scores[scores.len() / 2..];
        numbers.push(("wobble", stats::robust::standard_deviation(late)));
    }
    for (label, params) in [("by_reward", chosen.by_reward), ("by_return", chosen.by_return)] {
        policy.params.set(params.flat());
        let fresh = play(task, &policy, &root.fork("chosen"), crate::expert::EPISODES);
        for (numbers, score) in numbers.iter_mut().zip(measure.scores(&returns(&fresh))) {
            numbers.push((label, score));
        }
    }
    Ok(numbers.into_iter().map(|numbers| shared::summary(iterations, numbers)).collect())
}

impl State {
    /// Plays some episodes, notes what they are worth to the task and to the discriminator, and asks both rules for
    /// stopping.
    fn look(
        &mut self,
        config: &Config,
        known: &Demonstrations,
        measure: &Measure,
        iteration: u64,
        root: &Rng,
        run: &mut Run,
    ) {
        let policy = &self.learner.policy;
        let seen = play(config.task, policy, &root.fork("look"), LOOK_EPISODES);
        let found = returns(&seen);
        let learnt = self.learnt(config, known, &seen, root);
        let scores = measure.scores(&found);
        for (member, best) in self.chosen.best.0.iter_mut().enumerate() {
            if run.traced(member, "score").last().is_some_and(|(step, _)| *step >= iteration) {
                continue; // A checkpoint was written between this look and the step after it.
            }
            run.trace(member, "score", iteration, scores[member]);
            if !learnt[member].is_finite() {
                continue;
            }
            run.trace(member, "learnt_reward", iteration, learnt[member]);
            let keep = |params: &mut Params| {
                let (from, into) = (policy.params.flat().detach(), params.flat().detach());
                into.select(0, member as i64).copy_(&from.select(0, member as i64));
            };
            if learnt[member] > best[0] {
                best[0] = learnt[member];
                keep(&mut self.chosen.by_reward);
            }
            let up_to_expert = scores[member].min(1.0);
            if up_to_expert > best[1] {
                best[1] = up_to_expert;
                keep(&mut self.chosen.by_return);
            }
        }
    }

    /// The reward of the first episodes as the method has it now, a mean over steps for each member.
    fn learnt(
        &self,
        config: &Config,
        known: &Demonstrations,
        seen: &Rollout,
        like: &Rng,
    ) -> Vec<f64> {
        let _guard = tch::no_grad_guard();
        let rewards =
            reward::rewards(config.method, self.discriminator.as_ref(), known, seen, like);
        reward::mean_of_episodes(seen, &gan::device::to_vec(&rewards))
    }
}
