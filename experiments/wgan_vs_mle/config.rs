//! What can be varied, and which combinations are run.

use gan::data::images::ImageSet;
use gan::flow::{
    ActNorm, Affine, Base, Bijector, Coupling, Flow, Front, LogitPixels, Mask, MaskedCoupling,
    Permute, Scale,
};
use gan::net::ImageShape;
use gan::optim::{RmsProp, Rule};
use gan::{Adam, Penalty};
use lab::Profile;
use serde::{Deserialize, Serialize};

/// One way to train one flow on one set of points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The points; `--set data=fashion_mnist --only data=mnist` for the other set.
    pub(crate) data: Data,
    /// What the log-likelihoods mean.
    pub(crate) likelihood: Likelihood,
    /// How the flow is trained.
    pub(crate) training: Training,
    /// The flow.
    pub(crate) flow: FlowShape,
    /// The flow's optimiser.
    pub(crate) adam: Adam,
    /// Points in a minibatch.
    pub(crate) batch: i64,
    /// Updates of the flow.
    pub(crate) steps: u64,
    /// Images at the front of the training set that train; fresh points of the plane are endless.
    pub(crate) training_images: i64,
    /// Held-out points behind each likelihood, of validation and of test.
    pub(crate) held_out: i64,
    /// What is measured of the last model, beyond likelihood and samples.
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

    /// Returns the number of coordinates.
    pub(crate) fn dim(self) -> i64 {
        self.images().map_or(2, |set| set.shape().dim())
    }

    fn likelihood(self) -> Likelihood {
        let density_space = match self.images() {
            None => "points of the plane".into(),
            Some(set) => format!("pixels (k + u) / {} in [0, 1]^{}", set.levels(), self.dim()),
        };
        let offset_bits = self.images().map(|set| (set.levels() as f64).log2());
        Likelihood { density_space, unit: "nats per point".into(), offset_bits }
    }
}

/// The meaning of a log-likelihood, in the record of every run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Likelihood {
    /// The space of the density.
    pub(crate) density_space: String,
    /// The unit of the numbers whose names end with it.
    pub(crate) unit: String,
    /// Added to `-nats / (dim ln 2)` for bits per dimension of images.
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

/// The critic of a game.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Critic {
    /// Hidden widths, leaky `ReLU` of slope 0.2.
    pub(crate) hidden: Vec<i64>,
    /// Feature maps of convolutions of 5 x 5 pixels before the hidden layers, where it has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) maps: Vec<i64>,
    /// Whether a layer norm follows each convolution.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) layer_norm: bool,
    /// Its optimiser.
    pub(crate) rule: Rule,
    /// Updates for one of the flow.
    pub(crate) steps: u32,
    /// What keeps it smooth.
    pub(crate) constraint: Constraint,
    /// Where each update's points come from.
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

/// A NICE or Real NVP flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlowShape {
    /// Additive (NICE) or affine (Real NVP).
    pub(crate) coupling: Affine,
    /// Number of dense couplings; halves alternate.
    pub(crate) couplings: usize,
    /// Hidden widths of each dense coupling's net.
    pub(crate) hidden: Vec<i64>,
    /// Convolutional couplings in the place of dense ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) residual: Option<Residual>,
    /// Whether the couplings' nets standardise by batch, Flow-GAN's batch norm.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) batch_statistics: bool,
    /// Distribution of the latent.
    pub(crate) base: Base,
    /// Distance that the logit of pixels keeps from 0 and 1.
    pub(crate) alpha: f64,
}

/// The convolutional, multi-scale couplings of Real NVP, each after an activation norm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Residual {
    /// Feature maps of a coupling's net.
    pub(crate) width: i64,
    /// Its residual blocks.
    pub(crate) blocks: usize,
    /// Scales: all but the last squeeze the image and factor out half of it.
    pub(crate) scales: usize,
}

