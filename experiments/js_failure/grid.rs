//! Which combinations are run.

use experiments::variant;
use gan::optim::{RmsProp, Rule, Sgd};
use gan::penalty::Perturbation;
use gan::{Objective, Penalty};
use lab::{Arm, Profile};

use crate::config::{Config, Critic, Start, Task, World, adam};

pub(crate) type Variant = (Objective, Penalty);

/// Weight of every penalty unless named.
pub(crate) const WEIGHT: f64 = 1.0;
pub(crate) const MINIMAX: Variant = (Objective::Minimax, Penalty::None);
pub(crate) const NON_SATURATING: Variant = (Objective::NonSaturating, Penalty::None);
pub(crate) const CLIPPED: Variant = (Objective::Wasserstein, Penalty::WeightClip { bound: 0.05 });
pub(crate) const WGAN_GP: Variant = (Objective::Wasserstein, Penalty::Gradient { weight: WEIGHT });
pub(crate) const GAN_GP: Variant = gan_gp(WEIGHT);
pub(crate) const MINIMAX_GP: Variant = (Objective::Minimax, Penalty::Gradient { weight: WEIGHT });
pub(crate) const DRAGAN_NS: Variant = dragan(WEIGHT);
const R1: Variant = (Objective::NonSaturating, Penalty::R1 { weight: WEIGHT });
const R2: Variant = (Objective::NonSaturating, Penalty::R2 { weight: WEIGHT });
const ROTH: Variant = (Objective::NonSaturating, Penalty::Roth { weight: WEIGHT });

/// Every variant, in the order of the figures.
pub(crate) const ALL: [Variant; 10] =
    [MINIMAX, NON_SATURATING, CLIPPED, WGAN_GP, GAN_GP, DRAGAN_NS, MINIMAX_GP, R1, R2, ROTH];
/// Variants whose path through the plane is drawn.
pub(crate) const PICTURED: [Variant; 6] =
    [MINIMAX, NON_SATURATING, CLIPPED, WGAN_GP, GAN_GP, DRAGAN_NS];

pub(crate) const fn gan_gp(weight: f64) -> Variant {
    (Objective::NonSaturating, Penalty::Gradient { weight })
}

pub(crate) const fn dragan(weight: f64) -> Variant {
    let near = Perturbation::OneSided;
    (Objective::NonSaturating, Penalty::Dragan { weight, near, of_probability: false })
}

/// One and two hidden layers.
pub(crate) const SHALLOW: usize = 1;
pub(crate) const DEEP: usize = 2;

/// How large a profile is.
struct Size {
    /// Units of a hidden layer.
    width: i64,
    /// Updates of the generator in the common games.
    steps: u64,
    /// The same in games with one critic step, which cost a fraction.
    long: u64,
    /// The same where minimax and non-saturating losses meet on the parallel line.
    duel: u64,
    /// Updates of the critic in a frozen one.
    frozen: u64,
    /// Updates of the critic that each number of critic steps gets in the games that compare them.
    critic_budget: u64,
    /// Dimensions in the sweep over them.
    dims: &'static [i64],
    /// The largest number of critic steps per step.
    most_critic_steps: u32,
}

impl Size {
    fn of(profile: Profile) -> Self {
        match profile {
            Profile::Smoke => Self {
                width: 16,
                steps: 20,
                long: 40,
                duel: 30,
                frozen: 60,
                critic_budget: 100,
                dims: &[2, 4],
                most_critic_steps: 20,
            },
            Profile::Quick => Self {
                width: 32,
                steps: 3_000,
                long: 10_000,
                duel: 5_000,
                frozen: 2_000,
                critic_budget: 10_000,
                dims: &[2, 4, 16, 64],
                most_critic_steps: 100,
            },
            Profile::Full => Self {
                width: 128,
                steps: 200_000,
                long: 200_000,
                duel: 200_000,
                frozen: 4_000,
                critic_budget: 1_000_000,
                dims: &[2, 4, 8, 16, 32, 64, 128, 256],
                most_critic_steps: 100,
            },
        }
    }

    /// Updates of the generator at which unlike numbers of critic steps are compared: 500 at `quick`.
    fn equal_steps(&self) -> u64 {
        self.critic_budget / 20
    }

