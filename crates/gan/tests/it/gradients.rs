//! Gradients against central differences, in double precision.

use gan::check::gradient_error;
use gan::net::{Cnn, ImageShape, Norm};
use gan::optim::{AdamState, Optimizer, Player, Sgd};
use gan::penalty::Perturbation;
use gan::rng::double;
use gan::step::{
    LookAhead, SecondTerm, Weighted, critic_step, unrolled_step, weighted_critic_step,
};
use gan::vae::{DecoderSigma, Vae};
use gan::{Activation, Adam, Graph, Mlp, Net, Objective, Params, Penalty, Rng, grad};
use tch::Tensor;

/// See [`gradient_error`]: smooth functions of order one score below this when they are right.
const TOLERANCE: f64 = 1e-7;

const OBJECTIVES: [Objective; 5] = [
    Objective::Minimax,
    Objective::NonSaturating,
    Objective::LeastSquares,
    Objective::Hinge,
    Objective::Wasserstein,
];

/// Smooth, so that second derivatives exist everywhere.
fn critic() -> Mlp {
    Mlp::new(&[2, 5, 1], Activation::Softplus)
}

/// Applies `f` to a critic whose parameters are the flat tensor.
fn with_flat(net: &Mlp, flat: &Tensor, f: impl Fn(&Params) -> Tensor) -> Tensor {
    f(&net.init(&mut double(&[0, 1])).with_flat(flat.shallow_clone()))
}

fn penalties() -> Vec<Penalty> {
    let weight = 10.0;
    let near =
        [Perturbation::OneSided, Perturbation::Centred, Perturbation::Normal { deviation: 0.5 }];
    let mut all = vec![
        Penalty::None,
        Penalty::Gradient { weight },
        Penalty::GradientPerColumn { weight, lines: 1 },
        Penalty::R1 { weight },
        Penalty::R2 { weight },
        Penalty::Roth { weight },
        Penalty::WeightClip { bound: 0.1 },
        Penalty::Dragan { weight, near: near[0], of_probability: true },
    ];
    all.extend(near.map(|near| Penalty::Dragan { weight, near, of_probability: false }));
    all
}

/// Convolutions too, whose second derivatives go through other code, with each norm. Norms bend more than
/// perceptrons, most where a slope is near zero: the error of differences is then of the order of
/// the square of their step times a large number, up to 6e-8 here.
#[test]
fn every_penalty_of_a_critic_of_images() {
    let input = ImageShape { channels: 2, height: 7, width: 6 };
    for norm in [Norm::None, Norm::Layer, Norm::Batch] {
        let activation = Activation::Softplus;
        let net = Cnn { input, maps: vec![2, 3], kernel: 3, dense: vec![1], activation, norm };
        let params = net.init(&mut double(&[0, 1]));
        let dim = input.dim();
        let (real, fake) = (double(&[2, 3]).normal(&[8, dim]), double(&[4, 5]).normal(&[8, dim]));
        for penalty in penalties().into_iter().filter(|penalty| penalty.is_term()) {
            let error = gradient_error(
                |flat| {
                    let p = params.with_flat(flat.shallow_clone());
                    penalty.value(|x| net.apply(&p, x), &real, &fake, &mut double(&[6, 7]))
                },
                params.flat(),
            );
            assert!(error < 1e-6, "{penalty:?} with {norm:?}: {error:e}");
        }
    }
}

