//! The independent critic, and whether samples are nearer to the training rows than held-out real ones are.

use anyhow::{Result, bail};
use gan::device::to_vec;
use gan::metric::{CriticFit, independent_critic, nearest_distances};
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Penalty, Rng};
use stats::{Interval, robust};
use tch::{Kind, Tensor};

use crate::estimate::{Context, Estimate, GROUPS, Pair, without};

pub(super) const STEPS: u64 = 400;
const FIT: CriticFit =
    CriticFit { steps: STEPS, batch: 64, penalty: Penalty::Gradient { weight: 10.0 } };
const WIDTH: i64 = 64;

pub(super) fn needs_train(context: &Context, _: usize) -> Option<String> {
    context.frame.train.is_none().then(|| "it needs the training rows (--train)".to_owned())
}

/// What critics say of rows that they were not fitted to: each is fitted to one half of both samples.
struct Verdicts {
    real: Vec<f64>,
    fake: Vec<f64>,
    train: Vec<f64>,
}

fn verdicts(pair: &Pair, context: &Context) -> Verdicts {
    let train = context.frame.train.as_ref();
    // Of length one on average, so that a critic of slope 1 says numbers of size 1.
    let spread = pair.real.square().sum_dim_intlist([1i64].as_slice(), false, Kind::Double);
    let size = spread.mean(Kind::Double).double_value(&[]).sqrt().max(f64::MIN_POSITIVE);
    let single = |rows: &Tensor| (rows / size).to_kind(Kind::Float).unsqueeze(0);
    let halves = |rows: &Tensor| [1, 0].map(|half| single(&without(rows, half, 2)));
    let (real, fake) = (halves(pair.real), halves(pair.fake));
    let mut found = Verdicts { real: Vec::new(), fake: Vec::new(), train: Vec::new() };
    let root = Rng::new(&[context.seed]).fork("critic");
    for half in 0..2 {
        let rng = root.fork(&format!("half {half}"));
        let net = Mlp::new(&[pair.real.size()[1], WIDTH, WIDTH, 1], Activation::LeakyRelu(0.2));
        let critic = Player::new(net, Adam::new(1e-3, 0.5, 0.9), &mut rng.fork("critic"));
        let mut draws = rng.fork("fake");
        let rows = fake[half].size()[1];
        let sample = |count: i64| {
            let index = draws.index(rows, count);
            fake[half].index_select(1, &index.reshape([-1]))
        };
        let critic = independent_critic(critic, FIT, &real[half], sample, &mut rng.fork("fit"));
        let _guard = tch::no_grad_guard();
        let say = |rows: &Tensor| to_vec(&(critic.apply(rows) * size));
        // A critic is itself but for a constant, which differs from half to half.
        let of_fake = say(&fake[1 - half]);
        let level = robust::mean(&of_fake);
        let say = |rows: &Tensor| say(rows).into_iter().map(|x| x - level).collect::<Vec<f64>>();
        found.real.extend(say(&real[1 - half]));
        found.fake.extend(of_fake.into_iter().map(|x| x - level));
        if let Some(train) = train {
            // Both halves' critics see all training rows; each row counts once, by their mean.
            let of_train = say(&single(train));
            if found.train.is_empty() {
                found.train = of_train;
            } else {
                for (a, b) in found.train.iter_mut().zip(of_train) {
                    *a = f64::midpoint(*a, b);
                }
            }
        }
    }
    found
}

/// The difference of two means and the interval of it, the critics taken as they are.
fn apart(pair: &Pair, a: &[f64], b: &[f64]) -> Estimate {
    let value = robust::mean(a) - robust::mean(b);
    let error = |x: &[f64]| robust::standard_deviation(x).powi(2) / x.len() as f64;
    let half = 1.96 * (error(a) + error(b)).sqrt();
    let interval = (pair.groups > 0).then_some(Interval { low: value - half, high: value + half });
    Estimate { interval, ..Estimate::from(value) }
}

/// The distance of the fake rows from the real ones, as critics see it that met neither.
pub(super) fn critic(pair: &Pair, context: &Context) -> Result<Estimate> {
    let found = verdicts(pair, context);
    Ok(apart(pair, &found.real, &found.fake))
}

/// The distance from held-out rows beyond that from training rows.
pub(super) fn memorising(pair: &Pair, context: &Context) -> Result<Estimate> {
    let found = verdicts(pair, context);
    let [held_out, training] =
        [&found.real, &found.train].map(|rows| apart(pair, rows, &found.fake));
    let unit = context.frame.unit;
    let note = format!(
        "distance to held-out rows {:.4}, to training rows {:.4}",
        held_out.value * unit,
        training.value * unit
    );
    Ok(Estimate { note: Some(note), ..apart(pair, &found.real, &found.train) })
}

/// How often a fake row is nearer to its nearest training row than a held-out real row to its own; ties count half.
pub(super) fn nearest(pair: &Pair, context: &Context) -> Result<Estimate> {
    let Some(train) = &context.frame.train else { bail!("there are no training rows") };
    let [real, fake] = [pair.real, pair.fake].map(|rows| nearest_distances(rows, train));
    let share = |fake: &Tensor, real: &Tensor| {
        let (sorted, _) = real.sort(0, false);
        let beyond = |right: bool| {
            let side = if right { "right" } else { "left" };
            let at = fake.searchsorted(&sorted, false, right, side, None::<Tensor>);
            at.sum(Kind::Double).double_value(&[])
        };
        let rows = (real.size()[0] * fake.size()[0]) as f64;
        1.0 - f64::midpoint(beyond(false), beyond(true)) / rows
    };
    let part = |group| share(&without(&fake, group, GROUPS), &without(&real, group, GROUPS));
    let parts = (0..pair.groups).map(part).collect();
    let median = |distances: &Tensor| distances.median().double_value(&[]) * context.frame.unit;
    let copies = fake.le(0.0).sum(Kind::Int64).int64_value(&[]);
    let note = format!(
        "median distance to a training row {:.4}, of real rows {:.4}; {copies} exact copies",
        median(&fake),
        median(&real)
    );
    Ok(Estimate { parts, note: Some(note), ..Estimate::from(share(&fake, &real)) })
}
