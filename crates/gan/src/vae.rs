//! Variational auto-encoders with Gaussian encoders and decoders.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::init::Init;
use crate::params::Spec;
use crate::{Activation, Mlp, Net, Params, Rng, range, ranges_of_variants};

/// The standard deviation of `p(x | z)`, the same for every coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecoderSigma {
    /// Kept at this value; 1 is what a squared-error loss amounts to.
    Fixed(f64),
    /// One learned number, which starts at 1.
    Learned,
}

ranges_of_variants!(DecoderSigma, |variant, sigma| if let Self::Fixed(sigma) = sigma {
    variant.only(sigma, range::scale);
});

/// `q(z | x) = N(mu(x), diag s(x)^2)`, `p(x | z) = N(decoder(z), sigma^2 I)`, `p(z) = N(0, I)`.
#[derive(Clone, Debug)]
pub struct Vae {
    latent: i64,
    encoder: Mlp,
    decoder: Mlp,
    sigma: DecoderSigma,
}

impl Vae {
    /// Returns a VAE whose encoder and decoder have these hidden widths.
    pub fn new(dim: i64, latent: i64, hidden: &[i64], sigma: DecoderSigma) -> Self {
        let net =
            |from: i64, to: i64| Mlp::new(&[&[from], hidden, &[to]].concat(), Activation::Relu);
        Self { latent, encoder: net(dim, 2 * latent), decoder: net(latent, dim), sigma }
    }

    /// Returns the logarithm of the decoder's standard deviation, `[members, 1, 1]`.
    ///
    /// # Panics
    /// If the parameters are not this VAE's.
    pub fn log_sigma(&self, params: &Params) -> Tensor {
        let last = params.views().last().expect("a VAE has parameters");
        match self.sigma {
            DecoderSigma::Learned => last.shallow_clone(),
            DecoderSigma::Fixed(sigma) => (last * 0.0).detach() + sigma.ln(),
        }
    }

    fn decoder_views<'a>(&self, params: &'a Params) -> &'a [Tensor] {
        let layers = 2 * (self.encoder.widths.len() - 1);
        &params.views()[layers..params.views().len() - 1]
    }

    /// Returns (decoder means, samples) at latents of the prior.
    ///
    /// # Shapes
    /// Both `[members, count, dim]`.
    pub fn sample(&self, params: &Params, rng: &mut Rng, count: i64) -> (Tensor, Tensor) {
        let means = self.apply(params, &rng.normal(&[count, self.latent]));
        let noise = rng.normal(&means.size()[1..]) * self.log_sigma(params).exp();
        let samples = &means + noise;
        (means, samples)
    }

    /// Returns the evidence lower bound in nats, averaged over the batch, with one latent a point.
    ///
    /// # Shapes
    /// `x`: `[members, batch, dim]`; result: `[members]`.
    ///
    /// # Source
    /// Kingma and Welling 2013, equation 10 (the KL term in closed form).
    pub fn evidence_lower_bound(&self, params: &Params, x: &Tensor, rng: &mut Rng) -> Tensor {
        let layers = 2 * (self.encoder.widths.len() - 1);
        let code = self.encoder.forward(&params.views()[..layers], x);
        let mean = code.narrow(2, 0, self.latent);
        let log_deviation = code.narrow(2, self.latent, self.latent);
        let noise = rng.normal(&[x.size()[1], self.latent]);
        let z = &mean + log_deviation.exp() * noise;

        let log_sigma = self.log_sigma(params);
        let residual = (x - self.apply(params, &z)) * (-&log_sigma).exp();
        let log_likelihood = (residual.square() + std::f64::consts::TAU.ln()) * -0.5 - log_sigma;
        let minus_kl =
            (&log_deviation * 2.0 + 1.0 - mean.square() - (&log_deviation * 2.0).exp()) * 0.5;
        let sum = |t: &Tensor| t.sum_dim_intlist([2i64].as_slice(), false, None::<Kind>);
        (sum(&log_likelihood) + sum(&minus_kl)).mean_dim([1i64].as_slice(), false, None::<Kind>)
    }
}

/// As a network, the decoder's means.
impl Net for Vae {
    fn init(&self, rng: &mut Rng) -> Params {
        let mut specs = self.encoder.specs("encoder.");
        specs.extend(self.decoder.specs("decoder."));
        specs.push(Spec { name: "log_sigma".into(), shape: vec![1, 1], init: Init::Zeros });
        Params::init(specs, rng)
    }

    fn apply(&self, params: &Params, z: &Tensor) -> Tensor {
        self.decoder.forward(self.decoder_views(params), z)
    }
}
