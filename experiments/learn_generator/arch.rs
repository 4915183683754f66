//! Posteriors of a process with autoregressive conditional heteroscedasticity, without its likelihood (F09): is a
//! classifier's ratio nearer to the exact one than the synthetic likelihood?

use gan::Rng;
use gan::device::{CPU, to_vec};
use gan::finite::of_finite;
use gan::ratio::SparseRatio;
use garde::Validate;
use lab::figure::{Axis, Colour, Layer, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{Group, panel, ranking, seeds_of};
use shared::contrast::{metric, values};
use shared::{Outcomes, Source, Task, array, claim, summary};
use tch::{Device, Kind, Tensor};

use crate::{seeds, streams};

/// One comparison of both ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Points of the grid along each parameter.
    #[garde(range(min = 1, max = 64))]
    grid: i64,
    /// Simulations at each of them: more than the statistics, or their covariance has no inverse.
    #[garde(range(min = 40, max = 100_000), custom(in_memory(&self.grid)))]
    simulations: i64,
    /// Observed series.
    #[garde(range(min = 1, max = 10_000))]
    series: i64,
}

/// Checks that the series of the whole grid, of a hundred numbers each, are not too many to hold at once.
fn in_memory(grid: &i64) -> impl FnOnce(&i64, &()) -> garde::Result {
    let cells = grid.saturating_mul(*grid);
    move |simulations, ()| crate::at_once(&[cells, *simulations, LENGTH])
}

impl Task for Config {
    fn cost(&self) -> f64 {
        50.0 * (self.grid * self.grid) as f64
    }
}

const ARM: &str = "arch";

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let (grid, simulations, series) = match profile {
        Profile::Smoke => (2, 60, 2),
        Profile::Quick | Profile::Reference => (8, 400, 40),
        Profile::Full => (15, 1_000, 100),
    };
    let config = Config { grid, simulations, series };
    vec![Arm::new(ARM, config).with_seeds(seeds(profile, 1), 1).with_quick_seeds(4)]
}

/// Length of a series.
const LENGTH: i64 = 100;
const LAGS: i64 = 5;
/// Where observed series come from.
const TRUTH: [f64; 2] = [0.3, 0.7];
/// Of the classifier's weights, from the largest.
const PENALTIES: [f64; 4] = [3e-2, 1e-2, 3e-3, 1e-3];
const DOUBLE: (Kind, Device) = (Kind::Double, Device::Cpu);

/// Series of parameters `[n, 2]`, one each, `[n, LENGTH]`: `x_t = a x_(t-1) + e_t` with
/// `e_t = noise sqrt(0.2 + b e_(t-1)^2)` from `x_0 = 0` and a standard normal `e_0`.
fn simulate(parameters: &Tensor, rng: &mut Rng) -> Tensor {
    let n = parameters.size()[0];
    let (a, b) = (parameters.select(1, 0), parameters.select(1, 1));
    // Time first: each step reads one row.
    let noise = rng.normal(&[LENGTH + 1, n]).squeeze_dim(0).to_kind(Kind::Double);
    let (mut x, mut e) = (Tensor::zeros([n], DOUBLE), noise.get(0));
    let step = |t: i64| {
        e = noise.get(t) * (&b * e.square() + 0.2).sqrt();
        x = &a * &x + &e;
        x.shallow_clone()
    };
    Tensor::stack(&(1..=LENGTH).map(step).collect::<Vec<_>>(), 1)
}

/// Autocorrelations of lags 1 to 5 and the products of different ones, `[n, 15]`.
fn statistics(series: &Tensor) -> Tensor {
    let centred = series - series.mean_dim([1i64].as_slice(), true, None::<Kind>);
    let sum = |x: Tensor| x.sum_dim_intlist([1i64].as_slice(), false, None::<Kind>);
    let total = sum(centred.square());
    let lagged = |lag: i64| {
        let rows = LENGTH - lag;
        sum(centred.narrow(1, 0, rows) * centred.narrow(1, lag, rows)) / &total
    };
    let mut columns: Vec<Tensor> = (1..=LAGS).map(lagged).collect();
    for i in 0..LAGS as usize {
        for j in i + 1..LAGS as usize {
            columns.push(&columns[i] * &columns[j]);
        }
    }
    Tensor::stack(&columns, 1)
}