/// A norm is over all numbers of an image, in whatever order they lie: with the pixels of images and weights
/// permuted alike, from channels first to channels last say, no penalty changes.
#[test]
fn penalties_do_not_depend_on_the_layout_of_images() {
    let (real, fake) = (double(&[2, 3]).normal(&[5, 24]), double(&[4, 5]).normal(&[5, 24]));
    let weight = double(&[6, 7]).normal(&[24, 1]);
    // From [2, 4, 3] to [4, 3, 2].
    let last = |x: &Tensor, axis: i64| {
        let order = Tensor::arange(24, (tch::Kind::Int64, tch::Device::Cpu));
        let order = order.reshape([2, 4, 3]).permute([1, 2, 0]).flatten(0, -1);
        x.index_select(axis, &order)
    };
    let near = Perturbation::Normal { deviation: 0.0 };
    for penalty in [
        Penalty::Gradient { weight: 10.0 },
        Penalty::Dragan { weight: 10.0, near, of_probability: true },
        Penalty::R1 { weight: 10.0 },
        Penalty::R2 { weight: 10.0 },
        Penalty::Roth { weight: 10.0 },
    ] {
        let value = |real: &Tensor, fake: &Tensor, weight: &Tensor| {
            penalty.value(|x| x.matmul(weight).tanh(), real, fake, &mut double(&[8, 9]))
        };
        let first = value(&real, &fake, &weight);
        let moved = value(&last(&real, 2), &last(&fake, 2), &last(&weight, 1));
        assert!(first.allclose(&moved, 1e-12, 1e-12, false), "{penalty:?}");
    }
}

#[test]
fn every_objective_with_every_penalty_for_the_critic() {
    let net = critic();
    let params = net.init(&mut double(&[0, 1]));
    let (real, fake) = (double(&[2, 3]).normal(&[7, 2]), double(&[4, 5]).normal(&[7, 2]));
    for objective in OBJECTIVES {
        for penalty in penalties() {
            let error = gradient_error(
                |flat| {
                    with_flat(&net, flat, |p| {
                        let apply = |x: &Tensor| net.apply(p, x);
                        objective.critic_loss(&apply(&real), &apply(&fake))
                            + penalty.value(apply, &real, &fake, &mut double(&[6, 7]))
                    })
                },
                params.flat(),
            );
            assert!(error < TOLERANCE, "{objective:?} {penalty:?}: {error:e}");
        }
    }
}

#[test]
fn every_objective_for_the_generator() {
    let net = critic();
    let params = net.init(&mut double(&[0, 1]));
    let fake = double(&[4, 5]).normal(&[7, 2]);
    for objective in OBJECTIVES {
        let error = gradient_error(|x| objective.generator_loss(&net.apply(&params, x)), &fake);
        assert!(error < TOLERANCE, "{objective:?}: {error:e}");
    }
}

#[test]
fn the_evidence_lower_bound() {
    for sigma in [DecoderSigma::Fixed(0.3), DecoderSigma::Learned] {
        // Smoothness: no unit of this small net sits at ReLU's kink for this seed.
        let vae = Vae::new(2, 2, &[6], sigma);
        let params = vae.init(&mut double(&[0]));
        let x = double(&[1]).normal(&[5, 2]);
        let error = gradient_error(
            |flat| {
                let params = params.with_flat(flat.shallow_clone());
                vae.evidence_lower_bound(&params, &x, &mut double(&[2]))
            },
            params.flat(),
        );
        // The bound is of order 100 at sigma = 0.3, so rounding is that much larger.
        assert!(error < 1e-6, "{sigma:?}: {error:e}");
    }
}

/// Equation 12 of Metz et al.: the derivative of the surrogate, through `steps` inner updates, is the
/// derivative of its value. The generator is a table of samples, so that the check is over all of it.
fn surrogate<O: Optimizer>(rule: &O, steps: usize, fake: &Tensor, objective: Objective) -> Tensor {
    let net = critic();
    let mut params = net.init(&mut double(&[0, 1]));
    let mut state = rule.init(&params);
    let real = double(&[2, 3]).normal(&[6, 2]);
    for _ in 0..steps {
        let loss = objective.critic_loss(&net.apply(&params, &real), &net.apply(&params, fake));
        let gradient = Params::join(&grad(&loss, params.views(), Graph::Keep));
        let (flat, next) = rule.update(params.flat(), &gradient, &state);
        (params, state) = (params.with_flat(flat), next);
    }
    objective.generator_loss(&net.apply(&params, fake))
}

