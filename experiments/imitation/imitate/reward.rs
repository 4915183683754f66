//! Rewards that are made of trajectories.

use gan::optim::Player;
use gan::step::critic_step;
use gan::{Activation, Adam, Mlp, Objective, Penalty, Rng};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::Method;
use super::demonstrations::Demonstrations;
use crate::expert::HIDDEN;
use crate::rollout::{Rollout, pairs};
use crate::task::Task;

/// What of a discriminator's logit `f`, high on the expert's pairs, is the reward: `D = sigmoid(f)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reward {
    /// `-log(1 - D)`: above zero, so that every step is worth taking.
    Positive,
    /// `log D`: below zero, so that an end is worth reaching.
    Negative,
    /// `f`, of either sign.
    Logit,
}

impl Reward {
    fn of(self, logits: &Tensor) -> Tensor {
        match self {
            Self::Positive => logits.softplus(),
            Self::Negative => -logits.neg().softplus(),
            Self::Logit => logits.shallow_clone(),
        }
    }
}

/// Returns how many numbers a pair has.
pub(crate) fn width(task: Task) -> i64 {
    task.environment().width() + task.environment().commands().len() as i64
}

/// Returns a fresh discriminator of pairs.
pub(crate) fn discriminator(task: Task, rng: &mut Rng) -> Player<Mlp> {
    let net = Mlp::new(&[width(task), HIDDEN, HIDDEN, 1], Activation::Tanh);
    Player::new(net, Adam::new(DISCRIMINATOR_RATE, 0.9, 0.999), rng)
}

const DISCRIMINATOR_RATE: f64 = 3e-3;
/// Updates of the discriminator between two improvements of the policy.
const DISCRIMINATOR_STEPS: usize = 2;

/// Teaches a discriminator to tell the expert's pairs from a policy's, each `[members, rows, width]`.
pub(crate) fn teach(
    discriminator: &mut Player<Mlp>,
    penalty: Penalty,
    (of_expert, own): (&Tensor, &Tensor),
    rng: &mut Rng,
) {
    for _ in 0..DISCRIMINATOR_STEPS {
        critic_step(Objective::NonSaturating, penalty, discriminator, of_expert, own, rng);
    }
}

/// Returns the pairs of what a policy did.
pub(crate) fn of_rollout(task: Task, rollout: &Rollout, like: &Rng) -> Tensor {
    let [features, _] = rollout.features(like);
    pairs(task, &features, &rollout.actions(like))
}

/// Returns the reward of every step, `[members, rows, 1]`.
pub(crate) fn rewards(
    method: Method,
    discriminator: Option<&Player<Mlp>>,
    known: &Demonstrations,
    rollout: &Rollout,
    like: &Rng,
) -> Tensor {
    let own = of_rollout(known.task, rollout, like);
    match (method, discriminator) {
        (Method::Adversarial { reward, .. }, Some(discriminator)) => {
            reward.of(&discriminator.apply(&own)).detach()
        }
        _ => by_features(known, &own),
    }
}

/// The direction from the policy's mean features to the expert's, of length one, is the weight of the features: each
/// coordinate and its square under each command.
fn by_features(known: &Demonstrations, own: &Tensor) -> Tensor {
    let width = known.task.environment().width();
    let features = |pairs: &Tensor| {
        let commands = pairs.narrow(2, width, pairs.size()[2] - width);
        let of_state = pairs.narrow(2, 0, width);
        let one = of_state.narrow(2, 0, 1).ones_like();
        let basis = Tensor::cat(&[one, of_state.shallow_clone(), of_state.square()], 2);
        (basis.unsqueeze(3) * commands.unsqueeze(2)).flatten(2, 3)
    };
    let sum = |x: &Tensor, axis: i64| x.sum_dim_intlist([axis].as_slice(), true, None::<Kind>);
    let of_expert = sum(&(features(&known.pairs) * &known.weights), 1);
    let own = features(own);
    let direction = of_expert - own.mean_dim([1i64].as_slice(), true, None::<Kind>);
    let length = sum(&direction.square(), 2).sqrt() + 1e-8;
    sum(&(own * (direction / length)), 2)
}

/// Returns the mean of a number of every step over the first episodes, for each member.
pub(crate) fn mean_of_episodes(rollout: &Rollout, numbers: &[f64]) -> Vec<f64> {
    let mut rest = numbers;
    let mut next = |count: usize| {
        let (now, later) = rest.split_at(count);
        rest = later;
        now
    };
    let of_member = |member: usize| {
        let mut kept = Vec::new();
        for steps in rollout.of_member(member) {
            let own = next(steps.len());
            let over = steps.iter().position(|step| step.over).map_or(steps.len(), |at| at + 1);
            kept.extend_from_slice(&own[..over]);
        }
        stats::robust::mean(&kept)
    };
    (0..rollout.members()).map(of_member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use gan::device::to_vec;

    /// The three rewards by probabilities: `-log(1 - D)`, `log D`, and their sum, the logit.
    #[test]
    fn rewards_are_those_of_probabilities() {
        let logits = Tensor::from_slice(&[-3.0f64, -0.2, 0.0, 1.5]);
        let of = |reward: Reward| to_vec(&reward.of(&logits));
        let [positive, negative, logit] =
            [Reward::Positive, Reward::Negative, Reward::Logit].map(of);
        for (i, f) in to_vec(&logits).into_iter().enumerate() {
            let d = 1.0 / (1.0 + (-f).exp());
            assert_abs_diff_eq!(positive[i], -(1.0 - d).ln(), epsilon = 1e-12);
            assert_abs_diff_eq!(negative[i], d.ln(), epsilon = 1e-12);
            assert_abs_diff_eq!(logit[i], positive[i] + negative[i], epsilon = 1e-12);
        }
    }
}
