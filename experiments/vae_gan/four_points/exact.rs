//! What can be computed of four points: the likelihood by quadrature over the latent plane.

use gan::Rng;
use gan::device::per_member;
use tch::{Device, Kind, Tensor};

use super::{PIXELS, State, surprise};
use crate::plane::CODES;

/// Points of quadrature along each side.
const SIDE: i64 = 201;

/// `E_x ln p(x)` of each member, by quadrature over the latent plane.
pub(super) fn log_likelihoods(state: &State, root: &Rng) -> Vec<f64> {
    let (plane, log_prior) = CODES.quadrature(SIDE);
    let (kind, device) = root.options();
    let inputs = plane.to_kind(kind).to_device(device).unsqueeze(0);
    let logits = state.decoder.apply(&inputs.expand([root.members(), -1, -1], false));
    let logits = logits.to_device(Device::Cpu).to_kind(Kind::Double);
    let of_point = |i: i64| {
        let x = Tensor::eye(PIXELS, (Kind::Double, Device::Cpu)).get(i);
        let log_joint = -surprise(&logits, &x).squeeze_dim(2) + &log_prior;
        log_joint.logsumexp([1i64].as_slice(), false)
    };
    let all = Tensor::stack(&(0..PIXELS).map(of_point).collect::<Vec<_>>(), 1);
    per_member(&all.mean_dim([1i64].as_slice(), false, None::<Kind>))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::four_points::Method;
    use approx::assert_abs_diff_eq;

    /// A decoder that ignores its code and says 1/4 for every pixel: `ln p(x) = ln 1/4 + 3 ln 3/4`.
    #[test]
    fn likelihood_of_a_constant_decoder() {
        let root = gan::rng::double(&[0]);
        let mut state = State::new(Method::Vae, &root);
        let zero = state.decoder.params.flat().zeros_like();
        state.decoder.params.set(&zero);
        let mut bias = state.decoder.params.views().last().expect("a bias").shallow_clone();
        let _guard = tch::no_grad_guard();
        bias.copy_(&Tensor::full([1, 1, PIXELS], (1.0f64 / 3.0).ln(), (Kind::Double, Device::Cpu)));
        let found = log_likelihoods(&state, &root)[0];
        assert_abs_diff_eq!(found, 0.25f64.ln() + 3.0 * 0.75f64.ln(), epsilon = 1e-4);
    }
}
