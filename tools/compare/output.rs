//! The result on stdout, and remarks on stderr.

use std::io::{ErrorKind, Write, stderr, stdout};

use anyhow::{Context, Result};

use crate::estimate::Line;

const HEAD: [&str; 7] = ["metric", "value", "low", "high", "floor", "p", "what"];

/// Returns the lines as columns that split at spaces: a number that there is not is a dash, and `what`, which alone
/// has spaces, comes last.
pub(crate) fn table(lines: &[Line]) -> String {
    let rows: Vec<[String; 7]> =
        std::iter::once(HEAD.map(str::to_owned)).chain(lines.iter().map(row)).collect();
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
        (false, _) => "",
        (true, Some(_)) => "; biased, so see the floor",
        (true, None) => "; biased, and rows are too few for a floor",
    };
    let note = line.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
    let what = format!("{}{biased}{note}", line.about);
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
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let _ = writeln!(stderr(), "{line}");
}