impl Residual {
    /// Returns the chain for images of this shape, from latent to data.
    fn chain(self, kind: Affine, shape: ImageShape) -> Vec<Box<dyn Bijector>> {
        let couplings = |shape: ImageShape, mask: Mask, count: usize| {
            (0..count).flat_map(move |i| {
                let masked = (mask, i % 2 == 1);
                let coupling = MaskedCoupling::new(kind, shape, masked, (self.width, self.blocks));
                let pair: [Box<dyn Bijector>; 2] =
                    [Box::new(coupling), Box::new(ActNorm { shape })];
                pair
            })
        };
        if self.scales == 1 {
            return couplings(shape, Mask::Checkerboard, 4).collect();
        }
        let squeezed = ImageShape {
            channels: 4 * shape.channels,
            height: shape.height / 2,
            width: shape.width / 2,
        };
        let front = ImageShape { channels: squeezed.channels / 2, ..squeezed };
        let inner = Self { scales: self.scales - 1, ..self }.chain(kind, front);
        let mut chain: Vec<Box<dyn Bijector>> =
            vec![Box::new(Front { dim: front.dim(), chain: inner })];
        chain.extend(couplings(squeezed, Mask::Channels, 3));
        chain.push(Box::new(Permute::squeeze(shape)));
        chain.extend(couplings(shape, Mask::Checkerboard, 3));
        chain
    }
}

impl FlowShape {
    /// Returns the flow, from latent to data.
    pub(crate) fn build(&self, data: Data) -> Flow {
        let dim = data.dim();
        if let (Some(residual), Some(set)) = (self.residual, data.images()) {
            let mut chain = residual.chain(self.coupling, set.shape());
            chain.push(Box::new(LogitPixels { alpha: self.alpha }));
            return Flow { base: self.base, dim, chain };
        }
        let mut chain: Vec<Box<dyn Bijector>> = vec![Box::new(Scale { dim })];
        for i in 0..self.couplings {
            let coupling = Coupling::new(self.coupling, dim, i % 2 == 0, &self.hidden);
            chain.push(Box::new(if self.batch_statistics {
                coupling.with_batch_statistics()
            } else {
                coupling
            }));
        }
        if data.images().is_some() {
            chain.push(Box::new(Permute::even_odd(dim)));
            chain.push(Box::new(LogitPixels { alpha: self.alpha }));
        }
        Flow { base: self.base, dim, chain }
    }

