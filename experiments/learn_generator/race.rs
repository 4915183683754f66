//! A Gaussian's mean learns its way to zero (F06): how long does each loss take, and with which critics?
//!
//! From afar a critic of few or many updates a round, or the exact one, meets three generator losses; from near every
//! proper comparison loss meets every generator loss.

use std::collections::BTreeSet;

use gan::device::to_vec;
use gan::init::Init;
use gan::objective::{Divergence, GeneratorLoss, ScoringRule};
use gan::optim::{Player, Rule, Sgd};
use gan::params::Spec;
use gan::{Activation, Adam, Mlp, Net, Params, Rng, range};
use garde::Validate;
use lab::figure::{Axis, Layer, Scale, Tile, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Row, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{OVER_SEEDS, over_seeds, panel, seeds_of, short, traces};
use shared::colour;
use shared::contrast::{difference, largest, log_ratio, metric, values};
use shared::variant::{generator_loss, scoring_rule};
use shared::{Outcomes, Plain, Resumable, Source, Task, claim, looks, name, summary};
use stats::robust;
use tch::Tensor;

use crate::{IMPLICIT, seeds, streams};

/// One race: which loss runs, against which critic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What the critic minimises.
    #[garde(skip)]
    comparison: ScoringRule,
    /// What the generator minimises.
    #[garde(skip)]
    loss: GeneratorLoss,
    /// Updates of the critic in a round; `None` stands for the exact critic.
    #[garde(inner(range(min = 1, max = 10_000)))]
    critic_steps: Option<u64>,
    /// The mean at the start.
    #[garde(custom(range::place))]
    start: f64,
    /// Updates of the generator.
    #[garde(custom(range::steps))]
    rounds: u64,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        0.6 * (self.critic_steps.unwrap_or(0) + 1) as f64 * self.rounds as f64
    }
}

impl Config {
    fn is_far(&self) -> bool {
        self.start == FAR
    }
}

/// The losses that race from afar.
pub(crate) const RACERS: [GeneratorLoss; 3] =
    [GeneratorLoss::Minimax, GeneratorLoss::NonSaturating, GeneratorLoss::LogRatio];

/// The generator losses that go with every proper comparison loss.
const SWAPPED: [GeneratorLoss; 4] = [
    GeneratorLoss::Minimax,
    GeneratorLoss::NonSaturating,
    GeneratorLoss::LogRatio,
    GeneratorLoss::Variational(Divergence::KullbackLeibler),
];

/// Where races start, and where swaps do.
const FAR: f64 = 8.0;
const NEAR: f64 = 2.0;
/// Critic updates in a round that claims compare.
const FEW: Option<u64> = Some(1);
const MANY: Option<u64> = Some(50);

/// A race from afar; no number of critic steps stands for the exact critic.
fn arm_name(loss: GeneratorLoss, critic_steps: Option<u64>) -> String {
    let critic = critic_steps.map_or_else(|| "exact".to_owned(), |steps| format!("{steps}-steps"));
    format!("race/{}/{critic}", name(&loss))
}

/// A race from near.
fn swap_name(comparison: ScoringRule, loss: GeneratorLoss) -> String {
    format!("swap/{}/{}", name(&comparison), name(&loss))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 12;
    let rounds = if profile == Profile::Smoke { 3 } else { 120 };
    let mut critics = vec![FEW, Some(5), MANY, None];
    if profile == Profile::Full {
        critics.insert(3, Some(500));
    }
    let mut arms = Vec::new();
    let mut add = |name: String, config: Config| {
        let arm = Arm::new(name, config).with_seeds(seeds(profile, STACK), STACK);
        arms.push(arm.with_quick_seeds(12));
    };
    for loss in RACERS {
        for critic_steps in &critics {
            let (comparison, critic_steps) = (ScoringRule::Bernoulli, *critic_steps);
            let config = Config { comparison, loss, critic_steps, start: FAR, rounds };
            add(arm_name(loss, critic_steps), config);
        }
    }
    for comparison in ScoringRule::PROPER {
        for loss in SWAPPED {
            let config = Config { comparison, loss, critic_steps: Some(5), start: NEAR, rounds };
            add(swap_name(comparison, loss), config);
        }
    }
    arms
}

/// Samples of each side in an update.
const BATCH: i64 = 128;
/// Plain descent: an optimiser that divides by the gradient's size would hide that it vanishes.
const RATE: f64 = 0.2;
/// The |mean| that counts as arrived.
const GOAL: f64 = 0.1;
/// Points of the path that figures show.
const LOOKS: u64 = 100;
/// Rounds between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 5;

