//! Rules for games against the closed forms of the bilinear game `min_x max_y x y`, step 0.1, 1,000 steps from (1, 1).

use approx::assert_relative_eq;
use gan::init::Init;
use gan::optim::{
    Consensus, Extragradient, Momentum, Optimistic, Optimizer, Player, Sgd, consensus_jacobian,
    field, jacobian,
};
use gan::params::Spec;
use gan::rng::double;
use gan::{Activation, Adam, Graph, Mlp, Net, Params, Rng};
use garde::Validate;
use tch::{Kind, Tensor};

const RATE: f64 = 0.1;
const STEPS: usize = 1_000;

/// A number.
#[derive(Debug)]
struct Number;

impl Net for Number {
    fn init(&self, rng: &mut Rng) -> Params {
        let spec = Spec { name: "value".into(), shape: vec![1, 1], init: Init::Zeros };
        let mut params = Params::init(vec![spec], rng);
        params.set(&params.flat().ones_like());
        params
    }

    fn apply(&self, params: &Params, _: &Tensor) -> Tensor {
        params.views()[0].shallow_clone()
    }
}

/// What both players minimise, `[members]` each.
fn losses(x: &Params, y: &Params) -> [Tensor; 2] {
    let product = (&x.views()[0] * &y.views()[0]).flatten(0, -1);
    [product.shallow_clone(), -product]
}

fn value(params: &Params) -> f64 {
    params.flat().double_value(&[0, 0])
}

/// The distance from the equilibrium after simultaneous steps in place, and after the same updates as functions, both
/// with `gradients` of the two players.
fn radii<O: Optimizer>(
    rule: impl Fn() -> O,
    calls: usize,
    gradients: impl Fn(&Params, &Params) -> [Tensor; 2],
) -> [f64; 2] {
    let mut rng = double(&[0]);
    let mut players = [(); 2].map(|()| Player::new(Number, rule(), &mut rng));
    let start = players[0].params.snapshot();
    let mut flats = [(); 2].map(|()| start.flat().copy());
    let mut states = [(); 2].map(|()| rule().init(&start));
    for _ in 0..calls {
        let [by_x, by_y] = gradients(&players[0].params, &players[1].params);
        players[0].step(&by_x);
        players[1].step(&by_y);
        let leaves = flats.each_ref().map(|flat| start.with_flat(flat.shallow_clone()).snapshot());
        let [by_x, by_y] = gradients(&leaves[0], &leaves[1]);
        let (x, state) = rule().update(&flats[0], &by_x.detach(), &states[0]);
        (flats[0], states[0]) = (x, state);
        let (y, state) = rule().update(&flats[1], &by_y.detach(), &states[1]);
        (flats[1], states[1]) = (y, state);
    }
    let functional = flats.map(|flat| flat.double_value(&[0, 0]));
    [value(&players[0].params).hypot(value(&players[1].params)), functional[0].hypot(functional[1])]
}

fn plain(x: &Params, y: &Params) -> [Tensor; 2] {
    let [of_x, of_y] = losses(x, y);
    let field = -field([&of_x, &of_y], [x, y], Graph::Free);
    [field.narrow(1, 0, 1), field.narrow(1, 1, 1)]
}

/// `|z|` after powers of a complex factor.
fn power(factor_squared: f64) -> f64 {
    2f64.sqrt() * factor_squared.powf(STEPS as f64 / 2.0)
}

/// Along the eigenvectors the field is +-i: `|1 + i h|^2 = 1 + h^2`, under extragradient `|1 + i h - h^2|^2`, under
/// consensus of weight 1 `|1 - h + i h|^2`.
#[test]
fn one_step_rules_have_their_radii() {
    let h = RATE;
    let sgd = || Sgd { learning_rate: h };
    for found in radii(sgd, STEPS, plain) {
        assert_relative_eq!(found, power(1.0 + h * h), max_relative = 1e-10);
        assert_relative_eq!(found, 204.74, max_relative = 1e-4);
    }
    for found in radii(|| Extragradient(sgd()), 2 * STEPS, plain) {
        let closed = power((1.0 - h * h).powi(2) + h * h);
        assert_relative_eq!(found, closed, max_relative = 1e-10);
    }
    let consensus = |x: &Params, y: &Params| {
        let [of_x, of_y] = losses(x, y);
        Consensus { weight: 1.0 }.gradients([&of_x, &of_y], [x, y], Graph::Free)
    };
    for found in radii(sgd, STEPS, consensus) {
        assert_relative_eq!(found, power((1.0 - h).powi(2) + h * h), max_relative = 1e-10);
    }
}

/// With memory the factor solves `m^2 - (1 + 2 i h) m + i h = 0` (optimistic) and `m^2 - (1 + b + i h) m + b = 0`
/// (momentum b); here by the recursion of complex numbers, whose two real coordinates are the players.
#[test]
fn rules_with_memory_follow_their_recursions() {
    let h = RATE;
    let times_i = |[a, b]: [f64; 2]| [-b, a];
    let recursion = |next: &dyn Fn([f64; 2], [f64; 2]) -> [f64; 2], second: [f64; 2]| {
        let (mut last, mut z) = ([1.0, 1.0], second);
        for _ in 1..STEPS {
            (last, z) = (z, next(z, last));
        }
        z[0].hypot(z[1])
    };
    let first = [1.0 - h, 1.0 + h]; // One plain step: x falls by h y, y rises by h x.
    let optimistic = recursion(
        &|z, last| {
            let [now, before] = [times_i(z), times_i(last)];
            [0, 1].map(|i| z[i] + 2.0 * h * now[i] - h * before[i])
        },
        first,
    );
    for found in radii(|| Optimistic { learning_rate: h }, STEPS, plain) {
        assert_relative_eq!(found, optimistic, max_relative = 1e-10);
        assert_relative_eq!(found, 8.9e-3, max_relative = 1e-2);
    }
    for momentum in [0.5, -0.5] {
        let ball = recursion(
            &|z, last| {
                let now = times_i(z);
                [0, 1].map(|i| z[i] + h * now[i] + momentum * (z[i] - last[i]))
            },
            first,
        );
        for found in radii(|| Momentum { learning_rate: h, momentum }, STEPS, plain) {
            assert_relative_eq!(found, ball, max_relative = 1e-10);
        }
    }
}

