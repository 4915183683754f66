//! ALI: encoder and generator make pairs of image and code that a critic cannot tell apart.

use gan::hybrid::ali::{critic_loss, players_loss};
use tch::Tensor;

use super::{own, pairs};
use crate::model::{Learner, Model};

pub(super) fn update(learner: &Learner, model: &mut Model, x: &Tensor) {
    let codes = model.encode(learner, x).z;
    let of_prior = model.latents(learner);
    let encoded = pairs(x, &codes);
    let generated = pairs(&model.generator.apply(&of_prior), &of_prior);
    let critic = own(&mut model.critic);
    let loss = players_loss(&critic.apply(&encoded), &critic.apply(&generated));
    model.descend(&loss);

    let critic = own(&mut model.critic);
    let on = |pairs: &Tensor| critic.apply(&pairs.detach());
    critic.descend(&critic_loss(&on(&encoded), &on(&generated)));
}
