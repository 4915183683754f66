//! What can be varied.

use gan::data::GaussianMixture;
use gan::data::images::ImageSet;
use gan::net::ImageShape;
use gan::{Adam, Objective, Penalty};
use serde::{Deserialize, Serialize};

/// One variant on one set of data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What is learned, and by which nets.
    pub(crate) task: Task,
    /// The two losses.
    pub(crate) objective: Objective,
    /// What keeps the critic smooth.
    pub(crate) penalty: Penalty,
    /// Updates of the critic for one of the generator.
    pub(crate) critic_steps: u32,
    /// The optimiser of both.
    pub(crate) rates: Rates,
    /// Points of each side in a minibatch.
    pub(crate) batch: i64,
    /// Updates of the generator.
    pub(crate) steps: u64,
}

/// What is learned, and by which nets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// Images of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pictures {
    /// Whose images.
    pub(crate) set: ImageSet,
    /// Sides are divided by this; pixels are means.
    pub(crate) shrink: i64,
    /// Whether three independent images are the three colours of one: 1000 modes of a set of digits.
    pub(crate) stacked: bool,
}

impl Pictures {
    /// The shape of what the nets see.
    pub(crate) fn shape(self) -> ImageShape {
        let shape = self.set.shape().shrunk(self.shrink);
        if self.stacked { ImageShape { channels: 3 * shape.channels, ..shape } } else { shape }
    }
}

/// Convolutional nets in the manner of DCGAN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageNets {
    /// Numbers of a latent.
    pub(crate) latent: i64,
    /// Feature maps of the critic, first to last; the generator's are the same backwards.
    pub(crate) maps: Vec<i64>,
    /// Whether the critic normalises batches; the generator always does.
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
    /// Adam whose rates, first beta and penalty weight are drawn by the seed, see `settings.rs`.
    Drawn,
}