/// Alternating steps conserve `x^2 + y^2 - h x y` if x moves first.
#[test]
fn alternating_steps_stay_on_an_ellipse() {
    let mut rng = double(&[0]);
    let mut players = [(); 2].map(|()| Player::new(Number, Sgd { learning_rate: RATE }, &mut rng));
    let conserved = |players: &[Player<Number, Sgd>; 2]| {
        let [x, y] = players.each_ref().map(|player| value(&player.params));
        x * x + y * y - RATE * x * y
    };
    let before = conserved(&players);
    for _ in 0..STEPS {
        for who in [0, 1] {
            let [of_x, of_y] = losses(&players[0].params, &players[1].params);
            players[who].descend(&[of_x, of_y][who]);
        }
        assert_relative_eq!(conserved(&players), before, max_relative = 1e-10);
    }
}

/// Of two small nets: the field is minus the gradients, the Jacobian's rows are its derivatives by central differences,
/// and at a zero of the field consensus has the Jacobian `J - w J^T J`; here of the bilinear game, `[[-w, -1], [1, -w]]`.
#[test]
fn jacobians_are_derivatives_of_the_field() {
    let mut rng = double(&[0, 1]);
    let nets = [&[1, 3, 1][..], &[1, 2, 1]].map(|widths| Mlp::new(widths, Activation::Softplus));
    let players = nets.each_ref().map(|net| net.init(&mut rng));
    let z = rng.normal(&[6, 1]);
    let of = |players: [&Params; 2]| {
        let fake = nets[0].apply(players[0], &z);
        let output = nets[1].apply(players[1], &fake);
        let mean = |x: Tensor| x.mean_dim([1i64, 2].as_slice(), false, None::<Kind>);
        let losses = [mean(-&output), mean(output.square())];
        field([&losses[0], &losses[1]], players, Graph::Keep)
    };
    let both = [&players[0], &players[1]];
    let exact = jacobian(&of(both), both);
    let step = 1e-5;
    for j in 0..players[0].count() + players[1].count() {
        let moved = |by: f64| {
            let mut moved = players.each_ref().map(Params::snapshot);
            let who = usize::from(j >= players[0].count());
            let at = j - who as i64 * players[0].count();
            let flat = moved[who].flat().copy();
            let _ = flat.narrow(1, at, 1).g_add_scalar_(by);
            moved[who].set(&flat);
            of([&moved[0], &moved[1]]).detach()
        };
        let column = (moved(step) - moved(-step)) / (2.0 * step);
        assert!(exact.select(2, j).allclose(&column, 1e-5, 1e-7, false), "column {j}");
    }

    let numbers = [(); 2].map(|()| {
        let mut params = Number.init(&mut double(&[0]));
        params.set(&params.flat().zeros_like());
        params
    });
    let [x, y] = [&numbers[0], &numbers[1]];
    let [of_x, of_y] = losses(x, y);
    let [by_x, by_y] = Consensus { weight: 0.7 }.gradients([&of_x, &of_y], [x, y], Graph::Keep);
    let found = jacobian(&-Tensor::cat(&[by_x, by_y], 1), [x, y]);
    let expected = Tensor::from_slice(&[-0.7f64, -1.0, 1.0, -0.7]).reshape([1, 2, 2]);
    assert!(found.allclose(&expected, 0.0, 1e-12, false), "{found}");
    let unregularised = Tensor::from_slice(&[0.0f64, -1.0, 1.0, 0.0]).reshape([1, 2, 2]);
    assert!(consensus_jacobian(&unregularised, 0.7).allclose(&expected, 0.0, 1e-12, false));
}

/// Updates carry a graph: the derivative of where three moves lead by the start, against central differences.
#[test]
fn updates_are_differentiable() {
    fn check<O: Optimizer>(rule: &O, calls: usize) {
        let like = Mlp::new(&[2, 1], Activation::Relu).init(&mut double(&[0]));
        let lead = |x: &Tensor| {
            let (mut flat, mut state) = (x.shallow_clone(), rule.init(&like));
            for _ in 0..calls {
                let gradient = flat.square() * &flat + &flat;
                (flat, state) = rule.update(&flat, &gradient, &state);
            }
            flat
        };
        let error = gan::check::gradient_error(lead, &double(&[7]).normal(&[3]));
        assert!(error < 1e-7, "{error}");
    }
    check(&Momentum { learning_rate: RATE, momentum: -0.3 }, 3);
    check(&Optimistic { learning_rate: RATE }, 3);
    check(&Extragradient(Sgd { learning_rate: RATE }), 6);
    check(&Extragradient(Adam::new(RATE, 0.5, 0.9)), 6);
    assert!(Extragradient(Sgd { learning_rate: -1.0 }).validate().is_err());
    assert!(Momentum { learning_rate: RATE, momentum: -1.0 }.validate().is_err());
}
