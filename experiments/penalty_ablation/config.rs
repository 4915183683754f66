//! What can be varied.

use gan::data::GaussianMixture;
use gan::{Adam, Objective, Penalty, range, ranges_of_variants};
use garde::{Error, Validate};
use serde::{Deserialize, Serialize};
use shared::pictures::Pictures;

/// One variant on one set of data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What is learned, and by which nets.
    #[garde(dive)]
    pub(crate) task: Task,
    /// The two losses.
    #[garde(skip)]
    pub(crate) objective: Objective,
    /// What keeps the critic smooth.
    #[garde(dive, custom(|_, _context| self.penalty.goes_with(self.dim())))]
    pub(crate) penalty: Penalty,
    /// Updates of the critic for one of the generator.
    #[garde(custom(range::updates))]
    pub(crate) critic_steps: u32,
    /// The optimiser of both.
    #[garde(dive, custom(|_, _context| self.kind_of_rates()))]
    pub(crate) rates: Rates,
    /// Points of each side in a minibatch.
    #[garde(custom(range::batch))]
    pub(crate) batch: i64,
    /// Updates of the generator.
    #[garde(custom(|_, _context| self.updates()))]
    pub(crate) steps: u64,
}

impl Config {
    /// The dimension of the critic's points.
    fn dim(&self) -> i64 {
        match &self.task {
            Task::Dirac { .. } => 1,
            Task::Plane { .. } => 2,
            Task::Line { dim, .. } => *dim,
            // Of a set that cannot be shrunk so, which is told elsewhere.
            Task::Images { pictures, .. } if pictures.divides().is_err() => {
                pictures.set.shape().dim()
            }
            Task::Images { pictures, .. } => pictures.shape().dim(),
        }
    }

    /// Checks that the rates are of a kind that the task is trained with.
    fn kind_of_rates(&self) -> garde::Result {
        let goes = matches!(
            (&self.task, self.rates),
            (Task::Dirac { .. }, Rates::Descent(_))
                | (Task::Images { .. }, Rates::Adam(_))
                | (Task::Plane { .. } | Task::Line { .. }, Rates::Adam(_) | Rates::Drawn)
        );
        let line = || Error::new("are not of a kind that the task is trained with");
        if goes { Ok(()) } else { Err(line()) }
    }

    /// Checks that the updates of the critic can be counted, and that a path that is kept whole is not too long.
    fn updates(&self) -> garde::Result {
        let kept = matches!(self.task, Task::Dirac { .. });
        range::within(&self.steps, &(1..=if kept { 1_000_000 } else { 1_000_000_000 }))?;
        range::countable(self.steps, self.critic_steps)
    }
}

/// What is learned, and by which nets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Task {
    /// One point learns another: f(x) = psi x against data at 0 (Mescheder et al. 2018, section 2).
    Dirac {
        /// Whether both players move at once; else the generator moves first.
        simultaneous: bool,
    },
    /// Gaussians on the plane, by perceptrons with two hidden layers.
    Plane {
        /// Which Gaussians.
        target: Target,
        /// Units of each hidden layer.
        width: i64,
    },
    /// Data on a line, by a linear generator and a critic with two hidden layers.
    Line {
        /// Dimension of the points.
        dim: i64,
        /// Units of each hidden layer of the critic.
        width: i64,
    },
    /// Images, by convolutions.
    Images {
        /// Which images.
        pictures: Pictures,
        /// The nets.
        nets: ImageNets,
    },
}

ranges_of_variants!(Task, |variant, task| match task {
    Self::Dirac { .. } => {}
    Self::Plane { width, .. } => variant.field("width", width, range::width),
    Self::Line { dim, width } => {
        variant.check("dim", range::within(dim, &(2..=4_096)));
        variant.field("width", width, range::width);
    }
    Self::Images { pictures, nets } => {
        variant.inside_of("pictures", pictures);
        variant.inside_of("nets", nets);
    }
});

/// Gaussians on the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    /// Eight modes, radius 2, sigma 0.02.
    Ring,
    /// 25 modes, spacing 2, sigma 0.05.
    Grid,
}

impl Target {
    pub(crate) fn mixture(self) -> GaussianMixture {
        match self {
            Self::Ring => GaussianMixture::ring(8, 2.0, 0.02),
            Self::Grid => GaussianMixture::grid(5, 2.0, 0.05),
        }
    }
}

/// Convolutional nets in the manner of DCGAN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageNets {
    /// Numbers of a latent.
    #[garde(custom(range::width))]
    pub(crate) latent: i64,
    /// Feature maps of the critic, first to last; the generator's are the same backwards.
    #[garde(custom(range::some_widths))]
    pub(crate) maps: Vec<i64>,
    /// Whether the critic normalises batches; the generator always does.
    #[garde(skip)]
    pub(crate) critic_batch_norm: bool,
}

/// Where the optimisers' settings come from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rates {
    /// Adam, the same for both players.
    Adam(Adam),
    /// Plain descent at this rate.
    Descent(f64),
    /// Adam whose rates, first beta and penalty weight are drawn by the seed (`search.rs`).
    Drawn,
}

ranges_of_variants!(Rates, |variant, rates| match rates {
    Self::Adam(adam) => variant.inside(adam),
    Self::Descent(rate) => variant.only(rate, range::learning_rate),
    Self::Drawn => {}
});

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        shared::ranges::check::<crate::PenaltyAblation>(&[
            ("batch", json!(0)),
            ("critic_steps", json!(0)),
            ("rates.adam.learning_rate", json!(-1e-4)),
            ("rates", json!({"descent": 0.2})),
            ("task.plane.width", json!(0)),
            ("task.images.pictures.shrink", json!(3)),
            ("task.images.nets.maps", json!([])),
            ("penalty", json!({"gradient_per_column": {"weight": 1.0, "lines": 5}})),
            ("penalty.weight_clip.bound", json!(0.0)),
        ]);
    }
}
