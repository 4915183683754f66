//! Which of several models is nearer to the real rows.

use serde::Serialize;
use stats::{Interval, jackknife};

use super::number;
use crate::LEVEL;
use crate::estimate::Line;
use crate::metrics::{Better, METRICS};

/// The difference of a metric between two fake samples.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Difference {
    pub(crate) metric: &'static str,
    /// The fake samples, counted from 0.
    pub(crate) a: usize,
    pub(crate) b: usize,
    /// The value of `a` less that of `b`.
    #[serde(rename = "difference")]
    pub(crate) value: f64,
    /// Ends of its interval: the same real rows are left out of both values.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// The better one, where the interval has no 0; `None` where it has, or where neither end is better.
    pub(crate) decided: Option<usize>,
}

impl Difference {
    pub(super) fn row(&self) -> [String; 7] {
        let decided = self.decided.map_or_else(|| "no".to_owned(), |which| which.to_string());
        let [difference, low, high] = [self.value, self.low, self.high].map(|x| number(Some(x)));
        let what = match self.decided {
            Some(which) => format!("{which} is better"),
            None => "undecided at these rows".to_owned(),
        };
        let pair = format!("{}-{}", self.a, self.b);
        [self.metric.to_owned(), pair, difference, low, high, decided, what]
    }
}

/// Returns the differences of all pairs, for each metric with values of both without the same groups of real rows.
pub(crate) fn differences(lines: &[Line]) -> Vec<Difference> {
    let mut found = Vec::new();
    for metric in METRICS.iter().filter(|metric| metric.better != Better::Neither) {
        let own: Vec<&Line> = lines.iter().filter(|line| line.metric == metric.name).collect();
        for (at, a) in own.iter().enumerate() {
            for b in &own[at + 1..] {
                if a.parts.is_empty() || a.parts.len() != b.parts.len() || a.rows != b.rows {
                    continue;
                }
                let parts: Vec<f64> = a.parts.iter().zip(&b.parts).map(|(a, b)| a - b).collect();
                let difference = a.value - b.value;
                let Interval { low, high } = jackknife::interval(difference, &parts, LEVEL);
                let lower = if high < 0.0 { Some(a.fake) } else { (low > 0.0).then_some(b.fake) };
                let decided = match metric.better {
                    Better::Lower => lower,
                    _ => lower.map(|lower| if lower == a.fake { b.fake } else { a.fake }),
                };
                let metric = metric.name;
                found.push(Difference {
                    metric,
                    a: a.fake,
                    b: b.fake,
                    value: difference,
                    low,
                    high,
                    decided,
                });
            }
        }
    }
    found
}
