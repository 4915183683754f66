//! The theory's side: generators that stand still while the critic nears its optimum.

use experiments::{Resumable, keep, resume, summary};
use gan::device::{per_member, to_vec};
use gan::optim::Player;
use gan::step::critic_step;
use gan::{Graph, Objective, Rng, grad};
use lab::{Diverged, Run, Summary};
use stats::{robust, tail};
use tch::{Device, Kind, Tensor};

use crate::config::{Config, Start, World};
use crate::probe::{Critic, Model, Probe, pair};
use crate::train::{DOOR, Outcomes, critic, streams};
use crate::watch::log10;

/// Minibatches behind a tail index.
const BATCHES: i64 = 2_000;

/// Scores the generator's gradient under the exact critic between N(0, 1) and N(shift, 1), by quadrature.
///
/// The grid's points are members of a stack of batches of one, so that the losses are the very ones that
/// train.
pub(crate) fn exact(shift: f64) -> Vec<Result<Summary, Diverged>> {
    const STEP: f64 = 1e-3;
    let points = ((shift + 28.0) / STEP) as i64;
    let line = Tensor::arange(points, (Kind::Double, Device::Cpu)) * STEP - 14.0;
    let density = |mean: f64| ((&line - mean).square() * -0.5).exp() / std::f64::consts::TAU.sqrt();
    let (data, fakes) = (density(0.0), density(shift));
    let x = line.reshape([-1, 1, 1]).set_requires_grad(true);
    // ln of the ratio of the densities.
    let logit = &x * -shift + shift * shift / 2.0;
    let integral = |values: &Tensor, weight: &Tensor| {
        (values.reshape([-1]) * weight).sum(Kind::Double).double_value(&[]) * STEP
    };
    let gradient = |objective: Objective| {
        let loss = objective.generator_loss(&logit);
        // The model moves with its parameter, so the slope in x is the slope in the shift.
        integral(&grad(&loss, &[x.shallow_clone()], Graph::Retain)[0], &fakes).abs()
    };
    let silent = logit.full_like(-1e3);
    let cross_entropy = integral(&Objective::Minimax.critic_loss(&logit, &silent), &data)
        + integral(&Objective::Minimax.critic_loss(&-silent, &logit), &fakes);
    let numbers = [
        ("shift", shift),
        ("jensen_shannon", std::f64::consts::LN_2 - cross_entropy / 2.0),
        ("gradient_minimax", gradient(Objective::Minimax)),
        ("gradient_non_saturating", gradient(Objective::NonSaturating)),
    ];
    vec![summary(0, numbers)]
}

/// The updates after which a frozen game is looked at: 1, 2 and 5 times the powers of ten, and the last.
fn frozen_looks(steps: u64) -> Vec<u64> {
    let powers = (1..=5).flat_map(|power| [1, 2, 5].map(|factor| factor * 10u64.pow(power)));
    powers.filter(|look| *look < steps).chain([steps]).collect()
}

/// Trains a critic from scratch while the generator stands still on a parallel line.
pub(crate) fn frozen(config: &Config, dim: i64, run: &mut Run) -> Outcomes {
    let root = streams(run);
    let world = World::Line { dim, latent: 1, start: Start::Parallel };
    let (truth, net, start) = world.build(&root);
    let g = Player::starting_at(net, start, config.generator);
    let mut d = critic(config, dim, &root);
    let (mut points, mut noise) = (root.fork("points"), root.fork("penalty"));
    let looks = frozen_looks(config.steps);

    let pieces: &mut [(&str, &mut dyn Resumable)] =
        &mut [("critic", &mut d), ("points", &mut points), ("penalty", &mut noise)];
    let start = resume(run, pieces);
    for step in start..=config.steps {
        if step > start && step % DOOR == 0 {
            let pieces: [(_, &dyn Resumable); 3] =
                [("critic", &d), ("points", &points), ("penalty", &noise)];
            keep(run, (step, config.steps), &pieces)?;
        }
        if looks.contains(&step) {
            let mut eval = root.fork(&format!("eval {step}"));
            let probe = Probe::of(world, &truth, &g, &d, &mut eval);
            for i in 0..run.seeds.len() {
                let numbers = [
                    ("log10_gradient_minimax", log10(probe.minimax[i])),
                    ("log10_gradient_non_saturating", log10(probe.non_saturating[i])),
                    ("js_critic", probe.jensen_shannon[i]),
                ];
                // One whose numbers stopped being numbers has no trace from there on.
                if numbers.iter().all(|(_, x)| x.is_finite()) {
                    for (name, x) in numbers {
                        run.trace(i, name, step, x);
                    }
                }
            }
        }
        if step == config.steps {
            break;
        }
        let (real, fake) = pair(world, &truth, &g, &mut points, config.batch);
        critic_step(config.objective, config.penalty, &mut d, &real, &fake, &mut noise);
    }
    let (cosines, tails) = gradients_of_batches(config, world, &g, &d, &mut root.fork("tails"));
    let result = |i: usize| frozen_summary((i, config.steps), run, cosines[i], &tails[i]);
    Ok((0..run.seeds.len()).map(result).collect())
}

