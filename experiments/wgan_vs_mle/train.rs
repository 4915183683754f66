//! The training loop, in the open: maximum likelihood, WGAN, and both at once.

use gan::flow::Flow;
use gan::net::{Cnn, Norm};
use gan::optim::{Player, Rule};
use gan::step::critic_step;
use gan::{Activation, Net, Objective, Penalty, Rng};
use lab::Run;
use shared::classifier::Classifier;
use shared::pictures::{Pictures, SAMPLES, Scene};
use shared::{Outcomes, Plain, Resumable, looks};
use tch::{Kind, Tensor};

use crate::config::{Batches, Config, Constraint, Measure, Training};
use crate::data::Points;
use crate::look::{Observer, Path, note};
use crate::measure::{Trained, pictures};
use crate::streams;

/// Looks at the held-out likelihood after the start.
const LOOKS: u64 = 20;
/// Updates between two chances to save a checkpoint.
const KEEP_EVERY: u64 = 5;

shared::state! {
    /// What training changes.
    struct State {
        flow: Player<Flow>,
        /// Where there is a game.
        critic: Option<Player<Cnn, Rule>>,
        data: Rng,
        latent: Rng,
        penalty: Rng,
        /// What looks saw of each member.
        paths: Plain<Vec<Path>>,
    }
}

/// Trains one flow for every seed of a stack and measures it.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let root = streams(run);
    let points = Points::of(config, &run.data_dir, &root);
    let scene = scene(config, run, &root);
    let classifier = config.data.images().map(|set| Classifier::of(set, 1, &run.data_dir, &root));
    let of_looks = classifier.as_ref().filter(|_| scene.is_none());
    let observer = Observer::new(config, &points, of_looks, &root);
    let due = due(config.steps, config.early_looks);

    let mut state = State::new(config, &points, &root);
    let start = state.resume(run);
    for step in start..=config.steps {
        if step > start && step % KEEP_EVERY == 0 {
            state.keep(run, (step, config.steps))?;
        }
        if due.binary_search(&step).is_ok() {
            let seen = observer.look(step, &state.flow, state.critic.as_ref());
            note(&mut state.paths.0, seen, run);
            if let Some(scene) = &scene {
                let rng = &mut root.fork(&format!("pictures {step}"));
                let samples = pictures(&state.flow, rng, SAMPLES);
                if let Err(diverged) = scene.look(run, step, &samples) {
                    return Ok(vec![Err(diverged)]);
                }
            }
        }
        if step < config.steps {
            state.update(config, &points);
        }
    }
    let summaries = observer.summaries(&state.paths.0);
    let trained = Trained {
        config,
        flow: &state.flow,
        points: &points,
        classifier: classifier.as_ref(),
        scene: scene.as_ref(),
        rng: root.fork("measures"),
    };
    Ok(trained.complete(summaries, run))
}

/// Returns the steps of looks: evenly spaced ones, and before the second of them the powers of two where these are wanted.
fn due(steps: u64, early: bool) -> Vec<u64> {
    let mut due = looks(steps, LOOKS);
    if early {
        let second = due[1];
        due.extend((0..u64::BITS).map(|k| 1 << k).take_while(|step| *step < second));
        due.sort_unstable();
    }
    due
}

/// Returns what scores the pictures of a flow that trains alone, where they are measured.
fn scene(config: &Config, run: &Run, root: &Rng) -> Option<Scene> {
    let set = config.data.images().filter(|_| config.measures.contains(&Measure::Pictures))?;
    let pictures = Pictures { set, shrink: 1, stacked: false };
    Some(Scene::new(pictures, run, root.fork("scene")))
}

impl State {
    fn new(config: &Config, points: &Points, root: &Rng) -> Self {
        let shape = config.flow.build(config.data.image());
        let flow = Player::new(shape, config.adam, &mut root.fork("flow"));
        if config.flow.residual.is_some() {
            let first = points.sampler.batch(&mut root.fork("first batch"), config.batch);
            flow.net.start_from_data(&flow.params, &first);
        }
        let critic = config.critic().map(|critic| {
            let net = Cnn {
                input: config.data.shape(),
                maps: critic.maps.clone(),
                kernel: 5,
                dense: [&critic.hidden[..], &[1]].concat(),
                activation: Activation::LeakyRelu(0.2),
                norm: if critic.layer_norm { Norm::Layer } else { Norm::None },
            };
            Player::new(net, critic.rule, &mut root.fork("critic"))
        });
        let [data, latent, penalty] = ["data", "latent", "penalty"].map(|label| root.fork(label));
        let paths = Plain(vec![Path::default(); root.members() as usize]);
        Self { flow, critic, data, latent, penalty, paths }
    }

    /// Updates the flow, in a game after the updates of its critic.
    fn update(&mut self, config: &Config, points: &Points) {
        let Self { flow, critic, data, latent, penalty, .. } = self;
        let mut real = points.sampler.batch(data, config.batch);
        let (Some(critic), Training::Wasserstein { critic: rules, likelihood_weight }) =
            (critic, &config.training)
        else {
            let loss = negative_log_likelihood(flow, &real);
            flow.descend(&loss);
            return;
        };
        // The flow stands still while the critic learns: its samples for all updates come from one pass.
        let fresh = rules.batches == Batches::Fresh;
        let rounds = if fresh { i64::from(rules.steps) } else { 1 };
        let mut z = flow.net.latent(latent, rounds * config.batch);
        let fakes: Vec<Tensor> = {
            let _guard = tch::no_grad_guard();
            if flow.net.mixes_samples() {
                z.chunk(rounds, 1).iter().map(|z| flow.apply(z)).collect()
            } else {
                flow.apply(&z).chunk(rounds, 1)
            }
        };
        for update in 0..rules.steps as usize {
            if update > 0 && fresh {
                real = points.sampler.batch(data, config.batch);
            }
            let term = match rules.constraint {
                Constraint::Penalty(term) => term,
                Constraint::Clip(bound) => {
                    critic.params.clip(bound);
                    Penalty::None
                }
            };
            let fake = &fakes[update % fakes.len()];
            critic_step(Objective::Wasserstein, term, critic, &real, fake, penalty);
        }
        if fresh {
            z = flow.net.latent(latent, config.batch);
        }
        let mut loss = Objective::Wasserstein.generator_loss(&critic.apply(&flow.apply(&z)));
        if *likelihood_weight > 0.0 {
            let x = points.sampler.batch(data, config.batch);
            loss += negative_log_likelihood(flow, &x) * *likelihood_weight;
        }
        flow.descend(&loss);
    }
}

/// The mean over a minibatch in nats per point, `[members]`.
fn negative_log_likelihood(flow: &Player<Flow>, x: &Tensor) -> Tensor {
    let log_prob = flow.net.log_prob(&flow.params, x);
    -log_prob.mean_dim([1i64].as_slice(), false, None::<Kind>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_looks_are_powers_of_two_before_the_second() {
        assert_eq!(due(200, false), looks(200, LOOKS));
        assert_eq!(due(200, true)[..7], [0, 1, 2, 4, 8, 10, 20]);
        // Where every update is looked at, none is looked at twice.
        assert_eq!(due(3, true), [0, 1, 2, 3]);
    }
}
