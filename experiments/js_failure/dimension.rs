//! Does the fit get worse with the dimension, and with more latents than the data need?

use lab::figure::{Panel, Title};
use lab::{Arm, Claim, Figure, Profile, Region};
use shared::chart::{Group, curve, panel, ranking, seeds};
use shared::contrast::{Sample, count, values};
use shared::{Source, claim};
use stats::rank;

use crate::arm::{Reader, STACK, Setting, steps};
use crate::config::{Config, Task};
use crate::rows::{ENOUGH, UPDATES, log, per_seed, solved, updates};
use crate::variant::{CURVES, GAN_GP, NON_SATURATING, Variant};
use crate::world::{World, random};
use crate::{Results, Rows};

/// One latent, a critic of one hidden layer.
fn swept(dim: i64, variant: Variant, critic_steps: u32) -> Setting {
    Setting::shallow(random(dim, 1), variant, critic_steps)
}

/// Dimensions with as many latents as dimensions.
const OVER: [i64; 2] = [4, 16];

/// Any number of latents, a critic of one hidden layer and one step.
fn with_latents(dim: i64, latent: i64, variant: Variant) -> Setting {
    Setting::shallow(random(dim, latent), variant, 1)
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let dims: &[i64] = match profile {
        Profile::Smoke => &[2, 4],
        Profile::Full => &[2, 4, 8, 16, 32, 64, 128, 256],
        _ => &[2, 4, 16, 64],
    };
    // With one critic step, which costs a fraction.
    let long = match profile {
        Profile::Smoke => 40,
        _ => steps(profile),
    };
    let reader = |variant| match variant {
        NON_SATURATING => Reader::Claim,
        _ => Reader::Figure,
    };
    let mut arms = Vec::new();
    for &dim in dims {
        let quick_seeds = if dim <= 16 { STACK } else { 0 };
        let one_step = swept(dim, NON_SATURATING, 1).arm(profile, long, Reader::Claim);
        arms.push(one_step.with_quick_seeds(quick_seeds));
        for variant in CURVES {
            let five_steps = swept(dim, variant, 5);
            arms.push(five_steps.arm(profile, steps(profile) * 2 / 3, reader(variant)));
        }
    }
    for dim in OVER {
        for variant in [NON_SATURATING, GAN_GP] {
            arms.push(with_latents(dim, dim, variant).arm(profile, long, reader(variant)));
        }
    }
    arms
}

/// Returns the dimensions that were swept, from the least, with their rows.
fn sweep(results: &Results, variant: Variant, critic_steps: u32) -> Vec<(f64, Rows<'_>)> {
    let dim = |task: Task| match task {
        Task::Game { world: World::Line { dim, latent: 1, .. }, .. } => Some(dim),
        _ => None,
    };
    let mut dims: Vec<i64> = results.rows.iter().filter_map(|row| dim(row.config.task)).collect();
    dims.sort_unstable();
    dims.dedup();
    let arm = |dim| (dim as f64, swept(dim, variant, critic_steps).rows(results));
    dims.into_iter().map(arm).filter(|(_, rows)| !rows.is_empty()).collect()
}

/// Below this spread an over-complete generator has found the line.
const THIN: f64 = 0.05;

pub(crate) fn claims(results: &Results) -> Vec<Claim> {
    const FEDUS: Source = Source::remembered("Fedus et al. 2018 (1710.08446)");
    let fits = swept(16, NON_SATURATING, 1).rows(results);
    let over = with_latents(16, 16, NON_SATURATING).rows(results);
    let thin = count(&over, |row| row.value("off_line").is_some_and(|spread| spread < THIN));
    let [one_step, five_steps] = [1, 5].map(|steps| sweep(results, NON_SATURATING, steps));
    let correlation = |points: &[(f64, f64)]| {
        let (dims, distances): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        rank::spearman(&dims, &distances)
    };
    let worsens = |arms: &[(f64, Rows)]| -> Sample {
        per_seed(arms, |row| row.value("frechet"), correlation)
    };
    let least = |arms: &[(f64, Rows)]| updates(arms.iter().map(|(_, rows)| rows));
    vec![
        claim("js.C5", "The non-saturating GAN fits one-dimensional data in many dimensions.")
            .published(FEDUS, "section 4", None)
            .measured("P(`frechet` below 0.1), NS-GAN, random start in 16 dimensions, one latent, one hidden layer, one critic step")
            .figure("dimension.svg")
            .gate(UPDATES, ENOUGH, updates([&fits]))
            .share(Region::Above(0.5), solved(&fits)),
        claim("js.C5b", "The non-saturating GAN's fit gets worse as the dimension grows at a fixed learning rate, with one critic step.")
            .published(FEDUS, "appendix", None)
            .measured("rank correlation, within a seed, of dimension and distance; NS-GAN, random start, one latent, one hidden layer, one critic step (`frechet`)")
            .figure("dimension.svg")
            .gate(UPDATES, ENOUGH, least(&one_step))
            .mean(Region::Above(0.0), &worsens(&one_step)),
        claim("js.C5c", "The non-saturating GAN's fit gets worse as the dimension grows at a fixed learning rate, with five critic steps.")
            .published(FEDUS, "appendix", None)
            .measured("rank correlation, within a seed, of dimension and distance; NS-GAN, random start, one latent, one hidden layer, five critic steps (`frechet`)")
            .figure("dimension.svg")
            .gate(UPDATES, ENOUGH, least(&five_steps))
            .mean(Region::Above(0.0), &worsens(&five_steps)),
        claim("js.C6", "An over-complete generator still finds the line under the non-saturating loss.")
            .published(FEDUS, "section 4, experiment II", None)
            .measured("P(`off_line` below 0.05), NS-GAN, random start, 16 latents in 16 dimensions, one hidden layer, one critic step")
            .figure("overcomplete.svg")
            .gate(UPDATES, ENOUGH, updates([&over]))
            .share(Region::Above(0.5), thin),
    ]
}

