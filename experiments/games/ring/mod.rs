//! Networks on a ring of Gaussians (F13d): who holds all modes, and what consensus does to the poles of the game, before and
//! after regularisation *at the same point*.

mod spectrum;

use gan::data::{GaussianMixture, Target};
use gan::optim::{Adam, Extragradient, Optimizer, Player, RmsProp, Rule};
use gan::{Activation, Mlp, Net, Objective, Params, Penalty, Rng, range};
use garde::Validate;
use lab::figure::{Axis, Colour, Title};
use lab::{Arm, Array, Claim, Figure, Profile, Region, Results, Row, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{Group, curve, dots, panel, ranking, seeds_of};
use shared::colour;
use shared::contrast::{difference, metric, values};
use shared::{Outcomes, Plain, Resumable, Source, Task, claim, name};
use stats::robust;
use tch::Tensor;

use crate::masses::{Seen, Watch};
use crate::play::{Dynamics, turn};
use crate::streams;
use spectrum::Spectrum;

/// One way to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// How the players move.
    #[garde(skip)]
    method: Method,
    /// Width of the four hidden layers of both players.
    #[garde(custom(range::width))]
    width: i64,
    /// Samples of each side in a turn.
    #[garde(custom(range::batch))]
    batch: i64,
    /// Turns.
    #[garde(custom(range::steps))]
    steps: u64,
    /// Members of a stack whose poles are found at the end.
    #[garde(range(max = 64))]
    spectra: usize,
}

/// How the players move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    /// `RMSProp`, both at once.
    Simultaneous,
    /// `RMSProp`, in turn.
    Alternating,
    /// `RMSProp`, both at once, with consensus of weight 10.
    Consensus,
    /// `RMSProp`, in turn, with R1 of weight 1.
    R1,
    /// Adam with extragradient steps.
    Extragradient,
}

const METHODS: [Method; 5] = [
    Method::Simultaneous,
    Method::Alternating,
    Method::Consensus,
    Method::R1,
    Method::Extragradient,
];

impl Method {
    fn dynamics(self) -> Dynamics {
        match self {
            Self::Simultaneous => Dynamics::Simultaneous,
            Self::Alternating | Self::R1 => Dynamics::Alternating,
            Self::Consensus => Dynamics::Consensus(WEIGHT),
            Self::Extragradient => Dynamics::Extragradient,
        }
    }

    fn penalty(self) -> Penalty {
        if self == Self::R1 { Penalty::R1 { weight: 1.0 } } else { Penalty::None }
    }

    fn colour(self) -> Colour {
        match self {
            Self::Alternating => colour::GAN,
            Self::R1 => colour::penalty(self.penalty()),
            Self::Simultaneous => Colour::SkyBlue,
            Self::Consensus => Colour::Green,
            Self::Extragradient => Colour::Purple,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Simultaneous => "simultaneous",
            Self::Alternating => "alternating",
            Self::Consensus => "consensus",
            Self::R1 => "R1",
            Self::Extragradient => "extragradient Adam",
        }
    }
}

impl Task for Config {
    fn cost(&self) -> f64 {
        let each = match self.method {
            Method::Simultaneous | Method::Alternating => 1.0,
            Method::R1 | Method::Extragradient => 2.0,
            Method::Consensus => 3.0,
        };
        each * self.steps as f64 * 3.0
    }
}

/// Weight of consensus and rate of the authors' notebook.
const WEIGHT: f64 = 10.0;
const RATE: f64 = 1e-4;
const LATENT: i64 = 16;

fn arm_name(method: Method) -> String {
    format!("ring/{}", name(&method))
}

/// A short ring that `quick` shows.
const SHORT: &str = "ring/short";

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 10;
    let (batch, steps, seeds, spectra) = match profile {
        Profile::Smoke => (16, 3, 2, 1),
        Profile::Quick | Profile::Reference => (512, 50_000, 2 * STACK, 4),
        Profile::Full => (512, 50_000, 2 * STACK, 10),
    };
    let width = if profile == Profile::Smoke { 4 } else { 16 };
    let arm = |method| {
        let spectra = if method == Method::Consensus { spectra } else { 0 };
        let config = Config { method, width, batch, steps, spectra };
        Arm::new(arm_name(method), config).with_seeds(seeds, STACK.min(seeds))
    };
    let mut arms: Vec<Arm<Config>> = METHODS.map(arm).into();
    if profile != Profile::Smoke {
        let config =
            Config { method: Method::Consensus, width, batch: 128, steps: 1_000, spectra: 0 };
        arms.push(Arm::new(SHORT, config).with_seeds(2, 2).as_demonstration());
    }
    arms
}

