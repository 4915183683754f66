//! Images of a set as nets see them, what samples are scored by, and the trivial generator that they have to beat.

use gan::data::images::{ImageSet, Split};
use gan::device::{per_member, to_vec};
use gan::metric::{
    CriticFit, Moments, class_scores, critic_means, independent_critic, kernel_distance,
    mean_pairwise_similarity,
};
use gan::net::ImageShape;
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Penalty, Rng};
use garde::{Error, Validate};
use lab::{Array, Run};
use serde::{Deserialize, Serialize};
use stats::modes::kl_to_uniform;
use stats::robust;
use tch::{Kind, Tensor};

use crate::classifier::Classifier;
use crate::{Images, array};

/// Images of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Pictures {
    /// Whose images.
    #[garde(skip)]
    pub set: ImageSet,
    /// Sides are divided by this; pixels are means.
    #[garde(custom(|_, _context| self.divides()))]
    pub shrink: i64,
    /// Whether three independent images are the three colours of one: 1000 modes of a set of digits.
    #[garde(skip)]
    pub stacked: bool,
}

impl Pictures {
    /// Checks that the sides can be divided.
    ///
    /// # Errors
    /// One line that names the factor.
    pub fn divides(self) -> garde::Result {
        let line = || Error::new(format!("{} does not divide the sides", self.shrink));
        if self.set.shape().is_divided_by(self.shrink) { Ok(()) } else { Err(line()) }
    }

    /// Returns the shape of what the nets see.
    pub fn shape(self) -> ImageShape {
        let shape = self.set.shape().shrunk(self.shrink);
        if self.stacked { ImageShape { channels: 3 * shape.channels, ..shape } } else { shape }
    }

    /// Returns random images with fresh noise as the nets see them, pixels from -1 to 1, `[members, count, pixels]`.
    pub fn batch(self, images: &Images, rng: &mut Rng, count: i64) -> Tensor {
        let mut plane = || self.set.shape().shrink(&images.batch(rng, count), self.shrink);
        let planes =
            if self.stacked { Tensor::cat(&[plane(), plane(), plane()], 2) } else { plane() };
        planes * 2.0 - 1.0
    }
}

/// Batches of 64 behind a similarity.
const BATCHES: i64 = 5;
/// Samples behind a score.
pub const SAMPLES: i64 = 2_000;
/// Classes of a set of digits: a stacked image is one of the cube of it.
const CLASSES: i64 = 10;
/// Training images to which a Gaussian is fitted.
const FITTED: i64 = 10_000;

/// Scores of samples by a classifier that was trained on the set.
pub struct Scorer {
    classifier: Classifier,
    pictures: Pictures,
    /// Features of test images, and their moments.
    held_out: (Tensor, Moments),
}

