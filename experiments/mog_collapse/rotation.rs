//! Does a plain GAN rotate through the modes, and look-ahead not (C1b)?
//!
//! Three arms of other parts over their training, and what seed 0 of each looked like.

use gan::step::SecondTerm::Full;
use lab::figure::{Axis, Colour, Layer, Panel, Title};
use lab::{Animation, Claim, Figure, Region, Results, Row};
use shared::chart::dots;
use shared::claim;
use shared::colour;
use shared::contrast::difference;

use crate::config::Config;
use crate::coverage::FRAME_EVERY;
use crate::look_ahead::{METZ, arm_name};
use crate::size::{CLAIM_SIZES, ClaimSize};

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let of_size = |size: &ClaimSize| {
        let [plain, unrolled] = [0, 10].map(|k| arm_name(size.part, k, Full));
        let statement = format!(
            "{}, the samples of a plain GAN change from mode to mode more often than those of one that looks 10 steps \
             ahead.",
            size.on_the_ring
        );
        claim(&format!("mog.C1b{}", size.suffix), &statement)
            .published(METZ, "section 3.1, figure 1", None)
            .measured(&format!(
                "changes of the majority mode (`majority_changes`), `{plain}` minus `{unrolled}`, paired by seed"
            ))
            .figure("mode_share.svg")
            .mean(
                Region::Above(0.0),
                &difference((&results.arm(&plain), &results.arm(&unrolled)), "majority_changes"),
            )
    };
    CLAIM_SIZES.iter().map(of_size).collect()
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![samples_over_training(results), mode_share(results)]
}

/// Returns the talk's picture in motion.
pub(crate) fn animations(results: &Results<Config>) -> Vec<Animation> {
    let rows = shown(results, SHOWN);
    let count = rows.iter().map(|(_, row)| frames(row).len()).min().unwrap_or(0);
    let frame = |i: usize| Figure {
        name: String::new(),
        title: "".into(),
        caption: String::new(),
        columns: 3,
        height: 250,
        panels: rows
            .iter()
            .map(|(colour, row)| {
                let (step, points) = frames(row).swap_remove(i);
                cloud(row, &format!("{}, step {step}", row.config.label()), *colour, points)
            })
            .collect(),
    };
    if count == 0 {
        return Vec::new();
    }
    vec![Animation { name: "training".into(), delay: 240, frames: (0..count).map(frame).collect() }]
}

/// The arms that the talk compares.
const SHOWN: [(Colour, &str); 3] = [
    (colour::GAN, "ring/plain"),
    (colour::LOOK_AHEAD, "ring/unrolled-10"),
    (colour::VAE, "ring/vae"),
];
/// Those of them that the paper's size has too.
const SHOWN_AT_THE_PAPERS_SIZE: [(Colour, &str); 2] =
    [(colour::GAN, "paper/plain"), (colour::LOOK_AHEAD, "paper/unrolled-10")];

/// Seed 0 of arms, as far as its frames were kept.
fn shown<'a, const N: usize>(
    results: &'a Results<Config>,
    arms: [(Colour, &str); N],
) -> Vec<(Colour, &'a Row<Config>)> {
    let first = |(colour, name): (Colour, &str)| {
        let of_arm = |row: &&Row<Config>| row.arm == name && row.samples.contains_key("frames");
        Some((colour, results.rows.iter().filter(of_arm).min_by_key(|row| row.seed)?))
    };
    arms.into_iter().filter_map(first).collect()
}

/// The kept frames of a run with their steps.
fn frames(row: &Row<Config>) -> Vec<(u64, Vec<(f64, f64)>)> {
    let Some(kept) = row.samples.get("frames") else { return Vec::new() };
    let values = kept.to_f32();
    let steps = row.traces["modes_held"].iter().step_by(FRAME_EVERY).map(|(step, _)| *step);
    let point = |[x, y]: &[f32; 2]| (f64::from(*x), f64::from(*y));
    let frame = |frame: &[f32]| frame.as_chunks::<2>().0.iter().map(point).collect();
    steps.zip(values.chunks_exact(2 * kept.shape[1]).map(frame)).collect()
}

/// One cloud of samples over the modes.
fn cloud(row: &Row<Config>, title: &str, colour: Colour, points: Vec<(f64, f64)>) -> Panel {
    let edge = row.config.target.half_width() * 1.25;
    let modes =
        row.config.target.mixture().distinct_centres().iter().map(|c| (c[0], c[1])).collect();
    Panel {
        title: title.to_owned(),
        x: Axis::bare(-edge, edge),
        y: Axis::bare(-edge, edge),
        layers: vec![dots(colour::TARGET, 5, 0.35, modes), dots(colour, 2, 0.55, points)],
    }
}

fn samples_over_training(results: &Results<Config>) -> Figure {
    let columns = 6;
    let panels = shown(results, SHOWN).into_iter().flat_map(|(colour, row)| {
        let frames = frames(row);
        let last = frames.len().saturating_sub(1);
        let panel = move |i: usize| {
            let (step, points) = frames[i * last / (columns - 1)].clone();
            cloud(row, &format!("{}, {step}", row.config.label()), colour, points)
        };
        (0..columns).map(panel).collect::<Vec<_>>()
    });
    Figure {
        name: "samples_over_training".into(),
        title: "Samples over training on the ring of 8".into(),
        caption:
            "Seed 0 of each arm, 256 samples a panel; the number is the step. Grey: the modes, \
                  drawn larger than they are (sigma is 0.02, the radius 2)."
                .into(),
        columns,
        height: 155,
        panels: panels.collect(),
    }
}

fn mode_share(results: &Results<Config>) -> Figure {
    let panel = |row: &Row<Config>, size: &str| {
        let shares = row.samples.get("shares")?;
        let modes = shares.shape[1];
        let rows = shares.to_f32();
        let rows = rows.chunks_exact(modes).map(|row| row.iter().map(|&x| f64::from(x)).collect());
        let steps: Vec<f64> =
            row.traces["modes_held"].iter().map(|(step, _)| *step as f64).collect();
        Some(Panel {
            title: row.config.label() + size,
            x: Axis::new("step").within(0.0, *steps.last()?),
            y: Axis::new("share of samples by nearest mode").within(0.0, 1.0),
            layers: vec![Layer::Shares { steps, shares: rows.collect() }],
        })
    };
    let ours = shown(results, SHOWN).into_iter().filter_map(|(_, row)| panel(row, ""));
    let papers = shown(results, SHOWN_AT_THE_PAPERS_SIZE).into_iter();
    let papers = papers.filter_map(|(_, row)| panel(row, ", the paper's size"));
    Figure {
        name: "mode_share".into(),
        title: Title::new("Which mode the samples are at, over training")
            .if_reproduced("mog.C1b", "The samples of a plain GAN move from mode to mode"),
        caption:
            "Seed 0 of each arm; one colour per mode of the ring, 2,500 samples a look, 49 looks. \
                  Rotation is a colour that takes all and gives way to another."
                .into(),
        columns: 3,
        height: 240,
        panels: ours.chain(papers).collect(),
    }
}
