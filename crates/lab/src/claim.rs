//! What was claimed, what we measured, and the verdict by a rule that was fixed before.

use serde::{Deserialize, Serialize};
use stats::Interval;

use crate::experiment::Profile;
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

/// A claim with what we found. All but the estimate, the counts and the gate's value is its rule, which is fixed before
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

/// What the evidence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The interval lies where the claim says, and Holm's correction leaves it significant.
    Reproduced,
    /// The interval lies wholly between zero and the claimed size: the sign is right, the size is not.
    Smaller,
    /// The interval lies wholly elsewhere, and Holm's correction leaves it significant.
    Contradicted,
    /// Neither: the honest answer for too few seeds.
    Undecided,
    /// The gate is missed, or there is no estimate: the results cannot say.
    NotTested,
}

impl Verdict {
    /// Every verdict, in the order of tallies.
    pub const ALL: [Self; 5] =
        [Self::Reproduced, Self::Smaller, Self::Contradicted, Self::Undecided, Self::NotTested];

    /// Returns the verdict as words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Reproduced => "Reproduced",
            Self::Smaller => "Smaller than claimed",
            Self::Contradicted => "Contradicted",
            Self::Undecided => "Undecided",
            Self::NotTested => "Not tested",
        }
    }
}

/// A claim with its verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The claim.
    #[serde(flatten)]
    pub claim: Claim,
    /// The p-value after Holm's correction over the experiment's claims that have one.
    pub adjusted_p_value: Option<f64>,
    /// The verdict; none at a profile that gives none.
    pub verdict: Option<Verdict>,
}

impl Judged {
    /// Returns whether the interval alone would decide and only the correction stands against it, so that more seeds
    /// may.
    pub fn lacks_seeds(&self) -> bool {
        self.verdict == Some(Verdict::Undecided) && verdict(&self.claim, None) != Verdict::Undecided
    }
}

/// The level of significance after correction.
pub(crate) const ALPHA: f64 = 0.05;

/// Returns the claims of a profile's results with verdicts, where the profile gives them; the correction is over all
/// claims that rest on a test.
///
/// # Panics
/// If two claims have one id: the experiment is wrong.
pub fn judge(claims: Vec<Claim>, profile: Profile) -> Vec<Judged> {
    let mut ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
    ids.sort_unstable();
    let twice = ids.windows(2).find(|pair| pair[0] == pair[1]);
    assert!(twice.is_none(), "two claims are called {}", twice.map_or("", |pair| pair[0]));
    let p_value = |claim: &Claim| claim.estimate.and_then(|estimate| estimate.p_value);
    let tested: Vec<f64> = claims.iter().filter_map(p_value).collect();
    let mut adjusted = stats::tests::holm(&tested).into_iter();
    claims
        .into_iter()
        .map(|claim| {
            let adjusted_p_value = p_value(&claim).and_then(|_| adjusted.next());
            let verdict = profile.gives_verdicts().then(|| verdict(&claim, adjusted_p_value));
            Judged { claim, adjusted_p_value, verdict }
        })
        .collect()
}

