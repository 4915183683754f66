//! Moments of many rows, and the Frechet distance between the normal laws that have them.

use tch::{Kind, Tensor};

/// Of the largest eigenvalue, below which another is rounding.
const ROUNDING: f64 = 1e-13;
/// Of the largest pivot of a triangle, below which its inverse is of no use.
const PIVOT: f64 = 1e-5;
/// Of the mean variance, what is added where the derivative of a singular covariance is asked for.
const RIDGE: f64 = 1e-8;
/// Rows whose products are taken at a time.
const BLOCK: i64 = 4096;

/// How many rows there are, their mean and their scatter, in double precision.
#[derive(Debug)]
pub struct RowMoments {
    /// Rows.
    pub rows: f64,
    /// Their mean, `[dim]`.
    pub mean: Tensor,
    /// The sum of products of what the rows are beyond their mean, `[dim, dim]`.
    pub scatter: Tensor,
}

impl Clone for RowMoments {
    fn clone(&self) -> Self {
        Self { rows: self.rows, mean: self.mean.copy(), scatter: self.scatter.copy() }
    }
}

impl RowMoments {
    /// Returns the moments of rows.
    ///
    /// # Shapes
    /// `x`: `[n, dim]`, of any kind.
    ///
    /// # Panics
    /// If there is no row.
    pub fn of(x: &Tensor) -> Self {
        let _guard = tch::no_grad_guard();
        let rows = x.size()[0];
        assert!(rows > 0, "moments need rows");
        let blocks = (0..rows).step_by(BLOCK as usize);
        let of_block = |start: i64| {
            let block = x.narrow(0, start, BLOCK.min(rows - start)).to_kind(Kind::Double);
            let mean = block.mean_dim([0i64].as_slice(), false, None::<Kind>);
            let centred = block - &mean;
            let count = centred.size()[0] as f64;
            Self { rows: count, scatter: centred.tr().matmul(&centred), mean }
        };
        blocks.map(of_block).reduce(|all, block| all.with(&block)).expect("a block")
    }

    /// Returns the moments of a normal law that were computed elsewhere, as if of so many rows.
    ///
    /// # Shapes
    /// `mean`: `[dim]`; `covariance`: `[dim, dim]`.
    pub fn given(rows: f64, mean: Tensor, covariance: &Tensor) -> Self {
        Self { rows, mean, scatter: covariance * (rows - 1.0) }
    }

    /// Returns the moments of these rows and others.
    pub fn with(mut self, other: &Self) -> Self {
        let _guard = tch::no_grad_guard();
        let all = self.rows + other.rows;
        let apart = &other.mean - &self.mean;
        self.scatter += &other.scatter;
        self.scatter += apart.outer(&apart) * (self.rows * other.rows / all);
        self.mean += apart * (other.rows / all);
        self.rows = all;
        self
    }

    /// Returns the covariance, which divides by one less than the rows, `[dim, dim]`.
    pub fn covariance(&self) -> Tensor {
        &self.scatter / (self.rows - 1.0)
    }
}

/// Returns the moments of all parts together.
///
/// # Panics
/// If there is none.
pub fn joined<'a>(parts: impl IntoIterator<Item = &'a RowMoments>) -> RowMoments {
    let mut parts = parts.into_iter();
    let first = parts.next().expect("a part").clone();
    parts.fold(first, RowMoments::with)
}

/// The squared Frechet distance between two normal laws, and what its derivative needs.
#[derive(Debug)]
pub struct FrechetDistance {
    /// The distance.
    pub value: f64,
    mean_apart: Tensor,
    covariances: [Tensor; 2],
}

