//! Models that need no training: what any trained one should beat, and what none can.

use experiments::{options, summary};
use gan::Rng;
use gan::device::per_member;
use gan::metric::Moments;
use lab::Run;
use tch::Tensor;

use crate::config::{Config, Measure};
use crate::measure::{BANDWIDTHS, Windows, distances, named};
use crate::points::Points;
use crate::train::Outcomes;
use experiments::judge::Judge;

/// Measures the mixture of one Gaussian on each training image, whose samples are training images with
/// noise; and the training images themselves as a model's samples, which no model can beat.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every way to make a result")]
pub(crate) fn memorise(config: &Config, run: &mut Run) -> Outcomes {
    let root = Rng::new(&run.seeds).with(options(run.device)).fork("wgan_vs_mle");
    let points = Points::of(config.data, config.training_images, &run.data_dir, &root);
    let set = config.data.images().expect("only images are memorised");
    let judge = Judge::of(set, 1, &run.data_dir, &root);
    let test_moments = Moments::of(&judge.features(&points.test));

    let windows = Windows::of(&points.train, &points);
    let (nats, bandwidth) = (windows.nats(), windows.bandwidths());
    let mut draws = root.fork("memorise");
    let mut resample = |count| points.source.batch(&mut draws, count);
    let copies = resample(2_000);
    let noise = root.fork("noise").normal(&[2_000, config.data.dim()]);
    let width = Tensor::from_slice(&bandwidth).to_kind(noise.kind()).reshape([-1, 1, 1]);
    let samples = &copies + &noise * width.to_device(noise.device());
    let frechet = judge.frechet(&samples, &test_moments);
    let floor = judge.frechet(&points.train, &test_moments);
    let labels = points.test_labels.as_ref().expect("images have labels");
    let accuracy = judge.agreement(&points.test, labels);
    for (bandwidth, test) in BANDWIDTHS.into_iter().zip(&windows.test) {
        let distance = per_member(&judge.frechet(&(&copies + &noise * bandwidth), &test_moments));
        for member in 0..run.seeds.len() {
            // The abscissa of these traces is the bandwidth in thousandths.
            let thousandths = (bandwidth * 1000.0).round() as u64;
            let numbers =
                [("memorise_test_nats", test[member]), ("memorise_frechet", distance[member])];
            for (name, value) in numbers.into_iter().filter(|(_, value)| value.is_finite()) {
                run.trace(member, name, thousandths, value);
            }
        }
    }
    let steps = config.measures.iter().find_map(|measure| match measure {
        Measure::IndependentCritic(steps) => Some(*steps),
        _ => None,
    });
    let steps = steps.expect("the arm has an independent critic");
    let mut numbers = vec![("test_nats".to_owned(), nats), ("bandwidth".to_owned(), bandwidth)];
    numbers.extend(named([
        ("frechet", &frechet),
        ("frechet_of_training_images", &floor),
        ("classifier_accuracy", &accuracy),
    ]));
    numbers.extend(distances((&points, steps), resample, &points.train, &root));
    let result = |member: usize| {
        let numbers = numbers.iter().map(|(name, values)| (name.as_str(), values[member]));
        summary(config.steps, numbers)
    };
    Ok((0..run.seeds.len()).map(result).collect())
}
