//! Shards to tables, tables to claims and figures. Never trains.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::claim::{Judged, judge};
use crate::experiment::{Device, Experiment, Profile};
use crate::files::write_atomically;
use crate::manifest::{Manifest, SAMPLES};
use crate::plan::{Cell, Selection, cells};
use crate::record::{RunRecord, read_shard};
use crate::results::{Results, Row};
use crate::run::{Array, read_arrays, write_arrays};
use crate::table;

/// File of the judged claims.
pub(crate) const CLAIMS: &str = "claims.json";

/// Rebuilds the tables from the shards of a folder that belong to the profile's grid or to `planned`.
/// Returns whether there were any; without shards, the stored tables stay as they are.
///
/// # Errors
/// If the folder holds tables of another profile, or cannot be written.
pub(crate) fn merge<E: Experiment>(
    folder: &Path,
    profile: Profile,
    device: Device,
    planned: &[Cell<E::Config>],
) -> Result<bool> {
    let mut wanted: BTreeSet<String> = planned.iter().map(|cell| cell.config_id.clone()).collect();
    wanted.extend(cells::<E>(profile, &Selection::default())?.into_iter().map(|c| c.config_id));
    let shards = read_shards::<E>(folder, &wanted)?;
    if shards.is_empty() {
        return Ok(false);
    }
    let records: Vec<&RunRecord> = shards.iter().map(|(record, _)| record).collect();
    table::write(folder, &records)?;
    let mut samples = BTreeMap::new();
    for (record, arrays) in &shards {
        for (name, array) in arrays {
            let name = format!("{}/{}/{name}", record.config_id, record.seed);
            samples.insert(name, array.clone());
        }
    }
    write_arrays(&folder.join(SAMPLES), &samples, &BTreeMap::new())?;
    Manifest::of::<E>(folder, profile, device, &records)?.write(folder)?;
    Ok(true)
}

/// Fails if a folder holds the results of another profile.
pub(crate) fn refuse_other_profile(folder: &Path, profile: Profile) -> Result<()> {
    if let Some(stored) = Manifest::read(folder)?.filter(|stored| stored.profile != profile) {
        bail!(
            "{} holds the results of --profile {}; choose another --out for {}",
            folder.display(),
            stored.profile.name(),
            profile.name()
        );
    }
    Ok(())
}

/// Reads the shards of this epoch, sorted by configuration and seed; damaged ones are reported.
fn read_shards<E: Experiment>(
    folder: &Path,
    wanted: &BTreeSet<String>,
) -> Result<Vec<(RunRecord, BTreeMap<String, Array>)>> {
    let folder = folder.join("shards");
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut shards = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if hidden || path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        match read_shard(&path) {
            Ok(Some((record, samples)))
                if record.experiment == E::NAME
                    && record.epoch == E::EPOCH
                    && wanted.contains(&record.config_id) =>
            {
                shards.push((record, samples));
            }
            Ok(_) => {}
            Err(error) => eprintln!("{}: left out: {error:#}", E::NAME),
        }
    }
    shards.sort_by(|(a, _), (b, _)| (&a.config_id, a.seed).cmp(&(&b.config_id, b.seed)));
    Ok(shards)
}

/// Reads the stored results of a folder.
///
/// # Errors
/// If there are none, or they do not fit this program.
pub(crate) fn load<E: Experiment>(folder: &Path) -> Result<Results<E::Config>> {
    let Some(manifest) = Manifest::read(folder)? else {
        bail!("{} holds no results; `run` makes them", folder.display());
    };
    let mut samples: BTreeMap<(String, u64), BTreeMap<String, Array>> = BTreeMap::new();
    for (name, array) in read_arrays(&folder.join(SAMPLES))?.0 {
        let mut parts = name.splitn(3, '/');
        let (id, seed, rest) = (parts.next(), parts.next(), parts.next());
        let (Some(id), Some(Ok(seed)), Some(rest)) = (id, seed.map(str::parse), rest) else {
            bail!("{}: unexpected name `{name}`", folder.join(SAMPLES).display());
        };
        samples.entry((id.to_owned(), seed)).or_default().insert(rest.to_owned(), array);
    }
    let rows = table::read(folder)?.into_iter().map(|stored| {
        let config = serde_json::from_value(stored.config.clone()).with_context(|| {
            format!(
                "{}: the config of {} is of another version",
                folder.display(),
                stored.config_id
            )
        })?;
        Ok(Row {
            config,
            samples: samples.remove(&(stored.config_id.clone(), stored.seed)).unwrap_or_default(),
            wall_seconds: manifest
                .wall_seconds
                .get(&format!("{}-{}", stored.config_id, stored.seed))
                .copied(),
            config_id: stored.config_id,
            seed: stored.seed,
            outcome: stored.outcome,
            traces: stored.traces,
        })
    });
    Ok(Results { profile: manifest.profile, rows: rows.collect::<Result<_>>()? })
}

/// Judges the claims of stored results, draws their figures, and writes both below the folder.
///
/// # Errors
/// If a file cannot be written or a figure cannot be drawn.
pub(crate) fn conclude<E: Experiment>(
    folder: &Path,
    results: &Results<E::Config>,
) -> Result<Vec<Judged>> {
    let claims = judge(E::claims(results));
    write_atomically(&folder.join(CLAIMS), &serde_json::to_vec_pretty(&claims)?)?;
    let figures = folder.join("figures");
    for figure in E::figures(results) {
        figure.write(&figures).with_context(|| format!("cannot draw {}", figure.file_name()))?;
    }
    for animation in E::animations(results) {
        fs_err::create_dir_all(&figures)?;
        let path = figures.join(format!("{}.gif", animation.name));
        animation.write(&path).with_context(|| format!("cannot draw {}", path.display()))?;
    }
    Ok(claims)
}
