//! What can be varied, and which combinations are run.

use gan::Adam;
use gan::data::images::ImageSet;
use gan::flow::{Affine, Base, Bijector, Coupling, Flow, LogitPixels, Permute, Scale};
use lab::Profile;
use serde::{Deserialize, Serialize};

/// Pixels of an image.
pub(crate) const DIM: i64 = 28 * 28;

/// One way to train one flow on one set of images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The images; `--set data=fashion_mnist` for the other set.
    pub(crate) data: ImageSet,
    /// Where log-likelihoods are densities, and what turns them into bits per dimension.
    pub(crate) likelihood: Likelihood,
    /// How the flow is trained.
    pub(crate) training: Training,
    /// The flow.
    pub(crate) flow: FlowShape,
    /// The flow's optimiser.
    pub(crate) adam: Adam,
    /// Images in a minibatch.
    pub(crate) batch: i64,
    /// Updates of the flow.
    pub(crate) steps: u64,
    /// Images at the front of the training set that train; the last 10,000 validate.
    pub(crate) training_images: i64,
    /// Held-out images behind each likelihood, of validation and of test.
    pub(crate) held_out_images: i64,
}

/// The meaning of a log-likelihood, in the record of every run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Likelihood {
    /// The space of the density: pixels `(k + u) / 256` in the unit cube.
    pub(crate) density_space: String,
    /// The unit of the numbers whose names end with it.
    pub(crate) unit: String,
    /// Added to `-nats / (784 ln 2)` for bits per dimension.
    pub(crate) offset_bits: f64,
}

/// A training algorithm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Training {
    /// Ascend the exact log-likelihood.
    MaximumLikelihood,
    /// Descend a critic's estimate of the Wasserstein distance, with gradient penalty.
    Wasserstein {
        /// Hidden widths of the critic.
        critic: Vec<i64>,
        /// The critic's optimiser.
        critic_adam: Adam,
        /// Critic updates, each on fresh images and latents, for one of the flow.
        critic_steps: u32,
        /// Weight of the gradient penalty.
        penalty_weight: f64,
    },
}

/// A NICE or Real NVP flow with dense couplings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlowShape {
    /// Additive (NICE) or affine (Real NVP).
    pub(crate) coupling: Affine,
    /// Number of couplings; halves alternate.
    pub(crate) couplings: usize,
    /// Hidden widths of each coupling's net.
    pub(crate) hidden: Vec<i64>,
    /// Distribution of the latent.
    pub(crate) base: Base,
    /// Distance that the logit keeps from 0 and 1.
    pub(crate) alpha: f64,
}

impl FlowShape {
    /// Returns the flow, from latent to pixels in the unit interval.
    pub(crate) fn build(&self) -> Flow {
        let mut chain: Vec<Box<dyn Bijector>> = vec![Box::new(Scale { dim: DIM })];
        for i in 0..self.couplings {
            chain.push(Box::new(Coupling::new(self.coupling, DIM, i % 2 == 0, &self.hidden)));
        }
        chain.push(Box::new(Permute::even_odd(DIM)));
        chain.push(Box::new(LogitPixels { alpha: self.alpha }));
        Flow { base: self.base, dim: DIM, chain }
    }
}

/// Returns both ways to train the same flow; the README says what is ours and what is Flow-GAN's.
pub(crate) fn grid(profile: Profile) -> Vec<Config> {
    let (hidden, critic, batch, steps) = match profile {
        Profile::Smoke => (vec![16], vec![16], 16, 12),
        Profile::Quick => (vec![256, 256], vec![256, 256], 100, 500),
        Profile::Full => (vec![1000; 5], vec![1024, 1024], 100, 100_000),
    };
    let adversarial = Adam::new(1e-4, 0.5, 0.9);
    let wasserstein = Training::Wasserstein {
        critic,
        critic_adam: adversarial,
        critic_steps: 5,
        penalty_weight: 10.0,
    };
    let likely = if profile == Profile::Full { adversarial } else { Adam::new(1e-3, 0.9, 0.999) };
    [(Training::MaximumLikelihood, likely), (wasserstein, adversarial)]
        .map(|(training, adam)| Config {
            data: ImageSet::Mnist,
            likelihood: Likelihood {
                density_space: "pixels (k + u) / 256 in [0, 1]^784".into(),
                unit: "nats per image".into(),
                offset_bits: 8.0,
            },
            training,
            flow: FlowShape {
                coupling: Affine::Additive,
                couplings: 4,
                hidden: hidden.clone(),
                base: Base::Logistic,
                alpha: 1e-6,
            },
            adam,
            batch,
            steps,
            training_images: 50_000,
            held_out_images: if profile == Profile::Smoke { 64 } else { 2_000 },
        })
        .into()
}
