//! Convolutional networks over images that are rows: `[members, batch, channels * height * width]`.

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Activation, Net};
use crate::init::Init;
use crate::params::Spec;
use crate::{Mlp, Params, Rng};

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

    /// Returns the shape of images whose sides are divided by `factor`.
    ///
    /// # Panics
    /// If it divides a side with a remainder.
    pub fn shrunk(self, factor: i64) -> Self {
        assert!(self.height % factor == 0 && self.width % factor == 0, "{self:?} by {factor}");
        Self { height: self.height / factor, width: self.width / factor, ..self }
    }

    /// Returns images whose pixels are means of `factor * factor` ones, `[members, batch, ..]`.
    pub fn shrink(self, x: &Tensor, factor: i64) -> Tensor {
        if factor == 1 {
            return x.shallow_clone();
        }
        let (size, shrunk) = (x.size(), self.shrunk(factor));
        let blocks = [-1, shrunk.height, factor, shrunk.width, factor];
        x.reshape(blocks).mean_dim([2i64, 4].as_slice(), false, None::<tch::Kind>).reshape([
            size[0],
            size[1],
            shrunk.dim(),
        ])
    }

    /// Returns rows as maps whose members lie side by side, `[batch, members * channels, height, width]`.
    fn maps(self, x: &Tensor) -> Tensor {
        let (members, batch) = (x.size()[0], x.size()[1]);
        let images = x.reshape([members, batch, self.channels, self.height, self.width]);
        images.transpose(0, 1).reshape([batch, members * self.channels, self.height, self.width])
    }

    /// Returns maps as rows again: the inverse of [`ImageShape::maps`].
    fn rows(self, maps: &Tensor) -> Tensor {
        let (batch, members) = (maps.size()[0], maps.size()[1] / self.channels);
        maps.reshape([batch, members, self.dim()]).transpose(0, 1)
    }
}

/// One convolution with a bias; members are groups, so that a stack is one call.
fn convolve(maps: &Tensor, views: &[Tensor], stride: i64) -> Tensor {
    let size = views[0].size(); // [members, outputs, inputs, kernel, kernel]
    let weight = views[0].reshape([size[0] * size[1], size[2], size[3], size[4]]);
    let bias = views[1].reshape([size[0] * size[1]]);
    let padding = (size[3] - 1) / 2;
    maps.conv2d(&weight, Some(&bias), [stride; 2], [padding; 2], [1; 2], size[0])
}

/// What follows a convolution to keep its numbers in range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// Nothing.
    None,
    /// Layer norm (Ba et al. 2016) over channels and pixels, after the activation.
    Layer,
    /// Batch norm (Ioffe and Szegedy 2015) with the present batch's statistics, always: before the activation,
    /// and not after the first convolution of a critic (Radford et al. 2015). What comes out for one image
    /// then depends on the others, so that a penalty per image is no longer one (Gulrajani et al. 2017, section
    /// 4).
    Batch,
}

impl Norm {
    /// A logarithm of the gain and a shift for each channel.
    fn specs(self, name: &str, channels: i64) -> Vec<Spec> {
        let spec = |part| Spec {
            name: format!("{name}.norm.{part}"),
            shape: vec![channels, 1, 1],
            init: Init::Zeros,
        };
        if self == Self::None { Vec::new() } else { ["log_gain", "shift"].map(spec).into() }
    }
}

/// Batch norm: every channel of every member to mean 0 and variance 1 over batch and pixels, then a gain and a
/// shift.
fn batch_normalised(maps: &Tensor, log_gain: &Tensor, shift: &Tensor) -> Tensor {
    let (gain, shift) = (log_gain.exp().flatten(0, -1), shift.flatten(0, -1));
    // No running statistics; the fraction that they would move by is of no use then.
    maps.batch_norm(Some(gain), Some(shift), None, None, true, 0.0, 1e-5, false)
}

/// Layer norm: every image of every member to mean 0 and variance 1, then a gain and a shift per channel.
fn normalised(maps: &Tensor, log_gain: &Tensor, shift: &Tensor) -> Tensor {
    let (size, members) = (maps.size(), log_gain.size()[0]);
    let x = maps.reshape([size[0], members, size[1] / members, size[2], size[3]]);
    let (variance, mean) = x.var_mean_dim([2i64, 3, 4].as_slice(), false, true);
    ((x - mean) / (variance + 1e-5).sqrt() * log_gain.exp() + shift).reshape(size)
}

/// The weight and the bias of a convolution; `start` is the weight's, where it is not PyTorch's default.
fn specs(name: &str, [inputs, outputs, kernel]: [i64; 3], start: Option<Init>) -> [Spec; 2] {
    let default = Init::PyTorchDefault { fan_in: inputs * kernel * kernel };
    let (weight, bias) = start.map_or((default, default), |init| (init, Init::Zeros));
    [
        Spec {
            name: format!("{name}.weight"),
            shape: vec![outputs, inputs, kernel, kernel],
            init: weight,
        },
        Spec { name: format!("{name}.bias"), shape: vec![outputs], init: bias },
    ]
}

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

    /// The shape after the convolutions; a stride of two rounds up.
    fn output(&self) -> ImageShape {
        let halved = |side: i64| self.maps.iter().fold(side, |side, _| (side + 1) / 2);
        let channels = *self.widths().last().expect("there is the input");
        ImageShape { channels, height: halved(self.input.height), width: halved(self.input.width) }
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
            h = convolve(&h, take(2), 2);
            if norm == Norm::Batch {
                let gain = take(2);
                h = batch_normalised(&h, &gain[0], &gain[1]);
            }
            h = self.activation.apply(h);
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
}

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
            h = deconvolve(&h, take(2), pair[1]);
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

