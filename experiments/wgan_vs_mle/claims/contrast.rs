//! From numbers of runs to the estimate of a claim.

use std::collections::BTreeMap;

use lab::results::{diverged, paired};
use lab::{Claim, Estimate, Region, Row};
use stats::{bootstrap, robust, tests};

use crate::arms::Rows;
use crate::config::Config;

/// One number for each training seed, and what was lost on the way.
pub(super) struct Sample {
    pub(super) values: BTreeMap<u64, f64>,
    pub(super) diverged: usize,
}

/// One number for each seed of an arm; a seed without a finite one drops out.
pub(super) fn each(rows: &Rows, number: impl Fn(&Row<Config>) -> Option<f64>) -> Sample {
    let of_row = |row: &&Row<Config>| Some((row.seed, number(row).filter(|x| x.is_finite())?));
    let values = rows.iter().filter_map(of_row).collect();
    Sample { values, diverged: diverged(rows) }
}

/// One number for each pair of runs with the same seed.
pub(super) fn pair(
    (a, b): (&Rows, &Rows),
    number: impl Fn(&Row<Config>, &Row<Config>) -> Option<f64>,
) -> Sample {
    let of_pair = |(a, b): &(&Row<Config>, &Row<Config>)| {
        Some((a.seed, number(a, b).filter(|x| x.is_finite())?))
    };
    let values = paired(a, b).iter().filter_map(of_pair).collect();
    Sample { values, diverged: diverged(a) + diverged(b) }
}

/// Two samples joined seed by seed.
pub(super) fn join(a: &Sample, b: &Sample, number: fn(f64, f64) -> f64) -> Sample {
    let of_seed = |(seed, x): (&u64, &f64)| Some((*seed, number(*x, *b.values.get(seed)?)));
    let values = a.values.iter().filter_map(of_seed).collect();
    Sample { values, diverged: a.diverged + b.diverged }
}

/// `a - b` of one metric.
pub(super) fn difference(arms: (&Rows, &Rows), metric: &str) -> Sample {
    pair(arms, |a, b| Some(a.value(metric)? - b.value(metric)?))
}

/// `ln a - ln b` of one metric.
pub(super) fn log_ratio(arms: (&Rows, &Rows), metric: &str) -> Sample {
    pair(arms, |a, b| Some((a.value(metric)? / b.value(metric)?).ln()))
}

/// The parts of a claim that are words.
pub(super) struct Words {
    pub(super) id: &'static str,
    pub(super) statement: &'static str,
    pub(super) source: String,
    pub(super) published: &'static str,
    pub(super) quantity: &'static str,
    pub(super) figure: &'static str,
}

/// The mean over seeds, its BCa interval, and the sign-flip test about the nearest end of the region.
pub(super) fn claim(words: Words, region: Region, sample: &Sample) -> Claim {
    let diverged = sample.diverged;
    let values: Vec<f64> = sample.values.values().copied().collect();
    let estimate = (values.len() > 1).then(|| {
        let mean = robust::mean(&values);
        let threshold = match region {
            Region::Above(x) | Region::Below(x) => x,
            Region::Within(low, high) => {
                if mean - low < high - mean {
                    low
                } else {
                    high
                }
            }
        };
        let shifted: Vec<f64> = values.iter().map(|x| x - threshold).collect();
        let interval = bootstrap::interval(&values, robust::mean, 0.95, 1);
        Estimate::new(mean, interval, Some(tests::sign_flip(&shifted, 1)))
    });
    Claim {
        id: words.id.into(),
        statement: words.statement.into(),
        source: words.source,
        published: words.published.into(),
        quantity: words.quantity.into(),
        region,
        estimate,
        seeds: values.len(),
        diverged,
        figure: words.figure.into(),
    }
}
