//! How a GAN trains: generator and critic move at once, the generator perhaps after a look ahead.

use gan::data::Target;
use gan::init::Init;
use gan::optim::Player;
use gan::step::{LookAhead, critic_step, unrolled_step};
use gan::{Adam, Mlp, Net, Params, Penalty, Rng};
use lab::Run;
use shared::{Game, Outcomes, Plain, Resumable};
use tch::Tensor;

use crate::config::{Config, Gan, Nets};
use crate::coverage::{Found, Looks, SAMPLES};
use crate::streams;

/// Steps between two chances of a checkpoint.
pub(crate) const CHECKPOINT_CHANCE: u64 = 100;

/// How the critic sees points: divided by a constant, and perhaps several to a row.
#[derive(Clone, Copy)]
struct View {
    scale: f64,
    pack: i64,
}

impl View {
    fn of(self, points: &Tensor) -> Tensor {
        let size = points.size();
        points.reshape([size[0], size[1] / self.pack, 2 * self.pack]) / self.scale
    }
}

/// A generator of points in the plane as the critic sees them.
struct Viewed {
    mlp: Mlp,
    view: View,
}

impl Net for Viewed {
    fn init(&self, rng: &mut Rng) -> Params {
        self.mlp.init(rng)
    }

    fn apply(&self, params: &Params, z: &Tensor) -> Tensor {
        self.view.of(&self.mlp.apply(params, z))
    }
}

/// Returns the generator of points in the plane.
pub(crate) fn generator(nets: &Nets) -> Mlp {
    let widths = [&[nets.latent], &nets.generator[..], &[2]].concat();
    Mlp::new(&widths, nets.activation).with_init(Init::Orthogonal(nets.gain))
}

fn critic(nets: &Nets, pack: i64) -> Mlp {
    let widths = [&[2 * pack], &nets.critic[..], &[1]].concat();
    Mlp::new(&widths, nets.activation).with_init(Init::Orthogonal(nets.gain))
}

shared::state! {
    /// The game and what was seen of it.
    struct State {
        game: Game<Viewed, Mlp, Adam>,
        found: Plain<Vec<Found>>,
    }
}

/// Trains a GAN: both players move from the same parameters and the same batch.
pub(crate) fn run(config: &Config, gan: Gan, run: &mut Run) -> Outcomes {
    let (nets, target) = (&config.nets, config.target.mixture());
    let root = streams(run);
    let view = View { scale: nets.input_scale, pack: gan.pack };
    let generator = Viewed { mlp: generator(nets), view };
    let generator = Player::new(generator, nets.generator_adam, &mut root.fork("generator"));
    let critic = critic(nets, gan.pack);
    let critic = Player::new(critic, nets.critic_adam, &mut root.fork("critic"));
    let game = Game::new(generator, critic, &root);
    let (looks, rows) = (Looks::new(config), config.batch * gan.pack);
    let mut state = State { game, found: Plain(Looks::nothing(run)) };

    let start = state.resume(run);
    for step in start..=config.steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (step, config.steps))?;
        }
        let Game { generator: g, critic: d, data, latent, penalty } = &mut state.game;
        if looks.are_due(step) {
            let _guard = tch::no_grad_guard();
            let z = root.fork(&format!("eval {step}")).normal(&[SAMPLES, nets.latent]);
            looks.look(step, &g.net.mlp.apply(&g.params, &z), &mut state.found.0, run);
        }
        if step == config.steps {
            break;
        }
        for _ in 1..gan.critic_steps {
            let real = view.of(&target.sample(data, rows));
            let fake = {
                let _guard = tch::no_grad_guard();
                g.apply(&latent.normal(&[rows, nets.latent]))
            };
            critic_step(gan.objective, Penalty::None, d, &real, &fake, penalty);
        }
        let real = view.of(&target.sample(data, rows));
        let z = latent.normal(&[rows, nets.latent]);
        let ahead = LookAhead { steps: gan.look_ahead, second_term: gan.second_term };
        unrolled_step(gan.objective, ahead, g, d, &real, &z);
    }
    Ok(looks.end(state.found.0, run))
}
