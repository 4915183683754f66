//! What can be varied, and which combinations are run.

use gan::data::GaussianMixture;
use gan::step::SecondTerm;
use gan::vae::DecoderSigma;
use gan::{Activation, Adam, Objective, range, ranges_of_variants};
use garde::{Error, Validate};
use lab::Profile;
use serde::{Deserialize, Serialize};

/// One arm at one size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[garde(custom(fits))]
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
    #[garde(custom(range::batch))]
    pub(crate) batch: i64,
    /// Updates of the generator.
    #[garde(custom(range::steps))]
    pub(crate) steps: u64,
}

/// What must be true between fields.
///
/// A pack divides the batch, so that a batch is one of whole packs whether it counts rows, as here, or points, as in
/// PacGAN's code.
fn fits(config: &Config, (): &()) -> garde::Result {
    let Method::Gan(Gan { critic_steps, pack, .. }) = config.method else { return Ok(()) };
    if config.batch % pack.max(1) != 0 {
        let line = format!("method.gan.pack: {pack} does not divide batch={}", config.batch);
        return Err(Error::new(line));
    }
    if config.batch.saturating_mul(pack) > MOST_POINTS {
        let line = format!("batch: rows of {pack} points are more than {MOST_POINTS} in all");
        return Err(Error::new(line));
    }
    range::countable(config.steps, critic_steps)
        .map_err(|error| Error::new(format!("method.gan.critic_steps: {error}")))
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
#[serde(rename_all = "snake_case")]
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
    Reference(Reference),
}