shared::state! {
    /// Both players, where they draw from, and what was seen.
    struct State<O: Optimizer<State: Resumable>> {
        generator: Player<Mlp, O>,
        critic: Player<Mlp, O>,
        data: Rng,
        latent: Rng,
        seen: Plain<Vec<Seen>>,
    }
}

/// Eight modes on the unit circle.
fn target() -> GaussianMixture {
    GaussianMixture::ring(8, 1.0, 0.01)
}

/// Samples this near a mode are at it: ten deviations, as in the pilot of the protocol.
const NEAR: f64 = 0.1;
/// Turns between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 50;

pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    if config.method == Method::Extragradient {
        return train(config, || Extragradient(Rule::Adam(Adam::new(RATE, 0.5, 0.9))), run);
    }
    train(config, || Rule::RmsProp(RmsProp { learning_rate: RATE, decay: 0.9 }), run)
}

fn train<O: Optimizer<State: Resumable>>(
    config: &Config,
    rule: impl Fn() -> O,
    run: &mut Run,
) -> Outcomes {
    let Config { method, width, batch, steps, spectra } = *config;
    let (root, target) = (streams(run), target());
    let player = |inputs: i64, outputs: i64, label| {
        let widths = [inputs, width, width, width, width, outputs];
        Player::new(Mlp::new(&widths, Activation::Relu), rule(), &mut root.fork(label))
    };
    let mut state = State {
        generator: player(LATENT, 2, "generator"),
        critic: player(2, 1, "critic"),
        data: root.fork("data"),
        latent: root.fork("latent"),
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
        let State { generator, critic, data, latent, .. } = &mut state;
        let penalty = method.penalty();
        turn(method.dynamics(), penalty, (generator, critic), |generator, critic| {
            let real = target.sample(data, batch);
            let z = latent.normal(&[batch, LATENT]);
            let nets = [&generator.net, &critic.net];
            losses(nets, [&generator.params, &critic.params], penalty, &real, &z)
        });
    }
    let poles = if spectra > 0 { spectrum::of(&state, spectra, &root) } else { Vec::new() };
    for (i, found) in poles.iter().enumerate() {
        run.sample(i, "poles", spectrum::array(&found.before));
        run.sample(i, "regularised_poles", spectrum::array(&found.after));
    }
    watch.end(state.seen.0, |i| poles.get(i).map_or_else(Vec::new, Spectrum::numbers))
}

/// The non-saturating losses of generator and critic, `[members]` each.
fn losses(
    [generator, critic]: [&Mlp; 2],
    [of_generator, of_critic]: [&Params; 2],
    penalty: Penalty,
    real: &Tensor,
    z: &Tensor,
) -> [Tensor; 2] {
    let objective = Objective::NonSaturating;
    let fake = generator.apply(of_generator, z);
    let apply = |x: &Tensor| critic.apply(of_critic, x);
    let on_fake = apply(&fake);
    let mut critic_loss = objective.critic_loss(&apply(real), &on_fake);
    if penalty.is_term() {
        // R1 looks at the data alone and draws nothing.
        critic_loss += penalty.value(apply, real, &fake, &mut Rng::new(&[0]));
    }
    [objective.generator_loss(&on_fake), critic_loss]
}

