//! Networks learn images by matching moments (F05): of pixels, of an auto-encoder's codes, or of features that are learned
//! against them?

mod auto_encoder;

use gan::data::images::{ImageSet, Split};
use gan::device::per_member;
use gan::metric::{Moments, kernel_log_density};
use gan::objective::Discrepancy;
use gan::optim::{Player, RmsProp, Rule};
use gan::{Activation, Adam, Mlp, Rng, range};
use garde::Validate;
use lab::{Arm, Array, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{sheet, short};
use shared::classifier::Classifier;
use shared::contrast::{difference, log_ratio, values};
use shared::{Images, Outcomes, Resumable, Source, Task, array, claim, name, summary};
use stats::robust;
use tch::{Kind, Tensor};

use crate::streams;
use auto_encoder::{AutoEncoder, CODE};

/// One generator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The set.
    #[garde(skip)]
    set: ImageSet,
    /// Whose moments are matched.
    #[garde(skip)]
    kernel: Kernel,
    /// Samples of each side in a step, all of whose pairs are compared.
    #[garde(range(min = 1, max = 8_192))]
    batch: i64,
    /// Updates of the generator, and of an auto-encoder before.
    #[garde(custom(range::steps))]
    steps: u64,
}

/// What the moments of images are taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kernel {
    /// Pixels: GMMN.
    Pixels,
    /// Codes of an auto-encoder that was trained before: GMMN+AE.
    Codes,
    /// Features that a network learns against the generator: MMD GAN.
    Learned,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        (self.set.shape().dim() * self.batch * self.steps as i64) as f64 / 1e3
    }

    fn images(&self) -> Option<ImageSet> {
        Some(self.set)
    }
}

/// Fixed kernels want large batches, a learned one does not.
const SMALL: i64 = 64;
const LARGE: i64 = 500;
const COMPARED: [(Kernel, i64); 4] = [
    (Kernel::Pixels, SMALL),
    (Kernel::Pixels, LARGE),
    (Kernel::Codes, LARGE),
    (Kernel::Learned, SMALL),
];

fn arm_name(kernel: Kernel, batch: i64) -> String {
    format!("images/{}/batch-{batch}", name(&kernel))
}

/// Returns the arms of the profiles that have images: hours a seed, beyond the others.
pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let (set, steps, seeds) = match profile {
        Profile::Smoke => (ImageSet::Digits, 2, 2),
        Profile::Quick | Profile::Reference => return Vec::new(),
        Profile::Full => (ImageSet::Mnist, 5_000, 12),
    };
    let arm = |(kernel, batch)| {
        Arm::new(arm_name(kernel, batch), Config { set, kernel, batch, steps }).with_seeds(seeds, 1)
    };
    COMPARED.map(arm).into()
}

/// Dimension of the latent, and of learned features.
const LATENT: i64 = 10;
const FEATURES: i64 = 16;
/// Steps between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 20;
/// Images of a minibatch of the auto-encoder.
const ENCODED: i64 = 100;
/// Updates of learned features for one of the generator, and the bound on their weights.
const FEATURE_STEPS: u64 = 5;
const CLIP: f64 = 0.01;
/// Samples that measures read, and bandwidths among which held-out images choose for Parzen's estimate.
const MEASURED: i64 = 2_000;
const WINDOWS: [f64; 4] = [0.1, 0.15, 0.2, 0.3];
/// Pictures that figures show.
const SHOWN: i64 = 64;

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

shared::state! {
    /// The generator, what its images are looked at by, and where they draw from.
    struct State {
        generator: Player<Mlp, Rule>,
        encoder: Option<Player<AutoEncoder, Rule>>,
        features: Option<Player<Mlp, Rule>>,
        data: Rng,
        latent: Rng,
        dropout: Rng,
    }
}

