//! Does look-ahead bring lost modes back, and is it the second gradient term that does it (C1, C2)?
//!
//! The generator's gradient under a critic that is K steps ahead has two terms: how the outputs of that critic change, and
//! how its parameters would (Metz et al., equation 12). Stopping the second leaves look-ahead without foresight.

use gan::Objective;
use gan::step::SecondTerm::{self, Full, Stopped};
use lab::figure::{Axis, Colour, Layer, Panel, Title};
use lab::results::diverged;
use lab::{Arm, Claim, Figure, Profile, Region, Results, Row};
use shared::chart::seeds;
use shared::colour;
use shared::contrast::{Sample, difference, join, pair};
use shared::{Source, claim, with_parts};
use stats::robust;

use crate::config::{Config, Gan, Method, TargetName};
use crate::coverage::{covering, mean};
use crate::size::{CLAIM_SIZES, ClaimSize, HALF_STACK, STACK, Size, paper_arm, profile_arm};

/// Steps of look-ahead.
const DOSES: [u32; 5] = [1, 2, 3, 5, 10];
/// At each size of claims, the doses at which the second term is judged. At ours ten steps cover on every seed with either
/// gradient, so that nothing would be left to tell them apart; at the paper's, one and three gained nothing in a pilot.
const JUDGED: [&[u32]; 2] = [&[1, 2, 3], &[5, 10]];
/// The dose of the paper's picture.
const PICTURED: u32 = 10;

/// Returns the name of an arm with so much look-ahead in the part of one size.
pub(crate) fn arm_name(part: &str, look_ahead: u32, second_term: SecondTerm) -> String {
    let stopped = if second_term == Stopped { "-stopped" } else { "" };
    match look_ahead {
        0 => format!("{part}/plain"),
        steps => format!("{part}/unrolled-{steps}{stopped}"),
    }
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let config = |size: Size, gan| size.config(TargetName::Ring, Method::Gan(gan), size.nets());
    let arm = |name: &str, stack, gan| {
        let config = config(Size::of(profile), gan);
        profile_arm(profile, stack, name, config)
    };
    let is_reference = profile == Profile::Reference;
    let dose = |look_ahead, second_term| {
        let gan = Gan::unrolled(look_ahead, second_term);
        let arm = arm(&arm_name("ring", look_ahead, second_term), HALF_STACK, gan);
        let seeds = if is_reference { 30 } else { arm.seeds };
        let quick = if look_ahead == 5 { 0 } else { HALF_STACK };
        arm.with_seeds(seeds, HALF_STACK).with_quick_seeds(quick)
    };
    let non_saturating = Gan { objective: Objective::NonSaturating, ..Gan::PLAIN };
    let critic_steps = Gan { critic_steps: PICTURED, ..Gan::PLAIN };

    let mut arms = vec![dose(0, Full), arm("ring/non-saturating", HALF_STACK, non_saturating)];
    arms.extend(DOSES.map(|steps| dose(steps, Full)));
    arms.extend(DOSES.map(|steps| dose(steps, Stopped)));
    arms.push(arm("ring/critic-steps-10", STACK, critic_steps));
    if is_reference {
        let doses = JUDGED[1].iter().flat_map(|&k| [(k, Full), (k, Stopped)]);
        arms.extend([(0, Full)].into_iter().chain(doses).map(|(k, second_term)| {
            paper_arm(
                arm_name("paper", k, second_term),
                config(Size::Paper, Gan::unrolled(k, second_term)),
            )
        }));
        arms.push(paper_arm("paper/critic-steps-10", config(Size::Paper, critic_steps)));
    }
    arms
}

/// One run in a picture, and no number.
pub(crate) const METZ: Source = Source::read("Metz et al. 2016 (1611.02163)");

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let sizes = CLAIM_SIZES.iter().zip(JUDGED);
    sizes.flat_map(|(size, judged)| claims_at(size, judged, results)).collect()
}

