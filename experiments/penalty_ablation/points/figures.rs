//! Pictures of points.

use gan::{Objective, Penalty};
use lab::figure::{Axis, Layer, Panel, Tile, Title};
use lab::{Figure, Results, Row};
use shared::chart::{Group, curve, panel, ranking, seeds, short};
use shared::colour;
use shared::contrast::values;
use shared::variant::{objective, penalty, variant};
use stats::{bootstrap, robust};

use super::{WEIGHTS, line, ring};
use crate::config::Config;
use crate::{FAR, OBJECTIVES, Rows, Variant, WEIGHT, log_axis, log_distance, penalties};

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let mut figures = vec![grid(results), dragan(results), stability(results), critic(results)];
    figures.extend(weights(results));
    figures
}

/// Distances, of lost runs as of ones that are far.
fn distances(rows: &Rows) -> Vec<f64> {
    rows.iter().map(|row| log_distance(row).exp()).collect()
}

/// Penalty against objective.
fn grid(results: &Results<Config>) -> Figure {
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
        panel(title, x, y, vec![Layer::Tiles(tiles)])
    };
    let on_ring = |variant: Variant| distances(&ring(results, variant));
    let on_line = |variant: Variant| distances(&line(results, variant));
    Figure {
        name: "grid".into(),
        title: "Every objective with every penalty: distance to the data".into(),
        caption: format!(
            "{}, weight 1: medians with 95 % bootstrap intervals; lighter is better. Energy distance on the ring, \
             root of the Frechet distance on the line, mean of the last 3 looks; a diverged run counts as 10.",
            seeds(results)
        ),
        columns: 1,
        height: 380,
        panels: vec![
            table("Ring of 8 Gaussians", &on_ring),
            table("Line in 8 dimensions", &on_line),
        ],
    }
}

/// Forms that go by one name.
fn dragan(results: &Results<Config>) -> Figure {
    let [none, _, gp, forms @ .., _, _, _] = penalties(WEIGHT);
    let chosen: Vec<Penalty> = [none, gp].into_iter().chain(forms).collect();
    let groups = |of: &dyn Fn(Variant) -> Vec<f64>| -> Vec<Group> {
        let group = |p: &Penalty| {
            (penalty(*p).to_owned(), colour::penalty(*p), of((Objective::NonSaturating, *p)))
        };
        chosen.iter().map(group).collect()
    };
    let on_line = groups(&|variant| distances(&line(results, variant)));
    let on_ring = groups(&|variant| distances(&ring(results, variant)));
    let held = groups(&|variant| values(&ring(results, variant), "modes_held"));
    Figure {
        name: "dragan".into(),
        title: "Which DRAGAN do you mean?".into(),
        caption: format!(
            "{}, NS-GAN, weight 1: every seed a dot; bars are medians with 95 % bootstrap intervals.",
            seeds(results)
        ),
        columns: 3,
        height: 180,
        panels: vec![
            ranking("Line: distance", log_axis("in deviations of the data"), &on_line, &[]),
            ranking("Ring: energy distance", log_axis("energy distance"), &on_ring, &[]),
            ranking(
                "Ring: modes that hold 1 %",
                Axis::new("modes of 8").within(-0.4, 8.4),
                &held,
                &[8.0],
            ),
        ],
    }
}

/// What of the best is lost by the end.
fn stability(results: &Results<Config>) -> Figure {
    let lost = |rows: &Rows| -> Vec<f64> {
        let ratio = |row: &&Row<Config>| Some(row.value("distance")? / row.value("distance_best")?);
        rows.iter().filter_map(ratio).collect()
    };
    let mut variants: Vec<Variant> = Vec::new();
    for objective in OBJECTIVES {
        let [none, clip, gp, dragan, _, _, _, r1, ..] = penalties(WEIGHT);
        variants.extend([none, clip, gp, dragan, r1].map(|penalty| (objective, penalty)));
    }
    let groups = |of: &dyn Fn(Variant) -> Vec<f64>| -> Vec<Group> {
        let group = |chosen: &Variant| {
            let plain = chosen.1 == Penalty::None;
            let colour = if plain { colour::GAN } else { colour::TARGET };
            (variant(chosen.0, chosen.1), colour, of(*chosen))
        };
        variants.iter().map(group).collect()
    };
    let on_ring = groups(&|variant| lost(&ring(results, variant)));
    let on_line = groups(&|variant| lost(&line(results, variant)));
    Figure {
        name: "stability".into(),
        title: "Final over best distance of every run".into(),
        caption: format!(
            "{}, weight 1: each a dot; bars are medians with 95 % bootstrap intervals. 1: the end is the best. Blue: no penalty.",
            seeds(results)
        ),
        columns: 2,
        height: 60 + 20 * variants.len() as u32,
        panels: vec![
            ranking("Ring", log_axis("final over best"), &on_ring, &[1.0]),
            ranking("Line", log_axis("final over best"), &on_line, &[1.0]),
        ],
    }
}

