//! Gradients of an expectation by the parameters of what is sampled (F07): which estimator has the least variance for its
//! cost, and when?

mod estimator;
mod problem;

use gan::device::{CPU, to_vec};
use gan::range;
use garde::Validate;
use lab::figure::{Axis, Colour, Panel, Scale, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{Group, ranking, seeds_of};
use shared::colour::SERIES;
use shared::contrast::{log_ratio, values};
use shared::{Outcomes, Task, claim, name, summary};
use tch::{Device, Kind, Tensor};

use crate::{at_once, seeds, streams};
use estimator::Estimator;
use problem::Problem;

/// One estimator at one problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What is differentiated.
    #[garde(dive)]
    problem: Problem,
    /// How.
    #[garde(dive)]
    estimator: Estimator,
    /// Samples behind an estimate.
    #[garde(custom(enough(&self.estimator)))]
    batch: i64,
    /// Estimates; a variance is that of two at least.
    #[garde(range(min = 2, max = 1_000_000), custom(in_memory(&self.batch, &self.problem)))]
    repeats: i64,
}

/// Checks that a baseline, the mean of the other samples, has one.
fn enough(estimator: &Estimator) -> impl FnOnce(&i64, &()) -> garde::Result {
    let least = if *estimator == Estimator::ScoreBaseline { 2 } else { 1 };
    move |batch, ()| range::within(batch, &(least..=65_536))
}

/// Checks that the samples of all estimates are not too many to hold at once.
fn in_memory(batch: &i64, problem: &Problem) -> impl FnOnce(&i64, &()) -> garde::Result {
    let (batch, dim) = (*batch, problem.dim());
    move |repeats, ()| at_once(&[*repeats, batch, dim])
}

impl Task for Config {
    fn cost(&self) -> f64 {
        500.0
    }
}

const DOUBLE: (Kind, Device) = (Kind::Double, Device::Cpu);
/// The dimensions in which a shift is estimated.
const DIMS: [i64; 3] = [1, 10, 100];
/// Samples behind the estimates of which claims speak.
const BATCH: i64 = 32;

fn arm_name(problem: Problem, estimator: Estimator, batch: i64) -> String {
    format!("estimate/{}/{}/batch-{batch}", name(&problem), name(&estimator))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let smoke = profile == Profile::Smoke;
    let mut arms = Vec::new();
    let mut add = |problem, estimator, batch, repeats| {
        let config = Config { problem, estimator, batch, repeats };
        let arm = Arm::new(arm_name(problem, estimator, batch), config);
        arms.push(arm.with_seeds(seeds(profile, 1), 1).with_quick_seeds(5));
    };
    for problem in [Problem::Mixture, Problem::Steep] {
        for estimator in Estimator::COMPARED {
            let batches: &[i64] = if smoke { &[BATCH] } else { &[4, BATCH, 128] };
            for batch in batches {
                add(problem, estimator, *batch, if smoke { 4 } else { 1_000 });
            }
        }
    }
    for dim in DIMS {
        let same_noise = |of: &Estimator| !matches!(of, Estimator::IndependentDifferences(_));
        for estimator in Estimator::COMPARED.into_iter().filter(same_noise) {
            add(Problem::Shift { dim }, estimator, BATCH, if smoke { 2 } else { 400 });
        }
    }
    arms
}

/// Repeats one estimator and compares with the exact gradient.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { problem, estimator, batch, repeats } = *config;
    let exact = problem.gradient();
    let mut rng = streams(run).with(CPU).fork("noise");
    let estimates = estimator.estimates(problem, [repeats, batch], &mut rng);
    let (variances, means) = estimates.var_mean_dim([0i64].as_slice(), true, false);
    let sum = |x: Tensor| to_vec(&x.sum(Kind::Double))[0];
    let square = sum(exact.square());
    let variance = sum(variances) / square;
    let numbers = [
        ("variance", variance),
        ("work", variance * estimator.evaluations(batch, exact.size()[0])),
        ("bias", (sum((means - exact).square()) / square).sqrt()),
    ];
    Ok(vec![summary(0, numbers)])
}

