//! What can be varied: plain data, the identity of a run.

use gan::data::images::ImageSet;
use gan::net::ImageShape;
use gan::optim::Rule;
use gan::{Adam, Penalty, range, ranges_of_variants};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::fits;
use crate::shape::FlowShape;

/// One way to train one flow on one set of points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The points; `--set data=fashion_mnist --only data=mnist` for the other set.
    #[garde(skip)]
    pub(crate) data: Data,
    /// What the log-likelihoods mean.
    #[garde(dive)]
    pub(crate) likelihood: Likelihood,
    /// How the flow is trained.
    #[garde(dive, custom(|_, _context| fits::training(self)))]
    pub(crate) training: Training,
    /// The flow.
    #[garde(dive, custom(|_, _context| fits::flow(self)))]
    pub(crate) flow: FlowShape,
    /// The flow's optimiser.
    #[garde(dive)]
    pub(crate) adam: Adam,
    /// Points in a minibatch.
    #[garde(custom(range::batch), custom(|_, _context| fits::at_once(self)))]
    pub(crate) batch: i64,
    /// Updates of the flow.
    #[garde(custom(range::steps), custom(|_, _context| fits::updates(self)))]
    pub(crate) steps: u64,
    /// Images at the front of the training set that train; fresh points of the plane are endless.
    #[garde(custom(|_, _context| fits::images(self)))]
    pub(crate) training_images: i64,
    /// Held-out points behind each likelihood, of validation and of test.
    #[garde(custom(range::sample))]
    pub(crate) held_out: i64,
    /// What is measured of the last model, beyond likelihood and samples.
    #[garde(length(max = 64), dive, custom(|_, _context| fits::measures(self)))]
    pub(crate) measures: Vec<Measure>,
}

/// Something to measure of a trained flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measure {
    /// Scores of samples by the classifier's class probabilities.
    ClassScores,
    /// The Wasserstein estimate of a critic that never met the flow, after this many updates.
    IndependentCritic(u64),
    /// Singular values of the Jacobian at some latents, in pixels and in logits.
    Spectrum,
    /// Where the flow sends held-out data.
    Latent,
    /// Images with part of their latents drawn afresh.
    Redraw,
    /// The Parzen window estimate of the likelihood from samples.
    KernelDensity,
    /// The likelihood by annealed importance sampling through this many temperatures.
    Annealing(u64),
}

ranges_of_variants!(Measure, |variant, measure| match measure {
    Self::IndependentCritic(steps) | Self::Annealing(steps) => variant.only(steps, range::steps),
    _ => {}
});

/// A distribution to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Data {
    /// Samples of a fixed random flow: the target lies near the family.
    Teacher,
    /// Two half circles of radius 1, thickened by 0.1.
    Moons,
    /// Eight Gaussians on a circle of radius 2, standard deviation 0.1.
    EightGaussians,
    /// A circle of radius 2, thickened by 0.02.
    Circle,
    /// Digits of 8 x 8 pixels.
    Digits,
    /// Digits of 28 x 28 pixels.
    Mnist,
    /// Clothes of 28 x 28 pixels.
    FashionMnist,
    /// Animals and vehicles of 32 x 32 pixels in colour.
    Cifar10,
}

/// The distributions on the plane, the easy two first.
pub(crate) const PLANE: [Data; 4] =
    [Data::Teacher, Data::Moons, Data::EightGaussians, Data::Circle];

impl Data {
    /// Returns the image set, where the points are images.
    pub(crate) fn images(self) -> Option<ImageSet> {
        match self {
            Self::Digits => Some(ImageSet::Digits),
            Self::Mnist => Some(ImageSet::Mnist),
            Self::FashionMnist => Some(ImageSet::FashionMnist),
            Self::Cifar10 => Some(ImageSet::Cifar10),
            _ => None,
        }
    }

    /// Returns the shape of a point; on the plane that of a line of two pixels.
    pub(crate) fn shape(self) -> ImageShape {
        let plane = ImageShape { channels: 1, height: 1, width: 2 };
        self.images().map_or(plane, ImageSet::shape)
    }

    /// Returns how many images there are to train with, those behind them validating.
    pub(crate) fn training_images(self) -> i64 {
        match self {
            Self::Digits => 1_000,
            Self::Mnist | Self::FashionMnist => 50_000,
            Self::Cifar10 => 45_000,
            _ => 0,
        }
    }

    /// Returns the number of coordinates.
    pub(crate) fn dim(self) -> i64 {
        self.shape().dim()
    }

    pub(crate) fn likelihood(self) -> Likelihood {
        let density_space = match self.images() {
            None => "points of the plane".into(),
            Some(set) => format!("pixels (k + u) / {} in [0, 1]^{}", set.levels(), self.dim()),
        };
        let offset_bits = self.images().map(|set| (set.levels() as f64).log2());
        Likelihood { density_space, unit: "nats per point".into(), offset_bits }
    }
}

/// The meaning of a log-likelihood, in the record of every run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Likelihood {
    /// The space of the density.
    #[garde(skip)]
    pub(crate) density_space: String,
    /// The unit of the numbers whose names end with it.
    #[garde(skip)]
    pub(crate) unit: String,
    /// Added to `-nats / (dim ln 2)` for bits per dimension of images.
    #[garde(range(min = 0.0, max = 64.0))]
    pub(crate) offset_bits: Option<f64>,
}

