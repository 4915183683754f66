//! What is claimed of ring and grid, and what it looks like.

use lab::figure::{Axis, Colour, Layer, Panel, Scale, Title};
use lab::{Animation, Claim, Figure, Region, Results, Row};
use shared::chart::{Group, dots, panel, ranking, seeds_of};
use shared::colour;
use shared::contrast::{Sample, difference, each, join, log_ratio, values};
use shared::{Draft, Source, claim};
use stats::robust;

use super::{Config, LOOKS, SHORT, SHORT_RUN, Target, arm_name, methods, short_name};
use crate::best::best;
use crate::method::{Named, ablations};

type Rows<'a> = Vec<&'a Row<Config>>;

const ALPHA: Source = Source::second_hand("Rosca et al. 2017 (1706.04987)");
const ROSCA: Source =
    Source::read("Rosca, Lakshminarayanan and Mohamed 2018 (1802.06847), abstract");
const VEEGAN: Source = Source::read("Srivastava et al. 2017 (1705.07761)");
const DUMOULIN: Source = Source::read("Dumoulin et al. 2016 (1606.00704)");

fn rows<'a>(results: &'a Results<Config>, target: Target, method: &str) -> Rows<'a> {
    results.arm(&arm_name(target, method))
}

/// Arms with an encoder and a critic, and arms without an encoder, of those that every mixture has.
fn families(results: &Results<Config>, target: Target) -> [Vec<Rows<'_>>; 2] {
    let ablated = ablations().map(|(name, _)| name);
    let of = |is_gan: bool| {
        let methods = methods(target).into_iter();
        let chosen = methods.filter(|(name, method)| {
            let has_critic = method.critic().is_some() || method.has_code_critic();
            has_critic && method.is_gan() == is_gan && !ablated.contains(name)
        });
        chosen.map(|(name, _)| rows(results, target, name)).collect()
    };
    [of(false), of(true)]
}

/// A draft behind the gate that some compared arm has as many samples near modes as it takes to hold them all.
fn gated(draft: Draft, target: Target, arms: &[&Rows]) -> Draft {
    let needed = 0.01 * target.mixture().distinct_centres().len() as f64;
    let mean = |rows: &&Rows| {
        let found = values(rows, "high_quality_3");
        (!found.is_empty()).then(|| robust::mean(&found))
    };
    let all: Option<Vec<f64>> = arms.iter().map(mean).collect();
    draft.gate(
        "largest mean `high_quality_3` of the compared arms (modes times 1 %)",
        Region::Above(needed),
        all.and_then(|all| all.into_iter().reduce(f64::max)),
    )
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let ring = |method: &str| rows(results, Target::Ring, method);
    let grid = |method: &str| rows(results, Target::Grid, method);
    let [hybrids, games] = families(results, Target::Grid);
    let score = |row: &Row<Config>| row.value("score");
    let gained: Sample =
        join(&best(&hybrids, 1.0, score), &best(&games, 1.0, score), |hybrid, gan| hybrid - gan);
    let compared = |draft: Draft, target, (a, b): (&Rows, &Rows), metric, region| {
        gated(draft, target, &[a, b])
            .figure("coverage_precision.svg")
            .mean(region, &difference((a, b), metric))
    };
    let rivals = |draft: Draft, region| {
        let arms: Vec<&Rows> = hybrids.iter().chain(&games).collect();
        gated(draft, Target::Grid, &arms)
            .measured("`score` on the grid (share of the modes that hold 1 % times share of samples within 3 sigma), best hybrid minus best GAN, each chosen on the other half of the seeds")
            .figure("coverage_precision.svg")
            .mean(region, &gained)
    };
    let mut claims = vec![
        compared(
            claim("vae.C10", "On the ring alpha-GAN is more precise than a VAE.")
                .published(DUMOULIN, "figure 8, there of ALI", None)
                .measured("share of samples within 3 sigma (`high_quality_3`), alpha-GAN minus VAE of learned deviation"),
            Target::Ring,
            (&ring("alpha-GAN"), &ring("VAE")),
            "high_quality_3",
            Region::Above(0.0),
        ),
        compared(
            claim("vae.C10b", "On the grid alpha-GAN holds more modes than a GAN with the same nets.")
                .published(ALPHA, "claimed of images; by readers' notes", None)
                .measured("modes of 25 that hold 1 % of samples (`modes_held`), alpha-GAN minus NS-GAN"),
            Target::Grid,
            (&grid("alpha-GAN"), &grid("NS-GAN")),
            "modes_held",
            Region::Above(0.0),
        ),
        compared(
            claim("vae.C10c", "On the grid VEEGAN holds more modes than a GAN with the same nets.")
                .published(VEEGAN, "table 1, modes by its rule of one sample", Some("24.6 against 3.3"))
                .measured("modes of 25 that hold 1 % of samples (`modes_held`), VEEGAN minus NS-GAN"),
            Target::Grid,
            (&grid("VEEGAN"), &grid("NS-GAN")),
            "modes_held",
            Region::Above(0.0),
        ),
        rivals(
            claim("vae.C10d", "On the grid the best hybrid covers and is precise at least as well as the best GAN, to a tenth.")
                .published(ALPHA, "the talk: hybrids are comparable with the best GANs, there of images", None),
            Region::Above(-0.1),
        ),
        rivals(
            claim("vae.C10e", "On the grid hybrids do not improve on GANs.")
                .published(ROSCA, "there of images", None),
            Region::Below(0.0),
        ),
        compared(
            claim("vae.C11", "A larger weight of alpha-GAN's reconstruction makes it cover more of the grid.")
                .derived("the objective: the error of a mode that is lost is large", None)
                .measured("modes of 25 that hold 1 % of samples (`modes_held`), weight 100 minus weight 1"),
            Target::Grid,
            (&grid("alpha-GAN-weight-100"), &grid("alpha-GAN-weight-1")),
            "modes_held",
            Region::Above(0.0),
        ),
        compared(
            claim("vae.C11b", "A larger weight of alpha-GAN's reconstruction makes it less precise on the grid.")
                .derived("the objective: the critics count for less", None)
                .measured("share of samples within 3 sigma (`high_quality_3`), weight 100 minus weight 1"),
            Target::Grid,
            (&grid("alpha-GAN-weight-100"), &grid("alpha-GAN-weight-1")),
            "high_quality_3",
            Region::Below(0.0),
        ),
    ];
    claims.extend(ablated(results));
    let (aae, vae) = (ring("AAE"), ring("VAE"));
    claims.push(
        claim("vae.C12d", "On the ring an adversarial auto-encoder's codes together are nearer to the prior than a VAE's.")
            .published(ROSCA, "hybrids match marginals, VAEs do not", None)
            .measured("ln `code_kl` (KL of all codes from the prior over bins of the plane), AAE minus VAE of learned deviation")
            .figure("codes.svg")
            .mean(Region::Below(0.0), &log_ratio((&aae, &vae), "code_kl")),
    );
    claims
}

