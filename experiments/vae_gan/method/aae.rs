//! AAE: reconstruction, and codes that a critic cannot tell from the prior's.
//!
//! The two phases of the paper are one update of their sum here, the reconstruction in nats.

use gan::hybrid::aae::{code_loss, critic_loss};
use tch::Tensor;

use super::{mean, own};
use crate::model::{Learner, Model};

pub(super) fn update(learner: &Learner, model: &mut Model, x: &Tensor) {
    let codes = model.encode(learner, x).z;
    let reconstructed = model.generator.apply(&codes);
    let surprise = model.surprise(&learner.method, x, &reconstructed);
    let on_codes = own(&mut model.code_critic).apply(&codes);
    model.descend(&(mean(&surprise) + code_loss(&on_codes)));

    let of_prior = model.latents(learner);
    let critic = own(&mut model.code_critic);
    critic.descend(&critic_loss(&critic.apply(&of_prior), &critic.apply(&codes.detach())));
}
