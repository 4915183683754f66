//! The training loops, in the open.

use experiments::{Resumable, keep, options, resume};
use gan::data::Target;
use gan::init::Init;
use gan::optim::Player;
use gan::step::{critic_step, unrolled_step};
use gan::vae::{DecoderSigma, Vae};
use gan::{Mlp, Net, Params, Penalty, Rng};
use lab::{Diverged, Interrupted, Run, Summary};
use tch::Tensor;

use crate::config::{Config, Gan, Nets, Reference, VaeSamples};
use crate::watch::{SAMPLES, Watch};

type Outcomes = Result<Vec<Result<Summary, Diverged>>, Interrupted>;

/// Between two calls of the harness's door.
const DOOR: u64 = 100;

/// A generator of points in the plane as the critic sees it.
struct Seen {
    mlp: Mlp,
    view: View,
}

/// Points divided by a constant, and perhaps several to a row.
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

impl Net for Seen {
    fn init(&self, rng: &mut Rng) -> Params {
        self.mlp.init(rng)
    }

    fn apply(&self, params: &Params, z: &Tensor) -> Tensor {
        self.view.of(&self.mlp.apply(params, z))
    }
}

fn generator(nets: &Nets) -> Mlp {
    let widths = [&[nets.latent], &nets.generator[..], &[2]].concat();
    Mlp::new(&widths, nets.activation).with_init(Init::Orthogonal(nets.gain))
}

fn critic(nets: &Nets, pack: i64) -> Mlp {
    let widths = [&[2 * pack], &nets.critic[..], &[1]].concat();
    Mlp::new(&widths, nets.activation).with_init(Init::Orthogonal(nets.gain))
}

/// Trains a GAN: generator and critic move at once from the same parameters and batch.
pub(crate) fn gan(config: &Config, gan: Gan, run: &mut Run) -> Outcomes {
    let (nets, target) = (&config.nets, config.target.mixture());
    let root = streams(run);
    let view = View { scale: nets.input_scale, pack: gan.pack };
    let seen = Seen { mlp: generator(nets), view };
    let mut g = Player::new(seen, nets.generator_adam, &mut root.fork("generator"));
    let critic = critic(nets, gan.pack);
    let mut d = Player::new(critic, nets.critic_adam, &mut root.fork("critic"));
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut watch = Watch::new(config, run.seeds.len());
    let rows = config.batch * gan.pack;

    let start = resume(
        run,
        &mut [
            ("generator", &mut g),
            ("critic", &mut d),
            ("data", &mut data),
            ("latent", &mut latent),
            ("watch", &mut watch),
        ],
    );
    for step in start..=config.steps {
        if step > start && step % DOOR == 0 {
            let pieces: [(_, &dyn Resumable); 5] = [
                ("generator", &g),
                ("critic", &d),
                ("data", &data),
                ("latent", &latent),
                ("watch", &watch),
            ];
            keep(run, (step, config.steps), &pieces)?;
        }
        if watch.is_due(step) {
            let _guard = tch::no_grad_guard();
            let z = root.fork(&format!("eval {step}")).normal(&[SAMPLES, nets.latent]);
            watch.look(step, &g.net.mlp.apply(&g.params, &z), run);
        }
        if step == config.steps {
            break;
        }
        for _ in 1..gan.critic_steps {
            let real = view.of(&target.sample(&mut data, rows));
            let fake = {
                let _guard = tch::no_grad_guard();
                g.apply(&latent.normal(&[rows, nets.latent]))
            };
            // No penalty, so no random numbers: any stream will do.
            critic_step(gan.objective, Penalty::None, &mut d, &real, &fake, &mut data);
        }
        let real = view.of(&target.sample(&mut data, rows));
        let z = latent.normal(&[rows, nets.latent]);
        let look_ahead = (gan.look_ahead, gan.second_term);
        unrolled_step(gan.objective, look_ahead, &mut g, &mut d, &real, &z);
    }
    Ok(watch.finish(run))
}

/// Trains a variational auto-encoder by its evidence lower bound.
pub(crate) fn vae(
    config: &Config,
    sigma: DecoderSigma,
    samples: VaeSamples,
    run: &mut Run,
) -> Outcomes {
    let (nets, target) = (&config.nets, config.target.mixture());
    let root = streams(run);
    let vae = Vae::new(2, nets.latent, &nets.generator, sigma);
    let mut player = Player::new(vae, nets.generator_adam, &mut root.fork("vae"));
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut watch = Watch::new(config, run.seeds.len());

    let start = resume(
        run,
        &mut [
            ("vae", &mut player),
            ("data", &mut data),
            ("latent", &mut latent),
            ("watch", &mut watch),
        ],
    );
    for step in start..=config.steps {
        if step > start && step % DOOR == 0 {
            let pieces: [(_, &dyn Resumable); 4] =
                [("vae", &player), ("data", &data), ("latent", &latent), ("watch", &watch)];
            keep(run, (step, config.steps), &pieces)?;
        }
        if watch.is_due(step) {
            let _guard = tch::no_grad_guard();
            let mut eval = root.fork(&format!("eval {step}"));
            let (means, noisy) = player.net.sample(&player.params, &mut eval, SAMPLES);
            let shown = if samples == VaeSamples::Noisy { noisy } else { means };
            watch.look(step, &shown, run);
        }
        if step == config.steps {
            break;
        }
        let x = target.sample(&mut data, config.batch);
        let bound = player.net.evidence_lower_bound(&player.params, &x, &mut latent);
        player.descend(&-bound);
    }
    Ok(watch.finish(run))
}

/// Scores what does not train.
pub(crate) fn reference(
    config: &Config,
    reference: Reference,
    run: &mut Run,
) -> Vec<Result<Summary, Diverged>> {
    let root = streams(run);
    let mut eval = root.fork("eval");
    let samples = match reference {
        Reference::Perfect => config.target.mixture().sample(&mut eval, SAMPLES),
        Reference::BoxNoise => {
            (eval.uniform(&[SAMPLES, 2]) * 2.0 - 1.0) * config.target.half_width()
        }
        Reference::Untrained => {
            let nets = &config.nets;
            let g = Player::new(generator(nets), nets.generator_adam, &mut root.fork("generator"));
            g.apply(&eval.normal(&[SAMPLES, nets.latent])).detach()
        }
    };
    let mut watch = Watch::new(config, run.seeds.len());
    watch.look(config.steps, &samples, run);
    watch.finish(run)
}

/// The random streams of this experiment.
fn streams(run: &Run) -> Rng {
    Rng::new(&run.seeds).with(options(run.device)).fork("mog_collapse")
}
