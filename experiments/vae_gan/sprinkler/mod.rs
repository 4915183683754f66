//! The continuous sprinkler (F10): an implicit posterior against the exact one and the best Gaussians.
//!
//! Two causes, `z ~ N(0, 2 I)`, one effect, `x` exponential with mean `3 + max(0, z1)^3 + max(0, z2)^3`. A large effect has one
//! cause or the other: its posterior has two modes. Does an encoder with noise inputs, trained by a critic of pairs, find
//! both?

mod exact;

use gan::objective::ScoringRule;
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Rng, range};
use garde::Validate;
use lab::figure::{Axis, Colour, Layer, Title};
use lab::{Arm, Array, Claim, Figure, Profile, Region, Results, Row, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{Group, dots, panel, ranking, seeds_of};
use shared::contrast::{each, largest, metric, values};
use shared::{Outcomes, Resumable, Task, array, claim, points, summary};
use tch::{Kind, Tensor};

use crate::streams;
use exact::{BEST_GAUSSIANS, OBSERVED, Posterior, REACH, log_likelihood};

/// One encoder and its critic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Numbers of noise that the encoder reads beside the effect.
    #[garde(custom(range::width))]
    noise: i64,
    /// Updates of the critic for one of the encoder.
    #[garde(custom(range::updates))]
    critic_steps: u32,
    /// Samples for each observed effect in an update.
    #[garde(custom(range::batch))]
    batch: i64,
    /// Updates of the encoder.
    #[garde(custom(range::steps))]
    steps: u64,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        (self.batch * self.steps as i64 * i64::from(self.critic_steps)) as f64 / 20.0
    }
}

const ARM: &str = "sprinkler";

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 5;
    let (steps, seeds) = match profile {
        Profile::Smoke => (2, STACK),
        Profile::Quick | Profile::Reference => (4_000, 20),
        Profile::Full => (20_000, 20),
    };
    let batch = if profile == Profile::Smoke { 8 } else { 100 };
    let config = Config { noise: 3, critic_steps: 3, batch, steps };
    vec![Arm::new(ARM, config).with_seeds(seeds, STACK).with_quick_seeds(STACK)]
}

/// Updates between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 50;
/// Standard deviation of a cause under the prior.
const PRIOR_SD: f64 = std::f64::consts::SQRT_2;
/// Samples of a posterior that measures read, and those that the figure shows.
const MEASURED: i64 = 100_000;
const SHOWN: i64 = 1_000;

shared::state! {
    /// Encoder and critic, and where they draw from.
    struct State {
        encoder: Player<Mlp>,
        critic: Player<Mlp>,
        noise: Rng,
        prior: Rng,
    }
}

impl State {
    fn new(config: &Config, root: &Rng) -> Self {
        let encoder = Mlp::new(&[1 + config.noise, 40, 40, 2], Activation::Tanh);
        let critic = Mlp::new(&[3, 64, 64, 1], Activation::Tanh);
        let adam = |rate| Adam::new(rate, 0.5, 0.999);
        Self {
            encoder: Player::new(encoder, adam(3e-4), &mut root.fork("encoder")),
            critic: Player::new(critic, adam(1e-3), &mut root.fork("critic")),
            noise: root.fork("noise"),
            prior: root.fork("prior"),
        }
    }

    /// Causes that the encoder proposes for effects `[1, rows, 1]`, `[members, rows, 2]`.
    fn propose(&self, effects: &Tensor, noise: &Tensor) -> Tensor {
        self.encoder.apply(&beside(effects, noise))
    }
}

/// Effects, on a scale of ones, beside other columns of as many rows.
fn beside(effects: &Tensor, others: &Tensor) -> Tensor {
    let members = others.size()[0];
    let scaled = (effects / 10.0 - 1.0).expand([members, -1, -1], false);
    Tensor::cat(&[&scaled, others], 2)
}

