//! What a waiting person sees on stderr: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::say;

/// Progress is counted in thousandths of a cell's cost.
const UNIT: f64 = 1000.0;

/// The progress of a whole sweep.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    terminal: bool,
    cells: u64,
    done: AtomicU64,
    started: Instant,
}

/// The part of one cell in it; clones are of the same part.
#[derive(Clone, Debug)]
pub(crate) struct CellProgress {
    sweep: Option<Arc<Progress>>,
    cost: f64,
    shown: Arc<AtomicU64>,
}

impl Progress {
    pub(crate) fn new(label: &str, cells: u64, total_cost: f64) -> Arc<Self> {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::new((total_cost * UNIT) as u64);
        if terminal {
            let style = ProgressStyle::with_template(
                "{prefix} {wide_bar:.cyan/dim} {percent}%  {msg}  {elapsed} gone, {eta} left",
            );
            bar.set_style(style.expect("a template that was tested"));
            bar.enable_steady_tick(Duration::from_millis(250));
        } else {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        bar.set_prefix(label.to_owned());
        bar.set_message(format!("0/{cells} cells"));
        Arc::new(Self { bar, terminal, cells, done: AtomicU64::new(0), started: Instant::now() })
    }

    /// Returns the progress of a cell of this relative cost.
    pub(crate) fn cell(self: &Arc<Self>, cost: f64) -> CellProgress {
        CellProgress { sweep: Some(self.clone()), cost, shown: Arc::default() }
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
}

impl CellProgress {
    /// Returns a progress that nobody sees.
    pub(crate) fn hidden() -> Self {
        Self { sweep: None, cost: 0.0, shown: Arc::default() }
    }

    pub(crate) fn say(&self, line: &str) {
        match &self.sweep {
            Some(sweep) => sweep.say(line),
            None => say(line),
        }
    }

    /// Shows that `step` of `total` steps are done.
    pub(crate) fn set(&self, step: u64, total: u64) {
        let Some(sweep) = &self.sweep else { return };
        let reached = (self.cost * UNIT * step as f64 / total.max(1) as f64) as u64;
        let shown = self.shown.fetch_max(reached, Ordering::SeqCst);
        sweep.bar.inc(reached.saturating_sub(shown));
    }

    /// Shows that the cell is done, with a line about it.
    pub(crate) fn done(self, line: &str) {
        self.set(1, 1);
        let Some(sweep) = &self.sweep else { return };
        let done = sweep.done.fetch_add(1, Ordering::SeqCst) + 1;
        sweep.bar.set_message(format!("{done}/{} cells", sweep.cells));
        if !sweep.terminal {
            let share = sweep.bar.position() as f64 / sweep.bar.length().unwrap_or(1).max(1) as f64;
            let gone = sweep.started.elapsed().as_secs_f64();
            let left = gone * (1.0 - share).max(0.0) / share.max(1e-9);
            say(format!(
                "[{done}/{}] {line}; {gone:.0} s gone, about {left:.0} s left",
                sweep.cells
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cell that shows its steps through a clone and then is done counts once.
    #[test]
    fn a_cell_counts_once() {
        let progress = Progress::new("test", 2, 10.0);
        for expected in [0.5, 1.0] {
            let cell = progress.cell(5.0);
            let clone = cell.clone();
            clone.set(3, 4);
            clone.set(2, 4);
            cell.done("a cell");
            let share = progress.bar.position() as f64 / progress.bar.length().unwrap() as f64;
            assert!((share - expected).abs() < 1e-9, "{share}");
        }
    }
}
