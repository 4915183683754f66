//! Fits a flow of affine couplings to two moons by maximum likelihood.
//!
//!     cargo run --release --example flow

#![expect(clippy::print_stdout, reason = "numbers are the output")]

use gan::data::{GaussianMixture, Target};
use gan::flow::{Affine, Base, Bijector, Coupling, Flow};
use gan::optim::Player;
use gan::{Adam, Rng};
use tch::Kind;

fn main() {
    let root = Rng::new(&[0]);
    let mut data = root.fork("data");
    let moons = GaussianMixture::moons(0.1);
    let coupling = |i: i64| -> Box<dyn Bijector> {
        Box::new(Coupling::new(Affine::Affine, 2, i % 2 == 0, &[64, 64]))
    };
    let flow = Flow { base: Base::Normal, dim: 2, chain: (0..8).map(coupling).collect() };
    let mut player = Player::new(flow, Adam::new(1e-3, 0.9, 0.999), &mut root.fork("flow"));

    let test = moons.sample(&mut root.fork("test"), 5_000);
    for step in 0..=2_000 {
        if step % 500 == 0 {
            let nats = player.net.log_prob(&player.params, &test).mean(Kind::Double);
            println!("step {step}: {:.3} nats a point", nats.double_value(&[]));
        }
        let batch = moons.sample(&mut data, 256);
        let loss =
            -player.net.log_prob(&player.params, &batch).mean_dim([1i64].as_slice(), false, None);
        player.descend(&loss);
    }
}
