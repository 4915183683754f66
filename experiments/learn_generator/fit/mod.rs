//! f-GAN's univariate fit (F03, F08): a Gaussian learns a mixture that it cannot match.
//!
//! Where it ends depends on the divergence; does an adversarial game find that place, and is its bound the divergence? And
//! what becomes of a divergence that is taken as the generator's loss with the ratio frozen?

mod claims;
mod figures;

use gan::device::to_vec;
use gan::objective::{Divergence, GeneratorLoss, ScoringRule};
use gan::optim::{Player, Rule, Sgd};
use gan::{Activation, Adam, Graph, Mlp, Net, Params, Rng, range};
use garde::Validate;
use lab::{Arm, Profile, Run};
use serde::{Deserialize, Serialize};
use shared::{Outcomes, Resumable, Task, looks, name, summary};
use tch::{Kind, Tensor};

pub(crate) use claims::claims;
pub(crate) use figures::figures;

use crate::target::{self, Gaussian, TABLE, column};
use crate::{seeds, streams};

/// One fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The divergence.
    #[garde(skip)]
    divergence: Divergence,
    /// What is made of it.
    #[garde(skip)]
    game: Losses,
    /// The optimiser of both players.
    #[garde(dive)]
    rule: Rule,
    /// Samples of each side in a step.
    #[garde(custom(range::batch))]
    batch: i64,
    /// Updates.
    #[garde(custom(range::steps))]
    steps: u64,
}

/// What critic and generator minimise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Losses {
    /// The variational bound: the critic maximises what the generator minimises (f-GAN).
    Bound,
    /// The critic learns class probabilities, the generator minimises `-f*(f'(r))` of its ratio.
    Conjugate,
    /// The same critic; the generator minimises `f(r)`, the ratio frozen.
    Frozen,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        (1 + self.batch / 64) as f64 * self.steps as f64
    }
}

/// The divergences whose forms as a generator's loss are trained.
const TRAINED: [Divergence; 3] =
    [Divergence::KullbackLeibler, Divergence::Pearson, Divergence::ReverseKullbackLeibler];

fn arm_name(divergence: Divergence, game: Losses) -> String {
    format!("fit/{}/{}", name(&game), name(&divergence))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 12;
    let adam = Rule::Adam(Adam::new(2e-3, 0.5, 0.999));
    let (rule, batch, steps) = match profile {
        Profile::Smoke => (adam, 16, 3),
        Profile::Quick | Profile::Reference => (adam, 128, 2_500),
        // The paper's: plain descent, 1,024 samples.
        Profile::Full => (Rule::Sgd(Sgd { learning_rate: 0.01 }), 1_024, 20_000),
    };
    let bounds = TABLE.map(|divergence| (divergence, Losses::Bound));
    let forms = TRAINED
        .into_iter()
        .flat_map(|divergence| [Losses::Conjugate, Losses::Frozen].map(|game| (divergence, game)));
    let arm = |(divergence, game)| {
        let config = Config { divergence, game, rule, batch, steps };
        let arm = Arm::new(arm_name(divergence, game), config);
        arm.with_seeds(seeds(profile, STACK), STACK).with_quick_seeds(12)
    };
    bounds.into_iter().chain(forms).map(arm).collect()
}

/// Steps between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 200;
/// Points of the path that figures show.
const LOOKS: u64 = 100;
/// The part of the way that averaged players go to the present ones in a step: some 500 steps count.
const AVERAGING: f64 = 1.0 / 500.0;

shared::state! {
    /// Both players, their averages, and where they draw from.
    struct State {
        critic: Player<Mlp, Rule>,
        generator: Player<Mlp, Rule>,
        averaged_critic: Params,
        averaged_generator: Params,
        data: Rng,
        latent: Rng,
    }
}

impl State {
    /// The critic has two hidden layers; the generator `G(z) = mean + sd z` starts at the standard normal law.
    fn new(rule: Rule, root: &Rng) -> Self {
        let net = Mlp::new(&[1, 64, 64, 1], Activation::Tanh);
        let critic = Player::new(net, rule, &mut root.fork("critic"));
        let net = Mlp::new(&[1, 1], Activation::Tanh);
        let mut generator = Player::new(net, rule, &mut root.fork("generator"));
        // Weight 1, bias 0.
        let normal = Tensor::from_slice(&[1.0f32, 0.0]).to_device(root.options().1);
        generator.params.set(&normal.expand_as(generator.params.flat()));
        Self {
            averaged_critic: critic.params.snapshot(),
            averaged_generator: generator.params.snapshot(),
            critic,
            generator,
            data: root.fork("data"),
            latent: root.fork("latent"),
        }
    }
}

