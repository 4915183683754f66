//! The auto-encoder whose codes a generator matches.

use gan::{Activation, Mlp, Net, Params, Rng};
use tch::{Kind, Tensor};

/// Numbers of a code.
pub(super) const CODE: i64 = 32;
/// Shares of pixels and of hidden units that the encoder drops in training.
const DROPPED: [f64; 2] = [0.2, 0.5];

/// An encoder to codes inside the unit interval and a decoder, one hidden layer each (Li, Swersky and Zemel 2015,
/// section 4; rectified units where theirs are sigmoids).
pub(super) struct AutoEncoder {
    encoder: [Mlp; 2],
    decoder: Mlp,
}

impl AutoEncoder {
    pub(super) fn new(pixels: i64) -> Self {
        let layer = |widths: &[i64]| Mlp::new(widths, Activation::Relu);
        let hidden = if pixels < 100 { 64 } else { 1_024 };
        let encoder = [layer(&[pixels, hidden]), layer(&[hidden, CODE])];
        Self { encoder, decoder: layer(&[CODE, hidden, pixels]) }
    }

    /// Starts the decoder at the mean of `images`, pixels inside the unit interval. Otherwise every weight first moves to
    /// make all images darker, which saturates the codes: they may never tell images apart.
    pub(super) fn start_at_mean(params: &Params, images: &Tensor) {
        let _guard = tch::no_grad_guard();
        let mean = images.mean_dim([1i64].as_slice(), true, None::<Kind>);
        let mut bias = params.views().last().expect("the last bias").shallow_clone();
        bias.copy_(&mean.logit(1e-3));
    }

    /// Codes; with `dropout`, of what is left of pixels and hidden units.
    pub(super) fn encode(
        &self,
        params: &Params,
        x: &Tensor,
        mut dropout: Option<&mut Rng>,
    ) -> Tensor {
        let mut drop = |x: Tensor, share: f64| match &mut dropout {
            Some(rng) => {
                let kept = rng.uniform(&x.size()[1..]).ge(share).to_kind(x.kind());
                x * kept / (1.0 - share)
            }
            None => x,
        };
        let views = params.views();
        let x = drop(x.shallow_clone(), DROPPED[0]);
        let hidden = drop(self.encoder[0].forward(&views[..2], &x).relu(), DROPPED[1]);
        self.encoder[1].forward(&views[2..4], &hidden).sigmoid()
    }

    pub(super) fn logits(&self, params: &Params, code: &Tensor) -> Tensor {
        self.decoder.forward(&params.views()[4..], code)
    }

    /// The cross-entropy of grey values as probabilities, reconstructed from codes with dropout, `[members]`.
    pub(super) fn loss(&self, params: &Params, x: &Tensor, dropout: &mut Rng) -> Tensor {
        let logits = self.logits(params, &self.encode(params, x, Some(dropout)));
        (logits.softplus() - logits * x).mean_dim([1i64, 2].as_slice(), false, None::<Kind>)
    }
}

impl Net for AutoEncoder {
    fn init(&self, rng: &mut Rng) -> Params {
        let [first, second] = &self.encoder;
        let encoder = [first.specs("encoder0."), second.specs("encoder1.")].concat();
        Params::init([encoder, self.decoder.specs("decoder.")].concat(), rng)
    }

    /// Reconstructions inside the unit interval.
    fn apply(&self, params: &Params, x: &Tensor) -> Tensor {
        self.logits(params, &self.encode(params, x, None)).sigmoid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan::Adam;
    use gan::optim::{Player, Rule};

    /// A code that is ignored leaves the mean image, whose error is the images' variance.
    #[test]
    fn codes_tell_images_apart() {
        gan::prepare_thread();
        let root = Rng::new(&[0]);
        let centres = root.fork("centres").uniform(&[4, 64]).round();
        let sample = |rng: &mut Rng| centres.index_select(1, &rng.index(4, 50).flatten(0, -1));
        let adam = Rule::Adam(Adam::new(1e-3, 0.9, 0.999));
        let mut encoder = Player::new(AutoEncoder::new(64), adam, &mut root.fork("encoder"));
        let (mut data, mut dropout) = (root.fork("data"), root.fork("dropout"));
        AutoEncoder::start_at_mean(&encoder.params, &sample(&mut data));
        for _ in 0..300 {
            let x = sample(&mut data);
            encoder.descend(&encoder.net.loss(&encoder.params, &x, &mut dropout));
        }
        let x = sample(&mut data);
        let error = (encoder.apply(&x) - &x).square().mean(Kind::Double).double_value(&[]);
        let mean = centres.mean_dim([1i64].as_slice(), true, None::<Kind>);
        let variance = (&x - mean).square().mean(Kind::Double).double_value(&[]);
        assert!(error < 0.1 * variance, "{error} of {variance}");
    }
}
