//! The verbs of a program.

mod args;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches};
use serde_json::{Value, json};

use crate::book::Book;
use crate::claim::{Claim, Judged};
use crate::experiment::{Experiment, Profile, Usage, arms_of, part_of};
use crate::files::is_same;
use crate::ledger::{Ledger, Stamp};
use crate::likeness::Likeness;
use crate::manifest::Manifest;
use crate::origin::Origin;
use crate::plan::{Cell, Selection};
use crate::preflight::{is_reference, protect_reference};
use crate::report::{conclude, judged_results, merge, refuse_other_profile};
use crate::settings::{Settings, flatten, show};
use crate::signals::{INTERRUPTED, listen};
use crate::store::{Store, lock_tables};
use crate::survey::Survey;
use crate::sweep::sweep;
use crate::table::RUNS;
use crate::{ledger, power, report, say, scoreboard, verify};
use args::{Cli, Format, ReportArgs, SelectionArgs, SiteArgs, Verb};

const OK: u8 = 0;
const FAILED: u8 = 1;
const WRONG_COMMAND: u8 = 2;
const CELLS_FAILED: u8 = 3;
const DIFFERENT: u8 = 4;
const INCOMPLETE: u8 = 5;

pub(crate) fn main<E: Experiment>() -> ExitCode {
    (E::backend().prepare_thread)();
    let name = E::NAME;
    let help = format!(
        "Examples:\n  {name} run                       every cell of the quick profile, then the report\n  \
         {name} run --profile smoke --out local/smoke\n  \
         {name} run --seeds 0..3 --jobs 1  some seeds, one cell at a time\n  \
         {name} run --arm NAME             one arm, or one part; `list` shows their names\n  \
         {name} run --shard 0/4            a quarter of the cells; `report` merges the quarters\n  \
         {name} report                     claims and figures again, from what is stored\n  \
         {name} verify --cells 2           train two cells again and compare\n\n\
         Exit codes: 0 done; 1 failed; 2 wrong command line; 3 some cells panicked, `run` tries them again; \
         4 verify found a difference; 5 report found cells missing; 130 interrupted."
    );
    let version = format!("{} ({})", env!("CARGO_PKG_VERSION"), E::backend().commit);
    let command = Cli::command().name(name).bin_name(name).about(E::ABOUT).after_help(help);
    let command = command.version(version);
    let cli = match Cli::from_arg_matches(&command.get_matches()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match verb::<E>(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(format!("{name}: error: {error:#}"));
            ExitCode::from(if error.is::<Usage>() { WRONG_COMMAND } else { FAILED })
        }
    }
}

fn verb<E: Experiment>(cli: Cli) -> Result<u8> {
    let folder = cli.out.join(E::NAME);
    match cli.verb {
        Verb::Run { selection, dry_run: true, .. } | Verb::List { selection } => {
            list::<E>(&selection, &folder, cli.format)
        }
        Verb::Run { selection, site, report, from, dry_run: false, no_report } => {
            let report = (!no_report).then_some(&report);
            run::<E>(&cli.out, &selection, site, from.as_deref(), report, cli.format)
        }
        Verb::Report { profile, set, report } => {
            let recorded = Book::read::<E>(&folder)?;
            let stored = Manifest::read(&folder)?.map(|stored| stored.profile);
            let (is_recorded, whole) = (recorded.is_some(), profile.or(stored));
            let mut book =
                recorded.unwrap_or_else(|| Book::whole::<E>(whole.unwrap_or(Profile::Quick)));
            refuse_other_profile(&folder, profile.unwrap_or(book.profile), Some(&book))?;
            if !set.is_empty() {
                judge_settings(&mut book, set)?;
            }
            if !folder.exists() {
                anyhow::bail!("{} holds no results; `run` makes them", folder.display());
            }
            let (store, survey) = merge::<E>(&folder, &book)?;
            if store.runs.is_empty() && survey.panicked > 0 {
                return Ok(CELLS_FAILED);
            }
            finish::<E>(&cli.out, &store, &book, &report, cli.format)?;
            if is_recorded {
                book.write(&folder)?;
            }
            Ok(match () {
                () if survey.panicked > 0 => CELLS_FAILED,
                () if !survey.is_complete() => INCOMPLETE,
                () => OK,
            })
        }
        Verb::Verify { cells, site } => {
            let site = site.site::<E>(folder)?;
            let differences = verify::verify::<E>(&site, cells)?;
            for line in &differences {
                say(format!("{}: {line}", E::NAME));
            }
            print(&format!("{}: {} differences\n", E::NAME, differences.len()))?;
            Ok(if differences.is_empty() { OK } else { DIFFERENT })
        }
        Verb::Rules { profile, readme, record } => {
            rules::<E>(profile, readme.as_deref(), record.as_deref(), cli.format)
        }
        Verb::ShowConfig { selection } => {
            let mut configs: Vec<_> = selection
                .cells::<E>()?
                .into_iter()
                .map(|cell| json!({"config_id": cell.config_id, "config": cell.json}))
                .collect();
            configs.dedup();
            print(&format!("{}\n", serde_json::to_string_pretty(&configs)?))?;
            Ok(OK)
        }
    }
}

