//! The game, in the open.

use experiments::{Game, options};
use gan::optim::Player;
use gan::step::{critic_step, generator_step};
use gan::{Activation, Mlp, Rng};
use lab::{Diverged, Interrupted, Run, Summary};

use crate::config::{Config, World};
use crate::probe::Critic;
use crate::watch::Watch;

pub(crate) type Outcomes = Result<Vec<Result<Summary, Diverged>>, Interrupted>;

/// Between two calls of the harness's door.
pub(crate) const DOOR: u64 = 100;

/// Trains generator and critic in turn: `critic.steps` updates of the critic, each on a fresh batch, then one of
/// the generator.
pub(crate) fn game(config: &Config, (world, audit): (World, bool), run: &mut Run) -> Outcomes {
    let root = streams(run);
    let (truth, net, start) = world.build(&root);
    let generator = Player::starting_at(net, start, config.generator);
    let mut game = Game::new(generator, critic(config, world.dim(), &root), &root);
    let watch = Watch { world, audit, truth: &truth, root: &root, steps: config.steps };

    let start = game.resume(run);
    for step in start..=config.steps {
        if step > start && step % DOOR == 0 {
            game.keep(run, (step, config.steps))?;
        }
        if watch.is_due(step) {
            watch.look(step, &game.generator, &game.critic, run);
        }
        if step == config.steps {
            break;
        }
        for _ in 0..config.critic.steps {
            let real = truth.sample(&mut game.data, config.batch);
            let fake = {
                let _guard = tch::no_grad_guard();
                game.generator.apply(&world.latent(&mut game.latent, config.batch))
            };
            let (objective, penalty) = (config.objective, config.penalty);
            let noise = &mut game.penalty;
            critic_step(objective, penalty, &mut game.critic, &real, &fake, noise);
        }
        let z = world.latent(&mut game.latent, config.batch);
        let _ = generator_step(config.objective, &mut game.generator, &game.critic, &z);
    }
    Ok(watch.finish(run))
}

/// A fresh critic of points.
pub(crate) fn critic(config: &Config, dim: i64, root: &Rng) -> Critic {
    let widths = [&[dim], &config.critic.hidden[..], &[1]].concat();
    let net = Mlp::new(&widths, Activation::Relu);
    Player::new(net, config.critic.rule, &mut root.fork("critic"))
}

/// The random streams of this experiment.
pub(crate) fn streams(run: &Run) -> Rng {
    Rng::new(&run.seeds).with(options(run.device)).fork("js_failure 2")
}
