//! Members of a stack: what their neighbours do is nothing to them.

use gan::data::{GaussianMixture, Target};
use gan::device::to_vec;
use gan::optim::Player;
use gan::step::{LookAhead, SecondTerm, critic_step, generator_step, unrolled_step};
use gan::{Activation, Adam, Mlp, Objective, Penalty, Rng};
use tch::Tensor;

type Pair = (Player<Mlp>, Player<Mlp>);

fn players(seeds: &[u64]) -> Pair {
    let root = Rng::new(seeds);
    let adam = Adam::new(1e-3, 0.5, 0.999);
    let generator = Mlp::new(&[4, 16, 16, 2], Activation::Relu);
    let critic = Mlp::new(&[2, 16, 1], Activation::Relu);
    (
        Player::new(generator, adam, &mut root.fork("generator")),
        Player::new(critic, adam, &mut root.fork("critic")),
    )
}

/// Trains for a few steps of each kind of update; `disturb` may change the real batch.
fn train(seeds: &[u64], disturb: impl Fn(Tensor) -> Tensor) -> Pair {
    let (mut generator, mut critic) = players(seeds);
    let ring = GaussianMixture::ring(8, 2.0, 0.02);
    let root = Rng::new(seeds);
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut penalty = root.fork("penalty");
    for step in 0..12 {
        let real = disturb(ring.sample(&mut data, 32));
        let z = latent.normal(&[32, 4]);
        match step % 4 {
            0 => {
                let fake = generator.apply(&z);
                let weight = Penalty::Gradient { weight: 10.0 };
                let objective = Objective::Wasserstein;
                critic_step(objective, weight, &mut critic, &real, &fake, &mut penalty);
                let _ = generator_step(objective, &mut generator, &critic, &z);
            }
            k => {
                let ahead = LookAhead { steps: k - 1, second_term: SecondTerm::Full };
                let objective = Objective::Minimax;
                unrolled_step(objective, ahead, &mut generator, &mut critic, &real, &z);
            }
        }
    }
    (generator, critic)
}

/// Batched products may add in another order than single ones, so a member equals its solo run only
/// up to rounding, 1e-7 relative a step, which training amplifies; 12 steps leave less than 1e-4.
#[test]
fn every_member_equals_its_solo_run() {
    let stack = train(&[0, 1, 2], |x| x);
    for (i, seed) in [0u64, 1, 2].into_iter().enumerate() {
        let solo = train(&[seed], |x| x);
        for (stacked, single) in [(&stack.0, &solo.0), (&stack.1, &solo.1)] {
            let member = stacked.params.flat().narrow(0, i as i64, 1);
            assert!(member.allclose(single.params.flat(), 1e-3, 1e-4, false), "seed {seed}");
        }
    }
}

#[test]
fn a_diverged_member_leaves_the_others_bit_for_bit() {
    let calm = train(&[0, 1, 2], |x| x);
    let poisoned =
        train(&[0, 1, 2], |x| Tensor::cat(&[x.narrow(0, 0, 1) * f64::NAN, x.narrow(0, 1, 2)], 0));
    for (before, after) in [(&calm.0, &poisoned.0), (&calm.1, &poisoned.1)] {
        let others = |p: &Player<Mlp>| to_vec(&p.params.flat().narrow(0, 1, 2));
        assert_eq!(others(before), others(after));
        assert!(to_vec(&after.params.flat().narrow(0, 0, 1)).iter().all(|x| x.is_nan()));
    }
}

/// A sweep catches panics; what ran without gradients must not leave the thread without them.
#[test]
fn a_panic_without_gradients_leaves_the_thread_able_to_train() {
    let caught = std::panic::catch_unwind(|| {
        let _guard = tch::no_grad_guard();
        panic!("on purpose");
    });
    assert!(caught.is_err());
    let (mut generator, critic) = players(&[0]);
    let before = to_vec(generator.params.flat());
    let z = Rng::new(&[0]).normal(&[8, 4]);
    let _ = generator_step(Objective::NonSaturating, &mut generator, &critic, &z);
    assert_ne!(before, to_vec(generator.params.flat()));
}