/// Trains what is not done yet; then the report, unless it is left to `report`.
fn run<E: Experiment>(
    out: &Path,
    args: &SelectionArgs,
    site: SiteArgs,
    from: Option<&Path>,
    report: Option<&ReportArgs>,
    format: Format,
) -> Result<u8> {
    let folder = out.join(E::NAME);
    let (selection, cells) = (args.selection(), args.cells::<E>()?);
    let site = site.site::<E>(folder.clone())?;
    protect_reference(out, &selection, Origin::here::<E>(site.device).is_clean())?;
    listen()?;
    let (store, book) = begin(&Beginning::<E> {
        folder: &folder,
        profile: args.profile,
        selection: &selection,
        cells: &cells,
        is_reference: is_reference(out),
        from: from.map(|from| from.join(E::NAME)).as_deref(),
    })?;
    let ended = sweep::<E>(&cells, &store, &site)?;
    if ended.interrupted {
        say(format!("{}: interrupted; the same command goes on from here", E::NAME));
        return Ok(INTERRUPTED);
    }
    if ended.trained == 0 {
        say(format!("{}: nothing to train, all {} cells are done", E::NAME, ended.skipped));
    }
    let panicked = if let Some(report) = report {
        let (store, survey) = merge::<E>(&folder, &book)?;
        // Where every cell has panicked there is nothing to judge.
        if !store.runs.is_empty() {
            finish::<E>(out, &store, &book, report, format)?;
        }
        survey.panicked > 0
    } else {
        !ended.panicked.is_empty()
    };
    for line in &ended.panicked {
        say(format!("{}: panicked: {line}", E::NAME));
    }
    Ok(if panicked { CELLS_FAILED } else { OK })
}

/// What a `run` begins with.
struct Beginning<'a, E: Experiment> {
    folder: &'a Path,
    profile: Profile,
    selection: &'a Selection,
    /// The cells of the selection.
    cells: &'a [Cell<E::Config>],
    /// Whether the folder is the committed one, which needs no record of plans, being whole.
    is_reference: bool,
    /// Another folder whose runs count.
    from: Option<&'a Path>,
}

/// Reads what a folder holds, takes over what another holds of its cells, and records what is planned.
fn begin<E: Experiment>(beginning: &Beginning<E>) -> Result<(Store, Book)> {
    let Beginning { folder, profile, selection, cells, is_reference, from } = *beginning;
    refuse_other_profile(folder, profile, Book::read::<E>(folder)?.as_ref())?;
    // Locked, so that of two programs that record their plans at once both do.
    let lock = lock_tables(folder)?;
    let mut store = Store::read_locked::<E>(folder, &lock)?;
    // Tables without recorded plans are of a whole profile.
    let of_whole = || (!store.runs.is_empty()).then(|| Book::whole::<E>(profile));
    let book = match Book::read::<E>(folder)?.or_else(of_whole) {
        None => Book::of::<E>(profile, selection),
        Some(mut book) => {
            book.add(selection);
            book
        }
    };
    if let Some(from) = from {
        if !from.exists() {
            anyhow::bail!("--from: {} holds no results", from.display());
        }
        let adopted = store.adopt(Store::read::<E>(from)?, cells);
        say(format!("{}: {adopted} runs are taken over from {}", E::NAME, from.display()));
        let survey = Survey::of::<E>(&store, &book);
        store.write_tables::<E>(folder, profile, (survey.done, survey.planned))?;
    }
    if !is_reference {
        book.write(folder)?;
    }
    Ok((store, book))
}

