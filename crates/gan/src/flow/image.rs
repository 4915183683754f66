//! What Real NVP adds for images: masked convolutional couplings, squeezing, factoring out.

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Affine, Bijector, Permute, no_volume, sum_features};
use crate::init::Init;
use crate::net::{ImageShape, ResNet};
use crate::params::Spec;

/// Which coordinates of an image pass a coupling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// Every second pixel, as the fields of one colour of a chess board.
    Checkerboard,
    /// The first half of the channels.
    Channels,
}

impl Mask {
    /// Returns 1 where a coordinate passes and 0 where it moves, a number for each coordinate.
    ///
    /// # Panics
    /// If an odd number of channels is to be halved.
    fn values(self, shape: ImageShape, flipped: bool) -> Vec<f32> {
        if self == Self::Channels {
            assert!(shape.channels % 2 == 0, "cannot halve {} channels", shape.channels);
        }
        let mut values = Vec::with_capacity(shape.dim() as usize);
        for c in 0..shape.channels {
            for y in 0..shape.height {
                for x in 0..shape.width {
                    let passes = match self {
                        Self::Checkerboard => (x + y) % 2 == 0,
                        Self::Channels => c < shape.channels / 2,
                    };
                    values.push(f32::from(u8::from(passes != flipped)));
                }
            }
        }
        values
    }
}

/// A coupling of images: `x = b z + (1 - b) (z exp(s(b z)) + t(b z))` with a mask `b`.
///
/// # Source
/// Dinh et al. 2016, equation 9; the released code bounds `s = c tanh(.)`, as here.
#[derive(Clone, Debug)]
pub struct MaskedCoupling {
    kind: Affine,
    mask: Vec<f32>,
    net: ResNet,
}

impl MaskedCoupling {
    /// Returns a coupling whose residual net has `width` feature maps and so many blocks. What passes and what moves
    /// change places if it is `flipped`.
    ///
    /// # Panics
    /// If an odd number of channels is to be halved.
    pub fn new(
        kind: Affine,
        shape: ImageShape,
        mask: Mask,
        flipped: bool,
        width: i64,
        blocks: usize,
    ) -> Self {
        let outputs = if kind == Affine::Affine { 2 * shape.channels } else { shape.channels };
        let net = ResNet { input: shape, width, blocks, outputs };
        Self { kind, mask: mask.values(shape, flipped), net }
    }

    fn dim(&self) -> i64 {
        self.mask.len() as i64
    }

    /// Returns what passes, where things move, and there the shift and the log scale.
    fn parts(&self, params: &[Tensor], x: &Tensor) -> (Tensor, Tensor, Tensor, Option<Tensor>) {
        let mask = Tensor::from_slice(&self.mask).to_kind(x.kind()).to_device(x.device());
        let moves = 1.0 - &mask;
        let passed = x * mask;
        let (net, bound) = params.split_at(params.len() - usize::from(self.kind == Affine::Affine));
        let outputs = self.net.forward(net, &passed);
        let shift = outputs.narrow(2, 0, self.dim()) * &moves;
        let log_scale = bound
            .first()
            .map(|bound| outputs.narrow(2, self.dim(), self.dim()).tanh() * bound * &moves);
        (passed, moves, shift, log_scale)
    }
}

impl Bijector for MaskedCoupling {
    fn specs(&self) -> Vec<Spec> {
        let mut specs = self.net.specs("net.");
        if self.kind == Affine::Affine {
            let shape = vec![1, self.dim()];
            specs.push(Spec { name: "scale_bound".into(), shape, init: Init::Zeros });
        }
        specs
    }

    fn forward_and_log_det(&self, params: &[Tensor], z: &Tensor) -> (Tensor, Tensor) {
        let (passed, moves, shift, log_scale) = self.parts(params, z);
        match log_scale {
            None => (passed + moves * z + shift, no_volume(z)),
            Some(s) => (passed + moves * z * s.exp() + shift, sum_features(&s)),
        }
    }

    fn inverse_and_log_det(&self, params: &[Tensor], x: &Tensor) -> (Tensor, Tensor) {
        let (passed, moves, shift, log_scale) = self.parts(params, x);
        match log_scale {
            None => (passed + moves * x - shift, no_volume(x)),
            Some(s) => (passed + moves * (x - shift) * (-&s).exp(), -sum_features(&s)),
        }
    }
}

impl Permute {
    /// Returns the order whose inverse turns each 2 x 2 square of pixels into four channels
    /// (Dinh et al. 2016, section 3.6): from latent to data it unpacks them.
    ///
    /// # Panics
    /// If a side is odd.
    pub fn squeeze(shape: ImageShape) -> Self {
        let ImageShape { channels, height, width } = shape;
        assert!(height % 2 == 0 && width % 2 == 0, "cannot squeeze {height} x {width} pixels");
        let mut squeezed = Vec::with_capacity(shape.dim() as usize);
        for corner in 0..4 {
            for c in 0..channels {
                for y in 0..height / 2 {
                    for x in 0..width / 2 {
                        let (line, column) = (2 * y + corner / 2, 2 * x + corner % 2);
                        squeezed.push((c * height + line) * width + column);
                    }
                }
            }
        }
        Self::of_inverse(squeezed)
    }
}

/// A chain on the first coordinates; the others have been factored out and pass.
///
/// # Source
/// The multi-scale architecture of Dinh et al. 2016, section 3.6.
#[derive(Debug)]
pub struct Front {
    /// Number of coordinates that go through the chain.
    pub dim: i64,
    /// From latent to data.
    pub chain: Vec<Box<dyn Bijector>>,
}