ranges_of_variants!(Method, |variant, method| match method {
    Self::Gan(gan) => variant.inside(gan),
    Self::Vae { sigma, .. } => variant.inside_of("sigma", sigma),
    Self::Reference(_) => {}
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

/// What a metric says of things that learned nothing, or everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reference {
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
    fn notebook() -> Self {
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
    fn small(self) -> Self {
        let halved = |widths: Vec<i64>| widths.into_iter().map(|width| width / 2).collect();
        let (generator, critic) = (halved(self.generator), halved(self.critic));
        Self { latent: 16, generator, critic, ..self }
    }

    /// The same nets with both rates times `factor`.
    fn faster(self, factor: f64) -> Self {
        let scaled = |adam: Adam| Adam { learning_rate: factor * adam.learning_rate, ..adam };
        Self {
            generator_adam: scaled(self.generator_adam),
            critic_adam: scaled(self.critic_adam),
            ..self
        }
    }
}

impl Config {
    /// Work relative to the plain GAN's, roughly as measured; only for the order of cells.
    pub(crate) fn cost(&self) -> f64 {
        let per_step = match self.method {
            Method::Gan(Gan { look_ahead, second_term, critic_steps, .. }) => {
                let each = if second_term == SecondTerm::Full { 0.9 } else { 0.25 };
                let layers = self.nets.critic.len() as f64;
                1.0 + each * layers * f64::from(look_ahead) + 0.3 * layers * f64::from(critic_steps)
            }
            Method::Vae { .. } => 1.0,
            Method::Reference(_) => 0.001,
        };
        per_step * self.steps as f64 * self.batch as f64
    }

    /// Whether seconds are compared: the doses of look-ahead.
    pub(crate) fn is_timed(&self) -> bool {
        match self.method {
            Method::Gan(Gan { look_ahead, second_term, .. }) => {
                let dose = Gan { look_ahead, second_term, ..PLAIN };
                let shallow = self.nets.generator.len() == 2 && self.nets.critic.len() == 1;
                self.target == TargetName::Ring && shallow && self.method == Method::Gan(dose)
            }
            _ => false,
        }
    }

    /// Whether a claim compares this arm with another, so that it gets more seeds at `quick`.
    pub(crate) fn is_compared(&self) -> bool {
        match self.method {
            Method::Gan(gan) => {
                let plain_or_ahead = gan == PLAIN || gan.look_ahead == 10 || gan.critic_steps == 10;
                self.target == TargetName::Ring && self.nets.generator.len() == 2 && plain_or_ahead
            }
            Method::Vae { sigma, samples } => {
                let noisy = samples == VaeSamples::Noisy;
                self.target == TargetName::Ring && noisy && sigma == DecoderSigma::Learned
            }
            Method::Reference(_) => true,
        }
    }

    /// Whether any claim reads this arm.
    pub(crate) fn is_claimed(&self) -> bool {
        let arm = (self.target, self.method);
        self.is_compared()
            || arm == (TargetName::UnitRing, Method::Gan(PLAIN))
            || arm == (TargetName::Ring, unrolled(5, SecondTerm::Full))
    }
}

/// The plain GAN of the paper.
pub(crate) const PLAIN: Gan = Gan {
    objective: Objective::Minimax,
    look_ahead: 0,
    second_term: SecondTerm::Full,
    critic_steps: 1,
    pack: 1,
};

fn unrolled(look_ahead: u32, second_term: SecondTerm) -> Method {
    Method::Gan(Gan { look_ahead, second_term, ..PLAIN })
}

/// Returns the arms of a profile; what each is for stands in the README.
pub(crate) fn grid(profile: Profile) -> Vec<Config> {
    use TargetName::{Grid, NotebookRing, Ring, UnitRing};

    let full_size = profile == Profile::Full;
    let size = |nets: Nets| if full_size { nets } else { nets.small() };
    let (batch, steps) = match profile {
        Profile::Smoke => (32, 20),
        Profile::Quick => (128, 8_000),
        Profile::Full => (512, 25_000),
    };
    // Fewer steps take larger ones; the notebook's generator already takes ten times the paper's.
    let paper = size(Nets::paper()).faster(if full_size { 1.0 } else { 5.0 });
    let deep_critic = Nets { critic: [&paper.critic[..], &paper.critic].concat(), ..paper.clone() };
    let deep = |nets: &Nets| Nets {
        generator: [&nets.generator[..], &nets.generator].concat(),
        ..nets.clone()
    };
    let arm =
        |target, method, nets: &Nets| Config { target, method, nets: nets.clone(), batch, steps };
    let plain = Method::Gan(PLAIN);
    let packed = Method::Gan(Gan { pack: 2, ..PLAIN });
    let vae_nets = Nets {
        latent: 2,
        // A likelihood is no game: the larger step of Kingma and Welling's successors is safe.
        generator_adam: Adam::new(1e-3, 0.9, 0.999),
        ..paper.clone()
    };
    let vae = |sigma, samples| Method::Vae { sigma, samples };

    let mut grid = vec![
        arm(Ring, plain, &paper),
        arm(Ring, Method::Gan(Gan { objective: Objective::NonSaturating, ..PLAIN }), &paper),
        arm(Ring, unrolled(1, SecondTerm::Full), &paper),
        arm(Ring, unrolled(5, SecondTerm::Full), &paper),
        arm(Ring, unrolled(10, SecondTerm::Full), &paper),
        arm(Ring, unrolled(5, SecondTerm::Stopped), &paper),
        arm(Ring, unrolled(10, SecondTerm::Stopped), &paper),
        arm(Ring, Method::Gan(Gan { critic_steps: 10, ..PLAIN }), &paper),
        arm(Ring, packed, &paper),
        arm(Ring, plain, &deep_critic),
        arm(Ring, plain, &deep(&paper)),
        arm(Ring, plain, &deep(&deep_critic)),
        arm(Ring, packed, &deep_critic),
        arm(UnitRing, plain, &size(Nets::notebook())),
        arm(NotebookRing, plain, &size(Nets::notebook())),
        arm(Ring, vae(DecoderSigma::Learned, VaeSamples::Noisy), &vae_nets),
        arm(Ring, vae(DecoderSigma::Learned, VaeSamples::Means), &vae_nets),
        arm(Ring, vae(DecoderSigma::Fixed(0.02), VaeSamples::Noisy), &vae_nets),
        arm(Ring, vae(DecoderSigma::Fixed(1.0), VaeSamples::Noisy), &vae_nets),
        arm(Grid, plain, &paper),
        arm(Grid, plain, &deep_critic),
        arm(Grid, unrolled(5, SecondTerm::Full), &paper),
        arm(Grid, packed, &deep_critic),
        arm(Grid, vae(DecoderSigma::Learned, VaeSamples::Noisy), &vae_nets),
    ];
    if full_size {
        grid.push(arm(UnitRing, unrolled(5, SecondTerm::Full), &Nets::notebook()));
    }
    for target in [Ring, Grid] {
        for reference in [Reference::Perfect, Reference::BoxNoise, Reference::Untrained] {
            grid.push(arm(target, Method::Reference(reference), &paper));
        }
    }
    grid
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        experiments::ranges::check::<crate::MogCollapse>(&[
            ("batch", json!(0)),
            ("steps", json!(0)),
            ("method.gan.pack", json!(0)),
            ("method.gan.critic_steps", json!(0)),
            ("nets.latent", json!(0)),
            ("nets.critic", json!([])),
            ("nets.generator", json!([64, 0])),
            ("nets.critic_adam.learning_rate", json!(-1e-4)),
            ("nets.generator_adam.beta1", json!(1.0)),
            ("nets.gain", json!(0.0)),
            ("method.vae.sigma", json!({"fixed": 0.0})),
        ]);
    }
}
