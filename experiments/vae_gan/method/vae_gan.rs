//! VAE/GAN: reconstruction in the critic's features, in whose place a VAE has pixels.

use gan::Graph;
use gan::hybrid::vae_gan::{critic_loss, decoder_loss, encoder_loss, surprise};
use tch::Tensor;

use super::own;
use crate::model::{Learner, Model};

pub(super) fn update(weight: f64, learner: &Learner, model: &mut Model, x: &Tensor) {
    let codes = model.encode(learner, x);
    let reconstructed = model.generator.apply(&codes.z);
    let of_prior = model.latents(learner);
    let samples = model.generator.apply(&of_prior);

    let critic = own(&mut model.critic);
    let features = |images: &Tensor| critic.net.features(&critic.params, images);
    let surprise = surprise(&features(x).detach(), &features(&reconstructed));
    let of_encoder = encoder_loss(&codes.divergence(), &surprise);
    let on = |images: &Tensor| critic.apply(images);
    let of_decoder = decoder_loss((weight, &surprise), &on(&reconstructed), &on(&samples));
    let encoder = own(&mut model.encoder);
    let down_encoder = encoder.gradient(&of_encoder, Graph::Retain);
    model.generator.descend(&of_decoder);
    encoder.step(&down_encoder);

    let loss = critic_loss(&on(x), &on(&reconstructed.detach()), &on(&samples.detach()));
    critic.descend(&loss);
}