/// The generator `x = z + mean`.
struct Location;

impl Net for Location {
    fn init(&self, rng: &mut Rng) -> Params {
        let mean = Spec { name: "mean".into(), shape: vec![1, 1], init: Init::Zeros };
        Params::init(vec![mean], rng)
    }

    fn apply(&self, params: &Params, z: &Tensor) -> Tensor {
        z + &params.views()[0]
    }
}

shared::state! {
    /// Both players, where they draw from, and the round in which each member arrived.
    struct State {
        generator: Player<Location, Rule>,
        critic: Player<Mlp>,
        data: Rng,
        latent: Rng,
        arrivals: Plain<Vec<u64>>,
    }
}

impl State {
    fn new(config: &Config, root: &Rng, members: usize) -> Self {
        let descent = Rule::Sgd(Sgd { learning_rate: RATE });
        let mut generator = Player::new(Location, descent, &mut root.fork("generator"));
        generator.params.set(&(generator.params.flat().zeros_like() + config.start));
        let net = Mlp::new(&[1, 32, 32, 1], Activation::LeakyRelu(0.2));
        Self {
            generator,
            critic: Player::new(net, Adam::new(1e-3, 0.5, 0.999), &mut root.fork("critic")),
            data: root.fork("data"),
            latent: root.fork("latent"),
            arrivals: Plain(vec![config.rounds; members]),
        }
    }
}

/// Trains the mean of `N(mean, 1)` towards samples of `N(0, 1)`.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let rounds = config.rounds;
    let mut state = State::new(config, &streams(run), run.seeds.len());
    let looks = looks(rounds, LOOKS);
    let start = state.resume(run);
    for round in start..=rounds {
        if round > start && round % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (round, rounds))?;
        }
        for (i, mean) in to_vec(state.generator.params.flat()).into_iter().enumerate() {
            if mean.abs() < GOAL {
                state.arrivals.0[i] = state.arrivals.0[i].min(round);
            }
            if mean.is_finite() && looks.binary_search(&round).is_ok() {
                run.trace(i, "mean", round, mean);
            }
        }
        if round == rounds {
            break;
        }
        for _ in 0..config.critic_steps.unwrap_or(0) {
            let real = state.data.normal(&[BATCH, 1]);
            let fake = state.generator.apply(&state.latent.normal(&[BATCH, 1])).detach();
            let outputs = state.critic.apply(&Tensor::cat(&[real, fake], 1));
            let (on_real, on_fake) = (outputs.narrow(1, 0, BATCH), outputs.narrow(1, BATCH, BATCH));
            state.critic.descend(&config.comparison.risk(&on_real, &on_fake));
        }
        let x = state.generator.apply(&state.latent.normal(&[BATCH, 1]));
        let log_ratio = if config.critic_steps.is_some() {
            state.critic.apply(&x)
        } else {
            let mean = state.generator.params.views()[0].detach();
            -(&x * &mean) + mean.square() * 0.5
        };
        state.generator.descend(&config.loss.value(&log_ratio));
    }
    let ends = to_vec(state.generator.params.flat());
    let of_member = |(end, arrival): (f64, u64)| {
        summary(rounds, [("distance", end.abs()), ("rounds", arrival.max(1) as f64)])
    };
    Ok(ends.into_iter().zip(state.arrivals.0).map(of_member).collect())
}

