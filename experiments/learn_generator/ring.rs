//! A network learns the ring from a distance between samples alone (F05): which distances are enough without a critic?

use gan::data::{GaussianMixture, Target};
use gan::device::to_vec;
use gan::objective::{Discrepancy, Entropy};
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Rng, range};
use garde::Validate;
use lab::figure::{Axis, Colour, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Row, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{Group, dots, panel, ranking, seeds_of, short};
use shared::colour;
use shared::colour::SERIES;
use shared::contrast::{log_ratio, metric, values};
use shared::{Outcomes, Resumable, Task, array, claim, name, points, summary};
use stats::distance::Points;
use stats::distance::transport::sliced_wasserstein_to_the;
use stats::modes::Mixture;
use stats::robust;
use tch::{Kind, Tensor};

use crate::{seeds, streams};

/// One generator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The distance that it minimises.
    #[garde(dive)]
    discrepancy: Discrepancy,
    /// Samples of each side in a step, all of whose pairs are compared.
    #[garde(range(min = 1, max = 8_192))]
    batch: i64,
    /// Updates.
    #[garde(custom(range::steps))]
    steps: u64,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        (self.batch * self.steps as i64) as f64 / 5.0
    }
}

/// Eight modes on a circle of radius 2.
fn target() -> GaussianMixture {
    GaussianMixture::ring(8, 2.0, 0.1)
}

/// The kernels of the fixed maximum mean discrepancy: from within a mode to across the ring.
fn kernels() -> Discrepancy {
    Discrepancy::Mmd { bandwidths: vec![0.1, 0.5, 2.0] }
}

fn sliced() -> Discrepancy {
    Discrepancy::SlicedWasserstein { directions: 100 }
}

fn entropy(epsilon: f64) -> Entropy {
    Entropy { epsilon, iterations: 20 }
}

/// Batches of the fixed kernel, small and large.
const MMD_BATCHES: [i64; 2] = [32, 256];
/// Weights of the entropy, small and large.
const EPSILONS: [f64; 2] = [0.1, 2.0];

fn arm_name(discrepancy: &Discrepancy) -> String {
    format!("ring/{}", name(discrepancy))
}

/// The fixed kernel with batches of one size.
fn mmd_name(batch: i64) -> String {
    format!("ring/mmd/batch-{batch}")
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 6;
    let (batch, steps) = match profile {
        Profile::Smoke => (8, 2),
        Profile::Quick | Profile::Reference => (64, 600),
        Profile::Full => (256, 10_000),
    };
    let arm = |name: String, discrepancy: Discrepancy, batch: i64| {
        let arm = Arm::new(name, Config { discrepancy, batch, steps });
        arm.with_seeds(seeds(profile, STACK), STACK).with_quick_seeds(6)
    };
    let transports = EPSILONS.into_iter().flat_map(|epsilon| {
        let entropy = entropy(epsilon);
        [Discrepancy::Sinkhorn(entropy), Discrepancy::EntropicTransport(entropy)]
    });
    let moments = MMD_BATCHES.map(|batch| arm(mmd_name(batch), kernels(), batch));
    let others = [sliced()].into_iter().chain(transports);
    let others = others.map(|discrepancy| arm(arm_name(&discrepancy), discrepancy, batch));
    moments.into_iter().chain(others).collect()
}

/// Dimension of the latent.
const LATENT: i64 = 8;
/// Steps between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 50;
/// Samples that measures read, and directions of the sliced distance.
const MEASURED: i64 = 2_500;
const DIRECTIONS: usize = 64;
/// Samples that the figure shows.
const SHOWN: i64 = 400;

shared::state! {
    /// The generator and where it draws from.
    struct State {
        generator: Player<Mlp>,
        data: Rng,
        latent: Rng,
        directions: Rng,
    }
}

/// Trains a generator to minimise the distance of its samples from the ring's.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { discrepancy, batch, steps } = config;
    let (root, target) = (streams(run), target());
    let net = Mlp::new(&[LATENT, 64, 64, 2], Activation::Relu);
    let mut state = State {
        generator: Player::new(net, Adam::new(3e-3, 0.9, 0.999), &mut root.fork("generator")),
        data: root.fork("data"),
        latent: root.fork("latent"),
        directions: root.fork("directions"),
    };
    let start = state.resume(run);
    for step in start..*steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (step, *steps))?;
        }
        let real = target.sample(&mut state.data, *batch);
        let fake = state.generator.apply(&state.latent.normal(&[*batch, LATENT]));
        state.generator.descend(&discrepancy.value(&real, &fake, &mut state.directions));
    }
    let mut eval = root.fork("eval");
    let fake = state.generator.apply(&eval.normal(&[MEASURED, LATENT])).detach();
    let real = target.sample(&mut eval, MEASURED);
    measure(&target, [&fake, &real], *steps, run)
}

/// How far each member's samples are from the ring's, how wide they spread, and which modes they hold.
fn measure(target: &GaussianMixture, samples: [&Tensor; 2], steps: u64, run: &mut Run) -> Outcomes {
    let mixture = Mixture { centres: target.centres.clone(), sigma: target.sigma };
    let mut results = Vec::new();
    for (i, seed) in run.seeds.clone().into_iter().enumerate() {
        let cloud = points(samples[0], i);
        let [fake, real] = samples.map(|x| x.select(0, i as i64));
        if fake.isfinite().all().int64_value(&[]) == 0 {
            results.push(summary(steps, [("distance", f64::NAN)]));
            continue;
        }
        let coverage = mixture.coverage(&cloud);
        let as_points = |x| Points::new(2, to_vec(x));
        let distance =
            sliced_wasserstein_to_the(2.0, &as_points(&fake), &as_points(&real), DIRECTIONS, seed);
        let spread = |x: &Tensor| {
            x.var_dim([0i64].as_slice(), true, false).sum(Kind::Double).double_value(&[])
        };
        run.sample(i, "points", array(&fake.narrow(0, 0, SHOWN)));
        let numbers = [
            ("distance", distance),
            ("spread", spread(&fake) / spread(&real)),
            ("modes_held", coverage.modes_held as f64),
            ("high_quality_3", coverage.high_quality[1]),
        ];
        results.push(summary(steps, numbers));
    }
    Ok(results)
}

