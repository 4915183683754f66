//! One metric of two samples, with its interval and its floor.

use std::sync::OnceLock;

use gan::ratio::Features;
use rayon::prelude::*;
use serde::Serialize;
use stats::distance::Points;
use stats::{Interval, jackknife};

use crate::cost::Budget;
use crate::frame::{Frame, Pair};
use crate::metric::{Bias, Coordinates, Estimator, Metric};
use crate::sample::without;
use crate::{LEVEL, bandwidth, ratio};

/// Groups of rows that are left out in turn for an interval.
const GROUPS: usize = 10;
/// Estimates for a value, its interval and its floor.
pub(crate) const ESTIMATES: usize = GROUPS + 2;

/// A number, and what is left of iterations that ended before their tolerance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    /// The residual, if it is beyond the tolerance.
    pub(crate) unmet: Option<f64>,
}

impl From<f64> for Estimate {
    fn from(value: f64) -> Self {
        Self { value, unmet: None }
    }
}

pub(crate) struct Test {
    pub(crate) statistic: f64,
    pub(crate) interval: Option<Interval>,
    pub(crate) p_value: f64,
}

/// What is the same for all parts of the rows, so that these estimate the same number.
pub(crate) struct Context<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) features: Features,
    pub(crate) seed: u64,
    bandwidth: OnceLock<f64>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(frame: &'a Frame, seed: u64) -> Self {
        let Pair { real, fake } = &frame.pair;
        let features = ratio::affordable(frame.moving.len(), real, fake);
        Self { frame, features, seed, bandwidth: OnceLock::new() }
    }

    /// Returns the median distance, which only some metrics need.
    pub(crate) fn bandwidth(&self) -> f64 {
        *self.bandwidth.get_or_init(|| bandwidth::of(&self.frame.pair))
    }
}

/// One line of the result.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) metric: &'static str,
    pub(crate) value: f64,
    /// Ends of the interval of the value: for a biased metric, of what as many rows give again.
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    /// Whether few rows of one law are expected above 0.
    pub(crate) biased: bool,
    /// The value between two halves of the real rows, of a biased metric.
    pub(crate) floor: Option<f64>,
    pub(crate) p_value: Option<f64>,
    /// What holds these numbers back.
    pub(crate) note: Option<String>,
    pub(crate) about: &'static str,
}

impl Line {
    /// Whether all numbers are numbers.
    pub(crate) fn is_whole(&self) -> bool {
        let numbers = [Some(self.value), self.low, self.high, self.floor, self.p_value];
        numbers.into_iter().flatten().all(f64::is_finite)
    }
}

/// Estimates one metric.
pub(crate) fn line(metric: &Metric, context: &Context, budget: Budget) -> Line {
    let frame = context.frame;
    let Pair { real, fake } = match metric.coordinates {
        Coordinates::Given => &frame.pair,
        Coordinates::White => frame.white(),
    };
    let mut line = Line {
        metric: metric.name,
        value: 0.0,
        low: None,
        high: None,
        biased: metric.bias == Bias::OfFewRows,
        floor: None,
        p_value: None,
        note: None,
        about: metric.about,
    };
    let interval = match metric.estimator {
        Estimator::Test(test) => {
            let test = test(real, fake, context);
            (line.value, line.p_value) = (test.statistic, Some(test.p_value));
            test.interval
        }
        Estimator::Value(estimate) => {
            let scale = frame.unit.powi(metric.power);
            let whole = estimate(real, fake, context);
            let at_once = budget.at_once((metric.cost)(real, fake));
            let parts = parts(real, fake, at_once, |x, y| estimate(x, y, context));
            let values: Vec<f64> = parts.iter().map(|part| part.value).collect();
            line.value = whole.value * scale;
            line.note = note(whole, &parts);
            if has_floor(metric, context) {
                let [a, b] = [0, 1].map(|half| without(real, half, 2));
                line.floor = Some(estimate(&a, &b, context).value * scale);
            }
            // Scaled last: what has the square of a unit may have no square itself.
            let Interval { low, high } = jackknife::interval(whole.value, &values, LEVEL);
            // What has the unit of the values is a distance.
            let low = if metric.power > 0 { low.max(0.0) } else { low };
            Some(Interval { low: low * scale, high: high * scale })
        }
    };
    (line.low, line.high) = interval.map(|interval| (interval.low, interval.high)).unzip();
    line
}

/// Estimates without each group of rows, so many at the same time.
fn parts(
    real: &Points,
    fake: &Points,
    at_once: usize,
    estimate: impl Fn(&Points, &Points) -> Estimate + Sync,
) -> Vec<Estimate> {
    let part = |group: &usize| {
        gan::prepare_thread();
        estimate(&without(real, *group, GROUPS), &without(fake, *group, GROUPS))
    };
    let groups: Vec<usize> = (0..GROUPS).collect();
    groups.chunks(at_once).flat_map(|some| some.par_iter().map(part).collect::<Vec<_>>()).collect()
}

/// Whether a metric has a floor, and half of the real rows are enough for it.
fn has_floor(metric: &Metric, context: &Context) -> bool {
    let frame = context.frame;
    let half = || without(&frame.pair.real, 0, 2);
    let enough = || ratio::affords(context.features, frame.moving.len(), &half(), &half());
    metric.bias == Bias::OfFewRows && (metric.coordinates == Coordinates::Given || enough())
}

/// Says which iterations ended before their tolerance.
fn note(whole: Estimate, parts: &[Estimate]) -> Option<String> {
    let early = parts.iter().filter(|part| part.unmet.is_some()).count();
    match whole.unmet {
        Some(residual) => {
            Some(format!("did not converge, iterations ended at residual {residual:.1e}"))
        }
        None if early > 0 => {
            let all = parts.len();
            Some(format!("{early} of the interval's {all} estimates did not converge"))
        }
        None => None,
    }
}
