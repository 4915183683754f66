//! A small classifier, trained on a set of images, whose features and classes score samples.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use gan::data::images::{ImageSet, Labelled, Split};
use gan::flow::dequantise;
use gan::metric::Moments;
use gan::net::{Cnn, ImageShape, Norm};
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Net, Params, Rng};
use tch::{Kind, Tensor};

/// Widths of the hidden layers; the last holds the features.
const HIDDEN: [i64; 2] = [128, 32];
const CLASSES: i64 = 10;
const BATCH: i64 = 100;

/// What a classifier is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Purpose {
    /// Its features and classes are compared: dense on grey images.
    Scores,
    /// Its classes are counted, so it should err on few images: convolutional.
    Counts,
}

impl Purpose {
    fn steps(self) -> u64 {
        match self {
            Self::Scores => 1_500,
            Self::Counts => 3_000,
        }
    }

    /// The name of its random streams.
    fn stream(self) -> &'static str {
        match self {
            Self::Scores => "classifier",
            Self::Counts => "counting classifier",
        }
    }
}

/// The network: a body whose outputs, cut at zero, are the features, and a linear head.
struct Network {
    body: Cnn,
    head: Mlp,
}

impl Network {
    fn new(input: ImageShape, purpose: Purpose) -> Self {
        let (maps, kernel) = match purpose {
            Purpose::Scores if input.channels == 1 => (vec![], 3),
            // Colour images want convolutions.
            Purpose::Scores => (vec![32, 64, 128], 3),
            Purpose::Counts => (vec![16, 32], 5),
        };
        let body = Cnn {
            input,
            maps,
            kernel,
            dense: HIDDEN.to_vec(),
            activation: Activation::Relu,
            norm: Norm::None,
        };
        Self { body, head: Mlp::new(&[HIDDEN[1], CLASSES], Activation::Relu) }
    }

    /// The views of the body and of the head.
    fn split<'a>(&self, params: &'a Params) -> (&'a [Tensor], &'a [Tensor]) {
        params.views().split_at(self.body.specs("").len())
    }

    fn features(&self, params: &Params, x: &Tensor) -> Tensor {
        self.body.forward(self.split(params).0, x).relu()
    }

    fn logits(&self, params: &Params, features: &Tensor) -> Tensor {
        self.head.forward(self.split(params).1, features)
    }
}

impl Net for Network {
    fn init(&self, rng: &mut Rng) -> Params {
        Params::init([self.body.specs("body."), self.head.specs("head.")].concat(), rng)
    }

    fn apply(&self, params: &Params, x: &Tensor) -> Tensor {
        self.logits(params, &self.features(params, x))
    }
}

/// The trained classifier and what it makes of the test images.
pub struct Classifier {
    network: Network,
    params: Params,
}

/// Parameters of the classifiers that this process has trained: the same for every cell, since they depend
/// on the data set alone.
static TRAINED: LazyLock<Mutex<Trained>> = LazyLock::new(Mutex::default);

/// Parameters by set, shrinking and purpose.
type Trained = HashMap<(ImageSet, i64, Purpose), Arc<Vec<f32>>>;

impl Classifier {
    /// Returns the classifier of a set shrunk by a factor, which the first caller trains.
    ///
    /// # Panics
    /// If a file of the set is missing or damaged; `prepare` has looked before.
    pub fn of(set: ImageSet, shrink: i64, data_dir: &Path, root: &Rng) -> Self {
        Self::trained(set, shrink, Purpose::Scores, data_dir, root)
    }

    /// Returns one that errs on fewer images, for counts of classes.
    ///
    /// # Panics
    /// As [`Classifier::of`].
    pub fn counting(set: ImageSet, shrink: i64, data_dir: &Path, root: &Rng) -> Self {
        Self::trained(set, shrink, Purpose::Counts, data_dir, root)
    }

    fn trained(set: ImageSet, shrink: i64, purpose: Purpose, data_dir: &Path, root: &Rng) -> Self {
        let network = Network::new(set.shape().shrunk(shrink), purpose);
        let one = Rng::new(&[0]).with(root.options()).fork(purpose.stream());
        let mut player = Player::new(network, Adam::new(1e-3, 0.9, 0.999), &mut one.fork("start"));
        let known = {
            let mut trained = TRAINED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let train = || {
                train(&mut player, purpose.steps(), (set, shrink), data_dir, &one);
                Arc::new(crate::array(player.params.flat()).to_f32())
            };
            trained.entry((set, shrink, purpose)).or_insert_with(train).clone()
        };
        let flat = Tensor::from_slice(&known).reshape(player.params.flat().size());
        player.params.set(&flat.to_device(root.options().1));
        let Player { net: network, params, .. } = player;
        Self { network, params }
    }

    /// Returns the features of images, `[members, n, 32]`.
    ///
    /// # Shapes
    /// `x`: `[members, n, pixels]` inside the unit interval.
    pub fn features(&self, x: &Tensor) -> Tensor {
        let _guard = tch::no_grad_guard();
        let size = x.size();
        let rows = x.reshape([1, size[0] * size[1], size[2]]);
        self.network.features(&self.params, &rows).reshape([size[0], size[1], -1])
    }

    /// Returns the class probabilities of images, `[members, n, 10]`.
    pub fn probabilities(&self, x: &Tensor) -> Tensor {
        let _guard = tch::no_grad_guard();
        let features = self.features(x);
        let rows = features.reshape([1, -1, HIDDEN[1]]);
        let logits = self.network.logits(&self.params, &rows);
        logits.softmax(2, None::<Kind>).reshape([x.size()[0], x.size()[1], CLASSES])
    }

    /// Returns the share of images of each member that the classifier gives these labels, `[members]`.
    ///
    /// # Shapes
    /// `labels`: `[n]`.
    pub fn agreement(&self, x: &Tensor, labels: &Tensor) -> Tensor {
        let right = self.probabilities(x).argmax(2, false).eq_tensor(labels);
        right.to_kind(Kind::Double).mean_dim([1i64].as_slice(), false, None::<Kind>)
    }

    /// Returns the squared Frechet distance of samples to other images in the features, `[members]`.
    pub fn frechet(&self, samples: &Tensor, to: &Moments) -> Tensor {
        Moments::of(&self.features(samples)).frechet(to)
    }
}

fn train(
    player: &mut Player<Network>,
    steps: u64,
    (set, shrink): (ImageSet, i64),
    data_dir: &Path,
    rng: &Rng,
) {
    let Labelled { pixels, labels } = match set.load(data_dir, Split::Train) {
        Ok(labelled) => labelled,
        Err(error) => panic!("{error}"),
    };
    let device = rng.options().1;
    let (pixels, labels) = (pixels.to_device(device), labels.to_device(device));
    let mut draws = rng.fork("batches");
    for _ in 0..steps {
        let index = draws.index(pixels.size()[0], BATCH).flatten(0, -1);
        let rows = pixels.index_select(0, &index).unsqueeze(0);
        let x = set.shape().shrink(&dequantise(&rows, set.levels(), &mut draws), shrink);
        let wanted = labels.index_select(0, &index).reshape([1, BATCH, 1]);
        let log_probabilities = player.apply(&x).log_softmax(2, None::<Kind>);
        let loss = -log_probabilities.gather(2, &wanted, false);
        player.descend(&loss.mean_dim([1i64, 2].as_slice(), false, None::<Kind>));
    }
}
