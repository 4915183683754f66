//! The verbs of a program.

mod args;
mod judge;
mod list;
mod metrics;
mod pages;
mod rules;
mod train;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Command, CommandFactory, FromArgMatches};
use comfy_table::{ContentArrangement, Table, presets};

use crate::experiment::{Experiment, Usage};
use crate::signals::{INTERRUPTED, Stopped, listen};
use crate::{say, verify};
use args::{Cli, Verb};

const OK: u8 = 0;
const FAILED: u8 = 1;
const WRONG_COMMAND: u8 = 2;
const CELLS_FAILED: u8 = 3;
const DIFFERENT: u8 = 4;
const INCOMPLETE: u8 = 5;

pub(crate) fn main<E: Experiment>() -> ExitCode {
    (E::backend().prepare_thread)();
    let cli = match Cli::from_arg_matches(&command::<E>().get_matches()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match verb::<E>(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(format!("{}: error: {error:#}", E::NAME));
            ExitCode::from(match () {
                () if error.is::<Usage>() => WRONG_COMMAND,
                () if error.is::<Stopped>() => INTERRUPTED,
                () => FAILED,
            })
        }
    }
}

/// The command line of an experiment's program.
fn command<E: Experiment>() -> Command {
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
    command.version(version)
}

fn verb<E: Experiment>(Cli { verb, place }: Cli) -> Result<u8> {
    match verb {
        Verb::Run(args) if args.dry_run => {
            list::list::<E>(&args.selection, args.from.as_deref(), &place)
        }
        Verb::Run(args) if args.how_long => {
            list::how_long::<E>(&args.selection, args.from.as_deref(), &place)
        }
        Verb::Run(args) => train::run::<E>(args, &place),
        Verb::List { selection } => list::list::<E>(&selection, None, &place),
        Verb::Report { profile, set, report } => {
            judge::report::<E>(&place, profile, &set, report.readme.as_deref())
        }
        Verb::Verify { cells, site } => {
            listen()?;
            let differences = verify::verify::<E>(&site.site::<E>(place.folder::<E>())?, cells)?;
            for line in &differences {
                say(format!("{}: {line}", E::NAME));
            }
            print(&format!("{}: {} differences\n", E::NAME, differences.len()))?;
            Ok(if differences.is_empty() { OK } else { DIFFERENT })
        }
        Verb::Rules { profile, readme, record } => {
            rules::rules::<E>(profile, readme.as_deref(), record.as_deref(), place.format)
        }
        Verb::ShowConfig { selection } => list::show_config::<E>(&selection),
        Verb::Metrics => metrics::metrics::<E>(&place),
        Verb::Multiply => {
            (E::backend().multiply)();
            Ok(OK)
        }
        Verb::Completions { shell } => pages::completions(command::<E>(), E::NAME, shell),
        Verb::Man { folder } => pages::man(command::<E>(), &folder),
    }
}

/// Returns a table, in columns of the terminal where there is one, or a row a line; nothing without rows and head.
fn table(head: Option<&[&str]>, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if let Some((terminal_size::Width(width), _)) = terminal_size::terminal_size()
        && std::io::stdout().is_terminal()
    {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    if let Some(head) = head {
        table.set_header(head.to_vec());
    }
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let text = table.trim_fmt();
    if text.is_empty() { text } else { text + "\n" }
}

/// Writes data to stdout; a reader that went away (`| head`) is no error.
fn print(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