/// Makes these settings the judged ones.
fn judge_settings(book: &mut Book, set: Settings) -> Result<(), Usage> {
    let known = book.settings();
    if known.contains(&set) {
        book.judged = set;
        return Ok(());
    }
    let or_nothing = |set: &Settings| {
        if set.is_empty() { "nothing".to_owned() } else { show(set) }
    };
    let known: Vec<String> = known.iter().map(or_nothing).collect();
    Err(Usage(format!(
        "--set {}: no plan of this folder sets it; plans set {}",
        show(&set),
        known.join(", or ")
    )))
}

/// Claims, figures and scoreboard of what is stored; the verdicts go to stdout.
fn finish<E: Experiment>(
    out: &Path,
    store: &Store,
    book: &Book,
    report: &ReportArgs,
    format: Format,
) -> Result<()> {
    let folder = out.join(E::NAME);
    let claims = conclude::<E>(&folder, &judged_results::<E>(store, book, &folder)?)?;
    if let Some(readme) = &report.readme {
        update_readme::<E>(readme, &folder, book.profile, &claims)?;
    }
    if !is_same(out, &report.reference) && report.reference.join(E::NAME).exists() {
        let likeness = Likeness::of(store, &Store::read::<E>(&report.reference.join(E::NAME))?);
        likeness.write(&folder)?;
        say(format!("{}: {likeness}", E::NAME));
    }
    scoreboard::write(out, &report.reference)?;
    say(format!("{}: claims, figures and tables are in {}", E::NAME, folder.display()));
    let others = book.settings().len() - 1;
    if others > 0 {
        let judged = match show(&book.judged) {
            none if none.is_empty() => "no changed field".to_owned(),
            some => some,
        };
        say(format!(
            "{}: claims and figures are of the runs with {judged}; `report --set` judges the other {others} settings",
            E::NAME
        ));
    }
    let lacking: Vec<&str> = claims
        .iter()
        .filter(|judged| judged.lacks_seeds())
        .map(|judged| judged.claim.id.as_str())
        .collect();
    if !lacking.is_empty() {
        say(format!(
            "{}: only Holm's correction over {} claims leaves {} undecided; more seeds can decide (run --seeds)",
            E::NAME,
            claims.len(),
            lacking.join(", ")
        ));
    }
    let idle = claims.iter().filter(|judged| judged.claim.estimate.is_none()).count();
    if idle > 0 {
        say(format!(
            "{}: {idle} of {} claims have no data; the numbers of what was run are in {}",
            E::NAME,
            claims.len(),
            folder.join("runs.parquet").display()
        ));
    }
    print(&match format {
        Format::Json => serde_json::to_string_pretty(&claims)? + "\n",
        Format::Table => claims.iter().map(line).collect(),
    })
}

/// Writes the tables of a README and the look at these results into the ledger beside it.
fn update_readme<E: Experiment>(
    readme: &Path,
    folder: &Path,
    profile: Profile,
    judged: &[Judged],
) -> Result<()> {
    let mut ledger = Ledger::beside(readme)?;
    let claims: Vec<_> = judged.iter().map(|judged| judged.claim.clone()).collect();
    let drift = ledger.drift(&claims);
    if !drift.is_empty() {
        anyhow::bail!(
            "{}; record it with `{} rules --readme {} --record WHY`",
            drift.join("; "),
            E::NAME,
            readme.display()
        );
    }
    let manifest = Manifest::read(folder)?;
    let table = manifest.and_then(|manifest| manifest.blake3.get(RUNS).cloned());
    ledger.look(judged, profile, &table.unwrap_or_default(), &Stamp::today(E::backend().commit));
    ledger.write()?;
    scoreboard::update_readme(readme, E::NAME, judged, &ledger, &power::<E>(profile, &claims))
}

