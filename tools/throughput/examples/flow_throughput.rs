//! Updates per second of NICE on 784 pixels, on all cores, for `scripts/reference/bench_peers.py`.
//!
//! `flow_throughput mle|wgan WIDTH LAYERS CRITIC BATCH SEEDS STEPS` trains SEEDS seeds, one per core at a
//! time, on random pixels, and prints updates of the flow per second, all seeds together.

mod cores;

use std::process::ExitCode;

use cores::print_rate;
// For its allocator.
use gan::flow::{Affine, Base, Bijector, Coupling, Flow, LogitPixels, Permute, Scale};
use gan::optim::Player;
use gan::step::{critic_step, generator_step};
use gan::{Activation, Adam, Mlp, Objective, Penalty, Rng};
use shared as _;
use tch::Kind;

const DIM: i64 = 784;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<i64> = words.iter().skip(1).filter_map(|word| word.parse().ok()).collect();
    let adversarial = words.first().is_some_and(|word| word == "wgan");
    let &[width, layers, critic, batch, seeds, steps] = numbers.as_slice() else {
        eprintln!("usage: flow_throughput mle|wgan WIDTH LAYERS CRITIC BATCH SEEDS STEPS");
        return ExitCode::from(2);
    };
    let hidden = vec![width; layers as usize];
    print_rate(seeds as usize, seeds * steps, |seed| {
        train(seed as u64, &hidden, adversarial.then_some(critic), batch, steps);
    })
}

fn train(seed: u64, hidden: &[i64], critic: Option<i64>, batch: i64, steps: i64) {
    let root = Rng::new(&[seed]);
    let mut chain: Vec<Box<dyn Bijector>> = vec![Box::new(Scale { dim: DIM })];
    for i in 0..4 {
        chain.push(Box::new(Coupling::new(Affine::Additive, DIM, i % 2 == 0, hidden)));
    }
    chain.push(Box::new(Permute::even_odd(DIM)));
    chain.push(Box::new(LogitPixels { alpha: 1e-6 }));
    let flow = Flow { base: Base::Logistic, dim: DIM, chain };
    let adam = Adam::new(1e-4, 0.5, 0.9);
    let mut flow = Player::new(flow, adam, &mut root.fork("flow"));
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut penalty = root.fork("penalty");
    let Some(width) = critic else {
        for _ in 0..steps {
            let x = data.uniform(&[batch, DIM]);
            let log_prob = flow.net.log_prob(&flow.params, &x);
            flow.descend(&-log_prob.mean_dim([1i64].as_slice(), false, None::<Kind>));
        }
        return;
    };
    let net = Mlp::new(&[DIM, width, width, 1], Activation::LeakyRelu(0.2));
    let mut critic = Player::new(net, adam, &mut root.fork("critic"));
    let weight = Penalty::Gradient { weight: 10.0 };
    for _ in 0..steps {
        // One pass for all five, as in `wgan_vs_mle`.
        let fakes = {
            let _guard = tch::no_grad_guard();
            flow.apply(&flow.net.latent(&mut latent, 5 * batch)).split(batch, 1)
        };
        for fake in fakes {
            let real = data.uniform(&[batch, DIM]);
            let objective = Objective::Wasserstein;
            critic_step(objective, weight, &mut critic, &real, &fake, &mut penalty);
        }
        let z = flow.net.latent(&mut latent, batch);
        let _ = generator_step(Objective::Wasserstein, &mut flow, &critic, &z);
    }
}
