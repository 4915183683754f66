//! A point learns a point (F13c): the poles of the linearised field for every loss and penalty, in closed form and by
//! differentiation, and what a simulation makes of them. Penalties, instance noise and consensus are *feedback*: where do
//! the poles go as its weight grows, where is critical damping, and what does the size of a step do to it?

mod closed;
mod figures;

use gan::penalty::Perturbation;
use gan::{Objective, Penalty, range};
use garde::Validate;
use lab::{Arm, Claim, Profile, Region, Results, Row, Run};
use serde::{Deserialize, Serialize};
use shared::variant::arm_name as variant_name;
use shared::{Outcomes, Source, Task, claim, name, summary};

use crate::play::Dynamics;
use crate::poles::{eigenvalues, of_plane, radius};
use crate::toy::Toy;
use closed::trace_and_determinant;
pub(crate) use figures::figures;

/// One loss, one feedback, one way to move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Losses.
    #[garde(skip)]
    objective: Objective,
    /// Term of the critic's loss.
    #[garde(dive)]
    penalty: Penalty,
    /// Deviation of the noise on all samples.
    #[garde(custom(range::weight))]
    noise: f64,
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
        self.steps as f64 / 3.0
    }
}

/// What damps, or should.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Feedback {
    Nothing,
    Penalty(Penalty),
    Noise(f64),
    Consensus(f64),
}

impl Feedback {
    /// Penalty, noise and dynamics of a configuration.
    fn settings(self) -> (Penalty, f64, Dynamics) {
        match self {
            Self::Nothing => (Penalty::None, 0.0, Dynamics::Simultaneous),
            Self::Penalty(penalty) => (penalty, 0.0, Dynamics::Simultaneous),
            Self::Noise(noise) => (Penalty::None, noise, Dynamics::Simultaneous),
            Self::Consensus(weight) => (Penalty::None, 0.0, Dynamics::Consensus(weight)),
        }
    }
}

const OBJECTIVES: [Objective; 5] = [
    Objective::Minimax,
    Objective::NonSaturating,
    Objective::LeastSquares,
    Objective::Hinge,
    Objective::Wasserstein,
];
const NEAR: Perturbation = Perturbation::Normal { deviation: 0.1 };
/// A feedback of every kind, and R1 at two weights. The notebook's WGAN-GP of 0.7 is ours of 0.35.
const FEEDBACKS: [Feedback; 12] = [
    Feedback::Nothing,
    Feedback::Penalty(Penalty::R1 { weight: 0.3 }),
    Feedback::Penalty(Penalty::R1 { weight: 1.0 }),
    Feedback::Penalty(Penalty::R2 { weight: 0.3 }),
    Feedback::Penalty(Penalty::Roth { weight: 2.0 }),
    Feedback::Noise(0.7),
    Feedback::Consensus(1.0),
    Feedback::Penalty(Penalty::WeightClip { bound: 1.0 }),
    Feedback::Penalty(Penalty::Gradient { weight: 0.35 }),
    Feedback::Penalty(Penalty::GradientPerColumn { weight: 0.35, lines: 1 }),
    Feedback::Penalty(Penalty::Dragan { weight: 0.35, near: NEAR, of_probability: false }),
    Feedback::Penalty(Penalty::Dragan { weight: 0.35, near: NEAR, of_probability: true }),
];
/// The constants of the authors' notebook.
const RATE: f64 = 0.2;
/// Weights of R1 on the minimax game, and step sizes at which they are tried.
const WEIGHTS: [f64; 11] = [0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 9.0];
const RATES: [f64; 3] = [0.1, 0.4, 0.8];

fn label(feedback: Feedback) -> String {
    match feedback {
        Feedback::Nothing => "none".into(),
        Feedback::Noise(noise) => format!("noise {noise}"),
        Feedback::Consensus(weight) => format!("consensus {weight}"),
        Feedback::Penalty(
            penalty @ (Penalty::R1 { weight } | Penalty::R2 { weight } | Penalty::Roth { weight }),
        ) => {
            format!("{} {weight}", shared::variant::penalty(penalty))
        }
        Feedback::Penalty(penalty) => shared::variant::penalty(penalty).into(),
    }
}

