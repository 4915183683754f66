//! The methods: one update of each is one file, read top to bottom. Points, the model that can be integrated and images
//! train by the same updates; losses are `gan`'s.

mod aae;
mod ali;
mod alpha_gan;
mod avb;
mod game;
mod vae;
mod vae_gan;
mod veegan;

pub(crate) use alpha_gan::AlphaGan;
pub(crate) use avb::log_ratio;

use gan::vae::DecoderSigma;
use gan::{Objective, Penalty, range, ranges_of_variants};
use garde::Error;
use lab::figure::Colour;
use serde::{Deserialize, Serialize};
use shared::colour;
use tch::{Kind, Tensor};

use crate::model::{Encoder, Learner, Model};

/// What is minimised by whom.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Method {
    /// Variational auto-encoder.
    Vae {
        /// Deviation of `p(x | z)`.
        sigma: DecoderSigma,
    },
    /// Adversarial auto-encoder.
    Aae {
        /// Deviation of `p(x | z)`.
        sigma: DecoderSigma,
        /// Whether reconstruction and codes have an update each, as in the paper, or one of their sum.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        two_phases: bool,
    },
    /// Adversarial variational Bayes.
    Avb {
        /// Deviation of `p(x | z)`.
        sigma: DecoderSigma,
        /// Whether the critic sees codes in the units of their own mean and deviation.
        adaptive_contrast: bool,
    },
    /// Hybrid of both ratios.
    AlphaGan(AlphaGan),
    /// Reconstruction in the critic's features.
    VaeGan {
        /// Weight of the features' surprise in the decoder's loss.
        weight: f64,
    },
    /// A critic of pairs, encoder against generator.
    Ali {},
    /// A critic of pairs, and noise that is reconstructed.
    Veegan {
        /// Whether the encoder also brings codes of data to the prior, against the critic, or learns from noise alone.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        against_critic: bool,
    },
    /// A game without an encoder.
    Gan {
        /// The two losses.
        objective: Objective,
        /// What keeps the critic smooth.
        penalty: Penalty,
        /// Samples that the critic sees at once.
        pack: i64,
    },
}

ranges_of_variants!(Method, |variant, method| match method {
    Self::Vae { sigma } | Self::Aae { sigma, .. } | Self::Avb { sigma, .. } =>
        variant.inside_of("sigma", sigma),
    Self::AlphaGan(terms) => variant.inside(terms),
    Self::VaeGan { weight } => variant.field("weight", weight, range::weight),
    Self::Ali {} | Self::Veegan { .. } => {}
    Self::Gan { penalty, pack, .. } => {
        variant.inside_of("penalty", penalty);
        variant.check("pack", range::within(pack, &(1..=16)));
    }
});

/// What a critic of images sees.
pub(crate) struct Sees {
    pub(crate) pack: i64,
    pub(crate) codes: bool,
}

impl Method {
    /// Does one update of every net with a minibatch `[members, batch, dim]`.
    pub(crate) fn update(&self, learner: &Learner, model: &mut Model, x: &Tensor) {
        match self {
            Self::Vae { .. } => vae::update(learner, model, x),
            Self::Aae { two_phases: false, .. } => aae::update(learner, model, x),
            Self::Aae { two_phases: true, .. } => aae::update_in_phases(learner, model, x),
            Self::Avb { .. } => avb::update(learner, model, x),
            Self::AlphaGan(terms) => alpha_gan::update(terms, learner, model, x),
            Self::VaeGan { weight } => vae_gan::update(*weight, learner, model, x),
            Self::Ali {} => ali::update(learner, model, x),
            Self::Veegan { against_critic } => veegan::update(*against_critic, learner, model, x),
            Self::Gan { objective, penalty, pack } => {
                game::update(*objective, *penalty, *pack, learner, model, x);
            }
        }
    }

    /// The deviation of the decoder's law, of methods that have one.
    pub(crate) fn sigma(&self) -> Option<DecoderSigma> {
        match self {
            Self::Vae { sigma } | Self::Aae { sigma, .. } | Self::Avb { sigma, .. } => Some(*sigma),
            _ => None,
        }
    }

    /// What the critic of images sees; none where there is none.
    pub(crate) fn critic(&self) -> Option<Sees> {
        match self {
            Self::Vae { .. } | Self::Aae { .. } => None,
            Self::AlphaGan(terms) => terms.has_critic().then_some(Sees { pack: 1, codes: false }),
            Self::VaeGan { .. } => Some(Sees { pack: 1, codes: false }),
            Self::Avb { .. } | Self::Ali {} | Self::Veegan { .. } => {
                Some(Sees { pack: 1, codes: true })
            }
            Self::Gan { pack, .. } => Some(Sees { pack: *pack, codes: false }),
        }
    }

    pub(crate) fn has_code_critic(&self) -> bool {
        match self {
            Self::Aae { .. } => true,
            Self::AlphaGan(terms) => terms.code_critic,
            _ => false,
        }
    }

    /// The encoder that its authors have.
    pub(crate) fn encoder(&self) -> Encoder {
        match self {
            Self::Vae { .. } | Self::VaeGan { .. } | Self::Ali {} => Encoder::Gaussian,
            Self::Aae { .. } | Self::AlphaGan(_) | Self::Veegan { .. } => Encoder::Deterministic,
            Self::Avb { .. } => Encoder::Noisy,
            Self::Gan { .. } => Encoder::None,
        }
    }

