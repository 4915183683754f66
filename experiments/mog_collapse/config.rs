//! What can be varied.

use gan::data::GaussianMixture;
use gan::step::SecondTerm;
use gan::vae::DecoderSigma;
use gan::{Activation, Adam, Objective, range, ranges_of_variants};
use garde::{Error, Validate};
use serde::{Deserialize, Serialize};

/// One arm at one size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What to learn.
    #[garde(skip)]
    pub(crate) target: TargetName,
    /// How to learn it.
    #[garde(dive)]
    pub(crate) method: Method,
    /// Networks and optimisers.
    #[garde(dive)]
    pub(crate) nets: Nets,
    /// Rows of a minibatch; a row holds `pack` points.
    #[garde(custom(range::batch), custom(|_, _context| self.points()))]
    pub(crate) batch: i64,
    /// Updates of the generator.
    #[garde(custom(range::steps), custom(|_, _context| self.updates()))]
    pub(crate) steps: u64,
}

impl Config {
    /// Checks the points of a minibatch, in whole packs whether it counts rows, as here, or points, as in PacGAN's code.
    fn points(&self) -> garde::Result {
        let pack = if let Method::Gan(gan) = self.method { gan.pack } else { 1 };
        if self.batch % pack.max(1) != 0 {
            let line = format!("method.gan.pack={pack} does not divide {}", self.batch);
            return Err(Error::new(line));
        }
        if self.batch.saturating_mul(pack) <= MOST_POINTS {
            return Ok(());
        }
        let line = format!("{} rows of {pack} are more than {MOST_POINTS} points", self.batch);
        Err(Error::new(line))
    }

    /// Checks that the updates of the critic can be counted.
    fn updates(&self) -> garde::Result {
        let updates = if let Method::Gan(gan) = self.method { gan.critic_steps } else { 1 };
        range::countable(self.steps, updates)
    }
}

/// Most points of a minibatch, all rows together.
const MOST_POINTS: i64 = 1 << 20;

/// A mixture by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TargetName {
    /// Eight modes, radius 2, sigma 0.02 (Metz et al., appendix).
    Ring,
    /// Eight modes, radius 1, sigma 0.01: the notebook's scale with its coinciding angles mended.
    UnitRing,
    /// The notebook as published: seven distinct modes, one with double weight.
    NotebookRing,
    /// 25 modes, spacing 2, sigma 0.05 (VEEGAN, PacGAN).
    Grid,
}

impl TargetName {
    pub(crate) fn mixture(self) -> GaussianMixture {
        match self {
            Self::Ring => GaussianMixture::ring(8, 2.0, 0.02),
            Self::UnitRing => GaussianMixture::ring(8, 1.0, 0.01),
            Self::NotebookRing => GaussianMixture::notebook_ring(1.0, 0.01),
            Self::Grid => GaussianMixture::grid(5, 2.0, 0.05),
        }
    }

    /// Half the width of a box that holds the modes and a little more, for noise.
    pub(crate) fn half_width(self) -> f64 {
        match self {
            Self::Ring => 2.2,
            Self::UnitRing | Self::NotebookRing => 1.2,
            Self::Grid => 4.2,
        }
    }
}

/// A way to learn, or something to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Method {
    /// A generative adversarial network.
    Gan(Gan),
    /// A variational auto-encoder.
    Vae {
        /// The decoder's standard deviation.
        sigma: DecoderSigma,
        /// Whether samples or only decoder means are looked at.
        samples: VaeSamples,
    },
    /// No learning.
    #[serde(rename = "reference")]
    Baseline(Baseline),
}

ranges_of_variants!(Method, |variant, method| match method {
    Self::Gan(gan) => variant.inside(gan),
    Self::Vae { sigma, .. } => variant.inside_of("sigma", sigma),
    Self::Baseline(_) => {}
});

/// What is drawn from a trained VAE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VaeSamples {
    /// `decoder(z) + sigma noise`.
    Noisy,
    /// `decoder(z)`.
    Means,
}

/// A sampler that does not train, for what metrics say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Baseline {
    /// The target itself.
    Perfect,
    /// Uniform on a box around it.
    BoxNoise,
    /// The generator before its first step.
    Untrained,
}

/// How a GAN is trained.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gan {
    /// The two losses.
    #[garde(skip)]
    pub(crate) objective: Objective,
    /// Critic steps that the generator looks ahead: K, 0 for none.
    #[garde(range(max = 1_000))]
    pub(crate) look_ahead: u32,
    /// Whether the generator's gradient goes through them.
    #[garde(skip)]
    pub(crate) second_term: SecondTerm,
    /// Real critic steps, each on a fresh batch, for one generator step.
    #[garde(custom(range::updates))]
    pub(crate) critic_steps: u32,
    /// Points that the critic sees at once: m of PacGAN.
    #[garde(range(min = 1, max = 1_024))]
    pub(crate) pack: i64,
}

