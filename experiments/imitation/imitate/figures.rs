//! Scores against trajectories, every method from one trajectory, and three policies side by side.

use lab::figure::{Axis, Colour, Layer, Title};
use lab::{Animation, Figure, Results, Row};
use shared::chart::{Group, curve, panel, ranking, seeds_of};
use shared::contrast::values;
use stats::{bootstrap, robust};

use super::arms::{BY_TRUST_REGION, TRAJECTORIES, adversarial, arm_name, controls, usual};
use super::{Config, Method};
use crate::environment::{LEAN, TRACK};
use crate::learner::Optimisation;
use crate::task::Task;

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![trajectories(results), methods(results)]
}

/// Tasks whose arms have several numbers of trajectories.
const COMPARED: [Task; 4] = [Task::Cartpole, Task::Preference, Task::MountainCar, Task::Acrobot];

fn trajectories(results: &Results<Config>) -> Figure {
    let of_task = |task: Task| {
        let mut layers = vec![Layer::Horizontal { label: String::new(), y: 1.0 }];
        for (label, colour, method) in [
            ("cloning", Colour::Vermillion, Method::Cloning),
            ("GAIL", Colour::Blue, adversarial(usual(task))),
        ] {
            let points = TRAJECTORIES.map(|number| {
                let found = values(&results.arm(&arm_name(task, method, number)), "score");
                (number as f64, found)
            });
            let ends = |(x, found): &(f64, Vec<f64>)| {
                let interval = || bootstrap::interval(found, robust::median, 0.95, 1);
                (found.len() > 1).then(interval).map(|ends| (*x, ends.low, ends.high))
            };
            layers.push(Layer::Band { colour, points: points.iter().filter_map(ends).collect() });
            layers.extend(curve(label, colour, &points));
        }
        let (x, y) = (Axis::new("trajectories of the expert"), Axis::new("score"));
        panel(task.title(), x, y, layers)
    };
    Figure {
        name: "trajectories".into(),
        title: Title::new("Return against trajectories of the expert").if_reproduced(
            "imi.F12a",
            "From one trajectory of Cartpole GAIL does better than cloning",
        ),
        caption: format!(
            "Score: 0 chance, 1 the expert. Dots: {}; lines: medians; bands: their 95 % bootstrap intervals. GAIL learns by proximal policy optimisation; by trust regions see the next figure.",
            seeds_of(results)
        ),
        columns: 2,
        height: 260,
        panels: COMPARED.map(of_task).into(),
    }
}

fn methods(results: &Results<Config>) -> Figure {
    let of_task = |task: Task| {
        let group = |(method, optimisation): (Method, Optimisation)| -> Group {
            let name = arm_name(task, method, 1);
            let method_alone = name.rsplit('/').next().unwrap_or_default().trim_end_matches("-1");
            let label = match optimisation {
                Optimisation::Proximal => method_alone.to_owned(),
                Optimisation::TrustRegion => format!("{method_alone}, TRPO"),
            };
            let colour = match method {
                Method::Cloning => Colour::Vermillion,
                Method::Features => Colour::Green,
                Method::Adversarial { frozen: true, .. } => Colour::Grey,
                Method::Adversarial { .. } => Colour::Blue,
            };
            (label, colour, values(&results.arm(&optimisation.arm(name)), "score"))
        };
        let methods = [vec![Method::Cloning, adversarial(usual(task))], controls(task)].concat();
        let of_source = if task == Task::MountainCar { &BY_TRUST_REGION[..] } else { &[] };
        let proximal = methods.iter().map(|method| (*method, Optimisation::Proximal));
        let of_source = of_source.iter().map(|method| (*method, Optimisation::TrustRegion));
        let groups = proximal.chain(of_source);
        let groups: Vec<Group> = groups.map(group).collect();
        ranking(task.title(), Axis::new("score"), &groups, &[0.0, 1.0])
    };
    Figure {
        name: "methods".into(),
        title: "One trajectory: cloning, GAIL and the controls".into(),
        caption: format!(
            "Dashed: chance and the expert. Dots: {}; bars: medians with 95 % bootstrap intervals. Adversarial: GAIL, by the form of its reward: positive -log(1 - D), negative log D, logit their sum; frozen: a discriminator that never learns; penalised: with a gradient penalty; features: the difference of mean features. TRPO: by trust region policy optimisation, the others proximally.",
            seeds_of(results)
        ),
        columns: 2,
        height: 220,
        panels: Task::ALL.map(of_task).into(),
    }
}