#[test]
fn unrolled_sgd_and_adam() {
    let fake = double(&[4, 5]).normal(&[6, 2]);
    for steps in [1, 3] {
        let sgd = Sgd { learning_rate: 0.5 };
        let error = gradient_error(|x| surrogate(&sgd, steps, x, Objective::Minimax), &fake);
        assert!(error < TOLERANCE, "sgd, {steps} steps: {error:e}");
        // A large epsilon keeps Adam's first step, which is nearly a sign, smooth enough to difference.
        let adam = Adam { epsilon: 1e-2, ..Adam::new(0.05, 0.5, 0.9) };
        let error = gradient_error(|x| surrogate(&adam, steps, x, Objective::Minimax), &fake);
        assert!(error < 1e-6, "adam, {steps} steps: {error:e}");
    }
}

/// A generator that adds its only parameters, one per sample, to a fixed latent.
struct Table;

impl Net for Table {
    fn init(&self, rng: &mut gan::Rng) -> Params {
        let init = gan::init::Init::Normal(1.0);
        Params::init(vec![gan::params::Spec { name: "x".into(), shape: vec![6, 2], init }], rng)
    }

    fn apply(&self, params: &Params, z: &Tensor) -> Tensor {
        z + &params.views()[0]
    }
}

/// What `unrolled_step` really applies to the generator, seen through a step of plain Adam whose
/// first moment is the gradient itself (`beta1 = 0`), against central differences of the surrogate.
#[test]
fn the_training_step_uses_the_full_gradient_and_the_stopped_one_does_not() {
    let adam = Adam { epsilon: 1e-2, ..Adam::new(0.05, 0.0, 0.9) };
    let real = double(&[2, 3]).normal(&[6, 2]);
    let z = double(&[8, 9]).normal(&[6, 2]);
    let gradient_of = |steps: u32, second_term| {
        let mut generator = Player::new(Table, adam, &mut double(&[4, 5]));
        let mut critic = Player::new(critic(), adam, &mut double(&[0, 1]));
        let before = critic.params.flat().copy();
        unrolled_step(
            Objective::Minimax,
            LookAhead { steps, second_term },
            &mut generator,
            &mut critic,
            &real,
            &z,
        );
        let moved = (critic.params.flat() - before).abs().max().double_value(&[]);
        assert!(moved > 1e-3, "the critic did not move");
        generator.state.mean.reshape([2, 6, 2])
    };
    let table = Player::new(Table, adam, &mut double(&[4, 5]));
    let fake = table.apply(&z).detach();
    for steps in [1, 3] {
        let differences = {
            let x = fake.copy().set_requires_grad(true);
            let loss = surrogate(&adam, steps as usize, &x, Objective::Minimax);
            grad(&loss, &[x], Graph::Free).remove(0)
        };
        let full = gradient_of(steps, SecondTerm::Full);
        assert!(full.allclose(&differences, 1e-9, 1e-12, false), "{steps} steps");
        let stopped = gradient_of(steps, SecondTerm::Stopped);
        assert!(!stopped.allclose(&differences, 1e-2, 1e-4, false), "{steps} steps");
    }
}

/// A network that does not say that it is linear between kinks.
#[derive(Debug)]
struct Opaque<N>(N);

impl<N: Net> Net for Opaque<N> {
    fn init(&self, rng: &mut Rng) -> Params {
        self.0.init(rng)
    }

    fn apply(&self, params: &Params, x: &Tensor) -> Tensor {
        self.0.apply(params, x)
    }
}