const SATURATION: Source = Source::second_hand(
    "Goodfellow et al. 2014 (1406.2661) and Arjovsky and Bottou 2017 (1701.04862)",
);
const NORMAL: &str = "the gradient between normal laws under the exact critic";

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    use GeneratorLoss::{LogRatio, Minimax, NonSaturating};

    let race = |loss, critic| results.arm(&arm_name(loss, critic));
    let pairs = ScoringRule::PROPER.into_iter().flat_map(|rule| {
        SWAPPED.map(|loss| metric(&results.arm(&swap_name(rule, loss)), "distance"))
    });
    vec![
        claim("learn.F06d", "The minimax loss makes less way in a race from afar the more updates its critic gets.")
            .published(SATURATION, "saturation of the minimax loss", None)
            .measured("`distance` left after 120 rounds from 8, minimax loss, critic of 50 updates a round minus of one")
            .figure("race.svg")
            .mean(Region::Above(0.0), &difference((&race(Minimax, MANY), &race(Minimax, FEW)), "distance")),
        claim("learn.F06e", "The non-saturating loss arrives sooner from afar the more updates its critic gets.")
            .published(SATURATION, "the non-saturating loss", None)
            .measured("ln `rounds` until |mean| < 0.1, non-saturating loss, critic of 50 updates a round minus of one")
            .figure("race.svg")
            .mean(Region::Below(0.0), &log_ratio((&race(NonSaturating, MANY), &race(NonSaturating, FEW)), "rounds")),
        claim("learn.F06f", "Against the exact critic the minimax loss does not arrive from afar and the non-saturating loss does.")
            .derived(NORMAL, None)
            .measured("`distance` left after 120 rounds from 8, exact critic, minimax minus non-saturating")
            .figure("race.svg")
            .mean(Region::Above(5.0), &difference((&race(Minimax, None), &race(NonSaturating, None)), "distance")),
        claim("learn.F06g", "Against the exact critic the log-ratio loss arrives from afar.")
            .derived(NORMAL, None)
            .measured("`distance` left after 120 rounds from 8, exact critic, log-ratio loss")
            .figure("race.svg")
            .mean(Region::Below(0.1), &metric(&race(LogRatio, None), "distance")),
        claim("learn.F06h", "Any proper comparison loss of the critic goes with any of four generator losses.")
            .published(IMPLICIT, "section 2.2", None)
            .measured("`distance` left after 120 rounds from 2, the worst of 4 times 4 pairs of losses")
            .figure("swap.svg")
            .mean(Region::Below(0.3), &largest(pairs)),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![race(results), swap(results)]
}

/// The ways home.
fn race(results: &Results<Config>) -> Figure {
    let steps = |row: &Row<Config>| row.config.critic_steps.filter(|_| row.config.is_far());
    let steps: BTreeSet<u64> = results.rows.iter().filter_map(steps).collect();
    let critics: Vec<Option<u64>> = steps.into_iter().map(Some).chain([None]).collect();
    let of = |critic: Option<u64>| {
        let mut layers = vec![Layer::Horizontal { label: String::new(), y: 0.1 }];
        for loss in RACERS {
            let colour = colour::generator_loss(loss);
            let rows = results.arm(&arm_name(loss, critic));
            let distances = traces(&rows, "mean").map(|(round, mean)| (round, mean.abs()));
            layers.extend(over_seeds(distances, &generator_loss(loss), colour));
        }
        let title = match critic {
            Some(1) => "1 critic update a round".to_owned(),
            Some(steps) => format!("{steps} critic updates a round"),
            None => "the exact critic".to_owned(),
        };
        let y = Axis::new("|mean|").scaled(Scale::Log).within(0.003, 30.0);
        panel(&title, Axis::new("round"), y, layers)
    };
    Figure {
        name: "race".into(),
        title: Title::new("A mean on its way from 8 to 0").if_reproduced("learn.F06f", "Against the exact critic the minimax loss does not arrive, and the non-saturating loss does"),
        caption: format!("Plain descent, {} of each loss; {OVER_SEEDS}; dashed: arrived.", seeds_of(results)),
        columns: 2,
        height: 240,
        panels: critics.iter().map(|critic| of(*critic)).collect(),
    }
}

/// Comparison losses with generator losses.
fn swap(results: &Results<Config>) -> Figure {
    let mut tiles = Vec::new();
    for (x, rule) in ScoringRule::PROPER.into_iter().enumerate() {
        for (y, loss) in SWAPPED.into_iter().rev().enumerate() {
            let rows = results.arm(&swap_name(rule, loss));
            let (left, rounds) = (values(&rows, "distance"), values(&rows, "rounds"));
            if left.is_empty() {
                continue;
            }
            let (left, rounds) = (robust::median(&left), robust::median(&rounds));
            let text = vec![short(left), format!("{rounds:.0} rounds")];
            tiles.push(Tile { at: (x, y), shade: (left / 0.5).clamp(0.0, 0.9), text });
        }
    }
    let x = Axis {
        label: "comparison loss".into(),
        ..Axis::of(ScoringRule::PROPER.map(|rule| scoring_rule(rule).to_owned()).into())
    };
    let y = Axis {
        label: "generator loss".into(),
        ..Axis::of(SWAPPED.iter().rev().map(|loss| generator_loss(*loss)).collect())
    };
    Figure {
        name: "swap".into(),
        title: "Any comparison loss with any generator loss: distance left, and rounds to 0.1"
            .into(),
        caption: format!(
            "From a mean of 2, five critic updates a round; medians of {}.",
            seeds_of(results)
        ),
        columns: 1,
        height: 340,
        panels: vec![panel("", x, y, vec![Layer::Tiles(tiles)])],
    }
}