const FEYDY: &str = "Feydy et al. 2019 (1810.08278): entropy shrinks the optimum of transport, its debiased form does not";

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [small, large] = MMD_BATCHES.map(|batch| results.arm(&mmd_name(batch)));
    let blurred = Discrepancy::EntropicTransport(entropy(EPSILONS[1]));
    let debiased = Discrepancy::Sinkhorn(entropy(EPSILONS[1]));
    let of = |discrepancy, number| metric(&results.arm(&arm_name(discrepancy)), number);
    vec![
        claim(
            "learn.F05f",
            "A generator that matches the moments of a fixed kernel needs large batches.",
        )
        .ours_after("Li, Swersky and Zemel 2015 (1502.02761), who use 1,000")
        .measured("ln `distance` to the ring, MMD with batches of 32 minus 256")
        .figure("ring.svg")
        .mean(Region::Above(0.0), &log_ratio((&small, &large), "distance")),
        claim("learn.F05g", "A generator that minimises entropic transport shrinks.")
            .derived(FEYDY, None)
            .measured("`spread` of samples, entropic transport of epsilon 2")
            .figure("spread.svg")
            .mean(Region::Below(0.8), &of(&blurred, "spread")),
        claim(
            "learn.F05h",
            "A generator that minimises the Sinkhorn divergence keeps the data's spread.",
        )
        .derived(FEYDY, None)
        .measured("`spread` of samples, Sinkhorn divergence of epsilon 2")
        .figure("spread.svg")
        .mean(Region::Within(0.8, 1.2), &of(&debiased, "spread")),
        claim(
            "learn.F05i",
            "Sliced transport leads a generator to every mode of the ring without a critic.",
        )
        .measured("`modes_held` of 8, sliced Wasserstein distance along 100 directions")
        .figure("ring.svg")
        .mean(Region::Above(7.5), &of(&sliced(), "modes_held")),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![ring(results), spread(results)]
}

/// The generators of one distance, by name.
type Named<'a> = (String, Vec<&'a Row<Config>>);

fn named(results: &Results<Config>) -> Vec<Named<'_>> {
    let mut named: Vec<Named> = Vec::new();
    for batch in MMD_BATCHES {
        named.push((format!("MMD, batches of {batch}"), results.arm(&mmd_name(batch))));
    }
    named.push(("sliced Wasserstein".into(), results.arm(&arm_name(&sliced()))));
    for epsilon in EPSILONS {
        let entropy = entropy(epsilon);
        for (name, discrepancy) in [
            ("Sinkhorn divergence", Discrepancy::Sinkhorn(entropy)),
            ("entropic transport", Discrepancy::EntropicTransport(entropy)),
        ] {
            named
                .push((format!("{name}, epsilon {epsilon}"), results.arm(&arm_name(&discrepancy))));
        }
    }
    named
}

/// What each distance makes of the ring.
fn ring(results: &Results<Config>) -> Figure {
    let cloud = |(name, rows): &Named| {
        let points = rows.first().and_then(|row| row.samples.get("points"));
        let points = points.map(lab::Array::to_points).unwrap_or_default();
        let axis = || Axis::bare(-3.0, 3.0);
        let centres = target().centres.into_iter().map(Into::into).collect();
        let layers =
            vec![dots(colour::TARGET, 5, 0.5, centres), dots(Colour::Blue, 1, 0.6, points)];
        let distance = values(rows, "distance");
        let title = if distance.is_empty() {
            name.clone()
        } else {
            format!("{name}: {}", short(robust::median(&distance)))
        };
        panel(&title, axis(), axis(), layers)
    };
    Figure {
        name: "ring".into(),
        title: Title::new(
            "Generators without a critic, and their squared sliced distance to the ring",
        )
        .if_reproduced("learn.F05f", "Matching moments of a fixed kernel needs large batches"),
        caption: format!(
            "400 samples of one seed in blue, the modes in grey; numbers: medians of {}.",
            seeds_of(results)
        ),
        columns: 4,
        height: 200,
        panels: named(results).iter().map(cloud).collect(),
    }
}

/// How wide each of them spreads.
fn spread(results: &Results<Config>) -> Figure {
    let named = named(results);
    let group = |((name, rows), colour): (&Named, Colour)| -> Group {
        (name.clone(), colour, values(rows, "spread"))
    };
    let groups: Vec<Group> = named.iter().zip(SERIES).map(group).collect();
    let axis = Axis::new("variance over the data's");
    Figure {
        name: "spread".into(),
        title: Title::new("The spread of a generator under entropic transport").if_reproduced(
            "learn.F05g",
            "Entropic transport shrinks a generator, the more the larger epsilon is",
        ),
        caption: format!(
            "Dots: {}; bars: median with its 95 % interval; dashed: the data's.",
            seeds_of(results)
        ),
        columns: 1,
        height: 280,
        panels: vec![ranking("", axis, &groups, &[1.0])],
    }
}