    /// Returns the flow of images up to their logits; it has the same parameters.
    pub(crate) fn build_to_logits(&self, data: Data) -> Flow {
        let mut flow = self.build(data);
        flow.chain.pop();
        flow
    }
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

/// What a profile spends.
struct Size {
    seeds_matter: bool,
    critic_steps: u64,
    temperatures: u64,
    plane_steps: u64,
    digits_steps: u64,
    digits_width: i64,
    mnist_steps: u64,
    mnist_hidden: Vec<i64>,
    mnist_critic: Vec<i64>,
    mnist_held_out: i64,
    batch: i64,
}

/// Returns every arm; the README says what is ours and what is the papers'.
pub(crate) fn grid(profile: Profile) -> Vec<Config> {
    let size = match profile {
        Profile::Smoke => Size {
            seeds_matter: false,
            critic_steps: 5,
            temperatures: 3,
            plane_steps: 4,
            digits_steps: 12,
            digits_width: 8,
            mnist_steps: 2,
            mnist_hidden: vec![8],
            mnist_critic: vec![8],
            mnist_held_out: 32,
            batch: 16,
        },
        Profile::Quick => Size {
            seeds_matter: true,
            critic_steps: 300,
            temperatures: 200,
            plane_steps: 1_500,
            digits_steps: 1_300,
            digits_width: 96,
            mnist_steps: 400,
            mnist_hidden: vec![128; 2],
            mnist_critic: vec![128; 2],
            mnist_held_out: 1_000,
            batch: 100,
        },
        Profile::Full => Size {
            seeds_matter: true,
            critic_steps: 5_000,
            temperatures: 1_000,
            plane_steps: 20_000,
            digits_steps: 20_000,
            digits_width: 128,
            mnist_steps: 100_000,
            mnist_hidden: vec![1000; 5],
            mnist_critic: vec![1024],
            mnist_held_out: 5_000,
            batch: 100,
        },
    };
    let mut grid =
        [plane(&size), digits(&size, profile), mnist(&size, profile), races(&size)].concat();
    if profile != Profile::Quick {
        grid.extend(real_nvp(&size, profile));
    }
    grid
}

/// Adam of the game (WGAN-GP's released code, and Flow-GAN's).
const GAME: (f64, f64, f64) = (1e-4, 0.5, 0.9);

fn adam((rate, beta1, beta2): (f64, f64, f64)) -> Adam {
    Adam::new(rate, beta1, beta2)
}

/// A critic with the gradient penalty between data and samples.
fn critic(hidden: &[i64], rate: f64, weight: f64) -> Critic {
    Critic {
        hidden: hidden.to_vec(),
        maps: Vec::new(),
        layer_norm: false,
        rule: Rule::Adam(Adam::new(rate, 0.5, 0.9)),
        steps: 5,
        constraint: Constraint::Penalty(Penalty::Gradient { weight }),
        batches: Batches::Fresh,
    }
}

/// Four targets, each by maximum likelihood and by WGAN-GP.
fn plane(size: &Size) -> Vec<Config> {
    let width = if size.seeds_matter { 64 } else { 8 };
    let wgan =
        Training::Wasserstein { critic: critic(&[width; 3], 1e-3, 0.1), likelihood_weight: 0.0 };
    let config = |data: Data, (training, adam): (Training, Adam)| Config {
        data,
        likelihood: data.likelihood(),
        training,
        flow: FlowShape {
            coupling: Affine::Affine,
            couplings: 6,
            hidden: vec![width; 2],
            residual: None,
            batch_statistics: false,
            base: Base::Normal,
            alpha: 0.0,
        },
        adam,
        batch: 128,
        steps: size.plane_steps,
        training_images: 0,
        held_out: 2_000,
        measures: vec![Measure::IndependentCritic(size.critic_steps)],
    };
    let ways =
        [(Training::MaximumLikelihood, adam((1e-3, 0.9, 0.999))), (wgan, adam((2e-4, 0.5, 0.9)))];
    PLANE.into_iter().flat_map(|data| ways.clone().map(|way| config(data, way))).collect()
}

/// Couplings of the deep and of the shallow flow of digits.
pub(crate) const DEEP: usize = 4;
pub(crate) const SHALLOW: usize = 1;

fn digits(size: &Size, profile: Profile) -> Vec<Config> {
    let width = size.digits_width;
    let config = |training: Training, coupling: Affine, couplings: usize| Config {
        data: Data::Digits,
        likelihood: Data::Digits.likelihood(),
        adam: if training == Training::MaximumLikelihood {
            adam((1e-3, 0.9, 0.999))
        } else {
            adam(GAME)
        },
        training,
        flow: FlowShape {
            coupling,
            couplings,
            hidden: vec![width; 2],
            residual: None,
            batch_statistics: false,
            base: Base::Logistic,
            alpha: 1e-6,
        },
        batch: size.batch,
        steps: size.digits_steps,
        training_images: 1_000,
        held_out: 400,
        measures: vec![
            Measure::ClassScores,
            Measure::IndependentCritic(size.critic_steps),
            Measure::Spectrum,
            Measure::Latent,
            Measure::Redraw,
            Measure::KernelDensity,
        ],
    };
    let penalised = critic(&[width; 2], 1e-4, 10.0);
    let hybrid = |likelihood_weight: f64| Training::Wasserstein {
        critic: penalised.clone(),
        likelihood_weight,
    };
    let with = |change: fn(&mut Critic)| {
        let mut critic = penalised.clone();
        change(&mut critic);
        Training::Wasserstein { critic, likelihood_weight: 0.0 }
    };
    let clipped = with(|critic| {
        critic.rule = Rule::RmsProp(RmsProp { learning_rate: 5e-5, decay: 0.99 });
        critic.constraint = Constraint::Clip(0.01);
    });
    let reused = with(|critic| critic.batches = Batches::Reused);
    let per_column = with(|critic| {
        critic.constraint =
            Constraint::Penalty(Penalty::GradientPerColumn { weight: 10.0, lines: 8 });
    });
    let mut memorise = config(Training::Memorise, Affine::Additive, DEEP);
    memorise.measures = vec![Measure::IndependentCritic(size.critic_steps)];
    let mut arms = vec![memorise];
    for (coupling, couplings) in
        [(Affine::Additive, DEEP), (Affine::Affine, DEEP), (Affine::Additive, SHALLOW)]
    {
        arms.push(config(Training::MaximumLikelihood, coupling, couplings));
        arms.push(config(hybrid(0.0), coupling, couplings));
    }
    // The ablations of Flow-GAN's released code carry no claim: `quick` leaves them out.
    let ablations = if profile == Profile::Quick { vec![] } else { vec![reused, per_column] };
    for training in [hybrid(0.01), hybrid(0.1), hybrid(1.0), clipped].into_iter().chain(ablations) {
        arms.push(config(training, Affine::Additive, DEEP));
    }
    if profile != Profile::Quick {
        let mut normed = config(hybrid(0.0), Affine::Additive, DEEP);
        normed.flow.batch_statistics = true;
        arms.push(normed);
    }
    for arm in &mut arms {
        let compared = matches!(arm.way(), Way::Likelihood | Way::Wgan | Way::Hybrid(1.0));
        if compared && arm.flow.coupling == Affine::Additive && arm.flow.couplings == DEEP {
            arm.measures.push(Measure::Annealing(size.temperatures));
        }
    }
    arms
}

/// Images of the small training sets of claim D4.
pub(crate) const FEW: i64 = 200;
/// Images of the whole training set.
pub(crate) const ALL: i64 = 50_000;

fn mnist(size: &Size, profile: Profile) -> Vec<Config> {
    let full = profile == Profile::Full;
    let mut critic = critic(&size.mnist_critic, 1e-4, 10.0);
    if full {
        critic.maps = vec![1, 64];
    }
    let game =
        |likelihood_weight| Training::Wasserstein { critic: critic.clone(), likelihood_weight };
    let likely = if full { adam(GAME) } else { adam((1e-3, 0.9, 0.999)) };
    let mut measures =
        vec![Measure::ClassScores, Measure::IndependentCritic(size.critic_steps), Measure::Latent];
    if full {
        measures.push(Measure::Spectrum); // 784 backward passes.
    }
    let config = |training_images: i64, (training, adam): (Training, Adam)| Config {
        data: Data::Mnist,
        likelihood: Data::Mnist.likelihood(),
        training,
        flow: FlowShape {
            coupling: Affine::Additive,
            couplings: 4,
            hidden: size.mnist_hidden.clone(),
            residual: None,
            batch_statistics: false,
            base: Base::Logistic,
            alpha: 1e-6,
        },
        adam,
        batch: size.batch,
        steps: size.mnist_steps,
        training_images,
        held_out: size.mnist_held_out,
        measures: measures.clone(),
    };
    let mut arms = vec![
        config(ALL, (Training::MaximumLikelihood, likely)),
        config(ALL, (game(0.0), adam(GAME))),
        config(ALL, (game(1.0), adam(GAME))),
        config(FEW, (Training::MaximumLikelihood, likely)),
    ];
    if full {
        // Flow-GAN's table names the weight 0.1, its released commands 1.
        arms.push(config(ALL, (game(0.1), adam(GAME))));
    }
    arms
}

/// Flow-GAN's Real NVP on CIFAR-10, with activation norms and without batch norm; at `smoke` a small one on
/// digits, which need no data of their own.
fn real_nvp(size: &Size, profile: Profile) -> Vec<Config> {
    let full = profile == Profile::Full;
    let data = if full { Data::Cifar10 } else { Data::Digits };
    let game = |likelihood_weight: f64| Training::Wasserstein {
        critic: Critic {
            maps: if full { vec![64, 128, 256, 512] } else { vec![4] },
            layer_norm: true,
            ..critic(&[], 1e-4, 10.0)
        },
        likelihood_weight,
    };
    let config = |(training, adam): (Training, Adam)| Config {
        data,
        likelihood: data.likelihood(),
        training,
        flow: FlowShape {
            coupling: Affine::Affine,
            couplings: 0,
            hidden: Vec::new(),
            residual: Some(Residual {
                width: if full { 64 } else { 4 },
                blocks: if full { 8 } else { 1 },
                scales: 2,
            }),
            batch_statistics: false,
            base: Base::Normal,
            alpha: 0.05,
        },
        adam,
        batch: if full { 64 } else { 8 },
        steps: if full { 210_000 } else { 1 },
        training_images: if full { 45_000 } else { 1_000 },
        held_out: size.mnist_held_out,
        measures: vec![Measure::ClassScores, Measure::IndependentCritic(size.critic_steps)],
    };
    // Flow-GAN's table names the weight 1, its released commands 20.
    [
        (Training::MaximumLikelihood, adam((1e-3, 0.9, 0.9))),
        (game(0.0), adam(GAME)),
        (game(1.0), adam((1e-3, 0.5, 0.9))),
        (game(20.0), adam((1e-3, 0.5, 0.9))),
    ]
    .map(config)
    .into()
}

fn races(size: &Size) -> Vec<Config> {
    let race = |extra_batch: bool| Config {
        training: Training::Race { extra_batch },
        steps: if size.seeds_matter { 3_000 } else { 50 },
        measures: Vec::new(),
        ..plane(size).swap_remove(2 * 2)
    };
    [false, true].map(race).into()
}
