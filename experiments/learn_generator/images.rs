//! Networks learn images by matching moments: of pixels, of an auto-encoder's codes, of features that are learned
//! against them.

use std::path::Path;

use experiments::judge::Judge;
use experiments::{Resumable, array, keep, resume, summary};
use gan::data::images::{ImageSet, Split};
use gan::device::per_member;
use gan::flow::dequantise;
use gan::metric::{Moments, kernel_log_density};
use gan::objective::Discrepancy;
use gan::optim::{Player, RmsProp, Rule};
use gan::{Activation, Adam, Mlp, Net, Params, Rng};
use lab::{Array, Run};
use tch::{Kind, Tensor};

use crate::config::Kernel;
use crate::{Outcomes, streams};

const LATENT: i64 = 10;
const CODE: i64 = 32;
const FEATURES: i64 = 16;
const DOOR: u64 = 20;
/// Images of a minibatch of the auto-encoder.
const ENCODED: i64 = 100;
/// Shares of pixels and of hidden units that the encoder drops in training.
const DROPPED: [f64; 2] = [0.2, 0.5];
/// Updates of learned features for one of the generator, and the bound on their weights.
const FEATURE_STEPS: u64 = 5;
const CLIP: f64 = 0.01;
/// Samples that judge a generator, and bandwidths among which held-out images choose for Parzen's estimate.
const JUDGES: i64 = 2_000;
const WINDOWS: [f64; 4] = [0.1, 0.15, 0.2, 0.3];
/// Pictures that figures show.
const SHOWN: i64 = 64;

/// Images of one split, drawn by the minibatch.
struct Source {
    set: ImageSet,
    pixels: Tensor,
}

impl Source {
    fn new(set: ImageSet, split: Split, data_dir: &Path, root: &Rng) -> Self {
        let images = set.load(data_dir, split).unwrap_or_else(|error| panic!("{error}"));
        Self { set, pixels: images.pixels.to_device(root.options().1) }
    }

    /// Random images inside the unit interval, `[1, count, pixels]`.
    fn batch(&self, rng: &mut Rng, count: i64) -> Tensor {
        let index = rng.index(self.pixels.size()[0], count).flatten(0, -1);
        dequantise(&self.pixels.index_select(0, &index).unsqueeze(0), self.set.levels(), rng)
    }
}

/// An encoder to codes inside the unit interval and a decoder, one hidden layer each (Li, Swersky and Zemel 2015,
/// section 4; rectified units where theirs are sigmoids).
struct AutoEncoder {
    encoder: [Mlp; 2],
    decoder: Mlp,
}

impl AutoEncoder {
    fn new(pixels: i64) -> Self {
        let layer = |widths: &[i64]| Mlp::new(widths, Activation::Relu);
        let hidden = if pixels < 100 { 64 } else { 1_024 };
        let encoder = [layer(&[pixels, hidden]), layer(&[hidden, CODE])];
        Self { encoder, decoder: layer(&[CODE, hidden, pixels]) }
    }

    /// Starts the decoder at the mean of `images`, pixels inside the unit interval. Otherwise every weight first moves to
    /// make all images darker, which saturates the codes: they may never tell images apart.
    fn start_at_mean(params: &Params, images: &Tensor) {
        let _guard = tch::no_grad_guard();
        let mean = images.mean_dim([1i64].as_slice(), true, None::<Kind>);
        let mut bias = params.views().last().expect("the last bias").shallow_clone();
        bias.copy_(&mean.logit(1e-3));
    }

