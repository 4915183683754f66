//! The same on MNIST: what a WGAN does to a flow's likelihood (D1) and samples (D2m), and whether an independent critic
//! detects that a flow overfits (D4).

use gan::Adam;
use gan::flow::{Affine, Base, bits_per_dim};
use lab::figure::{Axis, Colour, Layer, Scale, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Row};
use shared::chart::panel;
use shared::contrast::{difference, log_ratio, median, pair};
use shared::pictures::{has_learnt, learnt};
use shared::{claim, colour};

use crate::chart::{Series, bits, lines, pictures, profile, series};
use crate::config::{Config, Critic, Measure, Training, game_adam, likelihood_adam};
use crate::data::Data;
use crate::flow::FlowShape;
use crate::{DANIHELKA, FLOW_GAN, HYBRID, LIKELIHOOD, Rows, WGAN, pictured};

/// Images of a small training set.
const FEW: i64 = 200;
/// Images of the whole training set.
const ALL: i64 = 50_000;

fn arm_name(way: &str, training_images: i64) -> String {
    format!("mnist/{way}/{training_images}-images")
}

/// Returns the runs of one way to train on the whole training set.
pub(crate) fn rows<'a>(results: &'a Results<Config>, way: &str) -> Rows<'a> {
    results.arm(&arm_name(way, ALL))
}

/// Returns the runs of maximum likelihood on a few images.
pub(crate) fn few(results: &Results<Config>) -> Rows<'_> {
    results.arm(&arm_name(LIKELIHOOD, FEW))
}

/// What a profile spends.
struct Size {
    hidden: Vec<i64>,
    critic: Critic,
    /// Adam of maximum likelihood.
    likelihood: Adam,
    updates: u64,
    batch: i64,
    held_out: i64,
    measures: Vec<Measure>,
    seeds: u64,
}