const MESCHEDER: Source = Source::remembered("Mescheder, Nowozin and Geiger 2017 (1705.10461)");

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [simultaneous, alternating, consensus, _, _] =
        METHODS.map(|method| results.arm(&arm_name(method)));
    let near = values(&consensus, "near");
    let near = (!near.is_empty()).then(|| robust::mean(&near));
    let learnt = "mean `near` of consensus: share of samples within ten deviations of a mode";
    let turns = shared::contrast::each(&consensus, |row| {
        Some(row.value("turning_after")? - row.value("turning")?)
    });
    vec![
        claim("games.F13d", "On the ring consensus holds more modes than alternating descent.")
            .published(MESCHEDER, "figure of the mixture of Gaussians", None)
            .measured("`modes` of 8 at the end, consensus minus alternating, paired by seed")
            .gate(learnt, Region::Above(0.5), near)
            .figure("ring.svg")
            .mean(Region::Above(0.0), &difference((&consensus, &alternating), "modes")),
        claim("games.F13d2", "On the ring consensus holds more modes than simultaneous descent.")
            .published(MESCHEDER, "figure of the mixture of Gaussians", None)
            .measured("`modes` of 8 at the end, consensus minus simultaneous, paired by seed")
            .gate(learnt, Region::Above(0.5), near)
            .figure("ring.svg")
            .mean(Region::Above(0.0), &difference((&consensus, &simultaneous), "modes")),
        claim("games.F13d3", "Consensus loses less than half a mode of the ring in the mean.")
            .ours_after("Mescheder, Nowozin and Geiger 2017 (1705.10461)")
            .measured("`modes` of 8 at the end of training")
            .gate(learnt, Region::Above(0.5), near)
            .figure("ring.svg")
            .mean(Region::Above(7.5), &metric(&consensus, "modes")),
        claim("games.F13d4", "At the end of consensus training regularisation at the same point makes fewer poles rotate.")
            .published(MESCHEDER, "its lemma on the step size", None)
            .measured("share of poles above 1e-4 with |Im| > 10 |Re|, of J - 10 J^T J minus of J, four seeds of each ten")
            .gate(learnt, Region::Above(0.5), near)
            .figure("spectrum.svg")
            .student(Region::Below(0.0), &turns),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![ring(results), spectrum::figure(results)]
}

fn ring(results: &Results<Config>) -> Figure {
    let cloud = |method: Method| {
        let mut rows = results.arm(&arm_name(method));
        let near = |row: &Row<Config>| row.value("near").unwrap_or(0.0);
        rows.sort_by(|a, b| near(a).total_cmp(&near(b)));
        let middle = rows.get(rows.len() / 2);
        let points = middle.and_then(|row| row.samples.get("points"));
        let points = points.map(Array::to_points).unwrap_or_default();
        let centres = target().centres.into_iter().map(Into::into).collect();
        let axis = || Axis::bare(-1.5, 1.5);
        let layers =
            vec![dots(colour::TARGET, 5, 0.5, centres), dots(method.colour(), 1, 0.6, points)];
        panel(method.label(), axis(), axis(), layers)
    };
    let mut panels: Vec<_> = METHODS.map(cloud).into();
    let layers = METHODS.iter().flat_map(|method| {
        let rows = results.arm(&arm_name(*method));
        let traces: Vec<_> = rows.iter().filter_map(|row| row.traces.get("modes")).collect();
        let steps = traces.first().map_or(0, |trace| trace.len());
        let at = |i: usize| {
            let found = traces.iter().filter_map(|trace| trace.get(i)).map(|x| x.1).collect();
            (traces[0][i].0 as f64, found)
        };
        let [line, _] =
            curve(method.label(), method.colour(), &(0..steps).map(at).collect::<Vec<_>>());
        [line]
    });
    let y = Axis::new("modes held, median").within(0.0, 8.5);
    let over_time = panel("", Axis::new("turn"), y, layers.collect());
    panels.push(over_time);
    let compared = |number: &str, axis: Axis| {
        let groups: Vec<Group> = METHODS
            .iter()
            .map(|method| {
                let found = values(&results.arm(&arm_name(*method)), number);
                (method.label().to_owned(), method.colour(), found)
            })
            .collect();
        ranking("", axis, &groups, &[])
    };
    panels.push(compared("modes", Axis::new("modes held at the end").high_is_better()));
    panels.push(compared("near", Axis::new("share of samples near a mode").high_is_better()));
    panels.push(compared("oscillation", Axis::new("oscillation of mode masses")));
    Figure {
        name: "ring".into(),
        title: Title::new("Who holds the modes of the ring")
            .if_reproduced("games.F13d", "Consensus holds more modes than alternating descent")
            .if_contradicted("games.F13d", "Consensus holds fewer modes than alternating descent"),
        caption: format!(
            "500 samples of the seed in the middle by its share near a mode, the modes in grey (drawn larger than they are): in an empty square they lie outside, \
             on one point. Below: {}, bars are medians with their 95 % intervals; a collapse that stands still oscillates \
             least.",
            seeds_of(results)
        ),
        columns: 3,
        height: 210,
        panels,
    }
}
