//! What was claimed, what we measured, and the verdict by a rule that was fixed before.

use serde::{Deserialize, Serialize};
use stats::Interval;

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

/// A number with its 95 % interval over training seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Two-sided p-value of the test that the README names, before Holm's correction; `None` for a
    /// claim that rests on its interval alone.
    pub p_value: Option<f64>,
}

impl Estimate {
    /// Returns an estimate from its parts.
    pub fn new(value: f64, interval: Interval, p_value: Option<f64>) -> Self {
        Self { value, low: interval.low, high: interval.high, p_value }
    }
}

/// A claim of a source, with what we found. The rule is the README's, written before the sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Short name, such as `C1`.
    pub id: String,
    /// The claim in a sentence.
    pub statement: String,
    /// Where it is made.
    pub source: String,
    /// The source's own number, or "none published".
    pub published: String,
    /// What is estimated, with its unit.
    pub quantity: String,
    /// Where the estimate has to lie.
    pub region: Region,
    /// What we found; `None` where the results lack an arm.
    pub estimate: Option<Estimate>,
    /// Number of training seeds behind the estimate.
    pub seeds: usize,
    /// Number of diverged runs among its arms.
    pub diverged: usize,
    /// File of the figure that shows it.
    pub figure: String,
}

/// What the evidence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The interval lies where the claim says, and Holm's correction leaves it significant.
    Reproduced,
    /// The interval lies wholly elsewhere, and Holm's correction leaves it significant.
    Contradicted,
    /// Neither: the honest answer for too few seeds.
    Undecided,
}

impl Verdict {
    /// Returns the verdict as a word for tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reproduced => "Reproduced",
            Self::Contradicted => "**Contradicted**",
            Self::Undecided => "Undecided",
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
    /// The verdict.
    pub verdict: Verdict,
}

impl Judged {
    /// Returns whether the interval alone would decide and only the correction stands against it, so that more seeds
    /// may.
    pub fn lacks_seeds(&self) -> bool {
        let by_interval = verdict(self.claim.region, self.claim.estimate.as_ref(), None);
        self.verdict == Verdict::Undecided && by_interval != Verdict::Undecided
    }
}

/// The level of significance after correction.
const ALPHA: f64 = 0.05;

/// Returns the claims with verdicts; the correction is over all of them that rest on a test.
pub fn judge(claims: Vec<Claim>) -> Vec<Judged> {
    let p_value = |claim: &Claim| claim.estimate.and_then(|estimate| estimate.p_value);
    let tested: Vec<f64> = claims.iter().filter_map(p_value).collect();
    let mut adjusted = stats::tests::holm(&tested).into_iter();
    claims
        .into_iter()
        .map(|claim| {
            let adjusted_p_value = p_value(&claim).and_then(|_| adjusted.next());
            let verdict = verdict(claim.region, claim.estimate.as_ref(), adjusted_p_value);
            Judged { claim, adjusted_p_value, verdict }
        })
        .collect()
}

fn verdict(region: Region, estimate: Option<&Estimate>, p_value: Option<f64>) -> Verdict {
    let Some(&Estimate { low, high, .. }) = estimate else { return Verdict::Undecided };
    let (inside, outside) = match region {
        Region::Above(x) => (low > x, high < x),
        Region::Below(x) => (high < x, low > x),
        Region::Within(a, b) => (low >= a && high <= b, high < a || low > b),
    };
    match p_value.is_none_or(|p| p < ALPHA) {
        true if inside => Verdict::Reproduced,
        true if outside => Verdict::Contradicted,
        _ => Verdict::Undecided,
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    fn claim(region: Region, low: f64, high: f64, p_value: Option<f64>) -> Claim {
        let estimate = Estimate { value: f64::midpoint(low, high), low, high, p_value };
        Claim {
            id: "C".into(),
            statement: String::new(),
            source: String::new(),
            published: String::new(),
            quantity: String::new(),
            region,
            estimate: Some(estimate),
            seeds: 10,
            diverged: 0,
            figure: String::new(),
        }
    }

    fn verdicts(claims: Vec<Claim>) -> Vec<Verdict> {
        judge(claims).into_iter().map(|judged| judged.verdict).collect()
    }

    #[test]
    fn the_side_of_the_interval_decides() {
        use Verdict::{Contradicted, Reproduced, Undecided};
        let verdicts = verdicts(vec![
            claim(Region::Above(0.0), 0.1, 0.5, None),
            claim(Region::Above(0.0), -0.5, -0.1, None),
            claim(Region::Above(0.0), -0.1, 0.5, None),
            claim(Region::Below(0.0), -0.5, -0.1, None),
            claim(Region::Within(0.8, 1.2), 0.9, 1.1, None),
            claim(Region::Within(0.8, 1.2), 0.7, 1.1, None),
            claim(Region::Within(0.8, 1.2), 1.3, 1.4, None),
        ]);
        assert_eq!(
            verdicts,
            [Reproduced, Contradicted, Undecided, Reproduced, Reproduced, Undecided, Contradicted]
        );
    }

    #[test]
    fn holm_can_take_a_verdict_back() {
        let weak = claim(Region::Above(0.0), 0.1, 0.5, Some(0.03));
        assert_eq!(verdicts(vec![weak.clone()]), [Verdict::Reproduced]);
        let strong = claim(Region::Above(0.0), 0.1, 0.5, Some(0.001));
        let wide = claim(Region::Above(0.0), -0.1, 0.5, Some(0.03));
        let judged = judge(vec![weak.clone(), strong, weak, wide]);
        let verdicts: Vec<Verdict> = judged.iter().map(|judged| judged.verdict).collect();
        assert_eq!(
            verdicts,
            [Verdict::Undecided, Verdict::Reproduced, Verdict::Undecided, Verdict::Undecided]
        );
        let lacking: Vec<bool> = judged.iter().map(Judged::lacks_seeds).collect();
        assert_eq!(lacking, [true, false, true, false]);
    }

    #[test]
    fn no_estimate_is_no_verdict() {
        let mut empty = claim(Region::Above(0.0), 0.1, 0.5, None);
        empty.estimate = None;
        assert_eq!(verdicts(vec![empty]), [Verdict::Undecided]);
    }
}
