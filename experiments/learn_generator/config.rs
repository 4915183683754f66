//! What can be varied.

use experiments::name;
use gan::data::images::ImageSet;
use gan::objective::{Discrepancy, Divergence, GeneratorLoss, ScoringRule};
use gan::optim::Rule;
use gan::{range, ranges_of_variants};
use garde::{Error, Validate};
use serde::{Deserialize, Serialize};

use crate::grid::FAR;

/// One way to teach a generator, or to do without one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What is done.
    #[garde(dive)]
    pub(crate) task: Task,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// A Gaussian learns a mixture that it cannot match.
    Fit {
        /// The divergence.
        divergence: Divergence,
        /// What is made of it.
        game: Game,
        /// The optimiser of both.
        rule: Rule,
        /// Samples of each side in a step.
        batch: i64,
        /// Updates.
        steps: u64,
    },
    /// The gradient of a generator's loss under the exact critic, from afar and from near.
    Slope {
        /// The loss.
        loss: GeneratorLoss,
    },
    /// A Gaussian's mean learns its way to zero.
    Race {
        /// What the critic minimises.
        comparison: ScoringRule,
        /// What the generator minimises.
        loss: GeneratorLoss,
        /// Updates of the critic in a round; `None` stands for the exact critic.
        critic_steps: Option<u64>,
        /// The mean at the start.
        start: f64,
        /// Updates of the generator.
        rounds: u64,
    },
    /// One estimator of a gradient, over and over.
    Estimate {
        /// What is differentiated.
        problem: Problem,
        /// How.
        estimator: Estimator,
        /// Samples behind an estimate.
        batch: i64,
        /// Estimates.
        repeats: i64,
    },
    /// A network learns the ring from a distance between samples, without a critic.
    Ring {
        /// The distance.
        discrepancy: Discrepancy,
        /// Samples of each side in a step.
        batch: i64,
        /// Updates.
        steps: u64,
    },
    /// A network learns images by matching moments.
    Images {
        /// The set.
        set: ImageSet,
        /// Of what.
        kernel: Kernel,
        /// Samples of each side in a step.
        batch: i64,
        /// Updates of the generator, and of an auto-encoder before.
        steps: u64,
    },
    /// The posterior of a Gaussian's mean without its likelihood.
    Mean {
        /// Simulations that rejection draws from.
        draws: i64,
    },
    /// Posteriors of a process with autoregressive errors without its likelihood.
    Arch {
        /// Points of the grid along each parameter.
        grid: i64,
        /// Simulations at each of them.
        simulations: i64,
        /// Observed series.
        series: i64,
    },
}

ranges_of_variants!(Task, |variant, task| match task {
    Self::Fit { rule, batch, steps, .. } => {
        variant.inside_of("rule", rule);
        variant.field("batch", batch, range::batch);
        variant.field("steps", steps, range::steps);
    }
    Self::Slope { .. } => {}
    Self::Race { critic_steps, start, rounds, .. } => {
        if let Some(steps) = critic_steps {
            variant.check("critic_steps", range::within(steps, &(1..=10_000)));
        }
        variant.field("start", start, range::place);
        variant.field("rounds", rounds, range::steps);
    }
    Self::Estimate { problem, estimator, batch, repeats } => {
        variant.inside_of("problem", problem);
        variant.inside_of("estimator", estimator);
        // A baseline is the mean of the other samples, a variance that of several estimates.
        let least = if *estimator == Estimator::ScoreBaseline { 2 } else { 1 };
        variant.check("batch", range::within(batch, &(least..=65_536)));
        variant.check("repeats", range::within(repeats, &(2..=1_000_000)));
        let sizes = [*repeats, *batch, problem.dim()];
        variant.check("repeats", at_once(sizes));
    }
    Self::Ring { discrepancy, batch, steps } => {
        variant.inside_of("discrepancy", discrepancy);
        variant.check("batch", all_pairs(*batch));
        variant.field("steps", steps, range::steps);
    }
    Self::Images { batch, steps, .. } => {
        variant.check("batch", all_pairs(*batch));
        variant.field("steps", steps, range::steps);
    }
    // A classifier gets 500 of them.
    Self::Mean { draws } => variant.check("draws", range::within(draws, &(500..=1_000_000_000))),
    Self::Arch { grid, simulations, series } => {
        variant.check("grid", range::within(grid, &(1..=64)));
        // More than the statistics, or their covariance has no inverse.
        variant.check("simulations", range::within(simulations, &(40..=100_000)));
        variant.check("simulations", at_once([*grid, *grid, simulations.saturating_mul(100)]));
        variant.check("series", range::within(series, &(1..=10_000)));
    }
});

/// Checks the points of a minibatch all of whose pairs are compared.
fn all_pairs(batch: i64) -> garde::Result {
    range::within(&batch, &(1..=8_192))
}

/// Checks how many numbers are in memory at once.
fn at_once(sizes: [i64; 3]) -> garde::Result {
    const MOST: i64 = 1 << 29;
    let all = sizes.iter().fold(1i64, |product, size| product.saturating_mul(*size));
    if all <= MOST {
        Ok(())
    } else {
        Err(Error::new(format!("{all} numbers are more than {MOST}")))
    }
}

/// What the moments of images are taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kernel {
    /// Pixels: GMMN.
    Pixels,
    /// Codes of an auto-encoder that was trained before: GMMN+AE.
    Codes,
    /// Features that a network learns against the generator: MMD GAN.
    Learned,
}

