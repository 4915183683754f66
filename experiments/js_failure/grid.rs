//! Which combinations are run.

use gan::optim::{RmsProp, Rule, Sgd};
use gan::penalty::Perturbation;
use gan::{Objective, Penalty};
use lab::Profile;

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

/// Returns the configurations of a profile.
pub(crate) fn grid(profile: Profile) -> Vec<Config> {
    let size = Size::of(profile);
    let game = |world, audit| Task::Game { world, audit };
    let arm = |world, variant, layers, critic_steps| {
        size.config(game(world, false), variant, layers, critic_steps)
    };
    let long = |world, variant| Config { steps: size.long, ..arm(world, variant, SHALLOW, 1) };
    let audited = |world, variant| size.config(game(world, true), variant, DEEP, 5);
    let mut grid: Vec<Config> = Vec::new();

    let exact = |shift| Config { steps: 0, ..size.config(Task::Exact { shift }, MINIMAX, DEEP, 1) };
    grid.extend(SHIFTS.map(exact));
    for dim in [2, 16] {
        for variant in [NON_SATURATING, GAN_GP] {
            let frozen = size.config(Task::Frozen { dim }, variant, DEEP, 1);
            grid.push(Config { steps: size.frozen, ..frozen });
        }
    }

    // Pictures, with the divergence beside them.
    for variant in [MINIMAX, NON_SATURATING, WGAN_GP, GAN_GP] {
        grid.push(Config { steps: size.steps / 3, ..audited(World::Segments, variant) });
    }
    for variant in PICTURED {
        grid.push(match variant {
            MINIMAX | NON_SATURATING => Config { steps: size.duel, ..audited(PARALLEL, variant) },
            GAN_GP => audited(PARALLEL, variant),
            _ => arm(PARALLEL, variant, DEEP, 5),
        });
    }
    // Plain descent shows the size of gradients, which Adam hides.
    for variant in [MINIMAX, NON_SATURATING, GAN_GP] {
        let mut config = arm(PARALLEL, variant, DEEP, 5);
        let rule = Rule::Sgd(Sgd { learning_rate: 0.02 });
        (config.generator, config.critic.rule) = (rule, rule);
        grid.push(config);
    }
    // How strong the critic is: the same budget of its updates, and of the generator's along the way.
    for critic_steps in [1, 10, size.most_critic_steps] {
        for variant in [MINIMAX, NON_SATURATING] {
            let config = arm(PARALLEL, variant, DEEP, critic_steps);
            let steps = size.critic_budget / u64::from(critic_steps);
            // Long enough for the comparison at equal numbers of the generator's updates too.
            grid.push(Config { steps: steps.max(size.equal_steps()), ..config });
        }
    }

    for variant in ALL {
        grid.push(arm(COMPARED, variant, DEEP, 5));
    }
    // Other weights carry no claim, and the random search of `penalty_ablation` draws them: `quick` leaves them out.
    if profile != Profile::Quick {
        for weight in WEIGHTS.into_iter().filter(|weight| *weight != WEIGHT) {
            grid.extend([gan_gp(weight), dragan(weight)].map(|v| arm(COMPARED, v, DEEP, 5)));
        }
    }

    for &dim in size.dims {
        let world = random(dim, 1);
        grid.push(long(world, NON_SATURATING));
        let swept =
            |variant| Config { steps: size.steps * 2 / 3, ..arm(world, variant, SHALLOW, 5) };
        grid.extend(CURVES.map(swept));
    }
    for dim in [4, 16] {
        for variant in [NON_SATURATING, GAN_GP] {
            grid.push(long(random(dim, dim), variant));
        }
    }
    for rate in RATES {
        for &variant in &CURVES[1..] {
            let mut config = arm(RATED, variant, DEEP, 5);
            (config.generator, config.critic.rule) = (adam(rate), adam(rate));
            config.steps /= 3;
            grid.push(config);
        }
    }
    grid
}

/// Whether a claim compares this arm with another one by shares or close numbers, which takes more seeds.
pub(crate) fn is_compared(config: &Config) -> bool {
    let variant = (config.objective, config.penalty);
    let world = |world| matches!(config.task, Task::Game { world: w, .. } if w == world);
    let usual = config.critic.steps == 5 && config.generator == adam(1e-3);
    let parallel = world(PARALLEL) && [MINIMAX, NON_SATURATING].contains(&variant);
    let random = world(COMPARED) && [NON_SATURATING, GAN_GP, DRAGAN_NS].contains(&variant);
    // The sweep over dimensions has the same world, with a shallow critic.
    usual && config.critic.hidden.len() == DEEP && (parallel || random)
}

/// Whether a claim, or a sentence that counts seeds, reads this arm; the others fill a curve or a row of a figure.
pub(crate) fn is_claimed(config: &Config) -> bool {
    let deep = config.critic.hidden.len() == DEEP;
    let read: &[Variant] = match config.task {
        Task::Exact { .. } | Task::Game { world: World::Segments, .. } => return true,
        Task::Frozen { dim: 2 } => &[NON_SATURATING],
        Task::Frozen { .. } => &[],
        Task::Game { world, .. } if world == PARALLEL => &[MINIMAX, NON_SATURATING, GAN_GP],
        Task::Game { world, .. } if world == RATED && deep => &[],
        Task::Game { world, .. } if world == COMPARED && deep => {
            &[MINIMAX, NON_SATURATING, GAN_GP, DRAGAN_NS, MINIMAX_GP]
        }
        Task::Game { .. } => &[NON_SATURATING],
    };
    read.contains(&(config.objective, config.penalty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_configuration_stands_twice() {
        for profile in [Profile::Smoke, Profile::Quick, Profile::Full] {
            let grid = grid(profile);
            for (i, config) in grid.iter().enumerate() {
                assert!(!grid[..i].contains(config), "{config:?} stands twice");
            }
        }
    }
}