fn arm_name(objective: Objective, feedback: Feedback, rate: f64) -> String {
    let (penalty, noise, dynamics) = feedback.settings();
    let noise = if noise > 0.0 { format!("+noise-{noise}") } else { String::new() };
    let variant = variant_name(objective, penalty);
    format!("dirac/{variant}{noise}/{}/rate-{rate}", name(&dynamics))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let steps = if profile == Profile::Smoke { 20 } else { 500 };
    let arm = |objective, feedback: Feedback, rate| {
        let (penalty, noise, dynamics) = feedback.settings();
        let config = Config { objective, penalty, noise, dynamics, rate, steps };
        Arm::new(arm_name(objective, feedback, rate), config).with_quick_seeds(1)
    };
    let table = OBJECTIVES
        .into_iter()
        .flat_map(|objective| FEEDBACKS.map(|feedback| arm(objective, feedback, RATE)));
    let locus = RATES.into_iter().flat_map(|rate| {
        WEIGHTS
            .map(|weight| arm(Objective::Minimax, Feedback::Penalty(Penalty::R1 { weight }), rate))
    });
    table.chain(locus).collect()
}

/// The game from theta and psi.
fn game(config: &Config, [theta, psi]: [f64; 2]) -> Toy {
    let Config { objective, penalty, noise, .. } = *config;
    let starts = [vec![theta], vec![psi]];
    Toy { objective, penalty, noise, data: vec![0.0], starts }
}

/// A path is followed no farther than this; a far start shows the game, a near one its linearisation. The critic's sign is
/// that of the authors' start; the near start lies along no pole's direction, (1, -1) does for some losses.
const REACH: f64 = 1e6;
const FAR_START: [f64; 2] = [1.0, -1.0];
const NEAR_START: [f64; 2] = [1e-12, -0.7e-12];
const NEAR_STEPS: u64 = 400;
const NEAR_REACH: f64 = 1e-2;

/// Whether the penalty's slope jumps at a critic of zero, where a linearisation holds for slopes below 1e-6 alone.
fn is_kinked(penalty: Penalty) -> bool {
    matches!(
        penalty,
        Penalty::Gradient { .. } | Penalty::GradientPerColumn { .. } | Penalty::Dragan { .. }
    )
}

pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let consensus = match config.dynamics {
        Dynamics::Consensus(weight) => Some(weight),
        _ => None,
    };
    let at_rest = game(config, [0.0; 2]);
    let found = eigenvalues(&at_rest.jacobian(consensus)).concat();
    let (trace, determinant) = trace_and_determinant(config);
    let expected = of_plane(trace, determinant);
    let mut numbers = vec![
        ("trace_error", (found[0][0] + found[1][0] - trace).abs() / trace.abs().max(1.0)),
        ("pole_error", distance_of_pairs([found[0], found[1]], expected)),
        ("first_real", expected[0][0]),
        ("first_imaginary", expected[0][1]),
        ("second_real", expected[1][0]),
    ];
    if !is_kinked(config.penalty) {
        let near = game(config, NEAR_START);
        let path = near.path(config.dynamics, config.rate, NEAR_STEPS, NEAR_REACH);
        let jacobian = at_rest.jacobian(None);
        numbers.push(("rate", near.rate(&path)));
        numbers.push(("predicted_rate", radius(&jacobian, config.dynamics, config.rate).ln()));
    }
    let far = game(config, FAR_START);
    let path = far.path(config.dynamics, config.rate, config.steps, REACH);
    let escaped = (path.len() as u64) <= config.steps;
    numbers.push(("escaped", f64::from(u8::from(escaped))));
    numbers.push(("distance", path.last().map_or(f64::NAN, |place| far.distance(place))));
    for (step, place) in path.iter().enumerate().step_by((path.len() / 100).max(1)) {
        run.trace(0, "theta", step as u64, place[0]);
        run.trace(0, "psi", step as u64, place[1]);
    }
    Ok(vec![summary(config.steps, numbers)])
}

/// The largest distance between two pairs of poles, matched as fits better, over their size or 1.
fn distance_of_pairs(a: [[f64; 2]; 2], b: [[f64; 2]; 2]) -> f64 {
    let apart =
        |x: [f64; 2], y: [f64; 2]| (x[0] - y[0]).hypot(x[1] - y[1]) / y[0].hypot(y[1]).max(1.0);
    let straight = apart(a[0], b[0]).max(apart(a[1], b[1]));
    straight.min(apart(a[0], b[1]).max(apart(a[1], b[0])))
}

