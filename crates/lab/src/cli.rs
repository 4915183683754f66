//! What was typed, and the verbs.

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use serde_json::json;

use crate::claim::Judged;
use crate::experiment::{Device, Experiment, Profile};
use crate::plan::{Cell, Selection, cells};
use crate::record::{read_shard, shard_path};
use crate::report::{conclude, load, merge, refuse_other_profile};
use crate::sweep::{Site, sweep};
use crate::{interrupt, scoreboard, verify};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// Folder of results, one folder per experiment below it
    #[arg(long, global = true, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// How to print what goes to stdout
    #[arg(long, global = true, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Subcommand)]
enum Verb {
    /// Train what is not on disk yet, then report
    Run {
        #[command(flatten)]
        selection: SelectionArgs,
        #[command(flatten)]
        site: SiteArgs,
        #[command(flatten)]
        report: ReportArgs,
        /// Print the cells and whether they are done, and train nothing
        #[arg(long)]
        dry_run: bool,
        /// Keep the records and leave the tables to `report`: for parts that run at the same time
        #[arg(long)]
        no_report: bool,
    },
    /// Merge shards into tables, judge the claims, draw the figures; train nothing
    Report {
        /// The profile whose shards are merged; default: that of the stored results, else quick
        #[arg(long, value_enum)]
        profile: Option<Profile>,
        #[command(flatten)]
        report: ReportArgs,
    },
    /// Check stored results: hashes, identities, and the cheapest cells trained again
    Verify {
        /// How many cells to train again
        #[arg(long, value_name = "N", default_value_t = 1)]
        cells: usize,
        #[command(flatten)]
        site: SiteArgs,
    },
    /// List the cells of a selection and whether they are done
    List {
        #[command(flatten)]
        selection: SelectionArgs,
    },
    /// Print the configurations of a selection as JSON
    ShowConfig {
        #[command(flatten)]
        selection: SelectionArgs,
    },
}

#[derive(Args)]
struct SelectionArgs {
    /// How much to run
    #[arg(long, value_enum, default_value = "quick")]
    profile: Profile,
    /// Seeds A to B, B left out; widened to whole stacks
    #[arg(long, value_name = "A..B", value_parser = parse_seeds)]
    seeds: Option<Range<u64>>,
    /// Only configurations with this value of a field; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    only: Vec<(String, String)>,
    /// Change a field of every selected configuration; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    set: Vec<(String, String)>,
    /// Run part I of N disjoint parts, I from 0
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    shard: Option<(usize, usize)>,
}

impl SelectionArgs {
    fn cells<E: Experiment>(self) -> Result<Vec<Cell<E::Config>>> {
        let Self { profile, seeds, only, set, shard } = self;
        cells::<E>(profile, &Selection { seeds, only, set, shard })
    }
}

#[derive(Args)]
struct SiteArgs {
    /// Cells at a time; default: all cores, or 1 on CUDA. Changes no number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Where to train
    #[arg(long, value_enum, default_value = "cpu")]
    device: DeviceArg,
    /// Folder of the data sets
    #[arg(
        long,
        value_name = "DIR",
        env = "GAN_DATA_DIR",
        hide_env_values = true,
        default_value = ".deps/data"
    )]
    data_dir: PathBuf,
    /// Seconds between checkpoints of long cells
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    checkpoint_every: u64,
}

