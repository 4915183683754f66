//! What ring and grid look like: coverage against precision, samples, codes, and the ring in training.

use lab::figure::{Axis, Colour, Layer, Panel, Scale, Title};
use lab::{Animation, Figure, Results, Row};
use shared::chart::{Group, dots, panel, ranking, seeds_of};
use shared::colour;
use shared::contrast::{each, values};

use super::{Config, LOOKS, SHORT, SHORT_RUN, Target, methods, rows, short_name};
use crate::method::Named;

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    // The short runs of `quick` are a moving picture alone.
    if results.rows.iter().all(|row| row.arm.ends_with(SHORT_RUN)) {
        return Vec::new();
    }
    vec![coverage(results), samples(results), removed(results), codes(results)]
}

/// The methods of a mixture without alpha-GAN's ablations, VEEGAN's, and some others.
fn forms(target: Target, without: &'static [&'static str]) -> impl Iterator<Item = Named> {
    let is_ablation = |name: &str| name.starts_with("alpha-GAN-") || name == "VEEGAN-noise-alone";
    let all = methods(target).into_iter();
    all.filter(move |(name, _)| !is_ablation(name) && !without.contains(name))
}

/// Every seed: how many modes it holds and how precisely.
fn coverage(results: &Results<Config>) -> Figure {
    let plot = |(target, title, modes): (Target, &str, f64)| {
        let mut layers = vec![Layer::Vertical { label: String::new(), x: modes }];
        for (place, (name, method)) in forms(target, &[]).enumerate() {
            // Methods stand a little apart, so that those that agree are seen.
            let shift = (place as f64 / 14.0 - 0.5) * 0.04 * modes;
            let point = |row: &&Row<Config>| {
                Some((row.value("modes_held")? + shift, row.value("high_quality_3")?))
            };
            let is_first = !method.is_gan() || name == "NS-GAN";
            let label = match name {
                "VAE-sigma-0.02" | "AVB-AC" | "AAE-two-phases" => String::new(),
                "NS-GAN" => "GANs".to_owned(),
                name if is_first => name.to_owned(),
                _ => String::new(),
            };
            layers.push(Layer::Dots {
                label,
                colour: method.colour(),
                radius: 3,
                opacity: 0.6,
                points: rows(results, target, name).iter().filter_map(point).collect(),
            });
        }
        panel(
            title,
            Axis::new("modes that hold at least 1 % of samples")
                .high_is_better()
                .within(-0.06 * modes, 1.1 * modes),
            Axis::new("share of samples within 3 sigma").high_is_better().within(-0.04, 1.08),
            layers,
        )
    };
    Figure {
        name: "coverage_precision".into(),
        title: Title::new("Coverage against precision, every seed a dot")
            .if_reproduced(
                "vae.C10b",
                "alpha-GAN holds more modes of the grid than a GAN with the same nets",
            )
            .if_contradicted(
                "vae.C10b",
                "alpha-GAN holds no more modes of the grid than a GAN with the same nets",
            ),
        caption: format!(
            "{}; 2,500 samples each at the end, equal generators. Auto-encoders with an explicit likelihood: with its noise.",
            seeds_of(results)
        ),
        columns: 2,
        height: 320,
        panels: [(Target::Ring, "Ring of 8", 8.0), (Target::Grid, "Grid of 25", 25.0)]
            .map(plot)
            .into(),
    }
}

/// Samples of one seed over the modes; each target begins a row.
fn samples(results: &Results<Config>) -> Figure {
    const COLUMNS: usize = 7;
    let mut panels = Vec::new();
    for target in [Target::Ring, Target::Grid] {
        panels.extend(forms(target, &["VAE-sigma-0.02", "AVB-AC"]).map(|(name, method)| {
            let found = rows(results, target, name);
            let kept = found.iter().find_map(|row| row.samples.get("samples"));
            let points = kept.map(lab::Array::to_points).unwrap_or_default();
            cloud(target, name, method.colour(), points)
        }));
        let empty = || panel("", Axis::bare(0.0, 1.0), Axis::bare(0.0, 1.0), Vec::new());
        panels.resize_with(panels.len().next_multiple_of(COLUMNS), empty);
    }
    Figure {
        name: "points".into(),
        title: "What each method makes of ring and grid".into(),
        caption: "500 samples of seed 0, not chosen; grey: the modes.".into(),
        columns: COLUMNS,
        height: 126,
        panels,
    }
}

