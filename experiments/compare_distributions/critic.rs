//! Networks that compare two laws from fresh samples, judged by quadrature.

use experiments::{Resumable, array, keep, options, resume, summary};
use gan::device::{per_member, to_vec};
use gan::objective::Divergence;
use gan::optim::Player;
use gan::{Activation, Adam, Graph, Mlp, Rng, grad};
use lab::{Diverged, Interrupted, Run, Summary};
use tch::{Device, Kind, Tensor};

use crate::config::Loss;
use crate::laws::Pair;

pub(crate) type Outcomes = Result<Vec<Result<Summary, Diverged>>, Interrupted>;

const BATCH: i64 = 256;
const DOOR: u64 = 200;
/// Points of the quadrature, and their distance.
const POINTS: i64 = 1_601;
const STEP: f64 = 0.01;
/// Every so many of them is kept for the figure.
const EVERY: i64 = 10;

/// Trains a critic and measures what it knows of the ratio.
pub(crate) fn critic(pair: Pair, loss: Loss, steps: u64, run: &mut Run) -> Outcomes {
    let root = streams(run);
    let net = Mlp::new(&[pair.dim(), 64, 64, 1], Activation::Tanh);
    let mut critic = Player::new(net, Adam::new(1e-3, 0.9, 0.999), &mut root.fork("critic"));
    let mut data = root.fork("data");

    let pieces: &mut [(&str, &mut dyn Resumable)] =
        &mut [("critic", &mut critic), ("data", &mut data)];
    let start = resume(run, pieces);
    for step in start..steps {
        if step > start && step % DOOR == 0 {
            keep(run, (step, steps), &[("critic", &critic), ("data", &data)])?;
        }
        let [real, fake] = pair.sample(&mut data, BATCH, BATCH);
        let outputs = critic.apply(&Tensor::cat(&[real, fake], 1));
        let (real, fake) = (outputs.narrow(1, 0, BATCH), outputs.narrow(1, BATCH, BATCH));
        critic.descend(&match loss {
            Loss::Risk(rule) => rule.risk(&real, &fake),
            Loss::Bound(divergence) => -divergence.bound(&real, &fake),
        });
    }
    Ok(judge((pair, loss, steps), &critic, run))
}

/// The critic on a grid against the exact ratio.
fn judge(
    (pair, loss, steps): (Pair, Loss, u64),
    critic: &Player<Mlp>,
    run: &mut Run,
) -> Vec<Result<Summary, Diverged>> {
    let _guard = tch::no_grad_guard();
    let members = run.seeds.len() as i64;
    let half = (POINTS - 1) as f64 * STEP / 2.0;
    let x = (Tensor::arange(POINTS, (Kind::Double, Device::Cpu)) * STEP - half).reshape([1, -1, 1]);
    let inputs = x.to_kind(Kind::Float).expand([members, -1, -1], false);
    let outputs = critic.apply(&inputs).to_kind(Kind::Double).to_device(Device::Cpu);
    let [p, q] = pair.densities(&x);
    let log_ratio = pair.log_ratio(&x);
    let integral = |values: Tensor| {
        per_member(&(values * STEP).sum_dim_intlist([1i64].as_slice(), false, Kind::Double))
    };
    let flat = outputs.squeeze_dim(2);
    let mut columns: Vec<(&str, Vec<f64>)> = Vec::new();
    match loss {
        Loss::Risk(rule) => {
            let both = (&p + &q) * 0.5;
            let squares = integral((&flat - &log_ratio).square() * &both);
            columns.push(("error", squares.iter().map(|square| square.sqrt()).collect()));
            columns.push((
                "wrong_sign",
                integral((&flat * &log_ratio).lt(0.0).to_kind(Kind::Double) * &both),
            ));
            let risk = |s: &Tensor| integral(rule.loss(s) * &p * 0.5 + rule.loss(&-s) * &q * 0.5);
            let best = if rule.is_strictly_proper() {
                log_ratio.shallow_clone()
            } else {
                log_ratio.sign()
            };
            let least = risk(&best)[0];
            columns.push(("risk_gap", risk(&flat).iter().map(|risk| risk - least).collect()));
        }
        Loss::Bound(divergence) => {
            let exact = integral(divergence.f(&log_ratio) * &q)[0];
            let real = integral(divergence.activation(&flat) * &p);
            let fake = integral(divergence.conjugate(&flat) * &q);
            let bounds: Vec<f64> = real.iter().zip(&fake).map(|(real, fake)| real - fake).collect();
            columns.push(("shortfall", bounds.iter().map(|bound| 1.0 - bound / exact).collect()));
            columns.push(("bound", bounds));
            columns.push(("exact", vec![exact; run.seeds.len()]));
        }
    }
    (0..run.seeds.len())
        .map(|i| {
            let curve = flat.select(0, i as i64).slice(0, 0, POINTS, EVERY);
            let places = x.reshape([-1]).slice(0, 0, POINTS, EVERY);
            run.sample(i, "outputs", array(&Tensor::stack(&[places, curve], 1)));
            summary(steps, columns.iter().map(|(name, values)| (*name, values[i])))
        })
        .collect()
}

/// The largest difference between the gradients of both losses by the outputs of random critics, over the largest
/// component.
pub(crate) fn identity(divergence: Divergence, run: &Run) -> Vec<Result<Summary, Diverged>> {
    let root = streams(run);
    let mut rng = root.fork("outputs");
    let draw = |rng: &mut Rng| rng.normal(&[BATCH, 1]).set_requires_grad(true);
    let leaves = [draw(&mut rng), draw(&mut rng)];
    let [real, fake] = &leaves;
    let bregman = grad(&divergence.bregman(real, fake), &leaves, Graph::Free);
    let output = |s: &Tensor| divergence.optimal_output(s);
    let bound = grad(&-divergence.bound(&output(real), &output(fake)), &leaves, Graph::Free);
    let largest = |x: &Tensor| to_vec(&x.abs().amax([1i64, 2].as_slice(), false));
    let sides = bregman.iter().zip(&bound);
    let differences: Vec<Vec<f64>> = sides.clone().map(|(a, b)| largest(&(a - b))).collect();
    let sizes: Vec<Vec<f64>> = sides.map(|(a, _)| largest(a)).collect();
    let of_member = |i: usize| {
        let most = |of: &[Vec<f64>]| of[0][i].max(of[1][i]);
        summary(0, [("difference", most(&differences) / most(&sizes))])
    };
    (0..run.seeds.len()).map(of_member).collect()
}

/// The random streams of this experiment.
pub(crate) fn streams(run: &Run) -> Rng {
    Rng::new(&run.seeds).with(options(run.device)).fork("compare_distributions")
}
