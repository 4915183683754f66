//! Trust region policy optimisation (Schulman et al. 2015, 1502.05477): the natural gradient, as far as the mean
//! divergence from the policy that acted allows.

use gan::optim::Player;
use gan::{Graph, Mlp, Params, grad};
use tch::{Kind, Tensor};

use super::{Done, average};

/// Largest mean divergence in nats and the damping of its curvature: the source's numbers (Ho and Ermon 2016).
const RADIUS: f64 = 0.01;
const DAMPING: f64 = 0.1;
/// Conjugate gradients to a direction, and lengths of the way along it that are tried, each half of the one before.
const DIRECTIONS: usize = 10;
const LENGTHS: usize = 10;

/// Moves each member's policy by one step that raises its surrogate inside of the trust region; a member for which no
/// length does so stays.
pub(super) fn improve(policy: &mut Player<Mlp>, done: &Done) {
    let log = done.log_probabilities(policy);
    let (old, start) = (log.detach(), policy.params.flat().detach().copy());

    let now = done.surrogate(&log);
    let gradient = policy.gradient(&now, Graph::Retain);
    let slope = slope(policy, &divergence(&old, &log));
    let damped = |x: &Tensor| curvature(policy, &slope, x) + x * DAMPING;
    let direction = conjugate_gradients(damped, &gradient);
    let mut length = (2.0 * RADIUS / dot(&direction, &damped(&direction))).sqrt();

    let _guard = tch::no_grad_guard();
    for _ in 0..LENGTHS {
        policy.params.set(&(&start + &direction * &length));
        let log = done.log_probabilities(policy);
        let is_better = done.surrogate(&log).gt_tensor(&now);
        let is_near = divergence(&old, &log).less_equal(RADIUS);
        let fits = is_better.logical_and(&is_near).unsqueeze(1);
        if fits.all().int64_value(&[]) == 1 {
            return;
        }
        policy.params.set(&policy.params.flat().where_self(&fits, &start));
        length = length.where_self(&fits, &(&length * 0.5));
    }
}

/// The mean divergence of policies from the old one, `[members]`, by log-probabilities of all commands.
fn divergence(old: &Tensor, log: &Tensor) -> Tensor {
    average(&(old.exp() * (old - log))) * (old.size()[2] as f64)
}

/// The gradient of a divergence, `[members, total]`, which can be differentiated again.
fn slope(policy: &Player<Mlp>, divergence: &Tensor) -> Tensor {
    Params::join(&grad(divergence, policy.params.views(), Graph::Keep))
}

/// The product of the second derivative of a divergence with `x`, `[members, total]`.
fn curvature(policy: &Player<Mlp>, slope: &Tensor, x: &Tensor) -> Tensor {
    policy.gradient(&(slope * x), Graph::Retain)
}

/// The product of two vectors of each member, `[members, 1]`.
fn dot(a: &Tensor, b: &Tensor) -> Tensor {
    (a * b).sum_dim_intlist([1i64].as_slice(), true, None::<Kind>)
}