    fn config(&self, task: Task, variant: Variant, layers: usize, critic_steps: u32) -> Config {
        let rule = match variant.1 {
            // As Arjovsky et al. have it; its rate is raised twentyfold for runs that are so much shorter.
            Penalty::WeightClip { .. } => {
                Rule::RmsProp(RmsProp { learning_rate: 1e-3, decay: 0.99 })
            }
            _ => adam(1e-3),
        };
        Config {
            task,
            objective: variant.0,
            penalty: variant.1,
            critic: Critic { hidden: vec![self.width; layers], steps: critic_steps, rule },
            generator: rule,
            batch: 64,
            steps: self.steps,
        }
    }
}

pub(crate) const PARALLEL: World = World::Line { dim: 2, latent: 1, start: Start::Parallel };

/// A random start.
pub(crate) const fn random(dim: i64, latent: i64) -> World {
    World::Line { dim, latent, start: Start::Random }
}

/// Where penalties are compared.
pub(crate) const COMPARED: World = random(4, 1);
/// Where learning rates are.
pub(crate) const RATED: World = random(8, 1);
/// Weights of penalties.
pub(crate) const WEIGHTS: [f64; 3] = [0.1, 1.0, 10.0];
/// Learning rates.
pub(crate) const RATES: [f64; 3] = [1e-4, 1e-3, 1e-2];
/// Variants whose error is drawn against dimension and, but for the first, learning rate.
pub(crate) const CURVES: [Variant; 5] = [MINIMAX, NON_SATURATING, WGAN_GP, GAN_GP, DRAGAN_NS];
/// Deviations between the normal laws of the exact critic.
const SHIFTS: [f64; 7] = [0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 16.0];

/// Names of arms: what is compared, whatever a profile's size.
pub(crate) fn frozen_name(dim: i64, variant: Variant) -> String {
    format!("frozen/dim-{dim}/{}", variant_name(variant))
}

/// A game with an optimiser; the usual one, Adam at 1e-3 or clipping's own, has no name.
pub(crate) fn game_name(
    world: World,
    variant: Variant,
    (layers, critic_steps): (usize, u32),
    rule: Rule,
) -> String {
    let world = match world {
        World::Segments => "segments".to_owned(),
        PARALLEL => "parallel".to_owned(),
        World::Line { dim, latent, .. } => format!("line/dim-{dim}-latent-{latent}"),
    };
    let rule = match rule {
        Rule::Sgd(_) => "/descent".to_owned(),
        Rule::Adam(adam) if adam.learning_rate.total_cmp(&1e-3).is_ne() => {
            format!("/rate-{}", adam.learning_rate)
        }
        _ => String::new(),
    };
    let variant = variant_name(variant);
    format!("{world}/{variant}/{layers}-layers-{critic_steps}-critic-steps{rule}")
}

fn variant_name((objective, penalty): Variant) -> String {
    variant::arm_name(objective, penalty)
}

/// What the names of exact critics begin with.
pub(crate) const EXACT: &str = "exact";

/// Seeds that train as one stack.
const STACK: u64 = 10;

/// Who reads an arm, which says how many seeds it gets.
#[derive(Clone, Copy, PartialEq)]
enum Reader {
    /// A claim that compares it with another arm by shares or close numbers.
    Contrast,
    /// Another claim, or a sentence that counts seeds.
    Claim,
    /// A curve or a row of a figure.
    Figure,
}

impl Reader {
    /// Returns the number of seeds, and how many train as one stack.
    fn seeds(self, profile: Profile) -> (u64, u64) {
        let stack = if self == Self::Figure { STACK / 2 } else { STACK };
        let seeds = match profile {
            Profile::Full => 3 * STACK,
            Profile::Quick if self == Self::Contrast => 2 * STACK,
            _ => stack,
        };
        (seeds, stack)
    }
}