impl State {
    fn new(config: &Config, train: &Images, root: &Rng) -> Self {
        let (pixels, kernel) = (config.set.shape().dim(), config.kernel);
        let adam = Rule::Adam(Adam::new(1e-3, 0.9, 0.999));
        let slow = Rule::RmsProp(RmsProp { learning_rate: 5e-5, decay: 0.99 });
        let outputs = if kernel == Kernel::Codes { CODE } else { pixels };
        let widths: &[i64] = if pixels < 100 {
            &[LATENT, 64, 64, outputs]
        } else {
            &[LATENT, 64, 256, 256, 1_024, outputs]
        };
        // A generator at Adam's rate runs away from features that are learned at the other.
        let rule = if kernel == Kernel::Learned { slow } else { adam };
        let net = Mlp::new(widths, Activation::Relu);
        let encoder = (kernel == Kernel::Codes).then(|| {
            let encoder = Player::new(AutoEncoder::new(pixels), adam, &mut root.fork("encoder"));
            let images = train.batch(&mut root.fork("mean"), MEASURED);
            AutoEncoder::start_at_mean(&encoder.params, &images);
            encoder
        });
        let features = (kernel == Kernel::Learned).then(|| {
            let net = Mlp::new(&[pixels, 256, FEATURES], Activation::LeakyRelu(0.2));
            Player::new(net, slow, &mut root.fork("features"))
        });
        Self {
            generator: Player::new(net, rule, &mut root.fork("generator")),
            encoder,
            features,
            data: root.fork("data"),
            latent: root.fork("latent"),
            dropout: root.fork("dropout"),
        }
    }

    /// Images of the generator, through the decoder where it makes codes, `[1, count, pixels]`.
    fn images(&self, latent: &Tensor) -> Tensor {
        let made = self.generator.apply(latent).sigmoid();
        match &self.encoder {
            Some(encoder) => encoder.net.logits(&encoder.params, &made).sigmoid(),
            None => made,
        }
    }
}

/// Latents, uniform from -1 to 1.
fn latents(rng: &mut Rng, count: i64) -> Tensor {
    rng.uniform(&[count, LATENT]) * 2.0 - 1.0
}

/// Trains a generator, after an auto-encoder where it makes codes, and measures its images.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { set, kernel, batch, steps } = *config;
    let root = streams(run);
    let train = Images::load(set, Split::Train, &run.data_dir, &root);
    let mut state = State::new(config, &train, &root);
    let distance = kernels(kernel);
    let before = if kernel == Kernel::Codes { steps } else { 0 };
    let start = state.resume(run);
    for step in start..before + steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (step, before + steps))?;
        }
        let State { generator, encoder, features, data, latent, dropout } = &mut state;
        if let Some(encoder) = encoder.as_mut().filter(|_| step < before) {
            let x = train.batch(data, ENCODED);
            encoder.descend(&encoder.net.loss(&encoder.params, &x, dropout));
            continue;
        }
        if let Some(features) = features {
            for _ in 0..FEATURE_STEPS {
                let real = train.batch(data, batch);
                let fake = generator.apply(&latents(latent, batch)).sigmoid().detach();
                let loss = -distance.value(&features.apply(&real), &features.apply(&fake), dropout);
                features.descend(&loss);
                features.params.clip(CLIP);
            }
        }
        let mut real = train.batch(data, batch);
        let mut fake = generator.apply(&latents(latent, batch)).sigmoid();
        if let Some(encoder) = encoder {
            real = encoder.net.encode(&encoder.params, &real, None).detach();
        }
        if let Some(features) = features {
            (real, fake) = (features.apply(&real).detach(), features.apply(&fake));
        }
        // The distance draws nothing: any stream will do.
        generator.descend(&distance.value(&real, &fake, dropout));
    }
    let numbers = measure(&state, &train, run, &root);
    Ok(vec![summary(before + steps, numbers)])
}

