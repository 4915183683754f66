//! A WGAN of a shift and a linear critic (F13a): does the last iterate find the data's mean, or only the mean of iterates?

use gan::{Objective, Penalty, range};
use garde::Validate;
use lab::figure::{Axis, Colour, Layer};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{Group, dots, panel, ranking};
use shared::colour::SERIES;
use shared::contrast::values;
use shared::variant::arm_name as variant_name;
use shared::{Outcomes, Source, Task, claim, name, summary};
use stats::robust;

use crate::play::Dynamics;
use crate::toy::{Path, Toy};

/// One way to move, with what holds the critic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Who moves when.
    #[garde(dive)]
    dynamics: Dynamics,
    /// What holds the critic.
    #[garde(dive)]
    penalty: Penalty,
    /// Step size of both.
    #[garde(custom(range::learning_rate))]
    rate: f64,
    /// Turns.
    #[garde(custom(range::steps))]
    steps: u64,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        self.steps as f64 / 5.0
    }
}

type Way = (Dynamics, Penalty);

const CLIP: Penalty = Penalty::WeightClip { bound: 1.0 };
/// The authors' notebook first, our additions last.
const WAYS: [Way; 9] = [
    (Dynamics::Simultaneous, Penalty::None),
    (Dynamics::Simultaneous, CLIP),
    (Dynamics::Simultaneous, Penalty::Gradient { weight: 0.1 }),
    (Dynamics::Momentum(0.5), CLIP),
    (Dynamics::Optimistic, Penalty::None),
    (Dynamics::Alternating, Penalty::None),
    (Dynamics::AlternatingMomentum(-0.5), Penalty::None),
    (Dynamics::Extragradient, Penalty::None),
    (Dynamics::Consensus(1.0), Penalty::None),
];
/// What the notebook compares optimistic descent with and what stays bounded.
const NOTEBOOK: [Way; 3] = [WAYS[1], WAYS[2], WAYS[3]];

fn arm_name((dynamics, penalty): Way) -> String {
    format!("linear/{}/{}", variant_name(Objective::Wasserstein, penalty), name(&dynamics))
}

fn label((dynamics, penalty): Way) -> String {
    match penalty {
        Penalty::None => dynamics.label(),
        Penalty::WeightClip { .. } => format!("{}, clipped", dynamics.label()),
        _ => format!("{}, WGAN-GP", dynamics.label()),
    }
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let steps = if profile == Profile::Smoke { 20 } else { 999 };
    let arm = |way: Way| {
        let config = Config { dynamics: way.0, penalty: way.1, rate: 0.1, steps };
        Arm::new(arm_name(way), config).with_quick_seeds(1)
    };
    WAYS.map(arm).into()
}

/// Where the data are: their noise is left out, so that nothing is drawn.
const MEAN: [f64; 2] = [3.0, 4.0];
const REACH: f64 = 1e6;

fn game(penalty: Penalty) -> Toy {
    let starts = [vec![1.7, 1.7], vec![1.4, 1.4]];
    Toy { objective: Objective::Wasserstein, penalty, noise: 0.0, data: MEAN.into(), starts }
}

/// The mean over a path of where the point was.
fn mean(path: &Path) -> [f64; 2] {
    [0, 1].map(|i| robust::mean(&path.iter().map(|place| place[i]).collect::<Vec<_>>()))
}

pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { dynamics, penalty, rate, steps } = *config;
    let path = game(penalty).path(dynamics, rate, steps, REACH);
    for (step, place) in path.iter().enumerate().step_by(path.len().div_ceil(200)) {
        for (metric, value) in ["first", "second"].into_iter().zip(place) {
            run.trace(0, metric, step as u64, *value);
        }
    }
    let error = |place: &[f64]| (place[0] - MEAN[0]).hypot(place[1] - MEAN[1]);
    let last = path.last().map_or(f64::NAN, |place| error(place));
    Ok(vec![summary(steps, [("last_error", last), ("mean_error", error(&mean(&path)))])])
}

const DASKALAKIS: Source = Source::remembered("Daskalakis et al. 2018 (1711.00141)");
const PLACE: &str = "its theorem; the setting is the released notebook's, which was read";

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let of = |way: Way, metric: &str| results.arm(&arm_name(way)).first()?.value(metric);
    let bounded = [&NOTEBOOK[..], &[WAYS[4]]].concat();
    let means = bounded.iter().map(|way| of(*way, "mean_error")).collect::<Option<Vec<f64>>>();
    let others = NOTEBOOK.map(|way| of(way, "last_error"));
    let others = others.into_iter().collect::<Option<Vec<f64>>>();
    vec![
        claim("games.F13a", "On the linear WGAN the last iterate of optimistic descent finds the data's mean.")
            .published(DASKALAKIS, PLACE, None)
            .measured("`last_error` of optimistic descent after 999 turns at 0.1")
            .figure("linear.svg")
            .exact(Region::Below(0.05), of(WAYS[4], "last_error")),
        claim("games.F13a2", "On the linear WGAN the last iterates under clipping, clipping with momentum and a gradient penalty do not find the data's mean.")
            .published(DASKALAKIS, PLACE, None)
            .measured("least `last_error` of the three after 999 turns at 0.1")
            .figure("linear.svg")
            .exact(Region::Above(0.2), others.and_then(|x| x.into_iter().reduce(f64::min))),
        claim("games.F13a3", "On the linear WGAN the mean of the iterates finds the data's mean whatever holds the critic.")
            .published(DASKALAKIS, PLACE, None)
            .measured("largest `mean_error` after 999 turns at 0.1, of optimistic descent and of the three that stay bounded")
            .figure("linear.svg")
            .exact(Region::Below(0.05), means.and_then(|x| x.into_iter().reduce(f64::max))),
    ]
}

