//! Which combinations are run.

use experiments::{name, variant};
use gan::data::images::ImageSet;
use gan::penalty::Perturbation;
use gan::{Adam, Objective, Penalty};
use lab::{Arm, Profile};

use crate::config::{Config, ImageNets, Pictures, Rates, Target, Task};
use crate::settings::REPEATS;

/// Losses and a penalty.
pub(crate) type Variant = (Objective, Penalty);

pub(crate) const OBJECTIVES: [Objective; 5] = [
    Objective::Minimax,
    Objective::NonSaturating,
    Objective::LeastSquares,
    Objective::Hinge,
    Objective::Wasserstein,
];

const fn dragan_form(weight: f64, near: Perturbation) -> Penalty {
    Penalty::Dragan { weight, near, of_probability: false }
}

/// Every penalty at one weight, in the order of the figures.
pub(crate) const fn penalties(weight: f64) -> [Penalty; 10] {
    let one_sided = Perturbation::OneSided;
    [
        Penalty::None,
        Penalty::WeightClip { bound: 0.1 },
        Penalty::Gradient { weight },
        dragan_form(weight, one_sided),
        dragan_form(weight, Perturbation::Centred),
        dragan_form(weight, Perturbation::Normal { deviation: 0.5 }),
        Penalty::Dragan { weight, near: one_sided, of_probability: true },
        Penalty::R1 { weight },
        Penalty::R2 { weight },
        Penalty::Roth { weight },
    ]
}

/// Weight on points; that on images is ten times it.
pub(crate) const WEIGHT: f64 = 1.0;
/// NS-GAN, and the variants that Fedus et al. compare with it, by the penalty's weight.
pub(crate) const fn compared(weight: f64) -> [Variant; 4] {
    let [none, _, gp, dragan, ..] = penalties(weight);
    [
        (Objective::NonSaturating, none),
        (Objective::NonSaturating, gp),
        (Objective::NonSaturating, dragan),
        (Objective::Wasserstein, gp),
    ]
}

/// The line on which the grid of variants is played, and that of the random search.
pub(crate) const LINE: i64 = 8;

/// Digits at half size, and three of them as colours.
pub(crate) const DIGITS: Pictures = Pictures { set: ImageSet::Mnist, shrink: 2, stacked: false };
pub(crate) const STACKED: Pictures = Pictures { stacked: true, ..DIGITS };

struct Size {
    width: i64,
    plane: u64,
    line: u64,
    search: u64,
    images: u64,
    maps: &'static [i64],
    rate: f64,
    pictures: &'static [Pictures],
}

impl Size {
    fn of(profile: Profile) -> Self {
        const FULL: [Pictures; 4] = [
            Pictures { set: ImageSet::Mnist, shrink: 1, stacked: false },
            Pictures { set: ImageSet::Mnist, shrink: 1, stacked: true },
            Pictures { set: ImageSet::FashionMnist, shrink: 1, stacked: false },
            Pictures { set: ImageSet::Cifar10, shrink: 1, stacked: false },
        ];
        match profile {
            Profile::Smoke => Self {
                width: 16,
                plane: 20,
                line: 20,
                search: 20,
                images: 4,
                maps: &[4, 8],
                rate: 1e-3,
                pictures: &[DIGITS, STACKED],
            },
            Profile::Quick => Self {
                width: 32,
                plane: 1_500,
                line: 1_000,
                search: 1_000,
                images: 400,
                maps: &[16, 32],
                rate: 1e-3,
                pictures: &[DIGITS, STACKED],
            },
            Profile::Full => Self {
                width: 128,
                plane: 200_000,
                line: 200_000,
                search: 20_000,
                images: 200_000,
                maps: &[64, 128, 256],
                rate: 1e-4,
                pictures: &FULL,
            },
        }
    }
}

/// Names of arms: what is compared, whatever a profile's size.
pub(crate) fn plane_name(target: Target, variant: Variant) -> String {
    format!("{}/{}", name(&target), variant_name(variant))
}

pub(crate) fn line_name(variant: Variant) -> String {
    format!("line/{}", variant_name(variant))
}

pub(crate) fn search_name(variant: Variant, critic_steps: u32) -> String {
    format!("search/{}/{critic_steps}-critic-steps", variant_name(variant))
}

pub(crate) fn images_name(pictures: Pictures, variant: Variant, critic_batch_norm: bool) -> String {
    let stacked = if pictures.stacked { "stacked-" } else { "" };
    let norm = if critic_batch_norm { "/critic-batch-norm" } else { "" };
    format!("images/{stacked}{}/{}{norm}", name(&pictures.set), variant_name(variant))
}

fn variant_name((objective, penalty): Variant) -> String {
    variant::arm_name(objective, penalty)
}