/// The non-saturating gradient of the shift on each of many minibatches: the cosine of the mean step with the
/// way to the data, and the gradients' component along it, for each member.
fn gradients_of_batches(
    config: &Config,
    world: World,
    g: &Model,
    d: &Critic,
    rng: &mut Rng,
) -> (Vec<f64>, Vec<Vec<f64>>) {
    let z = world.latent(rng, BATCHES * config.batch);
    let x = g.apply(&z).detach().set_requires_grad(true);
    // Summed over points: the batch of a mean would divide by all of them.
    let loss = (-Player::apply(d, &x)).softplus();
    let slopes = grad(&loss, &[x.shallow_clone()], Graph::Free).remove(0).to_kind(Kind::Double);
    let size = slopes.size();
    let batches = slopes.reshape([size[0], BATCHES, config.batch, size[2]]);
    let gradients = batches.mean_dim([2i64].as_slice(), false, None::<Kind>);
    // The shift of a parallel line leads straight away from the data.
    let away = g.params.views()[1].detach().to_kind(Kind::Double);
    let length =
        |v: &Tensor| v.square().sum_dim_intlist([-1i64].as_slice(), false, None::<Kind>).sqrt();
    let along = gradients.matmul(&away.transpose(1, 2)).squeeze_dim(2) / length(&away);
    let mean = gradients.mean_dim([1i64].as_slice(), true, None::<Kind>);
    let inner = (&mean * &away).sum_dim_intlist([1i64, 2].as_slice(), false, None::<Kind>);
    let cosines = inner / (length(&mean) * length(&away)).squeeze_dim(1);
    let rows = to_vec(&along);
    let rows = rows.chunks_exact(BATCHES as usize).map(<[f64]>::to_vec).collect();
    (per_member(&cosines), rows)
}

fn frozen_summary(
    (member, steps): (usize, u64),
    run: &Run,
    cosine: f64,
    gradients: &[f64],
) -> Result<Summary, Diverged> {
    let looks = run.traced(member, "js_critic");
    let last = looks.last().copied().unwrap_or((0, f64::NAN));
    // A line wants two looks.
    if last.0 != steps || looks.len() < 2 {
        return Err(Diverged { step: last.0, what: "the critic after this look".to_owned() });
    }
    let mut numbers = Vec::new();
    for (slope, length) in [
        ("slope_minimax", "log10_gradient_minimax"),
        ("slope_non_saturating", "log10_gradient_non_saturating"),
    ] {
        let trace = run.traced(member, length);
        let points: Vec<(f64, f64)> =
            trace.iter().map(|(step, length)| ((*step as f64).log10(), *length)).collect();
        numbers.extend([(slope, robust::line(&points).1), (length, points[points.len() - 1].1)]);
    }
    numbers.extend([
        ("js_critic", last.1),
        ("cosine", cosine),
        ("tail_index", tail_index(gradients)),
    ]);
    summary(steps, numbers)
}

/// The tail index of gradients about their median; NaN for such as have no tail.
fn tail_index(gradients: &[f64]) -> f64 {
    const SHARE: f64 = 0.05;
    let centre = robust::median(gradients);
    let sizes: Vec<f64> = gradients.iter().map(|g| (g - centre).abs()).collect();
    let positive = sizes.iter().filter(|size| **size > 0.0).count();
    let tail = (SHARE * sizes.len() as f64) as usize;
    let exists = sizes.iter().all(|size| size.is_finite()) && positive > tail;
    if exists { tail::hill_index(&sizes, SHARE) } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known to the digits shown: Jensen-Shannon divergence and both gradients at distances of the means. The two
    /// gradients sum to the distance, because D and 1 - D do to 1 and the logit's slope is minus the distance.
    #[test]
    fn exact_critics_agree_with_the_table() {
        for (shift, divergence, minimax, non_saturating) in [
            (1.0, 0.1114, 0.398, 0.602),
            (2.0, 0.3368, 0.450, 1.550),
            (4.0, 0.6327, 0.137, 3.863),
            (8.0, 0.69305, 3.9e-4, 8.000),
            (12.0, std::f64::consts::LN_2, 1.8e-8, 12.0),
            (16.0, std::f64::consts::LN_2, 1.6e-14, 16.0),
        ] {
            let summary = exact(shift).remove(0).unwrap();
            let value = |name: &str| summary.values()[name];
            let near = |name: &str, expected: f64| {
                let relative = value(name) / expected - 1.0;
                assert!(relative.abs() < 0.03, "{name} at {shift}: {}", value(name));
            };
            near("jensen_shannon", divergence);
            near("gradient_minimax", minimax);
            near("gradient_non_saturating", non_saturating);
            let sum = value("gradient_minimax") + value("gradient_non_saturating");
            assert!((sum - shift).abs() < 1e-9 * shift, "they sum to {sum}");
        }
    }

    #[test]
    fn frozen_games_are_looked_at_in_steps_of_two_and_more() {
        assert_eq!(frozen_looks(60), [10, 20, 50, 60]);
        assert_eq!(frozen_looks(2_000), [10, 20, 50, 100, 200, 500, 1_000, 2_000]);
    }
}