/// What the seeds of a profile's arms can see of claims that rest on a test.
fn power<E: Experiment>(profile: Profile, claims: &[Claim]) -> String {
    let seeds = arms_of::<E>(profile).iter().map(|arm| arm.seeds).collect();
    power::table(&seeds, claims.iter().filter(|claim| claim.is_tested()).count())
}

/// Prints the rules of the claims; compares them with those of the ledger beside a README, or records them there.
fn rules<E: Experiment>(
    profile: Profile,
    readme: Option<&Path>,
    why: Option<&str>,
    format: Format,
) -> Result<u8> {
    let claims = report::rules::<E>(profile);
    let rules = claims.iter().map(|claim| (claim.id.as_str(), ledger::rule(claim)));
    print(&match format {
        Format::Json => serde_json::to_string_pretty(&rules.collect::<BTreeMap<_, _>>())? + "\n",
        Format::Table => {
            rules.map(|(id, rule)| format!("{id:<14} {rule}\n")).collect::<Vec<_>>().concat()
        }
    })?;
    say(power::<E>(profile, &claims));
    let Some(readme) = readme else { return Ok(OK) };
    let mut ledger = Ledger::beside(readme)?;
    if let Some(why) = why {
        ledger.record(&claims, why, &Stamp::today(E::backend().commit));
        ledger.write()?;
    }
    let drift = ledger.drift(&claims);
    for line in &drift {
        say(format!("{}: {line}", E::NAME));
    }
    Ok(if drift.is_empty() { OK } else { DIFFERENT })
}

fn line(judged: &Judged) -> String {
    let (claim, verdict) = (&judged.claim, scoreboard::verdict(judged).replace('*', ""));
    let estimate = scoreboard::estimate(claim);
    format!("{:<14} {verdict:<14} {estimate:<28} {}\n", claim.id, claim.statement)
}

fn list<E: Experiment>(selection: &SelectionArgs, folder: &Path, format: Format) -> Result<u8> {
    let cells = selection.cells::<E>()?;
    let store = Store::read::<E>(folder)?;
    let recorded = Book::read::<E>(folder)?;
    let book = recorded.unwrap_or_else(|| Book::of::<E>(selection.profile, &selection.selection()));
    let text = match format {
        Format::Json => {
            let cell = |cell: &Cell<E::Config>| json!({"arm": cell.arm, "config_id": cell.config_id, "seeds": cell.seeds, "done": store.is_done(cell), "config": cell.json});
            serde_json::to_string_pretty(&cells.iter().map(cell).collect::<Vec<_>>())? + "\n"
        }
        Format::Table => {
            let width = cells.iter().map(|cell| cell.arm.chars().count()).max().unwrap_or(0);
            let line = |cell: &Cell<E::Config>| {
                let (first, last) = (cell.seeds[0], cell.seeds[cell.seeds.len() - 1]);
                let state = if store.is_done(cell) { "done" } else { "open" };
                let seeds = format!("seeds {first} to {last}");
                let line = format!(
                    "{:<width$} {state} {seeds:<16} {}",
                    cell.arm,
                    differences(cell, &cells)
                );
                line.trim_end().to_owned() + "\n"
            };
            cells.iter().map(line).collect()
        }
    };
    print(&text)?;
    say(format!("{}: {}", E::NAME, Survey::of::<E>(&store, &book)));
    Ok(OK)
}

/// The fields in which a cell's configuration differs from that of the first arm of its part.
fn differences<C>(cell: &Cell<C>, cells: &[Cell<C>]) -> String {
    let first = cells.iter().find(|first| part_of(&first.arm) == part_of(&cell.arm));
    let usual: BTreeMap<String, Value> =
        first.map(|first| flatten(&first.json)).unwrap_or_default().into_iter().collect();
    let own = flatten(&cell.json).into_iter();
    let differing = own.filter(|(key, value)| usual.get(key) != Some(value));
    let shown = differing.map(|(key, value)| match value {
        Value::String(text) => format!("{key}={text}"),
        value => format!("{key}={value}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// Writes data to stdout; a reader that went away (`| head`) is no error.
fn print(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
