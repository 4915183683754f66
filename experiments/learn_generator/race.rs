//! A Gaussian's mean learns its way to zero: how long each loss takes, and with which critics.

use experiments::{Resumable, keep, looks, resume, summary};
use gan::device::to_vec;
use gan::init::Init;
use gan::objective::{GeneratorLoss, ScoringRule};
use gan::optim::{Player, Rule, Sgd};
use gan::params::Spec;
use gan::{Activation, Adam, Mlp, Net, Params, Rng};
use lab::Run;
use tch::Tensor;

use crate::{Outcomes, streams};

const BATCH: i64 = 128;
/// Plain descent: an optimiser that divides by the gradient's size would hide that it vanishes.
const RATE: f64 = 0.2;
/// Near enough.
const GOAL: f64 = 0.1;
const LOOKS: u64 = 100;
/// Rounds between two calls of the harness's door.
const DOOR: u64 = 5;

/// `x = z + mean`.
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

/// One race: who runs, against which critic.
pub(crate) struct Race {
    pub(crate) comparison: ScoringRule,
    pub(crate) loss: GeneratorLoss,
    pub(crate) critic_steps: Option<u64>,
    pub(crate) start: f64,
    pub(crate) rounds: u64,
}

/// Trains the mean of `N(mean, 1)` towards samples of `N(0, 1)`.
pub(crate) fn race(race: &Race, run: &mut Run) -> Outcomes {
    let root = streams(run);
    let descent = Rule::Sgd(Sgd { learning_rate: RATE });
    let mut generator = Player::new(Location, descent, &mut root.fork("generator"));
    generator.params.set(&(generator.params.flat().zeros_like() + race.start));
    let net = Mlp::new(&[1, 32, 32, 1], Activation::LeakyRelu(0.2));
    let mut critic = Player::new(net, Adam::new(1e-3, 0.5, 0.999), &mut root.fork("critic"));
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut arrivals = vec![race.rounds; run.seeds.len()];
    let looks = looks(race.rounds, LOOKS);

    let start = resume(
        run,
        &mut [
            ("generator", &mut generator),
            ("critic", &mut critic),
            ("data", &mut data),
            ("latent", &mut latent),
            ("arrivals", &mut arrivals),
        ],
    );
    for round in start..=race.rounds {
        if round > start && round % DOOR == 0 {
            let pieces: [(_, &dyn Resumable); 5] = [
                ("generator", &generator),
                ("critic", &critic),
                ("data", &data),
                ("latent", &latent),
                ("arrivals", &arrivals),
            ];
            keep(run, (round, race.rounds), &pieces)?;
        }
        for (i, mean) in to_vec(generator.params.flat()).into_iter().enumerate() {
            if mean.abs() < GOAL {
                arrivals[i] = arrivals[i].min(round);
            }
            if mean.is_finite() && looks.binary_search(&round).is_ok() {
                run.trace(i, "mean", round, mean);
            }
        }
        if round == race.rounds {
            break;
        }
        for _ in 0..race.critic_steps.unwrap_or(0) {
            let real = data.normal(&[BATCH, 1]);
            let fake = generator.apply(&latent.normal(&[BATCH, 1])).detach();
            let outputs = critic.apply(&Tensor::cat(&[real, fake], 1));
            let (on_real, on_fake) = (outputs.narrow(1, 0, BATCH), outputs.narrow(1, BATCH, BATCH));
            critic.descend(&race.comparison.risk(&on_real, &on_fake));
        }
        let x = generator.apply(&latent.normal(&[BATCH, 1]));
        let log_ratio = if race.critic_steps.is_some() {
            critic.apply(&x)
        } else {
            let mean = generator.params.views()[0].detach();
            -(&x * &mean) + mean.square() * 0.5
        };
        generator.descend(&race.loss.value(&log_ratio));
    }
    let ends = to_vec(generator.params.flat());
    let of_member = |(end, arrival): (f64, u64)| {
        summary(race.rounds, [("distance", end.abs()), ("rounds", arrival.max(1) as f64)])
    };
    Ok(ends.into_iter().zip(arrivals).map(of_member).collect())
}
