//! Invertible networks with exact likelihoods.
//!
//! A [`Flow`] is a base distribution and a chain of [`Bijector`]s from latent to data. It has a log
//! density, and it is a [`Net`] from `z` to `x`: the same object trains by maximum likelihood or as
//! the generator of a GAN.

mod coupling;
mod elementwise;
mod image;
mod permute;

pub use coupling::{Affine, Coupling};
pub use elementwise::{LogitPixels, Scale};
pub use image::{ActNorm, Front, Mask, MaskedCoupling};
pub use permute::Permute;

use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::params::Spec;
use crate::{Net, Params, Rng};

/// An invertible function with a tractable Jacobian. *Forward* is from latent to data.
///
/// `params` are this bijector's own views, in the order of [`Bijector::specs`].
///
/// # Shapes
/// Inputs and outputs `[members, batch, dim]`; log-determinants `[members, batch]`, in nats, or
/// anything that broadcasts to it.
pub trait Bijector: Debug + Send + Sync {
    /// Returns the parameters that this bijector needs.
    fn specs(&self) -> Vec<Spec>;

    /// Returns the image of a latent and `ln |det d forward / dz|` there.
    fn forward_and_log_det(&self, params: &[Tensor], z: &Tensor) -> (Tensor, Tensor);

    /// Returns the image of a latent alone, for those that save work without the determinant.
    fn forward(&self, params: &[Tensor], z: &Tensor) -> Tensor {
        self.forward_and_log_det(params, z).0
    }

    /// Returns the latent of a point and `ln |det d inverse / dx|` there.
    fn inverse_and_log_det(&self, params: &[Tensor], x: &Tensor) -> (Tensor, Tensor);

    /// Sets the parameters that start from data, given a batch on the data side; none unless overridden.
    fn start_from_data(&self, _params: &[Tensor], _x: &Tensor) {}

    /// See [`Net::mixes_samples`].
    fn mixes_samples(&self) -> bool {
        false
    }
}

/// The distribution of the latent: independent coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Standard normal.
    Normal,
    /// Standard logistic, with density `e^-z / (1 + e^-z)^2`; its distribution function is the
    /// sigmoid, so that it undoes a logit exactly.
    Logistic,
}

impl Base {
    /// Returns the log density in nats of each row.
    ///
    /// # Shapes
    /// `z`: `[members, batch, dim]`; result: `[members, batch]`.
    pub fn log_prob(self, z: &Tensor) -> Tensor {
        let each = match self {
            Self::Normal => (z.square() + std::f64::consts::TAU.ln()) * -0.5,
            Self::Logistic => -z - (-z).softplus() * 2.0,
        };
        sum_features(&each)
    }

    /// Returns the distribution function at each number.
    pub fn cdf(self, z: &Tensor) -> Tensor {
        match self {
            Self::Normal => (z * -std::f64::consts::FRAC_1_SQRT_2).erfc() * 0.5,
            Self::Logistic => z.sigmoid(),
        }
    }

    /// Returns the variance of a coordinate.
    pub fn variance(self) -> f64 {
        match self {
            Self::Normal => 1.0,
            Self::Logistic => std::f64::consts::PI.powi(2) / 3.0,
        }
    }

    /// Returns independent latents.
    ///
    /// # Shapes
    /// `[members, count, dim]`.
    pub fn sample(self, rng: &mut Rng, count: i64, dim: i64) -> Tensor {
        match self {
            Self::Normal => rng.normal(&[count, dim]),
            Self::Logistic => rng.uniform(&[count, dim]).logit(None::<f64>),
        }
    }
}

/// A base distribution and a chain of bijectors, from latent to data.
#[derive(Debug)]
pub struct Flow {
    /// The distribution of the latent.
    pub base: Base,
    /// Number of coordinates.
    pub dim: i64,
    /// From latent to data.
    pub chain: Vec<Box<dyn Bijector>>,
}

impl Flow {
    /// Returns the log density in nats of each row of `x`.
    ///
    /// # Shapes
    /// `x`: `[members, batch, dim]`; result: `[members, batch]`.
    ///
    /// # Examples
    /// ```
    /// use gan::flow::{Affine, Base, Bijector, Coupling, Flow};
    /// use gan::{Net, Rng};
    ///
    /// let coupling = |first| -> Box<dyn Bijector> {
    ///     Box::new(Coupling::new(Affine::Affine, 2, first, &[16]))
    /// };
    /// let flow = Flow { base: Base::Normal, dim: 2, chain: vec![coupling(true), coupling(false)] };
    /// let params = flow.init(&mut Rng::new(&[0]));
    /// let x = Rng::new(&[1]).normal(&[5, 2]);
    /// assert_eq!(flow.log_prob(&params, &x).size(), [1, 5]);
    /// ```
    pub fn log_prob(&self, params: &Params, x: &Tensor) -> Tensor {
        let (z, log_det) = self.inverse_and_log_det(params, x);
        self.base.log_prob(&z) + log_det
    }

    /// Returns latents of this flow's base.
    ///
    /// # Shapes
    /// `[members, count, dim]`.
    pub fn latent(&self, rng: &mut Rng, count: i64) -> Tensor {
        self.base.sample(rng, count, self.dim)
    }

    /// Returns the data of a latent and the log-determinant of the whole chain there.
    ///
    /// # Shapes
    /// As in [`Bijector`].
    pub fn forward_and_log_det(&self, params: &Params, z: &Tensor) -> (Tensor, Tensor) {
        forward_and_log_det(&self.chain, params.views(), z)
    }