/// The closed form of a piecewise-linear critic's gradient is that of automatic differentiation, whatever the
/// depth, for each member with a weight of its own.
#[test]
fn a_piecewise_linear_critic_steps_as_automatic_differentiation_does() {
    let (real, fake) = (double(&[2, 3]).normal(&[7, 3]), double(&[4, 5]).normal(&[7, 3]));
    let weights = Tensor::from_slice(&[0.5, 2.0]);
    for activation in [Activation::Relu, Activation::LeakyRelu(0.2)] {
        for widths in [&[3, 1][..], &[3, 8, 1], &[3, 8, 6, 1], &[3, 6, 8, 7, 1]] {
            for (objective, penalty) in
                OBJECTIVES.iter().flat_map(|o| penalties().into_iter().map(move |p| (*o, p)))
            {
                let net = Mlp::new(widths, activation);
                let start = net.init(&mut double(&[0, 1]));
                assert!(
                    net.piecewise_linear().is_some()
                        && Opaque(net.clone()).piecewise_linear().is_none()
                );
                let mut closed =
                    Player::starting_at(net.clone(), start.snapshot(), Sgd { learning_rate: 1.0 });
                let mut automatic =
                    Player::starting_at(Opaque(net), start, Sgd { learning_rate: 1.0 });
                let weighted = Weighted { penalty, by_member: Some(&weights) };
                let rng = || double(&[6, 7]);
                weighted_critic_step(objective, weighted, &mut closed, &real, &fake, &mut rng());
                weighted_critic_step(objective, weighted, &mut automatic, &real, &fake, &mut rng());
                let case = format!("{objective:?} {penalty:?} {widths:?} {activation:?}");
                let (closed, automatic) = (closed.params.flat(), automatic.params.flat());
                assert!(closed.allclose(automatic, 1e-11, 1e-11, false), "{case}");
            }
        }
    }
}

/// So is that of a critic of images, of one colour, of more than take blocks, and with dense layers or without
/// convolutions; with a norm it takes automatic differentiation.
#[test]
fn a_critic_of_images_steps_as_automatic_differentiation_does() {
    let weights = Tensor::from_slice(&[0.5, 2.0]);
    let [gray, many] = [(1, [7, 6]), (5, [4, 5])].map(|(channels, [height, width])| ImageShape {
        channels,
        height,
        width,
    });
    let sgd = Sgd { learning_rate: 1.0 };
    for (input, maps, dense) in [
        (gray, vec![], vec![8, 1]),
        (gray, vec![5], vec![1]),
        (many, vec![6, 5], vec![1]),
        (gray, vec![3, 6], vec![7, 1]),
    ] {
        for activation in [Activation::Relu, Activation::LeakyRelu(0.2)] {
            let normed = Cnn {
                input,
                maps: maps.clone(),
                kernel: 5,
                dense: dense.clone(),
                activation,
                norm: Norm::Layer,
            };
            assert!(maps.is_empty() || normed.closed_form().is_none());
            let net = Cnn { norm: Norm::None, ..normed };
            assert!(net.closed_form().is_some() && Opaque(net.clone()).closed_form().is_none());
            let start = net.init(&mut double(&[0, 1]));
            let dim = input.dim();
            let (real, fake) =
                (double(&[2, 3]).normal(&[6, dim]), double(&[4, 5]).normal(&[6, dim]));
            for (objective, penalty) in
                OBJECTIVES.iter().flat_map(|o| penalties().into_iter().map(move |p| (*o, p)))
            {
                let mut closed = Player::starting_at(net.clone(), start.snapshot(), sgd);
                let mut automatic = Player::starting_at(Opaque(net.clone()), start.snapshot(), sgd);
                let weighted = Weighted { penalty, by_member: Some(&weights) };
                let rng = || double(&[6, 7]);
                weighted_critic_step(objective, weighted, &mut closed, &real, &fake, &mut rng());
                weighted_critic_step(objective, weighted, &mut automatic, &real, &fake, &mut rng());
                let case = format!("{objective:?} {penalty:?} {maps:?} {dense:?} {activation:?}");
                let (closed, automatic) = (closed.params.flat(), automatic.params.flat());
                assert!(closed.allclose(automatic, 1e-11, 1e-11, false), "{case}");
            }
        }
    }
}

