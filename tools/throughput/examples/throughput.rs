//! Member-steps per second of the plain GAN on the ring, on all cores, for `scripts/reference/bench_peers.py`.
//!
//! `throughput WIDTH LATENT BATCH SEEDS STACK STEPS` trains SEEDS seeds in stacks of STACK, one stack per
//! core at a time, and prints one number.

mod cores;

use std::process::ExitCode;

use cores::print_rate;
// For its allocator.
use gan::data::{GaussianMixture, Target};
use gan::optim::Player;
use gan::step::{LookAhead, SecondTerm, unrolled_step};
use gan::{Activation, Adam, Mlp, Objective, Rng};
use shared as _;

fn main() -> ExitCode {
    let numbers: Vec<i64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let &[width, latent, batch, seeds, stack, steps] = numbers.as_slice() else {
        eprintln!("usage: throughput WIDTH LATENT BATCH SEEDS STACK STEPS");
        return ExitCode::from(2);
    };
    let stacks: Vec<Vec<u64>> =
        (0..seeds as u64).collect::<Vec<_>>().chunks(stack as usize).map(<[u64]>::to_vec).collect();
    print_rate(stacks.len(), seeds * steps, |stack| {
        train(&stacks[stack], width, latent, batch, steps);
    })
}

fn train(seeds: &[u64], width: i64, latent: i64, batch: i64, steps: i64) {
    let root = Rng::new(seeds);
    let adam = Adam::new(1e-4, 0.5, 0.999);
    let net = |widths: &[i64]| Mlp::new(widths, Activation::Relu);
    let (hidden, critic) = ([latent, width, width, 2], [2, width, 1]);
    let mut g = Player::new(net(&hidden), adam, &mut root.fork("generator"));
    let mut d = Player::new(net(&critic), adam, &mut root.fork("critic"));
    let ring = GaussianMixture::ring(8, 2.0, 0.02);
    let (mut data, mut z) = (root.fork("data"), root.fork("latent"));
    for _ in 0..steps {
        let (real, z) = (ring.sample(&mut data, batch), z.normal(&[batch, latent]));
        let plain = LookAhead { steps: 0, second_term: SecondTerm::Full };
        unrolled_step(Objective::Minimax, plain, &mut g, &mut d, &real, &z);
    }
}
