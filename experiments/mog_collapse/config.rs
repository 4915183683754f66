//! What can be varied, and which combinations are run.

use experiments::name;
use gan::data::GaussianMixture;
use gan::step::SecondTerm;
use gan::vae::DecoderSigma;
use gan::{Activation, Adam, Objective, range, ranges_of_variants};
use garde::{Error, Validate};
use lab::{Arm, Profile};
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

/// Seeds that train as one stack where seconds are compared, one number a stack, and in arms that no claim reads.
const SMALL_STACK: u64 = 5;
/// Seeds that train as one stack elsewhere.
const STACK: u64 = 10;

/// Who reads an arm, which says how many seeds it gets.
#[derive(Clone, Copy, PartialEq)]
enum Reader {
    /// A claim that compares it with another arm.
    Contrast,
    /// The same, of which the seconds are compared too.
    Seconds,
    /// A claim on this arm alone.
    Claim,
    /// The same, of which the seconds are compared too.
    ClaimAndSeconds,
    /// No claim: a row of a figure whose seconds are compared.
    Figure,
}

impl Reader {
    /// Returns the number of seeds, and how many train as one stack.
    fn seeds(self, profile: Profile) -> (u64, u64) {
        let stack = if matches!(self, Self::Contrast | Self::Claim) { STACK } else { SMALL_STACK };
        let seeds = match (profile, self) {
            (Profile::Smoke, _) => stack,
            (Profile::Full, _) => 3 * STACK,
            (Profile::Quick, Self::Contrast | Self::Seconds) => 2 * STACK,
            (Profile::Quick, Self::Claim | Self::ClaimAndSeconds) => STACK,
            (Profile::Quick, Self::Figure) => SMALL_STACK,
        };
        (seeds, stack)
    }
}

/// Returns the arms of a profile; what each is for stands in the README.
pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    use Reader::{Claim, ClaimAndSeconds, Contrast, Figure, Seconds};
    use SecondTerm::{Full, Stopped};
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
    let arm = |name: &str, reader: Reader, target, method, nets: &Nets| {
        let (seeds, stack) = reader.seeds(profile);
        let config = Config { target, method, nets: nets.clone(), batch, steps };
        Arm::new(name, config).with_seeds(seeds, stack)
    };
    let plain = Method::Gan(PLAIN);
    let packed = Method::Gan(Gan { pack: 2, ..PLAIN });
    let non_saturating = Method::Gan(Gan { objective: Objective::NonSaturating, ..PLAIN });
    let vae_nets = Nets {
        latent: 2,
        // A likelihood is no game: the larger step of Kingma and Welling's successors is safe.
        generator_adam: Adam::new(1e-3, 0.9, 0.999),
        ..paper.clone()
    };
    let vae = |sigma, samples| Method::Vae { sigma, samples };
    let (learned, noisy) = (DecoderSigma::Learned, VaeSamples::Noisy);

    let mut arms = vec![
        arm("ring/plain", Seconds, Ring, plain, &paper),
        arm("ring/non-saturating", Figure, Ring, non_saturating, &paper),
        arm("ring/unrolled-1", Figure, Ring, unrolled(1, Full), &paper),
        arm("ring/unrolled-5", ClaimAndSeconds, Ring, unrolled(5, Full), &paper),
        arm("ring/unrolled-10", Seconds, Ring, unrolled(10, Full), &paper),
        arm("ring/unrolled-5-stopped", Figure, Ring, unrolled(5, Stopped), &paper),
        arm("ring/unrolled-10-stopped", Seconds, Ring, unrolled(10, Stopped), &paper),
        arm(
            "ring/critic-steps-10",
            Contrast,
            Ring,
            Method::Gan(Gan { critic_steps: 10, ..PLAIN }),
            &paper,
        ),
        arm("ring/packed", Figure, Ring, packed, &paper),
        arm("ring/plain-deep-critic", Contrast, Ring, plain, &deep_critic),
        arm("ring/plain-deep-generator", Figure, Ring, plain, &deep(&paper)),
        arm("ring/plain-deep-both", Figure, Ring, plain, &deep(&deep_critic)),
        arm("ring/packed-deep-critic", Figure, Ring, packed, &deep_critic),
        arm("unit-ring/plain", Claim, UnitRing, plain, &size(Nets::notebook())),
        arm("notebook-ring/plain", Figure, NotebookRing, plain, &size(Nets::notebook())),
        arm("ring/vae", Contrast, Ring, vae(learned, noisy), &vae_nets),
        arm("ring/vae-means", Figure, Ring, vae(learned, VaeSamples::Means), &vae_nets),
        arm("ring/vae-0.02", Figure, Ring, vae(DecoderSigma::Fixed(0.02), noisy), &vae_nets),
        arm("ring/vae-1", Figure, Ring, vae(DecoderSigma::Fixed(1.0), noisy), &vae_nets),
        arm("grid/plain", Figure, Grid, plain, &paper),
        arm("grid/plain-deep-critic", Figure, Grid, plain, &deep_critic),
        arm("grid/unrolled-5", Figure, Grid, unrolled(5, Full), &paper),
        arm("grid/packed-deep-critic", Figure, Grid, packed, &deep_critic),
        arm("grid/vae", Figure, Grid, vae(learned, noisy), &vae_nets),
    ];
    if full_size {
        let nets = Nets::notebook();
        arms.push(arm("unit-ring/unrolled-5", Figure, UnitRing, unrolled(5, Full), &nets));
    }
    for (part, target) in [("ring", Ring), ("grid", Grid)] {
        for reference in [Reference::Perfect, Reference::BoxNoise, Reference::Untrained] {
            let name = format!("{part}/{}", name(&reference));
            arms.push(arm(&name, Contrast, target, Method::Reference(reference), &paper));
        }
    }
    arms
}
