//! The posterior of a Gaussian's mean without its likelihood (F09): what does rejection throw away, and what does a
//! classifier's ratio find from few simulations?

use gan::Rng;
use gan::device::{CPU, to_vec};
use gan::ratio::{Features, LogisticRatio};
use garde::Validate;
use lab::figure::{Axis, Colour, Layer, Scale, Title};
use lab::{Arm, Array, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{curve, panel, seeds_of};
use shared::colour::SERIES;
use shared::contrast::{each, metric, values};
use shared::{Outcomes, Task, array, claim, summary};
use stats::robust;
use tch::{Device, Kind, Tensor};

use crate::streams;

/// One comparison of both ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Simulations that rejection draws from; a classifier gets 500 of them or more.
    #[garde(range(min = 500, max = 1_000_000_000))]
    draws: i64,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        self.draws as f64 / 1e3
    }
}

const ARM: &str = "mean";

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let (draws, seeds) = match profile {
        Profile::Smoke => (1_000, 2),
        Profile::Quick | Profile::Reference => (1_000_000, 40),
        Profile::Full => (10_000_000, 40),
    };
    vec![Arm::new(ARM, Config { draws }).with_seeds(seeds, 1).with_quick_seeds(10)]
}

/// Observations, of standard deviation 1; their mean is sufficient.
const OBSERVED: i64 = 10;
const TRUE_MEAN: f64 = 1.5;
const PRIOR_SD: f64 = 3.0;
/// Simulations drawn at a time.
const CHUNK: i64 = 100_000;
/// Tolerances of rejection, with the ends of metric names.
const TOLERANCES: [(f64, &str); 6] =
    [(1.0, "1"), (0.5, "0.5"), (0.2, "0.2"), (0.1, "0.1"), (0.05, "0.05"), (0.01, "0.01")];
/// Simulations that classifiers get.
const BUDGETS: [(i64, &str); 3] = [(500, "500"), (2_000, "2000"), (10_000, "10000")];
/// The grid of posteriors: standard deviations about the exact mean, and its points.
const REACH: f64 = 6.0;
const POINTS: i64 = 481;
const BINS: usize = 60;

/// A normal posterior.
#[derive(Clone, Copy)]
struct Posterior {
    mean: f64,
    sd: f64,
}

impl Posterior {
    /// Of the mean, given that of the observations.
    fn exact(observed: f64) -> Self {
        let precision = PRIOR_SD.powi(-2) + OBSERVED as f64;
        Self { mean: OBSERVED as f64 * observed / precision, sd: precision.powf(-0.5) }
    }

    /// Of draws; `None` for fewer than two.
    fn of(draws: &[f64]) -> Option<Self> {
        let found = || Self { mean: robust::mean(draws), sd: robust::standard_deviation(draws) };
        (draws.len() > 1).then(found)
    }

    /// The Wasserstein-2 distance as a normal law, in units of the exact deviation.
    fn distance(self, exact: Self) -> f64 {
        (self.mean - exact.mean).hypot(self.sd - exact.sd) / exact.sd
    }
}

/// Parameters of the prior and the mean of observations simulated for each.
fn simulate(rng: &mut Rng, count: i64) -> [Tensor; 2] {
    let parameters = (rng.normal(&[count]) * PRIOR_SD).squeeze_dim(0);
    let noise = rng.normal(&[count, OBSERVED]).squeeze_dim(0);
    let means = &parameters + noise.mean_dim([1i64].as_slice(), false, None::<Kind>);
    [parameters, means].map(|x| x.to_kind(Kind::Double))
}

