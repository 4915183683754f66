//! A critic chases a generator that jumps: does an extra batch of the generator's samples help it to adapt? (D6)
//!
//! Our reading of the *fast-learning critic* of Danihelka et al. 2017, of which no description could be
//! read: the critic also sees, through a branch of its own, the mean features of an extra batch of the
//! generator's samples, as a one-shot learner sees examples.

use gan::data::{GaussianMixture, Target};
use gan::device::per_member;
use gan::optim::Player;
use gan::step::critic_step;
use gan::{Activation, Adam, Mlp, Net, Objective, Params, Penalty, Rng};
use lab::figure::{Axis, Colour, Panel};
use lab::{Arm, Claim, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::contrast::difference;
use shared::{Outcomes, Plain, Resumable, claim, options, summary};
use tch::{Kind, Tensor};

use crate::chart::{columns, series};
use crate::config::{Config, Training};
use crate::data::Data;
use crate::{DANIHELKA_TOLD, Rows, plane};

const PLAIN: &str = "race/plain-critic";
const EXTRA_BATCH: &str = "race/extra-batch";

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let arm = |(name, extra_batch)| {
        let config = Config {
            training: Training::Race { extra_batch },
            steps: if profile == Profile::Smoke { 50 } else { 3_000 },
            early_looks: false,
            measures: Vec::new(),
            ..plane::config(profile, Data::EightGaussians, Training::MaximumLikelihood)
        };
        plane::with_seeds(profile, Arm::new(name, config))
    };
    [(PLAIN, false), (EXTRA_BATCH, true)].map(arm).into()
}

/// Updates of the critic between two jumps.
const STAY: u64 = 25;
/// Updates after a jump at which the critic is read.
const READ: [u64; 3] = [0, 5, 24];
/// Points behind a reading.
const READ_POINTS: i64 = 512;
/// Features of the extra batch.
const FEATURES: i64 = 32;
const WIDTH: i64 = 64;
const BATCH: i64 = 128;

shared::state! {
    /// What the race changes.
    struct State {
        critic: Player<FastCritic>,
        draws: Rng,
        penalty: Rng,
        readings: Plain<Vec<Reading>>,
    }
}

/// The estimates of all members at a moment after a jump.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Reading {
    /// Place in [`READ`].
    moment: usize,
    /// One for each member; none where it is not finite.
    estimates: Vec<Option<f64>>,
}

/// Trains a critic against a generator that jumps every [`STAY`] updates, and reads how much of its
/// estimate is there soon after a jump, over the second half of the race.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let root = Rng::new(&run.seeds).with(options(run.device)).fork("race");
    let target = GaussianMixture::ring(8, 2.0, 0.1);
    let net = FastCritic::new(config.training == Training::Race { extra_batch: true });
    let mut state = State {
        critic: Player::new(net, Adam::new(1e-3, 0.5, 0.9), &mut root.fork("critic")),
        draws: root.fork("draws"),
        penalty: root.fork("penalty"),
        readings: Plain::default(),
    };
    let start = state.resume(run);
    for step in start..config.steps {
        if step > start && step % STAY == 0 {
            state.keep(run, (step, config.steps))?;
        }
        let State { critic, draws, penalty, readings } = &mut state;
        let generator = Generator::of(&root.fork(&format!("jump {}", step / STAY)));
        if 2 * step >= config.steps
            && let Some(moment) = READ.iter().position(|read| *read == step % STAY)
        {
            let mut eval = root.fork(&format!("reading {step}"));
            let _guard = tch::no_grad_guard();
            let real = target.sample(&mut eval, READ_POINTS);
            let (real, fake) = beside_extra_batch(&real, &generator, &mut eval);
            let difference = critic.apply(&real) - critic.apply(&fake);
            let estimates = difference.mean_dim([1i64, 2].as_slice(), false, None::<Kind>);
            let finite = per_member(&estimates).into_iter().map(|x| x.is_finite().then_some(x));
            readings.0.push(Reading { moment, estimates: finite.collect() });
        }
        let real = target.sample(draws, BATCH);
        let (real, fake) = beside_extra_batch(&real, &generator, draws);
        let weight = Penalty::Gradient { weight: 0.1 };
        critic_step(Objective::Wasserstein, weight, critic, &real, &fake, penalty);
    }
    let result = |member: usize| {
        let [first, soon, settled] = [0, 1, 2].map(|moment| {
            let own = state.readings.0.iter().filter(|reading| reading.moment == moment);
            let estimates = own.map(|reading| reading.estimates[member].unwrap_or(f64::NAN));
            stats::robust::mean(&estimates.collect::<Vec<_>>())
        });
        let numbers = [
            ("estimate_at_jump", first),
            ("estimate_after_5", soon),
            ("estimate_after_24", settled),
            ("share_at_jump", first / settled),
            ("share_after_5", soon / settled),
        ];
        summary(config.steps, numbers)
    };
    Ok((0..run.seeds.len()).map(result).collect())
}

