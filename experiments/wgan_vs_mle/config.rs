//! What can be varied: plain data, the identity of a run.

use gan::optim::Rule;
use gan::{Adam, Penalty, range, ranges_of_variants};
use garde::{Error, Validate};
use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::flow::FlowShape;

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
    #[garde(dive, custom(|_, _context| self.check_training()))]
    pub(crate) training: Training,
    /// The flow.
    #[garde(dive, custom(|_, _context| self.check_flow()))]
    pub(crate) flow: FlowShape,
    /// The flow's optimiser.
    #[garde(dive)]
    pub(crate) adam: Adam,
    /// Points in a minibatch.
    #[garde(custom(range::batch), custom(|_, _context| self.check_at_once()))]
    pub(crate) batch: i64,
    /// Updates of the flow.
    #[garde(custom(range::steps), custom(|_, _context| self.check_updates()))]
    pub(crate) steps: u64,
    /// Images at the front of the training set that train; fresh points of the plane are endless.
    #[garde(custom(|_, _context| self.check_images()))]
    pub(crate) training_images: i64,
    /// Held-out points behind each likelihood, of validation and of test.
    #[garde(custom(range::sample))]
    pub(crate) held_out: i64,
    /// Whether it is also looked at after 1, 2, 4 .. updates, where a game's likelihood can be best.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[garde(skip)]
    pub(crate) early_looks: bool,
    /// What is measured of the last model, beyond likelihood and samples.
    #[garde(length(max = 64), dive, custom(|_, _context| self.check_measures()))]
    pub(crate) measures: Vec<Measure>,
}

/// Something to measure of a trained flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measure {
    /// Scores of samples by the classifier's class probabilities.
    ClassScores,
    /// All scores of images, some of them at every look too, beside those of real images and of a trivial generator.
    Pictures,
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
    /// No flow: a critic chases a generator that jumps.
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

impl Critic {
    /// Returns a dense critic with the gradient penalty between data and samples, five updates for one of the flow.
    pub(crate) fn penalised(hidden: &[i64], rate: f64, weight: f64) -> Self {
        Self {
            hidden: hidden.to_vec(),
            maps: Vec::new(),
            layer_norm: false,
            rule: Rule::Adam(Adam::new(rate, 0.5, 0.9)),
            steps: 5,
            constraint: Constraint::Penalty(Penalty::Gradient { weight }),
            batches: Batches::Fresh,
        }
    }

    /// Returns the game with this critic, in which the likelihood has a weight too.
    pub(crate) fn game(&self, likelihood_weight: f64) -> Training {
        Training::Wasserstein { critic: self.clone(), likelihood_weight }
    }
}

/// Returns Adam as maximum likelihood has it.
pub(crate) fn likelihood_adam() -> Adam {
    Adam::new(1e-3, 0.9, 0.999)
}

/// Returns Adam as both players of a game of images have it, in WGAN-GP's released code and in Flow-GAN's.
pub(crate) fn game_adam() -> Adam {
    Adam::new(1e-4, 0.5, 0.9)
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

/// What must be true between the fields of a configuration.
impl Config {
    /// Returns the critic of a game.
    pub(crate) fn critic(&self) -> Option<&Critic> {
        match &self.training {
            Training::Wasserstein { critic, .. } => Some(critic),
            _ => None,
        }
    }

    /// There are so many images to train with.
    fn check_images(&self) -> garde::Result {
        let least = i64::from(self.data.images().is_some());
        range::within(&self.training_images, &(least..=self.data.training_images()))
    }

    /// The data can be trained with so, and the critic's penalty taken.
    fn check_training(&self) -> garde::Result {
        let memorises = self.training == Training::Memorise;
        require(!memorises || self.data.images().is_some(), "only images are memorised")?;
        match self.critic().map(|critic| critic.constraint) {
            Some(Constraint::Penalty(penalty)) => penalty.goes_with(self.data.dim()),
            _ => Ok(()),
        }
    }

    /// The flow can be built.
    fn check_flow(&self) -> garde::Result {
        let Some(residual) = self.flow.residual else {
            return require(self.flow.couplings > 0, "a dense flow has couplings");
        };
        require(self.data.images().is_some(), "residual couplings are of images")?;
        // All scales but the last halve the sides.
        let halvings = (residual.scales as u32).saturating_sub(1);
        let factor = 1i64.checked_shl(halvings).unwrap_or(0);
        let divides = self.data.shape().is_divided_by(factor);
        require(divides, "residual.scales: the sides cannot be halved so often")
    }

    /// The points of all of a critic's updates fit in memory.
    fn check_at_once(&self) -> garde::Result {
        let updates = self.critic().map_or(1, |critic| i64::from(critic.steps));
        let all = self.batch.saturating_mul(updates).saturating_mul(self.data.dim());
        require(all <= MOST, "points of all updates of an iteration would not fit in memory")
    }

    /// The critic's updates can be counted, and a race is long enough to be read.
    fn check_updates(&self) -> garde::Result {
        let race = matches!(self.training, Training::Race { .. });
        // Twice the updates between two jumps: its second half sees every moment between them.
        require(!race || self.steps >= 50, "a race has at least 50")?;
        range::countable(self.steps, self.critic().map_or(1, |critic| critic.steps))
    }

    /// What is measured can be.
    fn check_measures(&self) -> garde::Result {
        let of_images = |measure: &Measure| {
            matches!(
                measure,
                Measure::ClassScores | Measure::Pictures | Measure::Spectrum | Measure::Redraw
            )
        };
        let images = self.data.images().is_some();
        let possible = images || !self.measures.iter().any(of_images);
        require(possible, "scores of images, spectra and redrawn latents are of images")?;
        let pictures = self.measures.contains(&Measure::Pictures);
        let alone = self.data != Data::Digits;
        require(
            !pictures || alone,
            "pictures are scored of flows that train alone, not of digits",
        )?;
        let critic = self.measures.iter().any(|m| matches!(m, Measure::IndependentCritic(_)));
        let memorises = self.training == Training::Memorise;
        require(!memorises || critic, "what is memorised is measured by a critic")
    }
}

/// Most numbers of the points of one iteration: a gibibyte in single precision.
const MOST: i64 = 1 << 28;

fn require(holds: bool, otherwise: &str) -> garde::Result {
    if holds { Ok(()) } else { Err(Error::new(otherwise)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        shared::ranges::check::<crate::WganVsMle>(&[
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
            ("measures", json!(["pictures"])),
            ("training.wasserstein.critic.steps", json!(0)),
            ("training.wasserstein.likelihood_weight", json!(-1.0)),
            ("training.wasserstein.critic.rule.adam.learning_rate", json!(-1.0)),
        ]);
    }
}
