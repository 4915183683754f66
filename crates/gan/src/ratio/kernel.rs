//! Ratios that are sums of Gaussian bumps.

use tch::{Kind, Tensor};

/// Gaussian kernels `exp(-|x - c|^2 / (2 h^2))` around centres.
#[derive(Debug)]
pub struct Basis {
    /// The centres, `[kernels, dim]`.
    pub centres: Tensor,
    /// The bandwidth `h`, in the unit of the points.
    pub bandwidth: f64,
}

impl Basis {
    /// Returns every kernel at every point, `[n, kernels]`.
    ///
    /// # Shapes
    /// `x`: `[n, dim]`.
    pub fn at(&self, x: &Tensor) -> Tensor {
        let squared = Tensor::cdist(x, &self.centres, 2.0, 2).square();
        (squared * (-0.5 / (self.bandwidth * self.bandwidth))).exp()
    }
}

/// A ratio `sum_k weight_k kernel_k(x)` with weights that are not negative.
#[derive(Debug)]
pub struct KernelRatio {
    /// The kernels.
    pub basis: Basis,
    /// Their weights, `[kernels]`.
    pub weights: Tensor,
}

impl KernelRatio {
    /// Returns the ratio at points, `[n]`; it is 0 far from all centres.
    ///
    /// # Shapes
    /// `x`: `[n, dim]`.
    pub fn at(&self, x: &Tensor) -> Tensor {
        self.basis.at(x).mv(&self.weights)
    }
}

/// Returns the median Euclidean distance between different rows of `x`, `[n, dim]`: the usual first guess of a
/// bandwidth.
///
/// # Panics
/// If there are fewer than two rows.
pub fn median_distance(x: &Tensor) -> f64 {
    assert!(x.size()[0] > 1, "a distance needs two points");
    x.pdist(2.0).to_kind(Kind::Double).median().double_value(&[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use approx::assert_relative_eq;

    #[test]
    fn by_hand() {
        let points = |x: &[f64]| Tensor::from_slice(x).reshape([-1, 1]);
        let basis = Basis { centres: points(&[0.0, 2.0]), bandwidth: 0.5 };
        let ratio = KernelRatio { basis, weights: Tensor::from_slice(&[3.0, 1.0]) };
        let values = to_vec(&ratio.at(&points(&[0.0, 1.0])));
        assert_relative_eq!(values[0], 3.0 + (-8.0f64).exp(), epsilon = 1e-12);
        assert_relative_eq!(values[1], 4.0 * (-2.0f64).exp(), epsilon = 1e-12);
        assert_relative_eq!(median_distance(&points(&[0.0, 1.0, 5.0])), 4.0, epsilon = 1e-12);
    }
}
