//! `claims.lock`: the rule of every claim with the day since which it holds, and the verdicts of every sweep.
//!
//! One JSON object a line, oldest first; lines are added and never changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::claim::{Claim, Judged, Verdict};
use crate::experiment::Profile;
use crate::files::write_atomically;

/// File name of a ledger, beside the README of its experiment.
const LEDGER: &str = "claims.lock";

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case", deny_unknown_fields)]
enum Entry {
    /// From now on a claim is judged by this rule.
    Rule { date: String, commit: String, claim: String, rule: String, why: String },
    /// From now on a claim is not made.
    Withdrawn { date: String, commit: String, claim: String, why: String },
    /// The claims were judged by new tables.
    Look {
        date: String,
        commit: String,
        /// Of the tables; a ledger also names those that are no more.
        profile: String,
        /// BLAKE3 of the table of runs.
        table: String,
        verdicts: BTreeMap<String, Verdict>,
    },
}

/// Who adds a line, and when.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    /// The day, as in 2026-11-26.
    pub(crate) date: String,
    /// Commit of the program.
    pub(crate) commit: String,
}

impl Stamp {
    /// Returns the stamp of a program, today.
    pub(crate) fn today(commit: &str) -> Self {
        let date = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        Self { date, commit: commit.to_owned() }
    }
}

/// The ledger of one experiment.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    entries: Vec<Entry>,
}

impl Ledger {
    /// Reads the ledger beside a README; an empty one where there is none.
    ///
    /// # Errors
    /// If a line is damaged.
    pub(crate) fn beside(readme: &Path) -> Result<Self> {
        let path = readme.with_file_name(LEDGER);
        let text = if path.exists() { fs_err::read_to_string(&path)? } else { String::new() };
        let entry = |(i, line): (usize, &str)| {
            let place = || format!("{}: line {} is no entry", path.display(), i + 1);
            serde_json::from_str(line).with_context(place)
        };
        let entries = text.lines().enumerate().map(entry).collect::<Result<_>>()?;
        Ok(Self { path, entries })
    }

    /// Writes the ledger.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn write(&self) -> Result<()> {
        let lines: Vec<String> =
            self.entries.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        write_atomically(&self.path, (lines.join("\n") + "\n").as_bytes())
    }

    /// Returns the present rules: the last of each claim that was not withdrawn, with its day.
    fn rules(&self) -> BTreeMap<&str, (&str, &str)> {
        let mut rules = BTreeMap::new();
        for entry in &self.entries {
            match entry {
                Entry::Rule { date, claim, rule, .. } => {
                    rules.insert(claim.as_str(), (rule.as_str(), date.as_str()));
                }
                Entry::Withdrawn { claim, .. } => drop(rules.remove(claim.as_str())),
                Entry::Look { .. } => {}
            }
        }
        rules
    }

    /// Returns the day since which a claim has its present rule.
    pub(crate) fn since(&self, claim: &str) -> Option<&str> {
        self.rules().get(claim).map(|(_, date)| *date)
    }

    /// Returns how many sweeps' tables a claim was judged by. Tables that were judged again, for a new claim beside them,
    /// count once.
    pub(crate) fn looks(&self, claim: &str) -> usize {
        let table_of = |entry: &Entry| match entry {
            Entry::Look { table, verdicts, .. } => {
                verdicts.contains_key(claim).then(|| table.clone())
            }
            _ => None,
        };
        self.entries.iter().filter_map(table_of).collect::<BTreeSet<_>>().len()
    }

    /// Returns one line for each claim whose rule is not the recorded one.
    pub(crate) fn drift(&self, claims: &[Claim]) -> Vec<String> {
        let recorded = self.rules();
        let changed = claims.iter().filter_map(|claim| {
            let (id, rule) = (&claim.id, rule(claim));
            match recorded.get(id.as_str()) {
                Some((known, _)) if *known == rule => None,
                Some((known, date)) => {
                    Some(format!("the rule of {id} is `{rule}`, and since {date} was `{known}`"))
                }
                None => Some(format!("the rule of {id} is not recorded: `{rule}`")),
            }
        });
        let gone = recorded.keys().filter(|id| !claims.iter().any(|claim| claim.id == **id));
        changed.chain(gone.map(|id| format!("{id} is recorded and no longer claimed"))).collect()
    }

    /// Adds the rules that are not the recorded ones, and the claims that are no longer made.
    pub(crate) fn record(&mut self, claims: &[Claim], why: &str, stamp: &Stamp) {
        let Stamp { date, commit } = stamp.clone();
        let known: BTreeMap<String, String> = self
            .rules()
            .into_iter()
            .map(|(claim, (rule, _))| (claim.to_owned(), rule.to_owned()))
            .collect();
        for claim in known.keys().filter(|id| !claims.iter().any(|claim| claim.id == **id)) {
            self.entries.push(Entry::Withdrawn {
                date: date.clone(),
                commit: commit.clone(),
                claim: claim.clone(),
                why: why.to_owned(),
            });
        }
        for claim in claims.iter().filter(|claim| known.get(&claim.id) != Some(&rule(claim))) {
            self.entries.push(Entry::Rule {
                date: date.clone(),
                commit: commit.clone(),
                claim: claim.id.clone(),
                rule: rule(claim),
                why: why.to_owned(),
            });
        }
    }

    /// Adds the verdicts of tables, unless the last look was at the same ones with the same verdicts.
    pub(crate) fn look(&mut self, judged: &[Judged], profile: Profile, table: &str, stamp: &Stamp) {
        let verdicts: BTreeMap<String, Verdict> = judged
            .iter()
            .filter_map(|judged| Some((judged.claim.id.clone(), judged.verdict?)))
            .collect();
        let last = self.entries.iter().rev().find_map(|entry| match entry {
            Entry::Look { table, verdicts, .. } => Some((table, verdicts)),
            _ => None,
        });
        if verdicts.is_empty() || last == Some((&table.to_owned(), &verdicts)) {
            return;
        }
        let Stamp { date, commit } = stamp.clone();
        let (profile, table) = (profile.name().to_owned(), table.to_owned());
        self.entries.push(Entry::Look { date, commit, profile, table, verdicts });
    }
}