/// Compares both ways with the exact posterior.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let draws = config.draws;
    let root = streams(run).with(CPU);
    let data = root.fork("observed").normal(&[OBSERVED]);
    let observed = TRUE_MEAN + data.mean(Kind::Double).double_value(&[]);
    let exact = Posterior::exact(observed);
    let mut simulations = root.fork("simulations");
    let mut numbers: Vec<(String, f64)> = Vec::new();

    // What rejection keeps at each tolerance, of all draws and of as many as a classifier gets.
    let mut kept: Vec<Vec<f64>> = vec![Vec::new(); TOLERANCES.len()];
    let mut nearest = vec![f64::INFINITY; BUDGETS.len()];
    let mut pairs: Option<[Tensor; 2]> = None;
    let mut left = draws;
    while left > 0 {
        let [parameters, means] = simulate(&mut simulations, left.min(CHUNK));
        let misses = to_vec(&(&means - observed).abs());
        let values = to_vec(&parameters);
        for ((tolerance, _), kept) in TOLERANCES.iter().zip(&mut kept) {
            let near = values.iter().zip(&misses).filter(|(_, miss)| **miss <= *tolerance);
            kept.extend(near.map(|(value, _)| *value));
        }
        if pairs.is_none() {
            for ((budget, _), nearest) in BUDGETS.iter().zip(&mut nearest) {
                *nearest = best_rejection(&values, &misses, *budget, exact);
            }
            pairs = Some([parameters, means]);
        }
        left -= CHUNK;
    }
    for ((_, name), kept) in TOLERANCES.iter().zip(&kept) {
        numbers.push((format!("accepted_{name}"), kept.len() as f64 / draws as f64));
        if let Some(found) = Posterior::of(kept) {
            numbers.push((format!("sd_ratio_{name}"), found.sd / exact.sd));
            numbers.push((format!("distance_{name}"), found.distance(exact)));
        }
    }

    let [parameters, means] = pairs.expect("there are draws");
    let grid = (Tensor::linspace(-REACH, REACH, POINTS, (Kind::Double, Device::Cpu)) * exact.sd)
        + exact.mean;
    let mut curves = vec![grid.shallow_clone()];
    for ((budget, name), nearest) in BUDGETS.iter().zip(nearest) {
        let budget = (*budget).min(parameters.size()[0]);
        let density = classifier_posterior(
            &parameters.narrow(0, 0, budget),
            &means.narrow(0, 0, budget),
            &grid,
            observed,
        );
        let average = |x: &Tensor| (x * &density).sum(Kind::Double).double_value(&[]);
        let mean = average(&grid);
        let found = Posterior { mean, sd: average(&(&grid - mean).square()).sqrt() };
        numbers.push((format!("classifier_sd_ratio_{name}"), found.sd / exact.sd));
        numbers.push((format!("classifier_distance_{name}"), found.distance(exact)));
        numbers.push((format!("rejection_distance_{name}"), nearest));
        curves.push(density);
    }
    run.sample(0, "posteriors", array(&Tensor::stack(&curves, 0)));
    run.sample(0, "accepted", histograms(&kept, exact));
    Ok(vec![summary(0, numbers.iter().map(|(name, value)| (name.as_str(), *value)))])
}

/// The least distance to the exact posterior that rejection reaches with so many draws at any of the tolerances: its
/// user would have to guess which.
fn best_rejection(values: &[f64], misses: &[f64], budget: i64, exact: Posterior) -> f64 {
    let of = |(tolerance, _): &(f64, &str)| {
        let pairs = values.iter().zip(misses).take(budget as usize);
        let kept: Vec<f64> =
            pairs.filter(|(_, miss)| **miss <= *tolerance).map(|(value, _)| *value).collect();
        Posterior::of(&kept).map(|found| found.distance(exact))
    };
    TOLERANCES.iter().filter_map(of).fold(f64::NAN, f64::min)
}

/// The posterior on a grid, `[points]`, summing to 1: the prior times the ratio of joint to independent pairs, which
/// a quadratic logistic regression of simulated pairs against shifted ones estimates.
fn classifier_posterior(
    parameters: &Tensor,
    means: &Tensor,
    grid: &Tensor,
    observed: f64,
) -> Tensor {
    let pair = |a: &Tensor, b: &Tensor| Tensor::stack(&[a, b], 1);
    let joint = pair(parameters, means);
    // Pairs are independent of each other, so a shift by one is as good as a permutation.
    let apart = pair(parameters, &means.roll([1], [0]));
    let ratio = LogisticRatio::fit(Features::Quadratic, (&joint, &apart));
    let log_prior = (grid / PRIOR_SD).square() * -0.5;
    let at = pair(grid, &grid.full_like(observed));
    (ratio.log_ratio(&at) + log_prior).softmax(0, Kind::Double)
}

/// Densities of what was kept, a row for each tolerance, over bins from one end of the grid to the other, in units of
/// the exact deviation.
fn histograms(kept: &[Vec<f64>], exact: Posterior) -> Array {
    let width = 2.0 * REACH / BINS as f64;
    let mut densities = Vec::with_capacity(kept.len() * BINS);
    for kept in kept {
        let mut counts = [0u32; BINS];
        for value in kept {
            let bin = ((value - exact.mean) / exact.sd + REACH) / width;
            if bin >= 0.0 && bin < BINS as f64 {
                counts[bin as usize] += 1;
            }
        }
        let total = kept.len().max(1) as f64 * width;
        densities.extend(counts.map(|count| (f64::from(count) / total) as f32));
    }
    Array::of_f32(&[kept.len(), BINS], &densities)
}

