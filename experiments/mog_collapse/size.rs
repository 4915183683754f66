//! How large networks are, how long they train, and with how many seeds.

use lab::{Arm, Profile};

use crate::config::{Config, Method, Nets, TargetName};

/// How large networks are, and how long they train.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Size {
    /// Every line in seconds.
    Smoke,
    /// Half the widths, a third of the steps, five times the rates: ours, for two cores.
    Small,
    /// Metz et al.'s.
    Paper,
}

impl Size {
    /// Returns the size of a profile; the reference has arms of the paper's size besides.
    pub(crate) fn of(profile: Profile) -> Self {
        match profile {
            Profile::Smoke => Self::Smoke,
            Profile::Quick | Profile::Reference => Self::Small,
            Profile::Full => Self::Paper,
        }
    }

    /// Returns the nets of the paper's appendix.
    pub(crate) fn nets(self) -> Nets {
        // Fewer steps take larger ones.
        if self == Self::Paper { Nets::paper() } else { Nets::paper().small().faster(5.0) }
    }

    /// Returns the nets of the authors' notebook, whose generator takes larger steps as it is.
    pub(crate) fn notebook_nets(self) -> Nets {
        if self == Self::Paper { Nets::notebook() } else { Nets::notebook().small() }
    }

    /// Returns a configuration with these nets.
    pub(crate) fn config(self, target: TargetName, method: Method, nets: Nets) -> Config {
        let (batch, steps) = match self {
            Self::Smoke => (32, 20),
            Self::Small => (128, 8_000),
            Self::Paper => (512, 25_000),
        };
        Config { target, method, nets, batch, steps }
    }
}

/// Seeds that train as one stack.
pub(crate) const STACK: u64 = 10;
/// Those of an arm that takes long, or that no claim reads.
pub(crate) const HALF_STACK: u64 = STACK / 2;

/// Returns an arm with the seeds of a profile, in such stacks.
pub(crate) fn profile_arm(
    profile: Profile,
    stack: u64,
    name: impl Into<String>,
    config: Config,
) -> Arm<Config> {
    let seeds = match profile {
        Profile::Smoke => stack,
        Profile::Quick | Profile::Reference => 20,
        Profile::Full => 30,
    };
    Arm::new(name, config).with_seeds(seeds, stack)
}

/// Returns an arm of the reference at the paper's size.
pub(crate) fn paper_arm(name: impl Into<String>, config: Config) -> Arm<Config> {
    // In stacks of five, so that no cell lasts longer than 40 minutes.
    Arm::new(name, config).with_seeds(10, 5)
}

/// A size at which claims are made.
pub(crate) struct ClaimSize {
    /// The part of the arms that they read.
    pub(crate) part: &'static str,
    /// What their ids end with.
    pub(crate) suffix: &'static str,
    /// Where they hold, as a sentence begins.
    pub(crate) on_the_ring: &'static str,
}

/// The size of every profile, and the paper's beside it in the reference.
pub(crate) const CLAIM_SIZES: [ClaimSize; 2] = [
    ClaimSize { part: "ring", suffix: "", on_the_ring: "On the ring" },
    ClaimSize { part: "paper", suffix: ".paper", on_the_ring: "On the ring at the paper's size" },
];
