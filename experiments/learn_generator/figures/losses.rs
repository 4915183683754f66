//! Generator losses and estimators of their gradients.

use experiments::chart::{Group, dots, panel, ranking, short};
use experiments::variant::{divergence, generator_loss, scoring_rule};
use gan::objective::{Divergence, GeneratorLoss, ScoringRule};
use lab::Figure;
use lab::figure::{Axis, Colour, Corner, Layer, Panel, Scale, Tile};
use stats::robust;

use super::{COLOURS, path, values};
use crate::arms::Arms;
use crate::config::{Estimator, Problem};
use crate::grid::{DIMS, FORMS, RACERS, SHIFT_BATCH, SWAPPED};
use crate::slope::PLACES;

/// Gradient against distance.
pub(super) fn slopes(arms: Arms) -> Figure {
    let mut layers = Vec::new();
    for (loss, colour) in RACERS.into_iter().zip(COLOURS) {
        let rows = arms.slope(loss);
        let curve = rows.first().and_then(|row| row.samples.get("curve"));
        let points = curve.map(lab::Array::to_points).unwrap_or_default();
        layers.push(Layer::Line { label: generator_loss(loss), colour, points });
        let sampled = PLACES
            .iter()
            .flat_map(|(place, name)| values(&rows, name).into_iter().map(|slope| (*place, slope)));
        layers.push(dots(colour, 3, 0.4, sampled.filter(|(_, slope)| *slope > 0.0).collect()));
    }
    let y = Axis::new("gradient").scaled(Scale::Log).within(1e-4, 20.0);
    Figure {
        name: "slopes".into(),
        title: "What a generator's loss pulls with, against its distance from the data".into(),
        caption: "N(distance, 1) against N(0, 1), exact critic. Lines: quadrature; dots: twelve seeds of 100,000 samples."
            .into(),
        columns: 1,
        panel: (700, 400),
        panels: vec![panel("", Axis::new("distance"), y, layers, Some(Corner::LowerLeft))],
    }
}

/// The ways home.
pub(super) fn race(arms: Arms) -> Figure {
    let critics: Vec<Option<u64>> =
        arms.critic_steps().into_iter().map(Some).chain([None]).collect();
    let of = |critic: Option<u64>| {
        let mut layers = vec![Layer::Horizontal { label: String::new(), y: 0.1 }];
        for (loss, colour) in RACERS.into_iter().zip(COLOURS) {
            for (i, row) in arms.race(loss, critic).into_iter().enumerate() {
                let label = if i == 0 { generator_loss(loss) } else { String::new() };
                let points = path(row, "mean").into_iter().map(|(x, y)| (x, y.abs())).collect();
                layers.push(Layer::Line { label, colour, points });
            }
        }
        let title = match critic {
            Some(1) => "1 critic update a round".to_owned(),
            Some(steps) => format!("{steps} critic updates a round"),
            None => "the exact critic".to_owned(),
        };
        let y = Axis::new("|mean|").scaled(Scale::Log).within(0.003, 30.0);
        // Where there is room for it.
        let legend = (critic == critics[0]).then_some(Corner::LowerLeft);
        panel(&title, Axis::new("round"), y, layers, legend)
    };
    Figure {
        name: "race".into(),
        title: "A mean on its way from 8 to 0".into(),
        caption: "Twelve seeds of each loss, plain descent; dashed: arrived.".into(),
        columns: 2,
        panel: (480, 300),
        panels: critics.iter().map(|critic| of(*critic)).collect(),
    }
}

