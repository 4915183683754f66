//! The training loop, in the open: maximum likelihood, WGAN, and both at once.

use experiments::judge::Judge;
use experiments::{Resumable, keep, looks, options, resume};
use gan::flow::Flow;
use gan::net::{Cnn, Norm};
use gan::optim::{Player, Rule};
use gan::step::critic_step;
use gan::{Activation, Net, Objective, Penalty, Rng};
use lab::{Diverged, Interrupted, Run, Summary};
use tch::{Kind, Tensor};

use crate::config::{Batches, Config, Constraint, Critic, Training};
use crate::measure;
use crate::points::Points;
use crate::watch::Watch;

pub(crate) type Outcomes = Result<Vec<Result<Summary, Diverged>>, Interrupted>;

/// Looks at the held-out likelihood after the start.
const LOOKS: u64 = 20;
/// Between two calls of the harness's door.
const DOOR: u64 = 5;

/// A critic in the game.
pub(crate) type Opponent = Player<Cnn, Rule>;

/// Trains one flow for every seed of a stack and measures it.
pub(crate) fn flow(config: &Config, run: &mut Run) -> Outcomes {
    let root = Rng::new(&run.seeds).with(options(run.device)).fork("wgan_vs_mle");
    let points = Points::of(config.data, config.training_images, &run.data_dir, &root);
    let judge = config.data.images().map(|set| Judge::of(set, 1, &run.data_dir, &root));
    let shape = config.flow.build(config.data);
    let mut flow = Player::new(shape, config.adam, &mut root.fork("flow"));
    if config.flow.residual.is_some() {
        let first = points.source.batch(&mut root.fork("first batch"), config.batch);
        flow.net.start_from_data(&flow.params, &first);
    }
    let mut critic: Option<Opponent> = opponent(config).map(|critic| {
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
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut penalty = root.fork("penalty");
    let mut watch = Watch::new(config, &points, judge.as_ref(), &root);
    let due = looks(config.steps, LOOKS);

    let start = resume(
        run,
        &mut [
            ("flow", &mut flow),
            ("critic", &mut critic),
            ("data", &mut data),
            ("latent", &mut latent),
            ("penalty", &mut penalty),
            ("watch", &mut watch),
        ],
    );
    for step in start..=config.steps {
        if step > start && step % DOOR == 0 {
            let pieces: [(_, &dyn Resumable); 6] = [
                ("flow", &flow),
                ("critic", &critic),
                ("data", &data),
                ("latent", &latent),
                ("penalty", &penalty),
                ("watch", &watch),
            ];
            keep(run, (step, config.steps), &pieces)?;
        }
        if due.binary_search(&step).is_ok() {
            watch.look(step, &flow, critic.as_ref(), run);
        }
        if step == config.steps {
            break;
        }
        let mut real = points.source.batch(&mut data, config.batch);
        let (Some(critic), Some(rules)) = (&mut critic, opponent(config)) else {
            flow.descend(&negative_log_likelihood(&flow, &real));
            continue;
        };
        // The flow stands still while the critic learns: its samples for all updates come from one pass.
        let fresh = rules.batches == Batches::Fresh;
        let rounds = if fresh { i64::from(rules.steps) } else { 1 };
        let mut z = flow.net.latent(&mut latent, rounds * config.batch);
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
                real = points.source.batch(&mut data, config.batch);
            }
            let fake = &fakes[update % fakes.len()];
            update_critic(critic, rules.constraint, &real, fake, &mut penalty);
        }
        if fresh {
            z = flow.net.latent(&mut latent, config.batch);
        }
        let mut loss = Objective::Wasserstein.generator_loss(&critic.apply(&flow.apply(&z)));
        if let Training::Wasserstein { likelihood_weight, .. } = config.training
            && likelihood_weight > 0.0
        {
            let x = points.source.batch(&mut data, config.batch);
            loss += negative_log_likelihood(&flow, &x) * likelihood_weight;
        }
        flow.descend(&loss);
    }
    let summaries = watch.finish(run);
    Ok(measure::last(config, (&flow, &points, judge.as_ref()), &root, summaries, run))
}

fn opponent(config: &Config) -> Option<&Critic> {
    match &config.training {
        Training::Wasserstein { critic, .. } => Some(critic),
        _ => None,
    }
}

/// The mean over a minibatch in nats per point, `[members]`.
fn negative_log_likelihood(flow: &Player<Flow>, x: &Tensor) -> Tensor {
    let log_prob = flow.net.log_prob(&flow.params, x);
    -log_prob.mean_dim([1i64].as_slice(), false, None::<Kind>)
}

fn update_critic(
    critic: &mut Opponent,
    constraint: Constraint,
    real: &Tensor,
    fake: &Tensor,
    rng: &mut Rng,
) {
    let penalty = match constraint {
        Constraint::Penalty(penalty) => penalty,
        Constraint::Clip(bound) => {
            critic.params.clip(bound);
            Penalty::None
        }
    };
    critic_step(Objective::Wasserstein, penalty, critic, real, fake, rng);
}
