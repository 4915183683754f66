//! One-dimensional data in many dimensions: a law without a density, on which the divergences that need
//! one are blind.

use tch::{Kind, Tensor};

use crate::Rng;
use crate::device::per_member;

/// The law of `v e` with `v ~ N(0, 1)` and a fixed vector `e` of each member's own.
///
/// # Source
/// Fedus et al. 2018 (1710.08446), section 4, with `e` scaled to its typical length `sqrt(dim)`, so that
/// coordinates are of order one in any dimension and no seed has a longer way to go than another.
#[derive(Debug)]
pub struct Line {
    /// `e / |e|`, `[members, 1, dim]`.
    pub direction: Tensor,
}

impl Line {
    /// Returns the length of `e`: the standard deviation of the data along their line.
    pub fn length(&self) -> f64 {
        (self.direction.size()[2] as f64).sqrt()
    }

    /// Returns lines of uniform random directions.
    pub fn draw(dim: i64, rng: &mut Rng) -> Self {
        let e = rng.normal(&[1, dim]);
        let length = norm(&e, &[1, 2]).unsqueeze(-1).unsqueeze(-1);
        Self { direction: e / length }
    }

    /// Returns independent samples, `[members, count, dim]`.
    pub fn sample(&self, rng: &mut Rng, count: i64) -> Tensor {
        rng.normal(&[count, 1]) * &self.direction * self.length()
    }

    /// Returns a unit vector at right angles to each line, `[members, 1, dim]`.
    pub fn normal(&self, rng: &mut Rng) -> Tensor {
        let x = rng.normal(&self.direction.size()[1..]);
        let off = self.off_line(&x);
        let length = norm(&off, &[1, 2]).unsqueeze(-1).unsqueeze(-1);
        off / length
    }

    /// Removes from vectors, `[members, n, dim]`, what they have along the line.
    fn off_line(&self, x: &Tensor) -> Tensor {
        x - self.along(x) * &self.direction
    }

    /// The coordinate of vectors along the line, `[members, n, 1]`.
    fn along(&self, x: &Tensor) -> Tensor {
        x.matmul(&self.direction.transpose(1, 2))
    }

    /// Returns how far the law of `z W + b`, `z ~ N(0, I)`, is from this one, exactly, in units of `|e|`.
    ///
    /// # Shapes
    /// `weight`: `[members, latent, dim]`; `bias`: `[members, 1, dim]`.
    pub fn misfit(&self, weight: &Tensor, bias: &Tensor) -> Vec<Misfit> {
        let scaled = |x: &Tensor| x.detach().to_kind(Kind::Double) / self.length();
        let (weight, bias) = (scaled(weight), scaled(bias));
        let line = Self { direction: self.direction.to_kind(Kind::Double) };
        let scale = norm(&line.along(&weight), &[1, 2]);
        let offset = norm(&bias, &[1, 2]);
        let off_line = norm(&line.off_line(&weight), &[1, 2]);
        // |b|^2 + 1 + |W|^2 - 2 |W u| for a unit u, in parts that cannot cancel.
        let frechet = (offset.square() + off_line.square() + (&scale - 1.0).square()).sqrt();
        let [frechet, offset, off_line, scale] =
            [frechet, offset, off_line, scale].map(|part| per_member(&part));
        (0..frechet.len())
            .map(|i| Misfit {
                frechet: frechet[i],
                offset: offset[i],
                off_line: off_line[i],
                scale: (scale[i] - 1.0).abs(),
            })
            .collect()
    }
}

/// The root of the Frechet distance and its three parts, whose squares sum to its square; all in units of
/// the data's standard deviation `|e|`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Misfit {
    /// `sqrt(|b|^2 + |e|^2 + |W|^2 - 2 |W e|) / |e|`: 0 when solved, 1 for a point at the data's mean.
    pub frechet: f64,
    /// `|b| / |e|`.
    pub offset: f64,
    /// The spread off the line.
    pub off_line: f64,
    /// The error of the spread along the line.
    pub scale: f64,
}

fn norm(x: &Tensor, axes: &[i64]) -> Tensor {
    x.square().sum_dim_intlist(axes, false, None::<Kind>).sqrt().reshape([x.size()[0]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::metric::Moments;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    #[test]
    fn a_line_is_a_line() {
        let mut rng = double(&[0, 1, 2]);
        let line = Line::draw(5, &mut rng);
        let normal = line.normal(&mut rng);
        for value in to_vec(&line.along(&normal)) {
            assert_abs_diff_eq!(value, 0.0, epsilon = 1e-12);
        }
        let off = line.off_line(&line.sample(&mut rng, 50));
        assert!(to_vec(&off).iter().all(|x| x.abs() < 1e-12));
    }

    /// A point at the mean and the same line one deviation away are both at distance 1; the line itself, in
    /// any sign, is at distance 0.
    #[test]
    fn known_distances() {
        let mut rng = double(&[0, 1]);
        let line = Line::draw(3, &mut rng);
        let length = line.length();
        let (e, zero) = (&line.direction * length, line.direction.zeros_like());
        let frechet = |w: &Tensor, b: &Tensor| line.misfit(w, b)[1].frechet;
        assert_abs_diff_eq!(frechet(&zero, &zero), 1.0, epsilon = 1e-12);
        assert_abs_diff_eq!(frechet(&e, &(line.normal(&mut rng) * length)), 1.0, epsilon = 1e-12);
        assert_abs_diff_eq!(frechet(&-&e, &zero), 0.0, epsilon = 1e-12);
        assert_abs_diff_eq!(frechet(&(&e * 3.0), &zero), 2.0, epsilon = 1e-12);
    }

    /// The closed form against empirical moments of 100,000 samples, through the general formula: within 1 %.
    /// In four dimensions `|e|` is 2.
    #[test]
    fn agrees_with_the_empirical_distance() {
        let mut rng = double(&[0, 1]);
        let line = Line::draw(4, &mut rng);
        let (weight, bias) = (rng.normal(&[2, 4]), rng.normal(&[1, 4]));
        let model = rng.normal(&[100_000, 2]).matmul(&weight) + &bias;
        let data = line.sample(&mut rng, 100_000);
        let empirical = to_vec(&Moments::of(&model).frechet(&Moments::of(&data)).sqrt());
        for (misfit, empirical) in line.misfit(&weight, &bias).iter().zip(empirical) {
            assert_abs_diff_eq!(misfit.frechet * 2.0 / empirical, 1.0, epsilon = 0.01);
        }
    }
}
