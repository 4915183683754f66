//! Which tasks are imitated how, and what the arms are called.

use gan::Penalty;
use lab::{Arm, Profile};
use shared::name;

use super::reward::Reward;
use super::{Config, Method};
use crate::expert::{Size, fingerprint, size};
use crate::learner::Optimisation;
use crate::task::Task;
use crate::{STACK, seeds};

/// The name of an arm.
pub(super) fn arm_name(task: Task, method: Method, trajectories: usize) -> String {
    let method = match method {
        Method::Cloning => "cloning".to_owned(),
        Method::Features => "features".to_owned(),
        Method::Adversarial { reward, frozen, penalty } => {
            let kind = if frozen { "frozen" } else { "adversarial" };
            let smooth = if penalty.is_term() { "-penalised" } else { "" };
            format!("{kind}-{}{smooth}", name(&reward))
        }
    };
    format!("imitate/{}/{method}-{trajectories}", name(&task))
}

/// What the car on its hill also learns by trust regions, from one trajectory: the source's expert of it, 98.75 steps to
/// the goal, is nearly reached by them alone.
pub(super) const BY_TRUST_REGION: [Method; 2] =
    [adversarial(Reward::Negative), frozen(Reward::Negative)];

pub(super) const fn adversarial(reward: Reward) -> Method {
    Method::Adversarial { reward, frozen: false, penalty: Penalty::None }
}

pub(super) const fn frozen(reward: Reward) -> Method {
    Method::Adversarial { reward, frozen: true, penalty: Penalty::None }
}

pub(super) const fn penalised(reward: Reward) -> Method {
    let penalty = Penalty::Gradient { weight: 10.0 };
    Method::Adversarial { reward, frozen: false, penalty }
}

/// The reward that the source's code gives a task: survival is good on a cart, bad where the goal is the end.
pub(super) fn usual(task: Task) -> Reward {
    match task {
        Task::Cartpole | Task::FixedLength | Task::Preference => Reward::Positive,
        Task::MountainCar | Task::Acrobot => Reward::Negative,
        Task::Pendulum => Reward::Logit,
    }
}

/// Numbers of trajectories, of which cloning and GAIL get each.
pub(super) const TRAJECTORIES: [usize; 3] = [1, 4, 10];

/// What is done with one trajectory beside cloning and GAIL with the task's usual reward.
pub(super) fn controls(task: Task) -> Vec<Method> {
    use Reward::{Logit, Negative, Positive};
    let more: &[Method] = match task {
        Task::Cartpole => &[
            adversarial(Negative),
            adversarial(Logit),
            penalised(Logit),
            frozen(Negative),
            Method::Features,
        ],
        Task::FixedLength => &[adversarial(Negative)],
        Task::Preference => &[adversarial(Logit), penalised(Positive), Method::Features],
        Task::MountainCar => &[adversarial(Positive), Method::Features],
        Task::Acrobot => &[adversarial(Positive), penalised(Negative), Method::Features],
        Task::Pendulum => &[],
    };
    [&[frozen(usual(task))], more].concat()
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let seeds = seeds(profile);
    let arm = |task: Task, method: Method, trajectories: usize, optimisation: Optimisation| {
        let Size { copies, horizon, iterations: improvements } = size(profile, task);
        let (copies, horizon, iterations) = match (method, profile) {
            (Method::Cloning, Profile::Smoke) => (copies, horizon, 20),
            // Cloning does not act.
            (Method::Cloning, Profile::Full) => (copies, horizon, 1_000),
            (Method::Cloning, _) => (16, 128, 1_000),
            _ => (copies, horizon, improvements),
        };
        let expert = fingerprint(task);
        let config = Config {
            task,
            expert,
            trajectories,
            method,
            copies,
            horizon,
            iterations,
            optimisation,
        };
        let is_quick = task == Task::Cartpole
            && trajectories == 1
            && [Method::Cloning, adversarial(Reward::Positive), frozen(Reward::Positive)]
                .contains(&method);
        Arm::new(optimisation.arm(arm_name(task, method, trajectories)), config)
            .with_seeds(seeds, STACK)
            .with_quick_seeds(if is_quick { STACK } else { 0 })
    };
    let mut arms = Vec::new();
    for task in Task::ALL {
        let numbers = match task {
            Task::FixedLength | Task::Pendulum => &TRAJECTORIES[..1],
            _ => &TRAJECTORIES[..],
        };
        for &number in numbers {
            let both = [Method::Cloning, adversarial(usual(task))];
            arms.extend(both.map(|method| arm(task, method, number, Optimisation::Proximal)));
        }
        let controls = controls(task).into_iter();
        arms.extend(controls.map(|method| arm(task, method, 1, Optimisation::Proximal)));
    }
    let by_trust_region = |method| arm(Task::MountainCar, method, 1, Optimisation::TrustRegion);
    arms.extend(BY_TRUST_REGION.map(by_trust_region));
    arms
}