const MESCHEDER: Source = Source::remembered("Mescheder et al. 2018 (1801.04406)");

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let worst = |number: &dyn Fn(&Row<Config>) -> Option<f64>| {
        let whole = !results.rows.is_empty() && results.rows.iter().all(Row::finished);
        let found = results.rows.iter().filter_map(number);
        if whole { found.reduce(f64::max) } else { None }
    };
    let of_arm = |objective, feedback, metric: &str| {
        results.arm(&arm_name(objective, feedback, RATE)).first()?.value(metric)
    };
    let no_damping = [Feedback::Nothing, FEEDBACKS[7], FEEDBACKS[8]];
    let losses = [Objective::Minimax, Objective::NonSaturating, Objective::Wasserstein];
    let ends: Option<Vec<f64>> = losses
        .into_iter()
        .flat_map(|objective| no_damping.map(|feedback| of_arm(objective, feedback, "distance")))
        .collect();
    let damped: Option<Vec<f64>> = [Objective::Minimax, Objective::NonSaturating]
        .into_iter()
        .flat_map(|objective| {
            FEEDBACKS[1..7].iter().map(move |feedback| of_arm(objective, *feedback, "distance"))
        })
        .collect();
    let best = |rate: f64| {
        let of_weight = |weight: f64| {
            let arm = arm_name(Objective::Minimax, Feedback::Penalty(Penalty::R1 { weight }), rate);
            Some((weight, results.arm(&arm).first()?.value("rate")?))
        };
        let found = WEIGHTS.map(of_weight).into_iter().collect::<Option<Vec<_>>>()?;
        found.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).map(|(weight, _)| weight)
    };
    vec![
        claim("games.F13c", "On the Dirac-GAN the poles by differentiation are those of closed forms for every loss with every penalty, instance noise and consensus.")
            .derived("trace and determinant of the linearised field", None)
            .measured("largest distance of a pole (`pole_error`), over its size where that is above 1, among all arms")
            .figure("dirac.svg")
            .exact(Region::Below(1e-6), worst(&|row| row.value("pole_error"))),
        claim("games.F13c2", "On the Dirac-GAN the poles tell the rate of simultaneous descent near the equilibrium.")
            .derived("ln max |1 + rate pole|", None)
            .measured("largest |`rate` - `predicted_rate`| a turn among all arms whose penalty has a derivative there")
            .figure("poles.svg")
            .exact(Region::Below(0.005), worst(&|row| {
                Some((row.value("rate")? - row.value("predicted_rate")?).abs())
            })),
        claim("games.F13c3", "On the Dirac-GAN R1, R2, Roth's penalty, instance noise and consensus converge under minimax and non-saturating losses.")
            .published(MESCHEDER, "section 4", None)
            .measured("largest log10 `distance` after 500 turns at 0.2 among the twelve arms")
            .figure("dirac.svg")
            .exact(Region::Below(-1.0), damped.and_then(|x| x.into_iter().reduce(f64::max)).map(f64::log10)),
        claim("games.F13c4", "On the Dirac-GAN simultaneous descent does not converge under minimax, non-saturating or Wasserstein losses without a penalty, with clipping or with WGAN-GP: after 500 turns at 0.2 it is a tenth away or farther.")
            .published(MESCHEDER, "section 3", None)
            .measured("least log10 `distance` after 500 turns at 0.2 among minimax, non-saturating and Wasserstein losses")
            .figure("dirac.svg")
            .exact(Region::Above(-1.0), ends.and_then(|x| x.into_iter().reduce(f64::min)).map(f64::log10)),
        claim("games.F13c5", "The best weight of R1 on the Dirac-GAN is that of critical damping.")
            .derived("both poles at -1/2 for minimax losses", Some("1"))
            .measured("the weight of eleven with the least `rate` at the smallest step of 0.1")
            .figure("poles.svg")
            .exact(Region::Within(0.99, 1.01), best(RATES[0])),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distances after 500 turns from (1, 1) of the vector fields of the authors' notebook, made apart in plain Python:
    /// simultaneous minimax, non-saturating, WGAN-GP.
    #[test]
    fn paths_end_where_the_notebook_ends() {
        for (objective, feedback, expected) in [
            (Objective::Minimax, Feedback::Nothing, 3.10),
            (Objective::NonSaturating, Feedback::Nothing, 0.64),
            (Objective::Wasserstein, FEEDBACKS[8], 1.80),
        ] {
            let (penalty, noise, dynamics) = feedback.settings();
            let config = Config { objective, penalty, noise, dynamics, rate: RATE, steps: 500 };
            let far = game(&config, FAR_START);
            let path = far.path(dynamics, RATE, 500, REACH);
            assert!((far.distance(&path[500]) - expected).abs() < 0.006, "{objective:?}");
        }
    }
}
