//! Do stored results still hold? Hashes, identities, and a few cells trained again.

use anyhow::{Result, bail};

use crate::experiment::Experiment;
use crate::manifest::{Manifest, cpu_model, hashes};
use crate::plan::{Cell, Selection, cells};
use crate::progress::CellProgress;
use crate::record::Outcome;
use crate::sweep::{Site, train};
use crate::table;

/// Tolerance of a retrained number where the machine or libtorch differ, relative to its size or to 1.
/// Training amplifies the last bits, so this is a plausibility check, not an identity.
const TOLERANCE: f64 = 0.25;

/// Checks the stored results below `site.folder` and trains the `count` cheapest cells again.
/// Returns one line per difference.
///
/// # Errors
/// If there are no readable results.
pub(crate) fn verify<E: Experiment>(site: &Site, count: usize) -> Result<Vec<String>> {
    let folder = &site.folder;
    let Some(manifest) = Manifest::read(folder)? else {
        bail!("{} holds no results; `run` makes them", folder.display());
    };
    let mut differences = Vec::new();
    if hashes(folder)? != manifest.blake3 {
        differences.push("the tables do not have the hashes of manifest.json".to_owned());
    }
    let stored = table::read(folder)?;
    let plan = cells::<E>(manifest.profile, &Selection::default())?;
    for run in &stored {
        if !plan.iter().any(|c| c.config_id == run.config_id && c.seeds.contains(&run.seed)) {
            differences.push(format!("{} seed {} is not in the grid", run.config_id, run.seed));
        }
    }

    let exact = manifest.cpu == cpu_model()
        && manifest.backend == E::backend().name
        && manifest.device == "cpu";
    let wall = |cell: &Cell<E::Config>| {
        let key = format!("{}-{}", cell.config_id, cell.seeds[0]);
        manifest.wall_seconds.get(&key).copied()
    };
    let mut again: Vec<_> = plan.iter().filter_map(|cell| Some((wall(cell)?, cell))).collect();
    again.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (seconds, cell) in again.into_iter().take(count) {
        eprintln!(
            "{}: training {} again, about {seconds:.0} s; numbers should agree {}",
            E::NAME,
            cell.config_id,
            if exact { "to the bit" } else { "roughly: another processor or libtorch" }
        );
        let scratch = tempfile::tempdir()?;
        let site = Site { folder: scratch.path().to_owned(), ..site.clone() };
        let Some(records) = train::<E>(cell, &site, CellProgress::hidden()) else {
            bail!("interrupted");
        };
        for (record, _) in records {
            let same = |run: &&table::StoredRun| {
                run.config_id == record.config_id && run.seed == record.seed
            };
            match stored.iter().find(same) {
                None => differences.push(format!("{} has no stored run", record.config_id)),
                Some(run)
                    if exact && run.outcome == record.outcome && run.traces == record.traces => {}
                Some(run) if !exact && close(&run.outcome, &record.outcome) => {}
                Some(_) => differences.push(format!(
                    "{} seed {} trains to other numbers than the stored ones",
                    record.config_id, record.seed
                )),
            }
        }
    }
    Ok(differences)
}

fn close(a: &Outcome, b: &Outcome) -> bool {
    let (Outcome::Finished { summary: a }, Outcome::Finished { summary: b }) = (a, b) else {
        return a.status() == b.status();
    };
    a.values().len() == b.values().len()
        && a.values().iter().all(|(name, x)| {
            let near = |y: &f64| (x - y).abs() <= TOLERANCE * x.abs().max(1.0);
            b.values().get(name).is_some_and(near)
        })
}
