//! A policy and the values of its states, improved by what the policy did: proximally or within a trust region, with
//! generalised advantages (Schulman et al. 2016).

mod proximal;
mod trust_region;

use gan::device::to_vec;
use gan::optim::Player;
use gan::{Adam, Mlp, Rng};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::rollout::{Rollout, net, policy};
use crate::task::Task;

/// Discount and the decay of advantages: the source's numbers (Ho and Ermon 2016).
const DISCOUNT: f64 = 0.995;
const DECAY: f64 = 0.97;
const ENTROPY: f64 = 1e-3;
/// Full batches from which values learn what an improvement saw. Eight, as many as proximal optimisation takes for its
/// policy, leave `Task::MountainCar`'s so far off that neither optimisation makes an expert of it (README, Claims and rules).
const VALUE_EPOCHS: usize = 40;

/// How a policy is improved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Optimisation {
    /// Steps of Adam on the clipped surrogate (PPO, Schulman et al. 2017).
    #[default]
    Proximal,
    /// One natural gradient as far as a divergence allows (TRPO, Schulman et al. 2015): the source's.
    TrustRegion,
}

impl Optimisation {
    /// Returns whether this is what a configuration without a word about it means.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the name of an arm, by the one that it has under the default.
    pub(crate) fn arm(self, name: String) -> String {
        match self {
            Self::Proximal => name,
            Self::TrustRegion => format!("{name}/trust-region"),
        }
    }
}

shared::state! {
    /// A policy and the values of its states, in units of `1 / (1 - DISCOUNT)` rewards.
    pub(crate) struct Learner {
        pub(crate) policy: Player<Mlp>,
        values: Player<Mlp>,
    }
}

impl Learner {
    pub(crate) fn new(task: Task, hidden: i64, root: &Rng) -> Self {
        let values = net(task, hidden, 1);
        Self {
            policy: policy(task, hidden, &mut root.fork("policy")),
            values: Player::new(values, Adam::new(1e-3, 0.9, 0.999), &mut root.fork("values")),
        }
    }

    /// Improves the policy by what it did, of which each step was worth its reward, `[members, rows, 1]`.
    pub(crate) fn improve(
        &mut self,
        optimisation: Optimisation,
        rollout: &Rollout,
        rewards: &Tensor,
        like: &Rng,
    ) {
        let [features, next] = rollout.features(like);
        let values = self.values.apply(&features).detach();
        let next = self.values.apply(&next).detach();
        let flags: Vec<(bool, bool)> = rollout.rows().map(|step| (step.ends, step.over)).collect();
        let gains = advantages(
            rollout.horizon(),
            &to_vec(&(rewards * (1.0 - DISCOUNT))),
            (&to_vec(&values), &to_vec(&next)),
            &flags,
        );
        let gains = Tensor::from_slice(&gains).to_kind(values.kind()).to_device(values.device());
        let gains = gains.reshape(values.size());
        let targets = &values + &gains;
        let (variance, mean) = gains.var_mean_dim([1i64].as_slice(), false, true);
        let done = Done {
            actions: rollout.actions(like),
            before: rollout.column(like, |step| step.log_probability),
            gains: (gains - mean) / (variance.sqrt() + 1e-8),
            features,
        };
        match optimisation {
            Optimisation::Proximal => proximal::improve(&mut self.policy, &done),
            Optimisation::TrustRegion => trust_region::improve(&mut self.policy, &done),
        }
        for _ in 0..VALUE_EPOCHS {
            let errors = self.values.apply(&done.features) - &targets;
            self.values.descend(&average(&errors.square()));
        }
    }
}

/// What a policy did, `[members, rows, ..]`: where, what, with which log-probability, and how much more than usual it
/// was worth, in its deviations.
struct Done {
    features: Tensor,
    actions: Tensor,
    before: Tensor,
    gains: Tensor,
}

impl Done {
    /// Log-probabilities of all commands under a policy, `[members, rows, commands]`.
    fn log_probabilities(&self, policy: &Player<Mlp>) -> Tensor {
        policy.apply(&self.features).log_softmax(-1, self.features.kind())
    }

    /// How much more probable the chosen commands are than they were.
    fn ratio(&self, log: &Tensor) -> Tensor {
        (log.gather(2, &self.actions, false) - &self.before).exp()
    }

    /// What an improvement raises, unclipped, `[members]`.
    fn surrogate(&self, log: &Tensor) -> Tensor {
        average(&(self.ratio(log) * &self.gains)) + entropy(log)
    }
}

/// The mean over rows, `[members]`.
fn average(x: &Tensor) -> Tensor {
    x.mean_dim([1i64, 2].as_slice(), false, None::<Kind>)
}

/// The bonus for a policy that keeps its choices open, `[members]`.
fn entropy(log: &Tensor) -> Tensor {
    -average(&(log.exp() * log)) * (log.size()[2] as f64) * ENTROPY
}

/// Returns generalised advantages of runs of `horizon` rows: `sum_k (g l)^k delta`, cut where an episode is over;
/// an end is worth nothing, a time limit what its last state is worth.
fn advantages(
    horizon: usize,
    rewards: &[f64],
    (values, next): (&[f64], &[f64]),
    flags: &[(bool, bool)],
) -> Vec<f64> {
    let mut gains = vec![0.0; rewards.len()];
    for start in (0..rewards.len()).step_by(horizon) {
        let mut later = 0.0;
        for i in (start..start + horizon).rev() {
            let (ends, over) = flags[i];
            let worth = if ends { 0.0 } else { next[i] };
            let surprise = rewards[i] + DISCOUNT * worth - values[i];
            later = surprise + if over { 0.0 } else { DISCOUNT * DECAY * later };
            gains[i] = later;
        }
    }
    gains
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// Against the definition, a sum over the rest of an episode.
    #[test]
    fn advantages_are_discounted_sums() {
        let rewards = [1.0, -2.0, 0.5, 3.0, 1.5, -1.0];
        let values = [0.3, 0.1, -0.4, 0.9, 0.2, 0.6];
        let next = [0.1, -0.4, 0.7, 0.2, 0.6, -0.3];
        // The third row is an end, the fourth of the second run of three a limit.
        let flags = [
            (false, false),
            (false, false),
            (true, true),
            (false, true),
            (false, false),
            (false, false),
        ];
        let surprise =
            |i: usize| rewards[i] + if flags[i].0 { 0.0 } else { DISCOUNT * next[i] } - values[i];
        let episodes: [&[usize]; 3] = [&[0, 1, 2], &[3], &[4, 5]];
        let gains = advantages(3, &rewards, (&values, &next), &flags);
        for episode in episodes {
            for (start, &i) in episode.iter().enumerate() {
                let rest = episode[start..].iter().enumerate();
                let sum: f64 =
                    rest.map(|(k, &j)| (DISCOUNT * DECAY).powi(k as i32) * surprise(j)).sum();
                assert_abs_diff_eq!(gains[i], sum, epsilon = 1e-12);
            }
        }
    }
}
