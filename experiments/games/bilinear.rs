//! The smallest game that turns (F13b): one number makes a product small, the other makes it large. Which ways to move end
//! at the equilibrium, by which rate, and does the mean of the iterates?

use gan::{Objective, Penalty, range};
use garde::Validate;
use lab::figure::{Axis, Colour, Layer, Scale};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Row, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{dots, panel};
use shared::colour::SERIES;
use shared::{Outcomes, Source, Task, claim, name, summary};
use stats::robust;

use crate::play::Dynamics;
use crate::poles::radius;
use crate::toy::Toy;

/// One way to move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Who moves when.
    #[garde(dive)]
    dynamics: Dynamics,
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

/// Ways that the theory says end at the equilibrium, and ways that it says do not.
const ENDING: [Dynamics; 4] = [
    Dynamics::AlternatingMomentum(-0.5),
    Dynamics::Optimistic,
    Dynamics::Extragradient,
    Dynamics::Consensus(1.0),
];
const TURNING: [Dynamics; 5] = [
    Dynamics::Simultaneous,
    Dynamics::Alternating,
    Dynamics::Momentum(0.5),
    Dynamics::Momentum(-0.5),
    Dynamics::AlternatingMomentum(0.5),
];

fn all() -> impl Iterator<Item = Dynamics> {
    TURNING.into_iter().chain(ENDING)
}

fn arm_name(dynamics: Dynamics) -> String {
    format!("bilinear/{}", name(&dynamics))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let steps = if profile == Profile::Smoke { 20 } else { 1_000 };
    let arm = |dynamics| Arm::new(arm_name(dynamics), Config { dynamics, rate: 0.1, steps });
    all().map(|dynamics| arm(dynamics).with_quick_seeds(1)).collect()
}

/// A path is followed no farther than this.
const REACH: f64 = 1e6;

/// The game `theta psi` is that of a linear critic against a point at zero.
fn game(start: f64) -> Toy {
    let (objective, penalty) = (Objective::Wasserstein, Penalty::None);
    let starts = [vec![start], vec![start]];
    Toy { objective, penalty, noise: 0.0, data: vec![0.0], starts }
}

pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { dynamics, rate, steps } = *config;
    let game = game(1.0);
    let path = game.path(dynamics, rate, steps, REACH);
    for (step, place) in path.iter().enumerate().step_by(path.len().div_ceil(200)) {
        run.trace(0, "theta", step as u64, place[0]);
        run.trace(0, "psi", step as u64, place[1]);
    }
    let mean: Vec<f64> = [0, 1]
        .map(|i| robust::mean(&path.iter().map(|place| place[i]).collect::<Vec<_>>()))
        .to_vec();
    let numbers = [
        ("distance", path.last().map_or(f64::NAN, |place| game.distance(place))),
        ("mean_distance", game.distance(&mean)),
        ("rate", game.rate(&path)),
        ("predicted_rate", radius(&game.jacobian(None), dynamics, rate).ln()),
    ];
    Ok(vec![summary(steps, numbers)])
}

