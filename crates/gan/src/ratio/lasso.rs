//! Logistic regression that chooses among many features, for many problems at once.

use tch::{Kind, Tensor};

use crate::finite::of_finite;

/// Iterations of a fit from where the one before it ended.
const ITERATIONS: usize = 100;
/// One in so many rows of each class is held out to choose among penalties.
const HELD_OUT: i64 = 5;

/// Log-ratios that are linear in features, each of a problem of its own.
#[derive(Debug)]
pub struct SparseRatio {
    /// Weights of the features, `[problems, features]`.
    pub weights: Tensor,
    /// The constants, `[problems]`.
    pub constants: Tensor,
    /// The penalty that each problem chose, `[problems]`.
    pub penalties: Tensor,
}

impl SparseRatio {
    /// Fits the classes by maximal likelihood, averaged over rows, less `penalty` times the sum of the weights'
    /// magnitudes with features scaled to variance 1. The first fifth of each class is held out to choose among the
    /// penalties, and then joins the others. Each fit starts where the one before it ended, so order them from the
    /// largest to the smallest.
    ///
    /// # Shapes
    /// `numerator`: `[problems, n, features]`; `denominator`: `[problems, m, features]`; rows in random order.
    ///
    /// # Panics
    /// If there is no penalty, or fewer than five rows of a class.
    ///
    /// # Source
    /// Thomas et al. 2016 (1611.10242) have that penalty; the accelerated proximal gradient is of Beck and Teboulle 2009.
    pub fn fit((numerator, denominator): (&Tensor, &Tensor), penalties: &[f64]) -> Self {
        let _guard = tch::no_grad_guard();
        let both = Tensor::cat(&[numerator, denominator], 1);
        let (variance, centre) = both.var_mean_dim([1i64].as_slice(), false, true);
        // A feature that never changes stays out.
        let scale = variance.sqrt().clamp_min(1e-12);
        let scaled = |x: &Tensor| (x - &centre) / &scale;
        let (numerator, denominator) = (scaled(numerator), scaled(denominator));
        let held = |x: &Tensor| x.size()[1] / HELD_OUT;
        assert!(held(&numerator) > 0 && held(&denominator) > 0, "rows to hold out");
        let first = |x: &Tensor| x.narrow(1, 0, held(x));
        let rest = |x: &Tensor| x.narrow(1, held(x), x.size()[1] - held(x));
        let judging = Classes::of(&first(&numerator), &first(&denominator));
        let fitting = Classes::of(&rest(&numerator), &rest(&denominator));
        let every = |penalty: &f64| Tensor::full_like(&centre.select(1, 0).select(1, 0), *penalty);
        let mut weights = fitting.nothing();
        let tried = penalties.iter().map(|penalty| {
            weights = fitting.fit(&every(penalty), &weights);
            judging.loss(&weights)
        });
        let best = Tensor::stack(&tried.collect::<Vec<_>>(), 0).argmin(0, false);
        let offered =
            Tensor::from_slice(penalties).to_kind(centre.kind()).to_device(centre.device());
        let penalties = offered.index_select(0, &best);

        let found = Classes::of(&numerator, &denominator).fit(&penalties, &weights);
        let weights = found.narrow(1, 1, found.size()[1] - 1) / scale.squeeze_dim(1);
        let shift = (&weights * centre.squeeze_dim(1)).sum_dim_intlist(
            [1i64].as_slice(),
            false,
            None::<Kind>,
        );
        let sizes = denominator.size()[1] as f64 / numerator.size()[1] as f64;
        Self { constants: found.select(1, 0) - shift + sizes.ln(), weights, penalties }
    }

    /// Returns the log-ratio of every problem at every point, `[problems, points]`.
    ///
    /// # Shapes
    /// `features`: `[points, features]`.
    pub fn log_ratio(&self, features: &Tensor) -> Tensor {
        self.weights.matmul(&features.tr()) + self.constants.unsqueeze(1)
    }
}

/// Rows of features, a constant first, each times its class, 1 or -1.
struct Classes(Tensor);

impl Classes {
    fn of(numerator: &Tensor, denominator: &Tensor) -> Self {
        let rows = |x: &Tensor| Tensor::cat(&[x.narrow(2, 0, 1).ones_like(), x.shallow_clone()], 2);
        Self(Tensor::cat(&[rows(numerator), -rows(denominator)], 1))
    }

    /// The log-ratios of rows, each times its class, `[problems, 1, rows]`. As a row times a matrix: MKL takes a
    /// matrix times a column four times as long.
    fn margins(&self, weights: &Tensor) -> Tensor {
        weights.unsqueeze(1).matmul(&self.0.transpose(1, 2))
    }

    /// The mean negative log-likelihood of weights, `[problems]`.
    fn loss(&self, weights: &Tensor) -> Tensor {
        (-self.margins(weights)).softplus().mean_dim([1i64, 2].as_slice(), false, None::<Kind>)
    }

    /// Its derivative by the weights.
    fn slope(&self, weights: &Tensor) -> Tensor {
        let rows = self.0.size()[1] as f64;
        let wrong = (-self.margins(weights)).sigmoid();
        -wrong.matmul(&self.0).squeeze_dim(1) / rows
    }