/// Without convolutions it is its perceptron; with them it is none.
#[test]
fn a_critic_of_images_without_convolutions_steps_as_its_perceptron() {
    let input = ImageShape { channels: 1, height: 1, width: 3 };
    let activation = Activation::LeakyRelu(0.2);
    let (dense, norm) = (vec![8, 6, 1], Norm::None);
    let flat = Cnn { input, maps: vec![], kernel: 3, dense: dense.clone(), activation, norm };
    let folded = Cnn { maps: vec![2], ..flat.clone() };
    assert!(flat.piecewise_linear().is_some() && folded.piecewise_linear().is_none());

    let (real, fake) = (double(&[2, 3]).normal(&[7, 3]), double(&[4, 5]).normal(&[7, 3]));
    let start = flat.init(&mut double(&[0, 1]));
    let sgd = Sgd { learning_rate: 1.0 };
    let mut closed = Player::starting_at(flat, start.snapshot(), sgd);
    let perceptron = Opaque(Mlp::new(&[3, 8, 6, 1], activation));
    let mut automatic = Player::starting_at(perceptron, start, sgd);
    let (objective, penalty) = (Objective::Wasserstein, Penalty::Gradient { weight: 10.0 });
    critic_step(objective, penalty, &mut closed, &real, &fake, &mut double(&[6, 7]));
    critic_step(objective, penalty, &mut automatic, &real, &fake, &mut double(&[6, 7]));
    assert!(closed.params.flat().allclose(automatic.params.flat(), 1e-11, 1e-11, false));
}

/// The same of the look-ahead: both players move as under automatic differentiation, whatever the depth.
#[test]
fn a_piecewise_linear_critic_is_unrolled_as_by_automatic_differentiation() {
    let adam = Adam { epsilon: 1e-3, ..Adam::new(0.05, 0.5, 0.9) };
    let real = double(&[2, 3]).normal(&[6, 2]);
    for activation in [Activation::Relu, Activation::LeakyRelu(0.2)] {
        for widths in [&[2, 1][..], &[2, 8, 1], &[2, 8, 6, 1], &[2, 6, 8, 7, 1]] {
            for (objective, steps) in
                OBJECTIVES.iter().flat_map(|o| [0, 1, 3].map(move |steps| (*o, steps)))
            {
                for second_term in [SecondTerm::Full, SecondTerm::Stopped] {
                    let net = Mlp::new(widths, activation);
                    let start = net.init(&mut double(&[0, 1]));
                    let ahead = LookAhead { steps, second_term };
                    let closed = played(net.clone(), &start, objective, ahead, adam, &real);
                    let automatic = played(Opaque(net), &start, objective, ahead, adam, &real);
                    let case = format!("{objective:?} {ahead:?} {widths:?} {activation:?}");
                    for (closed, automatic) in closed.iter().zip(&automatic) {
                        assert!(closed.allclose(automatic, 1e-9, 1e-11, false), "{case}");
                    }
                }
            }
        }
    }
}

/// Both players' parameters and moments after three updates.
fn played<C: Net>(
    net: C,
    start: &Params,
    objective: Objective,
    ahead: LookAhead,
    adam: Adam,
    real: &Tensor,
) -> Vec<Tensor> {
    let mut generator = Player::new(Table, adam, &mut double(&[4, 5]));
    let mut critic = Player::starting_at(net, start.snapshot(), adam);
    let mut latent = double(&[8, 9]);
    for _ in 0..3 {
        let z = latent.normal(&[6, 2]);
        unrolled_step(objective, ahead, &mut generator, &mut critic, real, &z);
    }
    let flat = |params: &Params| params.flat().copy();
    let moments = |state: AdamState| [state.mean, state.square];
    let mut all = vec![flat(&generator.params), flat(&critic.params)];
    all.extend(moments(generator.state));
    all.extend(moments(critic.state));
    all
}
