//! Agreement with PyTorch: expected numbers made by `scripts/reference/pytorch.py`.

use approx::assert_abs_diff_eq;
use gan::device::to_vec;
use gan::init::Init;
use gan::optim::Optimizer;
use gan::params::Spec;
use gan::rng::double;
use gan::{Adam, Graph, Params, Penalty, grad};
use tch::Tensor;

fn flat(values: &[f64]) -> Params {
    let n = values.len() as i64;
    let spec = Spec { name: "x".into(), shape: vec![n], init: Init::Zeros };
    let mut params = Params::init(vec![spec], &mut double(&[0]));
    params.set(&Tensor::from_slice(values).reshape([1, n]));
    params
}

/// `torch.optim.Adam(lr=0.05, betas=(0.5, 0.9))` on Rosenbrock's function from (-1.5, 2), 100 steps.
#[test]
fn adam_on_rosenbrock() {
    let mut params = flat(&[-1.5, 2.0]);
    let adam = Adam::new(0.05, 0.5, 0.9);
    let mut state = adam.init(&params);
    for _ in 0..100 {
        let x = params.views()[0].select(1, 0);
        let y = params.views()[0].select(1, 1);
        let loss = (&x - 1.0).square() + (y - x.square()).square() * 100.0;
        let gradient = Params::join(&grad(&loss, params.views(), Graph::Free));
        adam.step(&mut params, &gradient, &mut state);
    }
    let end = to_vec(params.flat());
    assert_abs_diff_eq!(end[0], ADAM_END[0], epsilon = 1e-10);
    assert_abs_diff_eq!(end[1], ADAM_END[1], epsilon = 1e-10);
}
const ADAM_END: [f64; 2] = [-1.029_837_745_241_071_4, 1.072_399_549_783_454_6];

/// The critic `tanh(x w1) w2` with fixed weights, real at (1, 2), fake at the origin, and the point
/// of the segment that our generator draws for seed 0, written out so that PyTorch can use it.
#[test]
fn gradient_penalty_value() {
    let w1 = Tensor::from_slice(&[0.5f64, -1.0, 2.0, 0.25]).reshape([1, 2, 2]);
    let w2 = Tensor::from_slice(&[1.5f64, -0.5]).reshape([1, 2, 1]);
    let real = Tensor::from_slice(&[1.0f64, 2.0]).reshape([1, 1, 2]);
    let fake = real.zeros_like();
    let share = double(&[0]).uniform(&[1, 1]).double_value(&[0, 0, 0]);
    assert_abs_diff_eq!(share, SHARE, epsilon = 1e-12);
    let value = Penalty::Gradient { weight: 10.0 }.value(
        |x| x.bmm(&w1).tanh().bmm(&w2),
        &real,
        &fake,
        &mut double(&[0]),
    );
    assert_abs_diff_eq!(to_vec(&value)[0], PENALTY, epsilon = 1e-9);
}
const SHARE: f64 = 0.115_736_424_922_943_12;
const PENALTY: f64 = 20.721_715_860_936_24;
