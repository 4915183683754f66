//! One metric of two samples, with its interval and its floor.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Result, bail};
use gan::metric::{Reach, RowMoments, group_ends};
use gan::ratio::Features;
use serde::Serialize;
use stats::{Interval, jackknife};
use tch::Tensor;

use crate::features::{Network, Pictures};
use crate::frame::Frame;
use crate::metrics::{Bias, Coordinates, MANY, Metric, Sorted, ratio};
use crate::{LEVEL, bandwidth};

/// Groups of rows that are left out in turn for an interval.
pub(crate) const GROUPS: i64 = 10;

/// A number, the same without each group of rows, and what stands beside it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    /// Without each group of rows in turn; none if no interval is asked for.
    pub(crate) parts: Vec<f64>,
    /// The value between halves of the real rows, where it came with the others.
    pub(crate) floor: Option<f64>,
    /// An interval by another way than leaving rows out.
    pub(crate) interval: Option<Interval>,
    pub(crate) p_value: Option<f64>,
    /// What holds the number back.
    pub(crate) note: Option<String>,
}

impl From<f64> for Estimate {
    fn from(value: f64) -> Self {
        Self { value, ..Self::default() }
    }
}

impl From<Vec<f64>> for Estimate {
    /// The number comes first, then those without each group.
    fn from(mut values: Vec<f64>) -> Self {
        let parts = values.split_off(1);
        Self { value: values[0], parts, ..Self::default() }
    }
}

/// Two samples as a metric takes them.
pub(crate) struct Pair<'a> {
    pub(crate) real: &'a Tensor,
    pub(crate) fake: &'a Tensor,
    /// Which of the fake samples it is; `None` of halves of the real one.
    pub(crate) which: Option<usize>,
    /// Groups to leave out in turn, 0 for none.
    pub(crate) groups: i64,
}

/// What is the same for all parts of the rows and all fake samples, so that these estimate the same number.
pub(crate) struct Context<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) features: Features,
    pub(crate) seed: u64,
    /// Rows at most, if the user says so.
    pub(crate) limit: Option<usize>,
    pub(crate) neighbours: i64,
    pub(crate) intervals: bool,
    /// First pictures of the real sample and of each fake one, where they are known to be pictures.
    pub(crate) pictures: Option<(&'a Pictures, Vec<&'a Pictures>)>,
    pub(crate) classifier: Option<&'a Network>,
    /// Moments of each group of all rows of the real sample and of each fake one, where the frame has a draw of them.
    pub(crate) streamed: Vec<Option<Rc<[RowMoments]>>>,
    bandwidth: OnceCell<f64>,
    /// Of the pair that was last asked for.
    pub(crate) reach: RefCell<BTreeMap<Option<usize>, Vec<Reach>>>,
    pub(crate) moments: RefCell<BTreeMap<Option<usize>, crate::metrics::Parted>>,
    pub(crate) sorted: RefCell<BTreeMap<Option<usize>, Sorted>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(frame: &'a Frame, args: &crate::args::Args) -> Self {
        let rows = frame.fakes.iter().map(|fake| fake.size()[0]).min().unwrap_or(0);
        let limit = args.limit.map(|limit| limit as usize);
        let [real, fake] = [frame.real.size()[0], rows].map(|rows| many(limit, rows));
        let features = ratio::affordable(frame.moving.len(), (real, fake));
        Self {
            frame,
            features,
            seed: args.seed,
            limit,
            neighbours: i64::from(args.neighbours),
            intervals: !args.no_intervals,
            pictures: None,
            classifier: None,
            streamed: vec![None; 1 + frame.fakes.len()],
            bandwidth: OnceCell::new(),
            reach: RefCell::default(),
            moments: RefCell::default(),
            sorted: RefCell::default(),
        }
    }

    /// Returns how many of a file's rows a metric takes that does not take all.
    pub(crate) fn many(&self, rows: i64) -> i64 {
        many(self.limit, rows)
    }

    /// Returns the median distance, which only some metrics need.
    pub(crate) fn bandwidth(&self) -> f64 {
        *self.bandwidth.get_or_init(|| bandwidth::of(self.frame))
    }

    /// Returns the moments of all rows of the real sample and of a fake one, where either is a draw and both have more
    /// rows than columns.
    pub(crate) fn streamed(&self, which: usize) -> Option<[Option<Rc<[RowMoments]>>; 2]> {
        let streamed = [0, 1 + which].map(|place| self.streamed[place].clone());
        let full_rank = self.all_rows(which).iter().all(|rows| *rows > self.frame.dim() as i64);
        (full_rank && streamed.iter().any(Option::is_some)).then_some(streamed)
    }

    /// Returns the rows of the real sample and of a fake one, those that memory does not hold too.
    pub(crate) fn all_rows(&self, which: usize) -> [i64; 2] {
        let held = [&self.frame.real, &self.frame.fakes[which]].map(|sample| sample.size()[0]);
        let all = [0, 1 + which].map(|place| {
            let groups = self.streamed[place].as_ref()?.iter();
            Some(groups.map(|group| group.rows as i64).sum::<i64>())
        });
        [all[0].unwrap_or(held[0]), all[1].unwrap_or(held[1])]
    }

    /// Returns how many rows of the real sample and of a fake one a metric takes.
    pub(crate) fn rows(&self, metric: &Metric, which: usize) -> [i64; 2] {
        if metric.streams && self.streamed(which).is_some() {
            return self.all_rows(which);
        }
        let most = self.limit.map_or(metric.rows, |limit| limit as i64);
        [&self.frame.real, &self.frame.fakes[which]].map(|sample| sample.size()[0].min(most))
    }
}