    /// Codes; with `dropout`, of what is left of pixels and hidden units.
    fn encode(&self, params: &Params, x: &Tensor, mut dropout: Option<&mut Rng>) -> Tensor {
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

    fn logits(&self, params: &Params, code: &Tensor) -> Tensor {
        self.decoder.forward(&params.views()[4..], code)
    }

    /// The cross-entropy of grey values as probabilities, reconstructed from codes with dropout, `[members]`.
    fn loss(&self, params: &Params, x: &Tensor, dropout: &mut Rng) -> Tensor {
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

/// The kernels that are summed, by what is compared.
fn kernels(kernel: Kernel) -> Discrepancy {
    let bandwidths = match kernel {
        // The defaults of the authors' code.
        Kernel::Pixels => vec![2.0, 5.0, 10.0, 20.0, 40.0, 80.0],
        Kernel::Codes => vec![1.0],
        // As second-hand copies of Li et al. 2017 have them.
        Kernel::Learned => vec![1.0, 2.0, 4.0, 8.0, 16.0],
    };
    Discrepancy::Mmd { bandwidths }
}

/// Trains a generator, after an auto-encoder where it makes codes, and scores its images.
pub(crate) fn images(
    set: ImageSet,
    kernel: Kernel,
    (batch, steps): (i64, u64),
    run: &mut Run,
) -> Outcomes {
    let root = streams(run);
    let train = Source::new(set, Split::Train, &run.data_dir, &root);
    let pixels = set.shape().dim();
    let adam = Rule::Adam(Adam::new(1e-3, 0.9, 0.999));
    let slow = Rule::RmsProp(RmsProp { learning_rate: 5e-5, decay: 0.99 });
    let outputs = if kernel == Kernel::Codes { CODE } else { pixels };
    let widths: &[i64] = if pixels < 100 {
        &[LATENT, 64, 64, outputs]
    } else {
        &[LATENT, 64, 256, 256, 1_024, outputs]
    };
    let net = Mlp::new(widths, Activation::Relu);
    // A generator at Adam's rate runs away from features that are learned at the other.
    let rule = if kernel == Kernel::Learned { slow } else { adam };
    let mut generator = Player::new(net, rule, &mut root.fork("generator"));
    let mut encoder = (kernel == Kernel::Codes)
        .then(|| Player::new(AutoEncoder::new(pixels), adam, &mut root.fork("encoder")));
    if let Some(encoder) = &encoder {
        let images = train.batch(&mut root.fork("mean"), JUDGES);
        AutoEncoder::start_at_mean(&encoder.params, &images);
    }
    let mut features = (kernel == Kernel::Learned).then(|| {
        let net = Mlp::new(&[pixels, 256, FEATURES], Activation::LeakyRelu(0.2));
        Player::new(net, slow, &mut root.fork("features"))
    });
    let [mut data, mut latent, mut dropout] =
        ["data", "latent", "dropout"].map(|label| root.fork(label));
    let distance = kernels(kernel);
    let draw = |rng: &mut Rng, count: i64| rng.uniform(&[count, LATENT]) * 2.0 - 1.0;
    let before = if encoder.is_some() { steps } else { 0 };

    let start = resume(
        run,
        &mut [
            ("generator", &mut generator),
            ("encoder", &mut encoder),
            ("features", &mut features),
            ("data", &mut data),
            ("latent", &mut latent),
            ("dropout", &mut dropout),
        ],
    );
    for step in start..before + steps {
        if step > start && step % DOOR == 0 {
            let pieces: [(_, &dyn Resumable); 6] = [
                ("generator", &generator),
                ("encoder", &encoder),
                ("features", &features),
                ("data", &data),
                ("latent", &latent),
                ("dropout", &dropout),
            ];
            keep(run, (step, before + steps), &pieces)?;
        }
        if let Some(encoder) = encoder.as_mut().filter(|_| step < before) {
            let x = train.batch(&mut data, ENCODED);
            encoder.descend(&encoder.net.loss(&encoder.params, &x, &mut dropout));
            continue;
        }
        if let Some(features) = &mut features {
            for _ in 0..FEATURE_STEPS {
                let real = train.batch(&mut data, batch);
                let fake = generator.apply(&draw(&mut latent, batch)).sigmoid().detach();
                let loss =
                    -distance.value(&features.apply(&real), &features.apply(&fake), &mut dropout);
                features.descend(&loss);
                features.params.clip(CLIP);
            }
        }
        let mut real = train.batch(&mut data, batch);
        let mut fake = generator.apply(&draw(&mut latent, batch)).sigmoid();
        if let Some(encoder) = &encoder {
            real = encoder.net.encode(&encoder.params, &real, None).detach();
        }
        if let Some(features) = &features {
            (real, fake) = (features.apply(&real).detach(), features.apply(&fake));
        }
        // The distance draws nothing: any stream will do.
        generator.descend(&distance.value(&real, &fake, &mut dropout));
    }

    let make = |eval: &mut Rng| {
        let fake = generator.apply(&draw(eval, JUDGES)).sigmoid();
        match &encoder {
            Some(encoder) => encoder.net.logits(&encoder.params, &fake).sigmoid(),
            None => fake,
        }
    };
    let numbers = score(&train, make, encoder.as_ref(), run, &root);
    Ok(vec![summary(before + steps, numbers)])
}

/// Scores images, and what the auto-encoder makes of training images, if there is one: no generator of codes can do
/// better.
fn score(
    train: &Source,
    make: impl FnOnce(&mut Rng) -> Tensor,
    encoder: Option<&Player<AutoEncoder, Rule>>,
    run: &mut Run,
    root: &Rng,
) -> Vec<(&'static str, f64)> {
    let set = train.set;
    // Its classifier may have to be trained first, which a guard against gradients would not let it.
    let judge = Judge::of(set, 1, &run.data_dir, root);
    let _guard = tch::no_grad_guard();
    let mut eval = root.fork("eval");
    let fake = make(&mut eval);
    let test = Source::new(set, Split::Test, &run.data_dir, root).batch(&mut eval, JUDGES);
    let moments = Moments::of(&judge.features(&test));
    let frechet = |x: &Tensor| per_member(&judge.frechet(x, &moments))[0];
    let held_out = train.batch(&mut eval, JUDGES / 4);
    let nats = |x: &Tensor, width: f64| {
        kernel_log_density(x, &fake, width).mean(Kind::Double).double_value(&[])
    };
    let windows = WINDOWS.map(|width| (width, nats(&held_out, width)));
    let best = windows.into_iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
    let parzen = nats(&test, best.expect("a bandwidth").0);
    let real = train.batch(&mut eval, JUDGES);
    let mut numbers =
        vec![("frechet", frechet(&fake)), ("frechet_of_data", frechet(&real)), ("parzen", parzen)];
    if let Some(encoder) = encoder {
        numbers.push(("frechet_of_codes", frechet(&encoder.apply(&real))));
    }
    if run.seeds[0] == 0 {
        run.sample(0, "pictures", picture(&fake, set));
    }
    numbers
}

fn picture(x: &Tensor, set: ImageSet) -> Array {
    let values: Vec<f64> = array(&x.select(0, 0).narrow(0, 0, SHOWN).contiguous())
        .to_f32()
        .into_iter()
        .map(f64::from)
        .collect();
    let shape = [SHOWN as usize, set.shape().height as usize, set.shape().width as usize];
    Array::of_pictures(&shape, &values)
}

#[cfg(test)]
mod tests {
    use super::*;

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