/// Trains the critic to tell proposed causes from those of the prior, effect by effect, and the encoder to make
/// `ln q(z | x) / p(z) - ln p(x | z)` small with the critic's output in the place of the ratio.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { noise, critic_steps, batch, steps } = *config;
    let root = streams(run);
    let effects = Tensor::from_slice(&OBSERVED.map(|x| x as f32)).to_device(root.options().1);
    let effects = effects.repeat_interleave_self_int(batch, 0, None).reshape([1, -1, 1]);
    let rows = effects.size()[1];
    let mut state = State::new(config, &root);
    let start = state.resume(run);
    for step in start..steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (step, steps))?;
        }
        for _ in 0..critic_steps {
            let drawn = state.noise.normal(&[rows, noise]);
            let proposed = state.propose(&effects, &drawn).detach();
            let of_prior = state.prior.normal(&[rows, 2]) * PRIOR_SD;
            let pairs = [proposed, of_prior].map(|z| beside(&effects, &(z / PRIOR_SD)));
            let outputs = state.critic.apply(&Tensor::cat(&pairs, 1));
            let [on_q, on_p] = [0, rows].map(|start| outputs.narrow(1, start, rows));
            state.critic.descend(&ScoringRule::Bernoulli.risk(&on_q, &on_p));
        }
        let drawn = state.noise.normal(&[rows, noise]);
        let proposed = state.propose(&effects, &drawn);
        let log_ratio = state.critic.apply(&beside(&effects, &(&proposed / PRIOR_SD)));
        let loss = log_ratio - log_likelihood(&effects, &proposed);
        state.encoder.descend(&loss.mean_dim([1i64, 2].as_slice(), false, None::<Kind>));
    }
    measure(config, &state, &root, run)
}

/// Compares the samples of each posterior with the exact one on a grid.
fn measure(config: &Config, state: &State, root: &Rng, run: &mut Run) -> Outcomes {
    let _guard = tch::no_grad_guard();
    let mut fresh = root.fork("fresh");
    let mut numbers: Vec<Vec<(String, f64)>> = vec![Vec::new(); run.seeds.len()];
    for effect in OBSERVED {
        let exact = Posterior::of(effect);
        let effects = Tensor::full([1, MEASURED, 1], effect, root.options());
        let noise = fresh.normal(&[MEASURED, config.noise]);
        let proposed = state.propose(&effects, &noise);
        let log_ratio = state.critic.apply(&beside(&effects, &(&proposed / PRIOR_SD)));
        let bound = log_likelihood(&effects, &proposed) - log_ratio;
        let bounds =
            gan::device::per_member(&bound.mean_dim([1i64, 2].as_slice(), false, None::<Kind>));
        for (i, numbers) in numbers.iter_mut().enumerate() {
            let cloud = points(&proposed, i);
            let first = cloud.iter().filter(|[a, b]| a > b).count() as f64 / cloud.len() as f64;
            numbers.extend([
                (format!("kl_{effect}"), exact.divergence_of(&cloud)),
                (format!("correlation_{effect}"), correlation(&cloud)),
                (format!("smaller_half_{effect}"), first.min(1.0 - first)),
                (format!("bound_excess_{effect}"), bounds[i] - exact.log_evidence),
            ]);
        }
        let shown = proposed.narrow(1, 0, SHOWN);
        for i in 0..run.seeds.len() {
            run.sample(i, &format!("causes_{effect}"), array(&shown.select(0, i as i64)));
        }
    }
    let of_member = |numbers: &Vec<(String, f64)>| {
        summary(config.steps, numbers.iter().map(|(name, value)| (name.as_str(), *value)))
    };
    Ok(numbers.iter().map(of_member).collect())
}

/// Pearson's correlation of the two coordinates.
fn correlation(cloud: &[[f64; 2]]) -> f64 {
    let n = cloud.len() as f64;
    let mean = |of: &dyn Fn(&[f64; 2]) -> f64| cloud.iter().map(of).sum::<f64>() / n;
    let [x, y] = [0, 1].map(|i| mean(&|point| point[i]));
    let product = |i: usize, j: usize, at: [f64; 2]| mean(&|p| (p[i] - at[0]) * (p[j] - at[1]));
    product(0, 1, [x, y]) / (product(0, 0, [x, x]) * product(1, 1, [y, y])).sqrt()
}

