//! What comes of critic steps, dimensions, latents and learning rates.

use experiments::chart::{Group, curve, panel, ranking, seeds};
use lab::figure::{Corner, Layer, Panel};
use lab::{Figure, Row};

use super::{colour, distance, log, name, powers, values};
use crate::arms::{Arms, Rows, at, comparison};
use crate::config::Config;
use crate::grid::{
    CURVES, GAN_GP, MINIMAX, NON_SATURATING, RATED, RATES, SHALLOW, Variant, random,
};

/// How strong the critic is against what comes of it.
pub(super) fn strength(arms: Arms) -> Figure {
    let (equal, budget) = comparison(&arms.strengths(NON_SATURATING));
    let curves = |metric: &'static str, step: &dyn Fn(u32) -> u64| {
        let layer = |variant: Variant| {
            let points: Vec<(f64, Vec<f64>)> = arms
                .strengths(variant)
                .iter()
                .map(|(steps, rows)| {
                    let number = |row: &&Row<Config>| at(row, metric, step(*steps));
                    (f64::from(*steps), rows.iter().filter_map(number).collect())
                })
                .collect();
            curve(&name(variant), colour(variant), &points)
        };
        [MINIMAX, NON_SATURATING].into_iter().flat_map(layer).collect::<Vec<Layer>>()
    };
    let x = || log("critic steps per step");
    let corner = Some(Corner::LowerLeft);
    Figure {
        name: "strength".into(),
        title: "From the parallel line with weaker and stronger critics".into(),
        caption: format!("{}: dots; lines are medians.", seeds(arms.0)),
        columns: 3,
        panel: (370, 320),
        panels: vec![
            panel(
                &format!("Gradient after {equal} updates of the generator"),
                x(),
                powers("length of the gradient"),
                [
                    curves("log10_gradient_minimax", &|_| equal)[..2].to_vec(),
                    curves("log10_gradient_non_saturating", &|_| equal)[2..].to_vec(),
                ]
                .concat(),
                corner,
            ),
            panel(
                &format!("Distance after {equal} updates of the generator"),
                x(),
                distance(),
                curves("frechet", &|_| equal),
                None,
            ),
            panel(
                &format!("Distance after {budget} updates of the critic"),
                x(),
                distance(),
                curves("frechet", &|steps| budget / u64::from(steps)),
                None,
            ),
        ],
    }
}

pub(super) fn dimension(arms: Arms) -> Figure {
    let layers = |critic_steps: u32, metric: &'static str| {
        let layer = |variant: Variant| {
            let points: Vec<(f64, Vec<f64>)> = arms
                .dims(variant, critic_steps)
                .iter()
                .map(|(dim, rows)| (*dim as f64, values(rows, metric)))
                .collect();
            curve(&name(variant), colour(variant), &points)
        };
        CURVES
            .into_iter()
            .filter(|variant| !arms.dims(*variant, critic_steps).is_empty())
            .flat_map(layer)
            .collect()
    };
    let updates = |critic_steps| {
        let rows = arms.dims(NON_SATURATING, critic_steps);
        rows.iter().flat_map(|(_, rows)| rows).map(|row| row.config.steps).max().unwrap_or(0)
    };
    let panels = [
        ("5 critic steps", 5, "frechet", "distance to the data, in |e|"),
        ("off the line", 5, "off_line", "spread off the line, in |e|"),
        ("1 critic step", 1, "frechet", "distance to the data, in |e|"),
    ]
    .map(|(title, steps, metric, label)| {
        let title = format!("{title}, {} updates", updates(steps));
        panel(&title, log("dimension"), log(label), layers(steps, metric), Some(Corner::LowerRight))
    });
    Figure {
        name: "dimension".into(),
        title: "Error against dimension, critic of one hidden layer".into(),
        caption: format!("{}: dots; lines are medians. Random start, one latent.", seeds(arms.0)),
        columns: 3,
        panel: (370, 330),
        panels: panels.into(),
    }
}

/// The parts of the error with as many latents as dimensions, and with one.
pub(super) fn overcomplete(arms: Arms) -> Figure {
    let mut groups: Vec<(String, Variant, Rows)> = Vec::new();
    for dim in [4, 16] {
        for (latent, variant) in [(1, NON_SATURATING), (dim, NON_SATURATING), (dim, GAN_GP)] {
            let rows = arms.game(random(dim, latent), variant, (SHALLOW, 1));
            groups.push((format!("{}, {latent} to {dim}", name(variant)), variant, rows));
        }
    }
    let part = |(i, (title, metric)): (usize, (&str, &str))| -> Panel {
        let group = |(label, variant, rows): &(String, Variant, Rows)| -> Group {
            (label.clone(), colour(*variant), values(rows, metric))
        };
        let groups: Vec<Group> = groups.iter().map(group).collect();
        let marks = if metric == "off_line" { vec![0.05] } else { vec![] };
        ranking(title, log("in |e|"), &groups, i == 0, &marks)
    };
    let parts =
        [("Offset", "offset"), ("Spread off the line", "off_line"), ("Error of scale", "scale")];
    Figure {
        name: "overcomplete".into(),
        title: "More latents than the data have dimensions".into(),
        caption: format!(
            "{}: dots; bars are medians with 95 % bootstrap intervals; \"16 to 16\": from 16 latents to 16 dimensions. \
             Critic of one hidden layer, one step. Dashed: the threshold of C6.",
            seeds(arms.0)
        ),
        columns: 3,
        panel: (350, 240),
        panels: parts.into_iter().enumerate().map(part).collect(),
    }
}

pub(super) fn rates(arms: Arms) -> Figure {
    let layer = |variant: Variant| {
        let point = |rate: f64| (rate, values(&arms.rate(RATED, variant, rate), "frechet"));
        curve(&name(variant), colour(variant), &RATES.map(point))
    };
    Figure {
        name: "rates".into(),
        title: "Error against learning rate".into(),
        caption: format!(
            "{}: dots; lines are medians. 8 dimensions, random start, critic of two hidden layers, 5 steps.",
            seeds(arms.0)
        ),
        columns: 1,
        panel: (560, 340),
        panels: vec![panel(
            "",
            log("learning rate of both"),
            distance(),
            CURVES[1..].iter().copied().flat_map(layer).collect(),
            Some(Corner::LowerLeft),
        )],
    }
}
