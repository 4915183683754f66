//! A result beside an earlier one of the same protocol.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::Value;

use super::protocol::unlike;
use super::{Protocol, number};
use crate::estimate::Line;

/// How a metric changed from an earlier result.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Change {
    pub(crate) metric: &'static str,
    pub(crate) before: f64,
    pub(crate) now: f64,
    /// Ends of the interval of the difference, the intervals of both taken as independent: with the same real rows it
    /// is too wide rather than too narrow. `None` if a result has no interval.
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
}

impl Change {
    pub(super) fn row(&self) -> [String; 7] {
        let decided = match (self.low, self.high) {
            (Some(low), Some(high)) if low > 0.0 || high < 0.0 => "yes",
            (Some(_), Some(_)) => "no",
            _ => "-",
        };
        let [before, now, low, high] =
            [Some(self.before), Some(self.now), self.low, self.high].map(number);
        let what = "of the difference: score both files in one run for a narrower interval";
        [self.metric.to_owned(), before, now, low, high, decided.to_owned(), what.to_owned()]
    }
}

/// Reads the metrics of an earlier result.
///
/// # Errors
/// If it is no result, or of another protocol.
pub(crate) fn earlier(path: &Path, protocol: &Protocol) -> Result<Vec<Value>> {
    let show = path.display();
    let text = fs_err::read_to_string(path)?;
    let earlier: Value = serde_json::from_str(&text)
        .with_context(|| format!("{show}: is no result; write it with --format json"))?;
    let (Some(old), Some(metrics)) = (earlier.get("protocol"), earlier["metrics"].as_array())
    else {
        bail!("{show}: is no result; write it with --format json");
    };
    let unlike = unlike(old, protocol);
    if !unlike.is_empty() {
        bail!(
            "{show}: is of another protocol, and its numbers do not compare: {} differ",
            unlike.join(", ")
        );
    }
    Ok(metrics.clone())
}

/// Returns how each metric changed from an earlier result.
pub(crate) fn changes(earlier: &[Value], lines: &[Line]) -> Vec<Change> {
    let change = |line: &Line| {
        let old = earlier.iter().find(|old| old["metric"] == line.metric && old["fake"] == 0)?;
        let before = old["value"].as_f64()?;
        let half = |low: Option<f64>, high: Option<f64>| Some((high? - low?) / 2.0);
        let both = half(old["low"].as_f64(), old["high"].as_f64()).zip(half(line.low, line.high));
        let difference = line.value - before;
        let ends = both.map(|(a, b)| (difference - a.hypot(b), difference + a.hypot(b)));
        let (low, high) = ends.unzip();
        Some(Change { metric: line.metric, before, now: line.value, low, high })
    };
    lines.iter().filter(|line| line.fake == 0).filter_map(change).collect()
}
