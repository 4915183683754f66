//! Images: scores of every run, and what the samples look like.

use experiments::chart::{Group, panel, ranking};
use lab::figure::{Axis, Colour, Layer, Panel};
use lab::{Figure, Row};
use stats::robust;

use super::{colour, log, name, profile, values};
use crate::arms::{Arms, Rows};
use crate::config::{Config, Pictures, Task};
use crate::grid::{WEIGHT, compared};

/// An arm with its name and colour.
type Arm<'a> = (String, Colour, Rows<'a>);

/// The sets of images that were trained on, with the arms of each by name.
fn sets(arms: Arms<'_>) -> Vec<(Pictures, Vec<Arm<'_>>)> {
    let of = |row: &Row<Config>| match &row.config.task {
        Task::Images { pictures, .. } => Some(*pictures),
        _ => None,
    };
    let mut seen: Vec<Pictures> = Vec::new();
    for pictures in arms.0.rows.iter().filter_map(of) {
        if !seen.contains(&pictures) {
            seen.push(pictures);
        }
    }
    seen.sort_by_key(|pictures| (pictures.set.folder(), pictures.stacked));
    let arms_of = |pictures: Pictures| {
        let mut groups = Vec::new();
        for batch_norm in [false, true] {
            for variant in compared(10.0 * WEIGHT) {
                let rows = arms.images(pictures, variant, batch_norm);
                let norm = if batch_norm { ", BN in critic" } else { "" };
                if !rows.is_empty() {
                    groups.push((name(variant) + norm, colour(variant), rows));
                }
            }
        }
        (pictures, groups)
    };
    seen.into_iter().map(arms_of).collect()
}

fn title(pictures: Pictures) -> String {
    let shape = pictures.shape();
    let stacked = if pictures.stacked { "stacked " } else { "" };
    format!("{stacked}{}, {} x {}", pictures.set.folder(), shape.height, shape.width)
}

/// Every score of every run, with that of real images.
pub(super) fn images(arms: Arms) -> Figure {
    let measures = [
        ("frechet", "Frechet distance of features", "real_frechet"),
        ("class_score", "class score", "real_class_score"),
        ("ms_ssim", "MS-SSIM: likeness of pairs", "real_ms_ssim"),
        ("independent_critic", "independent critic", ""),
        ("modes", "modes of 1000", ""),
    ];
    let mut panels = Vec::new();
    let mut tallest = 0;
    for (pictures, groups) in sets(arms) {
        tallest = tallest.max(groups.len());
        for (i, (metric, label, real)) in measures.into_iter().enumerate() {
            let all: Rows = groups.iter().flat_map(|(_, _, rows)| rows.clone()).collect();
            let real = values(&all, real);
            let marks = if real.is_empty() { vec![] } else { vec![robust::median(&real)] };
            let group = |(name, colour, rows): &Arm| -> Group {
                (name.clone(), *colour, values(rows, metric))
            };
            let groups: Vec<Group> = groups.iter().map(group).collect();
            let axis = if metric == "frechet" { log(label) } else { Axis::new(label) };
            // Titles keep the rows of neighbours level.
            let heading = if i == 0 { title(pictures) } else { " ".to_owned() };
            let found = groups.iter().any(|(_, _, numbers)| !numbers.is_empty());
            panels.push(if found {
                ranking(&heading, axis, &groups, i == 0, &marks)
            } else {
                blank()
            });
        }
    }
    Figure {
        name: "images".into(),
        title: "Images, scored in five ways".into(),
        caption: format!(
            "{}, 5 seeds: each a dot; bars are medians with 95 % bootstrap intervals. Dashed: real test images. Smaller is better \
             for the Frechet distance, the critic's and, down to real images, for the likeness of pairs; larger for the others.",
            profile(arms)
        ),
        columns: measures.len(),
        panel: (300, 80 + 26 * tallest as u32),
        panels,
    }
}

/// Samples of seed 0.
pub(super) fn samples(arms: Arms) -> Figure {
    let mut panels = Vec::new();
    let mut columns = 1;
    for (pictures, groups) in sets(arms) {
        let star = |rows: &Rows, array: &str| {
            rows.iter().find_map(|row| row.samples.get(array)).map(|array| array.bytes.clone())
        };
        let real = groups.iter().find_map(|(_, _, rows)| star(rows, "real"));
        let mut row: Vec<Panel> = Vec::new();
        row.extend(real.map(|bytes| sheet("real images", pictures, &bytes)));
        for (name, _, rows) in &groups {
            row.extend(star(rows, "samples").map(|bytes| sheet(name, pictures, &bytes)));
        }
        columns = columns.max(row.len());
        panels.push(row);
    }
    for row in &mut panels {
        row.resize_with(columns, blank);
    }
    Figure {
        name: "samples".into(),
        title: "Samples at the last update".into(),
        caption: "Seed 0 of each variant, not chosen; the colours of a stacked image are three independent digits.".into(),
        columns,
        panel: (198, 218),
        panels: panels.concat(),
    }
}

fn blank() -> Panel {
    panel("", Axis::bare(0.0, 1.0), Axis::bare(0.0, 1.0), Vec::new(), None)
}

/// Images in a square, from bytes `[count, channels, height, width]`.
fn sheet(title: &str, pictures: Pictures, bytes: &[u8]) -> Panel {
    let shape = pictures.shape();
    let [channels, height, width] =
        [shape.channels, shape.height, shape.width].map(|size| size as usize);
    let count = bytes.len() / (channels * height * width);
    let side = (count as f64).sqrt() as usize;
    let at = |channel: usize, line: usize, column: usize| {
        let image = line / height * side + column / width;
        let (y, x) = (line % height, column % width);
        bytes[((image * channels + channel) * height + y) * width + x]
    };
    let places =
        (0..side * height).flat_map(|line| (0..side * width).map(move |column| (line, column)));
    let layer = if channels == 3 {
        let pixels = places.map(|(y, x)| [at(0, y, x), at(1, y, x), at(2, y, x)]).collect();
        Layer::ColourPicture { width: side * width, pixels }
    } else {
        Layer::Picture { width: side * width, pixels: places.map(|(y, x)| at(0, y, x)).collect() }
    };
    panel(title, Axis::bare(0.0, 1.0), Axis::bare(0.0, 1.0), vec![layer], None)
}
