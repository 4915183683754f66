//! Titles that say what was found, once a claim has been decided.

use serde::Serialize;

use crate::claim::{Judged, Verdict};

/// The line above a figure: what it shows, or what it finds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Title {
    /// What is shown, whatever is found.
    plain: String,
    /// A claim, one of its verdicts, and the words for it.
    findings: Vec<(&'static str, Verdict, String)>,
}

impl Title {
    /// Returns a title that says what is shown.
    pub fn new(plain: impl Into<String>) -> Self {
        Self { plain: plain.into(), findings: Vec::new() }
    }

    /// Returns the title with words for the case that a claim is reproduced.
    pub fn if_reproduced(self, claim: &'static str, words: impl Into<String>) -> Self {
        self.finding(claim, Verdict::Reproduced, words.into())
    }

    /// Returns the title with words for the case that a claim is contradicted.
    pub fn if_contradicted(self, claim: &'static str, words: impl Into<String>) -> Self {
        self.finding(claim, Verdict::Contradicted, words.into())
    }

    fn finding(mut self, claim: &'static str, verdict: Verdict, words: String) -> Self {
        self.findings.push((claim, verdict, words));
        self
    }

    /// Returns the title under verdicts: the words of the first finding that holds, else the plain ones.
    ///
    /// # Panics
    /// If there is no claim of a finding's name: the experiment is wrong.
    pub(crate) fn under(&self, claims: &[Judged]) -> Self {
        for (claim, ..) in &self.findings {
            let is_known = claims.iter().any(|judged| judged.claim.id == *claim);
            assert!(is_known, "the title {:?} is of no claim: {claim}", self.plain);
        }
        let holds = |(claim, verdict, _): &&(&str, Verdict, String)| {
            claims
                .iter()
                .any(|judged| judged.claim.id == *claim && judged.verdict == Some(*verdict))
        };
        let found = self.findings.iter().find(holds);
        Self::new(found.map_or(self.plain.as_str(), |(_, _, words)| words))
    }

    /// Returns the words that stand above the figure.
    pub(super) fn text(&self) -> &str {
        &self.plain
    }
}

impl From<&str> for Title {
    fn from(plain: &str) -> Self {
        Self::new(plain)
    }
}

impl From<String> for Title {
    fn from(plain: String) -> Self {
        Self::new(plain)
    }
}
