//! What was claimed, what we measured, and the verdict by a rule that was fixed before.

mod region;
mod verdict;

use serde::{Deserialize, Serialize};
use stats::Interval;

pub use region::Region;
pub(crate) use verdict::ALPHA;
#[cfg(test)]
pub(crate) use verdict::tests;
pub use verdict::{Judged, Verdict, judge};

/// A number with its 95 % interval over training seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval; of a number without chance, the number.
    pub low: f64,
    /// Upper end of the interval; of a number without chance, the number.
    pub high: f64,
    /// Two-sided p-value of the claim's test, before Holm's correction; `None` for a claim that rests on its interval
    /// alone.
    pub p_value: Option<f64>,
}

impl Estimate {
    /// Returns an estimate from its parts.
    pub fn new(value: f64, interval: Interval, p_value: Option<f64>) -> Self {
        Self { value, low: interval.low, high: interval.high, p_value }
    }
}

/// How a source is known to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// We read the place.
    Read,
    /// We read another work that reports it.
    SecondHand,
    /// We remember it and could not read it.
    Remembered,
}

/// Who makes a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Basis {
    /// A source states it.
    Published {
        /// The work, with its number in arXiv where it has one.
        source: String,
        /// The place in the work: a section, table, figure or slide.
        locator: String,
        /// How we know the place.
        seen: Seen,
        /// What the source measured there; `None` where it gives no number.
        number: Option<String>,
    },
    /// It follows from mathematics.
    Derived {
        /// What it follows from.
        from: String,
        /// The derived number, where there is one.
        number: Option<String>,
    },
    /// We claim it.
    Ours {
        /// The work that it goes on from, where there is one.
        after: Option<String>,
    },
}

/// A number that shows whether a size can decide a claim: that the compared arms have learnt, say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// What the number measures.
    pub quantity: String,
    /// Where it has to lie.
    pub region: Region,
    /// The number of the results; `None` where they lack it.
    pub value: Option<f64>,
}

impl Gate {
    fn is_passed(&self) -> bool {
        self.value.is_some_and(|value| self.region.contains(value))
    }
}

/// What single seeds say, behind an estimate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Nothing: a number without chance, or one that only all runs have together.
    #[default]
    None,
    /// A number for each seed; the estimate is their mean. Where seeds share a draw, for each draw.
    Numbers(Vec<(u64, f64)>),
    /// Runs that succeed, of all runs: of one arm, or of the two that are compared.
    Counts(Vec<(usize, usize)>),
}

/// A claim with what we found. All but the estimate, the evidence, the counts and the gate's value is its rule, which is fixed before
/// a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// A name that no other claim of the repository has, such as `mog.C1`.
    pub id: String,
    /// The claim in a sentence that can be understood alone.
    pub statement: String,
    /// Who makes it.
    pub basis: Basis,
    /// What is estimated, with its unit.
    pub quantity: String,
    /// The interval and the test.
    pub test: String,
    /// Where the estimate has to lie.
    pub region: Region,
    /// What has to hold before the estimate means something.
    pub gate: Option<Gate>,
    /// What we found; `None` where the results lack an arm.
    pub estimate: Option<Estimate>,
    /// What single seeds say; nothing in results that were judged before it was kept.
    #[serde(default)]
    pub evidence: Evidence,
    /// The parts of a pooled estimate by name, and the p-value that they differ (Cochran's Q).
    pub parts: Option<Parts>,
    /// Number of training seeds behind the estimate.
    pub seeds: usize,
    /// Number of diverged runs among its arms.
    pub diverged: usize,
    /// File of the figure that shows it.
    pub figure: String,
}

impl Claim {
    /// Returns whether the claim rests on chance, and so on a test and its correction.
    pub fn is_tested(&self) -> bool {
        self.test != WITHOUT_CHANCE
    }
}

/// The test of a claim on a number without chance.
pub const WITHOUT_CHANCE: &str = "without chance";

/// What a pooled estimate is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// Name and mean of each part.
    pub means: Vec<(String, f64)>,
    /// The p-value that the parts are alike.
    pub p_value: f64,
}