fn verdict(claim: &Claim, p_value: Option<f64>) -> Verdict {
    let Some(Estimate { low, high, .. }) = claim.estimate else { return Verdict::NotTested };
    if claim.gate.as_ref().is_some_and(|gate| !gate.is_passed()) {
        return Verdict::NotTested;
    }
    let (inside, outside, smaller) = match claim.region {
        Region::Above(x) => (low > x, high < x, x > 0.0 && low > 0.0 && high < x),
        Region::Below(x) => (high < x, low > x, x < 0.0 && high < 0.0 && low > x),
        Region::Within(a, b) => (low >= a && high <= b, high < a || low > b, false),
    };
    match p_value.is_none_or(|p| p < ALPHA) {
        true if inside => Verdict::Reproduced,
        true if smaller => Verdict::Smaller,
        true if outside => Verdict::Contradicted,
        _ => Verdict::Undecided,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn claim(region: Region, low: f64, high: f64, p_value: Option<f64>) -> Claim {
        let estimate = Estimate { value: f64::midpoint(low, high), low, high, p_value };
        Claim {
            id: String::new(),
            statement: String::new(),
            basis: Basis::Ours { after: None },
            quantity: String::new(),
            test: String::new(),
            region,
            gate: None,
            estimate: Some(estimate),
            parts: None,
            seeds: 10,
            diverged: 0,
            figure: String::new(),
        }
    }

    fn verdicts(mut claims: Vec<Claim>) -> Vec<Verdict> {
        for (i, claim) in claims.iter_mut().enumerate() {
            claim.id = format!("C{i}");
        }
        let judged = judge(claims, Profile::Reference).into_iter();
        judged.map(|judged| judged.verdict.expect("a verdict")).collect()
    }

    #[test]
    fn the_side_of_the_interval_decides() {
        use Verdict::{Contradicted, Reproduced, Smaller, Undecided};
        for (region, (low, high), expected) in [
            (Region::Above(0.0), (0.1, 0.5), Reproduced),
            (Region::Above(0.0), (-0.5, -0.1), Contradicted),
            (Region::Above(0.0), (-0.1, 0.5), Undecided),
            (Region::Above(0.5), (0.1, 0.4), Smaller),
            (Region::Above(0.5), (-0.1, 0.4), Contradicted),
            (Region::Above(-0.5), (-0.9, -0.6), Contradicted),
            (Region::Below(0.0), (-0.5, -0.1), Reproduced),
            (Region::Below(-0.5), (-0.4, -0.1), Smaller),
            (Region::Below(0.5), (0.6, 0.7), Contradicted),
            (Region::Within(0.8, 1.2), (0.9, 1.1), Reproduced),
            (Region::Within(0.8, 1.2), (0.7, 1.1), Undecided),
            (Region::Within(0.8, 1.2), (1.3, 1.4), Contradicted),
        ] {
            let found = verdicts(vec![claim(region, low, high, None)]);
            assert_eq!(found, [expected], "{region:?} {low} {high}");
        }
    }

    #[test]
    fn holm_can_take_a_verdict_back() {
        use Verdict::{Reproduced, Undecided};
        let weak = claim(Region::Above(0.0), 0.1, 0.5, Some(0.03));
        assert_eq!(verdicts(vec![weak.clone()]), [Reproduced]);
        let strong = claim(Region::Above(0.0), 0.1, 0.5, Some(0.001));
        let wide = claim(Region::Above(0.0), -0.1, 0.5, Some(0.03));
        let mut claims = vec![weak.clone(), strong, weak, wide];
        assert_eq!(verdicts(claims.clone()), [Undecided, Reproduced, Undecided, Undecided]);
        for (claim, id) in claims.iter_mut().zip(["a", "b", "c", "d"]) {
            claim.id = id.into();
        }
        let judged = judge(claims, Profile::Reference);
        let lacking: Vec<bool> = judged.iter().map(Judged::lacks_seeds).collect();
        assert_eq!(lacking, [true, false, true, false]);
    }

    #[test]
    fn what_cannot_be_decided_is_not_tested() {
        let mut empty = claim(Region::Above(0.0), 0.1, 0.5, None);
        empty.estimate = None;
        assert_eq!(verdicts(vec![empty]), [Verdict::NotTested]);
        let gate = |value| {
            let region = Region::Below(1.0);
            Some(Gate { quantity: "distance".into(), region, value })
        };
        let gated = |value| {
            let claim = claim(Region::Above(0.0), 0.1, 0.5, None);
            verdicts(vec![Claim { gate: gate(value), ..claim }])
        };
        assert_eq!(gated(Some(2.0)), [Verdict::NotTested]);
        assert_eq!(gated(None), [Verdict::NotTested]);
        assert_eq!(gated(Some(0.5)), [Verdict::Reproduced]);
    }

    #[test]
    fn quick_and_smoke_give_no_verdict() {
        for profile in [Profile::Smoke, Profile::Quick] {
            let judged = judge(vec![claim(Region::Above(0.0), 0.1, 0.5, None)], profile);
            assert_eq!(judged[0].verdict, None);
        }
    }

    #[test]
    #[should_panic(expected = "two claims are called")]
    fn ids_are_unique() {
        let twice = claim(Region::Above(0.0), 0.1, 0.5, None);
        judge(vec![twice.clone(), twice], Profile::Reference);
    }
}
