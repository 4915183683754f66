//! Laws on a square of the plane, by the masses of its bins.

/// A square about zero, cut into bins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plane {
    /// The square goes from `-reach` to `reach` in each direction.
    pub(crate) reach: f64,
    /// Bins along each side.
    pub(crate) bins: usize,
}

impl Plane {
    /// Returns the share of points in each bin, `[bins * bins]`, the first coordinate slow; points beyond the square count
    /// in its outermost bins.
    pub(crate) fn shares(self, cloud: &[[f64; 2]]) -> Vec<f64> {
        let bins = self.bins as f64;
        let bin = |x: f64| {
            let place = (x + self.reach) / (2.0 * self.reach) * bins;
            place.clamp(0.0, bins - 1.0) as usize
        };
        let mut masses = vec![0.0; self.bins * self.bins];
        for [a, b] in cloud {
            masses[bin(*a) * self.bins + bin(*b)] += 1.0 / cloud.len() as f64;
        }
        masses
    }
}

/// Returns `KL(p || q)` in nats of the masses of bins. Where `p` is shares of 100,000 points it is about 0.01 too large.
pub(crate) fn divergence(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).map(|(p, q)| if *p > 0.0 { p * (p / q).ln() } else { 0.0 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn shares_and_divergence_by_hand() {
        let plane = Plane { reach: 1.0, bins: 2 };
        let shares = plane.shares(&[[-0.5, -0.5], [-0.5, 0.5], [0.5, 9.0], [0.1, 0.1]]);
        assert_eq!(shares, [0.25, 0.25, 0.0, 0.5]);
        assert_abs_diff_eq!(divergence(&shares, &shares), 0.0, epsilon = 1e-15);
        let uniform = [0.25; 4];
        assert_abs_diff_eq!(divergence(&shares, &uniform), 0.5 * 2f64.ln(), epsilon = 1e-15);
    }
}
