//! A GAN is an actor-critic method whose actor cannot touch its reward (F14): the tests below run that environment and find
//! the GAN's gradients. Do stabilisers of actor-critic methods steady a GAN, beside its own?

use gan::data::{GaussianMixture, Target};
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Objective, Params, Rng, range};
use garde::Validate;
use lab::figure::{Axis, Colour, Layer, Scale, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{panel, seeds_of};
use shared::{Outcomes, Plain, Resumable, Task};
use tch::{Kind, Tensor};

use crate::masses::{Seen, Watch};
use crate::stabiliser::{Exchange, Stabiliser, follow, mean};
use crate::streams;

/// One GAN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What should steady it.
    #[garde(skip)]
    stabiliser: Stabiliser,
    /// Samples of each side in a turn.
    #[garde(custom(range::batch))]
    batch: i64,
    /// Turns.
    #[garde(custom(range::steps))]
    steps: u64,
}

/// Three stabilisers of actor-critic methods, three of GANs.
const EXCHANGE: Exchange = Exchange {
    part: "actor-critic",
    stabilisers: &[
        Stabiliser::Nothing,
        Stabiliser::TargetCritic,
        Stabiliser::Replay,
        Stabiliser::Entropy,
        Stabiliser::LabelSmoothing,
        Stabiliser::FrozenCritic,
        Stabiliser::MinibatchFeatures,
    ],
    oscillation: "deviation of mode masses over the last 20 looks",
    gate: (
        "mean `near` without a stabiliser: share of samples within three deviations of a mode",
        "near",
        Region::Above(0.5),
    ),
    figure: "actor_critic.svg",
};

impl Task for Config {
    fn cost(&self) -> f64 {
        self.steps as f64 * 2.0
    }
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let (batch, steps, seeds) = match profile {
        Profile::Smoke => (8, 3, 2),
        Profile::Quick | Profile::Reference => (128, 8_000, 20),
        Profile::Full => (512, 50_000, 20),
    };
    let quick = [Stabiliser::Nothing, Stabiliser::TargetCritic];
    EXCHANGE.arms(seeds, &quick, |stabiliser| Config { stabiliser, batch, steps })
}

/// The softened target, and the weight of the spread.
const SOFTENED: f64 = 0.9;
const SPREAD: f64 = 0.1;
/// Turns whose samples the replay holds.
const HELD: i64 = 256;
const LATENT: i64 = 16;
const CHECKPOINT_CHANCE: u64 = 50;
/// Samples this near a mode are at it: three deviations.
const NEAR: f64 = 0.3;

/// Eight modes on a circle of radius 2.
fn target() -> GaussianMixture {
    GaussianMixture::ring(8, 2.0, 0.1)
}

shared::state! {
    /// Both players, the average critic, the replay `[members, HELD * half, 2]`, and where they draw from.
    struct State {
        generator: Player<Mlp>,
        critic: Player<Mlp>,
        average: Params,
        replay: Option<Tensor>,
        data: Rng,
        latent: Rng,
        old: Rng,
        seen: Plain<Vec<Seen>>,
    }
}

/// Old samples of a turn.
fn half_of(batch: i64) -> i64 {
    (batch / 2).max(1)
}

/// The mean log-distance between samples and their neighbours in the batch, which entropy of a law of one scale grows with.
fn spread(x: &Tensor) -> Tensor {
    let apart = (x - x.roll([1], [1])).square();
    let squared = apart.sum_dim_intlist([2i64].as_slice(), true, None::<Kind>);
    mean(&((squared + 1e-6).log() * 0.5))
}

/// Trains a non-saturating GAN in turn.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { stabiliser, batch, steps } = *config;
    let (root, target, adam) = (streams(run), target(), Adam::new(1e-3, 0.5, 0.999));
    let player = |widths: &[i64], label| {
        Player::new(Mlp::new(widths, Activation::Relu), adam, &mut root.fork(label))
    };
    let critic = player(&[stabiliser.inputs(2), 64, 64, 1], "critic");
    let old_rows = HELD * half_of(batch);
    let mut state = State {
        generator: player(&[LATENT, 64, 64, 2], "generator"),
        average: critic.params.snapshot(),
        critic,
        replay: (stabiliser == Stabiliser::Replay)
            .then(|| Tensor::zeros([root.members(), old_rows, 2], root.options())),
        data: root.fork("data"),
        latent: root.fork("latent"),
        old: root.fork("old"),
        seen: Plain(vec![Seen::default(); run.seeds.len()]),
    };
    let watch = Watch::new(target.distinct_centres(), NEAR, steps);
    let start = state.resume(run);
    for step in start..=steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (step, steps))?;
        }
        watch.look(step, &state.generator, LATENT, &root, &mut state.seen.0, run);
        if step == steps {
            break;
        }
        if stabiliser.moves_critic(step) {
            critic_turn(stabiliser, batch, step, &target, &mut state);
        }
        let fake = state.generator.apply(&state.latent.normal(&[batch, LATENT]));
        let teacher = stabiliser.teacher(&state.critic.params, &state.average);
        let seen = stabiliser.read(fake.shallow_clone());
        let output = state.critic.net.forward(teacher.views(), &seen);
        let mut loss = Objective::NonSaturating.generator_loss(&output);
        if stabiliser == Stabiliser::Entropy {
            loss -= spread(&fake) * SPREAD;
        }
        state.generator.descend(&loss);
    }
    watch.end(state.seen.0, |_| Vec::new())
}