/// The independent critic against the exact distance.
fn critic(results: &Results<Config>) -> Figure {
    let scatter = |part: &str| -> Vec<Layer> {
        let layer = |o: Objective| {
            let mut rows = results.part(part);
            rows.retain(|row| row.config.objective == o);
            let point = |row: &&Row<Config>| {
                Some((row.value("distance")?.min(FAR), row.value("independent_critic")?))
            };
            let points =
                rows.iter().filter_map(point).filter(|(x, y)| *x > 0.0 && *y > 0.0).collect();
            Layer::Dots {
                label: objective(o).to_owned(),
                colour: colour::objective(o),
                radius: 2,
                opacity: 0.5,
                points,
            }
        };
        OBJECTIVES.into_iter().map(layer).collect()
    };
    let below = |part: &str| {
        let is_below =
            |row: &&&Row<Config>| row.value("independent_critic").is_some_and(|x| x <= 0.0);
        results.part(part).iter().filter(is_below).count()
    };
    let y = || log_axis("independent critic's distance");
    Figure {
        name: "critic".into(),
        title: Title::new("An independent critic against the distance to the data").if_reproduced(
            "penalty.C15",
            "The independent critic ranks models as their exact distance does",
        ),
        caption: format!(
            "{}: every run of every variant a dot. Left out are runs of which the critic finds a distance below zero, {} \
             on the line and {} on the ring.",
            seeds(results),
            below("line"),
            below("ring")
        ),
        columns: 2,
        height: 330,
        panels: vec![
            panel(
                "Line",
                log_axis("exact distance, in deviations of the data"),
                y(),
                scatter("line"),
            ),
            panel("Ring", log_axis("energy distance"), y(), scatter("ring")),
        ],
    }
}

/// Distance against the penalty's weight; nothing where the results have one weight alone.
fn weights(results: &Results<Config>) -> Option<Figure> {
    // The places in `penalties`.
    const CHOSEN: [usize; 5] = [2, 3, 7, 8, 9];
    let of_task = |of: &dyn Fn(Variant) -> Vec<f64>, y: &str| -> Vec<Panel> {
        let of_objective = |o: Objective| {
            let plain = of((o, Penalty::None));
            let label = "none".to_owned();
            let none =
                (!plain.is_empty()).then(|| Layer::Horizontal { label, y: robust::median(&plain) });
            let mut layers: Vec<Layer> = none.into_iter().collect();
            for place in CHOSEN {
                let at = |weight: f64| (weight, of((o, penalties(weight)[place])));
                let shown = penalties(WEIGHT)[place];
                layers.extend(curve(penalty(shown), colour::penalty(shown), &WEIGHTS.map(at)));
            }
            let title = format!("{y}: {}", objective(o));
            panel(&title, log_axis("weight"), log_axis("distance"), layers)
        };
        OBJECTIVES.into_iter().map(of_objective).collect()
    };
    let has = |weight: &f64| !ring(results, (Objective::Minimax, penalties(*weight)[2])).is_empty();
    WEIGHTS.iter().all(has).then(|| Figure {
        name: "weights".into(),
        title: "Distance to the data against the penalty's weight".into(),
        caption: format!(
            "{}: each a dot, medians as lines; dashed: no penalty. Energy distance on the ring, root of the Frechet \
             distance on the line; panels have axes of their own.",
            seeds(results)
        ),
        columns: OBJECTIVES.len(),
        height: 190,
        panels: [
            of_task(&|variant| distances(&ring(results, variant)), "Ring"),
            of_task(&|variant| distances(&line(results, variant)), "Line"),
        ]
        .concat(),
    })
}