/// Measures images, and what the auto-encoder makes of training images, if there is one: no generator of codes can do
/// better.
fn measure(state: &State, train: &Images, run: &mut Run, root: &Rng) -> Vec<(&'static str, f64)> {
    let set = train.set;
    // It may have to be trained first, which a guard against gradients would not let it.
    let classifier = Classifier::of(set, 1, &run.data_dir, root);
    let _guard = tch::no_grad_guard();
    let mut eval = root.fork("eval");
    let fake = state.images(&latents(&mut eval, MEASURED));
    let test = Images::load(set, Split::Test, &run.data_dir, root).batch(&mut eval, MEASURED);
    let moments = Moments::of(&classifier.features(&test));
    let frechet = |x: &Tensor| per_member(&classifier.frechet(x, &moments))[0];
    let held_out = train.batch(&mut eval, MEASURED / 4);
    let nats = |x: &Tensor, width: f64| {
        kernel_log_density(x, &fake, width).mean(Kind::Double).double_value(&[])
    };
    let windows = WINDOWS.map(|width| (width, nats(&held_out, width)));
    let best = windows.into_iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
    let parzen = nats(&test, best.expect("a bandwidth").0);
    let real = train.batch(&mut eval, MEASURED);
    let mut numbers =
        vec![("frechet", frechet(&fake)), ("frechet_of_data", frechet(&real)), ("parzen", parzen)];
    if let Some(encoder) = &state.encoder {
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

const GMMN: Source = Source::read("Li, Swersky and Zemel 2015 (1502.02761)");
const MMD_GAN: Source = Source::second_hand("Li et al. 2017 (1705.08584)");

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [small, pixels, codes, learned] =
        COMPARED.map(|(kernel, batch)| results.arm(&arm_name(kernel, batch)));
    // No other profile has images.
    if results.profile != Profile::Full {
        return Vec::new();
    }
    vec![
        claim("learn.F05j", "A generator that matches an auto-encoder's codes makes better images than one that matches pixels.")
            .published(GMMN, "figures of samples", None)
            .measured("ln `frechet` to test images, codes minus pixels, batches of 500")
            .figure("images.png")
            .mean(Region::Below(0.0), &log_ratio((&codes, &pixels), "frechet")),
        claim("learn.F05k", "A generator that matches learned features makes better images than one that matches codes.")
            .published(MMD_GAN, "inception scores on CIFAR-10", Some("6.2 against 3.9 and 3.5"))
            .measured("ln `frechet` to test images, learned features minus codes")
            .figure("images.png")
            .mean(Region::Below(0.0), &log_ratio((&learned, &codes), "frechet")),
        claim("learn.F05l", "Parzen's estimate ranks a generator of codes above one of pixels.")
            .published(GMMN, "table of log-likelihoods on MNIST", Some("282 against 147 nats"))
            .measured("`parzen` of test images in nats, codes minus pixels, batches of 500")
            .figure("images.png")
            .mean(Region::Above(0.0), &difference((&codes, &pixels), "parzen")),
        claim("learn.F05p", "Learned features make do with the small batches that a fixed kernel cannot use.")
            .published(MMD_GAN, "batches of 64", None)
            .measured("ln `frechet` to test images, learned features minus pixels, both in batches of 64")
            .figure("images.png")
            .mean(Region::Below(0.0), &log_ratio((&learned, &small), "frechet")),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    images(results).into_iter().collect()
}

/// Images by what their moments are taken of; none where a profile has none.
fn images(results: &Results<Config>) -> Option<Figure> {
    let of = |(kernel, batch): (Kernel, i64)| {
        let name = match kernel {
            Kernel::Pixels => "pixels",
            Kernel::Codes => "codes",
            Kernel::Learned => "learned features",
        };
        let rows = results.arm(&arm_name(kernel, batch));
        let stored = rows.iter().find_map(|row| row.samples.get("pictures"))?;
        let (count, side) = (stored.shape[0], stored.shape[1]);
        let frechet = values(&rows, "frechet");
        let median = if frechet.is_empty() { f64::NAN } else { robust::median(&frechet) };
        let title = format!("{name}, batches of {batch}: {}", short(median));
        Some(sheet(&title, [1, side, side], &stored.bytes, count.isqrt()))
    };
    let panels: Vec<_> = COMPARED.into_iter().filter_map(of).collect();
    (!panels.is_empty()).then(|| Figure {
        name: "images".into(),
        title: "Images of moment matching, by what is matched, and their Frechet distance".into(),
        caption:
            "Samples of one seed; numbers: medians over seeds, in the features of a classifier."
                .into(),
        columns: 4,
        height: 200,
        panels,
    })
}