/// A critic of points in the plane, and of a batch beside them where it has the branch for it.
struct FastCritic {
    branch: Option<Mlp>,
    trunk: Mlp,
}

impl FastCritic {
    fn new(extra_batch: bool) -> Self {
        let leaky = Activation::LeakyRelu(0.2);
        let features = if extra_batch { FEATURES } else { 0 };
        Self {
            branch: extra_batch.then(|| Mlp::new(&[2, WIDTH, FEATURES], leaky)),
            trunk: Mlp::new(&[2 + features, WIDTH, WIDTH, 1], leaky),
        }
    }
}

impl Net for FastCritic {
    fn init(&self, rng: &mut Rng) -> Params {
        let branch = self.branch.iter().flat_map(|branch| branch.specs("branch."));
        Params::init(branch.chain(self.trunk.specs("trunk.")).collect(), rng)
    }

    /// The input holds the point and, as long as it, a point of the extra batch beside each.
    fn apply(&self, params: &Params, x: &Tensor) -> Tensor {
        let points = x.narrow(2, 0, 2);
        let Some(branch) = &self.branch else { return self.trunk.forward(params.views(), &points) };
        let (own, rest) = params.views().split_at(branch.specs("").len());
        let features = branch.forward(own, &x.narrow(2, 2, 2));
        let pooled = features.mean_dim([1i64].as_slice(), true, None::<Kind>);
        let seen = pooled.expand_as(&features);
        self.trunk.forward(rest, &Tensor::cat(&[points, seen], 2))
    }
}

/// Points beside points of an extra batch of the generator's, `[members, n, 4]`; real and fake.
fn beside_extra_batch(real: &Tensor, generator: &Generator, rng: &mut Rng) -> (Tensor, Tensor) {
    let count = real.size()[1];
    let (fake, extra) = (generator.sample(rng, count), generator.sample(rng, count));
    (Tensor::cat(&[real, &extra], 2), Tensor::cat(&[fake, extra], 2))
}

/// A round Gaussian somewhere: the generator between two jumps.
struct Generator {
    centre: Tensor,
    deviation: Tensor,
}

impl Generator {
    fn of(rng: &Rng) -> Self {
        Self {
            centre: rng.fork("centre").normal(&[1, 2]) * 1.5,
            deviation: rng.fork("deviation").uniform(&[1, 1]) * 0.8 + 0.2,
        }
    }

    fn sample(&self, rng: &mut Rng, count: i64) -> Tensor {
        rng.normal(&[count, 2]) * &self.deviation + &self.centre
    }
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [plain, extra_batch]: [Rows; 2] = [PLAIN, EXTRA_BATCH].map(|name| results.arm(name));
    vec![
        claim("flow.D6", "A critic that also sees an extra batch of its generator's samples adapts faster when the generator jumps.")
            .published(DANIHELKA_TOLD, "the fast learning critic of the abstract, as a reader's notes describe it; the design is ours", None)
            .measured("estimate at a jump over the estimate 24 updates later (`share_at_jump`), with the extra batch minus without")
            .figure("critics.svg")
            .mean(Region::Above(0.0), &difference((&extra_batch, &plain), "share_at_jump")),
    ]
}

/// The estimates soon after a jump.
pub(crate) fn panel(results: &Results<Config>) -> Panel {
    const READINGS: [(&str, &str); 3] = [
        ("at the jump", "estimate_at_jump"),
        ("5 updates on", "estimate_after_5"),
        ("24 updates on", "estimate_after_24"),
    ];
    let racers = [
        series("plain critic", Colour::Black, results.arm(PLAIN)),
        series("with an extra batch", Colour::Purple, results.arm(EXTRA_BATCH)),
    ];
    let (names, layers) = columns(&READINGS, &racers);
    let y = Axis::new("Wasserstein estimate");
    let title = "Fast-learning critic (our reading)";
    shared::chart::panel(title, names, y, layers)
}
