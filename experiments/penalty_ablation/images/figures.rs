//! Scores of every run on images, and what the samples look like.

use lab::figure::{Axis, Colour, Panel};
use lab::{Figure, Results, Row};
use shared::chart::{Group, panel, ranking, seeds, sheet};
use shared::contrast::{median, values};
use shared::pictures::Pictures;
use shared::variant::variant;

use super::{arm_name_of, short_name, variants};
use crate::config::{Config, Task};
use crate::{Rows, colour, log_axis};

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let sets = sets(results);
    if sets.is_empty() {
        return Vec::new();
    }
    vec![scores(results, &sets), samples(&sets)]
}

/// A set of images that was trained on.
struct Set<'a> {
    pictures: Pictures,
    arms: Vec<NamedArm<'a>>,
}

struct NamedArm<'a> {
    name: String,
    colour: Colour,
    rows: Rows<'a>,
}

/// The sets that the results hold.
fn sets(results: &Results<Config>) -> Vec<Set<'_>> {
    let of = |row: &Row<Config>| match &row.config.task {
        Task::Images { pictures, .. } => Some(*pictures),
        _ => None,
    };
    let mut seen: Vec<Pictures> = Vec::new();
    for pictures in results.rows.iter().filter_map(of) {
        if !seen.contains(&pictures) {
            seen.push(pictures);
        }
    }
    seen.sort_by_key(|pictures| (pictures.set.folder(), pictures.stacked));
    let of_set = |pictures: Pictures| {
        let mut arms = Vec::new();
        for batch_norm in [false, true] {
            for chosen in variants() {
                let arm = arm_name_of(pictures, chosen, batch_norm);
                let norm = if batch_norm { ", BN in critic" } else { "" };
                for (arm, short) in [(short_name(&arm), ", short"), (arm, "")] {
                    let name = variant(chosen.0, chosen.1) + norm + short;
                    let rows = results.arm(&arm);
                    arms.push(NamedArm { name, colour: colour(chosen), rows });
                }
            }
        }
        arms.retain(|arm| !arm.rows.is_empty());
        Set { pictures, arms }
    };
    seen.into_iter().map(of_set).collect()
}

fn title(pictures: Pictures) -> String {
    let shape = pictures.shape();
    let stacked = if pictures.stacked { "stacked " } else { "" };
    format!("{stacked}{}, {} x {}", pictures.set.folder(), shape.height, shape.width)
}

/// Every score of every run, with those of real images and of the trivial generator.
fn scores(results: &Results<Config>, sets: &[Set]) -> Figure {
    let measures = [
        (
            "frechet",
            log_axis("Frechet distance").low_is_better(),
            ["real_frechet", "frechet_of_gaussian"],
        ),
        (
            "class_score",
            Axis::new("class score").high_is_better(),
            ["real_class_score", "class_score_of_gaussian"],
        ),
        ("ms_ssim", Axis::new("MS-SSIM of pairs"), ["real_ms_ssim", ""]),
        ("independent_critic", Axis::new("independent critic").low_is_better(), ["", ""]),
        (
            "modes_held",
            Axis::new("share of 1000 modes held").high_is_better(),
            ["real_modes_held", ""],
        ),
    ];
    let mut panels = Vec::new();
    for Set { pictures, arms } in sets {
        for (i, (metric, axis, marks)) in measures.iter().enumerate() {
            let all: Rows = arms.iter().flat_map(|arm| arm.rows.clone()).collect();
            let marks: Vec<f64> = marks.iter().filter_map(|name| median(&all, name)).collect();
            let group = |arm: &NamedArm| (arm.name.clone(), arm.colour, values(&arm.rows, metric));
            let groups: Vec<Group> = arms.iter().map(group).collect();
            let heading = if i == 0 { title(*pictures) } else { String::new() };
            let found = groups.iter().any(|(_, _, numbers)| !numbers.is_empty());
            panels.push(if found {
                ranking(&heading, axis.clone(), &groups, &marks)
            } else {
                blank()
            });
        }
    }
    let tallest = sets.iter().map(|set| set.arms.len()).max().unwrap_or(0);
    Figure {
        name: "images".into(),
        title: "Images, scored in five ways".into(),
        caption: format!(
            "{}: each a dot; bars are medians with 95 % bootstrap intervals. Dashed: real images, and the worse of two \
             lines one Gaussian in pixels, which an arm has to beat. MS-SSIM, the likeness of pairs, is best where real \
             images are. Clear modes have a quarter of their fair share or more, of samples whose three digits a classifier tells.",
            seeds(results)
        ),
        columns: measures.len(),
        height: 80 + 26 * tallest as u32,
        panels,
    }
}

/// Sheets of samples side by side.
const SHEETS: usize = 4;

/// Samples of the first seed, after real images and what the trivial generator makes.
fn samples(sets: &[Set]) -> Figure {
    let mut panels = Vec::new();
    for Set { pictures, arms } in sets {
        let mut row: Vec<Panel> = Vec::new();
        for (title, array) in [("real images", "real"), ("one Gaussian in pixels", "gaussian")] {
            let first = arms.iter().find_map(|arm| kept(arm, array));
            row.extend(first.map(|(_, bytes)| square(title, *pictures, &bytes)));
        }
        for arm in arms {
            row.extend(kept(arm, "samples").map(|(run, bytes)| {
                let distance = run.value("frechet").unwrap_or(f64::NAN);
                square(&format!("{}: {distance:.1}", arm.name), *pictures, &bytes)
            }));
        }
        row.resize_with(row.len().next_multiple_of(SHEETS), blank);
        panels.extend(row);
    }
    Figure {
        name: "samples".into(),
        title: "Samples at the last update".into(),
        caption: "The first seed of each variant, not chosen, and its Frechet distance; the colours of a stacked image are three independent digits.".into(),
        columns: SHEETS,
        height: 200,
        panels,
    }
}

/// The run of an arm that kept an array, and the array's bytes.
fn kept<'a>(arm: &NamedArm<'a>, array: &str) -> Option<(&'a Row<Config>, Vec<u8>)> {
    arm.rows.iter().find_map(|row| Some((*row, row.samples.get(array)?.bytes.clone())))
}

fn blank() -> Panel {
    panel("", Axis::bare(0.0, 1.0), Axis::bare(0.0, 1.0), Vec::new())
}

/// Images in a square, from bytes `[count, channels, height, width]`.
fn square(title: &str, pictures: Pictures, bytes: &[u8]) -> Panel {
    let shape = pictures.shape();
    let sizes = [shape.channels, shape.height, shape.width].map(|size| size as usize);
    let count = bytes.len() / sizes.iter().product::<usize>();
    sheet(title, sizes, bytes, count.isqrt())
}
