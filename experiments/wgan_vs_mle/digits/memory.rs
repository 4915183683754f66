//! Does a model that only remembers its training images beat a WGAN? (F5)
//!
//! The mixture has one Gaussian on each training image, so its samples are training images with noise. Beside it stand
//! the training images themselves as a model's samples, which no model can beat.

use gan::device::per_member;
use gan::metric::Moments;
use lab::figure::{Axis, Colour, Layer, Scale, Title};
use lab::{Claim, Figure, Region, Results, Run};
use shared::classifier::Classifier;
use shared::contrast::{difference, median};
use shared::{Outcomes, claim, summary};
use tch::Tensor;

use super::{LEARNT, NICE, Size, nice, rows, updates_learnt};
use crate::chart::{Series, likelihood_and_samples, profile};
use crate::config::{Config, Measure, Training};
use crate::data::Points;
use crate::measure::{distances, named};
use crate::parzen::{BANDWIDTHS, Windows};
use crate::{ENOUGH, FLOW_GAN, UPDATES, WGAN, streams, updates};

pub(crate) const ARM: &str = "digits/memorise";

/// The flow of this configuration is not used, nor are its updates.
pub(super) fn config(size: &Size) -> Config {
    Config {
        measures: vec![Measure::IndependentCritic(size.critic_steps)],
        ..size.config(NICE, Training::Memorise)
    }
}

/// Samples of the mixture that are scored.
const SAMPLES: i64 = 2_000;

pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let root = streams(run);
    let points = Points::of(config, &run.data_dir, &root);
    let set = config.data.images().expect("only images are memorised");
    let classifier = Classifier::of(set, 1, &run.data_dir, &root);
    let test_moments = Moments::of(&classifier.features(&points.test));

    let windows = Windows::of(&points.train, &points);
    let (nats, bandwidth) = (windows.nats(), windows.bandwidths());
    let mut draws = root.fork("memorise");
    let mut resample = |count| points.sampler.batch(&mut draws, count);
    let copies = resample(SAMPLES);
    let noise = root.fork("noise").normal(&[SAMPLES, config.data.dim()]);
    let width = Tensor::from_slice(&bandwidth).to_kind(noise.kind()).reshape([-1, 1, 1]);
    let samples = &copies + &noise * width.to_device(noise.device());
    let frechet = classifier.frechet(&samples, &test_moments);
    let floor = classifier.frechet(&points.train, &test_moments);
    let labels = points.test_labels.as_ref().expect("images have labels");
    let accuracy = classifier.agreement(&points.test, labels);
    for (bandwidth, test) in BANDWIDTHS.into_iter().zip(&windows.test) {
        let samples = &copies + &noise * bandwidth;
        let distance = per_member(&classifier.frechet(&samples, &test_moments));
        // The abscissa of these traces is the bandwidth in thousandths.
        let thousandths = (bandwidth * 1000.0).round() as u64;
        for member in 0..run.seeds.len() {
            let numbers =
                [("memorise_test_nats", test[member]), ("memorise_frechet", distance[member])];
            for (name, value) in numbers.into_iter().filter(|(_, value)| value.is_finite()) {
                run.trace(member, name, thousandths, value);
            }
        }
    }
    let mut numbers = vec![("test_nats".to_owned(), nats), ("bandwidth".to_owned(), bandwidth)];
    numbers.extend(named([
        ("frechet", &frechet),
        ("frechet_of_training_images", &floor),
        ("classifier_accuracy", &accuracy),
    ]));
    let steps = config.measures.iter().find_map(|measure| match measure {
        Measure::IndependentCritic(steps) => Some(*steps),
        _ => None,
    });
    let steps = steps.expect("the arm has an independent critic");
    numbers.extend(distances(&points, steps, resample, &points.train, &root));
    let result = |member: usize| {
        let numbers = numbers.iter().map(|(name, values)| (name.as_str(), values[member]));
        summary(config.steps, numbers)
    };
    Ok((0..run.seeds.len()).map(result).collect())
}

pub(super) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let (mixture, wgan) = (results.arm(ARM), rows(results, NICE, WGAN));
    vec![
        claim("flow.F5", "A mixture that memorises the training images has a better held-out likelihood than a flow that a WGAN trains.")
            .published(FLOW_GAN, "captions of figures 3 and 6", None)
            .measured("test nats (`test_nats`), digits, the mixture minus NICE under WGAN-GP at the last step")
            .figure("memory.svg")
            .gate(UPDATES, ENOUGH, updates(&[&wgan]))
            .mean(Region::Above(0.0), &difference((&mixture, &wgan), "test_nats")),
        claim("flow.F5b", "A mixture that memorises the training images, at the bandwidth that its likelihood chooses, has better samples than a flow that a WGAN trains.")
            .published(FLOW_GAN, "captions of figures 3 and 6", None)
            .measured("Frechet distance of samples to test images (`frechet`), digits, the mixture minus NICE under WGAN-GP at the last step")
            .figure("memory.svg")
            .gate(LEARNT, ENOUGH, updates_learnt(&[&wgan]))
            .mean(Region::Below(0.0), &difference((&mixture, &wgan), "frechet")),
    ]
}

pub(super) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![over_bandwidth(results)]
}

/// The mixture over its bandwidth, with the trained flows as lines.
fn over_bandwidth(results: &Results<Config>) -> Figure {
    let mixture = results.arm(ARM);
    let curve = |metric: &str| {
        let trace = mixture.first().and_then(|row| row.traces.get(metric));
        let points = trace.map_or_else(Vec::new, |trace| {
            trace.iter().map(|&(thousandths, y)| (thousandths as f64 / 1000.0, y)).collect()
        });
        Layer::Line { label: "memorising mixture".into(), colour: Colour::Black, points }
    };
    let levels = |metric: &str| {
        let level = |Series { name, colour, rows }: Series| {
            // An arm that is not there, or whose runs all diverged, has no level.
            let y = median(&rows, metric)?;
            let points = vec![(0.02, y), (0.5, y)];
            Some(Layer::Line { label: name.into(), colour, points })
        };
        nice(results).into_iter().filter_map(level).collect::<Vec<_>>()
    };
    let layers = |curve_of: &str, level_of: &str| {
        std::iter::once(curve(curve_of)).chain(levels(level_of)).collect::<Vec<_>>()
    };
    Figure {
        name: "memory".into(),
        title: Title::new("A model that only remembers").if_reproduced(
            "flow.F5",
            "A model that only remembers has a better likelihood than a WGAN's flow",
        ),
        caption: format!(
            "{}; 8 x 8 digits: one Gaussian on each of 1,000 training images (seed 0), beside the trained flows \
             (medians over seeds, last step).",
            profile(results)
        ),
        columns: 2,
        height: 280,
        panels: likelihood_and_samples(
            || Axis::new("standard deviation about each training image").scaled(Scale::Log),
            layers("memorise_test_nats", "test_nats"),
            layers("memorise_frechet", "frechet"),
        ),
    }
}