    /// Returns the latent of a point and the log-determinant of the whole inverse there.
    ///
    /// # Shapes
    /// As in [`Bijector`].
    pub fn inverse_and_log_det(&self, params: &Params, x: &Tensor) -> (Tensor, Tensor) {
        inverse_and_log_det(&self.chain, params.views(), x)
    }

    /// Sets the parameters that start from data, such as those of [`ActNorm`], by a batch `x`.
    pub fn start_from_data(&self, params: &Params, x: &Tensor) {
        start_from_data(&self.chain, params.views(), x);
    }
}

/// The parameters of a chain, in order.
fn chain_specs(chain: &[Box<dyn Bijector>]) -> Vec<Spec> {
    let named = |(i, bijector): (usize, &dyn Bijector)| {
        let specs = bijector.specs().into_iter();
        specs.map(move |spec| Spec { name: format!("bijector{i}.{}", spec.name), ..spec })
    };
    chain.iter().map(Box::as_ref).enumerate().flat_map(named).collect()
}

/// From latent to data through a chain, without determinants.
fn forward(chain: &[Box<dyn Bijector>], params: &[Tensor], z: &Tensor) -> Tensor {
    let (mut h, mut rest) = (z.shallow_clone(), params);
    for bijector in chain {
        let own;
        (own, rest) = rest.split_at(bijector.specs().len());
        h = bijector.forward(own, &h);
    }
    h
}

/// From latent to data through a chain.
fn forward_and_log_det(
    chain: &[Box<dyn Bijector>],
    params: &[Tensor],
    z: &Tensor,
) -> (Tensor, Tensor) {
    let mut log_det = Tensor::zeros([z.size()[0], z.size()[1]], (z.kind(), z.device()));
    let mut h = z.shallow_clone();
    let mut rest = params;
    for bijector in chain {
        let own;
        (own, rest) = rest.split_at(bijector.specs().len());
        let (next, term) = bijector.forward_and_log_det(own, &h);
        (h, log_det) = (next, log_det + term);
    }
    (h, log_det)
}

/// From data to latent through a chain.
fn inverse_and_log_det(
    chain: &[Box<dyn Bijector>],
    params: &[Tensor],
    x: &Tensor,
) -> (Tensor, Tensor) {
    let mut log_det = Tensor::zeros([x.size()[0], x.size()[1]], (x.kind(), x.device()));
    let mut h = x.shallow_clone();
    let mut rest = params;
    for bijector in chain.iter().rev() {
        let own;
        (rest, own) = rest.split_at(rest.len() - bijector.specs().len());
        let (next, term) = bijector.inverse_and_log_det(own, &h);
        (h, log_det) = (next, log_det + term);
    }
    (h, log_det)
}

/// From data to latent, each bijector started from what reaches it.
fn start_from_data(chain: &[Box<dyn Bijector>], params: &[Tensor], x: &Tensor) {
    let _guard = tch::no_grad_guard();
    let mut h = x.shallow_clone();
    let mut rest = params;
    for bijector in chain.iter().rev() {
        let own;
        (rest, own) = rest.split_at(rest.len() - bijector.specs().len());
        bijector.start_from_data(own, &h);
        h = bijector.inverse_and_log_det(own, &h).0;
    }
}

/// Whether any bijector of a chain lets samples of a batch meet.
fn mixes_samples(chain: &[Box<dyn Bijector>]) -> bool {
    chain.iter().any(|bijector| bijector.mixes_samples())
}

impl Net for Flow {
    fn init(&self, rng: &mut Rng) -> Params {
        Params::init(chain_specs(&self.chain), rng)
    }

    fn apply(&self, params: &Params, z: &Tensor) -> Tensor {
        forward(&self.chain, params.views(), z)
    }

    fn mixes_samples(&self) -> bool {
        mixes_samples(&self.chain)
    }
}

/// Returns bits per dimension of pixels with this many levels, from nats of a density on `[0, 1]^dim`.
///
/// `-nats / (dim ln 2) + log2 levels`: a density on the unit cube of dequantised pixels `(k + u) / levels`
/// bounds the probability of the integers `k` once `log2 levels` bits are added per pixel: 8 for 256. The
/// uniform density reads just that.
///
/// # Source
/// Theis et al., *A note on the evaluation of generative models*, 2016, section 3.1.
pub fn bits_per_dim(nats: f64, dim: i64, levels: i64) -> f64 {
    (levels as f64).log2() - nats / (dim as f64 * std::f64::consts::LN_2)
}

/// Returns pixels `0..levels` with uniform noise, inside the unit interval: `(k + u) / levels`. In single precision one
/// of some hundred thousand white pixels rounds to 1 itself, which a flow's front must be able to take.
///
/// # Shapes
/// `pixels`: `[members, batch, dim]`, any kind.
pub fn dequantise(pixels: &Tensor, levels: i64, rng: &mut Rng) -> Tensor {
    let noise = rng.uniform(&pixels.size()[1..]);
    (pixels.to_kind(noise.kind()) + noise) / levels as f64
}

/// The log-determinant of what keeps volumes, which broadcasts to `[members, batch]`.
fn no_volume(x: &Tensor) -> Tensor {
    Tensor::zeros([1, 1], (x.kind(), x.device()))
}

fn sum_features(x: &Tensor) -> Tensor {
    x.sum_dim_intlist([2i64].as_slice(), false, None::<Kind>)
}