/// What each term of alpha-GAN is good for.
fn ablated(results: &Results<Config>) -> Vec<Claim> {
    let grid = |method: &str| rows(results, Target::Grid, method);
    let mut claims = Vec::new();
    for (id, term, arm) in [
        ("vae.C11c", "reconstruction", "no-reconstruction"),
        ("vae.C11d", "critic of codes", "no-code-critic"),
        ("vae.C11e", "critic of images", "no-critic"),
        ("vae.C11f", "critic of samples", "reconstructions-only"),
        ("vae.C11g", "critic of reconstructions", "samples-only"),
    ] {
        let (whole, without) = (grid("alpha-GAN"), grid(&format!("alpha-GAN-{arm}")));
        let statement = format!("alpha-GAN needs its {term} on the grid.");
        claims.push(
            gated(claim(id, &statement), Target::Grid, &[&whole, &without])
                .measured(&format!(
                    "`score` on the grid, alpha-GAN minus the same without its {term}"
                ))
                .figure("ablations.svg")
                .mean(Region::Above(0.0), &difference((&whole, &without), "score")),
        );
    }
    claims
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    // The short runs of `quick` are a moving picture alone.
    if results.rows.iter().all(|row| row.arm.ends_with(SHORT_RUN)) {
        return Vec::new();
    }
    vec![coverage(results), samples(results), removed(results), codes(results)]
}

/// Every seed: how many modes it holds and how precisely.
fn coverage(results: &Results<Config>) -> Figure {
    let plot = |(target, title, modes): (Target, &str, f64)| {
        let mut layers = vec![Layer::Vertical { label: String::new(), x: modes }];
        let whole = methods(target).into_iter().filter(|(name, _)| !name.starts_with("alpha-GAN-"));
        for (place, (name, method)) in whole.enumerate() {
            // Methods stand a little apart, so that those that agree are seen.
            let shift = (place as f64 / 14.0 - 0.5) * 0.04 * modes;
            let point = |row: &&Row<Config>| {
                Some((row.value("modes_held")? + shift, row.value("high_quality_3")?))
            };
            let is_first = !method.is_gan() || name == "NS-GAN";
            let label = match name {
                "VAE-sigma-0.02" | "AVB-AC" => String::new(),
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

/// Samples of one seed over the modes.
fn samples(results: &Results<Config>) -> Figure {
    let mut panels = Vec::new();
    for target in [Target::Ring, Target::Grid] {
        let whole = methods(target).into_iter().filter(|(name, _)| !name.starts_with("alpha-GAN-"));
        let whole = whole.filter(|(name, _)| !["VAE-sigma-0.02", "AVB-AC"].contains(name));
        panels.extend(whole.map(|(name, method)| {
            let found = rows(results, target, name);
            let kept = found.iter().find_map(|row| row.samples.get("samples"));
            let points = kept.map(lab::Array::to_points).unwrap_or_default();
            cloud(target, name, method.colour(), points)
        }));
    }
    Figure {
        name: "points".into(),
        title: "What each method makes of ring and grid".into(),
        caption: "500 samples of seed 0, not chosen; grey: the modes.".into(),
        columns: 6,
        height: 180,
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