/// Middles of the cells of the prior's rectangle, `-1..1` by `0..1`, `[side * side, 2]`.
fn grid(side: i64) -> Tensor {
    let middles = (Tensor::arange(side, DOUBLE) + 0.5) / side as f64;
    Tensor::cartesian_prod(&[&(&middles * 2.0 - 1.0), &middles])
}

/// The exact log-likelihood of every series `[n, LENGTH]` at every parameter `[m, 2]`, `[m, n]`; the first error's
/// predecessor, which nobody sees, is integrated out.
fn log_likelihood(parameters: &Tensor, series: &Tensor) -> Tensor {
    let log_normal = |e: &Tensor, variance: &Tensor| {
        (e.square() / variance + variance.log() + std::f64::consts::TAU.ln()) * -0.5
    };
    let (a, b) = (parameters.narrow(1, 0, 1).unsqueeze(2), parameters.narrow(1, 1, 1).unsqueeze(2));
    let before = series.narrow(1, 0, LENGTH - 1).constant_pad_nd([1, 0]);
    let errors = series.unsqueeze(0) - a * before.unsqueeze(0);
    let (first, last) = (errors.narrow(2, 0, LENGTH - 1), errors.narrow(2, 1, LENGTH - 1));
    let later = log_normal(&last, &(&b * first.square() + 0.2));
    let later = later.sum_dim_intlist([2i64].as_slice(), false, None::<Kind>);
    let unseen = Tensor::linspace(-6.0, 6.0, 241, DOUBLE);
    let weight = unseen.square() * -0.5 + (0.05 / std::f64::consts::TAU.sqrt()).ln();
    let of_first = log_normal(&errors.narrow(2, 0, 1), &(&b * unseen.square() + 0.2)) + weight;
    later + of_first.logsumexp([2i64].as_slice(), false)
}

/// The log-likelihood of statistics `[n, k]` under normal laws with the moments of simulated ones
/// `[m, simulations, k]`, `[m, n]` (Wood 2010).
fn synthetic_likelihood(simulated: &Tensor, observed: &Tensor) -> Tensor {
    let count = simulated.size()[1] as f64;
    let mean = simulated.mean_dim([1i64].as_slice(), true, None::<Kind>);
    let centred = simulated - &mean;
    let covariance = centred.transpose(1, 2).matmul(&centred) / (count - 1.0);
    let root = of_finite(&covariance, |covariance| covariance.linalg_cholesky(false));
    let apart = (observed.unsqueeze(0) - mean).transpose(1, 2);
    let scaled = root.linalg_solve_triangular(&apart, false, true, false);
    let log_root =
        root.diagonal(0, 1, 2).log().sum_dim_intlist([1i64].as_slice(), true, None::<Kind>);
    scaled.square().sum_dim_intlist([1i64].as_slice(), false, None::<Kind>) * -0.5 - log_root
}

/// The Jensen-Shannon divergence in nats of two laws on the grid, `[m, n]` each, for every series, `[n]`.
fn jensen_shannon(p: &Tensor, q: &Tensor) -> Vec<f64> {
    let half = (p + q) * 0.5;
    let to_half = |p: &Tensor| {
        // 0 ln 0 = 0.
        let terms = p.xlogy(p) - p.xlogy(&half);
        terms.sum_dim_intlist([0i64].as_slice(), false, None::<Kind>)
    };
    to_vec(&((to_half(p) + to_half(q)) * 0.5))
}

