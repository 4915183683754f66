//! Generator updates per second of GAN-GP on a line, the synthetic game of `js_failure`, on all cores, for
//! `scripts/reference/bench_peers.py`.
//!
//! `line_throughput WIDTH DIM CRITIC_STEPS BATCH SEEDS STACK STEPS` trains SEEDS seeds in stacks of STACK, one
//! stack per core at a time, and prints one number: updates of the generator per second, all seeds together.

mod cores;

use std::process::ExitCode;

use cores::print_rate;
// For its allocator.
use gan::data::Line;
use gan::optim::Player;
use gan::step::{critic_step, generator_step};
use gan::{Activation, Adam, Mlp, Objective, Penalty, Rng};
use shared as _;

fn main() -> ExitCode {
    let numbers: Vec<i64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let &[width, dim, critic_steps, batch, seeds, stack, steps] = numbers.as_slice() else {
        eprintln!("usage: line_throughput WIDTH DIM CRITIC_STEPS BATCH SEEDS STACK STEPS");
        return ExitCode::from(2);
    };
    let stacks: Vec<Vec<u64>> =
        (0..seeds as u64).collect::<Vec<_>>().chunks(stack as usize).map(<[u64]>::to_vec).collect();
    print_rate(stacks.len(), seeds * steps, |stack| {
        train(&stacks[stack], width, dim, critic_steps, batch, steps);
    })
}

fn train(seeds: &[u64], width: i64, dim: i64, critic_steps: i64, batch: i64, steps: i64) {
    let root = Rng::new(seeds);
    let adam = Adam::new(1e-3, 0.5, 0.999);
    let net = |widths: &[i64]| Mlp::new(widths, Activation::Relu);
    let mut g = Player::new(net(&[1, dim]), adam, &mut root.fork("generator"));
    let mut d = Player::new(net(&[dim, width, width, 1]), adam, &mut root.fork("critic"));
    let line = Line::draw(dim, &mut root.fork("line"));
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut noise = root.fork("penalty");
    let (objective, penalty) = (Objective::NonSaturating, Penalty::Gradient { weight: 1.0 });
    for _ in 0..steps {
        for _ in 0..critic_steps {
            let real = line.sample(&mut data, batch);
            let fake = {
                let _guard = tch::no_grad_guard();
                g.apply(&latent.normal(&[batch, 1]))
            };
            critic_step(objective, penalty, &mut d, &real, &fake, &mut noise);
        }
        let z = latent.normal(&[batch, 1]);
        let _ = generator_step(objective, &mut g, &d, &z);
    }
}