impl Size {
    fn of(profile: Profile) -> Self {
        let dense = |hidden: &[i64]| Critic::penalised(hidden, 1e-4, 10.0);
        let measures = |steps: u64| {
            vec![Measure::Pictures, Measure::IndependentCritic(steps), Measure::Latent]
        };
        match profile {
            Profile::Smoke => Self {
                hidden: vec![8],
                critic: dense(&[8]),
                likelihood: likelihood_adam(),
                updates: 2,
                batch: 16,
                held_out: 32,
                measures: measures(5),
                seeds: 1,
            },
            Profile::Quick | Profile::Reference => Self {
                hidden: vec![256; 2],
                critic: dense(&[256; 2]),
                likelihood: likelihood_adam(),
                updates: 30_000,
                batch: 100,
                held_out: 1_000,
                measures: measures(1_000),
                seeds: 10,
            },
            // Flow-GAN's size.
            Profile::Full => Self {
                hidden: vec![1000; 5],
                critic: Critic { maps: vec![1, 64], ..dense(&[1024]) },
                likelihood: game_adam(),
                updates: 100_000,
                batch: 100,
                held_out: 5_000,
                measures: [measures(5_000), vec![Measure::Spectrum]].concat(),
                seeds: 10,
            },
        }
    }
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let size = Size::of(profile);
    let arm = |way: &str, training_images, training, adam| {
        let config = Config {
            data: Data::Mnist,
            likelihood: Data::Mnist.likelihood(),
            training,
            flow: FlowShape {
                coupling: Affine::Additive,
                couplings: 4,
                hidden: size.hidden.clone(),
                residual: None,
                batch_statistics: false,
                base: Base::Logistic,
                alpha: 1e-6,
            },
            adam,
            batch: size.batch,
            steps: size.updates,
            training_images,
            held_out: size.held_out,
            early_looks: true,
            measures: size.measures.clone(),
        };
        // Wide layers are bound by arithmetic: stacks gain nothing.
        Arm::new(arm_name(way, training_images), config).with_seeds(size.seeds, 1)
    };
    let likelihood = |images| arm(LIKELIHOOD, images, Training::MaximumLikelihood, size.likelihood);
    let game = |way, weight| arm(way, ALL, size.critic.game(weight), game_adam());
    let mut hybrid = game(HYBRID, 1.0);
    if profile != Profile::Full {
        // For pictures alone.
        hybrid = hybrid.with_seeds(1, 1);
    }
    let mut arms = vec![likelihood(ALL), game(WGAN, 0.0), hybrid, likelihood(FEW)];
    if profile == Profile::Full {
        // Flow-GAN's table names the weight 0.1, its released commands 1.
        arms.push(game("hybrid-0.1", 0.1));
    }
    arms
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [mle, wgan] = [LIKELIHOOD, WGAN].map(|way| rows(results, way));
    let few = few(results);
    let gap = |row: &Row<Config>| Some(row.value("critic_held_out")? - row.value("critic_train")?);
    let far_worse = claim("flow.D1", "The same flow has a far worse held-out likelihood when a WGAN trains it than when maximum likelihood does.")
        .published(FLOW_GAN, "table 3", Some("56.49 against 1.95 bits/dim (26350.30 and -3287.69 nats, negative log-likelihood)"))
        .measured("bits/dim of MNIST test images at the last step (`test_bits_per_dim`), WGAN-GP minus maximum likelihood")
        .figure("training.svg");
    let even_at_best = claim("flow.D1b", "Even at its best checkpoint, of those with samples that have learnt, a flow that a WGAN trains has a far worse held-out likelihood than under maximum likelihood.")
        .published(FLOW_GAN, "table 1, whose numbers we take for those of the best checkpoints", Some("5.05 against 1.86 bits/dim (-1604.09 and -3334.56 nats, negative log-likelihood)"))
        .measured("bits/dim of MNIST test images at the best validation likelihood: WGAN-GP, of the looks at which its samples pass the gate (traces of `frechet`, `class_score`, `validation_nats`, `test_nats`), minus maximum likelihood (`test_bits_per_dim_at_best_validation`)")
        .figure("training.svg");
    let better_samples = claim("flow.D2m", "On MNIST a flow that a WGAN trains has better samples than one that maximum likelihood trains.")
        .published(FLOW_GAN, "table 1, MNIST", Some("MODE score 9.24 against 7.42"))
        .measured("ln Frechet distance of samples to MNIST test images (`frechet`), WGAN-GP minus maximum likelihood")
        .figure("mnist.svg");
    let overfits = claim("flow.D4", "An independent critic on validation images detects that a generator overfits.")
        .published(DANIHELKA, "abstract", None)
        .measured("an independent critic's distance of samples to held-out images minus that to training images (`critic_held_out` - `critic_train`), a flow of 200 MNIST images minus twice that of one of 50,000, maximum likelihood")
        .figure("critics.svg");
    vec![
        // A flow that has learnt nothing is as far from the data's law as can be: no finding about a WGAN.
        learnt(far_worse, &[&[&wgan]])
            .mean(FAR_WORSE, &difference((&wgan, &mle), "test_bits_per_dim")),
        learnt(even_at_best, &[&[&wgan]]).mean(
            FAR_WORSE,
            &pair((&wgan, &mle), |wgan, mle| {
                Some(best_learnt(wgan)? - mle.value("test_bits_per_dim_at_best_validation")?)
            }),
        ),
        // Where one of them learns nothing to be seen and the other does, that is the finding.
        learnt(better_samples, &[&[&wgan, &mle]])
            .mean(Region::Below(0.0), &log_ratio((&wgan, &mle), "frechet")),
        // A flow may overfit in likelihood alone, with samples of nothing, of which a critic cannot tell that they repeat.
        learnt(overfits, &[&[&few]])
            // Training and held-out images come from two files, which a critic can tell apart a little by themselves.
            .mean(
                Region::Above(0.0),
                &pair((&few, &mle), |few, all| Some(gap(few)? - 2.0 * gap(all)?)),
            ),
    ]
}

/// Bits/dim by which a likelihood is far worse.
const FAR_WORSE: Region = Region::Above(1.0);