/// Returns how many of a file's rows a metric takes that does not take all: some thousands, unless told.
fn many(limit: Option<usize>, rows: i64) -> i64 {
    rows.min(limit.map_or(MANY, |limit| limit as i64))
}

/// One line of the result.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    /// The fake sample, counted from 0.
    pub(crate) fake: usize,
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
    /// Real and fake rows that were used.
    pub(crate) rows: [i64; 2],
    /// What holds these numbers back.
    pub(crate) note: Option<String>,
    pub(crate) about: &'static str,
    /// The value without each group of rows, for differences.
    #[serde(skip)]
    pub(crate) parts: Vec<f64>,
}

impl Line {
    /// Whether all numbers are numbers.
    pub(crate) fn is_whole(&self) -> bool {
        let numbers = [Some(self.value), self.low, self.high, self.floor, self.p_value];
        numbers.into_iter().flatten().all(f64::is_finite)
    }
}

/// Estimates one metric of one fake sample.
///
/// # Errors
/// If it comes out as no number.
pub(crate) fn line(metric: &Metric, context: &Context, which: usize) -> Result<Line> {
    let frame = context.frame;
    let (real, fake) = match metric.coordinates {
        Coordinates::Given => (&frame.real, &frame.fakes[which]),
        Coordinates::White => frame.white(which),
    };
    let rows = context.rows(metric, which);
    let first = |sample: &Tensor, rows: i64| sample.narrow(0, 0, rows.min(sample.size()[0]));
    let (real, fake) = (first(real, rows[0]), first(fake, rows[1]));
    let groups = if context.intervals { GROUPS } else { 0 };
    let pair = Pair { real: &real, fake: &fake, which: Some(which), groups };
    let scale = frame.unit.powi(metric.power);
    let estimate = (metric.estimator)(&pair, context)?;
    let floor = match estimate.floor {
        None if has_floor(metric, context, &real) => {
            let [a, b] = [1, 0].map(|half| without(&real, half, 2));
            let halves = Pair { real: &a, fake: &b, which: None, groups: 0 };
            Some((metric.estimator)(&halves, context)?.value)
        }
        floor => floor,
    };
    let interval = estimate.interval.or_else(|| {
        (!estimate.parts.is_empty()).then(|| {
            let Interval { low, high } =
                jackknife::interval(estimate.value, &estimate.parts, LEVEL);
            let bounded = |end: f64| end.clamp(metric.range.0, metric.range.1);
            Interval { low: bounded(low), high: bounded(high) }
        })
    });
    // Scaled last: what has the square of a unit may have no square itself.
    let (low, high) = interval.map(|ends| (ends.low * scale, ends.high * scale)).unzip();
    let line = Line {
        fake: which,
        metric: metric.name,
        value: estimate.value.clamp(metric.range.0, metric.range.1) * scale,
        low,
        high,
        biased: metric.bias == Bias::OfFewRows,
        floor: floor.map(|floor| floor * scale),
        p_value: estimate.p_value,
        rows,
        note: estimate.note,
        about: metric.about,
        parts: estimate.parts.iter().map(|part| part * scale).collect(),
    };
    if !line.is_whole() {
        bail!("it came out as no number");
    }
    Ok(line)
}

/// Whether a metric has a floor, and half of the real rows are enough for it.
fn has_floor(metric: &Metric, context: &Context, real: &Tensor) -> bool {
    let half = real.size()[0] / 2;
    let enough = || ratio::affords(context.features, context.frame.moving.len(), (half, half));
    context.intervals
        && metric.bias == Bias::OfFewRows
        && (metric.coordinates == Coordinates::Given || enough())
}

/// Returns the rows but for one of `groups` equal parts of them.
pub(crate) fn without(rows: &Tensor, group: i64, groups: i64) -> Tensor {
    let ends = group_ends(rows.size()[0], groups);
    let (from, to) = (if group == 0 { 0 } else { ends[group as usize - 1] }, ends[group as usize]);
    Tensor::cat(&[rows.narrow(0, 0, from), rows.narrow(0, to, rows.size()[0] - to)], 0)
}

/// Returns an estimate and, anew, those without each group of rows.
pub(crate) fn leaving_out(
    pair: &Pair,
    estimate: impl Fn(&Tensor, &Tensor) -> Result<f64>,
) -> Result<Estimate> {
    let mut values = vec![estimate(pair.real, pair.fake)?];
    for group in 0..pair.groups {
        let [real, fake] = [pair.real, pair.fake].map(|rows| without(rows, group, pair.groups));
        values.push(estimate(&real, &fake)?);
    }
    Ok(values.into())
}
