//! AVB: an encoder with noise inputs; a critic of pairs tells its divergence from the prior.

use gan::hybrid::avb::{Contrast, critic_loss, loss, with_square};
use tch::Tensor;

use super::{Method, own, pairs};
use crate::model::{Learner, Model};

/// Updates of the critic for one of the auto-encoder.
const CRITIC_STEPS: usize = 2;
/// Codes of each image behind its contrast.
const DRAWS: i64 = 8;

pub(super) fn update(learner: &Learner, model: &mut Model, x: &Tensor) {
    for _ in 0..CRITIC_STEPS {
        let codes = model.encode(learner, x).z.detach();
        let contrast = contrast(learner, model, x);
        let of_prior = model.latents(learner);
        let critic = own(&mut model.critic);
        let on = |z: &Tensor| critic.apply(&pairs(x, z));
        let loss = if let Some(contrast) = contrast {
            critic_loss(&on(&contrast.standardise(&codes)), &on(&of_prior))
        } else {
            let with_square = |z: &Tensor| with_square(&on(z), z);
            critic_loss(&with_square(&codes), &with_square(&of_prior))
        };
        critic.descend(&loss);
    }

    let codes = model.encode(learner, x).z;
    let reconstructed = model.generator.apply(&codes);
    let surprise = model.surprise(&learner.method, x, &reconstructed);
    let told = log_ratio(learner, model, x, &codes);
    model.descend(&loss(&surprise, &told));
}

/// What the critic says of `ln q(z | x) / p(z)` at codes, `[members, batch, 1]`.
pub(crate) fn log_ratio(learner: &Learner, model: &mut Model, x: &Tensor, z: &Tensor) -> Tensor {
    let contrast = contrast(learner, model, x);
    let critic = own(&mut model.critic);
    match contrast {
        Some(contrast) => {
            let t = critic.apply(&pairs(x, &contrast.standardise(z)));
            contrast.log_ratio(&t, z)
        }
        None => with_square(&critic.apply(&pairs(x, z)), z),
    }
}

/// Mean and deviation of several codes of each image, where the method asks for them.
fn contrast(learner: &Learner, model: &mut Model, x: &Tensor) -> Option<Contrast> {
    if !matches!(learner.method, Method::Avb { adaptive_contrast: true, .. }) {
        return None;
    }
    let _guard = tch::no_grad_guard();
    let repeated = x.repeat_interleave_self_int(DRAWS, 1, None);
    let codes = model.encode(learner, &repeated).z;
    let size = x.size();
    Some(Contrast::of(&codes.reshape([size[0], size[1], DRAWS, -1])))
}
