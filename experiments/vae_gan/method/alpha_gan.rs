//! alpha-GAN: an explicit and a synthetic likelihood, and the codes' divergence by a ratio.

use gan::hybrid::alpha_gan::{
    code_critic_loss, critic_loss, encoder_loss, generator_loss, reconstruction,
};
use gan::{Graph, range};
use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::own;
use crate::model::{Learner, Model};

/// The terms of the loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlphaGan {
    /// Weight of the absolute error of a number, lambda.
    #[garde(custom(range::weight))]
    pub(crate) weight: f64,
    /// Whether a critic tells codes from the prior's.
    #[garde(skip)]
    pub(crate) code_critic: bool,
    /// Whether a critic tells images from reconstructions.
    #[garde(skip)]
    pub(crate) of_reconstructions: bool,
    /// Whether a critic tells images from samples.
    #[garde(skip)]
    pub(crate) of_samples: bool,
}

impl AlphaGan {
    /// All of them.
    pub(crate) const WHOLE: Self =
        Self { weight: 10.0, code_critic: true, of_reconstructions: true, of_samples: true };

    pub(super) fn has_critic(self) -> bool {
        self.of_reconstructions || self.of_samples
    }
}

/// Four updates from one pass: encoder, generator, critic of images, critic of codes.
pub(super) fn update(terms: &AlphaGan, learner: &Learner, model: &mut Model, x: &Tensor) {
    let codes = model.encode(learner, x).z;
    let reconstructed = model.generator.apply(&codes);
    let of_prior = model.latents(learner);
    let samples = terms.of_samples.then(|| model.generator.apply(&of_prior));

    let error = reconstruction(x, &reconstructed);
    let on_codes = model.code_critic.as_ref().map(|critic| critic.apply(&codes));
    let of_encoder = encoder_loss((terms.weight, &error), on_codes.as_ref());
    let on = |images: &Tensor| model.critic.as_ref().map(|critic| critic.apply(images));
    let on_reconstructed = terms.of_reconstructions.then(|| on(&reconstructed)).flatten();
    let on_samples = samples.as_ref().and_then(on);
    let of_generator =
        generator_loss((terms.weight, &error), on_reconstructed.as_ref(), on_samples.as_ref());
    let encoder = own(&mut model.encoder);
    let down_encoder = encoder.gradient(&of_encoder, Graph::Retain);
    let down_generator = model.generator.gradient(&of_generator, Graph::Retain);
    encoder.step(&down_encoder);
    model.generator.step(&down_generator);

    if let Some(critic) = &mut model.critic {
        let on_real = critic.apply(x);
        critic.descend(&critic_loss(&on_real, on_reconstructed.as_ref(), on_samples.as_ref()));
    }
    if let (Some(critic), Some(on_codes)) = (&mut model.code_critic, on_codes) {
        let on_prior = critic.apply(&of_prior);
        critic.descend(&code_critic_loss(&on_prior, &on_codes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;
    use crate::model::Encoder;
    use crate::nets::{Nets, POINT};
    use gan::objective::GeneratorLoss;
    use gan::{Adam, Objective, Rng};

    /// With samples in the critic alone and nothing to reconstruct, alpha-GAN is a GAN whose generator follows the
    /// log-ratio, to the bit.
    #[test]
    fn without_reconstruction_and_codes_it_is_a_gan() {
        gan::prepare_thread();
        let terms = AlphaGan {
            weight: 0.0,
            code_critic: false,
            of_reconstructions: false,
            of_samples: true,
        };
        let learner = Learner {
            method: Method::AlphaGan(terms),
            encoder: Encoder::Deterministic,
            nets: Nets { latent: 2, width: 8, maps: vec![] },
            adam: Adam::new(1e-3, 0.5, 0.999),
            batch: 16,
            steps: 1,
        };
        let root = Rng::new(&[3, 4]);
        let mut hybrid = Model::new(&learner, POINT, &root);
        let mut game = Model::new(&learner, POINT, &root);
        for _ in 0..5 {
            let x = hybrid.data.normal(&[16, 2]) + 1.0;
            update(&terms, &learner, &mut hybrid, &x);

            let x = game.data.normal(&[16, 2]) + 1.0;
            let fake = game.generator.apply(&game.prior.normal(&[16, 2]));
            let critic = own(&mut game.critic);
            game.generator.descend(&GeneratorLoss::LogRatio.value(&critic.apply(&fake)));
            let on = |x: &Tensor| critic.apply(&x.detach());
            let loss = Objective::NonSaturating.critic_loss(&on(&x), &on(&fake));
            critic.descend(&loss);
        }
        assert!(hybrid.generator.params.flat().equal(game.generator.params.flat()));
    }
}