fn claims_at(size: &ClaimSize, judged: &[u32], results: &Results<Config>) -> [Claim; 3] {
    let ClaimSize { part, suffix, on_the_ring } = size;
    let dose = |k, second_term| results.arm(&arm_name(part, k, second_term));
    let (plain, pictured) = (dose(0, Full), dose(PICTURED, Full));
    let critic_steps = results.arm(&format!("{part}/critic-steps-10"));
    let gain = |k| difference((&dose(k, Full), &plain), "basins_held");
    let gains: Vec<Sample> = judged.iter().map(|&k| gain(k)).collect();
    let contrast = |&k: &u32| more_than_half((&dose(k, Full), &dose(k, Stopped)), &plain);
    let contrasts: Vec<Sample> = judged.iter().map(contrast).collect();
    let names: Vec<String> = judged.iter().map(|k| format!("K = {k}")).collect();
    let parts: Vec<(&str, &Sample)> = names.iter().map(String::as_str).zip(&contrasts).collect();
    let doses = judged.iter().map(u32::to_string).collect::<Vec<_>>();
    let (all, either) = (doses.join(", "), doses.join(" or "));
    let second_term = claim(
        &format!("mog.C2{suffix}"),
        &format!(
            "{on_the_ring}, stopping the second gradient term takes away more than half of the modes that look-ahead by \
             {either} steps gains."
        ),
    )
    .published(METZ, "equation 12", None)
    .measured(&format!(
        "basins held (`basins_held`) per seed: `{part}/unrolled-K` minus `{part}/unrolled-K-stopped`, less half of \
         (`{part}/unrolled-K` minus `{part}/plain`), mean over K = {all}"
    ))
    .figure("dose_response.svg")
    .gate(
        &format!("mean of the basins that full look-ahead gains over none, K = {all}"),
        SOMETHING,
        mean(&mean_of(&gains)),
    )
    .mean(Region::Above(0.0), &mean_of(&contrasts));
    [
        claim(
            &format!("mog.C1{suffix}"),
            &format!(
                "{on_the_ring} with one hidden layer in the critic, a GAN that looks 10 steps ahead covers on more seeds \
                 than a plain one."
            ),
        )
        .published(METZ, "section 3.1, figure 1", None)
        .measured(&format!(
            "share of seeds that cover (`covers`), `{part}/unrolled-10` minus `{part}/plain`"
        ))
        .figure("dose_response.svg")
        .share_difference(Region::Above(0.0), covering(&pictured), covering(&plain)),
        with_parts(second_term, &parts),
        claim(
            &format!("mog.C2b{suffix}"),
            &format!(
                "{on_the_ring}, ten real critic steps for one of the generator regain less than half of the modes that \
                 look-ahead by 10 steps gains."
            ),
        )
        .published(METZ, "equation 12", None)
        .measured(&format!(
            "basins held (`basins_held`) per seed: `{part}/unrolled-10` minus `{part}/critic-steps-10`, less half of \
             (`{part}/unrolled-10` minus `{part}/plain`)"
        ))
        .figure("coverage_precision.svg")
        .gate("mean of the basins that full look-ahead gains over none, K = 10", SOMETHING, mean(&gain(PICTURED)))
        .mean(Region::Above(0.0), &more_than_half((&pictured, &critic_steps), &plain)),
    ]
}

/// A gain that can be shared out: one basin.
const SOMETHING: Region = Region::Above(1.0);

/// What `full` holds over `other`, less half of what it holds over `none`, seed by seed: above zero, more than half of
/// the gain is missing from `other`.
fn more_than_half(
    (full, other): (&[&Row<Config>], &[&Row<Config>]),
    none: &[&Row<Config>],
) -> Sample {
    let contrast = |full: &Row<Config>, other: &Row<Config>| {
        let none = none.iter().find(|row| row.seed == full.seed)?;
        let basins = |row: &Row<Config>| row.value("basins_held");
        let (full, other, none) = (basins(full)?, basins(other)?, basins(none)?);
        Some(full - other - 0.5 * (full - none))
    };
    let sample = pair((full, other), contrast);
    Sample { diverged: sample.diverged + diverged(none), ..sample }
}

/// Returns the mean of samples, seed by seed.
fn mean_of(samples: &[Sample]) -> Sample {
    let sum = samples.iter().cloned().reduce(|a, b| join(&a, &b, |x, y| x + y)).unwrap_or_default();
    let count = samples.len() as f64;
    let values = sum.values.into_iter().map(|(seed, sum)| (seed, sum / count)).collect();
    Sample { values, ..sum }
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![dose_response(results)]
}