/// Compares the classifier's posteriors and those of the synthetic likelihood with the exact ones.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { grid: side, simulations, series } = *config;
    let root = streams(run).with(CPU);
    let parameters = grid(side);
    let cells = parameters.size()[0];
    let each = parameters.repeat_interleave_self_int(simulations, 0, None);
    let simulated = statistics(&simulate(&each, &mut root.fork("simulations")));
    let simulated = simulated.reshape([cells, simulations, -1]);
    let mut marginal = root.fork("marginal");
    let uniform = marginal.uniform(&[simulations, 2]).squeeze_dim(0).to_kind(Kind::Double);
    let prior = uniform * Tensor::from_slice(&[2.0, 1.0]) - Tensor::from_slice(&[1.0, 0.0]);
    let reference = statistics(&simulate(&prior, &mut marginal));
    let truth = Tensor::from_slice(&TRUTH).repeat([series, 1]);
    let observed = simulate(&truth, &mut root.fork("observed"));
    let seen = statistics(&observed);

    let posterior = |log: &Tensor| log.softmax(0, Kind::Double);
    let exact = posterior(&log_likelihood(&parameters, &observed));
    let synthetic = posterior(&synthetic_likelihood(&simulated, &seen));
    let classified = |simulated: &Tensor, reference: &Tensor, seen: &Tensor| {
        let reference = reference.unsqueeze(0).expand_as(simulated);
        posterior(&SparseRatio::fit((simulated, &reference), &PENALTIES).log_ratio(seen))
    };
    let ratio = classified(&simulated, &reference, &seen);
    // As many numbers that mean nothing: the synthetic likelihood does without them.
    let mut noise = root.fork("irrelevant");
    let mut padded = |x: &Tensor| {
        let more = noise.normal(&x.size()).squeeze_dim(0).to_kind(Kind::Double);
        Tensor::cat(&[x, &more], -1)
    };
    let padded = [&simulated, &reference, &seen].map(&mut padded);
    let distracted = classified(&padded[0], &padded[1], &padded[2]);

    let apart = [&ratio, &distracted, &synthetic].map(|found| jensen_shannon(found, &exact));
    let mean = |values: &[f64]| stats::robust::mean(values);
    let won = |ours: &[f64]| {
        let wins: Vec<f64> =
            ours.iter().zip(&apart[2]).map(|(a, b)| f64::from(u8::from(a < b))).collect();
        mean(&wins)
    };
    let shown = [&exact, &ratio, &synthetic].map(|found| found.select(1, 0));
    run.sample(0, "posteriors", array(&Tensor::stack(&shown, 0).reshape([3, side, side])));
    let numbers = [
        ("won", won(&apart[0])),
        ("won_distracted", won(&apart[1])),
        ("ratio_apart", mean(&apart[0])),
        ("distracted_apart", mean(&apart[1])),
        ("synthetic_apart", mean(&apart[2])),
    ];
    Ok(vec![summary(0, numbers)])
}

/// Slides of its first version; the paper's body was not read.
const LFIRE: Source = Source::second_hand("Thomas et al. 2016 (1611.10242)");

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let rows = results.arm(ARM);
    vec![
        claim("learn.F09f", "A classifier's posterior of ARCH(1) is nearer to the exact one than the synthetic likelihood's.")
            .published(LFIRE, "slides of its first version", Some("82 % of 100 series"))
            .measured("share of series whose classifier posterior has the smaller Jensen-Shannon divergence from the exact one (`won`)")
            .figure("arch.png")
            .mean(Region::Above(0.7), &metric(&rows, "won")),
        claim("learn.F09g", "A classifier's posterior of ARCH(1) stays the nearer one when half of its statistics mean nothing.")
            .published(LFIRE, "slides of its first version", Some("83 % of 100 series"))
            .measured("share of series whose classifier posterior, with fifteen normal numbers more among its statistics, has the smaller Jensen-Shannon divergence from the exact one (`won_distracted`)")
            .figure("arch.png")
            .mean(Region::Above(0.7), &metric(&rows, "won_distracted")),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![posteriors(results)]
}