fn cloud(target: Target, title: &str, colour: Colour, points: Vec<(f64, f64)>) -> Panel {
    let edge = if target == Target::Ring { 2.6 } else { 5.2 };
    let modes = target.mixture().distinct_centres().iter().map(|c| (c[0], c[1])).collect();
    let layers = vec![dots(colour::TARGET, 5, 0.35, modes), dots(colour, 1, 0.6, points)];
    panel(title, Axis::bare(-edge, edge), Axis::bare(-edge, edge), layers)
}

/// alpha-GAN without each of its terms, and by its weight.
fn removed(results: &Results<Config>) -> Figure {
    let all = methods(Target::Grid);
    let chosen = all.iter().filter(|(name, _)| name.starts_with("alpha-GAN") || *name == "NS-GAN");
    let chosen: Vec<&Named> = chosen.collect();
    let measured = |(metric, axis): (&str, Axis)| {
        let group = |(name, method): &&Named| -> Group {
            (
                (*name).to_owned(),
                method.colour(),
                values(&rows(results, Target::Grid, name), metric),
            )
        };
        let groups: Vec<Group> = chosen.iter().map(group).collect();
        ranking("", axis, &groups, &[])
    };
    let metrics = [
        ("modes_held", Axis::new("modes held of 25").high_is_better()),
        ("high_quality_3", Axis::new("share within 3 sigma").high_is_better()),
        ("reconstruction", Axis::new("mean distance of a reconstruction").low_is_better()),
    ];
    Figure {
        name: "ablations".into(),
        title: "alpha-GAN on the grid without each of its terms".into(),
        caption: format!(
            "{}: each a dot; bars: medians with 95 % bootstrap intervals.",
            seeds_of(results)
        ),
        columns: 3,
        height: 200,
        panels: metrics.into_iter().map(measured).collect(),
    }
}

/// How far all codes together are from the prior, and reconstructions from the points.
fn codes(results: &Results<Config>) -> Figure {
    let measured = |(metric, axis): (&str, Axis)| {
        let encoders = methods(Target::Ring).into_iter().filter(|(_, method)| !method.is_gan());
        let group = |(name, method): Named| -> Group {
            let rows = rows(results, Target::Ring, name);
            let found = each(&rows, |row| row.value(metric).filter(|x| *x > 0.0));
            (name.to_owned(), method.colour(), found.values.into_values().collect())
        };
        let groups: Vec<Group> = encoders.map(group).collect();
        ranking("", axis.scaled(Scale::Log), &groups, &[])
    };
    let metrics = [
        ("code_kl", Axis::new("KL of all codes from the prior (nats)").low_is_better()),
        ("reconstruction", Axis::new("mean distance of a reconstruction").low_is_better()),
    ];
    Figure {
        name: "codes".into(),
        title: "Codes of the ring".into(),
        caption: format!(
            "{}: each a dot; bars: medians with 95 % bootstrap intervals.",
            seeds_of(results)
        ),
        columns: 2,
        height: 250,
        panels: metrics.into_iter().map(measured).collect(),
    }
}

/// The ring in training: a GAN, a VAE and a hybrid.
pub(crate) fn animations(results: &Results<Config>) -> Vec<Animation> {
    // The short runs of `quick` stand for their methods where there are no others.
    let first = |name: &'static str| {
        let whole = rows(results, Target::Ring, name).into_iter();
        let found = whole.chain(results.arm(&short_name(name)));
        Some((name, found.into_iter().find(|row| row.samples.contains_key("frame 00"))?))
    };
    let shown: Vec<(&str, &Row<Config>)> = SHORT.into_iter().filter_map(first).collect();
    let count = if shown.len() == SHORT.len() {
        shown
            .iter()
            .map(|(_, row)| row.samples.keys().filter(|name| name.starts_with("frame")).count())
            .min()
            .unwrap_or(0)
    } else {
        0
    };
    let frame = |i: usize| {
        let of_method = |(name, row): &(&str, &Row<Config>)| {
            let kept = row.samples.get(&format!("frame {i:02}"));
            let points = kept.map(lab::Array::to_points).unwrap_or_default();
            let step = i as u64 * row.config.learner.steps / LOOKS;
            let title = format!("{name}, step {step}");

            cloud(Target::Ring, &title, row.config.learner.method.colour(), points)
        };
        Figure {
            name: String::new(),
            title: "".into(),
            caption: String::new(),
            columns: 3,
            height: 250,
            panels: shown.iter().map(of_method).collect(),
        }
    };
    let frames: Vec<Figure> = (0..count).map(frame).collect();
    if frames.is_empty() {
        return Vec::new();
    }
    vec![Animation { name: "ring".into(), delay: 240, frames }]
}
