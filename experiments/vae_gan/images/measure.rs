//! What a method on images ends with: samples, codes, reconstructions, and the pictures of the first seed.

use gan::Rng;
use gan::device::per_member;
use gan::metric::energy_distance;
use lab::Run;
use shared::is_pictured;
use shared::pictures::{SAMPLES, Scene, Scores, picture};
use tch::{Kind, Tensor};

use super::code_ratio::CodeRatio;
use crate::method::Method;
use crate::model::{Learner, Model};

/// Images encoded at a time.
const CHUNK: i64 = 1_000;
/// Codes of the prior among which rare and frequent ones are chosen, and how many of each.
const OFFERED: i64 = 10_000;
const CHOSEN: i64 = 1_000;
/// Images of a row of a kept sheet, pairs of test images between which codes go.
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
    let eval = scene.root.fork("end");
    model.noise = eval.fork("noise");
    // Images are the decoder's means: noise of independent pixels is no part of what is judged.
    let sample = |rng: &mut Rng, count| {
        let [means, _] = model.sample(learner, rng, count);
        means
    };
    let Scores { mut numbers, sheets } = scene.scores(run, sample, &eval);
    if is_pictured(run.seeds[0]) {
        // Real images and the trivial generator's are the same in all arms of a set.
        let is_first = matches!(learner.method, Method::Vae { .. });
        for (name, sheet) in sheets.into_iter().filter(|(name, _)| is_first || *name == "samples") {
            run.sample(0, name, sheet);
        }
    }
    if model.encoder.is_some() {
        let of_test_images = encode(learner, model, &scene.held_out);
        numbers.extend(of_reconstructions(scene, &of_test_images, model, run));
        numbers.extend(of_codes(scene, learner, encoded, (&of_test_images, model), run, &eval));
    }
    numbers
}

/// The codes of images as the encoder draws them, `[1, n, latent]`.
fn encode(learner: &Learner, model: &mut Model, images: &Tensor) -> Tensor {
    let _guard = tch::no_grad_guard();
    model.encode(learner, images).z
}

/// Test images against what comes back of their codes, and paths between them.
fn of_reconstructions(scene: &Scene, codes: &Tensor, model: &Model, run: &mut Run) -> Numbers {
    let _guard = tch::no_grad_guard();
    let Scene { pictures, held_out, scorer, .. } = scene;
    let reconstructed = model.generator.apply(codes);
    let mean_square = |x: Tensor| x.square().mean(Kind::Double).double_value(&[]);
    let spread = |x: &Tensor| mean_square(x - x.mean_dim([1i64].as_slice(), true, None::<Kind>));
    let error = mean_square(held_out - &reconstructed);
    let [seen, back] = [held_out, &reconstructed].map(|images| scorer.features(images));
    if is_pictured(run.seeds[0]) {
        let (from, to) = (codes.narrow(1, 0, PATHS), codes.narrow(1, PATHS, PATHS));
        let along = Tensor::linspace(0.0, 1.0, ROW, (codes.kind(), codes.device()));
        let along = along.reshape([1, 1, ROW, 1]);
        let path = from.unsqueeze(2).lerp_tensor(&to.unsqueeze(2), &along);
        let path = path.reshape([1, PATHS * ROW, -1]);
        // Batch norm makes of a code what suits its company, so paths go with the codes of all test images.
        let between = model.generator.apply(&Tensor::cat(&[&path, codes], 1));
        run.sample(0, "originals", picture(held_out, *pictures, ROW));
        run.sample(0, "reconstructed", picture(&reconstructed, *pictures, ROW));
        run.sample(0, "between", picture(&between, *pictures, PATHS * ROW));
    }
    vec![
        ("reconstruction", error),
        ("reconstruction_share", error / spread(held_out)),
        ("reconstruction_of_features", mean_square(&seen - back) / spread(&seen)),
    ]
}

/// The codes of training images against the prior, and what comes of prior codes that the encoder rarely uses.
fn of_codes(
    scene: &Scene,
    learner: &Learner,
    encoded: i64,
    (of_test_images, model): (&Tensor, &mut Model),
    run: &mut Run,
    eval: &Rng,
) -> Numbers {
    let Scene { pictures, train, scorer, .. } = scene;
    let latent = learner.nets.latent;
    let mut draws = eval.fork("encoded");
    let chunks: Vec<Tensor> = (0..=(encoded - 1) / CHUNK)
        .map(|_| encode(learner, model, &pictures.batch(train, &mut draws, CHUNK.min(encoded))))
        .collect();
    let z = Tensor::cat(&chunks, 1);
    let few = z.narrow(1, 0, SAMPLES.min(z.size()[1])).to_kind(Kind::Double);
    let of_prior = eval.fork("prior").normal(&[few.size()[1], latent]).to_kind(Kind::Double);
    let ratio = CodeRatio::fit(&z, &eval.fork("code ratio"));
    let mut numbers = vec![
        ("code_energy", per_member(&energy_distance(&few, &of_prior))[0]),
        ("code_kl_bound", ratio.bound(of_test_images, &eval.fork("code bound"))),
    ];

    let offered = eval.fork("offered").normal(&[OFFERED, latent]);
    let order = ratio.at(&offered).flatten(0, -1).argsort(0, false);
    // All at once, for the generator's batch norm.
    let images = {
        let _guard = tch::no_grad_guard();
        model.generator.apply(&offered)
    };
    for ([distance, precision], sheet, order) in [
        (["frechet_of_rare", "precision_of_rare"], "rare", order.shallow_clone()),
        (["frechet_of_frequent", "precision_of_frequent"], "frequent", order.flip([0])),
    ] {
        let chosen = images.index_select(1, &order.narrow(0, 0, CHOSEN));
        numbers.push((distance, scorer.frechet(&chosen)));
        numbers.push((precision, scorer.reach(&chosen).precision));
        if is_pictured(run.seeds[0]) {
            run.sample(0, sheet, picture(&chosen, *pictures, 2 * ROW));
        }
    }
    numbers
}