/// The model is remembered from Huszar 2017 (1702.08235), which has no numbers of this kind.
const HUSZAR: &str = "Huszar 2017 (1702.08235), the continuous sprinkler";

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let rows = results.arm(ARM);
    let gain = |effect: f64, best: f64| {
        let of = |row: &Row<Config>| Some(best - row.value(&format!("kl_{effect}"))?);
        each(&rows, of)
    };
    let [.., (far, _, best_far)] = BEST_GAUSSIANS;
    let near = BEST_GAUSSIANS[..3].iter().map(|(effect, _, best)| gain(*effect, *best));
    vec![
        claim("vae.F10", "An implicit posterior is nearer to a posterior of two modes than any Gaussian, by 0.4 nats.")
            .ours_after(HUSZAR)
            .measured("KL of the best Gaussian (0.529) minus KL of the encoder's samples (`kl_50`) from the exact posterior of the effect 50")
            .figure("sprinkler.png")
            .mean(Region::Above(0.4), &gain(far, best_far)),
        claim("vae.F10b", "An implicit posterior keeps both modes of the sprinkler's posterior.")
            .ours_after(HUSZAR)
            .measured("the smaller of the shares of samples on both sides of z1 = z2, effect 50 (`smaller_half_50`)")
            .figure("sprinkler.png")
            .mean(Region::Above(0.35), &metric(&rows, "smaller_half_50")),
        claim("vae.F10c", "Where the sprinkler's posterior has one mode an implicit posterior gains nothing on a Gaussian.")
            .ours_after(HUSZAR)
            .measured("KL of the best Gaussian minus that of the encoder's samples, the largest of the effects 0, 5 and 8")
            .figure("kl.svg")
            .mean(Region::Below(0.05), &largest(near)),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![posteriors(results), divergences(results)]
}

/// The exact posteriors and samples of the encoder.
fn posteriors(results: &Results<Config>) -> Figure {
    let rows = results.arm(ARM);
    let mut panels = Vec::new();
    for effect in OBSERVED {
        let bare = || Axis::bare(-REACH, REACH);
        let picture = Posterior::of(effect).picture();
        panels.push(panel(&format!("exact, effect {effect}"), bare(), bare(), vec![picture]));
    }
    for effect in OBSERVED {
        let bare = || Axis::bare(-REACH, REACH);
        let stored = rows.first().and_then(|row| row.samples.get(&format!("causes_{effect}")));
        let cloud = stored.map(Array::to_points).unwrap_or_default();
        let layers: Vec<Layer> = vec![dots(Colour::Blue, 1, 0.5, cloud)];
        panels.push(panel(&format!("encoder, effect {effect}"), bare(), bare(), layers));
    }
    Figure {
        name: "sprinkler".into(),
        title: Title::new("Causes of an effect: two modes where one cause explains the other away").if_reproduced("vae.F10b", "An implicit posterior keeps both modes where one cause explains the other away"),
        caption: "Above: the exact posterior on a grid. Below: 1,000 samples of one seed's encoder with three numbers of noise."
            .into(),
        columns: OBSERVED.len(),
        height: 180,
        panels,
    }
}

/// Divergences from the exact posteriors, beside those of the best Gaussians.
fn divergences(results: &Results<Config>) -> Figure {
    let rows = results.arm(ARM);
    let group = |(effect, ..): &(f64, f64, f64)| -> Group {
        (format!("effect {effect}"), Colour::Blue, values(&rows, &format!("kl_{effect}")))
    };
    let groups: Vec<Group> = BEST_GAUSSIANS.iter().map(group).collect();
    let axis = Axis::new("KL to the posterior (nats)").low_is_better().within(0.0, 0.6);
    let mut panel = ranking("", axis, &groups, &[]);
    let bests = BEST_GAUSSIANS.iter().rev().enumerate();
    panel.layers.push(Layer::Dots {
        label: "the best Gaussian".into(),
        colour: Colour::Vermillion,
        radius: 5,
        opacity: 1.0,
        points: bests.map(|(y, (_, _, best))| (*best, y as f64)).collect(),
    });
    Figure {
        name: "kl".into(),
        title: Title::new("Implicit posteriors against the best Gaussian").if_reproduced(
            "vae.F10",
            "Where the posterior has two modes, the implicit one beats the best Gaussian",
        ),
        caption: format!(
            "Dots: the encoder's samples, {}; bars: medians with 95 % bootstrap intervals; squares: the Gaussian of least divergence with any covariance.",
            seeds_of(results)
        ),
        columns: 1,
        height: 240,
        panels: vec![panel],
    }
}