    /// Weights of zero.
    fn nothing(&self) -> Tensor {
        self.0.select(1, 0).zeros_like()
    }

    /// The weights of least penalised loss, the constant's first and free, sought from a start.
    fn fit(&self, penalty: &Tensor, start: &Tensor) -> Tensor {
        let rows = self.0.size()[1] as f64;
        let squares = self.0.transpose(1, 2).matmul(&self.0) / rows;
        // The curvature of the loss is nowhere above a quarter of that of the squares.
        let curvature = of_finite(&squares, |squares| squares.linalg_eigvalsh("L"))
            .amax([1i64].as_slice(), true)
            * 0.25;
        let threshold = (penalty.unsqueeze(1) / &curvature).repeat([1, self.0.size()[2]]);
        let _ = threshold.narrow(1, 0, 1).zero_();
        let (mut weights, mut ahead) = (start.shallow_clone(), start.shallow_clone());
        let mut pace = 1.0f64;
        for _ in 0..ITERATIONS {
            let moved = &ahead - self.slope(&ahead) / &curvature;
            let next = moved.sign() * (moved.abs() - &threshold).clamp_min(0.0);
            let faster = f64::midpoint(1.0, (1.0 + 4.0 * pace * pace).sqrt());
            ahead = &next + (&next - &weights) * ((pace - 1.0) / faster);
            (weights, pace) = (next, faster);
        }
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::ratio::{Features, LogisticRatio};
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    /// Three problems of six features of which one matters: N(e1, I) against N(0, I), a shift of their own each.
    fn samples(rows: i64) -> (Tensor, Tensor) {
        let mut p = double(&[0, 1, 2]).normal(&[rows, 6]);
        let shifts = Tensor::from_slice(&[1.0f64, 0.5, 0.0]).reshape([3, 1, 1]);
        let _ = p.narrow(2, 0, 1).g_add_(&shifts);
        p *= 3.0;
        (p, double(&[3, 4, 5]).normal(&[rows, 6]) * 3.0)
    }

    /// The conditions of Karush, Kuhn and Tucker: where a weight is not zero the loss falls by the penalty, elsewhere
    /// by less.
    #[test]
    fn weights_are_least() {
        let (p, q) = samples(200);
        let classes = Classes::of(&p, &q);
        let penalty = Tensor::from_slice(&[0.01f64, 0.05, 0.2]);
        let mut weights = classes.nothing();
        for _ in 0..5 {
            weights = classes.fit(&penalty, &weights);
        }
        let slopes = to_vec(&classes.slope(&weights));
        for (i, (weight, slope)) in to_vec(&weights).into_iter().zip(slopes).enumerate() {
            let allowed = if i % 7 == 0 { 0.0 } else { [0.01, 0.05, 0.2][i / 7] };
            if weight == 0.0 {
                assert!(slope.abs() <= allowed + 1e-6, "{i}: {slope}");
            } else {
                assert_abs_diff_eq!(slope, -allowed * weight.signum(), epsilon = 1e-6);
            }
        }
    }

    /// Without a penalty to speak of it is logistic regression, also with fewer rows of one class.
    #[test]
    fn a_small_penalty_leaves_logistic_regression() {
        let (p, q) = samples(500);
        let q = q.narrow(1, 0, 400);
        let sparse = SparseRatio::fit((&p, &q), &[1e-9; 4]);
        for problem in 0..3 {
            let of = |x: &Tensor| x.select(0, problem);
            let plain = LogisticRatio::fit(Features::Linear, (&of(&p), &of(&q)));
            let (ours, theirs) =
                (to_vec(&sparse.weights.select(0, problem)), to_vec(&plain.weights));
            assert_abs_diff_eq!(
                sparse.constants.double_value(&[problem]),
                theirs[0],
                epsilon = 1e-4
            );
            for (ours, theirs) in ours.iter().zip(&theirs[1..]) {
                assert_abs_diff_eq!(*ours, *theirs, epsilon = 1e-4);
            }
        }
    }

    /// With nothing to find the largest penalty wins, with much the smallest, and what does not matter is left out.
    #[test]
    fn each_problem_chooses_its_penalty() {
        let (p, q) = samples(1_000);
        let sparse = SparseRatio::fit((&p, &q), &[0.3, 3e-2, 1e-2, 1e-3]);
        let chosen = to_vec(&sparse.penalties);
        assert!(chosen[0] < 0.1 && chosen[2] > chosen[0], "{chosen:?}");
        assert!(sparse.weights.select(0, 2).abs().max().double_value(&[]) < 0.1);
        let x = Tensor::from_slice(&[3.0f64, 0.0, 0.0, 0.0, 0.0, 0.0]).reshape([1, 6]);
        // ln r = x1 / 3 - 1/2 of the first problem, shrunk a little.
        assert_abs_diff_eq!(sparse.log_ratio(&x).double_value(&[0, 0]), 0.5, epsilon = 0.2);
    }
}
