//! The game that all lines share: generator and critic train in turn, and what is measured on the way.

use gan::optim::{Player, Rule};
use gan::step::{critic_step, generator_step};
use gan::{Activation, Mlp, Rng};
use lab::{Diverged, Run, Summary};
use shared::{Game, Outcomes, Resumable, array, looks, summary};
use stats::robust::{mean, standard_deviation};

use crate::config::Config;
use crate::probe::{Critic, Probe, fresh_estimate};
use crate::world::{Generator, Truth, World};

/// Updates between two checkpoints.
pub(crate) const CHECKPOINT: u64 = 100;

/// Trains generator and critic in turn: `critic.steps` updates of the critic, each on a fresh batch, then one of
/// the generator.
pub(crate) fn run(config: &Config, world: World, audit: bool, run: &mut Run) -> Outcomes {
    let root = streams(run);
    let (truth, generator) = world.build(&root, config.generator);
    let mut game = Game::new(generator, critic(config, world.dim(), &root), &root);
    let watch = Watch { audit, truth: &truth, root: &root, steps: config.steps };

    let start = game.resume(run);
    for step in start..=config.steps {
        if step > start && step % CHECKPOINT == 0 {
            game.keep(run, (step, config.steps))?;
        }
        if watch.is_due(step) {
            watch.look(step, &game, run);
        }
        if step == config.steps {
            break;
        }
        for _ in 0..config.critic.steps {
            let real = truth.sample(&mut game.data, config.batch);
            let fake = {
                let _guard = tch::no_grad_guard();
                game.generator.apply(&truth.latent(&mut game.latent, config.batch))
            };
            let (objective, penalty) = (config.objective, config.penalty);
            let noise = &mut game.penalty;
            critic_step(objective, penalty, &mut game.critic, &real, &fake, noise);
        }
        let z = truth.latent(&mut game.latent, config.batch);
        let _ = generator_step(config.objective, &mut game.generator, &game.critic, &z);
    }
    Ok(watch.finish(run))
}

/// Returns a fresh critic of points.
pub(crate) fn critic(config: &Config, dim: i64, root: &Rng) -> Critic {
    let widths = [&[dim], &config.critic.hidden[..], &[1]].concat();
    let net = Mlp::new(&widths, Activation::Relu);
    Player::new(net, config.critic.rule, &mut root.fork("critic"))
}

/// Returns the random streams of this experiment.
pub(crate) fn streams(run: &Run) -> Rng {
    shared::streams(run, "js_failure 2")
}

/// Looks after the start.
const LOOKS: u64 = 40;
/// The last looks, whose mean is a run's result.
pub(crate) const LAST: usize = 5;
/// The last looks, whose deviation is its stability.
pub(crate) const SECOND_HALF: usize = 20;

/// What is measured of one cell: the truth, what critics say of it, and the generator's gradients. All of it is in the
/// run's traces, so that nothing of it has to be saved.
struct Watch<'a> {
    audit: bool,
    truth: &'a Truth,
    root: &'a Rng,
    steps: u64,
}