/// A training algorithm, or what stands in its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Training {
    /// Ascend the exact log-likelihood.
    MaximumLikelihood,
    /// Descend a critic's estimate of the Wasserstein distance, and the negative log-likelihood with this
    /// weight: `-E f(G(z)) - weight E ln p(x)`, nats per point (Flow-GAN's hybrid; 0 is the WGAN).
    Wasserstein {
        /// The critic.
        critic: Critic,
        /// Weight of the log-likelihood, lambda.
        likelihood_weight: f64,
    },
    /// No training: one Gaussian on each training image, and the training images themselves as a model.
    Memorise,
    /// No flow: a critic chases a generator that jumps (claim D6).
    Race {
        /// Whether the critic also sees the features of an extra batch of the generator's.
        extra_batch: bool,
    },
}

ranges_of_variants!(Training, |variant, training| if let Self::Wasserstein {
    critic,
    likelihood_weight,
} = training
{
    variant.inside_of("critic", critic);
    variant.field("likelihood_weight", likelihood_weight, range::weight);
});

/// The critic of a game.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Critic {
    /// Hidden widths, leaky `ReLU` of slope 0.2.
    #[garde(custom(range::widths))]
    pub(crate) hidden: Vec<i64>,
    /// Feature maps of convolutions of 5 x 5 pixels before the hidden layers, where it has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(custom(range::widths))]
    pub(crate) maps: Vec<i64>,
    /// Whether a layer norm follows each convolution.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[garde(skip)]
    pub(crate) layer_norm: bool,
    /// Its optimiser.
    #[garde(dive)]
    pub(crate) rule: Rule,
    /// Updates for one of the flow.
    #[garde(custom(range::updates))]
    pub(crate) steps: u32,
    /// What keeps it smooth.
    #[garde(dive)]
    pub(crate) constraint: Constraint,
    /// Where each update's points come from.
    #[garde(skip)]
    pub(crate) batches: Batches,
}

/// What keeps a critic smooth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Constraint {
    /// A term of its loss.
    Penalty(Penalty),
    /// Weights cut to this size before every update.
    Clip(f64),
}

ranges_of_variants!(Constraint, |variant, constraint| match constraint {
    Self::Penalty(penalty) => variant.inside(penalty),
    Self::Clip(bound) => variant.only(bound, range::scale),
});

/// Where the points of a critic's updates come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Batches {
    /// Fresh images and latents for every update.
    Fresh,
    /// One batch of images and one of latents for all updates of an iteration and the flow's own, as in
    /// Flow-GAN's released code.
    Reused,
}

/// The arm of a claim: which algorithm, in a word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// Maximum likelihood.
    Likelihood,
    /// WGAN with the gradient penalty.
    Wgan,
    /// The same with a weight on the likelihood.
    Hybrid(f64),
    /// WGAN with clipped weights.
    Clipped,
    /// WGAN-GP with reused batches.
    Reused,
    /// WGAN with a penalty on each column's norm.
    PerColumn,
    /// WGAN-GP whose flow has Flow-GAN's batch norm.
    BatchNorm,
    /// The mixture that memorises.
    Memorise,
    /// The race of critics.
    Race {
        /// With the extra batch.
        extra_batch: bool,
    },
}

impl Way {
    /// Returns the name of this algorithm in the names of arms.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Likelihood => "likelihood".to_owned(),
            Self::Wgan => "wgan".to_owned(),
            Self::Hybrid(weight) => format!("hybrid-{weight}"),
            Self::Clipped => "wgan-clipped".to_owned(),
            Self::Reused => "wgan-reused-batches".to_owned(),
            Self::PerColumn => "wgan-penalty-per-column".to_owned(),
            Self::BatchNorm => "wgan-batch-norm".to_owned(),
            Self::Memorise => "memorise".to_owned(),
            Self::Race { extra_batch: true } => "race-extra-batch".to_owned(),
            Self::Race { extra_batch: false } => "race".to_owned(),
        }
    }
}

impl Config {
    /// Returns which algorithm this is.
    pub(crate) fn way(&self) -> Way {
        match &self.training {
            Training::MaximumLikelihood => Way::Likelihood,
            Training::Memorise => Way::Memorise,
            Training::Race { extra_batch } => Way::Race { extra_batch: *extra_batch },
            Training::Wasserstein { critic, likelihood_weight } => match critic.constraint {
                Constraint::Clip(_) => Way::Clipped,
                Constraint::Penalty(Penalty::GradientPerColumn { .. }) => Way::PerColumn,
                Constraint::Penalty(_) if critic.batches == Batches::Reused => Way::Reused,
                Constraint::Penalty(_) if self.flow.batch_statistics => Way::BatchNorm,
                Constraint::Penalty(_) if *likelihood_weight > 0.0 => {
                    Way::Hybrid(*likelihood_weight)
                }
                Constraint::Penalty(_) => Way::Wgan,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        experiments::ranges::check::<crate::WganVsMle>(&[
            ("batch", json!(0)),
            ("steps", json!(0)),
            ("adam.learning_rate", json!(0.0)),
            ("flow.hidden", json!([0])),
            (
                "flow",
                json!({"coupling": "affine", "couplings": 0, "hidden": [8], "base": "normal", "alpha": 0.0}),
            ),
            ("flow.residual.scales", json!(0)),
            ("held_out", json!(0)),
            ("measures", json!(["spectrum"])),
            ("training.wasserstein.critic.steps", json!(0)),
            ("training.wasserstein.likelihood_weight", json!(-1.0)),
            ("training.wasserstein.critic.rule.adam.learning_rate", json!(-1.0)),
        ]);
    }
}