impl Front {
    fn split(&self, x: &Tensor) -> (Tensor, Tensor) {
        let rest = x.size()[2] - self.dim;
        (x.narrow(2, 0, self.dim), x.narrow(2, self.dim, rest))
    }
}

impl Bijector for Front {
    fn specs(&self) -> Vec<Spec> {
        super::chain_specs(&self.chain)
    }

    fn forward_and_log_det(&self, params: &[Tensor], z: &Tensor) -> (Tensor, Tensor) {
        let (front, rest) = self.split(z);
        let (moved, log_det) = super::forward_and_log_det(&self.chain, params, &front);
        (Tensor::cat(&[moved, rest], 2), log_det)
    }

    fn forward(&self, params: &[Tensor], z: &Tensor) -> Tensor {
        let (front, rest) = self.split(z);
        Tensor::cat(&[super::forward(&self.chain, params, &front), rest], 2)
    }

    fn inverse_and_log_det(&self, params: &[Tensor], x: &Tensor) -> (Tensor, Tensor) {
        let (front, rest) = self.split(x);
        let (moved, log_det) = super::inverse_and_log_det(&self.chain, params, &front);
        (Tensor::cat(&[moved, rest], 2), log_det)
    }

    fn start_from_data(&self, params: &[Tensor], x: &Tensor) {
        super::start_from_data(&self.chain, params, &self.split(x).0);
    }

    fn mixes_samples(&self) -> bool {
        super::mixes_samples(&self.chain)
    }
}

/// `x = z exp(s) + t` with one pair for each channel, which can start so that a batch of data comes out
/// with mean 0 and variance 1 on the latent side ([`super::Flow::start_from_data`]).
///
/// # Source
/// Kingma and Dhariwal, *Glow*, 2018, section 3.1.
#[derive(Clone, Copy, Debug)]
pub struct ActNorm {
    /// What goes through; a row of `n` numbers without an image is `n` channels of one pixel.
    pub shape: ImageShape,
}

impl ActNorm {
    /// Returns a number for each channel as one for each coordinate, `[members, 1, dim]`.
    fn spread(&self, per_channel: &Tensor) -> Tensor {
        per_channel.repeat_interleave_self_int(self.pixels(), 2, None::<i64>)
    }

    fn pixels(&self) -> i64 {
        self.shape.height * self.shape.width
    }
}

impl Bijector for ActNorm {
    fn specs(&self) -> Vec<Spec> {
        ["log_scale", "shift"]
            .map(|name| Spec {
                name: name.into(),
                shape: vec![1, self.shape.channels],
                init: Init::Zeros,
            })
            .into()
    }

    fn forward_and_log_det(&self, params: &[Tensor], z: &Tensor) -> (Tensor, Tensor) {
        let (scale, shift) = (self.spread(&params[0].exp()), self.spread(&params[1]));
        (z * scale + shift, sum_features(&params[0]) * self.pixels() as f64)
    }

    fn inverse_and_log_det(&self, params: &[Tensor], x: &Tensor) -> (Tensor, Tensor) {
        let (scale, shift) = (self.spread(&(-&params[0]).exp()), self.spread(&params[1]));
        ((x - shift) * scale, -(sum_features(&params[0]) * self.pixels() as f64))
    }

    fn start_from_data(&self, params: &[Tensor], x: &Tensor) {
        let _guard = tch::no_grad_guard();
        let size = x.size();
        let channels = x.reshape([size[0], size[1], self.shape.channels, self.pixels()]);
        let (variance, mean) = channels.var_mean_dim([1i64, 3].as_slice(), true, true);
        let log_scale = (variance.squeeze_dim(3) + 1e-12).log() * 0.5;
        params[0].shallow_clone().copy_(&log_scale);
        params[1].shallow_clone().copy_(&mean.squeeze_dim(3));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::flow::Coupling;

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 4, width: 4 };

    #[test]
    fn a_chain_mixes_samples_where_a_coupling_in_it_does() {
        let front = |coupling: Coupling| Front { dim: 2, chain: vec![Box::new(coupling)] };
        let coupling = || Coupling::new(Affine::Additive, 2, true, &[4]);
        assert!(!front(coupling()).mixes_samples());
        assert!(front(coupling().with_batch_statistics()).mixes_samples());
    }

    #[test]
    fn squeezing_collects_squares() {
        let pixels: Vec<f64> = (0..16).map(f64::from).collect();
        let x = Tensor::from_slice(&pixels).reshape([1, 1, 16]);
        let squeezed = to_vec(&Permute::squeeze(SHAPE).inverse_and_log_det(&[], &x).0);
        // Channels are the corners of the squares: upper left, upper right, lower left, lower right.
        assert_eq!(&squeezed[..8], [0.0, 2.0, 8.0, 10.0, 1.0, 3.0, 9.0, 11.0]);
    }

    #[test]
    fn masks_pass_half() {
        let board = Mask::Checkerboard.values(SHAPE, false);
        assert_eq!(&board[..8], [1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0]);
        let flipped = Mask::Checkerboard.values(SHAPE, true);
        assert!(board.iter().zip(&flipped).all(|(a, b)| (a + b - 1.0).abs() < 1e-9));
        let two = ImageShape { channels: 2, height: 1, width: 2 };
        assert_eq!(Mask::Channels.values(two, false), [1.0, 1.0, 0.0, 0.0]);
    }
}
