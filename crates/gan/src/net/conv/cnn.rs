//! Critics and classifiers of images.

use tch::Tensor;

use super::folded::Folded;
use super::norm::{batch_normalised, normalised};
use super::{ImageShape, Norm, convolve, specs};
use crate::net::{Activation, ClosedForm, Net, PiecewiseLinear};
use crate::params::Spec;
use crate::{Mlp, Params, Rng};

/// Strided convolutions and a perceptron on top: a critic or a classifier of images.
#[derive(Clone, Debug)]
pub struct Cnn {
    /// What comes in.
    pub input: ImageShape,
    /// Feature maps after each convolution, each with a stride of two; without any it is a perceptron.
    pub maps: Vec<i64>,
    /// Side of the kernels, odd.
    pub kernel: i64,
    /// Hidden widths of the perceptron, then the number of outputs.
    pub dense: Vec<i64>,
    /// The function after each layer but the last.
    pub activation: Activation,
    /// What follows each convolution.
    pub norm: Norm,
}

impl Cnn {
    fn widths(&self) -> Vec<i64> {
        std::iter::once(self.input.channels).chain(self.maps.iter().copied()).collect()
    }

    /// The shape of what comes in and after each convolution; a stride of two rounds up.
    pub(super) fn shapes(&self) -> Vec<ImageShape> {
        let mut shapes = vec![self.input];
        for (&channels, before) in self.maps.iter().zip(0..) {
            let ImageShape { height, width, .. } = shapes[before];
            let [height, width] = [height, width].map(|side| (side + 1) / 2);
            shapes.push(ImageShape { channels, height, width });
        }
        shapes
    }

    fn output(&self) -> ImageShape {
        self.shapes()[self.maps.len()]
    }

    /// What follows the i-th convolution.
    fn norm_of(&self, i: usize) -> Norm {
        if self.norm == Norm::Batch && i == 0 { Norm::None } else { self.norm }
    }

    fn head(&self) -> Mlp {
        Mlp::new(&[&[self.output().dim()], &self.dense[..]].concat(), self.activation)
    }

    /// Returns the parameters that this architecture needs, `prefix` before their names.
    pub fn specs(&self, prefix: &str) -> Vec<Spec> {
        let widths = self.widths();
        let convolution = |(i, pair): (usize, &[i64])| {
            let name = format!("{prefix}conv{i}");
            let mut layer = specs(&name, [pair[0], pair[1], self.kernel], None).to_vec();
            layer.extend(self.norm_of(i).specs(&name, pair[1]));
            layer
        };
        let mut all: Vec<Spec> = widths.windows(2).enumerate().flat_map(convolution).collect();
        all.extend(self.head().specs(&format!("{prefix}head.")));
        all
    }

    /// Returns the output, `[members, batch, outputs]`, for views of [`Cnn::specs`].
    pub fn forward(&self, views: &[Tensor], x: &Tensor) -> Tensor {
        if self.maps.is_empty() {
            return self.head().forward(views, x);
        }
        let mut views = views;
        let mut take = |count: usize| {
            let (layer, rest) = views.split_at(count);
            views = rest;
            layer
        };
        let mut h = self.input.maps(x);
        for i in 0..self.maps.len() {
            let norm = self.norm_of(i);
            let layer = take(2);
            h = convolve(&h, &layer[0], &layer[1], 2);
            if norm == Norm::Batch {
                let gain = take(2);
                h = batch_normalised(&h, &gain[0], &gain[1]);
            }
            h = self.activation.apply_to_maps(h);
            if norm == Norm::Layer {
                let gain = take(2);
                h = normalised(&h, &gain[0], &gain[1]);
            }
        }
        let head = views;
        self.head().forward(head, &self.output().rows(&h))
    }
}

impl Net for Cnn {
    fn init(&self, rng: &mut Rng) -> Params {
        Params::init(self.specs(""), rng)
    }

    fn apply(&self, params: &Params, x: &Tensor) -> Tensor {
        self.forward(params.views(), x)
    }

    fn mixes_samples(&self) -> bool {
        self.norm == Norm::Batch
    }

    /// Without convolutions it is its perceptron.
    fn piecewise_linear(&self) -> Option<PiecewiseLinear> {
        if self.maps.is_empty() { self.head().piecewise_linear() } else { None }
    }

    fn closed_form(&self) -> Option<Box<dyn ClosedForm>> {
        if self.maps.is_empty() {
            return Some(Box::new(self.piecewise_linear()?));
        }
        Some(Box::new(Folded::of(self)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::double;

    const SHAPE: ImageShape = ImageShape { channels: 2, height: 5, width: 4 };

    /// A member of a stack gives what it gives alone.
    #[test]
    fn members_do_not_touch_each_other() {
        for norm in [Norm::None, Norm::Layer, Norm::Batch] {
            let cnn = Cnn {
                input: SHAPE,
                maps: vec![3, 4],
                kernel: 5,
                dense: vec![6, 1],
                activation: Activation::LeakyRelu(0.2),
                norm,
            };
            let (stack, solo) = (cnn.init(&mut double(&[0, 1])), cnn.init(&mut double(&[1])));
            let (x, y) = (double(&[5, 6]).normal(&[3, 40]), double(&[6]).normal(&[3, 40]));
            let (stacked, alone) = (cnn.apply(&stack, &x), cnn.apply(&solo, &y));
            assert_eq!(stacked.size(), [2, 3, 1]);
            assert!(stacked.narrow(0, 1, 1).allclose(&alone, 1e-12, 1e-12, false));
        }
    }
}
