//! Looking at a run while it trains: coverage over time, frames for the figures, divergence.

use experiments::{Arrays, Resumable, array, looks, points, summary};
use lab::{Array, Diverged, Run, Summary};
use stats::modes::{Coverage, Mixture};
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

/// The eyes of one cell.
pub(crate) struct Watch {
    mixture: Mixture,
    radius: f64,
    steps: Vec<u64>,
    members: Vec<Member>,
}

#[derive(Default)]
struct Member {
    majority: Option<usize>,
    changes: u64,
    last: Option<Coverage>,
    diverged: Option<Diverged>,
    frames: Vec<f32>,
    shares: Vec<f32>,
}

impl Watch {
    pub(crate) fn new(config: &Config, members: usize) -> Self {
        let target = config.target.mixture();
        let mixture = Mixture { centres: target.distinct_centres(), sigma: target.sigma };
        // The mean distance of the target's modes from the origin.
        let norm = |centre: &[f64; 2]| centre[0].hypot(centre[1]);
        let radius = mixture.centres.iter().map(norm).sum::<f64>() / mixture.centres.len() as f64;
        let members = (0..members).map(|_| Member::default()).collect();
        Self { mixture, radius, steps: looks(config.steps, LOOKS), members }
    }

    /// Returns whether the run should be looked at before this step.
    pub(crate) fn is_due(&self, step: u64) -> bool {
        self.steps.binary_search(&step).is_ok()
    }

    /// Takes the samples of every member, `[members, SAMPLES, 2]`.
    pub(crate) fn look(&mut self, step: u64, samples: &Tensor, run: &mut Run) {
        for (i, member) in self.members.iter_mut().enumerate() {
            if member.diverged.is_some() {
                continue;
            }
            let cloud = points(samples, i);
            if cloud.iter().flatten().any(|x| !x.is_finite()) {
                member.diverged = Some(not_finite(step));
                continue;
            }
            let coverage = self.mixture.coverage(&cloud);
            run.trace(i, "modes_held", step, coverage.modes_held as f64);
            run.trace(i, "basins_held", step, coverage.basins_held as f64);
            run.trace(i, "high_quality_3", step, coverage.high_quality[1]);
            // A mode has the majority with more than half of all samples; one that covers has none.
            let majority = Some(coverage.majority).filter(|&mode| coverage.shares[mode] > 0.5);
            if majority.is_some() {
                let changed = member.majority.is_some() && member.majority != majority;
                member.changes += u64::from(changed);
                member.majority = majority;
            }
            if run.seeds[i] == 0 {
                let number = self.steps.binary_search(&step).unwrap_or(0);
                if number.is_multiple_of(FRAME_EVERY) {
                    let frame = samples.select(0, i as i64).narrow(0, 0, FRAME_POINTS);
                    member.frames.extend(array(&frame).to_f32());
                }
                member.shares.extend(coverage.shares.iter().map(|&share| share as f32));
            }
            member.last = Some(coverage);
        }
    }

    /// Returns the result of every member at the endpoint.
    pub(crate) fn finish(self, run: &mut Run) -> Vec<Result<Summary, Diverged>> {
        let modes = self.mixture.centres.len();
        let mut results = Vec::new();
        for (i, member) in self.members.into_iter().enumerate() {
            if let Some(diverged) = member.diverged {
                results.push(Err(diverged));
                continue;
            }
            let coverage = member.last.expect("the endpoint was looked at");
            if !member.frames.is_empty() {
                let frames = member.frames.len() / (2 * FRAME_POINTS as usize);
                let shape = [frames, FRAME_POINTS as usize, 2];
                run.sample(i, "frames", Array::of_f32(&shape, &member.frames));
                let shape = [member.shares.len() / modes, modes];
                run.sample(i, "shares", Array::of_f32(&shape, &member.shares));
            }
            let numbers = numbers(&coverage, self.radius, modes, member.changes);
            let step = *self.steps.last().expect("the endpoint is one of the steps");
            results.push(summary(step, numbers));
        }
        results
    }
}

/// Three numbers per member and its keepsakes, which only seed 0 has.
impl Resumable for Watch {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        let numbers = |member: &Member| {
            let majority = member.majority.map_or(NONE, |mode| mode as u64);
            [member.changes, majority, member.diverged.as_ref().map_or(NONE, |d| d.step)]
        };
        let numbers: Vec<u64> = self.members.iter().flat_map(numbers).collect();
        numbers.save(name, arrays);
        for (i, member) in self.members.iter().enumerate() {
            for (part, values) in [("frames", &member.frames), ("shares", &member.shares)] {
                let values = Array::of_f32(&[values.len()], values);
                arrays.insert(format!("{name}.{i}.{part}"), values);
            }
        }
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        let mut numbers: Vec<u64> = Vec::new();
        numbers.load(name, arrays);
        for (i, (member, [changes, majority, diverged])) in
            self.members.iter_mut().zip(numbers.as_chunks::<3>().0).enumerate()
        {
            member.changes = *changes;
            member.majority = (*majority != NONE).then_some(*majority as usize);
            member.diverged = (*diverged != NONE).then(|| not_finite(*diverged));
            member.frames = arrays[&format!("{name}.{i}.frames")].to_f32();
            member.shares = arrays[&format!("{name}.{i}.shares")].to_f32();
        }
    }
}

/// Stands for "none" among the counts of a checkpoint.
const NONE: u64 = u64::MAX;

fn not_finite(step: u64) -> Diverged {
    Diverged { step, what: "samples".to_owned() }
}

/// The numbers of the README's metrics section.
fn numbers(
    coverage: &Coverage,
    radius: f64,
    modes: usize,
    changes: u64,
) -> Vec<(&'static str, f64)> {
    let mut numbers = vec![
        ("modes_any", coverage.modes_any as f64),
        ("modes_held", coverage.modes_held as f64),
        ("basins_held", coverage.basins_held as f64),
    ];
    let names = ["high_quality_2", "high_quality_3", "high_quality_4"];
    numbers.extend(names.into_iter().zip(coverage.high_quality));
    numbers.extend(coverage.reverse_kl.map(|divergence| ("reverse_kl", divergence)));
    // A blob at the origin is nearest to every mode in turn, so basins count only at the right radius.
    let in_place = (coverage.mean_norm / radius - 1.0).abs() < 0.2;
    let covers = in_place && coverage.basins_held == modes;
    numbers.extend([
        ("mean_norm", coverage.mean_norm),
        ("majority_changes", changes as f64),
        ("covers", f64::from(u8::from(covers))),
    ]);
    numbers
}
