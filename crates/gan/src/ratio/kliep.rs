//! Kullback-Leibler importance estimation.

use tch::{Kind, Tensor};

use super::{Basis, KernelRatio};

/// Steps of a fit at most, and between looks at how far it is from the optimum.
const STEPS: usize = 5_000;
const LOOK: usize = 20;
/// Nats that a fit may be short of the largest mean log-ratio.
const GAP: f64 = 1e-3;
const FOLDS: i64 = 5;

/// A fit of maximal likelihood, and how it was chosen.
#[derive(Debug)]
pub struct Kliep {
    /// The ratio; its mean over the denominator samples is 1.
    pub ratio: KernelRatio,
    /// The mean log-ratio of numerator samples that were left out: an estimate of `KL(p || q)`, too large where
    /// several samples of `p` lie out of the reach of those of `q`, because nothing there holds the ratio down.
    pub score: f64,
}

/// Fits a ratio of kernels around samples of `p` by maximal mean log-ratio under `p`, with mean 1 under `q`; the
/// bandwidth is that of the largest score over five folds.
///
/// The problem is that of the weights of a mixture, with each kernel divided by its mean under `q` for a density:
/// the EM algorithm climbs it without a step size and keeps the constraint. A fold is scored without the kernels
/// around its own samples: with them the narrowest bandwidth scores best, because a kernel of its own makes the
/// ratio at a sample that no sample of `q` is near as large as it likes.
///
/// # Shapes
/// `numerator`: `[n, dim]`, rows in random order; `denominator`: `[m, dim]`; `kernels` of the numerator rows,
/// evenly spaced, are centres.
///
/// The ratio is of points in double precision.
///
/// # Panics
/// If there are fewer numerator samples than folds or kernels, fewer kernels than two, or no bandwidth to choose
/// from.
///
/// # Source
/// Sugiyama et al. 2008.
pub fn kliep(
    (numerator, denominator): (&Tensor, &Tensor),
    kernels: i64,
    bandwidths: &[f64],
) -> Kliep {
    let _guard = tch::no_grad_guard();
    // In single precision kernels vanish some thirteen bandwidths away, and what keeps quotients finite with them.
    let [numerator, denominator] = &[numerator, denominator].map(|x| x.to_kind(Kind::Double));
    let n = numerator.size()[0];
    assert!(n >= FOLDS && n >= kernels && kernels > 1, "{kernels} kernels of {n} samples");
    let rows: Vec<i64> = (0..kernels).map(|kernel| kernel * n / kernels).collect();
    let select = |x: &Tensor, axis: i64, indices: &[i64]| {
        x.index_select(axis, &Tensor::from_slice(indices).to_device(x.device()))
    };
    let centres = select(numerator, 0, &rows);
    let basis = |bandwidth| Basis { centres: centres.shallow_clone(), bandwidth };
    let score = |bandwidth: &f64| {
        let basis = basis(*bandwidth);
        let (p, q) = (basis.at(numerator), basis.at(denominator));
        let of_fold = |fold: i64| {
            let (start, end) = (fold * n / FOLDS, (fold + 1) * n / FOLDS);
            let outside = |row: i64| row < start || row >= end;
            let others: Vec<i64> = (0..n).filter(|row| outside(*row)).collect();
            let kept: Vec<i64> =
                (0..kernels).filter(|kernel| outside(rows[*kernel as usize])).collect();
            let (p, q) = (select(&p, 1, &kept), select(&q, 1, &kept));
            let ratio = p.narrow(0, start, end - start).mv(&weights(&select(&p, 0, &others), &q));
            // Far from all centres a ratio of kernels is 0, of which the logarithm must not be minus infinity.
            ratio.clamp_min(f64::MIN_POSITIVE).log().sum(Kind::Double).double_value(&[])
        };
        (0..FOLDS).map(of_fold).sum::<f64>() / n as f64
    };
    let scored = bandwidths.iter().map(|bandwidth| (score(bandwidth), *bandwidth));
    let (score, bandwidth) =
        scored.max_by(|a, b| a.0.total_cmp(&b.0)).expect("a bandwidth to choose from");
    let basis = basis(bandwidth);
    let weights = weights(&basis.at(numerator), &basis.at(denominator));
    Kliep { ratio: KernelRatio { basis, weights }, score }
}

