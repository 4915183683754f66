//! Updates per second of a GAN of 28 x 28 images, on all cores, for `scripts/reference/bench_peers.py`.
//!
//! `image_throughput plain|penalised MAPS BATCH SEEDS STEPS` trains SEEDS seeds, one per core at a time, on random
//! pixels, the generator with MAPS maps before its last layer and twice as many before that, the critic the other way
//! round; it prints updates of the generator per second, all seeds together.

mod cores;

use std::process::ExitCode;

use cores::print_rate;
use gan::net::{Cnn, DeconvGenerator, ImageShape, Norm};
use gan::optim::Player;
use gan::step::{critic_step, generator_step};
use gan::{Activation, Adam, Objective, Penalty, Rng};
// For its allocator.
use shared as _;

const IMAGE: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };
const LATENT: i64 = 32;
const KERNEL: i64 = 5;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<i64> = words.iter().skip(1).filter_map(|word| word.parse().ok()).collect();
    let penalised = words.first().is_some_and(|word| word == "penalised");
    let &[maps, batch, seeds, steps] = numbers.as_slice() else {
        eprintln!("usage: image_throughput plain|penalised MAPS BATCH SEEDS STEPS");
        return ExitCode::from(2);
    };
    let penalty = if penalised { Penalty::Gradient { weight: 10.0 } } else { Penalty::None };
    print_rate(seeds as usize, seeds * steps, |seed| {
        train(seed as u64, maps, penalty, batch, steps);
    })
}

fn train(seed: u64, maps: i64, penalty: Penalty, batch: i64, steps: i64) {
    let root = Rng::new(&[seed]);
    let generator = DeconvGenerator {
        latent: LATENT,
        maps: vec![2 * maps, maps],
        kernel: KERNEL,
        output: IMAGE,
        norm: Norm::Batch,
    };
    let critic = Cnn {
        input: IMAGE,
        maps: vec![maps, 2 * maps],
        kernel: KERNEL,
        dense: vec![1],
        activation: Activation::LeakyRelu(0.2),
        norm: Norm::None,
    };
    let adam = Adam::new(2e-4, 0.5, 0.9);
    let mut generator = Player::new(generator, adam, &mut root.fork("generator"));
    let mut critic = Player::new(critic, adam, &mut root.fork("critic"));
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut noise = root.fork("penalty");
    let objective = Objective::NonSaturating;
    for _ in 0..steps {
        let real = data.uniform(&[batch, IMAGE.dim()]) * 2.0 - 1.0;
        let fake = {
            let _guard = tch::no_grad_guard();
            generator.apply(&latent.normal(&[batch, LATENT]))
        };
        critic_step(objective, penalty, &mut critic, &real, &fake, &mut noise);
        let z = latent.normal(&[batch, LATENT]);
        let _ = generator_step(objective, &mut generator, &critic, &z);
    }
}
