//! Images of a set as nets see them, what samples are scored by, and the trivial generator that they have to beat.

mod learnt;
mod metrics;
mod scene;
mod scorer;

pub use learnt::{has_learnt, learnt, learnt_beside};
pub use metrics::METRICS;
pub use scene::{LOOKS, Scene, Scores};
pub use scorer::{SAMPLES, Scorer};

use gan::Rng;
use gan::data::images::ImageSet;
use gan::net::ImageShape;
use garde::{Error, Validate};
use lab::Array;
use serde::{Deserialize, Serialize};
use tch::Tensor;

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

/// Returns the first images of a batch, one after the other, colour by colour.
pub fn picture(x: &Tensor, pictures: Pictures, count: i64) -> Array {
    let shape = pictures.shape();
    let images = ((x.select(0, 0).narrow(0, 0, count) + 1.0) * 0.5).contiguous();
    let values: Vec<f64> = array(&images).to_f32().into_iter().map(f64::from).collect();
    let shape = [count, shape.channels, shape.height, shape.width].map(|size| size as usize);
    Array::of_pictures(&shape, &values)
}
