//! Equally likely round Gaussians: the ring and the grid.

use tch::{Kind, Tensor};

use super::Target;
use crate::Rng;

/// A mixture of equally likely round Gaussians in the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianMixture {
    /// The means; a mean that is listed twice has twice the weight.
    pub centres: Vec<[f64; 2]>,
    /// The standard deviation of each coordinate.
    pub sigma: f64,
}

impl GaussianMixture {
    /// Returns `modes` Gaussians at equal angles on a circle, the first at angle 0.
    pub fn ring(modes: usize, radius: f64, sigma: f64) -> Self {
        Self { centres: circle(modes, modes as f64, radius), sigma }
    }

    /// Returns the ring of the notebook that Metz et al. published: eight equal angles of which the
    /// first and the last coincide, so that there are seven distinct modes and one has weight 2/8.
    pub fn notebook_ring(radius: f64, sigma: f64) -> Self {
        Self { centres: circle(8, 7.0, radius), sigma }
    }

    /// Returns two interleaved half circles of radius 1 (scikit-learn's `make_moons`, centred), thickened
    /// by `sigma`: Gaussians so dense on them that the density is smooth for a `sigma` above 0.02.
    pub fn moons(sigma: f64) -> Self {
        const EACH: usize = 256;
        let angle = |i: usize| std::f64::consts::PI * (i as f64 + 0.5) / EACH as f64;
        let upper = (0..EACH).map(|i| [angle(i).cos() - 0.5, angle(i).sin() - 0.25]);
        let lower = (0..EACH).map(|i| [0.5 - angle(i).cos(), 0.25 - angle(i).sin()]);
        Self { centres: upper.chain(lower).collect(), sigma }
    }

    /// Returns `side * side` Gaussians on a square lattice about the origin.
    pub fn grid(side: usize, spacing: f64, sigma: f64) -> Self {
        let tick = move |i: usize| spacing * (i as f64 - (side as f64 - 1.0) / 2.0);
        let centres = (0..side).flat_map(|i| (0..side).map(move |j| [tick(i), tick(j)])).collect();
        Self { centres, sigma }
    }

    /// Returns the means that differ: those that a mode count counts.
    pub fn distinct_centres(&self) -> Vec<[f64; 2]> {
        let apart = |a: &[f64; 2], b: &[f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) > 1e-9;
        self.centres.iter().fold(Vec::new(), |mut seen, centre| {
            if seen.iter().all(|other| apart(centre, other)) {
                seen.push(*centre);
            }
            seen
        })
    }

    fn centres(&self, like: crate::device::Options) -> Tensor {
        Tensor::from_slice2(&self.centres).to_kind(like.0).to_device(like.1)
    }
}

fn circle(modes: usize, slots: f64, radius: f64) -> Vec<[f64; 2]> {
    let angle = |i: usize| i as f64 * std::f64::consts::TAU / slots;
    (0..modes).map(|i| [radius * angle(i).cos(), radius * angle(i).sin()]).collect()
}

impl Target for GaussianMixture {
    fn dim(&self) -> i64 {
        2
    }

    fn sample(&self, rng: &mut Rng, count: i64) -> Tensor {
        let mode = rng.index(self.centres.len() as i64, count).flatten(0, -1);
        let centres = self.centres(rng.options()).index_select(0, &mode);
        let noise = rng.normal(&[count, 2]) * self.sigma;
        noise + centres.view([rng.members(), count, 2])
    }

    fn log_prob(&self, x: &Tensor) -> Tensor {
        let centres = self.centres((x.kind(), x.device()));
        let squared = (x.unsqueeze(2) - centres).square().sum_dim_intlist(
            [3i64].as_slice(),
            false,
            None::<Kind>,
        );
        let variance = self.sigma * self.sigma;
        let normaliser = (std::f64::consts::TAU * variance).ln() + (self.centres.len() as f64).ln();
        (squared * (-0.5 / variance)).logsumexp([2i64].as_slice(), false) - normaliser
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    #[test]
    fn the_ring_has_eight_modes_and_the_notebooks_seven() {
        assert_eq!(GaussianMixture::ring(8, 2.0, 0.02).distinct_centres().len(), 8);
        assert_eq!(GaussianMixture::notebook_ring(1.0, 0.01).distinct_centres().len(), 7);
        assert_eq!(GaussianMixture::grid(5, 2.0, 0.05).distinct_centres().len(), 25);
    }

    /// The mean of `-log p` over samples is the entropy; for separated modes it is
    /// `ln K + 1 + ln(2 pi sigma^2)`. 20,000 samples of a variance-1 quantity: standard error 0.007.
    #[test]
    fn samples_have_the_entropy_of_the_density() {
        let ring = GaussianMixture::ring(8, 2.0, 0.02);
        let x = ring.sample(&mut double(&[0]), 20_000);
        let entropy = -ring.log_prob(&x).mean(Kind::Double).double_value(&[]);
        let closed = 8f64.ln() + 1.0 + (std::f64::consts::TAU * 0.02 * 0.02).ln();
        assert_abs_diff_eq!(entropy, closed, epsilon = 0.035);
    }

    /// The density integrates to 1: a sum over a fine lattice, whose error is tiny for Gaussians.
    #[test]
    fn density_integrates_to_one() {
        let grid = GaussianMixture::grid(2, 2.0, 0.3);
        let ticks = Tensor::linspace(-3.5, 3.5, 141, (Kind::Double, tch::Device::Cpu));
        let plane = Tensor::cartesian_prod(&[&ticks, &ticks]).unsqueeze(0);
        let total = grid.log_prob(&plane).exp().sum(Kind::Double).double_value(&[]) * 0.05 * 0.05;
        assert_abs_diff_eq!(total, 1.0, epsilon = 1e-9);
        assert_eq!(to_vec(&plane).len(), 2 * 141 * 141);
    }
}
