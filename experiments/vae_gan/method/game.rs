//! GANs without an encoder, packed or penalised.

use gan::step::critic_step;
use gan::{Objective, Penalty};
use tch::Tensor;

use super::own;
use crate::model::{Learner, Model};

pub(super) fn update(
    objective: Objective,
    penalty: Penalty,
    pack: i64,
    learner: &Learner,
    model: &mut Model,
    x: &Tensor,
) {
    // So many samples side by side: PacGAN (Lin et al. 2017).
    let packed = |x: &Tensor| {
        let size = x.size();
        x.reshape([size[0], size[1] / pack, pack * size[2]])
    };
    let of_prior = model.latents(learner);
    let fake = packed(&model.generator.apply(&of_prior));
    let critic = own(&mut model.critic);
    critic_step(objective, penalty, critic, &packed(x), &fake, &mut model.penalty);
    model.generator.descend(&objective.generator_loss(&critic.apply(&fake)));
}
