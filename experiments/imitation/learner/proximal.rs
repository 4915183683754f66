//! Proximal policy optimisation (Schulman et al. 2017, clipped).

use gan::Mlp;
use gan::optim::Player;

use super::{Done, average, entropy};

const CLIP: f64 = 0.2;
/// Full batches of an improvement.
const EPOCHS: usize = 8;

/// Moves a policy by full batches of the clipped surrogate.
pub(super) fn improve(policy: &mut Player<Mlp>, done: &Done) {
    for _ in 0..EPOCHS {
        let log = done.log_probabilities(policy);
        let ratio = done.ratio(&log);
        let clipped = ratio.clamp(1.0 - CLIP, 1.0 + CLIP) * &done.gains;
        let surrogate = average(&(ratio * &done.gains).minimum(&clipped));
        policy.descend(&-(surrogate + entropy(&log)));
    }
}
