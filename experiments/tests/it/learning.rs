//! Does anything learn at all?

use gan::optim::Player;
use gan::step::{critic_step, generator_step};
use gan::{Activation, Adam, Mlp, Objective, Penalty, Rng};
use tch::Kind;

/// A one-dimensional WGAN-GP moves a blob at 0 onto N(3, 1); its mean and deviation end within a fifth.
/// Two members, so that the stack learns, not only its first member. The penalty weight is the 0.1 of
/// the authors' toy script: at 10 a critic on the line cannot turn its slope from +1 to -1, and the
/// generator swings about the target.
#[test]
fn a_wasserstein_gan_fits_a_normal() {
    let root = Rng::new(&[0, 1]);
    let adam = |rate| Adam::new(rate, 0.0, 0.9);
    let generator = Mlp::new(&[1, 16, 1], Activation::Relu);
    let critic = Mlp::new(&[1, 32, 1], Activation::LeakyRelu(0.2));
    let mut g = Player::new(generator, adam(5e-4), &mut root.fork("generator"));
    let mut d = Player::new(critic, adam(5e-3), &mut root.fork("critic"));
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut penalty = root.fork("penalty");
    let weight = Penalty::Gradient { weight: 0.1 };
    for _ in 0..3000 {
        for _ in 0..5 {
            let real = data.normal(&[128, 1]) + 3.0;
            let fake = g.apply(&latent.normal(&[128, 1]));
            let _ = critic_step(Objective::Wasserstein, weight, &mut d, &real, &fake, &mut penalty);
        }
        let _ = generator_step(Objective::Wasserstein, &mut g, &d, &latent.normal(&[128, 1]));
    }
    let samples = g.apply(&root.fork("eval").normal(&[5_000, 1])).squeeze_dim(2);
    let mean = samples.mean_dim([1i64].as_slice(), false, None::<Kind>);
    let deviation = samples.std_dim([1i64].as_slice(), true, false);
    for member in 0..2 {
        let (mean, deviation) = (mean.double_value(&[member]), deviation.double_value(&[member]));
        assert!((mean - 3.0).abs() < 0.2, "member {member}: mean {mean}");
        assert!((deviation - 1.0).abs() < 0.2, "member {member}: deviation {deviation}");
    }
}