pub(crate) fn figures(results: &Results) -> Vec<Figure> {
    vec![dimension(results), overcomplete(results)]
}

fn dimension(results: &Results) -> Figure {
    let layers = |critic_steps: u32, metric: &str| {
        let layer = |variant: Variant| {
            let arms = sweep(results, variant, critic_steps);
            let points: Vec<(f64, Vec<f64>)> =
                arms.iter().map(|(dim, rows)| (*dim, values(rows, metric))).collect();
            let drawn = !points.is_empty();
            drawn.then(|| curve(&variant.label(), variant.colour(), &points))
        };
        CURVES.into_iter().filter_map(layer).flatten().collect()
    };
    let most_updates = |critic_steps| {
        let arms = sweep(results, NON_SATURATING, critic_steps);
        arms.iter().flat_map(|(_, rows)| rows).map(|row| row.config.steps).max().unwrap_or(0)
    };
    let panels = [
        ("5 critic steps", 5, "frechet", "distance to the data, in |e|"),
        ("off the line", 5, "off_line", "spread off the line, in |e|"),
        ("1 critic step", 1, "frechet", "distance to the data, in |e|"),
    ]
    .map(|(title, steps, metric, label)| {
        let title = format!("{title}, {} updates", most_updates(steps));
        panel(&title, log("dimension"), log(label), layers(steps, metric))
    });
    Figure {
        name: "dimension".into(),
        title: Title::new("Error against dimension, critic of one hidden layer")
            .if_reproduced("js.C5b", "The error grows with the dimension under one critic step"),
        caption: format!("{}: dots; lines are medians. Random start, one latent.", seeds(results)),
        columns: 3,
        height: 230,
        panels: panels.into(),
    }
}

/// The parts of the error with as many latents as dimensions, and with one.
fn overcomplete(results: &Results) -> Figure {
    let mut arms: Vec<(String, Variant, Rows)> = Vec::new();
    for dim in OVER {
        for (latent, variant) in [(1, NON_SATURATING), (dim, NON_SATURATING), (dim, GAN_GP)] {
            let name = format!("{}, {latent} to {dim}", variant.label());
            arms.push((name, variant, with_latents(dim, latent, variant).rows(results)));
        }
    }
    let part = |title: &str, metric: &str| -> Panel {
        let group = |(name, variant, rows): &(String, Variant, Rows)| -> Group {
            (name.clone(), variant.colour(), values(rows, metric))
        };
        let groups: Vec<Group> = arms.iter().map(group).collect();
        let marks = if metric == "off_line" { vec![THIN] } else { vec![] };
        ranking(title, log("in |e|"), &groups, &marks)
    };
    Figure {
        name: "overcomplete".into(),
        title: Title::new("More latents than the data have dimensions")
            .if_reproduced("js.C6", "An over-complete generator still finds the line"),
        caption: format!(
            "{}: dots; bars are medians with 95 % bootstrap intervals; \"16 to 16\": from 16 latents to 16 dimensions. \
             Critic of one hidden layer, one step. Dashed: the threshold of C6.",
            seeds(results)
        ),
        columns: 3,
        height: 180,
        panels: vec![
            part("Offset", "offset"),
            part("Spread off the line", "off_line"),
            part("Error of scale", "scale"),
        ],
    }
}