/// Returns the rule of a claim in one line: what is estimated, how it is tested, where it has to lie, behind which gate.
pub(crate) fn rule(claim: &Claim) -> String {
    let gate = claim.gate.as_ref().map_or_else(String::new, |gate| {
        format!("; tested only where {} is {}", gate.quantity, gate.region)
    });
    format!("{}: {}; {}{gate}", claim.quantity, claim.region, claim.test)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::tests::claim;
    use crate::claim::{Region, judge};

    fn stamp(date: &str) -> Stamp {
        Stamp { date: date.into(), commit: "abc".into() }
    }

    #[test]
    fn a_changed_rule_needs_an_entry_and_looks_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let readme = folder.path().join("README.md");
        let mut made = claim(Region::Above(0.0), 0.1, 0.5, None);
        made.id = "x.C1".into();
        let mut ledger = Ledger::beside(&readme).unwrap();
        assert_eq!(ledger.drift(&[made.clone()]).len(), 1);
        ledger.record(&[made.clone()], "first", &stamp("2026-01-01"));
        assert!(ledger.drift(&[made.clone()]).is_empty());
        let judged = judge(vec![made.clone()], Profile::Reference);
        for table in ["a", "a", "b"] {
            ledger.look(&judged, Profile::Reference, table, &stamp("2026-01-02"));
        }
        // A claim that is new beside it is another look at the same table.
        let beside =
            Judged { claim: Claim { id: "x.C2".into(), ..made.clone() }, ..judged[0].clone() };
        ledger.look(&[judged[0].clone(), beside], Profile::Reference, "b", &stamp("2026-01-03"));
        ledger.write().unwrap();

        let mut ledger = Ledger::beside(&readme).unwrap();
        assert_eq!((ledger.since("x.C1"), ledger.looks("x.C1")), (Some("2026-01-01"), 2));
        made.region = Region::Above(0.5);
        let drift = ledger.drift(&[made.clone()]);
        assert!(drift[0].contains("x.C1") && drift[0].contains("2026-01-01"), "{drift:?}");
        ledger.record(&[made.clone()], "sharper", &stamp("2026-02-01"));
        assert_eq!(ledger.since("x.C1"), Some("2026-02-01"));
        assert_eq!(ledger.drift(&[]), ["x.C1 is recorded and no longer claimed"]);
        ledger.record(&[], "it cannot fail", &stamp("2026-03-01"));
        assert!(ledger.drift(&[]).is_empty() && ledger.since("x.C1").is_none());
    }

    #[test]
    fn a_damaged_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join(LEDGER), "{\"entry\":\"rule\"\n").unwrap();
        let error = Ledger::beside(&folder.path().join("README.md")).unwrap_err().to_string();
        assert!(error.contains("claims.lock: line 1"), "{error}");
    }
}
