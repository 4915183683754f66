//! Are runs those of the reference? To the bit, or at least as one more of its seeds would be.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::files::write_atomically;
use crate::record::{Outcome, RunRecord};
use crate::store::Store;

/// File of the comparison, beside the tables.
pub(crate) const LIKENESS: &str = "likeness.json";

/// Probability that a run that is one more seed of its arm counts as outside, if its numbers are normal.
const ALARM: f64 = 0.001;

/// How the runs of a folder stand to those of the reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Likeness {
    /// Runs with the same bits.
    pub(crate) equal: usize,
    /// Other runs whose numbers are such as one more seed would have.
    pub(crate) within: usize,
    /// Runs that are neither, by arm and seed.
    pub(crate) outside: Vec<String>,
    /// Runs of which the reference has no arm.
    pub(crate) unknown: usize,
}

impl Likeness {
    /// Compares the runs of a folder with those of the reference.
    pub(crate) fn of(own: &Store, reference: &Store) -> Self {
        let mut arms: BTreeMap<&str, Vec<&RunRecord>> = BTreeMap::new();
        for stored in reference.runs.values() {
            arms.entry(&stored.record.config_id).or_default().push(&stored.record);
        }
        let mut likeness = Self::default();
        for stored in own.runs.values() {
            let record = &stored.record;
            let Some(peers) = arms.get(record.config_id.as_str()) else {
                likeness.unknown += 1;
                continue;
            };
            if peers.iter().any(|peer| peer.seed == record.seed && is_equal(record, peer)) {
                likeness.equal += 1;
            } else if is_within(record, peers) {
                likeness.within += 1;
            } else {
                likeness.outside.push(format!("{} seed {}", record.arm, record.seed));
            }
        }
        likeness
    }

    /// Writes the comparison below a folder.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        write_atomically(&folder.join(LIKENESS), &serde_json::to_vec_pretty(self)?)
    }

    /// Reads the comparison of a folder; `None` where none was made.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&fs_err::read(folder.join(LIKENESS)).ok()?).ok()
    }
}

impl std::fmt::Display for Likeness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { equal, within, outside, unknown } = self;
        write!(
            f,
            "{equal} runs equal the reference to the bit, {within} lie within its spread over seeds, {} outside",
            outside.len()
        )?;
        if *unknown > 0 {
            write!(f, ", {unknown} are of arms that it does not have")?;
        }
        Ok(())
    }
}

/// Whether a run ended and went as a stored one, by the numbers that the stored one has: a later program may measure more.
pub(crate) fn is_equal(run: &RunRecord, stored: &RunRecord) -> bool {
    let same_end = match (&run.outcome, &stored.outcome) {
        (Outcome::Finished { summary: own }, Outcome::Finished { summary: its }) => {
            its.values().iter().all(|(name, value)| own.values().get(name) == Some(value))
        }
        (own, its) => own == its,
    };
    same_end && stored.traces.iter().all(|(name, trace)| run.traces.get(name) == Some(trace))
}

/// Whether a run is such as one more seed of its arm would be: it diverged and so did another, or each of its numbers
/// lies in the prediction interval of the others'. Where every other seed diverged, a run that ended is none of them.
pub(crate) fn is_within(run: &RunRecord, peers: &[&RunRecord]) -> bool {
    let Outcome::Finished { summary } = &run.outcome else {
        return peers.iter().any(|peer| peer.outcome.status() == run.outcome.status());
    };
    if peers.iter().all(|peer| !matches!(peer.outcome, Outcome::Finished { .. })) {
        return false;
    }
    let level = 1.0 - ALARM / summary.values().len().max(1) as f64;
    summary.values().iter().all(|(name, value)| {
        let number = |peer: &&RunRecord| match &peer.outcome {
            Outcome::Finished { summary } => summary.values().get(name).copied(),
            _ => None,
        };
        let others: Vec<f64> = peers.iter().filter_map(number).collect();
        match others.len() {
            // The stored runs did not measure it.
            0 => true,
            1 => false,
            _ => stats::prediction::interval(&others, level).contains(*value),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Diverged, Summary};
    use crate::origin::Origin;
    use crate::store::Stored;

    fn run(seed: u64, numbers: &[(&str, f64)]) -> RunRecord {
        let mut summary = Summary::default();
        for (name, value) in numbers {
            summary.insert(name, *value);
        }
        RunRecord {
            experiment: "toy".into(),
            epoch: 1,
            arm: "arm".into(),
            config_id: "c".into(),
            config: serde_json::Value::Null,
            seed,
            outcome: Outcome::Finished { summary },
            traces: BTreeMap::new(),
            samples: Vec::new(),
            wall_seconds: 0.0,
            origin: Origin::unknown(),
        }
    }

    fn store(records: Vec<RunRecord>) -> Store {
        let mut store = Store::default();
        for record in records {
            let name = (record.config_id.clone(), record.seed);
            store.runs.insert(name, Stored { record, samples: BTreeMap::default() });
        }
        store
    }

    #[test]
    fn runs_are_equal_within_outside_or_unknown() {
        let reference = store((0..5).map(|seed| run(seed, &[("x", seed as f64)])).collect());
        let diverged = Outcome::Diverged(Diverged { step: 1, what: "x".into() });
        let own = store(vec![
            run(0, &[("x", 0.0)]),
            // A later program measures more.
            run(1, &[("x", 1.0), ("y", 7.0)]),
            run(2, &[("x", 2.5)]),
            run(3, &[("x", 1e3)]),
            RunRecord { outcome: diverged, ..run(4, &[]) },
            RunRecord { config_id: "another".into(), ..run(0, &[]) },
        ]);
        let found = Likeness::of(&own, &reference);
        let outside = vec!["arm seed 3".to_owned(), "arm seed 4".to_owned()];
        assert_eq!(found, Likeness { equal: 2, within: 1, outside, unknown: 1 });
    }

    #[test]
    fn a_run_that_ended_is_not_one_of_those_that_diverged() {
        let diverged = Outcome::Diverged(Diverged { step: 1, what: "x".into() });
        let of = |seed| RunRecord { outcome: diverged.clone(), ..run(seed, &[]) };
        let reference = store((0..5).map(of).collect());
        let own = store(vec![run(0, &[("x", 0.0)]), of(7)]);
        let found = Likeness::of(&own, &reference);
        assert_eq!((found.within, found.outside), (1, vec!["arm seed 0".to_owned()]));
    }
}
