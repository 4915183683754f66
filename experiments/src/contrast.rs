//! From numbers of runs to the estimate of a claim.

use std::collections::BTreeMap;

use lab::results::{diverged, paired};
use lab::{Claim, Estimate, Region, Row};
use stats::{Interval, bootstrap, proportion, robust, tests};

const LEVEL: f64 = 0.95;
/// Seed of bootstraps and random permutations: a report is the same each time.
const SEED: u64 = 1;

/// One number for each training seed, and what was lost on the way.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The numbers by seed.
    pub values: BTreeMap<u64, f64>,
    /// Runs behind them that diverged.
    pub diverged: usize,
}

/// Returns one number for each seed of an arm; a seed without a finite one drops out.
pub fn each<C>(rows: &[&Row<C>], number: impl Fn(&Row<C>) -> Option<f64>) -> Sample {
    let of_row = |row: &&Row<C>| Some((row.seed, number(row).filter(|x| x.is_finite())?));
    let values = rows.iter().filter_map(of_row).collect();
    Sample { values, diverged: diverged(rows) }
}

/// Returns one number for each pair of runs with the same seed.
pub fn pair<C>(
    (a, b): (&[&Row<C>], &[&Row<C>]),
    number: impl Fn(&Row<C>, &Row<C>) -> Option<f64>,
) -> Sample {
    let of_pair =
        |(a, b): &(&Row<C>, &Row<C>)| Some((a.seed, number(a, b).filter(|x| x.is_finite())?));
    let values = paired(a, b).iter().filter_map(of_pair).collect();
    Sample { values, diverged: diverged(a) + diverged(b) }
}

/// Returns two samples joined seed by seed.
pub fn join(a: &Sample, b: &Sample, number: fn(f64, f64) -> f64) -> Sample {
    let of_seed = |(seed, x): (&u64, &f64)| Some((*seed, number(*x, *b.values.get(seed)?)));
    let values = a.values.iter().filter_map(of_seed).collect();
    Sample { values, diverged: a.diverged + b.diverged }
}

/// Returns `a - b` of one metric.
pub fn difference<C>(arms: (&[&Row<C>], &[&Row<C>]), metric: &str) -> Sample {
    pair(arms, |a, b| Some(a.value(metric)? - b.value(metric)?))
}

/// Returns `ln a - ln b` of one metric.
pub fn log_ratio<C>(arms: (&[&Row<C>], &[&Row<C>]), metric: &str) -> Sample {
    pair(arms, |a, b| Some((a.value(metric)? / b.value(metric)?).ln()))
}

/// The parts of a claim that are words.
#[derive(Clone, Debug)]
pub struct Words {
    /// Short name, such as `C1`.
    pub id: &'static str,
    /// The claim in a sentence.
    pub statement: &'static str,
    /// Where it is made.
    pub source: String,
    /// The source's own number, or "none published".
    pub published: &'static str,
    /// What is estimated, with its unit.
    pub quantity: &'static str,
    /// File of the figure that shows it.
    pub figure: &'static str,
}

impl Words {
    /// Returns the claim with what was found.
    pub fn claim(
        self,
        region: Region,
        estimate: Option<Estimate>,
        (seeds, diverged): (usize, usize),
    ) -> Claim {
        Claim {
            id: self.id.into(),
            statement: self.statement.into(),
            source: self.source,
            published: self.published.into(),
            quantity: self.quantity.into(),
            region,
            estimate,
            seeds,
            diverged,
            figure: self.figure.into(),
        }
    }
}

/// Returns a claim on the mean over seeds, with its BCa interval and the sign-flip test about the nearest
/// end of the region.
pub fn claim(words: Words, region: Region, sample: &Sample) -> Claim {
    mean_claim(words, region, sample, |values, threshold| {
        let shifted: Vec<f64> = values.iter().map(|x| x - threshold).collect();
        let interval = bootstrap::interval(values, robust::mean, LEVEL, SEED);
        (interval, tests::sign_flip(&shifted, SEED))
    })
}

/// The same with Student's interval and test, for so few seeds that the sign-flip test could not reach
/// significance.
pub fn student_claim(words: Words, region: Region, sample: &Sample) -> Claim {
    mean_claim(words, region, sample, |values, threshold| tests::student(values, threshold, LEVEL))
}

fn mean_claim(
    words: Words,
    region: Region,
    sample: &Sample,
    judge: impl Fn(&[f64], f64) -> (Interval, f64),
) -> Claim {
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
        let (interval, p_value) = judge(&values, threshold);
        Estimate::new(mean, interval, Some(p_value))
    });
    words.claim(region, estimate, (values.len(), sample.diverged))
}

/// How many runs of an arm succeed, of how many: one that diverged or panicked does not.
pub type Share = (usize, usize);

/// Counts the runs of an arm that succeed.
pub fn count<C>(rows: &[&Row<C>], succeeds: impl Fn(&Row<C>) -> bool) -> Share {
    (rows.iter().filter(|row| row.finished() && succeeds(row)).count(), rows.len())
}

/// Returns a share against one half: Wilson's interval and the exact sign test; `None` for fewer than two
/// runs.
pub fn share((hits, n): Share) -> Option<Estimate> {
    let signs: Vec<f64> = (0..n).map(|i| if i < hits { 1.0 } else { -1.0 }).collect();
    let test = || Some(tests::sign_flip(&signs, SEED));
    (n > 1)
        .then(|| Estimate::new(hits as f64 / n as f64, proportion::wilson(hits, n, LEVEL), test()))
}

/// Returns a difference of shares: Newcombe's interval and Fisher's exact test; `None` for fewer than two
/// runs in either.
pub fn share_difference(a: Share, b: Share) -> Option<Estimate> {
    (a.1 > 1 && b.1 > 1).then(|| {
        let difference = a.0 as f64 / a.1 as f64 - b.0 as f64 / b.1 as f64;
        let interval = proportion::difference(a, b, LEVEL);
        Estimate::new(difference, interval, Some(tests::fisher_exact(a, b)))
    })
}

/// Returns a number without chance.
pub fn exact(value: f64) -> Estimate {
    Estimate::new(value, Interval { low: value, high: value }, None)
}
