//! The distributions to learn: where minibatches come from, and what is held out.

use std::path::Path;

use gan::data::images::{ImageSet, Split};
use gan::data::{GaussianMixture, Target};
use gan::flow::{Affine, Base, Flow, dequantise};
use gan::net::ImageShape;
use gan::{Net, Params, Rng};
use serde::{Deserialize, Serialize};
use shared::Images;
use tch::Tensor;

use crate::config::{Config, Likelihood};
use crate::flow::FlowShape;

/// A distribution to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Data {
    /// Samples of a fixed random flow: the target lies near the family.
    Teacher,
    /// Two half circles of radius 1, thickened by 0.1.
    Moons,
    /// Eight Gaussians on a circle of radius 2, standard deviation 0.1.
    EightGaussians,
    /// A circle of radius 2, thickened by 0.02.
    Circle,
    /// Digits of 8 x 8 pixels.
    Digits,
    /// Digits of 28 x 28 pixels.
    Mnist,
    /// Clothes of 28 x 28 pixels.
    FashionMnist,
    /// Animals and vehicles of 32 x 32 pixels in colour.
    Cifar10,
}

impl Data {
    /// Returns the image set, where the points are images.
    pub(crate) fn images(self) -> Option<ImageSet> {
        match self {
            Self::Digits => Some(ImageSet::Digits),
            Self::Mnist => Some(ImageSet::Mnist),
            Self::FashionMnist => Some(ImageSet::FashionMnist),
            Self::Cifar10 => Some(ImageSet::Cifar10),
            _ => None,
        }
    }

    /// Returns the shape of an image, where the points are images.
    pub(crate) fn image(self) -> Option<ImageShape> {
        self.images().map(ImageSet::shape)
    }

    /// Returns the shape of a point; on the plane that of a line of two pixels.
    pub(crate) fn shape(self) -> ImageShape {
        let plane = ImageShape { channels: 1, height: 1, width: 2 };
        self.image().unwrap_or(plane)
    }

    /// Returns how many images there are to train with, those behind them validating.
    pub(crate) fn training_images(self) -> i64 {
        match self {
            Self::Digits => 1_000,
            Self::Mnist | Self::FashionMnist => 50_000,
            Self::Cifar10 => 45_000,
            _ => 0,
        }
    }

    /// Returns the number of coordinates.
    pub(crate) fn dim(self) -> i64 {
        self.shape().dim()
    }

    /// Returns the meaning of log-likelihoods of these points.
    pub(crate) fn likelihood(self) -> Likelihood {
        let density_space = match self.images() {
            None => "points of the plane".into(),
            Some(set) => format!("pixels (k + u) / {} in [0, 1]^{}", set.levels(), self.dim()),
        };
        let offset_bits = self.images().map(|set| (set.levels() as f64).log2());
        Likelihood { density_space, unit: "nats per point".into(), offset_bits }
    }
}

/// Where the minibatches of a run come from.
pub(crate) enum Sampler {
    /// The images that train.
    Images(Images),
    /// A distribution on the plane.
    Plane(Box<dyn Target>),
}

impl Sampler {
    /// Returns a fresh minibatch, `[members, count, dim]`; images are dequantised.
    pub(crate) fn batch(&self, rng: &mut Rng, count: i64) -> Tensor {
        match self {
            Self::Images(images) => images.batch(rng, count),
            Self::Plane(target) => target.sample(rng, count),
        }
    }
}

/// Everything that a run reads.
pub(crate) struct Points {
    /// Where minibatches come from.
    pub(crate) sampler: Sampler,
    /// Training points with noise that does not change between looks, `[members, n, dim]`.
    pub(crate) train: Tensor,
    /// Points that choose checkpoints, bandwidths and such.
    pub(crate) validation: Tensor,
    /// Points that decide.
    pub(crate) test: Tensor,
    /// The classes of the test points, of images.
    pub(crate) test_labels: Option<Tensor>,
}

/// Points of each part of an independent critic's work, where the set is large enough.
const CRITIC_SPLIT: i64 = 2_000;

