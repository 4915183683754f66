//! Games of images: convolutional nets, and everything that samples are scored by.

use std::path::Path;

use experiments::judge::Judge;
use experiments::{Game, array, looks, options, summary};
use gan::data::images::{Labelled, Split};
use gan::device::{per_member, to_vec};
use gan::flow::dequantise;
use gan::metric::{
    CriticFit, Moments, class_scores, critic_means, independent_critic, mean_pairwise_similarity,
};
use gan::net::{Cnn, DeconvGenerator, Norm};
use gan::optim::Player;
use gan::step::{critic_step, generator_step};
use gan::{Activation, Adam, Mlp, Penalty, Rng};
use lab::{Array, Diverged, Interrupted, Run, Summary};
use stats::modes::kl_to_uniform;
use stats::robust;
use tch::{Kind, Tensor};

use crate::config::{Config, ImageNets, Pictures};

type Outcomes = Result<Vec<Result<Summary, Diverged>>, Interrupted>;

/// Looks after the start.
const LOOKS: u64 = 8;
/// Samples behind a Frechet distance and the scores.
const SAMPLES: i64 = 2_000;
/// Samples behind a count of modes.
const COUNTED: i64 = 10_000;
/// Batches of 64 behind a similarity.
const BATCHES: i64 = 5;
/// Images of a row and of a column of the kept picture.
const SIDE: i64 = 6;
/// Classes of a set of digits: a stacked image is one of the cube of it.
const CLASSES: i64 = 10;
/// Between two calls of the harness's door.
const DOOR: u64 = 20;

/// One part of a set, as the nets see it: pixels from -1 to 1.
struct Source {
    pictures: Pictures,
    pixels: Tensor,
}

