//! What the system tells a sweep: to stop, or to write checkpoints.
//!
//! The first SIGINT, SIGTERM or SIGHUP asks running cells to stop at their next call of `Run::keep`; the second ends the process at
//! once, without destructors under working threads. SIGUSR1 and SIGUSR2, which preempting clusters send before they
//! take a node away, ask for checkpoints and go on.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use crate::say;

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
static CHECKPOINTS: AtomicUsize = AtomicUsize::new(0);

/// Exit code of a process that the user stopped.
pub(crate) const INTERRUPTED: u8 = 130;

/// The user stopped the program before it had ended.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Stopped;

/// Starts listening.
///
/// # Errors
/// If a handler cannot be installed.
pub(crate) fn listen() -> Result<()> {
    let stop = STOP.get_or_init(Arc::default);
    // `nohup` hands on an ignored SIGHUP: the user wants the sweep to outlive the terminal.
    let ends = if is_ignored(SIGHUP) { &[SIGINT, SIGTERM][..] } else { &[SIGINT, SIGTERM, SIGHUP] };
    for &signal in ends {
        // In this order: the first signal finds the flag down and raises it.
        flag::register_conditional_shutdown(signal, INTERRUPTED.into(), stop.clone())
            .and_then(|_| flag::register(signal, stop.clone()))
            .context("cannot listen for Ctrl-C")?;
    }
    let mut signals = Signals::new([ends, &[SIGUSR1, SIGUSR2]].concat())
        .context("cannot listen for signals of a cluster")?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            if [SIGUSR1, SIGUSR2].contains(&signal) {
                CHECKPOINTS.fetch_add(1, Ordering::SeqCst);
                say("writing checkpoints and going on");
            } else {
                say("stopping: finished cells are kept; press Ctrl-C again to leave at once");
            }
        }
    });
    Ok(())
}

/// Returns whether the user asked to stop.
pub(crate) fn stop_requested() -> bool {
    STOP.get().is_some_and(|stop| stop.load(Ordering::SeqCst))
}

/// Returns how often checkpoints were asked for.
pub(crate) fn checkpoints_requested() -> usize {
    CHECKPOINTS.load(Ordering::SeqCst)
}

/// Whether a signal was ignored when the process started, where the system tells.
fn is_ignored(signal: i32) -> bool {
    let status = fs_err::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (signal - 1)) != 0
}