/// Posteriors of ARCH(1) on the grid, and how far they are from the exact one.
fn posteriors(results: &Results<Config>) -> Figure {
    let rows = results.arm(ARM);
    let mut panels = Vec::new();
    if let Some(stored) = rows.first().and_then(|row| row.samples.get("posteriors")) {
        let (side, values) = (stored.shape[1], stored.to_f32());
        let laws = values.chunks_exact(side * side);
        for (law, title) in laws.zip(["exact", "classifier", "synthetic likelihood"]) {
            let most = law.iter().copied().fold(0.0, f32::max);
            // The grid's first axis is the autoregression: a column of the picture; the other goes up.
            let pixel = |i: usize| law[(i % side) * side + (side - 1 - i / side)];
            let pixels = (0..side * side).map(|i| (255.0 * pixel(i) / most) as u8);
            let layer = Layer::Picture { width: side, pixels: pixels.collect() };
            let (x, y) = (Axis::bare(0.0, 1.0), Axis::bare(0.0, 1.0));
            panels.push(panel(title, x, y, vec![layer]));
        }
    }
    let groups: Vec<Group> = [
        ("ratio_apart", "classifier", Colour::Blue),
        ("distracted_apart", "with noise", Colour::SkyBlue),
        ("synthetic_apart", "synthetic", Colour::Vermillion),
    ]
    .map(|(metric, name, colour)| (name.to_owned(), colour, values(&rows, metric)))
    .to_vec();
    let axis = Axis::new("JS divergence (nats)").within(0.2, 0.7);
    panels.push(ranking("distance to the exact posterior", axis, &groups, &[]));
    Figure {
        name: "arch".into(),
        title: Title::new("Posteriors of an ARCH(1) process").if_reproduced(
            "learn.F09f",
            "On ARCH(1) a classifier's posterior is nearer than the synthetic likelihood's",
        ),
        caption: format!(
            "Pictures: one series, autoregression from left to right, heteroscedasticity upwards, darker is \
             likelier. Dots: {}, each a mean over its series.",
            seeds_of(results)
        ),
        columns: 4,
        height: 200,
        panels,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use gan::rng::double;

    /// Of a process without heteroscedasticity (b = 0): the sum of normal log-densities with variance 1/5.
    #[test]
    fn likelihood_of_a_plain_autoregression() {
        let parameters = Tensor::from_slice(&[0.5f64, 0.0]).reshape([1, 2]);
        let series = simulate(&parameters, &mut double(&[0]));
        let x = to_vec(&series);
        let log = |e: f64| -0.5 * (e * e / 0.2 + (std::f64::consts::TAU * 0.2).ln());
        let expected: f64 = x
            .iter()
            .enumerate()
            .map(|(t, x_t)| log(x_t - 0.5 * if t == 0 { 0.0 } else { x[t - 1] }))
            .sum();
        let found = log_likelihood(&parameters, &series).double_value(&[0, 0]);
        assert_abs_diff_eq!(found, expected, epsilon = 1e-6);
    }

    /// Averaged over series of one parameter, the log-likelihood is largest there (Gibbs' inequality).
    #[test]
    fn likelihood_is_largest_at_the_truth() {
        let truth = Tensor::from_slice(&TRUTH).repeat([400, 1]);
        let series = simulate(&truth, &mut double(&[1]));
        let near = Tensor::from_slice(&[0.3f64, 0.7, 0.1, 0.7, 0.5, 0.7, 0.3, 0.4, 0.3, 1.0])
            .reshape([5, 2]);
        let means = to_vec(&log_likelihood(&near, &series).mean_dim(
            [1i64].as_slice(),
            false,
            None::<Kind>,
        ));
        assert!(means[1..].iter().all(|mean| *mean < means[0]), "{means:?}");
    }

    /// White noise has no autocorrelations: lag by lag about -1/100, deviation 1/10.
    #[test]
    fn statistics_of_white_noise() {
        let found = statistics(&double(&[2]).normal(&[4_000, LENGTH]).squeeze_dim(0));
        assert_eq!(found.size(), [4_000, 15]);
        for lag in 0..LAGS {
            let (variance, mean) =
                (found.select(1, lag).var(true), found.select(1, lag).mean(Kind::Double));
            assert_abs_diff_eq!(mean.double_value(&[]), -0.01, epsilon = 0.006);
            assert_abs_diff_eq!(variance.double_value(&[]).sqrt(), 0.1, epsilon = 0.01);
        }
    }

    /// Statistics that are normal: the synthetic likelihood is the normal one, up to the number of simulations.
    #[test]
    fn synthetic_likelihood_of_normal_statistics() {
        let simulated = double(&[3]).normal(&[40_000, 2]) * Tensor::from_slice(&[1.0f64, 2.0]);
        let seen = Tensor::from_slice(&[1.0f64, -2.0]).reshape([1, 2]);
        let found = synthetic_likelihood(&simulated, &seen).double_value(&[0, 0]);
        assert_abs_diff_eq!(found, -0.5 - 0.5 - 2f64.ln(), epsilon = 0.03);
    }

    #[test]
    fn jensen_shannon_of_disjoint_and_equal_laws() {
        let p = Tensor::from_slice(&[1.0f64, 0.0]).reshape([2, 1]);
        assert_abs_diff_eq!(
            jensen_shannon(&p, &p.flip([0]))[0],
            std::f64::consts::LN_2,
            epsilon = 1e-12
        );
        assert_abs_diff_eq!(jensen_shannon(&p, &p)[0], 0.0, epsilon = 1e-12);
    }
}
