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
    /// Whether a layer norm (Ba et al. 2016) over channels and pixels, with a gain and a shift for each
    /// channel, follows the function after each convolution.
    pub layer_norm: bool,
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

    fn head(&self) -> Mlp {
        Mlp::new(&[&[self.output().dim()], &self.dense[..]].concat(), self.activation)
    }

    /// Returns the parameters that this architecture needs, `prefix` before their names.
    pub fn specs(&self, prefix: &str) -> Vec<Spec> {
        let widths = self.widths();
        let convolution = |(i, pair): (usize, &[i64])| {
            let name = format!("{prefix}conv{i}");
            let mut layer = specs(&name, [pair[0], pair[1], self.kernel], None).to_vec();
            if self.layer_norm {
                layer.extend(["log_gain", "shift"].map(|part| Spec {
                    name: format!("{name}.norm.{part}"),
                    shape: vec![pair[1], 1, 1],
                    init: Init::Zeros,
                }));
            }
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
        let each = if self.layer_norm { 4 } else { 2 };
        let (convolutions, head) = views.split_at(each * self.maps.len());
        let mut h = self.input.maps(x);
        for layer in convolutions.chunks_exact(each) {
            h = self.activation.apply(convolve(&h, layer, 2));
            if let [_, _, log_gain, shift] = layer {
                h = normalised(&h, log_gain, shift);
            }
        }
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
        for layer_norm in [false, true] {
            let cnn = Cnn {
                input: SHAPE,
                maps: vec![3, 4],
                kernel: 5,
                dense: vec![6, 1],
                activation: Activation::LeakyRelu(0.2),
                layer_norm,
            };
            let (stack, solo) = (cnn.init(&mut double(&[0, 1])), cnn.init(&mut double(&[1])));
            let (x, y) = (double(&[5, 6]).normal(&[3, 40]), double(&[6]).normal(&[3, 40]));
            let (stacked, alone) = (cnn.apply(&stack, &x), cnn.apply(&solo, &y));
            assert_eq!(stacked.size(), [2, 3, 1]);
            assert!(stacked.narrow(0, 1, 1).allclose(&alone, 1e-12, 1e-12, false));
        }
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
