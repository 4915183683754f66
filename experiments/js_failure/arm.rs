//! Arms: what is compared, under its name, at a profile's size and with as many seeds as its readers need.

use gan::optim::Rule;
use lab::{Arm, Profile};

use crate::config::{Config, CriticConfig, Task};
use crate::variant::Variant;
use crate::world::World;
use crate::{Results, Rows};

/// What tells an arm from another, whatever a profile's size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) task: Task,
    pub(crate) variant: Variant,
    /// Hidden layers of the critic.
    pub(crate) layers: usize,
    /// Updates of the critic for one of the generator.
    pub(crate) critic_steps: u32,
    /// The optimiser of both players.
    pub(crate) rule: Rule,
}

impl Setting {
    /// Returns a critic of two hidden layers with one step.
    pub(crate) fn new(task: Task, variant: Variant) -> Self {
        Self { task, variant, layers: 2, critic_steps: 1, rule: variant.usual_rule() }
    }

    /// Returns a game with a strong critic: two hidden layers, five steps.
    pub(crate) fn strong(world: World, variant: Variant) -> Self {
        let task = Task::Game { world, audit: false };
        Self { critic_steps: 5, ..Self::new(task, variant) }
    }

    /// Returns a game with a shallow critic: one hidden layer.
    pub(crate) fn shallow(world: World, variant: Variant, critic_steps: u32) -> Self {
        Self { layers: 1, critic_steps, ..Self::strong(world, variant) }
    }

    /// Returns the game with a fresh critic at every look.
    pub(crate) fn audited(self) -> Self {
        let task = match self.task {
            Task::Game { world, .. } => Task::Game { world, audit: true },
            other => other,
        };
        Self { task, ..self }
    }

    /// Returns the name of the arm; an audit does not tell arms apart, and the usual optimisers have no name.
    pub(crate) fn name(&self) -> String {
        let Self { task, variant, layers, critic_steps, rule } = *self;
        let variant = shared::variant::arm_name(variant.objective, variant.penalty);
        let world = match task {
            Task::Exact { shift } => return format!("exact/shift-{shift}"),
            Task::Frozen { dim } => return format!("frozen/dim-{dim}/{variant}"),
            Task::Game { world, .. } => world.name(),
        };
        let rule = match rule {
            Rule::Sgd(_) => "/descent".to_owned(),
            Rule::Adam(adam) if adam.learning_rate.total_cmp(&1e-3).is_ne() => {
                format!("/rate-{}", adam.learning_rate)
            }
            _ => String::new(),
        };
        format!("{world}/{variant}/{layers}-layers-{critic_steps}-critic-steps{rule}")
    }

    /// Returns the rows of the arm; none where it was not run.
    pub(crate) fn rows<'a>(&self, results: &'a Results) -> Rows<'a> {
        results.arm(&self.name())
    }

    /// Returns the arm of a profile with so many updates.
    pub(crate) fn arm(&self, profile: Profile, steps: u64, reader: Reader) -> Arm<Config> {
        let Self { task, variant, layers, critic_steps, rule } = *self;
        let hidden = vec![width(profile); layers];
        let config = Config {
            task,
            objective: variant.objective,
            penalty: variant.penalty,
            critic: CriticConfig { hidden, steps: critic_steps, rule },
            generator: rule,
            batch: 64,
            steps,
        };
        let (seeds, stack) = reader.seeds(profile);
        Arm::new(self.name(), config).with_seeds(seeds, stack)
    }
}

/// Units of a hidden layer.
fn width(profile: Profile) -> i64 {
    match profile {
        Profile::Smoke => 16,
        Profile::Quick | Profile::Reference => 32,
        Profile::Full => 128,
    }
}

/// Updates of the generator unless a part has its own number.
pub(crate) fn steps(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 20,
        Profile::Quick | Profile::Reference => 50_000,
        Profile::Full => 200_000,
    }
}

/// Who reads an arm, which says how many seeds it gets.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Reader {
    /// A claim.
    Claim,
    /// A sentence that counts seeds.
    Sentence,
    /// A curve or a row of a figure.
    Figure,
}

/// Seeds that train as one stack.
pub(crate) const STACK: u64 = 10;

impl Reader {
    /// Returns the number of seeds, and how many train as one stack.
    fn seeds(self, profile: Profile) -> (u64, u64) {
        let stack = if self == Self::Figure { STACK / 2 } else { STACK };
        let seeds = match (profile, self) {
            (Profile::Full, _) => 3 * STACK,
            (Profile::Quick | Profile::Reference, Self::Claim) => 2 * STACK,
            _ => stack,
        };
        (seeds, stack)
    }
}