/// Solves `product(x) = b` for a symmetric, positive product, each member for itself, from zero.
fn conjugate_gradients(product: impl Fn(&Tensor) -> Tensor, b: &Tensor) -> Tensor {
    const NOTHING: f64 = 1e-30;
    let mut x = b.zeros_like();
    let (mut residual, mut direction) = (b.copy(), b.copy());
    let mut left = dot(&residual, &residual);
    for _ in 0..DIRECTIONS {
        let along = product(&direction);
        let length = &left / (dot(&direction, &along) + NOTHING);
        x += &direction * &length;
        residual -= along * length;
        let next = dot(&residual, &residual);
        direction = &residual + direction * (&next / (left + NOTHING));
        left = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use gan::device::to_vec;
    use gan::{Activation, Adam, Net, Rng};

    fn root() -> Rng {
        Rng::new(&[3, 4]).with((Kind::Double, tch::Device::Cpu))
    }

    /// Two members in double precision: a policy with some choices between three commands, and random gains.
    fn example(widths: &[i64]) -> (Player<Mlp>, Done) {
        let root = root();
        let net = Mlp::new(widths, Activation::Tanh);
        let policy = Player::new(net, Adam::new(1e-3, 0.9, 0.999), &mut root.fork("policy"));
        let features = root.fork("features").normal(&[200, widths[0]]);
        let actions = root.fork("actions").index(3, 200).unsqueeze(2);
        let gains = root.fork("gains").normal(&[200, 1]);
        let log = policy.apply(&features).log_softmax(-1, Kind::Double).detach();
        let before = log.gather(2, &actions, false);
        (policy, Done { features, actions, before, gains })
    }

    /// A linear policy's curvature is the mean of `(diag p - p p^T) x (s s^T)` over states `s`, with a one for its bias.
    #[test]
    fn curvature_is_fishers_information() {
        let (policy, done) = example(&[2, 3]);
        let log = done.log_probabilities(&policy);
        let slope = slope(&policy, &divergence(&log.detach(), &log));
        assert_abs_diff_eq!(slope.abs().max().double_value(&[]), 0.0, epsilon = 1e-12);
        let x = root().fork("x").normal(&[policy.params.count()]);
        let found = curvature(&policy, &slope, &x);

        // Changes of logits along `x`; the same net is linear in its parameters.
        let along = policy.net.apply(&policy.params.with_flat(x.shallow_clone()), &done.features);
        let p = log.exp().detach();
        let inner = (&p * &along).sum_dim_intlist([2i64].as_slice(), true, None::<Kind>);
        let back = &p * (along - inner) / 200.0;
        let logits = policy.apply(&done.features);
        let expected = policy.gradient(&(logits * back), Graph::Free);
        assert!(found.allclose(&expected, 1e-9, 1e-12, false), "{found} {expected}");
    }

    #[test]
    fn conjugate_gradients_solve_systems_of_few_unknowns() {
        let a = root().fork("a").normal(&[6, 6]);
        let a = a.matmul(&a.transpose(1, 2)) + Tensor::eye(6, (Kind::Double, tch::Device::Cpu));
        let b = root().fork("b").normal(&[6]);
        let x = conjugate_gradients(|x| a.matmul(&x.unsqueeze(2)).squeeze_dim(2), &b);
        let found = a.matmul(&x.unsqueeze(2)).squeeze_dim(2);
        assert!(found.allclose(&b, 1e-8, 1e-8, false), "{found} {b}");
    }

    /// The surrogate rises, and the whole of the trust region is used where the quadratic model of it is good.
    #[test]
    fn a_step_ends_at_the_border_of_the_region() {
        let (mut policy, done) = example(&[2, 8, 3]);
        let log = done.log_probabilities(&policy).detach();
        let before = to_vec(&done.surrogate(&log));
        improve(&mut policy, &done);
        let after = done.log_probabilities(&policy).detach();
        for (before, after) in before.iter().zip(to_vec(&done.surrogate(&after))) {
            assert!(after > *before, "{before} {after}");
        }
        for found in to_vec(&divergence(&log, &after)) {
            assert!((0.2 * RADIUS..=RADIUS).contains(&found), "{found}");
        }
    }

    /// A member whose gains are no numbers keeps its policy, and its neighbour moves as it would beside any other.
    #[test]
    fn members_move_for_themselves() {
        let (mut policy, mut done) = example(&[2, 8, 3]);
        let (mut other, whole) = example(&[2, 8, 3]);
        let start = policy.params.flat().copy();
        let broken = Tensor::from_slice(&[f64::NAN, 1.0]).view([2, 1, 1]);
        done.gains = &done.gains * broken;
        improve(&mut policy, &done);
        improve(&mut other, &whole);
        let [own, others] = [&policy, &other].map(|player| player.params.flat().detach());
        assert!(own.get(0).equal(&start.get(0)));
        assert!(!own.get(1).equal(&start.get(1)));
        assert!(own.get(1).allclose(&others.get(1), 1e-9, 1e-12, false));
    }
}
