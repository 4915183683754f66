//! Which combinations are run.

use gan::data::images::ImageSet;
use gan::penalty::Perturbation;
use gan::{Adam, Objective, Penalty};
use lab::Profile;

use crate::config::{Config, ImageNets, Pictures, Rates, Target, Task};

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

/// Returns the configurations of a profile.
pub(crate) fn grid(profile: Profile) -> Vec<Config> {
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
    let mut grid = dirac();
    let ring = || Task::Plane { target: Target::Ring, width: size.width };
    let line = || Task::Line { dim: LINE, width: size.width };
    for objective in OBJECTIVES {
        for penalty in penalties(WEIGHT) {
            grid.push(config(ring(), (objective, penalty), size.plane));
            grid.push(config(line(), (objective, penalty), size.line));
        }
    }
    for variant in compared(WEIGHT) {
        let task = Task::Plane { target: Target::Grid, width: size.width };
        grid.push(config(task, variant, size.plane));
        for critic_steps in [1, 5] {
            let drawn = Config {
                critic_steps,
                rates: Rates::Drawn,
                ..config(line(), variant, size.search)
            };
            grid.push(drawn);
        }
    }
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
                grid.push(Config { rates, ..config(task, variant, size.images) });
            }
        }
    }
    grid
}

/// Plain descent at 0.2 for 500 steps, as in the notebook of Mescheder et al.
fn dirac() -> Vec<Config> {
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
        [(true, 1), (false, 1), (false, 5)].map(|(simultaneous, critic_steps)| Config {
            task: Task::Dirac { simultaneous },
            objective,
            penalty,
            critic_steps,
            rates: Rates::Descent(0.2),
            batch: 1,
            steps: 500,
        })
    };
    variants.into_iter().flat_map(order).collect()
}
