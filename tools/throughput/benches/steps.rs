//! How long a step takes: `make bench`. Two sizes: the small nets of `quick` with a batch of 128, alone and
//! in stacks, and the paper's with a batch of 512. One thread, as in a sweep.

use divan::Bencher;
// For its allocator.
use gan::data::{GaussianMixture, Target};
use gan::optim::Player;
use gan::step::{LookAhead, SecondTerm, critic_step, generator_step, unrolled_step};
use gan::{Activation, Adam, Mlp, Objective, Penalty, Rng};
use shared as _;

fn main() {
    gan::prepare_thread();
    divan::main();
}

/// (members, latent, hidden width of the generator, batch): small alone, small stacks, the paper's.
const SIZES: [(u64, i64, i64, i64); 4] =
    [(1, 16, 64, 128), (5, 16, 64, 128), (16, 16, 64, 128), (1, 256, 128, 512)];

struct Game {
    generator: Player<Mlp>,
    critic: Player<Mlp>,
    rng: Rng,
    latent: i64,
    batch: i64,
}

fn game((members, latent, width, batch): (u64, i64, i64, i64)) -> Game {
    let rng = Rng::new(&(0..members).collect::<Vec<_>>());
    let adam = Adam::new(1e-4, 0.5, 0.999);
    let generator = Mlp::new(&[latent, width, width, 2], Activation::Relu);
    let critic = Mlp::new(&[2, width, 1], Activation::Relu);
    Game {
        generator: Player::new(generator, adam, &mut rng.fork("generator")),
        critic: Player::new(critic, adam, &mut rng.fork("critic")),
        rng: rng.fork("training"),
        latent,
        batch,
    }
}

impl Game {
    fn real(&mut self) -> tch::Tensor {
        GaussianMixture::ring(8, 2.0, 0.02).sample(&mut self.rng, self.batch)
    }

    fn z(&mut self) -> tch::Tensor {
        self.rng.normal(&[self.batch, self.latent])
    }

    fn simultaneous(&mut self, steps: u32, second_term: SecondTerm) {
        let (real, z) = (self.real(), self.z());
        let ahead = LookAhead { steps, second_term };
        unrolled_step(Objective::Minimax, ahead, &mut self.generator, &mut self.critic, &real, &z);
    }
}

#[divan::bench(args = SIZES)]
fn simultaneous_step(bencher: Bencher, size: (u64, i64, i64, i64)) {
    let mut game = game(size);
    bencher.bench_local(|| game.simultaneous(0, SecondTerm::Full));
}

#[divan::bench(args = SIZES)]
fn unrolled_5_full(bencher: Bencher, size: (u64, i64, i64, i64)) {
    let mut game = game(size);
    bencher.bench_local(|| game.simultaneous(5, SecondTerm::Full));
}

#[divan::bench(args = SIZES)]
fn unrolled_5_stopped(bencher: Bencher, size: (u64, i64, i64, i64)) {
    let mut game = game(size);
    bencher.bench_local(|| game.simultaneous(5, SecondTerm::Stopped));
}

#[divan::bench(args = SIZES)]
fn one_critic_step(bencher: Bencher, size: (u64, i64, i64, i64)) {
    let mut game = game(size);
    let (real, z) = (game.real(), game.z());
    let fake = game.generator.apply(&z).detach();
    bencher.bench_local(|| {
        let Game { critic, rng, .. } = &mut game;
        critic_step(Objective::Minimax, Penalty::None, critic, &real, &fake, rng);
    });
}

#[divan::bench(args = SIZES)]
fn critic_step_with_gradient_penalty(bencher: Bencher, size: (u64, i64, i64, i64)) {
    let mut game = game(size);
    let (real, z) = (game.real(), game.z());
    let fake = game.generator.apply(&z).detach();
    let penalty = Penalty::Gradient { weight: 10.0 };
    bencher.bench_local(|| {
        let Game { critic, rng, .. } = &mut game;
        critic_step(Objective::Wasserstein, penalty, critic, &real, &fake, rng);
    });
}

#[divan::bench(args = SIZES)]
fn one_generator_step(bencher: Bencher, size: (u64, i64, i64, i64)) {
    let mut game = game(size);
    let z = game.z();
    bencher
        .bench_local(|| generator_step(Objective::Minimax, &mut game.generator, &game.critic, &z));
}

#[divan::bench(args = SIZES)]
fn random_numbers_of_a_step(bencher: Bencher, size: (u64, i64, i64, i64)) {
    let mut game = game(size);
    bencher.bench_local(|| (game.real(), game.z()));
}