/// Networks and optimisers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nets {
    /// Dimension of the latent.
    #[garde(custom(range::width))]
    pub(crate) latent: i64,
    /// Hidden widths of the generator (of a VAE: encoder and decoder).
    #[garde(custom(range::some_widths))]
    pub(crate) generator: Vec<i64>,
    /// Hidden widths of the critic.
    #[garde(custom(range::some_widths))]
    pub(crate) critic: Vec<i64>,
    /// The function between layers.
    #[garde(dive)]
    pub(crate) activation: Activation,
    /// Gain of the orthogonal initial weights.
    #[garde(custom(range::scale))]
    pub(crate) gain: f64,
    /// The critic sees its input divided by this.
    #[garde(custom(range::scale))]
    pub(crate) input_scale: f64,
    /// The generator's optimiser, or the VAE's.
    #[garde(dive)]
    pub(crate) generator_adam: Adam,
    /// The critic's optimiser.
    #[garde(dive)]
    pub(crate) critic_adam: Adam,
}

impl Nets {
    /// Metz et al.'s appendix: one hidden layer in the critic, two in the generator.
    pub(crate) fn paper() -> Self {
        let adam = Adam::new(1e-4, 0.5, 0.999);
        Self {
            latent: 256,
            generator: vec![128, 128],
            critic: vec![128],
            activation: Activation::Relu,
            gain: 0.8,
            input_scale: 4.0,
            generator_adam: adam,
            critic_adam: adam,
        }
    }

    /// The authors' notebook: tanh, two hidden layers in the critic, a faster generator.
    pub(crate) fn notebook() -> Self {
        Self {
            critic: vec![128, 128],
            activation: Activation::Tanh,
            gain: 1.4,
            input_scale: 1.0,
            generator_adam: Adam::new(1e-3, 0.5, 0.999),
            ..Self::paper()
        }
    }

    /// The same shape at half the width, with a small latent: ours, for two cores.
    pub(crate) fn small(self) -> Self {
        let halved = |widths: Vec<i64>| widths.into_iter().map(|width| width / 2).collect();
        let (generator, critic) = (halved(self.generator), halved(self.critic));
        Self { latent: 16, generator, critic, ..self }
    }

    /// The same nets with both rates times `factor`.
    pub(crate) fn faster(self, factor: f64) -> Self {
        let scaled = |adam: Adam| Adam { learning_rate: factor * adam.learning_rate, ..adam };
        Self {
            generator_adam: scaled(self.generator_adam),
            critic_adam: scaled(self.critic_adam),
            ..self
        }
    }

    /// The same nets with twice as many hidden layers in the critic.
    pub(crate) fn with_deep_critic(self) -> Self {
        Self { critic: self.critic.repeat(2), ..self }
    }

    /// The same nets with twice as many hidden layers in the generator.
    pub(crate) fn with_deep_generator(self) -> Self {
        Self { generator: self.generator.repeat(2), ..self }
    }
}

impl Gan {
    /// The plain GAN of the paper.
    pub(crate) const PLAIN: Self = Self {
        objective: Objective::Minimax,
        look_ahead: 0,
        second_term: SecondTerm::Full,
        critic_steps: 1,
        pack: 1,
    };

    /// PacGAN with two points at once.
    pub(crate) const PACKED: Self = Self { pack: 2, ..Self::PLAIN };

    /// The unrolled GAN.
    pub(crate) fn unrolled(look_ahead: u32, second_term: SecondTerm) -> Self {
        Self { look_ahead, second_term, ..Self::PLAIN }
    }
}

impl Config {
    /// Returns the work relative to the plain GAN's, roughly as measured; only for the order of cells.
    pub(crate) fn cost(&self) -> f64 {
        let per_step = match self.method {
            Method::Gan(Gan { look_ahead, second_term, critic_steps, .. }) => {
                let each = if second_term == SecondTerm::Full { 0.9 } else { 0.25 };
                let layers = self.nets.critic.len() as f64;
                1.0 + each * layers * f64::from(look_ahead) + 0.3 * layers * f64::from(critic_steps)
            }
            Method::Vae { .. } => 1.0,
            Method::Baseline(_) => 0.001,
        };
        per_step * self.steps as f64 * self.batch as f64
    }

    /// Returns a short name of an arm for figures.
    pub(crate) fn label(&self) -> String {
        match self.method {
            Method::Gan(gan) => {
                let (g, d) = (self.nets.generator.len(), self.nets.critic.len());
                let layers = if (g, d) == (2, 1) { String::new() } else { format!(", G{g} D{d}") };
                let name = if gan.pack > 1 {
                    format!("PacGAN m={}", gan.pack)
                } else if gan.critic_steps > 1 {
                    format!("{} critic steps", gan.critic_steps)
                } else if gan.look_ahead > 0 {
                    let stopped =
                        if gan.second_term == SecondTerm::Stopped { ", stopped" } else { "" };
                    format!("unrolled K={}{stopped}", gan.look_ahead)
                } else if gan.objective == Objective::NonSaturating {
                    "non-saturating".to_owned()
                } else {
                    "plain GAN".to_owned()
                };
                name + &layers
            }
            Method::Vae { sigma, samples } => {
                let sigma = match sigma {
                    DecoderSigma::Learned => "learned sigma".to_owned(),
                    DecoderSigma::Fixed(sigma) => format!("sigma={sigma}"),
                };
                let means = if samples == VaeSamples::Means { ", means" } else { "" };
                format!("VAE {sigma}{means}")
            }
            Method::Baseline(Baseline::Perfect) => "the target itself".to_owned(),
            Method::Baseline(Baseline::BoxNoise) => "uniform noise".to_owned(),
            Method::Baseline(Baseline::Untrained) => "untrained generator".to_owned(),
        }
    }
}
