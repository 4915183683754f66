//! Data on lines, and the generators that should find them.

use gan::data::{Line, Misfit};
use gan::device::per_member;
use gan::init::Init;
use gan::optim::{Player, Rule};
use gan::params::Spec;
use gan::{Activation, Mlp, Net, Params, Rng, range, ranges_of_variants};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

/// Data and generator.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum World {
    /// Two parallel segments of length 1 in the plane, the model's shifted by its one parameter (Arjovsky et
    /// al. 2017, example 1): the truth is known exactly.
    Segments,
    /// Data on a line, a linear generator.
    Line {
        /// Dimension of the points.
        dim: i64,
        /// Dimension of the latent; more than one is over-complete.
        latent: i64,
        /// Where the generator starts.
        start: Start,
    },
}

ranges_of_variants!(World, |variant, world| if let Self::Line { dim, latent, start } = world {
    variant.check("dim", on_a_line(*dim));
    // A parallel start has one latent.
    let most = if *start == Start::Parallel { 1 } else { 4_096 };
    variant.check("latent", range::within(latent, &(1..=most)));
});

/// Where a linear generator starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Start {
    /// With the data's own direction and spread, shifted sideways by one deviation of the data.
    Parallel,
    /// With entries of variance `1 / latent` and a shift from N(0, I).
    Random,
}

/// Checks the dimension of points on a line, which has a direction across it.
pub(crate) fn on_a_line(dim: i64) -> garde::Result {
    range::within(&dim, &(2..=4_096))
}

/// Two parallel lines in the plane.
pub(crate) const PARALLEL: World = World::Line { dim: 2, latent: 1, start: Start::Parallel };

/// Returns data on a line with a generator that starts at random.
pub(crate) const fn random(dim: i64, latent: i64) -> World {
    World::Line { dim, latent, start: Start::Random }
}

impl World {
    /// Returns the name in the names of arms.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Segments => "segments".to_owned(),
            PARALLEL => "parallel".to_owned(),
            Self::Line { dim, latent, .. } => format!("line/dim-{dim}-latent-{latent}"),
        }
    }

    /// Returns the dimension of points.
    pub(crate) fn dim(self) -> i64 {
        match self {
            Self::Segments => 2,
            Self::Line { dim, .. } => dim,
        }
    }

    /// Returns the truth and the generator at its start; they depend on the seed alone, so that variants are paired.
    pub(crate) fn build(self, root: &Rng, rule: Rule) -> (Truth, Model) {
        let mut rng = root.fork("generator");
        let (line, net, start) = match self {
            Self::Segments => {
                let start = Generator::Shift.init(&mut rng);
                (None, Generator::Shift, start)
            }
            Self::Line { dim, latent, start } => {
                let line = Line::draw(dim, &mut root.fork("line"));
                let net = Generator::Linear(Mlp::new(&[latent, dim], Activation::Relu));
                let mut params = net.init(&mut rng);
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
                (Some(line), net, params)
            }
        };
        (Truth { world: self, line }, Player::starting_at(net, start, rule))
    }
}

/// What a run knows of the truth.
pub(crate) struct Truth {
    pub(crate) world: World,
    /// A line of each member's own; `None` for the segment from (0, 0) to (0, 1).
    pub(crate) line: Option<Line>,
}

impl Truth {
    /// Returns data, `[members, count, dim]`.
    pub(crate) fn sample(&self, rng: &mut Rng, count: i64) -> Tensor {
        let Some(line) = &self.line else {
            let z = rng.uniform(&[count, 1]);
            return Tensor::cat(&[z.zeros_like(), z], 2);
        };
        line.sample(rng, count)
    }

    /// Returns latents, `[members, count, latent]`.
    pub(crate) fn latent(&self, rng: &mut Rng, count: i64) -> Tensor {
        match self.world {
            World::Segments => rng.uniform(&[count, 1]),
            World::Line { latent, .. } => rng.normal(&[count, latent]),
        }
    }

    /// Returns how far each member's model is from its data; of segments that is `|theta|`, which is the
    /// Wasserstein distance too.
    pub(crate) fn misfit(&self, params: &Params) -> Vec<Misfit> {
        let Some(line) = &self.line else {
            let theta = params.flat().detach().abs().to_kind(Kind::Double).squeeze_dim(1);
            let of = |x| Misfit { frechet: x, offset: x, off_line: 0.0, scale: 0.0 };
            return per_member(&theta).into_iter().map(of).collect();
        };
        line.misfit(&params.views()[0], &params.views()[1])
    }
}

/// Generator with its parameters.
pub(crate) type Model = Player<Generator, Rule>;

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