/// One transposed convolution with a bias and a stride of two to maps of a given size; members are groups.
fn deconvolve(maps: &Tensor, views: &[Tensor], to: ImageShape) -> Tensor {
    let size = views[0].size(); // [members, inputs, outputs, kernel, kernel]
    let weight = views[0].reshape([size[0] * size[1], size[2], size[3], size[4]]);
    let bias = views[1].reshape([size[0] * size[2]]);
    let padding = (size[3] - 1) / 2;
    let from = maps.size();
    // A stride of two makes 2 n - 1 lines of n.
    let more = [to.height - (2 * from[2] - 1), to.width - (2 * from[3] - 1)];
    maps.conv_transpose2d(&weight, Some(&bias), [2; 2], [padding; 2], more, size[0], [1; 2])
}

/// The residual network inside a coupling of images: 3 x 3 convolutions that keep the size.
///
/// # Source
/// Dinh et al. 2016, section 3.6, without batch norm and weight norm.
#[derive(Clone, Debug)]
pub struct ResNet {
    /// What comes in.
    pub input: ImageShape,
    /// Feature maps inside.
    pub width: i64,
    /// Residual blocks of two convolutions.
    pub blocks: usize,
    /// Feature maps that come out, from a 1 x 1 convolution that starts near zero.
    pub outputs: i64,
}

impl ResNet {
    /// Returns the parameters that this architecture needs, `prefix` before their names.
    pub fn specs(&self, prefix: &str) -> Vec<Spec> {
        let inner = |name: String| specs(&name, [self.width, self.width, 3], None);
        let mut all =
            specs(&format!("{prefix}in"), [self.input.channels, self.width, 3], None).to_vec();
        for block in 0..self.blocks {
            all.extend(inner(format!("{prefix}block{block}.0")));
            all.extend(inner(format!("{prefix}block{block}.1")));
        }
        let last = Some(Init::Normal(1e-3));
        all.extend(specs(&format!("{prefix}out"), [self.width, self.outputs, 1], last));
        all
    }

    /// Returns the output, `[members, batch, outputs * height * width]`, for views of
    /// [`ResNet::specs`].
    ///
    /// # Panics
    /// If there are fewer views.
    pub fn forward(&self, views: &[Tensor], x: &Tensor) -> Tensor {
        let mut layers = views.chunks_exact(2);
        let mut next = |h: &Tensor| convolve(h, layers.next().expect("views of these specs"), 1);
        let mut h = next(&self.input.maps(x));
        for _ in 0..self.blocks {
            let inner = next(&h.relu());
            h += next(&inner.relu());
        }
        let out = next(&h.relu());
        ImageShape { channels: self.outputs, ..self.input }.rows(&out)
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

    /// So it is with a generator, whose images have the size that was asked for, odd sides too.
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

    #[test]
    fn a_batch_norm_leaves_mean_zero_and_variance_one_per_channel() {
        let maps = double(&[0]).normal(&[7, 6, 3, 5]).squeeze_dim(0) * 4.0 + 2.0;
        let zero = Tensor::zeros([2, 3, 1, 1], (tch::Kind::Double, tch::Device::Cpu));
        let x = batch_normalised(&maps, &zero, &zero);
        let (variance, mean) = x.var_mean_dim([0i64, 2, 3].as_slice(), false, false);
        assert!(to_vec(&mean).iter().all(|m| m.abs() < 1e-12));
        assert!(to_vec(&variance).iter().all(|v| (v - 1.0).abs() < 1e-4));
    }

    #[test]
    fn a_layer_norm_leaves_mean_zero_and_variance_one() {
        let maps = double(&[0]).normal(&[7, 6, 3, 5]).squeeze_dim(0) * 4.0 + 2.0;
        let zero = Tensor::zeros([2, 3, 1, 1], (tch::Kind::Double, tch::Device::Cpu));
        let x = normalised(&maps, &zero, &zero).reshape([7, 2, 45]);
        let (variance, mean) = x.var_mean_dim([2i64].as_slice(), false, false);
        assert!(to_vec(&mean).iter().all(|m| m.abs() < 1e-12));
        assert!(to_vec(&variance).iter().all(|v| (v - 1.0).abs() < 1e-4));
    }

    /// With all weights zero but an identity in the middle of the outer kernels, the net is `relu(x)`.
    #[test]
    fn a_residual_net_without_residue_passes_what_is_positive() {
        let net = ResNet { input: SHAPE, width: 2, blocks: 2, outputs: 2 };
        let mut params = Params::init(net.specs(""), &mut double(&[0]));
        params.set(&params.flat().zeros_like());
        let views = params.views();
        let _guard = tch::no_grad_guard();
        for channel in 0..2 {
            let centre = |view: &Tensor, at: i64| {
                let _ = view
                    .select(1, channel)
                    .select(1, channel)
                    .select(1, at)
                    .select(1, at)
                    .fill_(1.0);
            };
            centre(&views[0], 1);
            centre(&views[views.len() - 2], 0);
        }
        let x = double(&[3]).normal(&[2, SHAPE.dim()]);
        assert_eq!(to_vec(&net.forward(views, &x)), to_vec(&x.relu()));
    }
}