fn critic_turn(
    stabiliser: Stabiliser,
    batch: i64,
    step: u64,
    target: &GaussianMixture,
    state: &mut State,
) {
    let real = target.sample(&mut state.data, batch);
    let mut fake = state.generator.apply(&state.latent.normal(&[batch, LATENT])).detach();
    if let Some(replay) = &state.replay {
        let half = half_of(batch);
        let slot = (step as i64 % HELD) * half;
        let fresh = fake.narrow(1, 0, half);
        replay.narrow(1, slot, half).copy_(&fresh);
        let filled = (step as i64 + 1).min(HELD) * half;
        let index = state.old.index(filled, half).unsqueeze(2).expand([-1, -1, 2], false);
        let old = replay.gather(1, &index, false);
        fake = Tensor::cat(&[fake.narrow(1, half, batch - half), old], 1);
    }
    let on_real = state.critic.apply(&stabiliser.read(real));
    let on_fake = state.critic.apply(&stabiliser.read(fake));
    let mut loss = Objective::NonSaturating.critic_loss(&on_real, &on_fake);
    if stabiliser == Stabiliser::LabelSmoothing {
        // Cross-entropy with the target t is softplus(-f) + (1 - t) f.
        loss += mean(&on_real) * (1.0 - SOFTENED);
    }
    state.critic.descend(&loss);
    follow(&mut state.average, &state.critic.params);
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let claimed = [
        (
            "games.F14",
            "A target critic makes the mode masses of a GAN oscillate less.",
            Stabiliser::TargetCritic,
        ),
        (
            "games.F14b",
            "Replay of old samples makes the mode masses of a GAN oscillate less.",
            Stabiliser::Replay,
        ),
        (
            "games.F14c",
            "A bonus for entropy makes the mode masses of a GAN oscillate less.",
            Stabiliser::Entropy,
        ),
    ];
    EXCHANGE.claims(results, &claimed)
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let compared = |metric: &str, x: Axis| EXCHANGE.compared(results, metric, x);
    let over_time = |stabiliser: Stabiliser| {
        let rows = EXCHANGE.rows(results, stabiliser);
        let lines = rows.iter().filter_map(|row| row.traces.get("modes")).take(5);
        let line = |trace: &Vec<(u64, f64)>| Layer::Line {
            label: String::new(),
            colour: Colour::Grey,
            points: trace.iter().map(|(step, modes)| (*step as f64, *modes)).collect(),
        };
        let y = Axis::new("modes held").within(0.0, 8.5);
        let title = format!("{}, five seeds", stabiliser.label());
        panel(&title, Axis::new("turn"), y, lines.map(line).collect())
    };
    let oscillation = Axis::new("oscillation of mode masses");
    vec![Figure {
        name: "actor_critic".into(),
        title: Title::new("Stabilisers of actor-critic methods and of GANs, on a GAN")
            .if_contradicted("games.F14", "A target critic unsettles a GAN"),
        caption: format!(
            "Above: {} and their medians with 95 % intervals; near: within three deviations. Below: modes held by five seeds.",
            seeds_of(results)
        ),
        columns: 3,
        height: 210,
        panels: vec![
            compared("oscillation", oscillation.low_is_better().scaled(Scale::Log)),
            compared("modes", Axis::new("modes held at the end").high_is_better()),
            compared("near", Axis::new("share of samples near a mode").high_is_better()),
            over_time(Stabiliser::TargetCritic),
            over_time(Stabiliser::Replay),
            over_time(Stabiliser::FrozenCritic),
        ],
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan::device::to_vec;
    use gan::rng::double;
    use gan::{Graph, grad};

    /// The environment that makes an actor-critic method of a GAN: an episode of one step, in which a coin decides whether
    /// the critic sees the actor's action, reward 0, or a sample of the data instead, reward 1. No action moves the reward.
    struct OneStep {
        /// 1 where the data are shown, `[members, episodes, 1]`.
        coin: Tensor,
        data: Tensor,
    }

    impl OneStep {
        /// What is seen, and the reward.
        fn step(&self, action: &Tensor) -> (Tensor, Tensor) {
            (self.data.where_self(&self.coin.gt(0.5), action), self.coin.shallow_clone())
        }
    }

    fn players() -> [Player<Mlp>; 2] {
        let mut rng = double(&[0, 1]);
        [&[LATENT, 8, 2][..], &[2, 8, 1]].map(|widths| {
            let net = Mlp::new(widths, Activation::Tanh);
            Player::new(net, Adam::new(1e-3, 0.5, 0.999), &mut rng)
        })
    }

    /// With as many episodes of each side, the critic's regression on the reward is half the critic's loss of the
    /// non-saturating GAN, and the deterministic policy gradient, dQ/da times da/dtheta with the critic's log-value for Q,
    /// over the episodes in which the actor was seen, is the generator's.
    #[test]
    fn an_actor_critic_that_cannot_touch_its_reward_is_a_gan() {
        const EACH: i64 = 7;
        let [actor, critic] = players();
        let mut rng = double(&[5, 6]);
        let z = rng.normal(&[2 * EACH, LATENT]);
        let data = rng.normal(&[2 * EACH, 2]);
        let one = Tensor::ones([2, EACH, 1], rng.options());
        let environment =
            OneStep { coin: Tensor::cat(&[&one, &one.zeros_like()], 1), data: data.copy() };

        let action = actor.apply(&z);
        let (seen, reward) = environment.step(&action.detach());
        let value = critic.apply(&seen);
        let regression = mean(&(value.softplus() - &reward * &value));
        let by_critic = critic.gradient(&regression, Graph::Free) * 2.0;
        let acted = action.narrow(1, EACH, EACH);
        let place = acted.detach().set_requires_grad(true);
        let log_value = mean(&-(-critic.apply(&place)).softplus());
        let uphill = grad(&log_value, &[place], Graph::Free).remove(0);
        let by_actor = -actor.gradient(&(&acted * uphill), Graph::Free);

        let fake = actor.apply(&z.narrow(1, EACH, EACH));
        let real = data.narrow(1, 0, EACH);
        let objective = Objective::NonSaturating;
        let of_critic = objective.critic_loss(&critic.apply(&real), &critic.apply(&fake.detach()));
        assert!(by_critic.allclose(&critic.gradient(&of_critic, Graph::Free), 1e-12, 1e-14, false));
        let of_actor = objective.generator_loss(&critic.apply(&fake));
        assert!(by_actor.allclose(&actor.gradient(&of_actor, Graph::Free), 1e-12, 1e-14, false));
    }

    /// A lag turns the circles of the Dirac-GAN outwards: with a generator that follows the average of its critic the
    /// poles solve `l^3 + w l^2 + w c^2 = 0`, of which two lie on the right by the criterion of Routh and Hurwitz.
    #[test]
    fn a_generator_that_follows_an_averaged_critic_leaves_the_equilibrium() {
        const SLOPE: f64 = 0.5;
        for weight in [0.01, 0.1, 0.5, 1.0, 10.0] {
            let field = [0.0, 0.0, -SLOPE, SLOPE, 0.0, 0.0, 0.0, weight, -weight];
            let poles = crate::poles::eigenvalues(&Tensor::from_slice(&field).view([1, 3, 3]));
            assert_eq!(poles[0].iter().filter(|[real, _]| *real > 0.0).count(), 2, "{poles:?}");
        }
    }

    /// The reward alone teaches nothing: its score-function gradient has mean zero, here of a Gaussian policy's mean,
    /// within four standard errors of 200,000 episodes.
    #[test]
    fn the_reward_alone_teaches_nothing() {
        const EPISODES: i64 = 200_000;
        let mut rng = double(&[3]);
        let action = rng.normal(&[EPISODES, 1]) + 0.7;
        let coin = rng.uniform(&[EPISODES, 1]).gt(0.5).to_kind(Kind::Double);
        let environment = OneStep { coin, data: rng.normal(&[EPISODES, 1]) };
        let (_, reward) = environment.step(&action);
        // d ln p(a) / d mean = a - mean; each term has the variance 1/2.
        let score = to_vec(&mean(&(reward * (action - 0.7))))[0];
        assert!(score.abs() < 4.0 * (0.5 / EPISODES as f64).sqrt(), "{score}");
    }
}
