//! What a method on images ends with: samples, codes, reconstructions, and the pictures of seed 0.

use gan::Rng;
use gan::device::per_member;
use gan::metric::energy_distance;
use lab::Run;
use shared::pictures::{SAMPLES, Scene, gaussian, independent, picture};
use tch::{Device, Kind, Tensor};

use crate::codes::{log_mixture, log_prior};
use crate::model::{Learner, Model};

/// Samples behind a count of modes.
const COUNTED: i64 = 10_000;
/// Images encoded at a time.
const CHUNK: i64 = 1_000;
/// Codes of training images that stand for all where a kernel makes a density of them.
const KERNELS: i64 = 10_000;
/// Codes behind a divergence by Monte Carlo.
const DRAWN: i64 = 1_000;
/// Codes of the prior among which rare and frequent ones are chosen, and how many of each.
const OFFERED: i64 = 10_000;
const CHOSEN: i64 = 1_000;
/// Images of a kept sheet, pairs of test images between which codes go, and steps of a path.
const SHOWN: i64 = 36;
const ROW: i64 = 8;
const PATHS: i64 = 4;

type Numbers = Vec<(&'static str, f64)>;

/// The numbers of a run, its codes of so many training images among them.
pub(super) fn numbers(
    scene: &Scene,
    learner: &Learner,
    encoded: i64,
    model: &mut Model,
    run: &mut Run,
) -> Numbers {
    let _guard = tch::no_grad_guard();
    let eval = scene.root.fork("end");
    model.noise = eval.fork("noise");
    let mut numbers = of_samples(scene, learner, model, run, &eval);
    if model.encoder.is_some() {
        numbers.extend(of_reconstructions(scene, learner, model, run));
        numbers.extend(of_codes(scene, learner, encoded, model, run, &eval));
    }
    numbers
}

/// Images are the decoder's means: noise of independent pixels is no part of what is judged.
fn of_samples(
    scene: &Scene,
    learner: &Learner,
    model: &Model,
    run: &mut Run,
    eval: &Rng,
) -> Numbers {
    let Scene { pictures, train, held_out, scorer, .. } = scene;
    let sample = |rng: &mut Rng, count| {
        let [means, _] = model.sample(learner, rng, count);
        means
    };
    let fake = sample(&mut eval.fork("samples"), SAMPLES);
    let real = pictures.batch(train, &mut eval.fork("real"), SAMPLES);
    let trivial = gaussian(*pictures, train, &eval.fork("gaussian"));
    let [on_held_out, on_train] = independent(*pictures, train, held_out, sample, eval);
    let mut numbers = vec![
        ("frechet", scorer.frechet(&fake)),
        ("frechet_of_gaussian", scorer.frechet(&trivial)),
        ("real_frechet", scorer.frechet(&real)),
        ("kernel", scorer.kernel(&fake)),
        ("class_score", scorer.score(&fake)),
        ("real_class_score", scorer.score(held_out)),
        ("ms_ssim", scorer.similarity(&fake)[0]),
        ("real_ms_ssim", scorer.similarity(held_out)[0]),
        ("independent_critic", on_held_out),
        ("independent_critic_on_train", on_train),
    ];
    if pictures.stacked {
        let (seen, divergence) = scorer.modes(&sample(&mut eval.fork("counted"), COUNTED));
        numbers.extend([("modes", seen), ("modes_kl", divergence)]);
    }
    if run.seeds[0] == 0 {
        let sheets = [("samples", &fake), ("real", held_out), ("gaussian", &trivial)];
        for (name, images) in sheets {
            run.sample(0, name, picture(images, *pictures, SHOWN));
        }
    }
    numbers
}

/// Test images against what comes back of them, and paths between them.
fn of_reconstructions(
    scene: &Scene,
    learner: &Learner,
    model: &mut Model,
    run: &mut Run,
) -> Numbers {
    let Scene { pictures, held_out, scorer, .. } = scene;
    let codes = model.encode(learner, held_out).z;
    let reconstructed = model.generator.apply(&codes);
    let error = |x: &Tensor, y: &Tensor| (x - y).square().mean(Kind::Double).double_value(&[]);
    let [seen, back] = [held_out, &reconstructed].map(|images| scorer.features(images));
    // In units of the features' variance over test images.
    let centred = &seen - seen.mean_dim([1i64].as_slice(), true, None::<Kind>);
    let variance = centred.square().mean(Kind::Double).double_value(&[]);
    if run.seeds[0] == 0 {
        let (from, to) = (codes.narrow(1, 0, PATHS), codes.narrow(1, PATHS, PATHS));
        let along = Tensor::linspace(0.0, 1.0, ROW, (codes.kind(), codes.device()));
        let along = along.reshape([1, 1, ROW, 1]);
        let path = from.unsqueeze(2).lerp_tensor(&to.unsqueeze(2), &along);
        let between = model.generator.apply(&path.reshape([1, PATHS * ROW, -1]));
        run.sample(0, "originals", picture(held_out, *pictures, ROW));
        run.sample(0, "reconstructed", picture(&reconstructed, *pictures, ROW));
        run.sample(0, "between", picture(&between, *pictures, PATHS * ROW));
    }
    vec![
        ("reconstruction", error(held_out, &reconstructed)),
        ("reconstruction_of_features", error(&seen, &back) / variance),
    ]
}

/// All codes of the training images against the prior, and what comes of prior codes that the encoder rarely uses.
fn of_codes(
    scene: &Scene,
    learner: &Learner,
    encoded: i64,
    model: &mut Model,
    run: &mut Run,
    eval: &Rng,
) -> Numbers {
    let Scene { pictures, train, scorer, .. } = scene;
    let latent = learner.nets.latent;
    let mut draws = eval.fork("encoded");
    let chunks = (0..=(encoded - 1) / CHUNK)
        .map(|_| model.encode(learner, &pictures.batch(train, &mut draws, CHUNK.min(encoded))));
    let chunks: Vec<_> = chunks.collect();
    let joined = |parts: Vec<Tensor>| {
        Tensor::cat(&parts, 1).squeeze_dim(0).to_device(Device::Cpu).to_kind(Kind::Double)
    };
    let z = joined(chunks.iter().map(|codes| codes.z.shallow_clone()).collect());
    let few = z.narrow(0, 0, SAMPLES.min(z.size()[0])).unsqueeze(0);
    let of_prior = eval.fork("prior").normal(&[few.size()[1], latent]).to_kind(Kind::Double);
    let mut numbers = vec![("code_energy", per_member(&energy_distance(&few, &of_prior))[0])];

    // The whole set's mixture of normal codes is the law of all codes.
    let laws: Option<Vec<&[Tensor; 2]>> =
        chunks.iter().map(|codes| codes.normal.as_ref()).collect();
    if let Some(laws) = laws {
        let law = [0, 1].map(|i| joined(laws.iter().map(|law| law[i].shallow_clone()).collect()));
        let drawn = z.narrow(0, 0, DRAWN.min(z.size()[0]));
        let over = log_mixture(&drawn, &law) - log_prior(&drawn);
        numbers.push(("marginal_kl", over.mean(Kind::Double).double_value(&[])));
    }

    // For rare and frequent codes every method's density is that of a kernel of Silverman's width.
    let centres = z.narrow(0, 0, KERNELS.min(z.size()[0]));
    let width = (centres.size()[0] as f64).powf(-1.0 / (latent as f64 + 4.0));
    let deviations = (centres.std_dim([0i64].as_slice(), true, true) + 1e-6) * width;
    let offered = eval.fork("offered").normal(&[OFFERED, latent]);
    let rows = offered.squeeze_dim(0).to_device(Device::Cpu).to_kind(Kind::Double);
    let law = [centres.shallow_clone(), deviations.log().expand_as(&centres)];
    let order = (log_mixture(&rows, &law) - log_prior(&rows)).argsort(0, false);
    for (metric, sheet, first) in
        [("frechet_of_rare", "rare", 0), ("frechet_of_frequent", "frequent", OFFERED - CHOSEN)]
    {
        let chosen = order.narrow(0, first, CHOSEN).to_device(offered.device());
        let images = model.generator.apply(&offered.index_select(1, &chosen));
        numbers.push((metric, scorer.frechet(&images)));
        if run.seeds[0] == 0 {
            let ends = if first == 0 { images } else { images.flip([1]) };
            run.sample(0, sheet, picture(&ends, *pictures, 2 * ROW));
        }
    }
    numbers
}
