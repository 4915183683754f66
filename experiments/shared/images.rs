//! Images that training loops and measures draw.

use std::path::Path;

use gan::Rng;
use gan::data::images::{ImageSet, Labelled, Split};
use gan::flow::dequantise;
use tch::Tensor;

/// The images of one split of a set.
pub struct Images {
    /// The set.
    pub set: ImageSet,
    /// Grey values, `[images, pixels]`.
    pub pixels: Tensor,
    /// Classes, `[images]`.
    pub labels: Tensor,
}

impl Images {
    /// Reads a split onto the device of the streams.
    ///
    /// # Panics
    /// If a file of the set is missing or damaged; `prepare` has looked before.
    pub fn load(set: ImageSet, split: Split, data_dir: &Path, root: &Rng) -> Self {
        let device = root.options().1;
        let Labelled { pixels, labels } =
            set.load(data_dir, split).unwrap_or_else(|error| panic!("{error}"));
        Self { set, pixels: pixels.to_device(device), labels: labels.to_device(device) }
    }

    /// Returns random images with fresh noise between their grey values, `[members, count, pixels]` inside the unit
    /// interval.
    pub fn batch(&self, rng: &mut Rng, count: i64) -> Tensor {
        let index = rng.index(self.pixels.size()[0], count).flatten(0, -1);
        let rows = self.pixels.index_select(0, &index);
        dequantise(&rows.reshape([rng.members(), count, -1]), self.set.levels(), rng)
    }
}
