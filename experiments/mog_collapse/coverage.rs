//! What samples of a run say while it trains: coverage of the modes, rotation among them, frames for figures.

use lab::{Array, Diverged, Row, Run, Summary};
use serde::{Deserialize, Serialize};
use shared::contrast::{Sample, Share, count};
use shared::{array, looks, points, summary};
use stats::modes::{Coverage, Mixture};
use stats::robust;
use tch::Tensor;

use crate::config::Config;

/// Samples behind every number: VEEGAN's and PacGAN's count.
pub(crate) const SAMPLES: i64 = 2_500;
/// Looks after the start; the last is the fixed endpoint.
const LOOKS: u64 = 48;
/// Every so many looks leave a frame.
pub(crate) const FRAME_EVERY: usize = 2;
/// Points of a frame, kept for seed 0 of each arm.
const FRAME_POINTS: i64 = 256;

/// Share of samples within 3 sigma of a perfect sampler, `1 - exp(-9/2)`.
pub(crate) const CEILING: f64 = 0.988_891;
/// The same of a sampler that knows the circle through the modes and no mode: `16 asin(3 sigma / 2 radius) / pi` for
/// eight modes of which sigma is a hundredth of the radius.
pub(crate) const CIRCLE: f64 = 0.0764;

/// The steps at which a cell is looked at, and what its samples are measured by.
pub(crate) struct Looks {
    mixture: Mixture,
    /// The mean distance of the target's modes from the origin.
    radius: f64,
    steps: Vec<u64>,
}

/// What the looks at one member have found so far.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Found {
    majority: Option<usize>,
    changes: u64,
    diverged: Option<Diverged>,
    frames: Vec<f32>,
    shares: Vec<f32>,
    /// Not kept: a run that goes on looks again at its end.
    #[serde(skip)]
    last: Option<Coverage>,
}

impl Looks {
    pub(crate) fn new(config: &Config) -> Self {
        let target = config.target.mixture();
        let mixture = Mixture { centres: target.distinct_centres(), sigma: target.sigma };
        let norm = |centre: &[f64; 2]| centre[0].hypot(centre[1]);
        let radius = mixture.centres.iter().map(norm).sum::<f64>() / mixture.centres.len() as f64;
        Self { mixture, radius, steps: looks(config.steps, LOOKS) }
    }

    /// Returns what was found before the first look.
    pub(crate) fn nothing(run: &Run) -> Vec<Found> {
        run.seeds.iter().map(|_| Found::default()).collect()
    }

    /// Returns whether the run should be looked at before this step.
    pub(crate) fn are_due(&self, step: u64) -> bool {
        self.steps.binary_search(&step).is_ok()
    }

    /// Takes the samples of every member, `[members, SAMPLES, 2]`.
    pub(crate) fn look(&self, step: u64, samples: &Tensor, members: &mut [Found], run: &mut Run) {
        for (i, found) in members.iter_mut().enumerate() {
            if found.diverged.is_some() {
                continue;
            }
            let cloud = points(samples, i);
            if cloud.iter().flatten().any(|x| !x.is_finite()) {
                found.diverged = Some(Diverged { step, what: "samples".to_owned() });
                continue;
            }
            let coverage = self.mixture.coverage(&cloud);
            run.trace(i, "modes_held", step, coverage.modes_held as f64);
            run.trace(i, "basins_held", step, coverage.basins_held as f64);
            run.trace(i, "high_quality_3", step, coverage.high_quality[1]);
            // A mode has the majority with more than half of all samples; one that covers has none.
            let majority = Some(coverage.majority).filter(|&mode| coverage.shares[mode] > 0.5);
            if majority.is_some() {
                let changed = found.majority.is_some() && found.majority != majority;
                found.changes += u64::from(changed);
                found.majority = majority;
            }
            if run.seeds[i] == 0 {
                let number = self.steps.binary_search(&step).unwrap_or(0);
                if number.is_multiple_of(FRAME_EVERY) {
                    let frame = samples.select(0, i as i64).narrow(0, 0, FRAME_POINTS);
                    found.frames.extend(array(&frame).to_f32());
                }
                found.shares.extend(coverage.shares.iter().map(|&share| share as f32));
            }
            found.last = Some(coverage);
        }
    }

    /// Returns the result of every member at the endpoint.
    pub(crate) fn end(&self, members: Vec<Found>, run: &mut Run) -> Vec<Result<Summary, Diverged>> {
        let modes = self.mixture.centres.len();
        let step = *self.steps.last().expect("the endpoint is one of the steps");
        let mut results = Vec::new();
        for (i, found) in members.into_iter().enumerate() {
            if let Some(diverged) = found.diverged {
                results.push(Err(diverged));
                continue;
            }
            if !found.frames.is_empty() {
                let frames = found.frames.len() / (2 * FRAME_POINTS as usize);
                let shape = [frames, FRAME_POINTS as usize, 2];
                run.sample(i, "frames", Array::of_f32(&shape, &found.frames));
                let shape = [found.shares.len() / modes, modes];
                run.sample(i, "shares", Array::of_f32(&shape, &found.shares));
            }
            let coverage = found.last.expect("the endpoint was looked at");
            results.push(summary(step, self.numbers(&coverage, found.changes)));
        }
        results
    }

    /// The numbers of the README's metrics section.
    fn numbers(&self, coverage: &Coverage, changes: u64) -> Vec<(&'static str, f64)> {
        let mut numbers = vec![
            ("modes_any", coverage.modes_any as f64),
            ("modes_held", coverage.modes_held as f64),
            ("basins_held", coverage.basins_held as f64),
        ];
        let names = ["high_quality_2", "high_quality_3", "high_quality_4"];
        numbers.extend(names.into_iter().zip(coverage.high_quality));
        numbers.extend(coverage.reverse_kl.map(|divergence| ("reverse_kl", divergence)));
        // A blob at the origin is nearest to every mode in turn, so basins count only at the right radius.
        let in_place = (coverage.mean_norm / self.radius - 1.0).abs() < 0.2;
        let covers = in_place && coverage.basins_held == self.mixture.centres.len();
        numbers.extend([
            ("mean_norm", coverage.mean_norm),
            ("majority_changes", changes as f64),
            ("covers", f64::from(u8::from(covers))),
        ]);
        numbers
    }
}

/// How many runs of an arm cover; one that diverged or panicked does not.
pub(crate) fn covering(rows: &[&Row<Config>]) -> Share {
    count(rows, |row| row.value("covers").is_some_and(|covers| covers > 0.5))
}

/// The mean over seeds, for gates.
pub(crate) fn mean(sample: &Sample) -> Option<f64> {
    let values: Vec<f64> = sample.values.values().copied().collect();
    (!values.is_empty()).then(|| robust::mean(&values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TargetName;
    use approx::assert_abs_diff_eq;

    /// Points at equal angles through the coverage of both rings on which claims are made.
    #[test]
    fn a_circle_has_a_precision_of_its_own() {
        for (target, radius) in [(TargetName::Ring, 2.0), (TargetName::UnitRing, 1.0)] {
            let target = target.mixture();
            let mixture = Mixture { centres: target.distinct_centres(), sigma: target.sigma };
            let point = |i: u32| {
                let angle = std::f64::consts::TAU * (f64::from(i) + 0.5) / 1e5;
                [radius * angle.cos(), radius * angle.sin()]
            };
            let circle: Vec<[f64; 2]> = (0..100_000).map(point).collect();
            assert_abs_diff_eq!(mixture.coverage(&circle).high_quality[1], CIRCLE, epsilon = 1e-4);
        }
    }
}
