//! What keeps the numbers of feature maps in range.

use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::init::Init;
use crate::params::Spec;

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
    pub(super) fn specs(self, name: &str, channels: i64) -> Vec<Spec> {
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
pub(super) fn batch_normalised(maps: &Tensor, log_gain: &Tensor, shift: &Tensor) -> Tensor {
    let (gain, shift) = (log_gain.exp().flatten(0, -1), shift.flatten(0, -1));
    // No running statistics; the fraction that they would move by is of no use then.
    maps.batch_norm(Some(gain), Some(shift), None, None, true, 0.0, 1e-5, false)
}

/// Layer norm: every image of every member to mean 0 and variance 1, then a gain and a shift per channel.
pub(super) fn normalised(maps: &Tensor, log_gain: &Tensor, shift: &Tensor) -> Tensor {
    let (size, members) = (maps.size(), log_gain.size()[0]);
    let x = maps.reshape([size[0], members, size[1] / members, size[2], size[3]]);
    let (variance, mean) = x.var_mean_dim([2i64, 3, 4].as_slice(), false, true);
    ((x - mean) / (variance + 1e-5).sqrt() * log_gain.exp() + shift).reshape(size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;

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
}
