//! What a method trains: encoder, generator, critics, and where they draw from.

use gan::device::Options;
use gan::hybrid::gaussian;
use gan::net::ImageShape;
use gan::optim::{AdamState, Optimizer, Player};
use gan::vae::DecoderSigma;
use gan::{Adam, Graph, Params, Rng, grad, range};
use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::method::Method;
use crate::nets::{Body, Nets};

/// A method with its nets and how long it trains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Learner {
    /// What is minimised by whom.
    #[garde(dive)]
    pub(crate) method: Method,
    /// How images become codes.
    #[garde(custom(|encoder: &Encoder, _context: &()| self.method.goes_with(*encoder)))]
    pub(crate) encoder: Encoder,
    /// Sizes of the nets.
    #[garde(dive)]
    pub(crate) nets: Nets,
    /// The optimiser of every net.
    #[garde(dive)]
    pub(crate) adam: Adam,
    /// Points or images in an update; packs divide it.
    #[garde(custom(range::batch), custom(|batch: &i64, _context: &()| self.method.packs(*batch)))]
    pub(crate) batch: i64,
    /// Updates of the generator.
    #[garde(custom(range::steps))]
    pub(crate) steps: u64,
}

impl Learner {
    /// Milliseconds on one core, roughly, of so many members whose update costs this many seconds.
    pub(crate) fn cost(&self, dim: i64) -> f64 {
        let nets =
            if matches!(self.method, Method::Gan { .. } | Method::Vae { .. }) { 1.0 } else { 2.5 };
        nets * self.steps as f64 * (self.batch * dim) as f64 / 2e3
    }
}

/// How images become codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Encoder {
    /// Not at all.
    None,
    /// One code each.
    Deterministic,
    /// By a normal law of independent numbers.
    Gaussian,
    /// From the image and some [numbers of noise](noise).
    Noisy,
}

/// Returns how many numbers of noise stand beside an image: more than those of a code, because fewer would make codes of
/// no density.
pub(crate) fn noise(latent: i64) -> i64 {
    (2 * latent).max(16)
}

shared::state! {
    /// The nets of a method and where they draw from; a net that the method lacks is none.
    pub(crate) struct Model {
        pub(crate) encoder: Option<Player<Body>>,
        pub(crate) generator: Player<Body>,
        /// Tells images, or images beside codes, from others.
        pub(crate) critic: Option<Player<Body>>,
        /// Tells codes from the prior's.
        pub(crate) code_critic: Option<Player<Body>>,
        /// What the encoder's optimiser remembers in a phase of its own.
        pub(crate) second_phase: Option<AdamState>,
        /// The logarithm of a learned deviation of the decoder.
        pub(crate) log_sigma: Option<Player<Body>>,
        pub(crate) data: Rng,
        pub(crate) noise: Rng,
        pub(crate) prior: Rng,
        pub(crate) penalty: Rng,
    }
}

/// Codes of images, with mean and log-deviation where they are normal.
pub(crate) struct Codes {
    /// `[members, batch, latent]`.
    pub(crate) z: Tensor,
    pub(crate) normal: Option<[Tensor; 2]>,
}

impl Codes {
    /// The divergence of each normal code from the prior, `[members, batch, 1]`.
    pub(crate) fn divergence(&self) -> Tensor {
        let [mean, log_deviation] = self.normal.as_ref().expect("normal codes");
        gaussian::divergence(mean, log_deviation)
    }
}

impl Model {
    pub(crate) fn new(learner: &Learner, shape: ImageShape, root: &Rng) -> Self {
        let Learner { method, nets, adam, .. } = learner;
        let player = |net, label| Player::new(net, *adam, &mut root.fork(label));
        let (noise, outputs) = match learner.encoder {
            Encoder::None => (0, 0),
            Encoder::Deterministic => (0, nets.latent),
            Encoder::Gaussian => (0, 2 * nets.latent),
            Encoder::Noisy => (noise(nets.latent), nets.latent),
        };
        let encoder =
            (outputs > 0).then(|| player(nets.reader(Some(shape), noise, outputs), "encoder"));
        let critic = method.critic().map(|sees| {
            let input = ImageShape { channels: sees.pack * shape.channels, ..shape };
            player(nets.reader(Some(input), if sees.codes { nets.latent } else { 0 }, 1), "critic")
        });
        let code_critic = method
            .has_code_critic()
            .then(|| player(nets.reader(None, nets.latent, 1), "code critic"));
        let second_phase = match (method, &encoder) {
            (Method::Aae { two_phases: true, .. }, Some(encoder)) => {
                Some(adam.init(&encoder.params))
            }
            _ => None,
        };
        let learned = method.sigma() == Some(DecoderSigma::Learned);
        Self {
            encoder,
            generator: player(nets.generator(shape), "generator"),
            critic,
            code_critic,
            second_phase,
            log_sigma: learned.then(|| player(Body::Number, "sigma")),
            data: root.fork("data"),
            noise: root.fork("noise"),
            prior: root.fork("prior"),
            penalty: root.fork("penalty"),
        }
    }