impl Scorer {
    /// Returns a scorer against test images, `[1, n, pixels]` with pixels from -1 to 1, as all images here.
    pub fn new(classifier: Classifier, pictures: Pictures, held_out: &Tensor) -> Self {
        let features = features(&classifier, pictures, held_out);
        let moments = Moments::of(&features);
        Self { classifier, pictures, held_out: (features, moments) }
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
    pub fn kernel(&self, x: &Tensor) -> f64 {
        per_member(&kernel_distance(&self.features(x), &self.held_out.0))[0]
    }

    /// Returns the inception-like score.
    pub fn score(&self, x: &Tensor) -> f64 {
        let probabilities = self.classifier.probabilities(&planes(self.pictures, x));
        let marginal =
            probabilities.mean_dim([1i64].as_slice(), false, Kind::Double).squeeze_dim(0);
        per_member(&class_scores(&probabilities, &marginal)[0])[0]
    }

    /// Returns how many of the 1000 modes of a stacked set occur, and the divergence of their counts from equal ones in
    /// nats.
    ///
    /// # Panics
    /// If there is no sample.
    pub fn modes(&self, x: &Tensor) -> (f64, f64) {
        let classes = self.classifier.probabilities(&planes(self.pictures, x)).argmax(2, false);
        let digits = classes.reshape([-1, 3]);
        let digit = |i: i64| digits.select(1, i);
        let mode = digit(0) * (CLASSES * CLASSES) + digit(1) * CLASSES + digit(2);
        let counts = to_vec(&mode.bincount::<Tensor>(None, CLASSES.pow(3)));
        let seen = counts.iter().filter(|count| **count > 0.0).count();
        (seen as f64, kl_to_uniform(&counts).expect("there are samples"))
    }

    /// Returns the mean similarity of pairs in batches of 64, and its standard error over the batches.
    pub fn similarity(&self, x: &Tensor) -> [f64; 2] {
        let of_batch = |i: i64| {
            let images = (x.select(0, 0).narrow(0, 64 * i, 64) + 1.0) * 127.5;
            mean_pairwise_similarity(&images, self.pictures.shape())
        };
        let all: Vec<f64> = (0..BATCHES).map(of_batch).collect();
        [robust::mean(&all), robust::standard_deviation(&all) / (BATCHES as f64).sqrt()]
    }
}

/// Images, and what scores samples of them.
pub struct Scene {
    /// How the images are seen.
    pub pictures: Pictures,
    /// Training images.
    pub train: Images,
    /// Test images, `[1, SAMPLES, pixels]`.
    pub held_out: Tensor,
    /// Scores against those.
    pub scorer: Scorer,
    /// The random streams of the cell.
    pub root: Rng,
}

impl Scene {
    /// Returns the scene of a cell, whose random streams are `root`.
    ///
    /// # Panics
    /// If the files of the set, which were checked before the cell, are gone.
    pub fn new(pictures: Pictures, run: &Run, root: Rng) -> Self {
        let load = |split| Images::load(pictures.set, split, &run.data_dir, &root);
        let classifier = Classifier::of(pictures.set, pictures.shrink, &run.data_dir, &root);
        let held_out = pictures.batch(&load(Split::Test), &mut root.fork("held out"), SAMPLES);
        let scorer = Scorer::new(classifier, pictures, &held_out);
        Self { pictures, train: load(Split::Train), held_out, scorer, root }
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

/// Returns samples of one Gaussian in pixels, fitted to training images and cut to the range of pixels: their mean and a
/// random combination of their differences from it, which has their covariance.
pub fn gaussian(pictures: Pictures, train: &Images, rng: &Rng) -> Tensor {
    let fitted = pictures.batch(train, &mut rng.fork("fitted"), FITTED);
    let mean = fitted.mean_dim([1i64].as_slice(), true, Kind::Float);
    let weights = rng.fork("weights").normal(&[SAMPLES, FITTED]) / (FITTED as f64 - 1.0).sqrt();
    (weights.matmul(&(fitted - &mean)) + mean).clamp(-1.0, 1.0)
}

/// Returns the Wasserstein distances of samples to held-out and to training images as a dense critic finds them that never
/// met the generator and was fitted on those training images.
pub fn independent(
    pictures: Pictures,
    train: &Images,
    held_out: &Tensor,
    samples: impl Fn(&mut Rng, i64) -> Tensor,
    rng: &Rng,
) -> [f64; 2] {
    let net = Mlp::new(&[pictures.shape().dim(), 128, 128, 1], Activation::LeakyRelu(0.2));
    let critic = Player::new(net, Adam::new(1e-3, 0.5, 0.9), &mut rng.fork("judge"));
    let fitted = pictures.batch(train, &mut rng.fork("fitted"), SAMPLES);
    let mut draws = rng.fork("critic samples");
    let fit = CriticFit { steps: 200, batch: 64, penalty: Penalty::Gradient { weight: 10.0 } };
    let fakes = |count| samples(&mut draws, count);
    let critic = independent_critic(critic, fit, &fitted, fakes, &mut rng.fork("fit"));
    let fresh = critic_means(&critic, &samples(&mut rng.fork("critic test"), SAMPLES));
    [held_out, &fitted].map(|real| per_member(&(critic_means(&critic, real) - &fresh))[0])
}

/// Returns the first images of a batch, one after the other, colour by colour.
pub fn picture(x: &Tensor, pictures: Pictures, count: i64) -> Array {
    let shape = pictures.shape();
    let images = ((x.select(0, 0).narrow(0, 0, count) + 1.0) * 0.5).contiguous();
    let values: Vec<f64> = array(&images).to_f32().into_iter().map(f64::from).collect();
    let shape = [count, shape.channels, shape.height, shape.width].map(|size| size as usize);
    Array::of_pictures(&shape, &values)
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    /// A random combination of differences from the mean, with weights of variance 1 / (n - 1), has their covariance.
    #[test]
    fn combinations_have_the_covariance() {
        let mut rng = gan::rng::double(&[3]);
        let x = rng.normal(&[50, 2]).select(0, 0) * 3.0;
        let centred = &x - x.mean_dim([0i64].as_slice(), true, Kind::Double);
        let count = 200_000;
        let y = (rng.normal(&[count, 50]).select(0, 0) / 7.0).matmul(&centred);
        let found = y.tr().matmul(&y) / count as f64;
        let error = (found - x.tr().cov(1, None::<tch::Tensor>, None::<tch::Tensor>)).abs().max();
        assert!(error.double_value(&[]) < 0.15, "{error:?}");
    }
}
