//! Scores of samples by a classifier that was trained on the set.

use gan::device::{per_member, to_vec};
use gan::metric::{Moments, Reach, class_scores, kernel_distance, mean_pairwise_similarity, reach};
use stats::modes::{HELD, held_share, kl_to_uniform};
use stats::robust;
use tch::{Kind, Tensor};

use super::Pictures;
use crate::Images;
use crate::classifier::Classifier;

/// Samples behind a score.
pub const SAMPLES: i64 = 2_000;
/// Batches of 64 behind a similarity.
const BATCHES: i64 = 5;
/// Classes of a set of digits: a stacked image is one of the cube of it.
const CLASSES: i64 = 10;
/// A digit is clear that the counter tells with this probability.
const CLEAR: f64 = 0.9;
/// As far as its neighbour of this rank an image reaches.
const NEIGHBOUR: i64 = 3;

/// The modes of a stacked set among samples.
pub(super) struct Modes {
    /// Those with a sample or more, as papers count them.
    pub(super) seen: f64,
    /// The divergence of all counts from equal ones, in nats.
    pub(super) kl: f64,
    /// Those with a quarter of their fair share of all samples or more, of samples whose three digits are clear.
    pub(super) clear: f64,
    /// Those with a quarter of their fair share of the clear samples, over what as many samples of equal modes would hold.
    pub(super) held: f64,
}

/// What samples of a set are scored by.
pub struct Scorer {
    pictures: Pictures,
    /// Whose features and classes are compared.
    classifier: Classifier,
    /// Who counts the modes of a stacked set, where an error of one digit makes another mode.
    counter: Option<Classifier>,
    /// Features of test images, and their moments.
    held_out: (Tensor, Moments),
}

impl Scorer {
    /// Returns a scorer against test images, `[1, n, pixels]` with pixels from -1 to 1, as all images here.
    pub(super) fn new(
        pictures: Pictures,
        classifier: Classifier,
        counter: Option<Classifier>,
        held_out: &Tensor,
    ) -> Self {
        let features = features(&classifier, pictures, held_out);
        let moments = Moments::of(&features);
        Self { pictures, classifier, counter, held_out: (features, moments) }
    }

    /// Returns the features of images, those of three planes side by side, `[1, n, features]`.
    pub fn features(&self, x: &Tensor) -> Tensor {
        features(&self.classifier, self.pictures, x)
    }

    /// Returns the squared Frechet distance of samples to test images.
    pub fn frechet(&self, x: &Tensor) -> f64 {
        per_member(&Moments::of(&self.features(x)).frechet(&self.held_out.1))[0]
    }

    /// Returns the kernel distance of samples to test images.
    pub(super) fn kernel(&self, x: &Tensor) -> f64 {
        per_member(&kernel_distance(&self.features(x), &self.held_out.0))[0]
    }

    /// Returns the inception-like score.
    pub(super) fn score(&self, x: &Tensor) -> f64 {
        let probabilities = self.classifier.probabilities(&planes(self.pictures, x));
        let marginal =
            probabilities.mean_dim([1i64].as_slice(), false, Kind::Double).squeeze_dim(0);
        per_member(&class_scores(&probabilities, &marginal)[0])[0]
    }

    /// Returns the modes of a stacked set, 1000 of digits.
    ///
    /// # Panics
    /// If the set is not stacked, or there is no sample.
    pub(super) fn modes(&self, x: &Tensor) -> Modes {
        let counter = self.counter.as_ref().expect("the set is stacked");
        let (probability, class) =
            counter.probabilities(&planes(self.pictures, x)).max_dim(2, false);
        let digits = class.reshape([-1, 3]);
        let digit = |i: i64| digits.select(1, i);
        let mode = digit(0) * (CLASSES * CLASSES) + digit(1) * CLASSES + digit(2);
        let is_clear = probability.reshape([-1, 3]).amin([1i64].as_slice(), false).gt(CLEAR);
        let counts = |mode: &Tensor| to_vec(&mode.bincount::<Tensor>(None, CLASSES.pow(3)));
        let (all, clear) = (counts(&mode), counts(&mode.masked_select(&is_clear)));
        let fair = mode.size()[0] as f64 / all.len() as f64;
        let with = |counts: &[f64], least: f64| {
            counts.iter().filter(|count| **count >= least).count() as f64
        };
        Modes {
            seen: with(&all, 1.0),
            kl: kl_to_uniform(&all).expect("there are samples"),
            clear: with(&clear, HELD * fair),
            held: held_share(&clear),
        }
    }

    /// Returns precision, recall, density and coverage of samples against test images.
    pub fn reach(&self, x: &Tensor) -> Reach {
        let [real, fake] = [&self.held_out.0, &self.features(x)].map(|x| x.squeeze_dim(0));
        reach(&real, &fake, NEIGHBOUR, 0).remove(0)
    }

    /// Returns the mean similarity of pairs in batches of 64, and its standard error over the batches.
    pub(super) fn similarity(&self, x: &Tensor) -> [f64; 2] {
        let of_batch = |i: i64| {
            let images = (x.select(0, 0).narrow(0, 64 * i, 64) + 1.0) * 127.5;
            mean_pairwise_similarity(&images, self.pictures.shape())
        };
        let all: Vec<f64> = (0..BATCHES).map(of_batch).collect();
        [robust::mean(&all), robust::standard_deviation(&all) / (BATCHES as f64).sqrt()]
    }

    /// Returns the shares of images to which the classifier, and the counter where there is one, give their own class.
    pub(super) fn accuracy(&self, images: &Images) -> (f64, Option<f64>) {
        let levels = images.set.levels();
        let middle = (images.pixels.unsqueeze(0).to_kind(Kind::Float) + 0.5) / levels as f64;
        let x = images.set.shape().shrink(&middle, self.pictures.shrink);
        let of = |classifier: &Classifier| per_member(&classifier.agreement(&x, &images.labels))[0];
        (of(&self.classifier), self.counter.as_ref().map(of))
    }
}

/// Pixels from 0 to 1, one plane a row, `[1, planes * n, ..]`: what the classifier sees.
fn planes(pictures: Pictures, x: &Tensor) -> Tensor {
    let planes = if pictures.stacked { 3 } else { 1 };
    let size = x.size();
    ((x + 1.0) * 0.5).reshape([1, size[1] * planes, size[2] / planes])
}

fn features(classifier: &Classifier, pictures: Pictures, x: &Tensor) -> Tensor {
    classifier.features(&planes(pictures, x)).reshape([1, x.size()[1], -1])
}
