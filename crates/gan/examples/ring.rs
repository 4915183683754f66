//! Trains a GAN with a gradient penalty on a ring of eight Gaussians, and counts the modes that it holds.
//!
//!     cargo run --release --example ring

#![expect(clippy::print_stdout, reason = "numbers are the output")]

use gan::data::{GaussianMixture, Target};
use gan::optim::Player;
use gan::step::{critic_step, generator_step};
use gan::{Activation, Adam, Mlp, Objective, Penalty, Rng};

fn main() {
    let root = Rng::new(&[0]);
    let (mut data, mut latent, mut between) =
        (root.fork("data"), root.fork("latent"), root.fork("penalty"));
    let player = |widths: &[i64], label| {
        let net = Mlp::new(widths, Activation::Relu);
        Player::new(net, Adam::new(1e-3, 0.5, 0.999), &mut root.fork(label))
    };
    let mut generator = player(&[2, 64, 64, 2], "generator");
    let mut critic = player(&[2, 64, 64, 1], "critic");
    let ring = GaussianMixture::ring(8, 2.0, 0.1);
    let (objective, penalty) = (Objective::NonSaturating, Penalty::Gradient { weight: 1.0 });
    for step in 0..=4_000 {
        let real = ring.sample(&mut data, 128);
        let fake = generator.apply(&latent.normal(&[128, 2])).detach();
        critic_step(objective, penalty, &mut critic, &real, &fake, &mut between);
        let _ = generator_step(objective, &mut generator, &critic, &latent.normal(&[128, 2]));
        if step % 1_000 == 0 {
            let samples = generator.apply(&root.fork("look").normal(&[1_000, 2]));
            let samples: Vec<f64> = samples.flatten(0, -1).try_into().expect("points are numbers");
            let near = |[x, y]: [f64; 2]| {
                let at = |p: &&[f64]| (p[0] - x).hypot(p[1] - y) < 0.3;
                samples.chunks_exact(2).filter(at).count()
            };
            let held = ring.distinct_centres().into_iter().filter(|c| near(*c) >= 10).count();
            println!("step {step}: {held} of 8 modes");
        }
    }
}
