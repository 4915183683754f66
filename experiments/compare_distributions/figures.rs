//! Pictures of stored results.

use experiments::chart::{Group, curve, dots, panel, ranking};
use experiments::variant::{divergence, scoring_rule};
use gan::objective::{Divergence, ScoringRule};
use lab::figure::{Axis, Colour, Corner, Layer, Panel, Scale};
use lab::{Figure, Results, Row};
use stats::robust;

use crate::arms::Arms;
use crate::config::{Config, Estimator};
use crate::grid::{BOUNDS, COST_DIM, ON_THE_LINE};
use crate::laws::{Change, Pair};

/// Returns every figure of the README.
pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let arms = Arms(results);
    vec![
        scoring(arms),
        bounds(arms),
        ratios(arms),
        dimension(arms),
        cost(arms),
        moments(arms),
        tests(arms),
    ]
}

const COLOURS: [Colour; 8] = [
    Colour::Blue,
    Colour::Orange,
    Colour::Green,
    Colour::Vermillion,
    Colour::Purple,
    Colour::SkyBlue,
    Colour::Black,
    Colour::Grey,
];

fn estimator_name(estimator: Estimator) -> &'static str {
    match estimator {
        Estimator::LogisticLinear => "linear logistic",
        Estimator::LogisticQuadratic => "quadratic logistic",
        Estimator::Kliep => "KLIEP",
        Estimator::Ulsif => "uLSIF",
        Estimator::LogisticSparse => "sparse quadratic",
        Estimator::Neural(Divergence::Pearson) => "network, LSIF",
        Estimator::Neural(Divergence::KullbackLeibler) => "network, KLIEP",
        Estimator::Neural(_) => "network, logistic",
    }
}

fn law(pair: Pair) -> String {
    match pair {
        Pair::Shift { dim: 1 } => "N(1, 1) against N(0, 1)".into(),
        Pair::Shift { dim } => format!("a shift in {dim} dimensions"),
        Pair::WideModel => "N(1, 1) against N(0, 4)".into(),
        Pair::WideData => "N(0, 1.44) against N(0, 1)".into(),
    }
}

fn values(rows: &[&Row<Config>], metric: &str) -> Vec<f64> {
    rows.iter().filter_map(|row| row.value(metric)).collect()
}

/// The log-ratio by every rule over the true one, and its error.
fn scoring(arms: Arms) -> Figure {
    let curves = |pair: Pair| {
        let mut layers: Vec<Layer> = Vec::new();
        for (rule, colour) in ScoringRule::ALL.into_iter().zip(COLOURS) {
            let rows = arms.risk(pair, rule);
            let points = rows.first().and_then(|row| row.samples.get("outputs"));
            let mut points = points.map(lab::Array::to_points).unwrap_or_default();
            points.retain(|(x, y)| x.abs() < 4.0 && *y > -6.0);
            layers.push(Layer::Line { label: scoring_rule(rule).into(), colour, points });
        }
        layers.push(dots(Colour::Black, 1, 1.0, exact(pair)));
        let axis = Axis::new("log-ratio").within(-6.0, 4.0);
        panel(&law(pair), Axis::new("x").within(-4.0, 4.0), axis, layers, Some(Corner::LowerRight))
    };
    let errors = |pair: Pair| {
        let group = |(rule, colour): (ScoringRule, Colour)| -> Group {
            (scoring_rule(rule).into(), colour, values(&arms.risk(pair, rule), "error"))
        };
        let groups: Vec<Group> = ScoringRule::ALL.into_iter().zip(COLOURS).map(group).collect();
        let axis = Axis::new("error of the log-ratio").scaled(Scale::Log);
        ranking(&law(pair), axis, &groups, true, &[])
    };
    Figure {
        name: "scoring".into(),
        title: "The log-ratio by scoring rules".into(),
        caption: "Above: the critic of one seed, dots the truth. Below: ten seeds; bars: median with its 95 % interval.".into(),
        columns: 3,
        panel: (370, 320),
        panels: ON_THE_LINE.map(curves).into_iter().chain(ON_THE_LINE.map(errors)).collect(),
    }
}

