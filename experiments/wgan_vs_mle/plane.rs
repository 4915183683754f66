//! Does it depend on the target what a WGAN costs in likelihood? (B1)
//!
//! Four distributions on the plane, each learnt by the same flow under maximum likelihood and under a WGAN: a flow's
//! own samples and moons have a smooth density with full support, eight Gaussians and a circle are broken or thin.

use gan::Adam;
use gan::flow::{Affine, Base};
use lab::figure::{Axis, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Row};
use shared::chart::{dots, panel};
use shared::colour;
use shared::contrast::{Sample, difference, each, join, median, median_of};
use shared::{Source, claim, name, with_parts};

use crate::chart::profile;
use crate::config::{Config, Critic, Measure, Training, likelihood_adam};
use crate::data::Data;
use crate::flow::FlowShape;
use crate::{LIKELIHOOD, WGAN, pictured};

/// The targets, the easy two first.
const TARGETS: [(Data, &str); 4] = [
    (Data::Teacher, "a flow's own samples"),
    (Data::Moons, "moons"),
    (Data::EightGaussians, "eight Gaussians"),
    (Data::Circle, "circle"),
];

fn arm_name(data: Data, way: &str) -> String {
    format!("plane/{}/{way}", name(&data))
}

/// Hidden width of flow and critic.
fn width(profile: Profile) -> i64 {
    if profile == Profile::Smoke { 8 } else { 64 }
}

/// Returns the configuration of a flow of the plane.
pub(crate) fn config(profile: Profile, data: Data, training: Training) -> Config {
    let width = width(profile);
    let (updates, critic_steps) = match profile {
        Profile::Smoke => (4, 5),
        Profile::Quick | Profile::Reference => (1_000, 300),
        Profile::Full => (20_000, 5_000),
    };
    Config {
        data,
        likelihood: data.likelihood(),
        adam: match training {
            Training::MaximumLikelihood => likelihood_adam(),
            _ => Adam::new(2e-4, 0.5, 0.9),
        },
        training,
        flow: FlowShape {
            coupling: Affine::Affine,
            couplings: 6,
            hidden: vec![width; 2],
            residual: None,
            batch_statistics: false,
            base: Base::Normal,
            alpha: 0.0,
        },
        batch: 128,
        steps: updates,
        training_images: 0,
        held_out: 2_000,
        early_looks: false,
        measures: vec![Measure::IndependentCritic(critic_steps)],
    }
}

/// Gives an arm of the plane its seeds; small layers want large stacks.
pub(crate) fn with_seeds(profile: Profile, arm: Arm<Config>) -> Arm<Config> {
    let seeds = match profile {
        Profile::Smoke => 1,
        Profile::Full => 10,
        Profile::Quick | Profile::Reference => 20,
    };
    arm.with_seeds(seeds, 10).with_quick_seeds(10)
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let wgan = Critic::penalised(&[width(profile); 3], 1e-3, 0.1).game(0.0);
    let ways = [(LIKELIHOOD, Training::MaximumLikelihood), (WGAN, wgan)];
    let of_target = |(data, _)| {
        ways.clone().map(|(way, training)| {
            let config = config(profile, data, training);
            with_seeds(profile, Arm::new(arm_name(data, way), config))
        })
    };
    TARGETS.into_iter().flat_map(of_target).collect()
}

/// The text was read.
const BAI: Source = Source::read("Bai et al. 2019, Approximability of Discriminators (1806.10586)");

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let rows = |data, way| results.arm(&arm_name(data, way));
    let loss = |data| difference((&rows(data, WGAN), &rows(data, LIKELIHOOD)), "kl_nats");
    let easy = join(&loss(Data::Teacher), &loss(Data::Moons), f64::midpoint);
    let hard = join(&loss(Data::EightGaussians), &loss(Data::Circle), f64::midpoint);
    let left = |data| {
        let share =
            |row: &Row<Config>| Some(row.value("kl_nats")? / row.value("kl_nats_at_start")?);
        median_of(&rows(data, WGAN), share)
    };
    let above_easy = |loss: &Sample| join(loss, &easy, |hard, easy| hard - easy);
    let [gaussians, circle] = [Data::EightGaussians, Data::Circle].map(|d| above_easy(&loss(d)));
    let dependence = claim("flow.B1", "What a WGAN costs a flow in likelihood is small on smooth targets with full support and large on thin or broken ones.")
        .published(BAI, "sections 1 and 5", None)
        .measured("KL divergence of model from data in nats (`kl_nats`), WGAN-GP minus maximum likelihood; mean of eight Gaussians and circle minus mean of a flow's samples and moons")
        .figure("plane.svg")
        .gate(
            "largest share of its KL divergence at the start that a WGAN's flow has left, of the four targets, medians over seeds,",
            Region::Below(0.5),
            TARGETS.map(|(data, _)| left(data)).into_iter().reduce(|a, b| Some(a?.max(b?))).flatten(),
        )
        .mean(Region::Above(0.5), &above_easy(&hard));
    let wgan = rows(Data::Teacher, WGAN);
    let fall = |row: &Row<Config>| Some(row.value("kl_nats_at_start")? - row.value("kl_nats")?);
    vec![
        with_parts(dependence, &[("eight Gaussians", &gaussians), ("circle", &circle)]),
        claim("flow.B1b", "On a target that a flow made, a WGAN reduces the flow's KL divergence from the data.")
            .published(BAI, "section 5", None)
            .measured("KL divergence of model from data in nats before training minus after (`kl_nats_at_start` - `kl_nats`), WGAN-GP on a flow's samples")
            .figure("plane.svg")
            .mean(Region::Above(0.0), &each(&wgan, fall)),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![targets(results)]
}

fn targets(results: &Results<Config>) -> Figure {
    let mut panels = Vec::new();
    for (way, title, colour) in
        [(LIKELIHOOD, "likelihood", colour::LIKELIHOOD), (WGAN, "WGAN-GP", colour::WGAN_GP)]
    {
        for (data, target) in TARGETS {
            let rows = results.arm(&arm_name(data, way));
            let samples = pictured(&rows).and_then(|row| row.samples.get("samples"));
            let points = samples.map_or_else(Vec::new, lab::Array::to_points);
            let kl = median(&rows, "kl_nats").unwrap_or(f64::NAN);
            let size = match data {
                Data::Teacher => 6.0,
                Data::Moons => 2.2,
                _ => 3.2,
            };
            let axis = || Axis::bare(-size, size);
            let layers = vec![dots(colour, 2, 0.5, points)];
            let title = format!("{target}, {title}: KL {kl:.2}");
            panels.push(panel(&title, axis(), axis(), layers));
        }
    }
    Figure {
        name: "plane".into(),
        title: Title::new("One flow on four targets")
            .if_reproduced("flow.B1", "What a WGAN costs in likelihood depends on the target"),
        caption: format!(
            "{}; samples of seed 0; in titles the median over seeds of KL(data | model) in nats, exact up to \
             2,000 test points.",
            profile(results)
        ),
        columns: 4,
        height: 200,
        panels,
    }
}
