//! A GAN is an actor-critic method whose actor cannot touch its reward (F14): the tests below run that environment and find
//! the GAN's gradients. Do stabilisers of actor-critic methods steady a GAN, beside its own?

use gan::data::{GaussianMixture, Target};
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Objective, Params, Rng, range};
use garde::Validate;
use lab::figure::{Axis, Colour, Layer, Scale, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{Group, panel, ranking, seeds_of};
use shared::colour::SERIES;
use shared::contrast::{log_ratio, values};
use shared::{Outcomes, Plain, Resumable, Task, claim, name};
use stats::robust;
use tch::{Kind, Tensor};

use crate::masses::{Seen, Watch};
use crate::stabiliser::{PFAU, PRESENT, mean, with_batch_features};
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

/// What should steady a GAN: three of actor-critic methods, three of GANs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stabiliser {
    /// Nothing.
    Nothing,
    /// The generator learns from a moving average of the critic.
    TargetCritic,
    /// Half of the critic's fake samples are old ones.
    Replay,
    /// The generator is paid for the spread of its samples.
    Entropy,
    /// The critic's target for data is 0.9.
    LabelSmoothing,
    /// The critic moves at every second turn.
    FrozenCritic,
    /// The critic sees mean and deviation of the batch beside each sample.
    MinibatchFeatures,
}

const ALL: [Stabiliser; 7] = [
    Stabiliser::Nothing,
    Stabiliser::TargetCritic,
    Stabiliser::Replay,
    Stabiliser::Entropy,
    Stabiliser::LabelSmoothing,
    Stabiliser::FrozenCritic,
    Stabiliser::MinibatchFeatures,
];

impl Task for Config {
    fn cost(&self) -> f64 {
        self.steps as f64 * 2.0
    }
}

fn arm_name(stabiliser: Stabiliser) -> String {
    format!("actor-critic/{}", name(&stabiliser))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 10;
    let (batch, steps, seeds) = match profile {
        Profile::Smoke => (8, 3, 2),
        Profile::Quick | Profile::Small | Profile::Reference => (128, 8_000, 20),
        Profile::Full => (512, 50_000, 20),
    };
    let arm = |stabiliser| {
        let arm = Arm::new(arm_name(stabiliser), Config { stabiliser, batch, steps });
        let quick = matches!(stabiliser, Stabiliser::Nothing | Stabiliser::TargetCritic);
        let arm = arm.with_seeds(seeds, STACK.min(seeds));
        if quick { arm.with_quick_seeds(STACK) } else { arm }
    };
    ALL.map(arm).into()
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

/// What the critic reads of samples, `[members, batch, 2]`.
fn seen_by_critic(stabiliser: Stabiliser, x: &Tensor) -> Tensor {
    if stabiliser != Stabiliser::MinibatchFeatures {
        return x.shallow_clone();
    }
    with_batch_features(x)
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
    let inputs = if stabiliser == Stabiliser::MinibatchFeatures { 6 } else { 2 };
    let player = |widths: &[i64], label| {
        Player::new(Mlp::new(widths, Activation::Relu), adam, &mut root.fork(label))
    };
    let critic = player(&[inputs, 64, 64, 1], "critic");
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
        watch.look(step, (&state.generator, LATENT), &root, &mut state.seen.0, run);
        if step == steps {
            break;
        }
        if stabiliser != Stabiliser::FrozenCritic || step % 2 == 0 {
            critic_turn(stabiliser, batch, step, &target, &mut state);
        }
        let fake = state.generator.apply(&state.latent.normal(&[batch, LATENT]));
        let critic = if stabiliser == Stabiliser::TargetCritic {
            &state.average
        } else {
            &state.critic.params
        };
        let output = state.critic.net.forward(critic.views(), &seen_by_critic(stabiliser, &fake));
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
    let on_real = state.critic.apply(&seen_by_critic(stabiliser, &real));
    let on_fake = state.critic.apply(&seen_by_critic(stabiliser, &fake));
    let mut loss = Objective::NonSaturating.critic_loss(&on_real, &on_fake);
    if stabiliser == Stabiliser::LabelSmoothing {
        // Cross-entropy with the target t is softplus(-f) + (1 - t) f.
        loss += mean(&on_real) * (1.0 - SOFTENED);
    }
    state.critic.descend(&loss);
    state.average.lerp(&state.critic.params, PRESENT);
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let nothing = results.arm(&arm_name(Stabiliser::Nothing));
    let learnt = values(&nothing, "near");
    let learnt = (!learnt.is_empty()).then(|| robust::mean(&learnt));
    let steadies = |id: &str, statement: &str, stabiliser: Stabiliser| {
        let rows = results.arm(&arm_name(stabiliser));
        claim(id, statement)
            .ours_after(PFAU)
            .measured(&format!(
                "ln `oscillation` (deviation of mode masses over the last 20 looks), `{}` minus `{}`, paired by seed",
                arm_name(stabiliser),
                arm_name(Stabiliser::Nothing)
            ))
            .gate("mean `near` without a stabiliser: share of samples within three deviations of a mode", Region::Above(0.5), learnt)
            .figure("actor_critic.svg")
            .mean(Region::Below(0.0), &log_ratio((&rows, &nothing), "oscillation"))
    };
    vec![
        steadies(
            "games.F14",
            "A target critic makes the mode masses of a GAN oscillate less.",
            Stabiliser::TargetCritic,
        ),
        steadies(
            "games.F14b",
            "Replay of old samples makes the mode masses of a GAN oscillate less.",
            Stabiliser::Replay,
        ),
        steadies(
            "games.F14c",
            "A bonus for entropy makes the mode masses of a GAN oscillate less.",
            Stabiliser::Entropy,
        ),
    ]
}

fn label(stabiliser: Stabiliser) -> String {
    name(&stabiliser).replace('-', " ")
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let compared = |metric: &str, x: Axis| {
        let groups: Vec<Group> = ALL
            .iter()
            .zip(SERIES)
            .map(|(stabiliser, colour)| {
                let found = values(&results.arm(&arm_name(*stabiliser)), metric);
                (label(*stabiliser), colour, found)
            })
            .collect();
        ranking("", x, &groups, &[])
    };
    let over_time = |stabiliser: Stabiliser| {
        let rows = results.arm(&arm_name(stabiliser));
        let lines = rows.iter().filter_map(|row| row.traces.get("modes")).take(5);
        let line = |trace: &Vec<(u64, f64)>| Layer::Line {
            label: String::new(),
            colour: Colour::Grey,
            points: trace.iter().map(|(step, modes)| (*step as f64, *modes)).collect(),
        };
        let y = Axis::new("modes held").within(0.0, 8.5);
        let title = format!("{}, five seeds", label(stabiliser));
        panel(&title, Axis::new("turn"), y, lines.map(line).collect())
    };
    let oscillation = Axis::new("oscillation of mode masses");
    vec![Figure {
        name: "actor_critic".into(),
        title: Title::new("Stabilisers of actor-critic methods and of GANs, on a GAN")
            .if_contradicted(
                "games.F14",
                "A target critic, which steadies actor-critic methods, unsettles a GAN",
            ),
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
