//! Does anything learn at all?

use gan::flow::{Affine, Base, Bijector, Coupling, Flow};
use gan::optim::Player;
use gan::step::{critic_step, generator_step};
use gan::{Activation, Adam, Mlp, Net, Objective, Penalty, Rng};
use tch::{Kind, Tensor};

/// A one-dimensional WGAN-GP moves a blob at 0 onto N(3, 1); mean and deviation of its averaged generator end
/// within a fifth.
/// Two members, so that the stack learns, not only its first member. The penalty weight is the 0.1 of
/// the authors' toy script: at 10 a critic on the line cannot turn its slope from +1 to -1, and the
/// generator swings about the target. The critic is some thirty times as fast as the generator: at half of that
/// some members end as wide as the swing, and which ones is a matter of last bits.
#[test]
fn a_wasserstein_gan_fits_a_normal() {
    let root = Rng::new(&[0, 1]);
    let adam = |rate| Adam::new(rate, 0.0, 0.9);
    let generator = Mlp::new(&[1, 16, 1], Activation::Relu);
    let critic = Mlp::new(&[1, 32, 1], Activation::LeakyRelu(0.2));
    let mut g = Player::new(generator, adam(3e-4), &mut root.fork("generator"));
    let mut d = Player::new(critic, adam(1e-2), &mut root.fork("critic"));
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut penalty = root.fork("penalty");
    let weight = Penalty::Gradient { weight: 0.1 };
    let mut average = g.params.snapshot();
    for _ in 0..6000 {
        for _ in 0..5 {
            let real = data.normal(&[128, 1]) + 3.0;
            let fake = g.apply(&latent.normal(&[128, 1]));
            critic_step(Objective::Wasserstein, weight, &mut d, &real, &fake, &mut penalty);
        }
        let _ = generator_step(Objective::Wasserstein, &mut g, &d, &latent.normal(&[128, 1]));
        average.lerp(&g.params, 0.002);
    }
    let samples = g.net.apply(&average, &root.fork("eval").normal(&[5_000, 1])).squeeze_dim(2);
    let mean = samples.mean_dim([1i64].as_slice(), false, None::<Kind>);
    let deviation = samples.std_dim([1i64].as_slice(), true, false);
    for member in 0..2 {
        let (mean, deviation) = (mean.double_value(&[member]), deviation.double_value(&[member]));
        assert!((mean - 3.0).abs() < 0.2, "member {member}: mean {mean}");
        assert!((deviation - 1.0).abs() < 0.2, "member {member}: deviation {deviation}");
    }
}

/// The banana `(a, a^2 + 0.3 b)` with normal `a`, `b` has the entropy `1 + ln(2 pi) + ln 0.3`. A small flow
/// comes within 0.05 nats of it; three standard errors over 5,000 fresh points are 0.045.
#[test]
fn the_likelihood_of_a_flow_reaches_the_entropy_of_its_target() {
    let root = Rng::new(&[0, 1]);
    let coupling =
        |first| -> Box<dyn Bijector> { Box::new(Coupling::new(Affine::Affine, 2, first, &[32])) };
    let chain = vec![coupling(true), coupling(false), coupling(true)];
    let flow = Flow { base: Base::Normal, dim: 2, chain };
    let mut flow = Player::new(flow, Adam::new(5e-3, 0.9, 0.999), &mut root.fork("flow"));
    let banana = |rng: &mut Rng, count: i64| {
        let ab = rng.normal(&[count, 2]);
        let (a, b) = (ab.narrow(2, 0, 1), ab.narrow(2, 1, 1));
        Tensor::cat(&[&a, &(a.square() + b * 0.3)], 2)
    };
    let loss = |flow: &Player<Flow>, x: &Tensor| {
        -flow.net.log_prob(&flow.params, x).mean_dim([1i64].as_slice(), false, None::<Kind>)
    };
    let mut data = root.fork("data");
    for _ in 0..1_000 {
        let x = banana(&mut data, 128);
        let nats = loss(&flow, &x);
        flow.descend(&nats);
    }
    let entropy = 1.0 + std::f64::consts::TAU.ln() + 0.3f64.ln();
    let fresh = loss(&flow, &banana(&mut root.fork("fresh"), 5_000));
    for member in 0..2 {
        let excess = fresh.double_value(&[member]) - entropy;
        assert!((-0.045..0.05 + 0.045).contains(&excess), "member {member}: {excess} nats");
    }
}
