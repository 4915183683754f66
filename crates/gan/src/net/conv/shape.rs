//! Images as rows and as maps.

use serde::{Deserialize, Serialize};
use tch::Tensor;

/// The shape of an image; rows hold it channel by channel, then line by line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageShape {
    /// Colours or feature maps.
    pub channels: i64,
    /// Lines.
    pub height: i64,
    /// Pixels in a line.
    pub width: i64,
}

impl ImageShape {
    /// Returns the number of numbers of an image.
    pub fn dim(self) -> i64 {
        self.channels * self.height * self.width
    }

    /// Returns whether a factor divides both sides.
    pub fn is_divided_by(self, factor: i64) -> bool {
        factor > 0 && self.height % factor == 0 && self.width % factor == 0
    }

    /// Returns the shape of images whose sides are divided by `factor`.
    ///
    /// # Panics
    /// If it divides a side with a remainder.
    pub fn shrunk(self, factor: i64) -> Self {
        assert!(self.is_divided_by(factor), "{self:?} by {factor}");
        Self { height: self.height / factor, width: self.width / factor, ..self }
    }

    /// Returns images whose pixels are means of `factor * factor` ones, `[members, batch, ..]`.
    pub fn shrink(self, x: &Tensor, factor: i64) -> Tensor {
        if factor == 1 {
            return x.shallow_clone();
        }
        let (size, shrunk) = (x.size(), self.shrunk(factor));
        x.reshape([-1, self.channels, self.height, self.width])
            .avg_pool2d([factor; 2], [factor; 2], [0; 2], false, true, None::<i64>)
            .reshape([size[0], size[1], shrunk.dim()])
    }

    /// Returns rows as maps whose members lie side by side, `[batch, members * channels, height, width]`.
    pub(super) fn maps(self, x: &Tensor) -> Tensor {
        let (members, batch) = (x.size()[0], x.size()[1]);
        let images = x.reshape([members, batch, self.channels, self.height, self.width]);
        images.transpose(0, 1).reshape([batch, members * self.channels, self.height, self.width])
    }

    /// Returns maps as rows again: the inverse of [`ImageShape::maps`].
    pub(super) fn rows(self, maps: &Tensor) -> Tensor {
        let (batch, members) = (maps.size()[0], maps.size()[1] / self.channels);
        maps.reshape([batch, members, self.dim()]).transpose(0, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;

    const SHAPE: ImageShape = ImageShape { channels: 2, height: 5, width: 4 };

    #[test]
    fn rows_and_maps_are_inverse() {
        let x = double(&[0, 1, 2]).normal(&[7, SHAPE.dim()]);
        assert_eq!(to_vec(&SHAPE.rows(&SHAPE.maps(&x))), to_vec(&x));
    }
}
