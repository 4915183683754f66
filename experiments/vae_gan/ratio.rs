//! What a classifier's ratio makes of a divergence that is known (C12).
//!
//! Hybrids replace the divergence of their codes from the prior by the log-ratio of a trained classifier. Of two normal
//! laws the divergence is known: how much of it does the classifier see, near and far, in few dimensions and in many?

use gan::device::per_member;
use gan::objective::ScoringRule;
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Rng, range};
use garde::Validate;
use lab::figure::{Axis, Colour, Layer, Scale, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{curve, panel, seeds_of};
use shared::contrast::{each, largest, values};
use shared::{Outcomes, Resumable, Source, Task, claim, summary};
use tch::{Kind, Tensor};

use crate::streams;

/// One pair of laws: `q = N(m, I)` and `p = N(0, I)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Dimension of the points.
    #[garde(custom(range::width))]
    dim: i64,
    /// `KL(q || p)` in nats.
    #[garde(range(min = 1e-3, max = 1e3))]
    divergence: f64,
    /// Samples of each law in an update of the classifier.
    #[garde(custom(range::batch))]
    batch: i64,
    /// Updates of the classifier.
    #[garde(custom(range::steps))]
    steps: u64,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        (self.batch * self.steps as i64) as f64 / 50.0
    }
}

const DIMS: [i64; 3] = [1, 10, 100];
const DIVERGENCES: [f64; 5] = [0.1, 1.0, 5.0, 10.0, 20.0];
/// The divergences of which claims speak.
const NEAR: f64 = 1.0;
const FAR: f64 = 20.0;

fn arm_name(dim: i64, divergence: f64) -> String {
    format!("ratio/{dim}-dimensions/{divergence}-nats")
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 10;
    let (batch, steps, seeds) = match profile {
        Profile::Smoke => (16, 3, STACK),
        Profile::Quick | Profile::Reference => (256, 5_000, 20),
        Profile::Full => (1_024, 50_000, 20),
    };
    let mut arms = Vec::new();
    for dim in DIMS {
        for divergence in DIVERGENCES {
            let config = Config { dim, divergence, batch, steps };
            let arm = Arm::new(arm_name(dim, divergence), config).with_seeds(seeds, STACK);
            let is_quick = dim == DIMS[1] && [NEAR, FAR].contains(&divergence);
            arms.push(arm.with_quick_seeds(if is_quick { STACK } else { 0 }));
        }
    }
    arms
}

/// Steps between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 100;
/// Fresh samples of `q` behind an estimate.
const MEASURED: i64 = 20_000;

shared::state! {
    /// The classifier and where its samples come from.
    struct State {
        classifier: Player<Mlp>,
        samples: Rng,
    }
}

/// Samples of `q`: each coordinate of the mean is as long as the others.
fn sample(config: &Config, rng: &mut Rng, count: i64) -> Tensor {
    rng.normal(&[count, config.dim]) + (2.0 * config.divergence / config.dim as f64).sqrt()
}

/// Trains a classifier on fresh samples of both laws and averages its log-ratio over `q`.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { dim, batch, steps, .. } = *config;
    let root = streams(run);
    let net = Mlp::new(&[dim, 128, 128, 1], Activation::LeakyRelu(0.2));
    let mut state = State {
        classifier: Player::new(net, Adam::new(1e-3, 0.9, 0.999), &mut root.fork("classifier")),
        samples: root.fork("samples"),
    };
    let start = state.resume(run);
    for step in start..steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (step, steps))?;
        }
        let of_q = sample(config, &mut state.samples, batch);
        let of_p = state.samples.normal(&[batch, dim]);
        let outputs = state.classifier.apply(&Tensor::cat(&[of_q, of_p], 1));
        let [on_q, on_p] = [0, batch].map(|start| outputs.narrow(1, start, batch));
        state.classifier.descend(&ScoringRule::Bernoulli.risk(&on_q, &on_p));
    }
    let _guard = tch::no_grad_guard();
    let fresh = sample(config, &mut root.fork("fresh"), MEASURED);
    let log_ratio = state.classifier.apply(&fresh);
    let estimates = per_member(&log_ratio.mean_dim([1i64, 2].as_slice(), false, None::<Kind>));
    let of_member = |estimate: f64| {
        summary(steps, [("estimate", estimate), ("share", estimate / config.divergence)])
    };
    Ok(estimates.into_iter().map(of_member).collect())
}

const ROSCA: Source = Source::remembered("Rosca, Lakshminarayanan and Mohamed 2018 (1802.06847)");

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let shares = |divergence: f64| {
        DIMS.map(|dim| results.arm(&arm_name(dim, divergence)))
            .map(|rows| each(&rows, |row| row.value("share")))
    };
    let misses = DIMS
        .map(|dim| results.arm(&arm_name(dim, NEAR)))
        .map(|rows| each(&rows, |row| Some((row.value("share")? - 1.0).abs())));
    vec![
        claim("vae.C12", "A trained classifier sees less than nine tenths of a divergence of 20 nats between normal laws.")
            .published(ROSCA, "its section on density ratios, Gaussians of known divergence", None)
            .measured("`share`: mean log-ratio of the classifier over fresh samples, over the true KL of 20 nats, the largest of 1, 10 and 100 dimensions")
            .figure("ratio.svg")
            .mean(Region::Below(0.9), &largest(shares(FAR))),
        claim("vae.C12b", "A trained classifier tells a divergence of 1 nat between normal laws to a tenth.")
            .measured("|`share` - 1| at a true KL of 1 nat, the largest of 1, 10 and 100 dimensions")
            .figure("ratio.svg")
            .mean(Region::Below(0.1), &largest(misses)),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let curves = |metric: &str, truth: [(f64, f64); 2]| {
        let mut layers = vec![Layer::Line {
            label: "the truth".into(),
            colour: Colour::Black,
            points: truth.into(),
        }];
        for (dim, colour) in DIMS.into_iter().zip([Colour::Blue, Colour::Vermillion, Colour::Green])
        {
            let at = |divergence: f64| {
                let found = values(&results.arm(&arm_name(dim, divergence)), metric);
                (divergence, found.into_iter().filter(|x| *x > 0.0).collect())
            };
            let label = format!("{dim} dimension{}", if dim == 1 { "" } else { "s" });
            layers.extend(curve(&label, colour, &DIVERGENCES.map(at)));
        }
        layers
    };
    let (least, most) = (DIVERGENCES[0], DIVERGENCES[DIVERGENCES.len() - 1]);
    let estimates = curves("estimate", [(least, least), (most, most)]);
    let shares = curves("share", [(least, 1.0), (most, 1.0)]);
    let axis = |label: &str| Axis::new(label).scaled(Scale::Log);
    vec![Figure {
        name: "ratio".into(),
        title: Title::new("What a classifier sees of a divergence")
            .if_reproduced("vae.C12", "A classifier does not see all of a large divergence"),
        caption: format!(
            "KL between normal laws, against the mean log-ratio of a classifier of two hidden layers. Dots: {}, lines: medians.",
            seeds_of(results)
        ),
        columns: 2,
        height: 320,
        panels: vec![
            panel("What it tells", axis("true KL (nats)"), axis("estimated (nats)"), estimates),
            panel("Over the truth", axis("true KL (nats)"), Axis::new("share seen"), shares),
        ],
    }]
}