    /// Checks that the method can have an encoder.
    pub(crate) fn goes_with(&self, encoder: Encoder) -> garde::Result {
        let goes = match self {
            Self::Vae { .. } | Self::VaeGan { .. } => encoder == Encoder::Gaussian,
            Self::Gan { .. } => encoder == Encoder::None,
            Self::Avb { .. } => encoder == Encoder::Noisy,
            _ => encoder != Encoder::None,
        };
        let line = || Error::new(format!("{encoder:?} is no encoder of {}", self.kind()));
        if goes { Ok(()) } else { Err(line()) }
    }

    /// Checks that packs divide a batch.
    pub(crate) fn packs(&self, batch: i64) -> garde::Result {
        match self {
            Self::Gan { pack, .. } if *pack < 1 || batch % pack != 0 => {
                Err(Error::new(format!("packs of {pack} do not divide {batch} samples")))
            }
            _ => Ok(()),
        }
    }

    /// Whether there is no encoder and no explicit likelihood.
    pub(crate) fn is_gan(&self) -> bool {
        matches!(self, Self::Gan { .. })
    }

    /// The field's name of the kind.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Vae { .. } => "VAE",
            Self::Aae { .. } => "AAE",
            Self::Avb { .. } => "AVB",
            Self::AlphaGan(_) => "alpha-GAN",
            Self::VaeGan { .. } => "VAE-GAN",
            Self::Ali {} => "ALI",
            Self::Veegan { .. } => "VEEGAN",
            Self::Gan { .. } => "GAN",
        }
    }

    /// The colour of the kind in every figure.
    pub(crate) fn colour(&self) -> Colour {
        match self {
            Self::Vae { .. } => colour::VAE,
            Self::Aae { .. } => Colour::Green,
            Self::Avb { .. } => Colour::Yellow,
            Self::AlphaGan(_) => Colour::Vermillion,
            Self::VaeGan { .. } => Colour::Purple,
            Self::Ali {} => Colour::Orange,
            Self::Veegan { .. } => Colour::Black,
            Self::Gan { .. } => colour::GAN,
        }
    }
}

/// A method under the name that arms and figures have for it.
pub(crate) type Named = (&'static str, Method);

/// Auto-encoders, hybrids and games; `sigma` is the deviation of explicit likelihoods, `rest` the
/// weight of gradient penalties.
pub(crate) fn compared(sigma: DecoderSigma, penalty: f64) -> Vec<Named> {
    let [plain, gp, r1, wgan, packed] = games(penalty);
    vec![
        ("VAE", Method::Vae { sigma }),
        ("AAE", Method::Aae { sigma, two_phases: false }),
        ("AAE-two-phases", Method::Aae { sigma, two_phases: true }),
        ("AVB", Method::Avb { sigma, adaptive_contrast: false }),
        ("AVB-AC", Method::Avb { sigma, adaptive_contrast: true }),
        ("alpha-GAN", Method::AlphaGan(AlphaGan::WHOLE)),
        ("VAE-GAN", Method::VaeGan { weight: 1.0 }),
        ("ALI", Method::Ali {}),
        ("VEEGAN", Method::Veegan { against_critic: true }),
        ("VEEGAN-noise-alone", Method::Veegan { against_critic: false }),
        plain,
        gp,
        r1,
        wgan,
        packed,
    ]
}

/// GANs without an encoder.
fn games(weight: f64) -> [Named; 5] {
    use Objective::{NonSaturating, Wasserstein};
    let game = |objective, penalty, pack| Method::Gan { objective, penalty, pack };
    [
        ("NS-GAN", game(NonSaturating, Penalty::None, 1)),
        ("GAN-GP", game(NonSaturating, Penalty::Gradient { weight }, 1)),
        ("R1", game(NonSaturating, Penalty::R1 { weight }, 1)),
        ("WGAN-GP", game(Wasserstein, Penalty::Gradient { weight }, 1)),
        ("PacGAN", game(NonSaturating, Penalty::None, 2)),
    ]
}

/// alpha-GAN with one of its terms taken out; the last two have a critic of reconstructions alone, and of samples alone.
pub(crate) fn ablations() -> [Named; 5] {
    let whole = AlphaGan::WHOLE;
    let without = |terms| Method::AlphaGan(terms);
    [
        ("alpha-GAN-no-reconstruction", without(AlphaGan { weight: 0.0, ..whole })),
        ("alpha-GAN-no-code-critic", without(AlphaGan { code_critic: false, ..whole })),
        (
            "alpha-GAN-no-critic",
            without(AlphaGan { of_reconstructions: false, of_samples: false, ..whole }),
        ),
        ("alpha-GAN-reconstructions-only", without(AlphaGan { of_samples: false, ..whole })),
        ("alpha-GAN-samples-only", without(AlphaGan { of_reconstructions: false, ..whole })),
    ]
}

/// The mean over all but the member axis.
fn mean(x: &Tensor) -> Tensor {
    x.mean_dim([1i64, 2].as_slice(), false, None::<Kind>)
}

/// Images beside codes, as critics of pairs read them.
fn pairs(x: &Tensor, z: &Tensor) -> Tensor {
    Tensor::cat(&[x, z], 2)
}

/// The net of a method that has it.
fn own<T>(net: &mut Option<T>) -> &mut T {
    net.as_mut().expect("the method has this net")
}