impl Source {
    fn new(pictures: Pictures, split: Split, data_dir: &Path, root: &Rng) -> Self {
        match pictures.set.load(data_dir, split) {
            Ok(Labelled { pixels, .. }) => {
                Self { pictures, pixels: pixels.to_device(root.options().1) }
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns random images with fresh noise, `[1, count, pixels]`.
    fn batch(&self, rng: &mut Rng, count: i64) -> Tensor {
        let Pictures { set, shrink, stacked } = self.pictures;
        let mut plane = || {
            let index = rng.index(self.pixels.size()[0], count).flatten(0, -1);
            let rows = self.pixels.index_select(0, &index).unsqueeze(0);
            set.shape().shrink(&dequantise(&rows, set.levels(), rng), shrink)
        };
        let planes = if stacked { Tensor::cat(&[plane(), plane(), plane()], 2) } else { plane() };
        planes * 2.0 - 1.0
    }
}

/// Scores of samples by a classifier that was trained on the set.
struct Scorer {
    judge: Judge,
    pictures: Pictures,
}

impl Scorer {
    /// Pixels from 0 to 1, one plane a row, `[1, planes * n, ..]`: what the classifier sees.
    fn planes(&self, x: &Tensor) -> Tensor {
        let planes = if self.pictures.stacked { 3 } else { 1 };
        let size = x.size();
        ((x + 1.0) * 0.5).reshape([1, size[1] * planes, size[2] / planes])
    }

    /// Moments of features, those of three planes side by side.
    fn moments(&self, x: &Tensor) -> Moments {
        let features = self.judge.features(&self.planes(x));
        Moments::of(&features.reshape([1, x.size()[1], -1]))
    }

    /// The inception-like score.
    fn score(&self, x: &Tensor) -> f64 {
        let probabilities = self.judge.probabilities(&self.planes(x));
        let marginal =
            probabilities.mean_dim([1i64].as_slice(), false, Kind::Double).squeeze_dim(0);
        per_member(&class_scores(&probabilities, &marginal)[0])[0]
    }

    /// How many of the 1000 modes of a stacked set occur, and the divergence of their counts from equal ones in
    /// nats.
    fn modes(&self, x: &Tensor) -> (f64, f64) {
        let classes = self.judge.probabilities(&self.planes(x)).argmax(2, false);
        let digits = classes.reshape([-1, 3]);
        let digit = |i: i64| digits.select(1, i);
        let mode = digit(0) * (CLASSES * CLASSES) + digit(1) * CLASSES + digit(2);
        let counts = to_vec(&mode.bincount::<Tensor>(None, CLASSES.pow(3)));
        let seen = counts.iter().filter(|count| **count > 0.0).count();
        (seen as f64, kl_to_uniform(&counts).expect("there are samples"))
    }

    /// The mean similarity of pairs in each of some batches of 64.
    fn similarities(&self, x: &Tensor) -> Vec<f64> {
        let batch = |i: i64| {
            let images = (x.select(0, 0).narrow(0, 64 * i, 64) + 1.0) * 127.5;
            mean_pairwise_similarity(&images, self.pictures.shape())
        };
        (0..BATCHES).map(batch).collect()
    }
}

/// Trains generator and critic in turn, and scores what comes out.
pub(crate) fn game(
    config: &Config,
    (pictures, nets, adam): (Pictures, &ImageNets, Adam),
    run: &mut Run,
) -> Outcomes {
    let root = Rng::new(&run.seeds).with(options(run.device)).fork("penalty_ablation 2");
    let train = Source::new(pictures, Split::Train, &run.data_dir, &root);
    let judge = Judge::of(pictures.set, pictures.shrink, &run.data_dir, &root);
    let scorer = Scorer { judge, pictures };
    let generator = DeconvGenerator {
        latent: nets.latent,
        maps: nets.maps.iter().rev().copied().collect(),
        kernel: 5,
        output: pictures.shape(),
        norm: Norm::Batch,
    };
    let critic = Cnn {
        input: pictures.shape(),
        maps: nets.maps.clone(),
        kernel: 5,
        dense: vec![1],
        activation: Activation::LeakyRelu(0.2),
        norm: if nets.critic_batch_norm { Norm::Batch } else { Norm::None },
    };
    let generator = Player::new(generator, adam, &mut root.fork("generator"));
    let critic = Player::new(critic, adam, &mut root.fork("critic"));
    let mut game = Game::new(generator, critic, &root);
    let due = looks(config.steps, LOOKS);
    let test = Source::new(pictures, Split::Test, &run.data_dir, &root);
    let held_out = test.batch(&mut root.fork("held out"), SAMPLES);
    let held_out_moments = scorer.moments(&held_out);

    let start = game.resume(run);
    for step in start..=config.steps {
        if step > start && step % DOOR == 0 {
            game.keep(run, (step, config.steps))?;
        }
        if due.binary_search(&step).is_ok() {
            let fake =
                sample(&game.generator, nets, &mut root.fork(&format!("eval {step}")), SAMPLES);
            if !is_finite(&fake) {
                return Ok(vec![Err(Diverged { step, what: "samples".to_owned() })]);
            }
            let frechet = per_member(&scorer.moments(&fake).frechet(&held_out_moments))[0];
            if !frechet.is_finite() {
                return Ok(vec![Err(Diverged { step, what: "frechet".to_owned() })]);
            }
            run.trace(0, "frechet", step, frechet);
        }
        if step == config.steps {
            break;
        }
        for _ in 0..config.critic_steps {
            let real = train.batch(&mut game.data, config.batch);
            let fake = sample(&game.generator, nets, &mut game.latent, config.batch);
            let (objective, penalty) = (config.objective, config.penalty);
            let noise = &mut game.penalty;
            critic_step(objective, penalty, &mut game.critic, &real, &fake, noise);
        }
        let z = game.latent.normal(&[config.batch, nets.latent]);
        let _ = generator_step(config.objective, &mut game.generator, &game.critic, &z);
    }
    let g = &game.generator;

    let frechet: Vec<f64> = run.traced(0, "frechet").iter().map(|look| look.1).collect();
    let mut numbers = vec![
        ("frechet", *frechet.last().expect("the endpoint was looked at")),
        ("frechet_best", frechet.iter().copied().fold(f64::INFINITY, f64::min)),
    ];
    let eval = root.fork("end");
    let fake = sample(g, nets, &mut eval.fork("samples"), SAMPLES);
    let real = train.batch(&mut eval.fork("real"), SAMPLES);
    for (names, images) in [
        (["ms_ssim", "ms_ssim_noise", "class_score"], &fake),
        (["real_ms_ssim", "real_ms_ssim_noise", "real_class_score"], &held_out),
    ] {
        let similarities = scorer.similarities(images);
        let noise = robust::standard_deviation(&similarities) / (BATCHES as f64).sqrt();
        let scores = [robust::mean(&similarities), noise, scorer.score(images)];
        numbers.extend(names.into_iter().zip(scores));
    }
    let of_real = per_member(&scorer.moments(&real).frechet(&held_out_moments))[0];
    numbers.push(("real_frechet", of_real));
    let judged = independent(|rng, n| sample(g, nets, rng, n), (&train, &held_out), &eval);
    numbers.push(("independent_critic", judged));
    if pictures.stacked {
        let (seen, divergence) = scorer.modes(&sample(g, nets, &mut eval.fork("counted"), COUNTED));
        numbers.extend([("modes", seen), ("modes_kl", divergence)]);
    }
    if run.seeds[0] == 0 {
        run.sample(0, "samples", picture(&fake, pictures));
        run.sample(0, "real", picture(&held_out, pictures));
    }
    Ok(vec![summary(config.steps, numbers)])
}

fn sample(g: &Player<DeconvGenerator>, nets: &ImageNets, rng: &mut Rng, count: i64) -> Tensor {
    let _guard = tch::no_grad_guard();
    g.apply(&rng.normal(&[count, nets.latent]))
}

fn is_finite(x: &Tensor) -> bool {
    x.isfinite().all().int64_value(&[]) == 1
}

/// The Wasserstein distance as a dense critic finds it that never met the generator: fitted on training images,
/// judged on test images.
fn independent(
    samples: impl Fn(&mut Rng, i64) -> Tensor,
    (train, held_out): (&Source, &Tensor),
    rng: &Rng,
) -> f64 {
    let net = Mlp::new(&[train.pictures.shape().dim(), 128, 128, 1], Activation::LeakyRelu(0.2));
    let critic = Player::new(net, Adam::new(1e-3, 0.5, 0.9), &mut rng.fork("judge"));
    let fitted = train.batch(&mut rng.fork("fitted"), SAMPLES);
    let mut draws = rng.fork("critic samples");
    let fit = CriticFit { steps: 200, batch: 64, penalty: Penalty::Gradient { weight: 10.0 } };
    let fakes = |count| samples(&mut draws, count);
    let critic = independent_critic(critic, fit, &fitted, fakes, &mut rng.fork("fit"));
    let fresh = samples(&mut rng.fork("critic test"), SAMPLES);
    per_member(&(critic_means(&critic, held_out) - critic_means(&critic, &fresh)))[0]
}

/// The first images of a batch, one after the other, colour by colour.
fn picture(x: &Tensor, pictures: Pictures) -> Array {
    let count = SIDE * SIDE;
    let shape = pictures.shape();
    let images = ((x.select(0, 0).narrow(0, 0, count) + 1.0) * 0.5).contiguous();
    let values: Vec<f64> = array(&images).to_f32().into_iter().map(f64::from).collect();
    let shape = [count, shape.channels, shape.height, shape.width].map(|size| size as usize);
    Array::of_pictures(&shape, &values)
}