/// The exact log-ratio along the line.
fn exact(pair: Pair) -> Vec<(f64, f64)> {
    let places: Vec<f64> = (-20..=20).map(|i| f64::from(i) / 5.0).collect();
    let x = tch::Tensor::from_slice(&places).reshape([-1, 1]);
    let points = places.into_iter().zip(gan::device::to_vec(&pair.log_ratio(&x)));
    points.filter(|(_, y)| *y > -6.0).collect()
}

/// What each bound lacks.
fn bounds(arms: Arms) -> Figure {
    let lacking = |pair: Pair| {
        let groups: Vec<Group> = BOUNDS
            .iter()
            .zip(COLOURS)
            .map(|(f, colour)| {
                (divergence(*f).into(), colour, values(&arms.bound(pair, *f), "shortfall"))
            })
            .collect();
        ranking(
            &law(pair),
            Axis::new("share of the divergence that the bound lacks").scaled(Scale::SymLog(0.05)),
            &groups,
            true,
            &[0.0, 0.05],
        )
    };
    Figure {
        name: "bounds".into(),
        title: "Variational bounds at learned critics".into(),
        caption: "Ten seeds; bars: median with its 95 % interval; dashed: tight, and the claim's threshold.".into(),
        columns: 2,
        panel: (480, 320),
        panels: [Pair::Shift { dim: 1 }, Pair::WideModel].map(lacking).to_vec(),
    }
}

fn by_estimator(arms: Arms, metric: &'static str, (pair, few): (Pair, bool)) -> Vec<Group> {
    let group = |(estimator, colour): (Estimator, Colour)| -> Group {
        (
            estimator_name(estimator).into(),
            colour,
            values(&arms.ratio(pair, few, estimator), metric),
        )
    };
    let all = Estimator::CLASSIC.into_iter().chain(Estimator::RICH);
    all.zip(COLOURS).map(group).filter(|(_, _, values)| !values.is_empty()).collect()
}

/// "12 seeds": those of a ratio, from the results themselves.
fn seeds(arms: Arms) -> String {
    let fits = arms.ratio(Pair::Shift { dim: 1 }, false, Estimator::LogisticLinear);
    format!("{} seeds", fits.len())
}

/// The cases in the order of the grid.
fn cases(arms: Arms) -> Vec<(Pair, bool)> {
    let mut cases: Vec<(Pair, bool)> = ON_THE_LINE.map(|pair| (pair, false)).to_vec();
    cases.extend(arms.dims().iter().skip(1).map(|&dim| (Pair::Shift { dim }, false)));
    cases.push((arms.high(), true));
    cases
}

/// The error of every estimator in every case.
fn ratios(arms: Arms) -> Figure {
    let errors = |case: (Pair, bool)| -> Panel {
        let groups = by_estimator(arms, "relative_error", case);
        let few = if case.1 { ", 100 samples" } else { "" };
        let axis = Axis::new("relative error").scaled(Scale::Log);
        ranking(&format!("{}{few}", law(case.0)), axis, &groups, true, &[])
    };
    Figure {
        name: "ratios".into(),
        title: "Density ratios from samples".into(),
        caption: format!(
            "Mean squared error over the mean square of the ratio; 1,000 samples of each law unless said; {}.",
            seeds(arms)
        ),
        columns: 3,
        panel: (370, 260),
        panels: cases(arms).into_iter().map(errors).collect(),
    }
}

fn dimension(arms: Arms) -> Figure {
    let layers = Estimator::CLASSIC.into_iter().zip(COLOURS).flat_map(|(estimator, colour)| {
        let at = |dim: i64| {
            (
                dim as f64,
                values(&arms.ratio(Pair::Shift { dim }, false, estimator), "relative_error"),
            )
        };
        let points: Vec<(f64, Vec<f64>)> = arms.dims().into_iter().map(at).collect();
        curve(estimator_name(estimator), colour, &points)
    });
    let y = Axis::new("relative error").scaled(Scale::Log);
    let x = Axis::new("dimension");
    Figure {
        name: "dimension".into(),
        title: "Error against dimension".into(),
        caption: format!(
            "N(e1, I) against N(0, I), 1,000 samples of each; dots: {}, lines: medians.",
            seeds(arms)
        ),
        columns: 1,
        panel: (620, 380),
        panels: vec![panel("", x, y, layers.collect(), Some(Corner::UpperLeft))],
    }
}

