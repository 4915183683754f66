//! A density from points: the Parzen window, and the mixture that memorises.

use tch::Tensor;

/// Points compared with all centres at a time.
const CHUNK: i64 = 256;

/// Returns the log density in nats of each row of `x` under one round Gaussian about each centre,
/// `ln mean_j N(x; c_j, bandwidth^2)`.
///
/// With samples of a model as centres it is the Parzen window estimate of the model's density, which ranks
/// models wrongly (Theis et al. 2016, section 3.2); with training images, the mixture that memorises them.
///
/// # Shapes
/// `x`: `[members, n, dim]`; `centres`: `[members, m, dim]`; result: `[members, n]`.
pub fn kernel_log_density(x: &Tensor, centres: &Tensor, bandwidth: f64) -> Tensor {
    let dim = x.size()[2] as f64;
    let variance = bandwidth * bandwidth;
    let norm =
        (centres.size()[1] as f64).ln() + 0.5 * dim * (std::f64::consts::TAU * variance).ln();
    let lengths =
        |t: &Tensor| t.square().sum_dim_intlist([2i64].as_slice(), true, None::<tch::Kind>);
    let far = lengths(centres).transpose(1, 2);
    let of = |rows: Tensor| {
        let squared = lengths(&rows) + &far - rows.matmul(&centres.transpose(1, 2)) * 2.0;
        (squared.clamp_min(0.0) * (-0.5 / variance)).logsumexp([2i64].as_slice(), false) - norm
    };
    Tensor::cat(&x.split(CHUNK, 1).into_iter().map(of).collect::<Vec<_>>(), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{GaussianMixture, Target};
    use crate::rng::double;

    /// The density of the ring is one about its eight centres.
    #[test]
    fn equals_a_mixture_of_gaussians() {
        let ring = GaussianMixture::ring(8, 2.0, 0.3);
        let centres = Tensor::from_slice2(&ring.centres).unsqueeze(0);
        let x = double(&[0]).normal(&[300, 2]);
        let density = kernel_log_density(&x, &centres, 0.3);
        assert!(density.allclose(&ring.log_prob(&x), 1e-9, 1e-9, false));
    }
}
