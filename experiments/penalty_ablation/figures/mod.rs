//! From stored numbers to pictures; never trains.

mod images;
mod search;

use experiments::chart::{Group, dots, panel, ranking, short};
use experiments::variant::{objective, penalty, variant};
use gan::{Objective, Penalty};
use lab::figure::{Axis, Colour, Corner, Layer, Panel, SERIES, Scale, Tile};
use lab::{Figure, Results};
use stats::{bootstrap, robust};

use crate::arms::{Arms, Rows, height};
use crate::config::{Config, Target, Task};
use crate::grid::{OBJECTIVES, Variant, WEIGHT, compared, penalties};

/// Returns the figures of the README.
pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let arms = Arms(results);
    vec![
        grid(arms),
        dragan(arms),
        stability(arms),
        search::robustness(arms),
        images::images(arms),
        images::samples(arms),
        critic(arms),
        dirac(arms),
    ]
}

fn name((objective, penalty): Variant) -> String {
    variant(objective, penalty)
}

/// One colour for each of the variants that are compared with NS-GAN.
fn colour((objective, penalty): Variant) -> Colour {
    match (objective, penalty) {
        (Objective::NonSaturating, Penalty::None) => Colour::Blue,
        (Objective::NonSaturating, Penalty::Gradient { .. }) => Colour::Green,
        (Objective::NonSaturating, Penalty::Dragan { .. }) => Colour::Purple,
        _ => Colour::Orange,
    }
}

fn log(label: &str) -> Axis {
    Axis::new(label).scaled(Scale::Log)
}

fn values(rows: &Rows, metric: &str) -> Vec<f64> {
    rows.iter().filter_map(|row| row.value(metric)).collect()
}

/// Distances, of lost runs as of ones that are far.
fn distances(rows: &Rows) -> Vec<f64> {
    rows.iter().map(|row| height(row).exp()).collect()
}

fn profile(arms: Arms) -> String {
    format!("Profile {}", arms.0.profile.name())
}

/// Penalty against objective.
fn grid(arms: Arms) -> Figure {
    let table = |title: &str, of: &dyn Fn(Variant) -> Vec<f64>| -> Panel {
        let cells = penalties(WEIGHT).into_iter().rev().enumerate().flat_map(|(y, penalty)| {
            let cell = move |(x, objective)| ((x, y), (objective, penalty));
            OBJECTIVES.into_iter().enumerate().map(cell)
        });
        let cells: Vec<((usize, usize), Vec<f64>)> = cells
            .map(|(at, variant)| (at, of(variant)))
            .filter(|(_, numbers)| !numbers.is_empty())
            .collect();
        let medians: Vec<f64> = cells.iter().map(|(_, x)| robust::median(x).ln()).collect();
        let low = medians.iter().copied().fold(f64::INFINITY, f64::min);
        let high = medians.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let tile = |((at, numbers), median): (&((usize, usize), Vec<f64>), &f64)| {
            let ends = bootstrap::interval(numbers, robust::median, 0.95, 1);
            Tile {
                at: *at,
                shade: 0.9 * (median - low) / (high - low).max(1e-9),
                text: vec![
                    short(median.exp()),
                    format!("[{}, {}]", short(ends.low), short(ends.high)),
                ],
            }
        };
        let tiles = cells.iter().zip(&medians).map(tile).collect();
        let x = Axis::of(OBJECTIVES.map(|o| objective(o).to_owned()).into());
        let y = Axis::of(penalties(WEIGHT).iter().rev().map(|p| penalty(*p).to_owned()).collect());
        panel(title, x, y, vec![Layer::Tiles(tiles)], None)
    };
    let ring = |variant: Variant| distances(&arms.plane(Target::Ring, variant));
    let line = |variant: Variant| distances(&arms.line(variant));
    Figure {
        name: "grid".into(),
        title: "Every objective with every penalty: distance to the data".into(),
        caption: format!(
            "{}, 10 seeds a cell: medians with 95 % bootstrap intervals; lighter is better. Energy distance on the ring, \
             root of the Frechet distance on the line, mean of the last 3 looks; a diverged run counts as 10.",
            profile(arms)
        ),
        columns: 2,
        panel: (610, 440),
        panels: vec![table("Ring of 8 Gaussians", &ring), table("Line in 8 dimensions", &line)],
    }
}

/// Forms that go by one name.
fn dragan(arms: Arms) -> Figure {
    let [none, _, gp, forms @ .., _, _, _] = penalties(WEIGHT);
    let chosen: Vec<Penalty> = [none, gp].into_iter().chain(forms).collect();
    let groups = |of: &dyn Fn(Variant) -> Vec<f64>| -> Vec<Group> {
        let group = |p: &Penalty| {
            let shade =
                if matches!(p, Penalty::Dragan { .. }) { Colour::Purple } else { Colour::Grey };
            (penalty(*p).to_owned(), shade, of((Objective::NonSaturating, *p)))
        };
        chosen.iter().map(group).collect()
    };
    let line = groups(&|variant| distances(&arms.line(variant)));
    let ring = groups(&|variant| distances(&arms.plane(Target::Ring, variant)));
    let held = groups(&|variant| values(&arms.plane(Target::Ring, variant), "modes_held"));
    Figure {
        name: "dragan".into(),
        title: "Which DRAGAN do you mean?".into(),
        caption: format!(
            "{}, NS-GAN, 10 seeds: each a dot; bars are medians with 95 % bootstrap intervals.",
            profile(arms)
        ),
        columns: 3,
        panel: (350, 230),
        panels: vec![
            ranking("Line: distance", log("in |e|"), &line, true, &[]),
            ranking("Ring: energy distance", log("energy distance"), &ring, false, &[]),
            ranking(
                "Ring: modes that hold 1 %",
                Axis::new("modes of 8").within(-0.4, 8.4),
                &held,
                false,
                &[8.0],
            ),
        ],
    }
}

