//! Lines for a person on stderr.

use std::fmt::Display;
use std::io::Write;

/// Writes a line to stderr. A stderr that is closed or full is no reason to stop: nobody reads it.
pub fn say(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
