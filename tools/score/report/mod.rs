//! The result on stdout, and remarks on stderr.

mod against;
mod paired;
mod protocol;

pub(crate) use against::{Change, changes, earlier};
pub(crate) use paired::{Difference, differences};
pub(crate) use protocol::{Protocol, Side};

use std::io::{ErrorKind, Write, stderr, stdout};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::estimate::Line;

/// All that was found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// What the numbers depend on: numbers of other protocols do not compare.
    pub(crate) protocol: Protocol,
    pub(crate) metrics: Vec<Line>,
    /// Between fake samples, if there are several.
    pub(crate) differences: Vec<Difference>,
    /// From an earlier result, if one was given.
    pub(crate) changes: Vec<Change>,
    pub(crate) warnings: Vec<String>,
}

impl Report {
    /// Returns the report as columns that split at spaces: a number that there is not is a dash, and `what`, which
    /// alone has spaces, comes last.
    pub(crate) fn table(&self) -> String {
        let fakes = &self.protocol.fake;
        let mut text = String::new();
        for (which, fake) in fakes.iter().enumerate() {
            if fakes.len() > 1 {
                text.extend([
                    which.to_string(),
                    ": ".to_owned(),
                    clean(&fake.path),
                    "\n".to_owned(),
                ]);
            }
            let lines = self.metrics.iter().filter(|line| line.fake == which);
            let rows = lines.map(row).collect();
            text += &columns(["metric", "value", "low", "high", "floor", "p", "what"], rows);
        }
        if !self.differences.is_empty() {
            let rows = self.differences.iter().map(Difference::row).collect();
            text += "\n";
            text +=
                &columns(["metric", "pair", "difference", "low", "high", "decided", "what"], rows);
        }
        if !self.changes.is_empty() {
            let rows = self.changes.iter().map(Change::row).collect();
            text += "\n";
            text += &columns(["metric", "before", "now", "low", "high", "decided", "what"], rows);
        }
        text
    }
}

fn columns(head: [&str; 7], rows: Vec<[String; 7]>) -> String {
    let rows: Vec<[String; 7]> = std::iter::once(head.map(str::to_owned)).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let text = |row: &[String; 7]| {
        let numbers = (1..6).map(|column| format!("  {:>1$}", row[column], widths[column]));
        format!("{:<1$}{2}  {3}\n", row[0], widths[0], numbers.collect::<String>(), row[6])
    };
    rows.iter().map(text).collect()
}

fn row(line: &Line) -> [String; 7] {
    let [value, low, high, floor, p] =
        [Some(line.value), line.low, line.high, line.floor, line.p_value].map(number);
    let biased = match (line.biased, line.floor) {
        (true, Some(_)) => "; biased, so see the floor",
        _ => "",
    };
    let [n, m] = line.rows;
    let rows = if n == m { format!("{n} rows") } else { format!("{n} and {m} rows") };
    let note = line.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
    let what = format!("{}; {rows}{biased}{note}", line.about);
    [line.metric.to_owned(), value, low, high, floor, p, what]
}

fn number(x: Option<f64>) -> String {
    match x {
        None => "-".to_owned(),
        Some(0.0) => "0".to_owned(),
        Some(x) if x.abs() < 1e-3 || x.abs() >= 1e9 => format!("{x:.3e}"),
        Some(x) => format!("{x:.4}"),
    }
}

/// Writes the result; a reader that went away (`| head`) is no error.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("stdout cannot be written; make room, then run the same command")
        }
        _ => Ok(()),
    }
}

/// Writes one line to stderr, if anyone reads it; names of files and texts in them may have line ends.
pub(crate) fn say(text: &str) {
    let _ = writeln!(stderr(), "{}", clean(text));
}

fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Work of many steps, with the time that is left, where stderr is a terminal.
pub(crate) struct Steps(ProgressBar);

impl Steps {
    pub(crate) fn of(what: &str, count: usize) -> Self {
        let style = "{msg}: {pos} of {len}, {eta} left";
        let style = ProgressStyle::with_template(style).expect("a template");
        let bar = ProgressBar::new(count as u64).with_style(style);
        bar.set_message(clean(what));
        Self(bar)
    }

    pub(crate) fn advance(&self, steps: usize) {
        self.0.inc(steps as u64);
    }

    pub(crate) fn name(&self, what: &str) {
        self.0.set_message(clean(what));
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