/// The middle of a bin, in units of the exact deviation from the exact mean.
fn bin(i: usize) -> f64 {
    (i as f64 + 0.5) * 2.0 * REACH / BINS as f64 - REACH
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let rows = results.arm(ARM);
    let gain = each(&rows, |row| {
        let ours = row.value("classifier_distance_2000")?;
        Some((row.value("rejection_distance_2000")? / ours).ln())
    });
    vec![
        claim("learn.F09", "Rejection with a wide tolerance blurs the posterior of a Gaussian's mean.")
            .measured("deviation of what rejection keeps over the exact one, tolerance 1 (`sd_ratio_1`)")
            .figure("posteriors.svg")
            .mean(Region::Above(1.5), &metric(&rows, "sd_ratio_1")),
        claim("learn.F09b", "Rejection with a narrow tolerance finds the posterior of a Gaussian's mean.")
            .measured("deviation of what rejection keeps over the exact one, tolerance 0.1 (`sd_ratio_0.1`)")
            .figure("posteriors.svg")
            .mean(Region::Within(0.95, 1.05), &metric(&rows, "sd_ratio_0.1")),
        claim("learn.F09c", "Rejection with a narrow tolerance throws nearly every simulation away.")
            .measured("share of draws that rejection keeps, tolerance 0.1 (`accepted_0.1`)")
            .figure("posteriors.svg")
            .mean(Region::Below(0.05), &metric(&rows, "accepted_0.1")),
        claim("learn.F09d", "A classifier of simulated pairs finds the posterior of a Gaussian's mean from 2,000 simulations.")
            .measured("Wasserstein-2 distance of the classifier's posterior to the exact one in its deviations, 2,000 simulations (`classifier_distance_2000`)")
            .figure("posteriors.svg")
            .mean(Region::Below(0.2), &metric(&rows, "classifier_distance_2000")),
        claim("learn.F09e", "From 2,000 simulations rejection is farther from the posterior than a classifier, even at its best tolerance.")
            .measured("ln of the distances to the exact posterior, rejection minus classifier, 2,000 simulations")
            .figure("posteriors.svg")
            .mean(Region::Above(0.0), &gain),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![posteriors(results)]
}

/// Rejection and classifiers against the exact posterior.
fn posteriors(results: &Results<Config>) -> Figure {
    let rows = results.arm(ARM);
    let first = rows.first();
    let normal = |z: f64| (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
    let exact = || {
        let points = (-60..=60).map(|i| f64::from(i) / 10.0).map(|z| (z, normal(z))).collect();
        Layer::Line { label: "exact".into(), colour: Colour::Black, points }
    };
    let axis = || Axis::new("mean, in exact deviations").within(-6.0, 6.0);
    let mut rejected = Vec::new();
    if let Some(accepted) = first.and_then(|row| row.samples.get("accepted")) {
        let densities = accepted.to_f32();
        let by_tolerance = densities.chunks_exact(accepted.shape[1]);
        for (((tolerance, _), densities), colour) in TOLERANCES.iter().zip(by_tolerance).zip(SERIES)
        {
            let points = densities.iter().enumerate().map(|(i, y)| (bin(i), f64::from(*y)));
            let label = format!("tolerance {tolerance}");
            rejected.push(Layer::Line { label, colour, points: points.collect() });
        }
    }
    rejected.push(exact());
    let mut classified = Vec::new();
    if let Some(curves) = first.and_then(|row| row.samples.get("posteriors")) {
        let curves = curves.to_f32();
        let points = curves.len() / (BUDGETS.len() + 1);
        let step = 12.0 / (points as f64 - 1.0);
        for (((budget, _), curve), colour) in
            BUDGETS.iter().zip(curves.chunks_exact(points).skip(1)).zip(SERIES)
        {
            let at = |(i, mass): (usize, &f32)| (i as f64 * step - 6.0, f64::from(*mass) / step);
            let points = curve.iter().enumerate().map(at).collect();
            classified.push(Layer::Line { label: format!("{budget} simulations"), colour, points });
        }
    }
    classified.push(exact());

    let over_tolerance = |metric: &str| -> Vec<(f64, Vec<f64>)> {
        let at = |(tolerance, name): &(f64, &str)| {
            (*tolerance, values(&rows, &format!("{metric}_{name}")))
        };
        TOLERANCES.iter().rev().map(at).collect()
    };
    let mut cost = curve("share kept", Colour::Vermillion, &over_tolerance("accepted")).to_vec();
    cost.extend(curve("distance", Colour::Blue, &over_tolerance("distance")));
    let over_budget = |metric: &str| -> Vec<(f64, Vec<f64>)> {
        let at = |(budget, name): &(i64, &str)| {
            (*budget as f64, values(&rows, &format!("{metric}_{name}")))
        };
        BUDGETS.iter().map(at).collect()
    };
    let mut budgets =
        curve("rejection, best tolerance", Colour::Vermillion, &over_budget("rejection_distance"))
            .to_vec();
    budgets.extend(curve("classifier", Colour::Blue, &over_budget("classifier_distance")));
    let density = || Axis::new("density");
    let log = |label: &str| Axis::new(label).scaled(Scale::Log);
    Figure {
        name: "posteriors".into(),
        title: Title::new("The posterior of a Gaussian's mean without its likelihood")
            .if_reproduced(
                "learn.F09e",
                "From 2,000 simulations a classifier is nearer to the posterior than rejection",
            ),
        caption: format!(
            "Above: one seed; rejection keeps some of 1,000,000 draws. Below: {} and their medians; \
             distances are Wasserstein-2, in exact deviations.",
            seeds_of(results)
        ),
        columns: 2,
        height: 240,
        panels: vec![
            panel("rejection", axis(), density(), rejected),
            panel("a classifier of pairs", axis(), density(), classified),
            panel("1,000,000 draws", log("tolerance"), log(""), cost),
            panel("as many simulations for both", log("simulations"), log("distance"), budgets),
        ],
    }
}