impl Points {
    /// Reads or draws the points of a run; the same held-out images for every seed, with noise of its own.
    pub(crate) fn of(config: &Config, data_dir: &Path, root: &Rng) -> Self {
        let eval = root.fork("held out");
        let data = config.data;
        let Some(set) = data.images() else {
            let sampler = Sampler::Plane(plane(data, root));
            let draw = |label: &str| sampler.batch(&mut eval.fork(label), CRITIC_SPLIT);
            let (train, validation, test) = (draw("train"), draw("validation"), draw("test"));
            return Self { sampler, train, validation, test, test_labels: None };
        };
        let [all, test] =
            [Split::Train, Split::Test].map(|split| Images::load(set, split, data_dir, root));
        let first = data.training_images();
        let held = |pixels: &Tensor, label: &str, most: i64| {
            let rows = spread(pixels, most).unsqueeze(0);
            let rows = rows.expand([root.members(), -1, -1], false);
            dequantise(&rows, set.levels(), &mut eval.fork(label))
        };
        let of_training = |tensor: &Tensor| tensor.narrow(0, 0, config.training_images);
        let (pixels, labels) = (of_training(&all.pixels), of_training(&all.labels));
        let after = all.pixels.narrow(0, first, all.pixels.size()[0] - first);
        Self {
            train: held(&pixels, "train", CRITIC_SPLIT),
            validation: held(&after, "validation", 2 * CRITIC_SPLIT),
            test: held(&test.pixels, "test", CRITIC_SPLIT),
            test_labels: Some(spread(&test.labels, CRITIC_SPLIT)),
            sampler: Sampler::Images(Images { set, pixels, labels }),
        }
    }

    /// Returns the true log density of points of the plane, nats.
    pub(crate) fn true_log_prob(&self, x: &Tensor) -> Option<Tensor> {
        match &self.sampler {
            Sampler::Plane(target) => Some(target.log_prob(x)),
            Sampler::Images(_) => None,
        }
    }
}

/// At most so many rows, evenly spaced: the front of a file need not be like its end.
fn spread(rows: &Tensor, most: i64) -> Tensor {
    let all = rows.size()[0];
    let count = most.min(all);
    let stride = all / count;
    rows.slice(0, 0, count * stride, stride)
}

fn plane(data: Data, root: &Rng) -> Box<dyn Target> {
    match data {
        Data::Teacher => Box::new(Teacher::new(root)),
        Data::Moons => Box::new(GaussianMixture::moons(0.1)),
        Data::EightGaussians => Box::new(GaussianMixture::ring(8, 2.0, 0.1)),
        // So many Gaussians that their distance, 0.0123, is lost in their width.
        Data::Circle => Box::new(GaussianMixture::ring(1024, 2.0, 0.02)),
        _ => panic!("{data:?} is not on the plane"),
    }
}

/// A fixed flow as the truth, the same for every seed.
struct Teacher {
    flow: Flow,
    params: Params,
}

impl Teacher {
    fn new(root: &Rng) -> Self {
        let shape = FlowShape {
            coupling: Affine::Affine,
            couplings: 4,
            hidden: vec![32],
            residual: None,
            batch_statistics: false,
            base: Base::Normal,
            alpha: 0.0,
        };
        let flow = shape.build(None);
        let one = Rng::new(&[0]).with(root.options()).fork("teacher");
        let params = flow.init(&mut one.fork("start"));
        let moved = params.flat() + one.fork("stir").normal(&[params.count()]) * 0.3;
        let size = [root.members(), params.count()];
        let params = params.with_flat(moved.detach().expand(size, false).contiguous());
        Self { flow, params }
    }
}

impl Target for Teacher {
    fn dim(&self) -> i64 {
        2
    }

    fn sample(&self, rng: &mut Rng, count: i64) -> Tensor {
        self.flow.apply(&self.params, &self.flow.latent(rng, count))
    }

    fn log_prob(&self, x: &Tensor) -> Tensor {
        self.flow.log_prob(&self.params, x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_spread_over_all_of_them() {
        let rows = Tensor::arange(10, (tch::Kind::Int64, tch::Device::Cpu));
        let taken = |most: i64| Vec::<i64>::try_from(spread(&rows, most)).expect("whole numbers");
        assert_eq!(taken(3), [0, 3, 6]);
        assert_eq!(taken(10), taken(20));
        assert_eq!(taken(20).len(), 10);
    }
}
