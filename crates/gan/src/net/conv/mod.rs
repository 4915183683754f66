//! Convolutional networks over images that are rows: `[members, batch, channels * height * width]`.

mod blocks;
mod cnn;
mod folded;
mod generator;
mod norm;
mod residual;
mod shape;

pub use cnn::Cnn;
pub use generator::DeconvGenerator;
pub use norm::Norm;
pub use residual::ResNet;
pub use shape::ImageShape;

use tch::Tensor;

use crate::init::Init;
use crate::params::Spec;

/// One convolution with a bias; members are groups, so that a stack is one call.
///
/// # Shapes
/// `weight`: `[members, outputs, inputs, kernel, kernel]`; `bias`: `[members, outputs]`.
fn convolve(maps: &Tensor, weight: &Tensor, bias: &Tensor, stride: i64) -> Tensor {
    let size = weight.size();
    if stride == 2 && size[2] <= blocks::FEW {
        return blocks::convolve(maps, &weight.flatten(0, 1), &bias.flatten(0, 1), size[0]);
    }
    convolve_straight(maps, weight, bias, stride)
}

/// The same, never by blocks: where no derivative by the maps is asked for.
fn convolve_straight(maps: &Tensor, weight: &Tensor, bias: &Tensor, stride: i64) -> Tensor {
    let size = weight.size();
    let (weight, bias) = (weight.flatten(0, 1), bias.flatten(0, 1));
    let padding = (size[3] - 1) / 2;
    maps.conv2d(&weight, Some(&bias), [stride; 2], [padding; 2], [1; 2], size[0])
}

/// One transposed convolution with a stride of two to maps of a given size; members are groups.
///
/// # Shapes
/// `weight`: `[members, inputs, outputs, kernel, kernel]`; `bias`: `[members, outputs]`.
fn deconvolve(maps: &Tensor, weight: &Tensor, bias: Option<&Tensor>, to: ImageShape) -> Tensor {
    let size = weight.size();
    if size[2] <= blocks::FEW {
        return blocks::deconvolve(maps, weight, bias, [to.height, to.width]);
    }
    let weight = weight.flatten(0, 1);
    let padding = [(size[3] - 1) / 2; 2];
    let from = maps.size();
    // A stride of two makes 2 n - 1 lines of n.
    let more = [to.height - (2 * from[2] - 1), to.width - (2 * from[3] - 1)];
    let h = maps.conv_transpose2d(&weight, None::<Tensor>, [2; 2], padding, more, size[0], [1; 2]);
    // Apart: with a bias the library takes a slow way to the same sum.
    match bias {
        Some(bias) => h + bias.reshape([-1, 1, 1]),
        None => h,
    }
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