/// The score of the seed whose episode is kept, beside that of all.
fn scores(word: &str, rows: &[&Row<Config>]) -> String {
    let kept = rows.iter().find(|row| row.samples.contains_key("episode"));
    let here = kept.and_then(|row| row.value("score")).unwrap_or(f64::NAN);
    let all = values(rows, "score");
    let median = if all.is_empty() { f64::NAN } else { robust::median(&all) };
    format!("{word} {here:.2} (median of {} seeds {median:.2})", all.len())
}

/// Steps between two frames.
const FRAME_EVERY: usize = 4;

/// The same start of Cartpole near +1 under the expert, a clone and GAIL.
pub(crate) fn animations(results: &Results<Config>) -> Vec<Animation> {
    let task = Task::Preference;
    let [cloned, adversarial] = [Method::Cloning, adversarial(usual(task))]
        .map(|method| results.arm(&arm_name(task, method, 1)));
    let episode = |rows: &[&Row<Config>], label: &str| -> Vec<[f32; 4]> {
        let kept = rows.iter().find_map(|row| row.samples.get(label));
        kept.map(|array| array.to_f32().as_chunks::<4>().0.to_vec()).unwrap_or_default()
    };
    let shown = [
        ("expert", Colour::Black, episode(&cloned, "expert_episode")),
        ("cloned", Colour::Vermillion, episode(&cloned, "episode")),
        ("adversarial", Colour::Blue, episode(&adversarial, "episode")),
    ];
    if shown.iter().any(|(_, _, states)| states.is_empty()) {
        return Vec::new();
    }
    let words = [scores("cloned", &cloned), scores("adversarial", &adversarial)].join("; ");
    let longest = shown.iter().map(|(_, _, states)| states.len()).max().unwrap_or(0);
    let frame = |step: usize| {
        let of_policy = |(title, colour, states): &(&str, Colour, Vec<[f32; 4]>)| {
            let fallen = step >= states.len();
            let [x, _, angle, _] = states[step.min(states.len() - 1)].map(f64::from);
            let colour = if fallen { Colour::Grey } else { *colour };
            let line =
                |points: Vec<(f64, f64)>| Layer::Line { label: String::new(), colour, points };
            // Leans are drawn four times as large: a pole is lost at twelve degrees.
            let (sin, cos) = (4.0 * angle.clamp(-2.0 * LEAN, 2.0 * LEAN)).sin_cos();
            let layers = vec![
                Layer::Vertical { label: String::new(), x: 1.0 },
                line(vec![
                    (x - 0.3, -0.1),
                    (x + 0.3, -0.1),
                    (x + 0.3, 0.1),
                    (x - 0.3, 0.1),
                    (x - 0.3, -0.1),
                ]),
                line(vec![(x, 0.1), (x + sin, 0.1 + cos)]),
            ];
            let title = if fallen { format!("{title}: over") } else { (*title).to_owned() };
            panel(&title, Axis::bare(-TRACK, TRACK), Axis::bare(-0.4, 1.6), layers)
        };
        Figure {
            name: "policies".into(),
            title: "Keep the cart near the dashed line".into(),
            caption: format!("Step {step} of 200; leans four times as large. Score: {words}."),
            columns: 3,
            height: 180,
            panels: shown.iter().map(of_policy).collect(),
        }
    };
    let frames = (0..longest).step_by(FRAME_EVERY).map(frame).collect();
    vec![Animation { name: "policies".into(), delay: 80, frames }]
}
