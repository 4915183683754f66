//! What was typed.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::experiment::{Device, Experiment, Profile};
use crate::plan::{Cell, Selection, cells, part};
use crate::progress::Among;
use crate::rate::Rates;
use crate::sweep::Site;

#[derive(Parser)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) verb: Verb,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Where results are, and how to print what is asked of them.
#[derive(Args)]
pub(super) struct Place {
    /// Folder of results, one folder per experiment below it
    #[arg(long, global = true, value_name = "DIR", default_value = "local")]
    pub(super) out: PathBuf,
    /// Results that reports compare with, and whose runs tell how long training takes
    #[arg(long, global = true, value_name = "DIR", default_value = "results")]
    pub(super) reference: PathBuf,
    /// How to print what goes to stdout
    #[arg(long, global = true, value_enum, default_value = "table")]
    pub(super) format: Format,
}

impl Place {
    /// Returns the folder of an experiment's results.
    pub(super) fn folder<E: Experiment>(&self) -> PathBuf {
        self.out.join(E::NAME)
    }
}

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Train what is not on disk yet, then report
    Run(RunArgs),
    /// Merge shards into tables, judge the claims, draw the figures; train nothing
    Report {
        /// The profile whose shards are merged; default: that of the stored results, else quick
        #[arg(long, value_enum)]
        profile: Option<Profile>,
        /// Judge the runs with these changed fields, where the folder holds several; default: those that were run or judged last
        #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
        set: Vec<(String, String)>,
        #[command(flatten)]
        report: ReportArgs,
    },
    /// Check stored results: hashes, identities, and the cheapest cells (an arm and seeds that train as one) trained again
    Verify {
        /// How many cells to train again
        #[arg(long, value_name = "N", default_value_t = 1)]
        cells: usize,
        #[command(flatten)]
        site: SiteArgs,
    },
    /// List the arms of a selection and how much of each is done
    List {
        #[command(flatten)]
        selection: SelectionArgs,
    },
    /// Print the rules of the claims, and compare them with those that were recorded
    Rules {
        /// The profile whose results the claims are of
        #[arg(long, value_enum, default_value = "reference")]
        profile: Profile,
        /// README beside whose ledger, claims.lock, holds the recorded rules
        #[arg(long, value_name = "FILE")]
        readme: Option<PathBuf>,
        /// Record the rules that have changed, for this reason
        #[arg(long, value_name = "WHY", requires = "readme")]
        record: Option<String>,
    },
    /// Print the configurations of a selection as JSON
    ShowConfig {
        #[command(flatten)]
        selection: SelectionArgs,
    },
    /// Print what every metric is; with stored results below --out, fail where they hold one that nothing describes
    Metrics,
    /// Multiply two matrices, for the question what the linear algebra takes
    #[command(hide = true)]
    Multiply,
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write manual pages, of the program and of each verb
    Man {
        /// Folder of the pages
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

#[derive(Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    #[command(flatten)]
    pub(super) site: SiteArgs,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    /// Results, such as those of another profile, whose runs of the same configuration and seed are not trained again
    #[arg(long, value_name = "DIR")]
    pub(super) from: Option<PathBuf>,
    /// Print the arms and how much of them is done, and train nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print how many seconds of one core the open runs take, as stored runs tell, and train nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) how_long: bool,
    /// Seconds of one core of the experiments before and after this one, for one total of all (`make reproduce-all`)
    #[arg(long, value_name = "BEFORE/AFTER", hide = true, value_parser = parse_among)]
    pub(super) among: Option<Among>,
    /// Keep the records and leave the tables to `report`: for parts that run at the same time
    #[arg(long)]
    pub(super) no_report: bool,
}

#[derive(Args)]
pub(super) struct SelectionArgs {
    /// How much to run
    #[arg(long, value_enum, default_value = "quick")]
    pub(super) profile: Profile,
    /// Seeds A to B, B left out; widened to the stacks of an arm, of 5 or 10 seeds that train as one
    #[arg(long, value_name = "A..B", value_parser = parse_seeds)]
    pub(super) seeds: Option<Range<u64>>,
    /// Only this arm, or the arms whose names begin so, as in `ring` or `ring/vae`; may be repeated
    #[arg(long = "arm", value_name = "NAME")]
    pub(super) arms: Vec<String>,
    /// Only configurations with this value of a field; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    pub(super) only: Vec<(String, String)>,
    /// Change a field of every selected configuration; several values, as in steps=30,40, make one configuration each;
    /// may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    pub(super) set: Vec<(String, String)>,
    /// Run part I of N disjoint parts, I from 0
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    pub(super) shard: Option<(usize, usize)>,
}

impl SelectionArgs {
    /// Returns what was selected, parts aside.
    pub(super) fn selection(&self) -> Selection {
        let Self { seeds, arms, only, set, .. } = self;
        Selection { seeds: seeds.clone(), arms: arms.clone(), only: only.clone(), set: set.clone() }
    }

    /// Returns the selected cells of the wanted part.
    pub(super) fn cells<E: Experiment>(&self) -> Result<Vec<Cell<E::Config>>> {
        let cells = cells::<E>(self.profile, &self.selection())?;
        Ok(match self.shard {
            Some(shard) => part(cells, shard),
            None => cells,
        })
    }
}

#[derive(Args)]
pub(super) struct SiteArgs {
    /// Cells (an arm and the seeds that train as one) at a time; default: all cores, or 1 on CUDA. Changes no number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// Where to train
    #[arg(long, value_enum, default_value = "cpu")]
    pub(super) device: DeviceArg,
    /// Folder of the data sets
    #[arg(
        long,
        value_name = "DIR",
        env = "GAN_DATA_DIR",
        hide_env_values = true,
        default_value = ".deps/data"
    )]
    pub(super) data_dir: PathBuf,
    /// Seconds between checkpoints, from which a killed run goes on
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(super) checkpoint_every: u64,
}

impl SiteArgs {
    pub(super) fn site<E: Experiment>(self, folder: PathBuf) -> Result<Site> {
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
            rates: Rates::default(),
            among: None,
        })
    }
}

#[derive(Args)]
pub(super) struct ReportArgs {
    /// README whose tables of rules and claims to rewrite; the look is added to claims.lock beside it
    #[arg(long, value_name = "FILE")]
    pub(super) readme: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(super) enum Format {
    Table,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum DeviceArg {
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
    if end > MOST_SEED {
        return Err(format!("{end} is too large; seeds end at {MOST_SEED}"));
    }
    if start < end { Ok(start..end) } else { Err(format!("{start}..{end} holds no seed")) }
}

fn parse_among(text: &str) -> Result<Among, String> {
    let parts = text.split_once('/').ok_or("write it as BEFORE/AFTER, such as 60/600")?;
    let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is not a number"));
    Ok(Among { before: number(parts.0)?, after: number(parts.1)? })
}

/// Seeds are exact in single columns of every reader of the tables.
const MOST_SEED: u64 = 1 << 53;

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
