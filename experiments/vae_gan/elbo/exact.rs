//! Integrals over the latent plane: the likelihood of points, and the divergence of all codes from the prior.

use gan::Rng;
use tch::{Device, Kind, Tensor};

use crate::codes::{log_mixture, log_prior};
use crate::method::Method;
use crate::model::{Learner, Model};
use crate::plane::CODES;

/// Points of quadrature along each side of the plane.
const SIDE: i64 = 201;
/// Rows of a matrix of distances at a time.
const CHUNK: i64 = 200;
/// Codes of each point behind an estimate by samples.
const DRAWS: i64 = 5;

/// `ln p(x)` of each point in nats, `[members, rows]` in double precision.
pub(super) fn log_likelihood(model: &Model, learner: &Learner, x: &Tensor) -> Tensor {
    let (plane, log_weights) = CODES.quadrature(SIDE);
    let (kind, device) = (x.kind(), x.device());
    let plane = plane.to_kind(kind).to_device(device).unsqueeze(0);
    let log_weights = log_weights.to_kind(kind).to_device(device);
    let means = model.generator.apply(&plane.expand([x.size()[0], -1, -1], false));
    let of_chunk = |chunk: Tensor| {
        let log_joint = log_density(model, &learner.method, &chunk, &means) + &log_weights;
        log_joint.logsumexp([2i64].as_slice(), false).to_kind(Kind::Double)
    };
    let chunks: Vec<Tensor> = x.split(CHUNK, 1).into_iter().map(of_chunk).collect();
    Tensor::cat(&chunks, 1)
}

/// `ln p(x | z)` of every point at every mean by the explicit likelihood, `[members, points, means]`.
fn log_density(model: &Model, method: &Method, x: &Tensor, means: &Tensor) -> Tensor {
    if let Method::AlphaGan(terms) = method {
        let rate = terms.weight / 2.0;
        return Tensor::cdist(x, means, 1.0, 2) * -rate + 2.0 * (rate / 2.0).ln();
    }
    let log_sigma = model.log_sigma(method);
    let squares = (Tensor::cdist(x, means, 2.0, 2) * (-&log_sigma).exp()).square();
    squares * -0.5 - std::f64::consts::TAU.ln() - log_sigma * 2.0
}

/// The divergence in nats of the codes of a whole set together from the prior, of each member.
pub(super) struct Marginals {
    /// By quadrature over the plane; none where posteriors are so narrow that their mass there is not one to a hundredth.
    pub(super) by_grid: Vec<Option<f64>>,
    /// By codes of the set, whose density is that of the whole set's mixture.
    pub(super) by_samples: Vec<f64>,
}

/// Returns both divergences for an encoder with a density; the codes are drawn by `rng`.
pub(super) fn marginals(
    model: &mut Model,
    learner: &Learner,
    set: &Tensor,
    rng: &Rng,
) -> Marginals {
    model.noise = rng.fork("marginal");
    let repeated = set.repeat_interleave_self_int(DRAWS, 1, None);
    let codes = model.encode(learner, &repeated);
    let double = |t: &Tensor| t.to_device(Device::Cpu).to_kind(Kind::Double);
    let [mean, log_deviation] =
        codes.normal.expect("normal codes").map(|t| double(&t).slice(1, None, None, DRAWS));
    let z = double(&codes.z);
    let (plane, log_weights) = CODES.quadrature(SIDE);
    let plane = double(&plane);
    let of_member = |i: i64| {
        let law = [&mean, &log_deviation].map(|t| t.get(i));
        let on_plane = log_mixture(&plane, &law);
        let over = &on_plane - log_prior(&plane);
        let masses = (&over + &log_weights).exp();
        let [mass, by_grid] =
            [masses.shallow_clone(), masses * &over].map(|t| t.sum(Kind::Double).double_value(&[]));
        let by_grid = ((mass - 1.0).abs() < 0.01).then_some(by_grid);
        let of_codes = z.get(i);
        let by_samples = (log_mixture(&of_codes, &law) - log_prior(&of_codes)).mean(Kind::Double);
        (by_grid, by_samples.double_value(&[]))
    };
    let (by_grid, by_samples) = (0..mean.size()[0]).map(of_member).unzip();
    Marginals { by_grid, by_samples }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elbo::methods;
    use crate::nets::{Nets, POINT};
    use approx::assert_abs_diff_eq;
    use gan::Adam;
    use gan::device::to_vec;

    /// A decoder that ignores its code: `p(x)` is the explicit likelihood about its bias, zero here.
    #[test]
    fn likelihood_of_a_constant_decoder() {
        let root = gan::rng::double(&[0]);
        let x = Tensor::from_slice(&[0.3f64, -0.1]).reshape([1, 1, 2]);
        for ((_, method), encoder) in methods() {
            let nets = Nets { latent: 2, width: 4, maps: vec![] };
            let adam = Adam::new(1e-3, 0.5, 0.999);
            let learner = Learner { method, encoder, nets, adam, batch: 4, steps: 1 };
            let mut model = Model::new(&learner, POINT, &root);
            let zero = model.generator.params.flat().zeros_like();
            model.generator.params.set(&zero);
            let exact = if matches!(method, Method::AlphaGan(_)) {
                // Laplace of scale 2 / 10.
                -0.4 / 0.2 - 2.0 * 0.4f64.ln()
            } else {
                -0.1 / 2.0 / 0.04 - (std::f64::consts::TAU * 0.04).ln()
            };
            let found = to_vec(&log_likelihood(&model, &learner, &x))[0];
            assert_abs_diff_eq!(found, exact, epsilon = 1e-5);
        }
    }
}