impl Watch<'_> {
    /// Returns whether the run should be looked at before this step.
    fn is_due(&self, step: u64) -> bool {
        looks(self.steps, LOOKS).binary_search(&step).is_ok()
    }

    fn look(&self, step: u64, game: &Game<Generator, Mlp, Rule>, run: &mut Run) {
        let Game { generator, critic, .. } = game;
        let eval = self.root.fork(&format!("eval {step}"));
        let misfits = self.truth.misfit(&generator.params);
        let probe = Probe::of(self.truth, generator, critic, &mut eval.fork("probe"));
        let fresh = self.audit.then(|| fresh_estimate(self.truth, generator, &eval));
        let path = gan::device::to_vec(generator.params.flat());
        let each = path.len() / misfits.len();
        for (i, misfit) in misfits.into_iter().enumerate() {
            let mut numbers = vec![
                ("frechet", misfit.frechet),
                ("offset", misfit.offset),
                ("off_line", misfit.off_line),
                ("scale", misfit.scale),
                ("log10_gradient_minimax", log10(probe.minimax[i])),
                ("log10_gradient_non_saturating", log10(probe.non_saturating[i])),
                ("js_critic", probe.jensen_shannon[i]),
                ("wasserstein_critic", probe.wasserstein[i]),
            ];
            numbers.extend(fresh.as_ref().map(|fresh| ("js_fresh", fresh[i])));
            if self.truth.world.dim() == 2 && run.seeds[i] == 0 {
                let names = ["path.0", "path.1", "path.2", "path.3"];
                numbers.extend(names.into_iter().zip(path[i * each..][..each].iter().copied()));
            }
            // One whose numbers stopped being numbers has no trace from there on.
            if numbers.iter().all(|(_, x)| x.is_finite()) {
                for (name, x) in numbers {
                    run.trace(i, name, step, x);
                }
            }
        }
    }

    /// Returns the result of every member.
    fn finish(&self, run: &mut Run) -> Vec<Result<Summary, Diverged>> {
        if let (Some(line), Some(i)) =
            (&self.truth.line, run.seeds.iter().position(|&seed| seed == 0))
            && self.truth.world.dim() == 2
        {
            let direction = line.direction.select(0, i as i64) * line.length();
            run.sample(i, "line", array(&direction));
        }
        (0..run.seeds.len()).map(|i| self.result(i, run)).collect()
    }

    fn result(&self, member: usize, run: &Run) -> Result<Summary, Diverged> {
        let last_step = run.traced(member, "frechet").last().map(|(step, _)| *step);
        if last_step != Some(self.steps) {
            let step = last_step.map_or(0, |step| step + self.steps / LOOKS.min(self.steps));
            return Err(Diverged { step, what: "parameters or critic".to_owned() });
        }
        let seen = |metric: &str, looks: usize| -> Vec<f64> {
            run.traced(member, metric).iter().rev().take(looks).map(|(_, x)| *x).collect()
        };
        let mut numbers = Vec::new();
        for metric in [
            "frechet",
            "offset",
            "off_line",
            "scale",
            "log10_gradient_minimax",
            "log10_gradient_non_saturating",
            "js_critic",
        ] {
            numbers.push((metric, mean(&seen(metric, LAST))));
        }
        let all = seen("frechet", usize::MAX);
        numbers.push(("frechet_best", all.iter().copied().fold(f64::INFINITY, f64::min)));
        numbers.push(("frechet_spread", standard_deviation(&seen("frechet", SECOND_HALF))));
        let rises = all.windows(2).filter(|pair| pair[0] > pair[1]).count();
        numbers.push(("rises", rises as f64 / (all.len() - 1) as f64));
        if self.audit {
            let fresh: Vec<f64> = seen("js_fresh", usize::MAX).into_iter().rev().collect();
            let distances: Vec<f64> = all.into_iter().rev().collect();
            numbers.push(("halvings_while_apart", halvings_while_apart(&distances, &fresh)));
        }
        summary(self.steps, numbers)
    }
}

/// Returns how often the distance halved, at most, between two looks between which every fresh critic told data and model
/// apart nearly perfectly: more than 95 % of ln 2.
fn halvings_while_apart(distances: &[f64], fresh: &[f64]) -> f64 {
    let (mut most, mut start) = (0.0f64, f64::NEG_INFINITY);
    for (distance, estimate) in distances.iter().zip(fresh) {
        let log_distance = distance.log2();
        if *estimate > 0.95 * std::f64::consts::LN_2 {
            start = start.max(log_distance);
            most = most.max(start - log_distance);
        } else {
            start = f64::NEG_INFINITY;
        }
    }
    most
}

/// Returns the logarithm of a length, of zero as of the smallest number.
pub(crate) fn log10(length: f64) -> f64 {
    length.max(f64::MIN_POSITIVE).log10()
}

#[cfg(test)]
mod tests {
    use super::halvings_while_apart;

    #[test]
    fn halvings_count_only_where_the_critics_tell_apart() {
        let (apart, together) = (0.69, 0.5);
        let count = |distances: &[f64], fresh: &[f64]| halvings_while_apart(distances, fresh);
        assert!((count(&[8.0, 2.0, 1.0], &[apart; 3]) - 3.0).abs() < 1e-12);
        assert!((count(&[8.0, 2.0, 1.0], &[apart, together, apart])).abs() < 1e-12);
        // From the largest distance since they were last told apart.
        assert!((count(&[1.0, 4.0, 2.0], &[apart; 3]) - 1.0).abs() < 1e-12);
    }
}