/// What accuracy costs.
fn cost(arms: Arms) -> Figure {
    let pair = Pair::Shift { dim: COST_DIM };
    let sizes = arms.sizes(pair);
    let layers = Estimator::CLASSIC.into_iter().zip(COLOURS).flat_map(|(estimator, colour)| {
        let runs: Vec<Vec<(f64, f64)>> = sizes
            .iter()
            .map(|&size| {
                let rows = arms.sized(pair, size, estimator);
                let at =
                    |row: &&Row<Config>| Some((row.wall_seconds?, row.value("relative_error")?));
                rows.iter().filter_map(at).collect()
            })
            .collect();
        let middle = |points: &Vec<(f64, f64)>| {
            let (seconds, errors): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
            (!points.is_empty()).then(|| (robust::median(&seconds), robust::median(&errors)))
        };
        let points = runs.iter().filter_map(middle).collect();
        let label = estimator_name(estimator).into();
        [Layer::Line { label, colour, points }, dots(colour, 2, 0.3, runs.concat())]
    });
    let log = |label: &str| Axis::new(label).scaled(Scale::Log);
    let (x, y) = (log("seconds of a fit and its judgement"), log("relative error"));
    Figure {
        name: "cost".into(),
        title: "What accuracy costs".into(),
        caption: format!(
            "A shift in 5 dimensions; from left to right 100, 300 and 1,000 samples of each law; dots: {}, lines: medians. \
             Seconds are those of the stored sweep.",
            seeds(arms)
        ),
        columns: 1,
        panel: (620, 380),
        panels: vec![panel("", x, y, layers.collect(), Some(Corner::UpperRight))],
    }
}

/// Moments of `r q` less those of `p`.
fn moments(arms: Arms) -> Figure {
    let of = |(metric, label, mark): (&'static str, &str, f64)| {
        let groups = by_estimator(arms, metric, (Pair::Shift { dim: 1 }, false));
        ranking(label, Axis::new(""), &groups, true, &[mark])
    };
    Figure {
        name: "moments".into(),
        title: "What the estimated ratio makes of the model's moments".into(),
        caption: format!(
            "N(1, 1) against N(0, 1); dashed: the exact ratio's; {} on 5,000 fresh points each.",
            seeds(arms)
        ),
        columns: 3,
        panel: (370, 260),
        panels: [
            ("mean_ratio", "E_q r", 1.0),
            ("first_moment", "E_q r x - E_p x", 0.0),
            ("second_moment", "E_q r x^2 - E_p x^2", 0.0),
        ]
        .map(of)
        .to_vec(),
    }
}

/// How often tests reject.
fn tests(arms: Arms) -> Figure {
    let of = |(change, dim): (Change, i64)| {
        let rows = arms.two_sample(change, dim);
        let group = |(metric, label, colour): (&str, &str, Colour)| -> Group {
            (label.to_owned(), colour, values(&rows, metric))
        };
        let groups: Vec<Group> = [
            ("rejected_mmd_narrow", "MMD, h / 4", Colour::SkyBlue),
            ("rejected_mmd", "MMD, h", Colour::Blue),
            ("rejected_mmd_wide", "MMD, 4 h", Colour::SkyBlue),
            ("rejected_mmd_laplace", "MMD, Laplace", Colour::Purple),
            ("rejected_energy", "energy", Colour::Vermillion),
            ("rejected_linear", "linear classifier", Colour::Orange),
            ("rejected_quadratic", "quadratic classifier", Colour::Green),
        ]
        .map(group)
        .to_vec();
        let what = match change {
            Change::None => "equal laws",
            Change::Mean => "mean 1/2",
            Change::Spread => "variance 1.5",
            Change::Shape => "Laplace's law",
        };
        let title = format!("{what}, dimension {dim}");
        ranking(&title, Axis::new("share rejected").within(-0.05, 1.05), &groups, true, &[0.05])
    };
    let arms = [1, 5].into_iter().flat_map(|dim| Change::ALL.map(|change| (change, dim)));
    Figure {
        name: "tests".into(),
        title: "Tests of whether two samples of 100 are of one law".into(),
        caption: "Dots: ten seeds of 100 repetitions each; dashed: the level, 0.05; h: the median distance.".into(),
        columns: 4,
        panel: (330, 290),
        panels: arms.map(of).collect(),
    }
}
