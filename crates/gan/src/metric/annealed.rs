//! Annealed importance sampling: the likelihood of a decoder with Gaussian noise.

use tch::{Kind, Tensor};

use crate::flow::Base;
use crate::{Graph, Rng, grad};

/// How an annealing runs.
#[derive(Clone, Copy, Debug)]
pub struct Annealing {
    /// Standard deviation of the decoder's noise.
    pub sigma: f64,
    /// Distributions between the prior and the posterior.
    pub temperatures: u64,
    /// Leapfrog steps of a Hamiltonian move.
    pub leapfrogs: u64,
}

/// Returns an estimate of `ln p(x)`, `p(x) = E_z N(x; decode(z), sigma^2)`, one chain for each point; it is
/// a stochastic lower bound.
///
/// The step size of the Hamiltonian moves follows the acceptance (0.65), one for each member.
///
/// # Shapes
/// `x`: `[members, n, dim]`; `decode` maps `[members, n, latent]` to it; result: `[members, n]`, nats.
///
/// # Source
/// Neal 2001; for decoders, Wu et al. 2016 (1611.04273).
pub fn annealed_log_likelihood(
    decode: impl Fn(&Tensor) -> Tensor,
    base: Base,
    latent: i64,
    x: &Tensor,
    annealing: Annealing,
    rng: &mut Rng,
) -> Tensor {
    let (members, n) = (x.size()[0], x.size()[1]);
    let variance = annealing.sigma * annealing.sigma;
    let norm = -0.5 * x.size()[2] as f64 * (std::f64::consts::TAU * variance).ln();
    let sum = |t: Tensor| t.sum_dim_intlist([2i64].as_slice(), false, None::<Kind>);
    let likelihood = |z: &Tensor| sum((decode(z) - x).square()) * (-0.5 / variance) + norm;
    // The energy's two halves and the gradient of the tempered one.
    let look = |z: &Tensor, beta: f64| {
        let z = z.detach().set_requires_grad(true);
        let (prior, fit) = (base.log_prob(&z), likelihood(&z));
        let total = &prior + &fit * beta;
        let slope = grad(&total, &[z], Graph::Free).remove(0);
        (total.detach(), fit.detach(), slope)
    };

    let mut z = base.sample(rng, n, latent);
    let mut step = Tensor::full([members, 1, 1], 0.2, (x.kind(), x.device()));
    let mut weight = Tensor::zeros([members, n], (x.kind(), x.device()));
    let temperature = |t: u64| schedule(t as f64 / annealing.temperatures as f64);
    for t in 1..=annealing.temperatures {
        let beta = temperature(t);
        let (total, fit, mut slope) = look(&z, beta);
        weight += &fit * (beta - temperature(t - 1));
        let momentum = rng.normal(&[n, latent]);
        // Lengths vary by chain: a fixed one can be the period of an orbit.
        let length = &step * (rng.uniform(&[n, 1]) + 0.5);
        let mut p = &momentum + &slope * &length * 0.5;
        let mut moved = z.copy();
        let mut end = total.shallow_clone();
        for leap in 1..=annealing.leapfrogs {
            moved += &p * &length;
            (end, _, slope) = look(&moved, beta);
            let half = if leap == annealing.leapfrogs { 0.5 } else { 1.0 };
            p += &slope * &length * half;
        }
        let gain = end - total + (sum(momentum.square()) - sum(p.square())) * 0.5;
        let accepted = rng.uniform(&[n]).log().less_tensor(&gain).to_kind(x.kind());
        let chosen = accepted.unsqueeze(2);
        // A move that ended nowhere is refused, and must not leave its NaN behind.
        z = z.where_self(&chosen.less(0.5), &moved);
        let rate =
            accepted.mean_dim([1i64].as_slice(), false, None::<Kind>).reshape([members, 1, 1]);
        step *= ((rate - 0.65) * 0.5).exp();
    }
    weight
}

/// Temperatures crowd at both ends (a sigmoid, as in Wu et al. 2016).
fn schedule(share: f64) -> f64 {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let at = |share: f64| sigmoid(4.0 * (2.0 * share - 1.0));
    (at(share) - at(0.0)) / (at(1.0) - at(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;

    /// A linear decoder of a normal latent has a normal marginal, `N(0, A^T A + sigma^2 I)`. One chain's
    /// estimate has an error of some tenths of a nat; the mean of 200 is within 0.15.
    #[test]
    fn agrees_with_a_linear_model() {
        let a = double(&[7]).normal(&[3, 4]);
        let sigma = 0.5;
        let z = double(&[8]).normal(&[200, 3]);
        let x = z.matmul(&a) + double(&[9]).normal(&[200, 4]) * sigma;
        let annealing = Annealing { sigma, temperatures: 1_000, leapfrogs: 5 };
        let estimate = annealed_log_likelihood(
            |z| z.matmul(&a),
            Base::Normal,
            3,
            &x,
            annealing,
            &mut double(&[10]),
        );
        let identity = Tensor::eye(4, (Kind::Double, tch::Device::Cpu));
        let covariance =
            a.squeeze_dim(0).transpose(0, 1).matmul(&a.squeeze_dim(0)) + identity * sigma * sigma;
        let (_, log_det) = Tensor::linalg_slogdet(&covariance);
        let whitened = x.squeeze_dim(0).matmul(&covariance.inverse());
        let distance =
            (whitened * x.squeeze_dim(0)).sum_dim_intlist([1i64].as_slice(), false, None::<Kind>);
        let exact = (distance + log_det + 4.0 * std::f64::consts::TAU.ln()) * -0.5;
        let error = to_vec(&(estimate.squeeze_dim(0) - exact));
        let mean = error.iter().sum::<f64>() / 200.0;
        assert!(mean.abs() < 0.15, "{mean}");
    }
}
