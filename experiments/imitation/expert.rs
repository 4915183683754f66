//! Experts: policies that learn a task from its own reward, of which one a task is stored beside this file.

use gan::optim::Player;
use gan::{Adam, Mlp, Rng, range};
use garde::Validate;
use lab::figure::{Axis, Colour, Layer};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{panel, seeds_of};
use shared::contrast::{Sample, join, metric};
use shared::{Outcomes, Resumable, array, claim, looks, name, summary};
use tch::Tensor;

use crate::environment::Copies;
use crate::learner::{Learner, Optimisation};
use crate::rollout::{net, play, returns, roll};
use crate::task::Task;
use crate::{STACK, seeds, streams};

/// One task under its own reward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What has to be learnt.
    #[garde(skip)]
    task: Task,
    /// Copies of the task that a member acts in.
    #[garde(range(min = 1, max = 1_000))]
    copies: usize,
    /// Steps of every copy between two improvements.
    #[garde(range(min = 1, max = 10_000))]
    horizon: usize,
    /// Improvements.
    #[garde(custom(range::steps))]
    iterations: u64,
    /// How the policy is improved.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Optimisation::is_default")]
    optimisation: Optimisation,
}

impl shared::Task for Config {
    fn cost(&self) -> f64 {
        (self.copies * self.horizon) as f64 * self.iterations as f64 / 5.0
    }
}

/// Units of both hidden layers of every net but the discriminator's, which has as many.
pub(crate) const HIDDEN: i64 = 32;
/// Looks at a run, and episodes of a look.
pub(crate) const LOOKS: u64 = 20;
pub(crate) const LOOK_EPISODES: usize = 20;
/// Episodes behind a last number: the source's.
pub(crate) const EPISODES: usize = 50;

/// The tasks that have an expert of their own: a pole of any length of episode has the same.
const TASKS: [Task; 5] =
    [Task::Cartpole, Task::Preference, Task::MountainCar, Task::Acrobot, Task::Pendulum];

fn arm_name(task: Task, optimisation: Optimisation) -> String {
    optimisation.arm(format!("expert/{}", name(&task)))
}

/// How long a policy learns.
pub(crate) struct Size {
    /// Copies of the task in which a member acts.
    pub(crate) copies: usize,
    /// Steps of every copy between two improvements.
    pub(crate) horizon: usize,
    /// Improvements of the policy.
    pub(crate) iterations: u64,
}

/// Returns how long policies learn a task.
pub(crate) fn size(profile: Profile, task: Task) -> Size {
    let (copies, horizon, iterations) = match (profile, task) {
        (Profile::Smoke, _) => (2, 20, 2),
        // The source's: at 100 improvements of 16 x 128 steps neither an expert nor GAIL learns this task.
        (Profile::Full, _) | (_, Task::MountainCar) => (25, 200, 300),
        (_, Task::Cartpole | Task::FixedLength) => (16, 128, 60),
        (_, Task::Preference | Task::Acrobot) => (16, 128, 100),
        (_, Task::Pendulum) => (16, 128, 200),
    };
    Size { copies, horizon, iterations }
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let proximal = TASKS.map(|task| (task, Optimisation::Proximal));
    let trust_region = [(Task::MountainCar, Optimisation::TrustRegion)];
    let arm = |(task, optimisation)| {
        let Size { copies, horizon, iterations } = size(profile, task);
        let config = Config { task, copies, horizon, iterations, optimisation };
        let quick = if task == Task::Cartpole { STACK } else { 0 };
        Arm::new(arm_name(task, optimisation), config)
            .with_seeds(seeds(profile), STACK)
            .with_quick_seeds(quick)
    };
    proximal.into_iter().chain(trust_region).map(arm).collect()
}

shared::state! {
    /// The learner, and where it is.
    struct State {
        learner: Learner,
        copies: Copies,
        draws: Rng,
    }
}

/// Learns a task by its own reward.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { task, copies, horizon, iterations, optimisation } = *config;
    let root = streams(run);
    let mut state = State {
        learner: Learner::new(task, HIDDEN, &root),
        copies: Copies::new(task.environment(), root.fork("starts"), copies),
        draws: root.fork("draws"),
    };
    let looks = looks(iterations, LOOKS);
    let start = state.resume(run);
    for iteration in start..iterations {
        if iteration > start {
            state.keep(run, (iteration, iterations))?;
        }
        if looks.contains(&iteration) {
            let seen = play(task, &state.learner.policy, &root.fork("look"), LOOK_EPISODES);
            for (member, value) in returns(&seen).into_iter().enumerate() {
                run.trace(member, "return", iteration, value);
            }
        }
        let State { learner, copies, draws } = &mut state;
        let rollout = roll(task, &learner.policy, copies, draws, horizon);
        let rewards = rollout.column(draws, |step| {
            let next = if step.ends { 0.0 } else { task.potential(step.after) };
            step.reward + 0.995 * next - task.potential(step.before)
        });
        learner.improve(optimisation, &rollout, &rewards, draws);
    }
    let last = play(task, &state.learner.policy, &root.fork("last"), EPISODES);
    let params = state.learner.policy.params.flat();
    let outcome = |(member, value): (usize, f64)| {
        let own = params.detach().select(0, member as i64);
        let is_finite = own.isfinite().all().int64_value(&[]) == 1;
        run.trace(member, "return", iterations, value);
        run.sample(member, "policy", array(&own));
        summary(iterations, [("return", if is_finite { value } else { f64::NAN })])
    };
    Ok(returns(&last).into_iter().enumerate().map(outcome).collect())
}