impl SiteArgs {
    fn site<E: Experiment>(self, folder: PathBuf) -> Result<Site> {
        let available = (E::backend().cuda_is_available)();
        let device = match self.device {
            DeviceArg::Cuda if !available => {
                bail!("--device cuda: {} sees no CUDA device; use --device cpu", E::backend().name)
            }
            DeviceArg::Cuda | DeviceArg::Auto if available => Device::Cuda,
            _ => Device::Cpu,
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let default = if device == Device::Cuda { 1 } else { cores };
        Ok(Site {
            folder,
            data_dir: self.data_dir,
            device,
            jobs: self.jobs.map_or(default, usize::from),
            checkpoint_every: Duration::from_secs(self.checkpoint_every),
        })
    }
}

#[derive(Args)]
struct ReportArgs {
    /// Results that the scoreboard compares with
    #[arg(long, value_name = "DIR", default_value = "results")]
    reference: PathBuf,
    /// README whose claim table to rewrite
    #[arg(long, value_name = "FILE")]
    readme: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Table,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum DeviceArg {
    Cpu,
    Cuda,
    /// CUDA where there is one
    Auto,
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as key=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn parse_seeds(text: &str) -> Result<Range<u64>, String> {
    let (start, end) = text.split_once("..").ok_or("write it as A..B, such as 0..10")?;
    let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is not a seed"));
    let (start, end) = (number(start)?, number(end)?);
    if start < end { Ok(start..end) } else { Err(format!("{start}..{end} holds no seed")) }
}

fn parse_shard(text: &str) -> Result<(usize, usize), String> {
    let (index, count) = text.split_once('/').ok_or("write it as I/N, such as 0/4")?;
    let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is not a number"));
    let (index, count): (usize, usize) = (number(index)?, number(count)?);
    if index < count {
        Ok((index, count))
    } else {
        Err(format!("part {index} of {count}: parts count from 0"))
    }
}

const OK: u8 = 0;
const FAILED: u8 = 1;
const CELLS_FAILED: u8 = 3;
const DIFFERENT: u8 = 4;
const INTERRUPTED: u8 = 130;

pub(crate) fn main<E: Experiment>() -> ExitCode {
    (E::backend().prepare_thread)();
    let name = E::NAME;
    let help = format!(
        "Examples:\n  {name} run                       every cell of the quick profile, then the report\n  \
         {name} run --profile smoke --out local/smoke\n  \
         {name} run --seeds 0..3 --jobs 1  some seeds, one cell at a time\n  \
         {name} run --shard 0/4            a quarter of the cells; `report` merges the quarters\n  \
         {name} report                     claims and figures again, from what is stored\n  \
         {name} verify --cells 2           train two cells again and compare\n\n\
         Exit codes: 0 done; 1 failed; 2 wrong command line; 3 some cells panicked; \
         4 verify found a difference; 130 interrupted."
    );
    let command = Cli::command().name(name).bin_name(name).about(E::ABOUT).after_help(help);
    let cli = match Cli::from_arg_matches(&command.get_matches()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match verb::<E>(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{name}: error: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

fn verb<E: Experiment>(cli: Cli) -> Result<u8> {
    let folder = cli.out.join(E::NAME);
    match cli.verb {
        Verb::Run { selection, dry_run: true, .. } => {
            list(&selection.cells::<E>()?, &folder, cli.format)
        }
        Verb::Run { selection, site, report, dry_run: false, no_report } => {
            let profile = selection.profile;
            let cells = selection.cells::<E>()?;
            refuse_other_profile(&folder, profile)?;
            let site = site.site::<E>(folder)?;
            interrupt::listen()?;
            let ended = sweep::<E>(&cells, &site)?;
            if ended.interrupted {
                eprintln!("{}: interrupted; the same command goes on from here", E::NAME);
                return Ok(INTERRUPTED);
            }
            if ended.trained == 0 {
                eprintln!("{}: nothing to train, all {} cells are done", E::NAME, ended.skipped);
            }
            if !no_report {
                merge::<E>(&site.folder, profile, site.device, &cells)?;
                finish::<E>(&cli.out, &report, cli.format)?;
            }
            for line in &ended.panicked {
                eprintln!("{}: panicked: {line}", E::NAME);
            }
            Ok(if ended.panicked.is_empty() { OK } else { CELLS_FAILED })
        }
        Verb::Report { profile, report } => {
            let stored = crate::manifest::Manifest::read(&folder)?.map(|stored| stored.profile);
            let profile = profile.or(stored).unwrap_or(Profile::Quick);
            refuse_other_profile(&folder, profile)?;
            merge::<E>(&folder, profile, Device::Cpu, &[])?;
            finish::<E>(&cli.out, &report, cli.format)?;
            Ok(OK)
        }
        Verb::Verify { cells, site } => {
            let site = site.site::<E>(folder)?;
            let differences = verify::verify::<E>(&site, cells)?;
            for line in &differences {
                eprintln!("{}: {line}", E::NAME);
            }
            print(&format!("{}: {} differences\n", E::NAME, differences.len()))?;
            Ok(if differences.is_empty() { OK } else { DIFFERENT })
        }
        Verb::List { selection } => list(&selection.cells::<E>()?, &folder, cli.format),
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

/// Claims, figures and scoreboard of what is stored; the verdicts go to stdout.
fn finish<E: Experiment>(out: &Path, report: &ReportArgs, format: Format) -> Result<()> {
    let folder = out.join(E::NAME);
    let claims = conclude::<E>(&folder, &load::<E>(&folder)?)?;
    if let Some(readme) = &report.readme {
        scoreboard::update_readme(readme, E::NAME, &claims)?;
    }
    scoreboard::write(out, &report.reference)?;
    eprintln!("{}: claims, figures and tables are in {}", E::NAME, folder.display());
    let lacking: Vec<&str> = claims
        .iter()
        .filter(|judged| judged.lacks_seeds())
        .map(|judged| judged.claim.id.as_str())
        .collect();
    if !lacking.is_empty() {
        eprintln!(
            "{}: only Holm's correction over {} claims leaves {} undecided; more seeds can decide (run --seeds)",
            E::NAME,
            claims.len(),
            lacking.join(", ")
        );
    }
    let idle = claims.iter().filter(|judged| judged.claim.estimate.is_none()).count();
    if idle > 0 {
        eprintln!(
            "{}: {idle} of {} claims have no data; the numbers of what was run are in {}",
            E::NAME,
            claims.len(),
            folder.join("runs.parquet").display()
        );
    }
    print(&match format {
        Format::Json => serde_json::to_string_pretty(&claims)? + "\n",
        Format::Table => claims.iter().map(line).collect(),
    })
}

fn line(judged: &Judged) -> String {
    let verdict = judged.verdict.word().replace('*', "");
    let claim = &judged.claim;
    format!(
        "{:<5} {verdict:<13} {:<28} {}\n",
        claim.id,
        scoreboard::estimate(claim),
        claim.statement
    )
}

fn list<C>(cells: &[Cell<C>], folder: &Path, format: Format) -> Result<u8> {
    let done = |cell: &Cell<C>| {
        let whole = |seed: &u64| read_shard(&shard_path(folder, &cell.config_id, *seed));
        cell.seeds.iter().all(|seed| matches!(whole(seed), Ok(Some(_))))
    };
    let text = match format {
        Format::Json => {
            let cell = |cell: &Cell<C>| json!({"config_id": cell.config_id, "seeds": cell.seeds, "done": done(cell), "config": cell.json});
            serde_json::to_string_pretty(&cells.iter().map(cell).collect::<Vec<_>>())? + "\n"
        }
        Format::Table => {
            let line = |cell: &Cell<C>| {
                let (first, last) = (cell.seeds[0], cell.seeds[cell.seeds.len() - 1]);
                let state = if done(cell) { "done" } else { "open" };
                let config = crate::record::canonical(&cell.json);
                format!("{} {state} seeds {first}..={last} {config}\n", cell.config_id)
            };
            cells.iter().map(line).collect()
        }
    };
    print(&text)?;
    Ok(OK)
}

/// Writes data to stdout; a reader that went away (`| head`) is no error.
fn print(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
