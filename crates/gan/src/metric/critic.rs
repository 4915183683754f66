//! The independent critic: an estimate of the Wasserstein distance by a critic that no generator met.

use tch::{Kind, Tensor};

use crate::optim::{Optimizer, Player};
use crate::step::critic_step;
use crate::{Net, Objective, Penalty, Rng};

/// How long and on what a critic is fitted.
#[derive(Clone, Copy, Debug)]
pub struct CriticFit {
    /// Updates.
    pub steps: u64,
    /// Points of each side in a minibatch.
    pub batch: i64,
    /// Keeps it smooth.
    pub penalty: Penalty,
}

/// Fits a fresh critic between fixed points and a sampler, and returns it.
///
/// Whether it has overfitted its points is seen on points that it was not fitted to; whether the model has
/// overfitted its training data is seen by comparing both of the critic's means with that on training data.
///
/// # Shapes
/// `points`: `[members, n, dim]`; `samples(count)`: `[members, count, dim]`.
///
/// # Source
/// Danihelka et al. 2017 (the idea); the protocol is ours.
pub fn independent_critic<N: Net, O: Optimizer>(
    mut critic: Player<N, O>,
    fit: CriticFit,
    points: &Tensor,
    mut samples: impl FnMut(i64) -> Tensor,
    rng: &mut Rng,
) -> Player<N, O> {
    for _ in 0..fit.steps {
        let real = choose(points, fit.batch, rng);
        let fake = samples(fit.batch);
        critic_step(Objective::Wasserstein, fit.penalty, &mut critic, &real, &fake, rng);
    }
    critic
}

/// Returns a minibatch of each member's points, `[members, count, dim]`.
fn choose(points: &Tensor, count: i64, rng: &mut Rng) -> Tensor {
    let index = rng.index(points.size()[1], count).unsqueeze(2);
    let dim = points.size()[2];
    points.gather(1, &index.expand([rng.members(), count, dim], false), false)
}

/// Returns the critic's mean on a set of points, `[members]`.
pub fn critic_means<N: Net, O: Optimizer>(critic: &Player<N, O>, points: &Tensor) -> Tensor {
    let _guard = tch::no_grad_guard();
    critic.apply(points).mean_dim([1i64, 2].as_slice(), false, Kind::Double)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::per_member;
    use crate::{Activation, Adam, Mlp};

    /// The distance between N(0, 0.1^2) and N(2, 0.1^2) on the line is d = 2. A critic of slope s earns
    /// `s d - lambda (s - 1)^2`, which is largest at `s = 1 + d / (2 lambda)`: with lambda 0.5 it
    /// reads 6. (Above `d / 2` lambda leaves a second, wrong maximum at a negative slope.)
    #[test]
    fn measures_a_shift() {
        let root = Rng::new(&[0, 1]);
        let net = Mlp::new(&[1, 32, 1], Activation::LeakyRelu(0.2));
        let critic = Player::new(net, Adam::new(5e-3, 0.5, 0.9), &mut root.fork("critic"));
        let mut draws = root.fork("samples");
        let points = root.fork("points").normal(&[500, 1]) * 0.1 + 2.0;
        let fit = CriticFit { steps: 300, batch: 64, penalty: Penalty::Gradient { weight: 0.5 } };
        let critic = independent_critic(
            critic,
            fit,
            &points,
            |count| draws.normal(&[count, 1]) * 0.1,
            &mut root.fork("fit"),
        );
        let fresh = root.fork("fresh").normal(&[500, 1]) * 0.1;
        let distance = critic_means(&critic, &points) - critic_means(&critic, &fresh);
        for distance in per_member(&distance) {
            assert!((distance - 6.0).abs() < 0.3, "{distance}");
        }
    }
}
