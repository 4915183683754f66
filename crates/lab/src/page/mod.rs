//! `index.html`: every claim of a folder of results on one page that needs no network and no script.
//!
//! What it shows is computed here; `page.html` is the template, and carries its style and its script.

mod forest;
mod section;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;

use crate::claim::{Judged, Verdict};
use crate::files::{is_same, write_atomically};
use crate::likeness::Likeness;
use crate::manifest::Manifest;
use crate::number::number;
use crate::report::CLAIMS;
use crate::scoreboard::{self, kind};
use crate::table::{Outline, outline};
use section::Section;

/// File of the page, beside the scoreboard.
pub(crate) const PAGE: &str = "index.html";

/// The results of one experiment, as its folder holds them.
struct Folder {
    name: String,
    claims: Vec<Judged>,
    manifest: Manifest,
    outline: Outline,
    likeness: Option<Likeness>,
    /// The same of the reference, where this is a reproduction and the reference has the experiment.
    reference: Option<(Vec<Judged>, Manifest)>,
}

impl Folder {
    /// Reads the folder of an experiment below `out`; `reference` is that of the reference, where it is another.
    fn read(out: &Path, name: &str, reference: Option<&Path>) -> Result<Self> {
        let folder = out.join(name);
        let manifest = |folder: &Path| {
            let lacking = || format!("{} has claims but no manifest", folder.display());
            Manifest::read(folder)?.with_context(lacking)
        };
        let reference = reference.map(|reference| reference.join(name));
        let reference = reference.filter(|reference| reference.join(CLAIMS).exists());
        let read =
            |folder: &Path| Ok::<_, anyhow::Error>((scoreboard::read(folder)?, manifest(folder)?));
        Ok(Self {
            name: name.to_owned(),
            claims: scoreboard::read(&folder)?,
            manifest: manifest(&folder)?,
            outline: outline(&folder)?,
            likeness: Likeness::read(&folder),
            reference: reference.map(|reference| read(&reference)).transpose()?,
        })
    }

    /// Returns the seconds of one core of all runs: a stack's once, though each of its members has them.
    fn core_seconds(&self) -> f64 {
        let stack = |(key, seconds): (&String, &f64)| {
            let id = key.rsplit_once('-').map_or(key.as_str(), |(id, _)| id);
            ((id.to_owned(), seconds.to_bits()), *seconds)
        };
        let stacks: BTreeMap<_, _> = self.manifest.wall_seconds.iter().map(stack).collect();
        stacks.into_values().sum()
    }

    /// Returns what is said of the experiment as a whole.
    fn summary(&self) -> Summary {
        let Manifest { profile, runs, cells, .. } = &self.manifest;
        let count = self.claims.len();
        Summary {
            name: self.name.clone(),
            profile: profile.name(),
            claims: format!("{count} claim{}", if count == 1 { "" } else { "s" }),
            runs: runs.values().sum(),
            diverged: runs.get("diverged").copied().unwrap_or(0),
            incomplete: (cells.0 < cells.1)
                .then(|| format!("{} of {} planned cells", cells.0, cells.1)),
            cost: cost(self.core_seconds()),
            machine: self.machine(),
            likeness: self.likeness.as_ref().map(ToString::to_string),
            outside: self
                .likeness
                .as_ref()
                .map_or_else(Vec::new, |likeness| likeness.outside.clone()),
        }
    }

    fn machine(&self) -> String {
        let by = |of: fn(&crate::origin::Origin) -> &str| self.manifest.origins_by(of);
        let [cpu, backend, device] =
            [by(|origin| &origin.cpu), by(|origin| &origin.backend), by(|origin| &origin.device)];
        format!("{cpu} ({backend}, {device})")
    }
}

/// The head of an experiment's claims.
#[derive(Serialize)]
struct Summary {
    name: String,
    profile: &'static str,
    claims: String,
    runs: usize,
    diverged: usize,
    incomplete: Option<String>,
    cost: String,
    machine: String,
    likeness: Option<String>,
    outside: Vec<String>,
}

/// Writes `<out>/index.html` from the claims of every experiment below `out`. Where `out` is not the reference, each
/// claim stands beside the reference's.
///
/// # Errors
/// If stored claims or tables are damaged, or the file cannot be written.
pub(crate) fn write(out: &Path, reference: &Path) -> Result<()> {
    let own = is_same(out, reference);
    let other = (!own).then_some(reference);
    let folders = scoreboard::experiments(out)?.into_iter();
    let folders: Vec<Folder> =
        folders.map(|name| Folder::read(out, &name, other)).collect::<Result<_>>()?;
    let experiments: Vec<(Summary, Vec<Section>)> =
        folders.iter().map(|folder| (folder.summary(), section::of(folder, out))).collect();
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page", include_str!("page.html"))?;
    let text = environment.get_template("page")?.render(context! {
        own,
        verdicts => Verdict::ALL.map(|verdict| (slug(verdict.words()), verdict.words())),
        kinds => KINDS,
        seen => SEEN,
        profiles => profiles(&folders),
        counts => counts(&folders),
        forest => Value::from(Serde(forest::plot(&folders))),
        experiments => Value::from(Serde(experiments)),
        total => folders.iter().map(|folder| folder.claims.len()).sum::<usize>(),
        style => include_str!("page.css"),
        script => include_str!("page.js"),
    })?;
    write_atomically(&out.join(PAGE), text.as_bytes())
}

/// Who makes claims, as [`kind`] says it.
const KINDS: [&str; 3] = ["published", "derived", "ours"];
/// How sources are known, as [`section::seen`] says it.
const SEEN: [&str; 4] = ["read", "second-hand", "from memory", "no source"];

fn profiles(folders: &[Folder]) -> Vec<&'static str> {
    let mut all: Vec<_> = folders.iter().map(|folder| folder.manifest.profile.name()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Counts the claims of each verdict by who makes them: the verdict as a class and in words, and the counts in the
/// order of [`KINDS`].
fn counts(folders: &[Folder]) -> Vec<(String, &'static str, [usize; 3])> {
    let count = |verdict: Verdict, who: &str| {
        let all = folders.iter().flat_map(|folder| &folder.claims);
        let of_kind = all.filter(|judged| kind(&judged.claim.basis) == who);
        of_kind.filter(|judged| judged.verdict == Some(verdict)).count()
    };
    let row = |verdict: Verdict| {
        (slug(verdict.words()), verdict.words(), KINDS.map(|who| count(verdict, who)))
    };
    Verdict::ALL.map(row).to_vec()
}

/// A word of several as one, for addresses and classes.
fn slug(words: &str) -> String {
    words.to_lowercase().replace(' ', "-")
}

/// Seconds of one core in words.
fn cost(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{} core-seconds", number(s)),
        s if s < 5_400.0 => format!("{} core-minutes", number(s / 60.0)),
        s => format!("{} core-hours", number(s / 3_600.0)),
    }
}