/// A discussion there; no experiment.
const DISCUSSION: &str = "Mohamed and Lakshminarayanan 2016 (1610.03483), discussion";

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    use Estimator::{Differences, IndependentDifferences, Pathwise, Score, ScoreBaseline, Spsa};

    let work = |problem, a, b| {
        let rows = |estimator| results.arm(&arm_name(problem, estimator, BATCH));
        log_ratio((&rows(a), &rows(b)), "work")
    };
    let shift = |dim, a, b| work(Problem::Shift { dim }, a, b);
    let estimated = |id, statement, quantity: &str| {
        let measured = format!("ln `work` (variance times cost) from 32 samples, {quantity}");
        claim(id, statement).ours_after(DISCUSSION).measured(&measured).figure("estimators.svg")
    };
    vec![
        estimated(
            "learn.F07",
            "Pathwise gradients need less work than the score function with a baseline under the exact log-ratio to the mixture.",
            "score with baseline minus pathwise, mixture",
        )
        .mean(Region::Above(0.0), &work(Problem::Mixture, ScoreBaseline, Pathwise)),
        estimated(
            "learn.F07b",
            "Pathwise gradients need less than a tenth of the score function's work under a smooth critic.",
            "score with baseline minus pathwise, shift with 10 parameters; ln 10 = 2.3",
        )
        .mean(Region::Above(10f64.ln()), &shift(DIMS[1], ScoreBaseline, Pathwise)),
        estimated(
            "learn.F07c",
            "Under a critic that jumps the score function needs less work than pathwise gradients.",
            "pathwise minus score with baseline, steep critic",
        )
        .mean(Region::Above(0.0), &work(Problem::Steep, Pathwise, ScoreBaseline)),
        estimated(
            "learn.F07d",
            "A baseline saves the score function work.",
            "score without minus with baseline, mixture",
        )
        .mean(Region::Above(0.0), &work(Problem::Mixture, Score, ScoreBaseline)),
        estimated(
            "learn.F07e",
            "Finite differences need common random numbers.",
            "differences of 0.1 with independent numbers minus of 0.01 with common ones, mixture",
        )
        .mean(
            Region::Above(0.0),
            &work(Problem::Mixture, IndependentDifferences(0.1), Differences(0.01)),
        ),
        estimated(
            "learn.F07f",
            "Without common random numbers the variance of finite differences grows as the inverse square of the step.",
            "independent differences of 0.01 minus of 0.1, mixture; ln 100 = 4.6",
        )
        .mean(
            Region::Within(4.3, 4.9),
            &work(Problem::Mixture, IndependentDifferences(0.01), IndependentDifferences(0.1)),
        ),
        estimated(
            "learn.F07g",
            "In a hundred dimensions finite differences need more than ten times the work of pathwise gradients.",
            "differences minus pathwise, shift with 100 parameters; ln 10 = 2.3",
        )
        .mean(Region::Above(10f64.ln()), &shift(DIMS[2], Differences(0.01), Pathwise)),
        estimated(
            "learn.F07h",
            "One random direction for all parameters needs more work than a difference for each: its noise does not average out over the batch.",
            "SPSA minus differences, shift with 100 parameters",
        )
        .mean(Region::Above(0.0), &shift(DIMS[2], Spsa(0.01), Differences(0.01))),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![estimators(results)]
}

fn estimator_name(estimator: Estimator) -> String {
    match estimator {
        Estimator::Pathwise => "pathwise".into(),
        Estimator::Score => "score function".into(),
        Estimator::ScoreBaseline => "score, baseline".into(),
        Estimator::Differences(step) => format!("differences {step}, common"),
        Estimator::IndependentDifferences(step) => format!("differences {step}, independent"),
        Estimator::Spsa(step) => format!("SPSA {step}, common"),
    }
}

/// Variance times cost, and bias.
fn estimators(results: &Results<Config>) -> Figure {
    let groups = |problem: Problem, metric: &str| -> Vec<Group> {
        let group = |(estimator, colour): (Estimator, Colour)| -> Group {
            let rows = results.arm(&arm_name(problem, estimator, BATCH));
            (estimator_name(estimator), colour, values(&rows, metric))
        };
        let groups = Estimator::COMPARED.into_iter().zip(SERIES).map(group);
        groups.filter(|(_, _, values)| !values.is_empty()).collect()
    };
    let work = || Axis::new("variance times critic evaluations").scaled(Scale::Log);
    let mut panels: Vec<Panel> = Vec::new();
    for (problem, title) in [
        (Problem::Mixture, "log-ratio against the mixture"),
        (Problem::Steep, "a critic that jumps"),
    ] {
        panels.push(ranking(title, work(), &groups(problem, "work"), &[]));
    }
    for dim in DIMS {
        let title = format!("{dim} parameter{}", if dim == 1 { "" } else { "s" });
        let groups = groups(Problem::Shift { dim }, "work");
        panels.push(ranking(&title, work(), &groups, &[]));
    }
    let axis = Axis::new("distance of the mean estimate from the gradient").scaled(Scale::Log);
    let bias = groups(Problem::Mixture, "bias");
    panels.push(ranking("bias and what is left of noise, mixture", axis, &bias, &[]));
    Figure {
        name: "estimators".into(),
        title: Title::new("Estimators of a generator's gradient").if_reproduced(
            "learn.F07c",
            "Under a critic that jumps the score function beats pathwise gradients",
        ),
        caption: format!(
            "In units of the squared gradient; dots: {}. A derivative through the critic counts as two \
             evaluations. Last panel: over 1,000 estimates of 32 samples, in units of the gradient.",
            seeds_of(results)
        ),
        columns: 2,
        height: 200,
        panels,
    }
}