/// The least distance that the figure tells from others.
const NEAREST: f64 = 1e-6;

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let path = |way: Way, colour: Colour| {
        let rows = results.arm(&arm_name(way));
        let traces = rows.first().map(|row| (row.traces.get("first"), row.traces.get("second")));
        let points = match traces {
            Some((Some(x), Some(y))) => x.iter().zip(y).map(|(x, y)| (x.1, y.1)).collect(),
            _ => Vec::new(),
        };
        let target = dots(Colour::Black, 4, 1.0, vec![MEAN.into()]);
        let axis = |label: &str| Axis::new(label).within(-2.0, 10.0);
        let line = Layer::Line { label: String::new(), colour, points };
        panel(&label(way), axis("first coordinate"), axis("second coordinate"), vec![line, target])
    };
    let colours = || SERIES.into_iter().chain([Colour::Grey]);
    let shown = WAYS.into_iter().zip(colours()).enumerate();
    let shown = shown.filter(|(place, _)| [0, 1, 2, 3, 4, 7].contains(place));
    let mut panels: Vec<_> = shown.map(|(_, (way, colour))| path(way, colour)).collect();
    let errors = |metric: &str, title: &str| {
        let groups: Vec<Group> = WAYS
            .iter()
            .zip(colours())
            .map(|(way, colour)| {
                let found = values(&results.arm(&arm_name(*way)), metric);
                (label(*way), colour, found.into_iter().map(|x| x.max(NEAREST)).collect())
            })
            .collect();
        let x = Axis::new("distance to the data's mean").scaled(lab::figure::Scale::Log);
        ranking(title, x.within(NEAREST / 3.0, 1e3), &groups, &[])
    };
    panels.push(errors("last_error", "last iterate"));
    panels.push(errors("mean_error", "mean of iterates"));
    vec![Figure {
        name: "linear".into(),
        title: "A linear WGAN: where the point goes, and where it is in the mean".into(),
        caption: "999 turns at 0.1; the cross is the data's mean. What is nearer than 1e-6 stands there. No chance is in it.".into(),
        columns: 3,
        height: 220,
        panels,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    /// The numbers of the authors' notebook (last place, mean place), printed there to eight digits. Its optimistic run
    /// lists the start twice, so that a thousand iterates are 998 turns.
    #[test]
    fn places_are_those_of_the_notebook() {
        for (way, turns, last, mean_place) in [
            (WAYS[1], 999, [3.480_005_45, 5.077_607_94], [3.012_242_87, 3.985_887_48]),
            (WAYS[2], 999, [1.771_827_65, 2.267_637_25], [2.996_317_26, 4.021_116_31]),
            (WAYS[4], 998, [2.991_256_39, 3.984_896_38], [3.011_316_23, 4.009_319_59]),
        ] {
            let mut path = game(way.1).path(way.0, 0.1, turns, REACH);
            if turns == 998 {
                path.insert(0, path[0].clone());
            }
            for i in [0, 1] {
                assert_abs_diff_eq!(path[path.len() - 1][i], last[i], epsilon = 1e-6);
                assert_abs_diff_eq!(mean(&path)[i], mean_place[i], epsilon = 1e-6);
            }
        }
        // Its momentum has the starting places themselves as its memory, so that its row is not ours.
        let ([mut point, mut critic], mut moved) = ([[1.7; 2], [1.4; 2]], [[1.7; 2], [1.4; 2]]);
        for _ in 0..999 {
            for i in [0, 1] {
                moved[0][i] = 0.5 * moved[0][i] - 0.1 * critic[i];
                moved[1][i] = 0.5 * moved[1][i] + 0.1 * (MEAN[i] - point[i]);
                point[i] -= moved[0][i];
                critic[i] = f64::clamp(critic[i] + moved[1][i], -1.0, 1.0);
            }
        }
        assert_abs_diff_eq!(point[..], [1.970_806_44, 2.501_907_71][..], epsilon = 1e-8);
        let apart = game(Penalty::None).path(Dynamics::Simultaneous, 0.1, 999, REACH);
        let last = &apart[apart.len() - 1];
        assert!((last[0] + 269.5).abs() < 0.1 && (last[1] + 350.9).abs() < 0.1, "{last:?}");
        let longer = game(Penalty::None).path(Dynamics::Optimistic, 0.1, 2_998, REACH);
        let [x, y] = [0, 1].map(|i| longer[2_998][i] - MEAN[i]);
        assert!(x.hypot(y) < 1e-6, "{x} {y}");
    }
}
