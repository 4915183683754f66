//! Ctrl-C: the first asks running cells to stop at their next door, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Starts listening for SIGINT and SIGTERM.
///
/// # Errors
/// If a handler is already installed.
pub(crate) fn listen() -> Result<()> {
    ctrlc::set_handler(|| {
        if REQUESTED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        eprintln!("stopping: finished cells are kept; press Ctrl-C again to leave at once");
    })
    .context("cannot listen for Ctrl-C")
}

/// Returns whether the user asked to stop.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