/// Comparison losses with generator losses.
pub(super) fn swap(arms: Arms) -> Figure {
    let mut tiles = Vec::new();
    for (x, rule) in ScoringRule::PROPER.into_iter().enumerate() {
        for (y, loss) in SWAPPED.into_iter().rev().enumerate() {
            let rows = arms.swap(rule, loss);
            let (left, rounds) = (values(&rows, "distance"), values(&rows, "rounds"));
            if left.is_empty() {
                continue;
            }
            let (left, rounds) = (robust::median(&left), robust::median(&rounds));
            let text = vec![short(left), format!("{rounds:.0} rounds")];
            tiles.push(Tile { at: (x, y), shade: (left / 0.5).clamp(0.0, 0.9), text });
        }
    }
    let x = Axis {
        label: "comparison loss".into(),
        ..Axis::of(ScoringRule::PROPER.map(|rule| scoring_rule(rule).to_owned()).into())
    };
    let y = Axis {
        label: "generator loss".into(),
        ..Axis::of(SWAPPED.iter().rev().map(|loss| generator_loss(*loss)).collect())
    };
    Figure {
        name: "swap".into(),
        title: "Any comparison loss with any generator loss: distance left, and rounds to 0.1"
            .into(),
        caption: "From a mean of 2, five critic updates a round; medians of twelve seeds.".into(),
        columns: 1,
        panel: (760, 340),
        panels: vec![panel("", x, y, vec![Layer::Tiles(tiles)], None)],
    }
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
pub(super) fn estimators(arms: Arms) -> Figure {
    let all = [
        Estimator::Pathwise,
        Estimator::ScoreBaseline,
        Estimator::Score,
        Estimator::Differences(0.01),
        Estimator::Spsa(0.01),
        Estimator::IndependentDifferences(0.1),
        Estimator::IndependentDifferences(0.01),
    ];
    let groups = |problem: Problem, batch: i64, metric: &str| -> Vec<Group> {
        let group = |(estimator, colour): (Estimator, Colour)| -> Group {
            let rows = arms.estimate(problem, estimator, batch);
            (estimator_name(estimator), colour, values(&rows, metric))
        };
        let groups = all.into_iter().zip(COLOURS).map(group);
        groups.filter(|(_, _, values)| !values.is_empty()).collect()
    };
    let work = || Axis::new("variance times critic evaluations").scaled(Scale::Log);
    let mut panels: Vec<Panel> = Vec::new();
    for (problem, title) in
        [(Problem::Mixture, "log-ratio against the mixture"), (Problem::Steep, "a steep critic")]
    {
        let batch = arms.middle_batch(problem);
        panels.push(ranking(title, work(), &groups(problem, batch, "work"), true, &[]));
    }
    for dim in DIMS {
        let title = format!("{dim} parameter{}", if dim == 1 { "" } else { "s" });
        let groups = groups(Problem::Shift { dim }, SHIFT_BATCH, "work");
        panels.push(ranking(&title, work(), &groups, true, &[]));
    }
    let axis = Axis::new("distance of the mean estimate from the gradient").scaled(Scale::Log);
    let bias = groups(Problem::Mixture, arms.middle_batch(Problem::Mixture), "bias");
    panels.push(ranking("bias and what is left of noise, mixture", axis, &bias, true, &[]));
    Figure {
        name: "estimators".into(),
        title: "Estimators of a generator's gradient".into(),
        caption: "In units of the squared gradient; dots: twelve seeds. A derivative through the critic counts as two \
                  evaluations. Last panel: over 1,000 estimates of 32 samples, in units of the gradient."
            .into(),
        columns: 2,
        panel: (520, 260),
        panels,
    }
}

/// The sign of each form.
pub(super) fn signs(arms: Arms) -> Figure {
    let of = |f: Divergence| {
        let group = |(loss, label, colour): (GeneratorLoss, &str, Colour)| -> Group {
            (label.to_owned(), colour, values(&arms.slope(loss), "slope_1"))
        };
        let groups = [
            (GeneratorLoss::Variational(f), "-f*(f'(r))", Colour::Blue),
            (GeneratorLoss::FrozenRatio(f), "f(r)", Colour::Vermillion),
            (GeneratorLoss::Bregman(f), "r f'(r)", Colour::Purple),
        ]
        .map(group);
        let axis =
            Axis::new("gradient at distance 1").scaled(Scale::SymLog(1.0)).within(-12.0, 12.0);
        ranking(divergence(f), axis, &groups, true, &[0.0])
    };
    Figure {
        name: "signs".into(),
        title: "Which way a frozen ratio points".into(),
        caption: "N(1, 1) against N(0, 1), exact critic; right of the dashed line descent goes to the data, left of it \
                  away. Dots: twelve seeds of 100,000 samples."
            .into(),
        columns: 3,
        panel: (370, 200),
        panels: FORMS.map(of).to_vec(),
    }
}