/// What generator and critic of a fit minimise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Game {
    /// The variational bound: the critic maximises what the generator minimises (f-GAN).
    Bound,
    /// The critic learns class probabilities, the generator minimises `-f*(f'(r))` of its ratio.
    Conjugate,
    /// The same critic; the generator minimises `f(r)`, the ratio frozen.
    Frozen,
}

/// An expectation under a distribution with parameters, of which the gradient is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Problem {
    /// Mean and `ln sd` of a Gaussian on the line; the exact log-ratio against the mixture, which bends at the narrow
    /// mode.
    Mixture,
    /// The same; a critic that jumps.
    Steep,
    /// The mean of a Gaussian in many dimensions, at distance 1 from the data's; the non-saturating loss.
    Shift {
        /// Dimension of the points, and parameters.
        dim: i64,
    },
}

ranges_of_variants!(Problem, |variant, problem| if let Self::Shift { dim } = problem {
    variant.check("dim", range::within(dim, &(1..=10_000)));
});

/// An estimator of a gradient from samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Estimator {
    /// Through the samples: reparametrisation.
    Pathwise,
    /// The loss times the derivative of the log-density (REINFORCE).
    Score,
    /// The same less the mean loss of the other samples.
    ScoreBaseline,
    /// Central differences of every parameter by this step, all from the same noise.
    Differences(f64),
    /// The same, each evaluation with noise of its own.
    IndependentDifferences(f64),
    /// A central difference along one random direction by this step, from the same noise (SPSA).
    Spsa(f64),
}

ranges_of_variants!(Estimator, |variant, estimator| match estimator {
    Self::Pathwise | Self::Score | Self::ScoreBaseline => {}
    Self::Differences(step) | Self::IndependentDifferences(step) | Self::Spsa(step) => {
        variant.only(step, range::scale);
    }
});

impl Task {
    /// Returns the name of the arm of this task: what is compared, whatever a profile's size.
    pub(crate) fn arm_name(&self) -> String {
        match self {
            Self::Fit { divergence, game, .. } => fit_name(*divergence, *game),
            Self::Slope { loss } => slope_name(*loss),
            Self::Race { loss, critic_steps, start, .. } if *start == FAR => {
                race_name(*loss, *critic_steps)
            }
            Self::Race { comparison, loss, .. } => swap_name(*comparison, *loss),
            Self::Estimate { problem, estimator, batch, .. } => {
                estimate_name(*problem, *estimator, *batch)
            }
            Self::Ring { discrepancy, batch, .. } => ring_name(discrepancy, *batch),
            Self::Images { kernel, batch, .. } => images_name(*kernel, *batch),
            Self::Mean { .. } => "mean".to_owned(),
            Self::Arch { .. } => "arch".to_owned(),
        }
    }
}

pub(crate) fn fit_name(divergence: Divergence, game: Game) -> String {
    format!("fit/{}/{}", name(&game), name(&divergence))
}

pub(crate) fn slope_name(loss: GeneratorLoss) -> String {
    format!("slope/{}", name(&loss))
}

/// A race from afar; no number of critic steps stands for the exact critic.
pub(crate) fn race_name(loss: GeneratorLoss, critic_steps: Option<u64>) -> String {
    let critic = critic_steps.map_or_else(|| "exact".to_owned(), |steps| format!("{steps}-steps"));
    format!("race/{}/{critic}", name(&loss))
}

/// A race from near, with each loss of a critic.
pub(crate) fn swap_name(comparison: ScoringRule, loss: GeneratorLoss) -> String {
    format!("swap/{}/{}", name(&comparison), name(&loss))
}

pub(crate) fn estimate_name(problem: Problem, estimator: Estimator, batch: i64) -> String {
    format!("estimate/{}/{}/batch-{batch}", name(&problem), name(&estimator))
}

pub(crate) fn ring_name(discrepancy: &Discrepancy, batch: i64) -> String {
    format!("ring/{}/batch-{batch}", name(discrepancy))
}

pub(crate) fn images_name(kernel: Kernel, batch: i64) -> String {
    format!("images/{}/batch-{batch}", name(&kernel))
}

impl Config {
    /// Milliseconds of a cell on one core, roughly; only for the order of cells.
    pub(crate) fn cost(&self) -> f64 {
        match &self.task {
            Task::Fit { batch, steps, .. } => (1 + batch / 64) as f64 * *steps as f64,
            Task::Slope { .. } => 300.0,
            Task::Race { critic_steps, rounds, .. } => {
                0.6 * (critic_steps.unwrap_or(0) + 1) as f64 * *rounds as f64
            }
            Task::Estimate { .. } => 500.0,
            Task::Ring { batch, steps, .. } => (*batch * *steps as i64) as f64 / 5.0,
            Task::Images { set, batch, steps, .. } => {
                (set.shape().dim() * batch * *steps as i64) as f64 / 1e3
            }
            Task::Mean { draws } => *draws as f64 / 1e3,
            Task::Arch { grid, .. } => 50.0 * (grid * grid) as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        experiments::ranges::check::<crate::LearnGenerator>(&[
            ("task.fit.batch", json!(0)),
            ("task.fit.rule.adam.beta2", json!(1.0)),
            ("task.race.critic_steps", json!(0)),
            ("task.estimate.repeats", json!(1)),
            ("task.estimate.estimator", json!({"spsa": 0.0})),
            ("task.ring.discrepancy.mmd.bandwidths", json!([])),
            ("task.ring.discrepancy.sinkhorn.epsilon", json!(0.0)),
            ("task.arch.simulations", json!(15)),
        ]);
    }
}