impl FrechetDistance {
    /// Returns `|m1 - m2|^2 + tr C1 + tr C2 - 2 tr (C1 C2)^(1/2)`.
    ///
    /// Where both covariances have full rank the last trace is of the roots of the eigenvalues of `L^T C2 L`,
    /// `C1 = L L^T`; else it is the sum of the singular values of a product of roots without the null directions, of
    /// whose roots rounding would make what it likes.
    ///
    /// # Panics
    /// If a side has fewer than two rows.
    ///
    /// # Source
    /// Dowson and Landau 1982; as a score of samples, Heusel et al. 2017.
    pub fn between(a: &RowMoments, b: &RowMoments) -> Self {
        let _guard = tch::no_grad_guard();
        assert!(a.rows > 1.0 && b.rows > 1.0, "a covariance needs two rows");
        let covariances = [a.covariance(), b.covariance()];
        let mean_apart = &a.mean - &b.mean;
        let [one, two] = &covariances;
        let cross = match (triangle(one), triangle(two)) {
            (Some(triangle), Some(_)) => {
                let inner = triangle.tr().matmul(two).matmul(&triangle);
                eigenvalues(&inner).clamp_min(0.0).sqrt().sum(Kind::Double).double_value(&[])
            }
            _ => nuclear_norm(&root(one).tr().matmul(&root(two))),
        };
        let offset = mean_apart.square().sum(Kind::Double).double_value(&[]);
        let traces = one.trace().double_value(&[]) + two.trace().double_value(&[]);
        let value = not_below_zero(offset + (traces - 2.0 * cross));
        Self { value, mean_apart, covariances }
    }

    /// Returns the sums over the rows of each part of the influence function, one list a sample: how much the distance
    /// changes, to first order, for each unit of weight that is moved to the part, times the part's rows.
    ///
    /// # Source
    /// The influence function of a functional: Hampel 1974; the derivative of the trace is the optimal map between
    /// the laws (Olkin and Pukelsheim 1982).
    pub fn influence(&self, whole: [&RowMoments; 2], parts: [&[RowMoments]; 2]) -> [Vec<f64>; 2] {
        let _guard = tch::no_grad_guard();
        let maps = maps(&self.covariances);
        let mut found = [Vec::new(), Vec::new()];
        for (side, map) in maps.iter().enumerate() {
            let sign = if side == 0 { 2.0 } else { -2.0 };
            let slope = Tensor::eye(map.size()[0], (Kind::Double, map.device())) - map;
            let of = |scatter: &Tensor| (&slope * scatter).sum(Kind::Double).double_value(&[]);
            let level = of(&self.covariances[side]);
            for part in parts[side] {
                let apart = &part.mean - &whole[side].mean;
                let shift = self.mean_apart.dot(&apart).double_value(&[]) * sign;
                let bend =
                    of(&part.scatter) / part.rows + apart.dot(&slope.mv(&apart)).double_value(&[]);
                // The covariance divides by one less than the rows.
                let bend = bend * whole[side].rows / (whole[side].rows - 1.0);
                found[side].push(part.rows * (shift + bend - level));
            }
        }
        found
    }
}

/// The optimal maps between two centred normal laws, from the first to the second and back.
fn maps(covariances: &[Tensor; 2]) -> [Tensor; 2] {
    let solid = |covariance: &Tensor| {
        let dim = covariance.size()[0];
        let mean = covariance.trace().double_value(&[]) / dim as f64;
        let ridge =
            if triangle(covariance).is_some() { 0.0 } else { RIDGE * mean.max(f64::MIN_POSITIVE) };
        covariance + Tensor::eye(dim, (Kind::Double, covariance.device())) * ridge
    };
    let (one, two) = (solid(&covariances[0]), solid(&covariances[1]));
    let triangle = one.linalg_cholesky(false);
    let (values, vectors) = triangle.tr().matmul(&two).matmul(&triangle).linalg_eigh("L");
    let roots = values.clamp_min(f64::MIN_POSITIVE).sqrt();
    // With C1 = L L^T the map is L^-T (L^T C2 L)^(1/2) L^-1, and back L (..)^(-1/2) L^T.
    let right = vectors.tr().matmul(&inverse(&triangle));
    let left = triangle.matmul(&vectors);
    let there = right.tr().matmul(&(&right * roots.unsqueeze(1)));
    let back = (&left / roots.unsqueeze(0)).matmul(&left.tr());
    [there, back]
}