/// Returns the arms of a profile.
pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    use Reader::{Claim, Contrast, Figure};

    let size = Size::of(profile);
    let task = |world, audit| Task::Game { world, audit };
    let game = |world, variant, layers, critic_steps| {
        size.config(task(world, false), variant, layers, critic_steps)
    };
    let long = |world, variant| Config { steps: size.long, ..game(world, variant, SHALLOW, 1) };
    let audited = |world, variant| size.config(task(world, true), variant, DEEP, 5);
    let arm = |reader: Reader, config: Config| {
        let (seeds, stack) = reader.seeds(profile);
        Arm::new(arm_name(&config), config).with_seeds(seeds, stack)
    };
    let mut arms: Vec<Arm<Config>> = Vec::new();

    let exact = |shift| Config { steps: 0, ..size.config(Task::Exact { shift }, MINIMAX, DEEP, 1) };
    arms.extend(SHIFTS.map(exact).map(|config| Arm::new(arm_name(&config), config)));
    for dim in [2, 16] {
        for variant in [NON_SATURATING, GAN_GP] {
            let frozen = size.config(Task::Frozen { dim }, variant, DEEP, 1);
            let read = dim == 2 && variant == NON_SATURATING;
            let reader = if read { Claim } else { Figure };
            arms.push(arm(reader, Config { steps: size.frozen, ..frozen }));
        }
    }

    // Pictures, with the divergence beside them.
    for variant in [MINIMAX, NON_SATURATING, WGAN_GP, GAN_GP] {
        let config = Config { steps: size.steps / 3, ..audited(World::Segments, variant) };
        arms.push(arm(Claim, config));
    }
    for variant in PICTURED {
        arms.push(match variant {
            MINIMAX | NON_SATURATING => {
                arm(Contrast, Config { steps: size.duel, ..audited(PARALLEL, variant) })
            }
            GAN_GP => arm(Claim, audited(PARALLEL, variant)),
            _ => arm(Figure, game(PARALLEL, variant, DEEP, 5)),
        });
    }
    // Plain descent shows the size of gradients, which Adam hides.
    for variant in [MINIMAX, NON_SATURATING, GAN_GP] {
        let mut config = game(PARALLEL, variant, DEEP, 5);
        (config.generator, config.critic.rule) = (DESCENT, DESCENT);
        arms.push(arm(Claim, config));
    }
    // How strong the critic is: the same budget of its updates, and of the generator's along the way.
    for critic_steps in [1, 10, size.most_critic_steps] {
        for variant in [MINIMAX, NON_SATURATING] {
            let config = game(PARALLEL, variant, DEEP, critic_steps);
            let steps = size.critic_budget / u64::from(critic_steps);
            // Long enough for the comparison at equal numbers of the generator's updates too.
            arms.push(arm(Claim, Config { steps: steps.max(size.equal_steps()), ..config }));
        }
    }

    for variant in ALL {
        let reader = match variant {
            NON_SATURATING | GAN_GP | DRAGAN_NS => Contrast,
            MINIMAX | MINIMAX_GP => Claim,
            _ => Figure,
        };
        arms.push(arm(reader, game(COMPARED, variant, DEEP, 5)));
    }
    // Other weights carry no claim, and the random search of `penalty_ablation` draws them: `quick` leaves them out.
    if profile != Profile::Quick {
        for weight in WEIGHTS.into_iter().filter(|weight| *weight != WEIGHT) {
            let variants = [gan_gp(weight), dragan(weight)];
            arms.extend(variants.map(|v| arm(Figure, game(COMPARED, v, DEEP, 5))));
        }
    }

    let reader = |variant| if variant == NON_SATURATING { Claim } else { Figure };
    for &dim in size.dims {
        let world = random(dim, 1);
        arms.push(arm(Claim, long(world, NON_SATURATING)));
        for variant in CURVES {
            let swept = game(world, variant, SHALLOW, 5);
            arms.push(arm(reader(variant), Config { steps: size.steps * 2 / 3, ..swept }));
        }
    }
    for dim in [4, 16] {
        for variant in [NON_SATURATING, GAN_GP] {
            arms.push(arm(reader(variant), long(random(dim, dim), variant)));
        }
    }
    for rate in RATES {
        for &variant in &CURVES[1..] {
            let mut config = game(RATED, variant, DEEP, 5);
            (config.generator, config.critic.rule) = (adam(rate), adam(rate));
            config.steps /= 3;
            arms.push(arm(Figure, config));
        }
    }
    arms
}

/// Plain descent.
pub(crate) const DESCENT: Rule = Rule::Sgd(Sgd { learning_rate: 0.02 });

fn arm_name(config: &Config) -> String {
    let variant = (config.objective, config.penalty);
    match config.task {
        Task::Exact { shift } => format!("{EXACT}/shift-{shift}"),
        Task::Frozen { dim } => frozen_name(dim, variant),
        Task::Game { world, .. } => {
            let critic = (config.critic.hidden.len(), config.critic.steps);
            game_name(world, variant, critic, config.generator)
        }
    }
}