/// EM for the kernels' weights.
fn weights(p: &Tensor, q: &Tensor) -> Tensor {
    let means = q.mean_dim([0i64].as_slice(), false, None::<Kind>).clamp_min(1e-300);
    let densities = p / &means;
    let samples = p.size()[0] as f64;
    let kernels = p.size()[1];
    let mut shares = Tensor::full([kernels], 1.0 / kernels as f64, (p.kind(), p.device()));
    for step in 1..=STEPS {
        let inverse = densities.mv(&shares).clamp_min(f64::MIN_POSITIVE).reciprocal();
        let factors = densities.tr().mv(&inverse) / samples;
        shares *= &factors;
        // The objective is concave and the factors are its slopes, so that the largest bounds what is to be gained.
        if step % LOOK == 0 && factors.max().double_value(&[]) < 1.0 + GAP {
            break;
        }
    }
    // Rounding, and samples that no kernel reaches, move the sum off 1.
    &shares / shares.sum(None::<Kind>) / means
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    fn samples(shift: f64) -> (Tensor, Tensor) {
        let p = double(&[2]).normal(&[1000, 1]).squeeze_dim(0) + shift;
        (p, double(&[3]).normal(&[1000, 1]).squeeze_dim(0))
    }

    /// No small exchange between kernels does better: the weights are optimal under their constraint.
    #[test]
    fn is_optimal_under_its_constraint() {
        let (p, q) = samples(1.0);
        let basis = Basis { centres: p.narrow(0, 0, 4), bandwidth: 1.0 };
        let (p, q) = (basis.at(&p), basis.at(&q));
        let fitted = weights(&p, &q);
        let mean = q.mean_dim([0i64].as_slice(), false, None::<Kind>);
        assert_abs_diff_eq!(fitted.dot(&mean).double_value(&[]), 1.0, epsilon = 1e-12);
        let value = |weights: &Tensor| p.mv(weights).log().mean(Kind::Double).double_value(&[]);
        let best = value(&fitted);
        for (i, j) in [(0, 1), (1, 2), (2, 3), (3, 0), (1, 0), (2, 0)] {
            let moved = fitted.copy();
            let shift = (0.01 / mean.double_value(&[i])).min(fitted.double_value(&[i]));
            let _ = moved.get(i).g_sub_scalar_(shift);
            let _ = moved
                .get(j)
                .g_add_scalar_(shift * mean.double_value(&[i]) / mean.double_value(&[j]));
            assert!(value(&moved) <= best + GAP * 0.01, "{i} to {j}");
        }
    }

    /// A numerator sample that no kernel of single precision reaches leaves weights that are numbers.
    #[test]
    fn far_samples_leave_numbers() {
        let (p, q) = samples(0.5);
        let _ = p.get(990).fill_(40.0);
        let (p, q) = (p.to_kind(Kind::Float), q.to_kind(Kind::Float));
        let fit = kliep((&p, &q), 100, &[0.5, 1.0]);
        assert!(fit.score.is_finite());
        assert_eq!(fit.ratio.weights.isfinite().all().int64_value(&[]), 1);
    }

    /// The score estimates the divergence, 1/8 between N(1/2, 1) and N(0, 1) and 0 between equal laws, and the
    /// narrowest bandwidth, which fits the samples best, is not chosen.
    #[test]
    fn scores_estimate_the_divergence() {
        for (shift, divergence) in [(0.0, 0.0), (0.5, 0.125)] {
            let (p, q) = samples(shift);
            let fit = kliep((&p, &q), 100, &[0.05, 0.2, 0.5, 1.0, 2.0]);
            assert!(fit.ratio.basis.bandwidth > 0.1);
            assert_abs_diff_eq!(fit.score, divergence, epsilon = 0.1);
            assert_abs_diff_eq!(
                fit.ratio.at(&q).mean(Kind::Double).double_value(&[]),
                1.0,
                epsilon = 1e-9
            );
        }
    }
}