fn inverse(triangle: &Tensor) -> Tensor {
    let identity = Tensor::eye(triangle.size()[0], (Kind::Double, triangle.device()));
    triangle.linalg_solve_triangular(&identity, false, true, false)
}

/// The lower triangle of a covariance of full rank.
fn triangle(covariance: &Tensor) -> Option<Tensor> {
    let triangle = covariance.f_linalg_cholesky(false).ok()?;
    let pivots = triangle.diagonal(0, 0, 1);
    let [least, most] = [pivots.min(), pivots.max()].map(|pivot| pivot.double_value(&[]));
    (least > PIVOT * most).then_some(triangle)
}

fn eigenvalues(symmetric: &Tensor) -> Tensor {
    symmetric.linalg_eigvalsh("L")
}

/// A root `R` of a covariance, `R R^T = C`, with a column for each eigenvalue that is no rounding, `[dim, rank]`.
fn root(covariance: &Tensor) -> Tensor {
    let (values, vectors) = covariance.linalg_eigh("L");
    let dim = values.size()[0];
    let least = values.max().double_value(&[]) * ROUNDING * dim as f64;
    let rank = values.gt(least).sum(Kind::Int64).int64_value(&[]);
    let kept = |x: &Tensor| x.narrow(-1, dim - rank, rank);
    kept(&vectors) * kept(&values).sqrt()
}

/// The sum of the singular values.
fn nuclear_norm(matrix: &Tensor) -> f64 {
    if matrix.numel() == 0 {
        return 0.0;
    }
    // tch cannot leave out the driver that `linalg_svdvals` must not be given on a CPU.
    let (_, values, _) = matrix.svd(true, false);
    values.sum(Kind::Double).double_value(&[])
}

/// Returns the squared Frechet distance between samples of which one has no more rows than columns: with centred rows
/// `X`, `Y` the trace of the root is the sum of the singular values of `X Y^T`, which needs no covariance.
///
/// # Shapes
/// `x`: `[n, dim]`; `y`: `[m, dim]`, double precision.
///
/// # Panics
/// If a side has fewer than two rows.
pub fn frechet_of_few(x: &Tensor, y: &Tensor) -> f64 {
    let _guard = tch::no_grad_guard();
    assert!(x.size()[0] > 1 && y.size()[0] > 1, "a covariance needs two rows");
    let centred = |rows: &Tensor| {
        let mean = rows.mean_dim([0i64].as_slice(), true, None::<Kind>);
        let n = rows.size()[0];
        let centred = (rows - &mean) / (n as f64 - 1.0).sqrt();
        let trace = centred.square().sum(Kind::Double).double_value(&[]);
        // A triangle of the same products where there are more rows than columns.
        let few = n <= rows.size()[1];
        let rows = if few { centred } else { Tensor::linalg_qr(&centred, "r").1 };
        (mean, rows, trace)
    };
    let ((m1, x, trace1), (m2, y, trace2)) = (centred(x), centred(y));
    let offset = (m1 - m2).square().sum(Kind::Double).double_value(&[]);
    not_below_zero(offset + (trace1 + trace2 - 2.0 * nuclear_norm(&x.matmul(&y.tr()))))
}

