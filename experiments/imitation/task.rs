//! Tasks: a system, what is worth something in it, and whether an episode can end before its time.

use serde::{Deserialize, Serialize};

use crate::environment::{Environment, State, energy_of_car, stands};

/// What has to be learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Keep the pole up; a fall ends the episode, so that to survive is all.
    Cartpole,
    /// The same without an end: 200 steps whatever happens, and the return counts those with the pole up.
    FixedLength,
    /// Keep the pole up and the cart near +1, where nobody but the expert wants it.
    Preference,
    /// Reach the hilltop; the goal ends the episode, so that to survive is to fail.
    MountainCar,
    /// Swing the lower link up; the goal ends the episode.
    Acrobot,
    /// Swing up and stay; episodes never end before their time.
    Pendulum,
}

impl Task {
    /// Steps after which an episode is cut.
    pub(crate) const LIMIT: u32 = 200;
    pub(crate) const ALL: [Self; 6] = [
        Self::Cartpole,
        Self::FixedLength,
        Self::Preference,
        Self::MountainCar,
        Self::Acrobot,
        Self::Pendulum,
    ];

    pub(crate) fn environment(self) -> Environment {
        match self {
            Self::Cartpole | Self::FixedLength | Self::Preference => Environment::Cartpole,
            Self::MountainCar => Environment::MountainCar,
            Self::Acrobot => Environment::Acrobot,
            Self::Pendulum => Environment::Pendulum,
        }
    }

    /// Returns whether an end of the system ends the episode.
    pub(crate) fn ends(self) -> bool {
        self != Self::FixedLength
    }

    /// Returns the reward of coming to a state for which Gymnasium gives `usual`.
    pub(crate) fn reward(self, after: State, usual: f64) -> f64 {
        match self {
            Self::FixedLength => f64::from(u8::from(stands(after))),
            Self::Preference => (-4.0 * (after[0] - 1.0).powi(2)).exp(),
            _ => usual,
        }
    }

    /// Returns the potential of a state, of which an expert's training gets the gain beside the reward: the best policy
    /// stays the best (Ng, Harada and Russell 1999), but the car finds its hilltop.
    pub(crate) fn potential(self, state: State) -> f64 {
        if self == Self::MountainCar { 20.0 * (energy_of_car(state) - 1.0) } else { 0.0 }
    }

    /// Returns the steps between two pairs that are kept of a trajectory: the source's numbers (Ho and Ermon 2016,
    /// released code).
    pub(crate) fn stride(self) -> usize {
        if self.environment() == Environment::Cartpole { 10 } else { 5 }
    }

    /// Returns the words for figures.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Cartpole => "Cartpole",
            Self::FixedLength => "Cartpole, fixed length",
            Self::Preference => "Cartpole near +1",
            Self::MountainCar => "MountainCar",
            Self::Acrobot => "Acrobot",
            Self::Pendulum => "Pendulum",
        }
    }
}