/// What of the best is lost by the end.
fn stability(arms: Arms) -> Figure {
    let lost = |rows: &Rows| -> Vec<f64> {
        let ratio =
            |row: &&lab::Row<Config>| Some(row.value("distance")? / row.value("distance_best")?);
        rows.iter().filter_map(ratio).collect()
    };
    let mut variants: Vec<Variant> = Vec::new();
    for objective in OBJECTIVES {
        let [none, clip, gp, dragan, _, _, _, r1, ..] = penalties(WEIGHT);
        variants.extend([none, clip, gp, dragan, r1].map(|penalty| (objective, penalty)));
    }
    let groups = |of: &dyn Fn(Variant) -> Vec<f64>| -> Vec<Group> {
        let group = |variant: &Variant| {
            let plain = variant.1 == Penalty::None;
            (name(*variant), if plain { Colour::Vermillion } else { Colour::Blue }, of(*variant))
        };
        variants.iter().map(group).collect()
    };
    let ring = groups(&|variant| lost(&arms.plane(Target::Ring, variant)));
    let line = groups(&|variant| lost(&arms.line(variant)));
    Figure {
        name: "stability".into(),
        title: "Final over best distance of every run".into(),
        caption: format!(
            "{}, 10 seeds: each a dot; bars are medians with 95 % bootstrap intervals. 1: the end is the best. Red: no penalty.",
            profile(arms)
        ),
        columns: 2,
        panel: (460, 60 + 20 * variants.len() as u32),
        panels: vec![
            ranking("Ring", log("final over best"), &ring, true, &[1.0]),
            ranking("Line", log("final over best"), &line, false, &[1.0]),
        ],
    }
}

/// The independent critic against the truth.
fn critic(arms: Arms) -> Figure {
    let scatter = |part: &str| -> Vec<Layer> {
        let layer = |(i, o): (usize, Objective)| {
            let mut rows = arms.0.part(part);
            rows.retain(|row| row.config.objective == o);
            let point = |row: &&lab::Row<Config>| {
                Some((row.value("distance")?.min(10.0), row.value("independent_critic")?))
            };
            let points =
                rows.iter().filter_map(point).filter(|(x, y)| *x > 0.0 && *y > 0.0).collect();
            Layer::Dots {
                label: objective(o).to_owned(),
                colour: SERIES[i],
                radius: 2,
                opacity: 0.5,
                points,
            }
        };
        OBJECTIVES.into_iter().enumerate().map(layer).collect()
    };
    let y = || log("independent critic's distance");
    let corner = Some(Corner::LowerRight);
    Figure {
        name: "critic".into(),
        title: "An independent critic against the truth".into(),
        caption: format!(
            "{}: every run of every variant a dot, 10 seeds each. Runs of which the critic finds a distance below zero are \
             left out.",
            profile(arms)
        ),
        columns: 2,
        panel: (430, 360),
        panels: vec![
            panel("Line", log("exact distance, in |e|"), y(), scatter("line"), corner),
            panel("Ring", log("energy distance"), y(), scatter("ring"), corner),
        ],
    }
}

/// Paths of the smallest game.
fn dirac(arms: Arms) -> Figure {
    let rows = arms.dirac();
    let mut variants: Vec<Variant> = Vec::new();
    for objective in [Objective::Minimax, Objective::NonSaturating, Objective::Wasserstein] {
        for row in rows.iter().filter(|row| row.config.objective == objective) {
            let variant = (objective, row.config.penalty);
            let strong = row.config.penalty == Penalty::R1 { weight: 1.0 };
            if !strong && !variants.contains(&variant) {
                variants.push(variant);
            }
        }
    }
    let orders = [
        (true, 1, "simultaneous", Colour::Orange),
        (false, 1, "alternating, 1 critic step", Colour::Blue),
        (false, 5, "alternating, 5 critic steps", Colour::Green),
    ];
    let panels = variants.iter().enumerate().map(|(i, variant)| {
        let mut layers = Vec::new();
        for (simultaneous, steps, label, colour) in orders {
            let row = rows.iter().find(|row| {
                (row.config.objective, row.config.penalty) == *variant
                    && row.config.critic_steps == steps
                    && row.config.task == Task::Dirac { simultaneous }
            });
            let Some(row) = row else { continue };
            let (Some(theta), Some(psi)) = (row.traces.get("theta"), row.traces.get("psi")) else {
                continue;
            };
            let points = theta.iter().zip(psi).map(|(x, y)| (x.1, y.1)).collect();
            layers.push(Layer::Line { label: label.to_owned(), colour, points });
        }
        layers.push(dots(Colour::Black, 3, 1.0, vec![(0.0, 0.0)]));
        let title = match variant.1 {
            Penalty::R1 { weight } => format!("{}, weight {weight}", name(*variant)),
            _ => name(*variant),
        };
        let axis = |label: &str| Axis::new(label).within(-3.3, 3.3);
        // The second has room.
        let legend = (i == 1).then_some(Corner::UpperLeft);
        panel(&title, axis("theta, the model"), axis("psi, the critic"), layers, legend)
    });
    Figure {
        name: "dirac".into(),
        title: "One point learns another: paths of the Dirac-GAN".into(),
        caption: "Plain descent at 0.2, 500 steps, every fifth shown, from theta = 1, psi = -1; the black dot is the \
                  equilibrium. No chance is in it."
            .into(),
        columns: 3,
        panel: (310, 310),
        panels: panels.collect(),
    }
}

/// The variants that Fedus et al. compare.
fn four() -> [Variant; 4] {
    compared(WEIGHT)
}