    /// Codes of the prior for a minibatch, `[members, batch, latent]`.
    pub(crate) fn latents(&mut self, learner: &Learner) -> Tensor {
        self.prior.normal(&[learner.batch, learner.nets.latent])
    }

    /// Encodes a minibatch.
    pub(crate) fn encode(&mut self, learner: &Learner, x: &Tensor) -> Codes {
        let (rows, latent) = (x.size()[1], learner.nets.latent);
        let encoder = self.encoder.as_ref().expect("a method that encodes has an encoder");
        match learner.encoder {
            Encoder::None | Encoder::Deterministic => Codes { z: encoder.apply(x), normal: None },
            Encoder::Noisy => {
                let inputs = Tensor::cat(&[x, &self.noise.normal(&[rows, noise(latent)])], 2);
                Codes { z: encoder.apply(&inputs), normal: None }
            }
            Encoder::Gaussian => {
                let outputs = encoder.apply(x);
                let [mean, log_deviation] =
                    [0, latent].map(|start| outputs.narrow(2, start, latent));
                let z = &mean + log_deviation.exp() * self.noise.normal(&[rows, latent]);
                Codes { z, normal: Some([mean, log_deviation]) }
            }
        }
    }

    /// The logarithm of the decoder's deviation, `[members, 1, 1]`; of a method without one that of almost none.
    pub(crate) fn log_sigma(&self, method: &Method) -> Tensor {
        let constant = |options: Options, sigma: f64| Tensor::full([1, 1, 1], sigma.ln(), options);
        match (method.sigma(), &self.log_sigma) {
            (Some(DecoderSigma::Learned), Some(number)) => number.params.views()[0].shallow_clone(),
            (Some(DecoderSigma::Fixed(sigma)), _) => constant(self.prior.options(), sigma),
            _ => constant(self.prior.options(), 1e-9),
        }
    }

    /// `-ln p(x | z)` of each row by the method's explicit likelihood, `[members, batch, 1]`: a normal law's, or Laplace's
    /// whose weighted error of a number alpha-GAN minimises.
    pub(crate) fn surprise(&self, method: &Method, x: &Tensor, mean: &Tensor) -> Tensor {
        if let Method::AlphaGan(terms) = method {
            let dim = x.size()[2] as f64;
            let rate = terms.weight / dim;
            let error = (x - mean).abs().sum_dim_intlist([2i64].as_slice(), true, None::<Kind>);
            return error * rate - dim * (rate / 2.0).ln();
        }
        gaussian::surprise(x, mean, &self.log_sigma(method))
    }

    /// Means of the decoder at codes of the prior, and samples about them, each `[members, count, dim]`.
    pub(crate) fn sample(&self, learner: &Learner, rng: &mut Rng, count: i64) -> [Tensor; 2] {
        let _guard = tch::no_grad_guard();
        let means = self.generator.apply(&rng.normal(&[count, learner.nets.latent]));
        if learner.method.sigma().is_none() {
            return [means.shallow_clone(), means];
        }
        let noise = rng.normal(&means.size()[1..]) * self.log_sigma(&learner.method).exp();
        [means.shallow_clone(), means + noise]
    }

    /// Moves encoder, generator and deviation down one loss, `[members]`.
    pub(crate) fn descend(&mut self, loss: &Tensor) {
        let Self { encoder, generator, log_sigma, .. } = self;
        let mut players: Vec<&mut Player<Body>> = vec![generator];
        players.extend([encoder, log_sigma].into_iter().flatten());
        let views = players.iter().flat_map(|player| player.params.views());
        let views: Vec<Tensor> = views.map(Tensor::shallow_clone).collect();
        let mut gradients = grad(loss, &views, Graph::Free).into_iter();
        for player in players {
            let own: Vec<Tensor> = gradients.by_ref().take(player.params.views().len()).collect();
            player.step(&Params::join(&own));
        }
    }
}
