//! AAE: reconstruction, and codes that a critic cannot tell from the prior's.

use gan::Graph;
use gan::hybrid::aae::{code_loss, critic_loss};
use gan::optim::Optimizer;
use tch::Tensor;

use super::{mean, own};
use crate::model::{Learner, Model};

/// Encoder and decoder minimise the sum of both losses at once, in nats: what an objective says.
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

/// The paper's two phases, each with an optimiser of its own, so that neither loss outweighs the other.
pub(super) fn update_in_phases(learner: &Learner, model: &mut Model, x: &Tensor) {
    let codes = model.encode(learner, x).z;
    let reconstructed = model.generator.apply(&codes);
    let surprise = model.surprise(&learner.method, x, &reconstructed);
    model.descend(&mean(&surprise));

    let of_prior = model.latents(learner);
    let codes = model.encode(learner, x).z;
    let critic = own(&mut model.code_critic);
    critic.descend(&critic_loss(&critic.apply(&of_prior), &critic.apply(&codes.detach())));
    let encoder = own(&mut model.encoder);
    let gradient = encoder.gradient(&code_loss(&critic.apply(&codes)), Graph::Free);
    let state = own(&mut model.second_phase);
    encoder.optimizer.step(&mut encoder.params, &gradient, state);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;
    use crate::model::Encoder;
    use crate::nets::{Nets, POINT};
    use approx::assert_abs_diff_eq;
    use gan::vae::DecoderSigma;
    use gan::{Adam, Rng};

    /// Adam's first step is as long as its rate in every parameter, whatever the gradient: an encoder of two phases makes
    /// two of them, of which each may go either way, and one of their sum makes one.
    #[test]
    fn each_phase_has_a_step_of_its_own() {
        const RATE: f64 = 1e-3;

        gan::prepare_thread();
        let longest = |two_phases| {
            let method = Method::Aae { sigma: DecoderSigma::Learned, two_phases };
            let learner = Learner {
                method,
                encoder: Encoder::Deterministic,
                nets: Nets { latent: 2, width: 8, maps: vec![] },
                adam: Adam::new(RATE, 0.5, 0.999),
                batch: 16,
                steps: 1,
            };
            let mut model = Model::new(&learner, POINT, &Rng::new(&[3]));
            let nets = |model: &Model| {
                [&model.encoder, &model.code_critic]
                    .map(|net| net.as_ref().unwrap().params.flat().copy())
                    .into_iter()
                    .chain([model.generator.params.flat().copy()])
                    .collect::<Vec<Tensor>>()
            };
            let before = nets(&model);
            let x = model.data.normal(&[16, 2]) + 1.0;
            method.update(&learner, &mut model, &x);
            let moved = before.iter().zip(nets(&model)).map(|(before, after)| before - after);
            moved.map(|moved| moved.abs().max().double_value(&[])).collect::<Vec<f64>>()
        };
        let expect = |two_phases, steps: [f64; 3]| {
            for (moved, steps) in longest(two_phases).into_iter().zip(steps) {
                assert_abs_diff_eq!(moved, steps * RATE, epsilon = 1e-2 * RATE);
            }
        };
        expect(false, [1.0, 1.0, 1.0]);
        expect(true, [2.0, 1.0, 1.0]);
    }
}
