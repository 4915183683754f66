//! What the evidence says, by the rule of the claim.

use serde::{Deserialize, Serialize};

use super::{Claim, Estimate, Region};
use crate::experiment::Profile;

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
    /// The p-value after Holm's correction over all claims of the experiment that rest on chance.
    pub adjusted_p_value: Option<f64>,
    /// The verdict; none at a profile that gives none.
    pub verdict: Option<Verdict>,
}

impl Judged {
    /// Returns whether the interval alone would decide and only the correction stands against it, so that more seeds
    /// may.
    pub fn lacks_seeds(&self) -> bool {
        self.verdict == Some(Verdict::Undecided) && verdict(&self.claim, true) != Verdict::Undecided
    }
}

/// The level of significance after correction.
pub(crate) const ALPHA: f64 = 0.05;

/// Returns the claims of a profile's results with verdicts, where the profile gives them. The correction is over all
/// claims that rest on chance, those without data too: results that grow arm by arm never take a verdict back because
/// there are more claims.
///
/// # Panics
/// If two claims have one id: the experiment is wrong.
pub fn judge(claims: Vec<Claim>, profile: Profile) -> Vec<Judged> {
    let mut ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
    ids.sort_unstable();
    let twice = ids.windows(2).find(|pair| pair[0] == pair[1]);
    assert!(twice.is_none(), "two claims are called {}", twice.map_or("", |pair| pair[0]));
    let p_value = |claim: &Claim| claim.estimate.and_then(|estimate| estimate.p_value);
    let family = claims.iter().filter(|claim| claim.is_tested());
    let family: Vec<f64> = family.map(|claim| p_value(claim).unwrap_or(1.0)).collect();
    let mut adjusted = stats::tests::holm(&family).into_iter();
    claims
        .into_iter()
        .map(|claim| {
            let in_the_family = claim.is_tested().then(|| adjusted.next()).flatten();
            let adjusted_p_value = p_value(&claim).and(in_the_family);
            // Without chance the number alone decides.
            let is_significant = adjusted_p_value.map_or(!claim.is_tested(), |p| p < ALPHA);
            let verdict = profile.gives_verdicts().then(|| verdict(&claim, is_significant));
            Judged { claim, adjusted_p_value, verdict }
        })
        .collect()
}

fn verdict(claim: &Claim, is_significant: bool) -> Verdict {
    let Some(Estimate { low, high, .. }) = claim.estimate else { return Verdict::NotTested };
    if claim.gate.as_ref().is_some_and(|gate| !gate.is_passed()) {
        return Verdict::NotTested;
    }
    let (inside, outside, smaller) = match claim.region {
        Region::Above(x) => (low > x, high < x, x > 0.0 && low > 0.0 && high < x),
        Region::Below(x) => (high < x, low > x, x < 0.0 && high < 0.0 && low > x),
        Region::Within(a, b) => (low >= a && high <= b, high < a || low > b, false),
    };
    match is_significant {
        true if inside => Verdict::Reproduced,
        true if smaller => Verdict::Smaller,
        true if outside => Verdict::Contradicted,
        _ => Verdict::Undecided,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::claim::{Basis, Evidence, Gate, Region, WITHOUT_CHANCE};

    pub(crate) fn claim(region: Region, low: f64, high: f64, p_value: Option<f64>) -> Claim {
        let estimate = Estimate { value: f64::midpoint(low, high), low, high, p_value };
        Claim {
            id: String::new(),
            statement: String::new(),
            basis: Basis::Ours { after: None },
            quantity: String::new(),
            test: p_value.map_or(WITHOUT_CHANCE, |_| "a test").into(),
            region,
            gate: None,
            estimate: Some(estimate),
            evidence: Evidence::None,
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
    fn claims_without_data_count_in_holms_correction() {
        use Verdict::{NotTested, Reproduced, Undecided};
        let weak = claim(Region::Above(0.0), 0.1, 0.5, Some(0.03));
        let open = Claim { estimate: None, ..weak.clone() };
        assert_eq!(verdicts(vec![weak.clone(), open.clone()]), [Undecided, NotTested]);
        let without_chance = Claim { test: WITHOUT_CHANCE.into(), ..open };
        assert_eq!(verdicts(vec![weak, without_chance]), [Reproduced, NotTested]);
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
