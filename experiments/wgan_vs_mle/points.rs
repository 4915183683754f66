//! The points to learn: where minibatches come from, and what is held out.

use std::path::Path;

use gan::data::images::{Labelled, Split};
use gan::data::{GaussianMixture, Target};
use gan::flow::{Affine, Base, Flow, dequantise};
use gan::{Net, Params, Rng};
use tch::Tensor;

use crate::config::Data;
use crate::shape::FlowShape;

/// A source of points for every member of a stack.
pub(crate) enum Source {
    /// Images that train, levels 0 to `levels`.
    Images {
        /// `[images, dim]`.
        pixels: Tensor,
        /// Number of grey values.
        levels: i64,
    },
    /// A distribution on the plane.
    Plane(Box<dyn Target>),
}

impl Source {
    /// Returns a fresh minibatch, `[members, count, dim]`; images are dequantised.
    pub(crate) fn batch(&self, rng: &mut Rng, count: i64) -> Tensor {
        match self {
            Self::Plane(target) => target.sample(rng, count),
            Self::Images { pixels, levels } => {
                let index = rng.index(pixels.size()[0], count);
                let rows = pixels.index_select(0, &index.flatten(0, -1));
                dequantise(&rows.reshape([rng.members(), count, -1]), *levels, rng)
            }
        }
    }
}

/// Everything that a run reads.
pub(crate) struct Points {
    /// Where minibatches come from.
    pub(crate) source: Source,
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
    /// Reads or draws the points; the same held-out images for every seed, with noise of its own.
    pub(crate) fn of(data: Data, training_images: i64, data_dir: &Path, root: &Rng) -> Self {
        let eval = root.fork("held out");
        let Some(set) = data.images() else {
            let source = Source::Plane(plane(data, root));
            let draw = |label: &str| source.batch(&mut eval.fork(label), CRITIC_SPLIT);
            let (train, validation, test) = (draw("train"), draw("validation"), draw("test"));
            return Self { source, train, validation, test, test_labels: None };
        };
        let load = |split| match set.load(data_dir, split) {
            Ok(Labelled { pixels, labels }) => {
                (pixels.to_device(root.options().1), labels.to_device(root.options().1))
            }
            Err(error) => panic!("{error}"),
        };
        let ((all, _), (test, test_labels)) = (load(Split::Train), load(Split::Test));
        let first = data.training_images();
        let held = |pixels: &Tensor, label: &str, most: i64| {
            let count = most.min(pixels.size()[0]);
            let rows = pixels.narrow(0, 0, count).unsqueeze(0);
            let rows = rows.expand([root.members(), count, -1], false);
            dequantise(&rows, set.levels(), &mut eval.fork(label))
        };
        let pixels = all.narrow(0, 0, training_images);
        let after = all.narrow(0, first, all.size()[0] - first);
        let test_count = CRITIC_SPLIT.min(test.size()[0]);
        Self {
            train: held(&pixels, "train", CRITIC_SPLIT),
            validation: held(&after, "validation", 2 * CRITIC_SPLIT),
            test: held(&test, "test", CRITIC_SPLIT),
            test_labels: Some(test_labels.narrow(0, 0, test_count)),
            source: Source::Images { pixels, levels: set.levels() },
        }
    }

    /// Returns the true log density of points of the plane, nats.
    pub(crate) fn true_log_prob(&self, x: &Tensor) -> Option<Tensor> {
        match &self.source {
            Source::Plane(target) => Some(target.log_prob(x)),
            Source::Images { .. } => None,
        }
    }
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
        let flow = shape.build(Data::Teacher);
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
