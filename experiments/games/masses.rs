//! What the looks at a run's samples say: modes held, samples near a mode, and how much the masses of modes oscillate.

use gan::optim::{Optimizer, Player};
use gan::{Mlp, Rng};
use lab::{Diverged, Run, Summary};
use serde::{Deserialize, Serialize};
use shared::{Outcomes, array, looks, points, summary};
use stats::modes::Mixture;
use stats::robust;
use tch::Tensor;

/// Samples of a look, and those that figures show.
const SAMPLES: i64 = 2_500;
const SHOWN: i64 = 500;
/// Looks after the start, and the last of them over which oscillation is taken.
const LOOKS: u64 = 40;
const LAST: usize = 20;

/// When a run is looked at, and what counts as near a mode.
pub(crate) struct Watch {
    mixture: Mixture,
    steps: Vec<u64>,
}

/// What was seen of one member.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// Share of samples at each mode, look by look.
    masses: Vec<Vec<f64>>,
    modes: f64,
    near: f64,
    diverged: Option<Diverged>,
}

impl Watch {
    /// Returns the watch of a run of so many steps, where samples within `reach` of a mode are near it.
    pub(crate) fn new(centres: Vec<[f64; 2]>, reach: f64, steps: u64) -> Self {
        // Coverage calls three deviations near.
        Self { mixture: Mixture { centres, sigma: reach / 3.0 }, steps: looks(steps, LOOKS) }
    }

    /// Looks at fresh samples of a generator with latents of so many numbers, if a look is due.
    pub(crate) fn look<O: Optimizer>(
        &self,
        step: u64,
        generator: &Player<Mlp, O>,
        latent: i64,
        root: &Rng,
        seen: &mut [Seen],
        run: &mut Run,
    ) {
        if self.steps.binary_search(&step).is_ok() {
            let z = root.fork(&format!("eval {step}")).normal(&[SAMPLES, latent]);
            self.take(step, &generator.apply(&z).detach(), seen, run);
        }
    }

    /// Takes the samples of every member, `[members, SAMPLES, 2]`.
    fn take(&self, step: u64, samples: &Tensor, seen: &mut [Seen], run: &mut Run) {
        for (i, seen) in seen.iter_mut().enumerate().filter(|(_, seen)| seen.diverged.is_none()) {
            let cloud = points(samples, i);
            if cloud.iter().flatten().any(|x| !x.is_finite()) {
                seen.diverged = Some(Diverged { step, what: "samples".to_owned() });
                continue;
            }
            let coverage = self.mixture.coverage(&cloud);
            (seen.modes, seen.near) = (coverage.modes_held as f64, coverage.high_quality[1]);
            run.trace(i, "modes", step, seen.modes);
            run.trace(i, "near", step, seen.near);
            seen.masses.push(coverage.shares);
            if Some(&step) == self.steps.last() {
                run.sample(i, "points", array(&samples.select(0, i as i64).narrow(0, 0, SHOWN)));
            }
        }
    }

    /// Returns the result of every member, `more` numbers of each added.
    pub(crate) fn end(
        &self,
        seen: Vec<Seen>,
        more: impl Fn(usize) -> Vec<(&'static str, f64)>,
    ) -> Outcomes {
        let of_member = |(i, seen): (usize, Seen)| -> Result<Summary, Diverged> {
            if let Some(diverged) = seen.diverged {
                return Err(diverged);
            }
            let mut numbers = vec![
                ("modes", seen.modes),
                ("near", seen.near),
                ("oscillation", oscillation(&seen.masses)),
            ];
            numbers.extend(more(i));
            summary(self.steps.last().copied().unwrap_or(0), numbers)
        };
        Ok(seen.into_iter().enumerate().map(of_member).collect())
    }
}

/// The standard deviation of each mode's mass over the last looks, the mean of all modes.
fn oscillation(masses: &[Vec<f64>]) -> f64 {
    let last = &masses[masses.len().saturating_sub(LAST)..];
    let modes = last.first().map_or(0, Vec::len);
    let of_mode = |mode: usize| {
        let over_time: Vec<f64> = last.iter().map(|shares| shares[mode]).collect();
        robust::standard_deviation(&over_time)
    };
    robust::mean(&(0..modes).map(of_mode).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// Two modes that take all in turn have masses of mean 1/2 and deviation 1/2, times sqrt(20/19) without bias.
    #[test]
    fn modes_in_turn_oscillate() {
        let turns: Vec<Vec<f64>> =
            (0..40).map(|i| if i % 2 == 0 { vec![1.0, 0.0] } else { vec![0.0, 1.0] }).collect();
        let expected = 0.5 * (20.0f64 / 19.0).sqrt();
        assert_abs_diff_eq!(oscillation(&turns), expected, epsilon = 1e-12);
        assert_abs_diff_eq!(oscillation(&vec![vec![0.5, 0.5]; 40]), 0.0, epsilon = 1e-12);
    }
}
