//! Convolutional networks over images that are rows: `[members, batch, channels * height * width]`.

mod blocks;
mod cnn;
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
fn convolve(maps: &Tensor, views: &[Tensor], stride: i64) -> Tensor {
    let size = views[0].size(); // [members, outputs, inputs, kernel, kernel]
    let weight = views[0].reshape([size[0] * size[1], size[2], size[3], size[4]]);
    let bias = views[1].reshape([size[0] * size[1]]);
    if stride == 2 && size[2] <= blocks::FEW {
        return blocks::convolve(maps, &weight, &bias, size[0]);
    }
    let padding = (size[3] - 1) / 2;
    maps.conv2d(&weight, Some(&bias), [stride; 2], [padding; 2], [1; 2], size[0])
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
