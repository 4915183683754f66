//! Data on lines, and the generators that should find them.

use gan::data::{Line, Misfit};
use gan::device::per_member;
use gan::init::Init;
use gan::params::Spec;
use gan::{Activation, Mlp, Net, Params, Rng};
use tch::{Kind, Tensor};

use crate::config::{Start, World};

/// What a run knows of the truth.
pub(crate) enum Truth {
    /// The segment from (0, 0) to (0, 1).
    Segment,
    /// A line of each member's own.
    Line(Line),
}

/// A generator with few parameters.
pub(crate) enum Generator {
    /// `(theta, z)`.
    Shift,
    /// `z W + b`.
    Linear(Mlp),
}

impl Net for Generator {
    fn init(&self, rng: &mut Rng) -> Params {
        match self {
            Self::Shift => {
                let theta = Spec { name: "theta".into(), shape: vec![1, 1], init: Init::Zeros };
                let mut params = Params::init(vec![theta], rng);
                params.set(&params.flat().ones_like());
                params
            }
            Self::Linear(net) => net.init(rng),
        }
    }

    fn apply(&self, params: &Params, z: &Tensor) -> Tensor {
        match self {
            Self::Shift => Tensor::cat(&[params.views()[0].expand_as(z), z.shallow_clone()], 2),
            Self::Linear(net) => net.apply(params, z),
        }
    }
}

impl World {
    /// Returns the truth, the generator and its parameters at the start; they depend on the seed alone, so
    /// that variants are paired.
    pub(crate) fn build(self, root: &Rng) -> (Truth, Generator, Params) {
        let mut rng = root.fork("generator");
        match self {
            Self::Segments => {
                let params = Generator::Shift.init(&mut rng);
                (Truth::Segment, Generator::Shift, params)
            }
            Self::Line { dim, latent, start } => {
                let line = Line::draw(dim, &mut root.fork("line"));
                let generator = Generator::Linear(Mlp::new(&[latent, dim], Activation::Relu));
                let mut params = generator.init(&mut rng);
                let (weight, bias) = match start {
                    Start::Parallel => {
                        assert_eq!(latent, 1, "a parallel start has one latent");
                        (&line.direction * line.length(), line.normal(&mut rng) * line.length())
                    }
                    Start::Random => {
                        (rng.normal(&[latent, dim]) / (latent as f64).sqrt(), rng.normal(&[1, dim]))
                    }
                };
                params.set(&Params::join(&[weight, bias]));
                (Truth::Line(line), generator, params)
            }
        }
    }

    /// Returns latents, `[members, count, latent]`.
    pub(crate) fn latent(self, rng: &mut Rng, count: i64) -> Tensor {
        match self {
            Self::Segments => rng.uniform(&[count, 1]),
            Self::Line { latent, .. } => rng.normal(&[count, latent]),
        }
    }

    /// The dimension of points.
    pub(crate) fn dim(self) -> i64 {
        match self {
            Self::Segments => 2,
            Self::Line { dim, .. } => dim,
        }
    }
}

impl Truth {
    /// Returns data, `[members, count, dim]`.
    pub(crate) fn sample(&self, rng: &mut Rng, count: i64) -> Tensor {
        match self {
            Self::Segment => {
                let z = rng.uniform(&[count, 1]);
                Tensor::cat(&[z.zeros_like(), z], 2)
            }
            Self::Line(line) => line.sample(rng, count),
        }
    }

    /// Returns how far each member's model is from its data; of segments that is `|theta|`, which is the
    /// Wasserstein distance too.
    pub(crate) fn misfit(&self, params: &Params) -> Vec<Misfit> {
        match self {
            Self::Segment => {
                let theta = params.flat().detach().abs().to_kind(Kind::Double).squeeze_dim(1);
                let of = |x| Misfit { frechet: x, offset: x, off_line: 0.0, scale: 0.0 };
                per_member(&theta).into_iter().map(of).collect()
            }
            Self::Line(line) => line.misfit(&params.views()[0], &params.views()[1]),
        }
    }
}