/// Critic steps of the random search.
pub(crate) const SEARCH_STEPS: [u32; 2] = [1, 5];

/// Seeds of points that train as one stack.
const STACK: u64 = 10;
/// Runs of the random search that train as one stack: settings, each with its repeats.
const SEARCH_STACK: u64 = 20 * REPEATS;

/// Returns the arms of a profile.
pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let size = Size::of(profile);
    let config = |task: Task, (objective, penalty): Variant, steps| Config {
        task,
        objective,
        penalty,
        critic_steps: 1,
        rates: Rates::Adam(Adam::new(1e-3, 0.5, 0.999)),
        batch: 64,
        steps,
    };
    let stacks = if profile == Profile::Full { 3 } else { 1 };
    let points = |name, config| Arm::new(name, config).with_seeds(stacks * STACK, STACK);
    let mut arms = dirac();
    let ring = || Task::Plane { target: Target::Ring, width: size.width };
    let line = || Task::Line { dim: LINE, width: size.width };
    for objective in OBJECTIVES {
        for penalty in penalties(WEIGHT) {
            let variant = (objective, penalty);
            let name = plane_name(Target::Ring, variant);
            arms.push(points(name, config(ring(), variant, size.plane)));
            arms.push(points(line_name(variant), config(line(), variant, size.line)));
        }
    }
    for variant in compared(WEIGHT) {
        let task = Task::Plane { target: Target::Grid, width: size.width };
        let name = plane_name(Target::Grid, variant);
        arms.push(points(name, config(task, variant, size.plane)));
        for critic_steps in SEARCH_STEPS {
            let drawn = Config {
                critic_steps,
                rates: Rates::Drawn,
                ..config(line(), variant, size.search)
            };
            let arm = Arm::new(search_name(variant, critic_steps), drawn);
            arms.push(arm.with_seeds(stacks * SEARCH_STACK, SEARCH_STACK));
        }
    }
    let image_seeds = if profile == Profile::Smoke { 1 } else { 5 };
    for &pictures in size.pictures {
        for (i, variant) in compared(10.0 * WEIGHT).into_iter().enumerate() {
            // On two cores the third, DRAGAN-NS, is left out where images are stacked, and batch norm in the critic
            // is a factor of NS-GAN and GAN-GP alone.
            let few = profile != Profile::Full;
            if few && pictures.stacked && i == 2 {
                continue;
            }
            let both = !pictures.stacked && (!few || i < 2);
            let norms: &[bool] = if both { &[false, true] } else { &[false] };
            for &critic_batch_norm in norms {
                let nets = ImageNets { latent: 32, maps: size.maps.to_vec(), critic_batch_norm };
                let task = Task::Images { pictures, nets };
                let rates = Rates::Adam(Adam::new(size.rate, 0.5, 0.9));
                let config = Config { rates, ..config(task, variant, size.images) };
                let name = images_name(pictures, variant, critic_batch_norm);
                arms.push(Arm::new(name, config).with_seeds(image_seeds, 1));
            }
        }
    }
    arms
}

/// Plain descent at 0.2 for 500 steps, as in the notebook of Mescheder et al.
fn dirac() -> Vec<Arm<Config>> {
    let variants = [
        (Objective::Minimax, Penalty::None),
        (Objective::NonSaturating, Penalty::None),
        (Objective::Wasserstein, Penalty::WeightClip { bound: 1.0 }),
        // Their penalty is half of ours: the derivative of `weight (|psi| - 1)^2` has a factor of two.
        (Objective::Wasserstein, Penalty::Gradient { weight: 0.35 }),
        (Objective::NonSaturating, Penalty::R1 { weight: 0.3 }),
        (Objective::NonSaturating, Penalty::R1 { weight: 1.0 }),
        (Objective::Minimax, Penalty::R1 { weight: 0.3 }),
        (Objective::Minimax, Penalty::R1 { weight: 1.0 }),
    ];
    let order = |(objective, penalty)| {
        [(true, 1), (false, 1), (false, 5)].map(|(simultaneous, critic_steps)| {
            let config = Config {
                task: Task::Dirac { simultaneous },
                objective,
                penalty,
                critic_steps,
                rates: Rates::Descent(0.2),
                batch: 1,
                steps: 500,
            };
            let variant = variant_name((objective, penalty));
            let order = if simultaneous { "simultaneous" } else { "alternating" };
            Arm::new(format!("{DIRAC}/{variant}/{order}-{critic_steps}"), config)
        })
    };
    variants.into_iter().flat_map(order).collect()
}

/// What the names of Dirac-GANs begin with.
pub(crate) const DIRAC: &str = "dirac";
