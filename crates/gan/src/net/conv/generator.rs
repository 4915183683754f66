//! Generators of images.

use tch::Tensor;

use super::norm::{batch_normalised, normalised};
use super::{ImageShape, Norm, deconvolve};
use crate::init::Init;
use crate::net::{Activation, Net};
use crate::params::Spec;
use crate::{Mlp, Params, Rng};

/// A dense layer and transposed convolutions on top: a generator of images, whose pixels are in (-1, 1) by a
/// hyperbolic tangent.
///
/// # Source
/// Radford et al. 2015 (DCGAN).
#[derive(Clone, Debug)]
pub struct DeconvGenerator {
    /// Numbers of a latent.
    pub latent: i64,
    /// Feature maps that the dense layer makes, and after each transposed convolution but the last; each has a
    /// stride of two.
    pub maps: Vec<i64>,
    /// Side of the kernels, odd.
    pub kernel: i64,
    /// What comes out.
    pub output: ImageShape,
    /// What follows each layer but the last.
    pub norm: Norm,
}

impl DeconvGenerator {
    /// The shape before each transposed convolution, and at the end.
    fn shapes(&self) -> Vec<ImageShape> {
        let layers = self.maps.len();
        let halved = |side: i64, times: usize| (0..times).fold(side, |side, _| (side + 1) / 2);
        let shape = |(i, channels): (usize, &i64)| ImageShape {
            channels: *channels,
            height: halved(self.output.height, layers - i),
            width: halved(self.output.width, layers - i),
        };
        self.maps.iter().enumerate().map(shape).chain([self.output]).collect()
    }
}

impl Net for DeconvGenerator {
    fn init(&self, rng: &mut Rng) -> Params {
        let shapes = self.shapes();
        let mut all = Mlp::new(&[self.latent, shapes[0].dim()], Activation::Relu).specs("in.");
        all.extend(self.norm.specs("in", shapes[0].channels));
        for (i, pair) in shapes.windows(2).enumerate() {
            let (inputs, outputs) = (pair[0].channels, pair[1].channels);
            let name = format!("deconv{i}");
            let init = Init::PyTorchDefault { fan_in: outputs * self.kernel * self.kernel };
            let weight = vec![inputs, outputs, self.kernel, self.kernel];
            all.push(Spec { name: format!("{name}.weight"), shape: weight, init });
            all.push(Spec { name: format!("{name}.bias"), shape: vec![outputs], init });
            if i + 2 < shapes.len() {
                all.extend(self.norm.specs(&name, outputs));
            }
        }
        Params::init(all, rng)
    }

    fn apply(&self, params: &Params, z: &Tensor) -> Tensor {
        let shapes = self.shapes();
        let mut views = params.views();
        let mut take = |count: usize| {
            let (layer, rest) = views.split_at(count);
            views = rest;
            layer
        };
        let norm = |h: Tensor, gain: &[Tensor]| match self.norm {
            Norm::None => h.relu(),
            Norm::Batch => batch_normalised(&h, &gain[0], &gain[1]).relu(),
            Norm::Layer => normalised(&h.relu(), &gain[0], &gain[1]),
        };
        let gains = if self.norm == Norm::None { 0 } else { 2 };
        let dense = Mlp::new(&[self.latent, shapes[0].dim()], Activation::Relu);
        let mut h = norm(shapes[0].maps(&dense.forward(take(2), z)), take(gains));
        for (i, pair) in shapes.windows(2).enumerate() {
            let layer = take(2);
            h = deconvolve(&h, &layer[0], Some(&layer[1]), pair[1]);
            if i + 2 < shapes.len() {
                h = norm(h, take(gains));
            }
        }
        self.output.rows(&h).tanh()
    }

    fn mixes_samples(&self) -> bool {
        self.norm == Norm::Batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::double;

    /// A member of a stack gives what it gives alone; images have the size that was asked for, odd sides too.
    #[test]
    fn members_of_a_generator_do_not_touch_each_other() {
        for norm in [Norm::None, Norm::Layer, Norm::Batch] {
            let output = ImageShape { channels: 2, height: 7, width: 6 };
            let net = DeconvGenerator { latent: 3, maps: vec![4, 5], kernel: 5, output, norm };
            let (stack, solo) = (net.init(&mut double(&[0, 1])), net.init(&mut double(&[1])));
            let (z, own) = (double(&[5, 6]).normal(&[9, 3]), double(&[6]).normal(&[9, 3]));
            let (stacked, alone) = (net.apply(&stack, &z), net.apply(&solo, &own));
            assert_eq!(stacked.size(), [2, 9, 2 * 7 * 6]);
            assert!(stacked.narrow(0, 1, 1).allclose(&alone, 1e-12, 1e-12, false));
        }
    }
}