/// Trains critic and generator at once from the same batches.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { batch, steps, .. } = *config;
    let mut state = State::new(config.rule, &streams(run));
    let looks = looks(steps, LOOKS);
    let start = state.resume(run);
    for step in start..=steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (step, steps))?;
        }
        if looks.binary_search(&step).is_ok() {
            for (i, gaussian) in gaussians(&state.generator.params).into_iter().enumerate() {
                if gaussian.mean.is_finite() && gaussian.sd.is_finite() {
                    run.trace(i, "mean", step, gaussian.mean);
                    run.trace(i, "sd", step, gaussian.sd);
                }
            }
        }
        if step == steps {
            break;
        }
        let real = target::sample(&mut state.data, batch);
        let fake = state.generator.apply(&state.latent.normal(&[batch, 1]));
        let outputs = state.critic.apply(&Tensor::cat(&[&real, &fake], 1));
        let [of_critic, of_generator] =
            losses(config, &outputs.narrow(1, 0, batch), &outputs.narrow(1, batch, batch));
        let by_generator = state.generator.gradient(&of_generator, Graph::Retain);
        state.critic.descend(&of_critic);
        state.generator.step(&by_generator);
        state.averaged_critic.lerp(&state.critic.params, AVERAGING);
        state.averaged_generator.lerp(&state.generator.params, AVERAGING);
    }
    measure(config, &state, run)
}

/// What the critic and the generator minimise, one value per member each, from raw outputs.
fn losses(config: &Config, real: &Tensor, fake: &Tensor) -> [Tensor; 2] {
    let f = config.divergence;
    let loss = match config.game {
        Losses::Bound => {
            let on_fake = f.conjugate(fake).mean_dim([1i64, 2].as_slice(), false, None::<Kind>);
            return [-f.bound(real, fake), -on_fake];
        }
        Losses::Conjugate => GeneratorLoss::Variational(f),
        Losses::Frozen => GeneratorLoss::FrozenRatio(f),
    };
    [ScoringRule::Bernoulli.risk(real, fake), loss.value(fake)]
}

/// The Gaussian of every member.
fn gaussians(params: &Params) -> Vec<Gaussian> {
    let of = |pair: &[f64; 2]| Gaussian { mean: pair[1], sd: pair[0].abs() };
    to_vec(params.flat()).as_chunks::<2>().0.iter().map(of).collect()
}

/// Compares the averaged generator with the best Gaussian, and the averaged critic's bound with the divergence, by
/// quadrature.
fn measure(config: &Config, state: &State, run: &Run) -> Outcomes {
    let (f, critic) = (config.divergence, &state.averaged_critic);
    let best = Gaussian::best(f);
    let _guard = tch::no_grad_guard();
    let x = target::grid();
    let inputs = x.to_kind(Kind::Float).to_device(critic.flat().device()).reshape([1, -1, 1]);
    let inputs = inputs.expand([run.seeds.len() as i64, -1, -1], false);
    let outputs = state.critic.net.apply(critic, &inputs).squeeze_dim(2);
    let outputs = outputs.to_device(x.device()).to_kind(Kind::Double);
    let of_member = |(i, found): (usize, Gaussian)| {
        let mut numbers = vec![
            ("mean", found.mean),
            ("sd", found.sd),
            ("mean_error", found.mean - best.mean),
            ("sd_error", found.sd - best.sd),
        ];
        if config.game == Losses::Bound {
            numbers.extend(TABLE.iter().map(|other| (column(*other), found.divergence(*other))));
            let v = outputs.select(0, i as i64);
            let [p, q] = [target::log_density(&x), target::normal(&x, found.mean, found.sd)]
                .map(|log| log.exp());
            let bound = target::integral(&(f.activation(&v) * p))
                - target::integral(&(f.conjugate(&v) * q));
            numbers.push(("bound", bound.double_value(&[])));
        }
        summary(config.steps, numbers)
    };
    Ok(gaussians(&state.averaged_generator).into_iter().enumerate().map(of_member).collect())
}
