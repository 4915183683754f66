//! What a waiting person sees on stderr: a bar on a terminal, plain lines elsewhere.

use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::rate::words;
use crate::say;

/// Progress is counted in thousandths of a cell's work.
const UNIT: f64 = 1000.0;
/// How often a cell that trains says where it is: on a terminal, and in a log.
const SHOWN_EVERY: [Duration; 2] = [Duration::from_millis(250), Duration::from_mins(1)];
/// A smaller share says nothing of the speed.
const LEAST_SHARE: f64 = 0.02;

/// The experiments before and after this one, in seconds of one core, for one total of all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Among {
    pub(crate) before: f64,
    pub(crate) after: f64,
}

/// What is to be done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work {
    pub(crate) cells: u64,
    /// Work of all cells: seconds of one core, or a relative cost where nothing is known of seconds.
    pub(crate) total: f64,
    /// Seconds that it takes here, where stored runs tell.
    pub(crate) seconds: Option<f64>,
    pub(crate) among: Option<Among>,
}

/// The progress of a whole sweep.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    terminal: bool,
    label: String,
    work: Work,
    done: AtomicU64,
    started: Instant,
    spoken: Mutex<Instant>,
}

/// The part of one cell in it; clones are of the same part.
#[derive(Clone, Debug)]
pub(crate) struct CellProgress {
    sweep: Option<Arc<Progress>>,
    name: Arc<str>,
    work: f64,
    shown: Arc<AtomicU64>,
    metric: Arc<Mutex<Option<(String, f64)>>>,
}

impl Progress {
    pub(crate) fn new(label: &str, work: Work) -> Arc<Self> {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::new((work.total * UNIT) as u64);
        if terminal {
            let style =
                ProgressStyle::with_template("{prefix} {bar:24.cyan/dim} {percent:>3} %  {msg}");
            bar.set_style(style.expect("a template that was tested"));
            bar.enable_steady_tick(Duration::from_millis(250));
        } else {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        bar.set_prefix(label.to_owned());
        let (label, now) = (label.to_owned(), Instant::now());
        let (done, spoken) = (AtomicU64::new(0), Mutex::new(now));
        let progress = Self { bar, terminal, label, work, done, started: now, spoken };
        progress.bar.set_message(progress.standing());
        Arc::new(progress)
    }

    /// Returns the progress of a cell of this name and work.
    pub(crate) fn cell(self: &Arc<Self>, name: String, work: f64) -> CellProgress {
        CellProgress {
            sweep: Some(self.clone()),
            name: name.into(),
            work,
            ..CellProgress::hidden()
        }
    }

    /// Prints a line without disturbing the bar.
    pub(crate) fn say(&self, line: &str) {
        if self.terminal {
            self.bar.println(line);
        } else {
            say(line);
        }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn share(&self) -> f64 {
        self.bar.position() as f64 / self.bar.length().unwrap_or(1).max(1) as f64
    }

    /// Cells, and the time that is left of these and of all experiments.
    fn standing(&self) -> String {
        let Work { cells, total, seconds, among } = self.work;
        let (share, gone) = (self.share(), self.started.elapsed().as_secs_f64());
        let mut text = format!("{}/{cells} cells", self.done.load(Ordering::SeqCst));
        // Seconds here for the work that is left: at the speed so far, or at that of the stored runs.
        let whole = if share > LEAST_SHARE { Some(gone / share) } else { seconds };
        let Some(whole) = whole else { return text };
        let left = whole * (1.0 - share).max(0.0);
        let _ = write!(text, ", {} gone, about {} left", words(gone), words(left));
        if let (Some(Among { before, after }), Some(_)) = (among, seconds) {
            let percent = 100.0 * (before + total * share) / (before + total + after).max(1e-9);
            let all = left + after * whole / total.max(1e-9);
            let _ = write!(text, "; all experiments {percent:.0} %, about {} left", words(all));
        }
        text
    }
}

impl CellProgress {
    /// Returns a progress that nobody sees.
    pub(crate) fn hidden() -> Self {
        Self {
            sweep: None,
            name: "".into(),
            work: 0.0,
            shown: Arc::default(),
            metric: Arc::default(),
        }
    }

    pub(crate) fn say(&self, line: &str) {
        match &self.sweep {
            Some(sweep) => sweep.say(line),
            None => say(line),
        }
    }

    /// Notes the last value of a metric of the cell.
    pub(crate) fn note(&self, metric: &str, value: f64) {
        if self.sweep.is_some() {
            let mut last = self.metric.lock().unwrap_or_else(PoisonError::into_inner);
            *last = Some((metric.to_owned(), value));
        }
    }

    /// Shows that `step` of `total` steps are done.
    pub(crate) fn set(&self, step: u64, total: u64) {
        let Some(sweep) = &self.sweep else { return };
        self.advance(sweep, step, total);
        let Ok(mut spoken) = sweep.spoken.try_lock() else { return };
        if spoken.elapsed() < SHOWN_EVERY[usize::from(!sweep.terminal)] {
            return;
        }
        *spoken = Instant::now();
        let last = self.metric.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let metric = last.map_or_else(String::new, |(name, x)| format!(", {name} {x:.4}"));
        let line = format!("{}: step {step} of {total}{metric}", self.name);
        if sweep.terminal {
            sweep.bar.set_message(format!("{}\n  {line}", sweep.standing()));
        } else {
            say(format!("{}: {line}; {}", sweep.label, sweep.standing()));
        }
    }

    fn advance(&self, sweep: &Progress, step: u64, total: u64) {
        let reached = (self.work * UNIT * step as f64 / total.max(1) as f64) as u64;
        let shown = self.shown.fetch_max(reached, Ordering::SeqCst);
        sweep.bar.inc(reached.saturating_sub(shown));
    }

    /// Shows that the cell is done, with a line about how.
    pub(crate) fn done(self, how: &str) {
        let Some(sweep) = &self.sweep else { return };
        self.advance(sweep, 1, 1);
        let done = sweep.done.fetch_add(1, Ordering::SeqCst) + 1;
        let standing = sweep.standing();
        if sweep.terminal {
            sweep.bar.set_message(standing);
        } else {
            let left = standing.split_once(", ").map_or("", |(_, left)| left);
            say(format!("[{done}/{}] {} {how}; {left}", sweep.work.cells, self.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cell that shows its steps through a clone and then is done counts once.
    #[test]
    fn a_cell_counts_once() {
        let progress = Progress::new("test", Work { cells: 2, total: 10.0, ..Work::default() });
        for expected in [0.5, 1.0] {
            let cell = progress.cell("a cell".into(), 5.0);
            let clone = cell.clone();
            clone.set(3, 4);
            clone.set(2, 4);
            cell.done("in no time");
            assert!((progress.share() - expected).abs() < 1e-9, "{}", progress.share());
        }
    }

    /// Before anything is done, stored runs tell what is left, here and of all experiments.
    #[test]
    fn stored_runs_tell_what_is_left() {
        let among = Some(Among { before: 100.0, after: 600.0 });
        let work = Work { cells: 2, total: 300.0, seconds: Some(150.0), among };
        let standing = Progress::new("test", work).standing();
        let expected =
            "0/2 cells, 0 s gone, about 2 min left; all experiments 10 %, about 8 min left";
        assert_eq!(standing, expected);
    }
}
