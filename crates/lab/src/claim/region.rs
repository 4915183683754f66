//! Where a number has to lie.

use serde::{Deserialize, Serialize};

use crate::number::number;

/// Where an estimate has to lie for a claim to hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// Above this number.
    Above(f64),
    /// Below this number.
    Below(f64),
    /// Between two numbers.
    Within(f64, f64),
}

impl Region {
    /// Returns whether a number lies in the region.
    pub fn contains(self, x: f64) -> bool {
        match self {
            Self::Above(least) => x > least,
            Self::Below(most) => x < most,
            Self::Within(least, most) => (least..=most).contains(&x),
        }
    }

    /// Returns the end of the region that is nearest to a number.
    pub fn nearest_end(self, x: f64) -> f64 {
        match self {
            Self::Above(end) | Self::Below(end) => end,
            Self::Within(low, high) if x - low < high - x => low,
            Self::Within(_, high) => high,
        }
    }
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Above(end) => write!(f, "> {}", number(*end)),
            Self::Below(end) => write!(f, "< {}", number(*end)),
            Self::Within(low, high) => write!(f, "{} to {}", number(*low), number(*high)),
        }
    }
}