/// Returns the bits/dim of test images at the look with the best validation likelihood, of those whose samples pass the
/// gate of samples.
fn best_learnt(row: &Row<Config>) -> Option<f64> {
    let trace = |metric: &str| row.traces.get(metric);
    let looks = trace("frechet")?.iter().zip(trace("class_score")?);
    let nats = trace("validation_nats")?.iter().zip(trace("test_nats")?);
    let passed = looks
        .zip(nats)
        .filter(|((frechet, score), _)| has_learnt(row, frechet.1, score.1) == Some(true));
    let best = passed.max_by(|(_, (a, _)), (_, (b, _))| a.1.total_cmp(&b.1));
    let data = row.config.data;
    best.zip(data.images())
        .map(|((_, (_, test)), set)| bits_per_dim(test.1, data.dim(), set.levels()))
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let arms = [
        series("likelihood, 50,000 images", colour::LIKELIHOOD, rows(results, LIKELIHOOD)),
        series("WGAN-GP", colour::WGAN_GP, rows(results, WGAN)),
        series("hybrid, weight 1", colour::HYBRID, rows(results, HYBRID)),
        series("likelihood, 200 images", Colour::SkyBlue, few(results)),
    ];
    let trained: Vec<Series> = arms.into_iter().filter(|arm| !arm.rows.is_empty()).collect();
    if trained.is_empty() {
        return Vec::new();
    }
    vec![over_training(results, &trained), samples(results, &trained)]
}

/// The quality of samples over training.
fn over_training(results: &Results<Config>, arms: &[Series]) -> Figure {
    let all: Rows = arms.iter().flat_map(|arm| arm.rows.clone()).collect();
    let of = |metric: &str, real: &str, gaussian: &str| {
        let marks = [("real images", real), ("one Gaussian in pixels", gaussian)];
        let mark = |(label, metric): (&str, &str)| {
            Some(Layer::Horizontal { label: label.into(), y: median(&all, metric)? })
        };
        lines(arms, metric, 1.0).into_iter().chain(marks.into_iter().filter_map(mark)).collect()
    };
    let updates = || Axis::new("updates of the flow");
    let frechet = Axis::new("Frechet distance").scaled(Scale::Log).low_is_better();
    let score = Axis::new("class score").high_is_better();
    Figure {
        name: "mnist".into(),
        title: Title::new("MNIST: the quality of samples in training")
            .if_reproduced("flow.D2m", "MNIST: the WGAN's samples are better"),
        caption: format!(
            "{}; every seed a line. Left: squared Frechet distance of 2,000 samples to test images in the features of \
             a small classifier. Right: the inception-like score by that classifier. Dashed: real images, and one Gaussian \
             in pixels, which a flow has to beat.",
            profile(results)
        ),
        columns: 2,
        height: 280,
        panels: vec![
            panel(
                "Frechet distance",
                updates(),
                frechet,
                of("frechet", "real_frechet", "frechet_of_gaussian"),
            ),
            panel(
                "Class score",
                updates(),
                score,
                of("class_score", "real_class_score", "class_score_of_gaussian"),
            ),
        ],
    }
}

/// Real images, the trivial generator's and each arm's, with the exact likelihood.
fn samples(results: &Results<Config>, arms: &[Series]) -> Figure {
    let kept: Vec<(&str, &Row<Config>)> =
        arms.iter().filter_map(|arm| Some((arm.name, pictured(&arm.rows)?))).collect();
    let first = kept.first().map(|(_, row)| *row);
    let others = [("real images", "real"), ("one Gaussian in pixels", "gaussian")];
    let others = others.into_iter().filter_map(|(title, name)| pictures(title, first?, name));
    let of_arm = |(name, row): &(&str, &Row<Config>)| {
        pictures(&format!("{name}: {}", bits(row)), row, "samples")
    };
    Figure {
        name: "mnist_samples".into(),
        title: "MNIST: the same flow, trained in several ways".into(),
        caption: format!(
            "{}, first seed, last step, NICE. The number is the exact negative log-likelihood of test images; the uniform \
             density has 8 bits/dim.",
            profile(results)
        ),
        columns: 3,
        height: 270,
        panels: others.chain(kept.iter().filter_map(of_arm)).collect(),
    }
}
