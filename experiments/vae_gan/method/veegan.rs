//! VEEGAN: a reconstructor of noise and a critic of pairs.

use gan::Graph;
use gan::hybrid::veegan::{critic_loss, generator_loss, noise_error, reconstructor_loss};
use tch::Tensor;

use super::{own, pairs};
use crate::model::{Learner, Model};

pub(super) fn update(against_critic: bool, learner: &Learner, model: &mut Model, x: &Tensor) {
    let of_prior = model.latents(learner);
    let samples = model.generator.apply(&of_prior);
    let error = noise_error(&of_prior, &model.encode(learner, &samples).z);
    let generated = pairs(&samples, &of_prior);
    let on_generated = own(&mut model.critic).apply(&generated);
    let of_reconstructor = if against_critic {
        let of_data = pairs(x, &model.encode(learner, x).z);
        reconstructor_loss(&own(&mut model.critic).apply(&of_data), &error)
    } else {
        error.shallow_clone()
    };
    let reconstructor = own(&mut model.encoder);
    let down_reconstructor = reconstructor.gradient(&of_reconstructor, Graph::Retain);
    model.generator.descend(&generator_loss(&on_generated, &error));
    reconstructor.step(&down_reconstructor);

    let of_data = pairs(x, &model.encode(learner, x).z);
    let critic = own(&mut model.critic);
    let on = |pairs: &Tensor| critic.apply(&pairs.detach());
    critic.descend(&critic_loss(&on(&generated), &on(&of_data)));
}