/// Cuts what rounding makes negative; no number stays none.
fn not_below_zero(value: f64) -> f64 {
    if value < 0.0 { 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Moments;
    use crate::rng::double;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    fn rows(seed: u64, n: i64, dim: i64) -> Tensor {
        let mixing = double(&[99]).normal(&[dim, dim]).squeeze_dim(0);
        double(&[seed]).normal(&[n, dim]).squeeze_dim(0).matmul(&mixing)
    }

    /// Moments of parts are those of the whole, by the other implementation too, wherever the rows lie.
    #[test]
    fn parts_make_the_whole() {
        for shift in [0.0, 1e6] {
            let (x, y) = (rows(0, 90, 5) + shift, rows(1, 70, 5) * 1.5 + shift);
            let parts: Vec<RowMoments> = x.split(30, 0).iter().map(RowMoments::of).collect();
            let (whole, other) = (joined(&parts), RowMoments::of(&y));
            let direct = Moments::of(&x.unsqueeze(0)).frechet(&Moments::of(&y.unsqueeze(0)));
            let found = FrechetDistance::between(&whole, &other).value;
            assert_relative_eq!(found, direct.double_value(&[0]), max_relative = 1e-6);
            assert_relative_eq!(found, frechet_of_few(&x, &y), max_relative = 1e-7);
        }
    }

    /// Columns that repeat others or never change, on one side or on both: as by the other route.
    #[test]
    fn singular_covariances() {
        let (x, y) = (rows(0, 60, 4), rows(1, 50, 4) + 0.3);
        let dress = |x: &Tensor| {
            let sum = x.sum_dim_intlist([1i64].as_slice(), true, None::<Kind>);
            Tensor::cat(&[x, &sum, &x.narrow(1, 0, 1).full_like(3.0)], 1)
        };
        for (a, b) in [(dress(&x), dress(&y)), (dress(&x), dress(&x))] {
            let (ma, mb) = (RowMoments::of(&a), RowMoments::of(&b));
            let found = FrechetDistance::between(&ma, &mb).value;
            assert_abs_diff_eq!(found, frechet_of_few(&a, &b), epsilon = 1e-9);
        }
        let few = rows(2, 5, 9);
        assert_abs_diff_eq!(frechet_of_few(&few, &few), 0.0, epsilon = 1e-11);
    }

    /// The influence of each part is the derivative of the distance by its weight, here a central difference.
    #[test]
    fn influence_is_a_derivative() {
        let (x, y) = (rows(0, 80, 3), rows(1, 60, 3) * 1.3 + 0.5);
        let parts: [Vec<RowMoments>; 2] =
            [&x, &y].map(|rows| rows.split(20, 0).iter().map(RowMoments::of).collect());
        let whole = [joined(&parts[0]), joined(&parts[1])];
        let distance = FrechetDistance::between(&whole[0], &whole[1]);
        let influence = distance.influence([&whole[0], &whole[1]], [&parts[0], &parts[1]]);
        // Population moments, so that weights are all that changes.
        let weighted = |side: usize, part: usize, more: f64| {
            let weights: Vec<f64> = parts[side]
                .iter()
                .enumerate()
                .map(|(i, p)| p.rows / whole[side].rows + if i == part { more } else { 0.0 })
                .collect();
            let total: f64 = weights.iter().sum();
            let scaled: Vec<RowMoments> = parts[side]
                .iter()
                .zip(&weights)
                .map(|(p, weight)| RowMoments {
                    rows: weight / total,
                    mean: p.mean.copy(),
                    scatter: &p.scatter * (weight / total / p.rows),
                })
                .collect();
            let all = joined(&scaled);
            // `given` with a covariance that divides by one less than the rows.
            let n = whole[side].rows;
            RowMoments::given(n, all.mean, &(all.scatter * (n / (n - 1.0))))
        };
        let step = 1e-5;
        for side in 0..2 {
            for part in 0..parts[side].len() {
                let at = |more: f64| {
                    let moved = weighted(side, part, more);
                    let pair = if side == 0 { [&moved, &whole[1]] } else { [&whole[0], &moved] };
                    FrechetDistance::between(pair[0], pair[1]).value
                };
                let slope = (at(step) - at(-step)) / (2.0 * step);
                let found = influence[side][part] / parts[side][part].rows;
                assert_abs_diff_eq!(found, slope, epsilon = 1e-4 * slope.abs() + 1e-4);
            }
            assert_abs_diff_eq!(influence[side].iter().sum::<f64>(), 0.0, epsilon = 1e-9);
        }
    }
}
