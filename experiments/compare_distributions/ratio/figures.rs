//! Errors, costs and moments of estimated ratios.

use lab::figure::{Axis, Layer, Panel, Scale, Title};
use lab::{Figure, Results, Row};
use shared::chart::{Group, curve, dots, panel, ranking};
use shared::colour::SERIES;
use shared::contrast::values;
use stats::robust;

use super::estimator::Estimator;
use super::{Case, Config, MOMENTS, SIZES_DIM};

use crate::pair::Pair;

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![ratios(results), dimension(results), cost(results), moments(results)]
}

/// The cases of the results: on the line, by dimension, then those with fewer samples of `p`.
fn cases(results: &Results<Config>) -> Vec<Case> {
    let of_row = |row: &Row<Config>| {
        let Config { pair, numerator, denominator, .. } = row.config;
        Case { pair, numerator, denominator }
    };
    let mut cases: Vec<Case> = results.rows.iter().map(of_row).collect();
    cases.sort_by_key(|case| (case.numerator < case.denominator, case.pair.dim(), *case));
    cases.dedup();
    cases
}

/// The cases with as many samples of `q` as the pairs on the line have.
fn usual_cases(results: &Results<Config>) -> Vec<Case> {
    let mut cases = cases(results);
    let usual = cases.first().map(|case| case.denominator);
    cases.retain(|case| Some(case.denominator) == usual);
    cases
}

fn groups(results: &Results<Config>, case: Case, metric: &str) -> Vec<Group> {
    let all = Estimator::CLASSIC.into_iter().chain(Estimator::RICH).zip(SERIES);
    let group = |(estimator, colour): (Estimator, _)| -> Group {
        let rows = results.arm(&case.arm(estimator));
        (estimator.words().into(), colour, values(&rows, metric))
    };
    all.map(group).filter(|(_, _, values)| !values.is_empty()).collect()
}

/// "12 seeds" or "20 to 40 seeds": those of the estimators of some cases.
fn seeds(results: &Results<Config>, cases: &[Case]) -> String {
    let arms = cases.iter().flat_map(|case| case.estimators().into_iter().map(|it| case.arm(it)));
    let mut counts: Vec<usize> = arms.map(|arm| results.arm(&arm).len()).collect();
    counts.retain(|count| *count > 0);
    match (counts.iter().min(), counts.iter().max()) {
        (Some(least), Some(most)) if least < most => format!("{least} to {most} seeds"),
        (least, _) => format!("{} seeds", least.unwrap_or(&0)),
    }
}

/// The error of every estimator in every case.
fn ratios(results: &Results<Config>) -> Figure {
    let cases = usual_cases(results);
    let errors = |case: &Case| -> Panel {
        let few = if case.numerator < case.denominator {
            format!(", {} samples", case.numerator)
        } else {
            String::new()
        };
        let title = format!("{}{few}", case.pair.words());
        let axis = Axis::new("relative error").scaled(Scale::Log);
        ranking(&title, axis, &groups(results, *case, "relative_error"), &[])
    };
    Figure {
        name: "ratios".into(),
        title: Title::new("Density ratios from samples").if_reproduced(
            "compare.F04h",
            "A network by the logistic loss finds the ratio of a shift better than kernels",
        ),
        caption: format!(
            "Mean squared error over the mean square of the ratio; 1,000 samples of each law unless said; {}.",
            seeds(results, &cases)
        ),
        columns: 3,
        height: 180,
        panels: cases.iter().map(errors).collect(),
    }
}

/// The error of estimators against the dimension of a shift.
fn dimension(results: &Results<Config>) -> Figure {
    let mut shifts = usual_cases(results);
    shifts.retain(|case| {
        case.numerator == case.denominator && matches!(case.pair, Pair::Shift { .. })
    });
    let layers = Estimator::CLASSIC.into_iter().zip(SERIES).flat_map(|(estimator, colour)| {
        let at = |case: &Case| {
            (case.pair.dim() as f64, values(&results.arm(&case.arm(estimator)), "relative_error"))
        };
        curve(estimator.words(), colour, &shifts.iter().map(at).collect::<Vec<_>>())
    });
    let y = Axis::new("relative error").scaled(Scale::Log);
    let x = Axis::new("dimension");
    Figure {
        name: "dimension".into(),
        title: Title::new("Error against dimension")
            .if_reproduced("compare.F04d", "The error of uLSIF grows with the dimension"),
        caption: format!(
            "N(e1, I) against N(0, I), 1,000 samples of each; dots: {}, lines: medians.",
            seeds(results, &shifts)
        ),
        columns: 1,
        height: 380,
        panels: vec![panel("", x, y, layers.collect())],
    }
}

/// What accuracy costs.
fn cost(results: &Results<Config>) -> Figure {
    let mut sizes = cases(results);
    sizes.retain(|case| *case == Case::even(Pair::Shift { dim: SIZES_DIM }, case.denominator));
    let layers = Estimator::CLASSIC.into_iter().zip(SERIES).flat_map(|(estimator, colour)| {
        let of_size = |case: &Case| -> Vec<(f64, f64)> {
            let at = |row: &&Row<Config>| Some((row.wall_seconds?, row.value("relative_error")?));
            results.arm(&case.arm(estimator)).iter().filter_map(at).collect()
        };
        let runs: Vec<Vec<(f64, f64)>> = sizes.iter().map(of_size).collect();
        let middle = |points: &Vec<(f64, f64)>| {
            let (seconds, errors): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
            (!points.is_empty()).then(|| (robust::median(&seconds), robust::median(&errors)))
        };
        let points = runs.iter().filter_map(middle).collect();
        let label = estimator.words().into();
        [Layer::Line { label, colour, points }, dots(colour, 2, 0.3, runs.concat())]
    });
    let log = |label: &str| Axis::new(label).scaled(Scale::Log);
    let (x, y) = (log("seconds of a fit and its measures"), log("relative error"));
    let samples: Vec<String> = sizes.iter().map(|case| case.denominator.to_string()).collect();
    Figure {
        name: "cost".into(),
        title: "What accuracy costs".into(),
        caption: format!(
            "A shift in {SIZES_DIM} dimensions; from left to right {} samples of each law; dots: {}, lines: medians. \
             Seconds are those of the stored sweep.",
            samples.join(", "),
            seeds(results, &sizes)
        ),
        columns: 1,
        height: 380,
        panels: vec![panel("", x, y, layers.collect())],
    }
}

/// Moments of `r q` less those of `p`.
fn moments(results: &Results<Config>) -> Figure {
    let case = usual_cases(results).into_iter().find(|case| case.pair == MOMENTS.0.pair);
    let case = case.unwrap_or(MOMENTS.0);
    let of = |(metric, label, mark): (&str, &str, f64)| {
        ranking(label, Axis::new(""), &groups(results, case, metric), &[mark])
    };
    Figure {
        name: "moments".into(),
        title: Title::new("What the estimated ratio makes of the model's moments").if_reproduced(
            "compare.F04g",
            "The estimated ratio carries the model's moments to the data's",
        ),
        caption: format!(
            "N(1, 1) against N(0, 1); dashed: the exact ratio's; {} on 5,000 fresh points each.",
            seeds(results, &[case])
        ),
        columns: 3,
        height: 180,
        panels: [
            ("mean_ratio", "E_q r", 1.0),
            ("first_moment", "E_q r x - E_p x", 0.0),
            ("second_moment", "E_q r x^2 - E_p x^2", 0.0),
        ]
        .map(of)
        .to_vec(),
    }
}