const TITLE: &str = "What look-ahead buys, with its second gradient term and without";

fn dose_response(results: &Results<Config>) -> Figure {
    let measures = |part: &str, size: &str| {
        let seeds = Axis::new("share of seeds").high_is_better().within(-0.02, 1.02);
        let modes = Axis::new("basins held").high_is_better().within(-0.3, 8.5);
        let precision = Axis::new("share within 3 sigma").high_is_better().within(-0.02, 1.02);
        let panel = |title: &str, axis, metric: &'static str| {
            let title = format!("{title}{size}");
            doses(results, part, &title, axis, &|row| row.value(metric))
        };
        [
            panel("Seeds that cover", seeds, "covers"),
            panel("Basins of modes", modes, "basins_held"),
            panel("Precision", precision, "high_quality_3"),
        ]
    };
    let panels = Vec::from(measures("ring", ""));
    let note = "one-hidden-layer critic; a basin is held if its mode is the nearest of 1 % of the samples, precise or not, and a seed covers if it holds all. Lines: means; dots: seeds.";
    let figure = Figure {
        name: "dose_response".into(),
        title: Title::new(TITLE)
            .if_contradicted("mog.C2", "Look-ahead works without its second gradient term, too"),
        caption: format!("{}, {note}", seeds(results)),
        columns: 3,
        height: 280,
        panels,
    };
    if results.profile == Profile::Reference {
        // The reference's cells are of many sweeps, whose seconds do not compare.
        let is_there = !results.arm("paper/plain").is_empty();
        let at_the_papers = is_there.then(|| measures("paper", ", the paper's size"));
        let panels = figure.panels.into_iter().chain(at_the_papers.into_iter().flatten()).collect();
        return Figure { panels, ..figure };
    }
    Figure {
        title: format!("{TITLE}, and what it costs").into(),
        caption: format!("{} Seeds that train together have one time.", figure.caption),
        panels: figure.panels.into_iter().chain([cost(results)]).collect(),
        ..figure
    }
}

/// The panel of seconds relative to those of the plain arm.
fn cost(results: &Results<Config>) -> Panel {
    let plain = results.arm("ring/plain");
    let cost = |row: &Row<Config>| {
        let base = plain.iter().find(|other| other.seed == row.seed)?.wall_seconds?;
        Some(row.wall_seconds? / base)
    };
    let axis = Axis::new("time over that of K = 0").low_is_better();
    doses(results, "ring", "Cost", axis, &cost)
}

/// The panel of a number against the steps of look-ahead, with the second gradient term and without it.
fn doses(
    results: &Results<Config>,
    part: &str,
    title: &str,
    axis: Axis,
    value: &dyn Fn(&Row<Config>) -> Option<f64>,
) -> Panel {
    let series = [
        ("full gradient", colour::LOOK_AHEAD, Full, -0.12),
        ("second term stopped", Colour::Orange, Stopped, 0.12),
    ];
    let values = |k: u32, second_term| -> Vec<f64> {
        let rows = results.arm(&arm_name(part, k, second_term));
        rows.into_iter().filter_map(value).collect()
    };
    let dots = |k: u32, second_term, side: f64| {
        let place = move |(j, y): (usize, f64)| (f64::from(k) + side + (j as f64 - 9.5) * 0.01, y);
        values(k, second_term).into_iter().enumerate().map(place).collect::<Vec<_>>()
    };
    let none = dots(0, Full, 0.0);
    let mut layers = vec![Layer::Dots {
        label: "no look-ahead".into(),
        colour: colour::GAN,
        radius: 3,
        opacity: 0.5,
        points: none,
    }];
    for (name, colour, second_term, side) in series {
        let mean = |k: u32| {
            let values = values(k, second_term);
            (!values.is_empty()).then(|| (f64::from(k), robust::mean(&values)))
        };
        layers.push(Layer::Line {
            label: name.into(),
            colour,
            points: [0].into_iter().chain(DOSES).filter_map(mean).collect(),
        });
        let points = DOSES.into_iter().flat_map(|k| dots(k, second_term, side)).collect();
        layers.push(shared::chart::dots(colour, 3, 0.5, points));
    }
    let x = Axis::new("look-ahead steps K").within(-0.6, 10.6);
    Panel { title: title.into(), x, y: axis, layers }
}