const DASKALAKIS: Source = Source::remembered("Daskalakis et al. 2018 (1711.00141)");

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let of = |ways: &[Dynamics], number: &dyn Fn(&Row<Config>) -> Option<f64>| {
        let of_way = |way: &Dynamics| number(results.arm(&arm_name(*way)).first()?);
        ways.iter().map(of_way).collect::<Option<Vec<f64>>>()
    };
    let rate = |row: &Row<Config>| row.value("rate");
    let error = |row: &Row<Config>| Some((row.value("rate")? - row.value("predicted_rate")?).abs());
    let most = |values: Option<Vec<f64>>| values.and_then(|x| x.into_iter().reduce(f64::max));
    let least = |values: Option<Vec<f64>>| values.and_then(|x| x.into_iter().reduce(f64::min));
    let ways: Vec<Dynamics> = all().collect();
    vec![
        claim("games.F13b", "On the bilinear game the last iterates of optimistic descent, extragradient, consensus and alternating descent with negative momentum converge.")
            .published(DASKALAKIS, "its theorem on optimistic descent; the others from Gidel et al. 2019 and Mescheder et al. 2017, remembered", None)
            .measured("largest change of ln distance a turn (`rate`, second half of 1,000) among the four, step 0.1")
            .figure("bilinear.svg")
            .exact(Region::Below(-0.001), most(of(&ENDING, &rate))),
        claim("games.F13b2", "On the bilinear game neither simultaneous nor alternating descent converges, nor momentum of either sign at once, nor positive momentum in turn.")
            .derived("eigenvalues of a turn of size one or more", None)
            .measured("least change of ln distance a turn (`rate`, second half of 1,000) among the five, step 0.1")
            .figure("bilinear.svg")
            .exact(Region::Above(-0.001), least(of(&TURNING, &rate))),
        claim("games.F13b3", "The eigenvalues of one turn tell the rate of every way to move on the bilinear game.")
            .derived("the game is linear", None)
            .measured("largest |`rate` - ln spectral radius| among nine ways to move")
            .figure("bilinear.svg")
            .exact(Region::Below(0.001), most(of(&ways, &error))),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let path = |dynamics: Dynamics| {
        let rows = results.arm(&arm_name(dynamics));
        let traces = rows.first().map(|row| (row.traces.get("theta"), row.traces.get("psi")));
        let Some((Some(theta), Some(psi))) = traces else { return Vec::new() };
        theta.iter().zip(psi).map(|(x, y)| (x.0, x.1, y.1)).collect::<Vec<_>>()
    };
    let compared = |title: &str, ways: [Dynamics; 4], colours: &[Colour]| {
        let plane = ways.iter().zip(colours.iter().copied()).map(|(way, colour)| {
            let points = path(*way).iter().map(|&(_, x, y)| (x, y)).collect();
            Layer::Line { label: way.label(), colour, points }
        });
        let centre = dots(Colour::Black, 3, 1.0, vec![(0.0, 0.0)]);
        let axis = |label: &str| Axis::new(label).within(-4.0, 4.0);
        let layers = plane.chain([centre]).collect();
        let phase = panel(title, axis("theta"), axis("psi"), layers);
        let distances = ways.iter().zip(colours.iter().copied()).map(|(way, colour)| {
            let points = path(*way).iter().map(|&(t, x, y)| (t as f64, x.hypot(y))).collect();
            Layer::Line { label: way.label(), colour, points }
        });
        let y = Axis::new("distance").scaled(Scale::Log).within(1e-6, 1e6);
        let distance = panel("", Axis::new("turn"), y, distances.collect());
        [phase, distance]
    };
    let turning = [TURNING[0], TURNING[1], TURNING[2], TURNING[4]];
    let panels = [
        compared("these do not converge", turning, &SERIES[..4]),
        compared("these converge", ENDING, &SERIES[4..]),
    ]
    .concat();
    vec![Figure {
        name: "bilinear".into(),
        title: "The bilinear game: who ends at its equilibrium".into(),
        caption:
            "Step 0.1, 1,000 turns from (1, 1); the cross is the equilibrium. No chance is in it. Optimistic descent and \
             extragradient lie upon each other; negative momentum at once, which diverges, is not drawn."
                .into(),
        columns: 2,
        height: 310,
        panels,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// The closed forms `sqrt(2) |1 + i h|^T`, `|1 + i h - h^2|` and `|1 - h + i h|`, to 1e-6; alternating descent stays on
    /// `theta^2 + psi^2 - h theta psi`, of which it starts at 1.9.
    #[test]
    fn distances_are_the_closed_forms() {
        let h: f64 = 0.1;
        let end = |dynamics| {
            let path = game(1.0).path(dynamics, h, 1_000, REACH);
            path.last().unwrap().clone()
        };
        let distance = |dynamics| game(1.0).distance(&end(dynamics));
        let power = |squared: f64| 2f64.sqrt() * squared.powi(500);
        for (dynamics, expected) in [
            (Dynamics::Simultaneous, power(1.0 + h * h)),
            (Dynamics::Extragradient, power((1.0 - h * h).powi(2) + h * h)),
            (Dynamics::Consensus(1.0), power((1.0 - h).powi(2) + h * h)),
        ] {
            assert_relative_eq!(distance(dynamics), expected, max_relative = 1e-6);
        }
        assert_relative_eq!(distance(Dynamics::Simultaneous), 204.74, max_relative = 1e-4);
        assert_relative_eq!(distance(Dynamics::Extragradient), 9.8e-3, max_relative = 1e-2);
        assert_relative_eq!(distance(Dynamics::Optimistic), 8.9e-3, max_relative = 1e-2);
        let last = end(Dynamics::Alternating);
        let ellipse = last[0].powi(2) + last[1].powi(2) - h * last[0] * last[1];
        assert_relative_eq!(ellipse, 1.9, max_relative = 1e-6);
    }
}