/// The parameters of a task's stored expert, in the order of its net's, 32-bit floats: `scripts/reference/experts.py`.
fn stored(task: Task) -> &'static [u8] {
    match task {
        Task::Cartpole | Task::FixedLength => include_bytes!("experts/cartpole.f32"),
        Task::Preference => include_bytes!("experts/preference.f32"),
        Task::MountainCar => include_bytes!("experts/mountain-car.f32"),
        Task::Acrobot => include_bytes!("experts/acrobot.f32"),
        Task::Pendulum => include_bytes!("experts/pendulum.f32"),
    }
}

/// Returns what tells a task's stored expert from another: it is a part of what a configuration is identified by.
pub(crate) fn fingerprint(task: Task) -> String {
    blake3::hash(stored(task)).to_hex()[..12].to_owned()
}

/// Returns a task's stored expert for every member of `like`.
///
/// # Panics
/// If the stored numbers are not those of its net.
pub(crate) fn load(task: Task, like: &Rng) -> Player<Mlp> {
    let net = net(task, HIDDEN, task.environment().commands().len() as i64);
    let mut expert = Player::new(net, Adam::new(1e-3, 0.9, 0.999), &mut like.fork("expert"));
    let numbers: Vec<f32> =
        stored(task).as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let (kind, device) = like.options();
    let numbers = Tensor::from_slice(&numbers).to_kind(kind).to_device(device).unsqueeze(0);
    expert.params.set(&numbers.expand([like.members(), -1], false));
    expert
}

/// The return from which on an expert of a task is one to learn from.
pub(crate) fn enough(task: Task) -> f64 {
    match task {
        Task::Cartpole | Task::FixedLength => 195.0,
        Task::Preference => 100.0,
        Task::MountainCar => -120.0,
        Task::Acrobot => -100.0,
        Task::Pendulum => -300.0,
    }
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let excess = |task: Task, optimisation| {
        let found = metric(&results.arm(&arm_name(task, optimisation)), "return");
        let values = found.values.into_iter().map(|(seed, value)| (seed, value - enough(task)));
        Sample { values: values.collect(), ..found }
    };
    let least = [Task::Cartpole, Task::MountainCar, Task::Acrobot]
        .map(|task| excess(task, Optimisation::Proximal));
    let least = least.into_iter().reduce(|a, b| join(&a, &b, f64::min)).unwrap_or_default();
    vec![
        claim("imi.E1", "Proximal policy optimisation learns Cartpole and Acrobot from their own rewards, and MountainCar from its own and a potential of its energy.")
            .measured("`return` minus what an expert needs (195, -120 and -100), the least of the three tasks")
            .figure("experts.svg")
            .mean(Region::Above(0.0), &least),
        claim("imi.E2", "Trust region policy optimisation learns MountainCar from its own reward and a potential of its energy.")
            .measured("`return` minus what an expert of MountainCar needs (-120)")
            .figure("experts.svg")
            .mean(Region::Above(0.0), &excess(Task::MountainCar, Optimisation::TrustRegion)),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let runs = |task: Task, optimisation: Optimisation, colour: Colour| -> Vec<Layer> {
        let rows = results.arm(&arm_name(task, optimisation));
        let traces = rows.iter().filter_map(|row| row.traces.get("return"));
        let line = |trace: &Vec<(u64, f64)>| Layer::Line {
            label: String::new(),
            colour,
            points: trace.iter().map(|(step, value)| (*step as f64, *value)).collect(),
        };
        traces.map(line).collect()
    };
    let one = |task: Task| {
        let mut layers = runs(task, Optimisation::Proximal, Colour::Blue);
        layers.extend(runs(task, Optimisation::TrustRegion, Colour::Green));
        layers.push(Layer::Horizontal { label: String::new(), y: enough(task) });
        panel(task.title(), Axis::new("improvements"), Axis::new("return"), layers)
    };
    vec![Figure {
        name: "experts".into(),
        title: "Experts learn their tasks".into(),
        caption: format!(
            "Mean return of {LOOK_EPISODES} episodes, {}; blue: proximal policy optimisation, green: by trust regions; dashed: what an expert needs.",
            seeds_of(results)
        ),
        columns: 3,
        height: 210,
        panels: TASKS.map(one).into(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What claims say of imitation rests on experts that can do their tasks.
    #[test]
    fn stored_experts_can_do_their_tasks() {
        for task in Task::ALL {
            let root = Rng::new(&[1_000]);
            let found = returns(&play(task, &load(task, &root), &root, 20))[0];
            assert!(found > enough(task), "{task:?}: {found}");
        }
    }
}
