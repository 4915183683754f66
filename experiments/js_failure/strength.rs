//! Does a stronger critic starve the generator?
//!
//! From the parallel line with 1, 5, 10 and 100 critic steps, compared at equal updates of the generator and at equal updates
//! of the critic.

use lab::figure::{Layer, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Row};
use shared::chart::{curve, panel, seeds};
use shared::contrast::Sample;
use shared::{Source, claim};
use stats::robust;

use crate::arm::{Reader, Setting};
use crate::config::Config;
use crate::rows::{distance, log, per_seed, powers};
use crate::variant::{MINIMAX, NON_SATURATING, Variant};
use crate::world::PARALLEL;
use crate::{Results, Rows};

fn setting(variant: Variant, critic_steps: u32) -> Setting {
    Setting { critic_steps, ..Setting::strong(PARALLEL, variant) }
}

/// The least updates that an arm of a profile gets.
struct Size {
    /// Of the generator.
    generator: u64,
    /// Of the critic.
    critic: u64,
    /// The largest number of critic steps per step.
    most_critic_steps: u32,
}

impl Size {
    fn of(profile: Profile) -> Self {
        let (generator, critic, most_critic_steps) = match profile {
            Profile::Smoke => (5, 100, 20),
            Profile::Quick | Profile::Reference => (5_000, 50_000, 100),
            Profile::Full => (50_000, 1_000_000, 100),
        };
        Self { generator, critic, most_critic_steps }
    }
}

/// The arms but for those with five critic steps, which are the parallel line's own.
pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let size = Size::of(profile);
    let of_steps = |critic_steps: u32| {
        let steps = (size.critic / u64::from(critic_steps)).max(size.generator);
        [(MINIMAX, Reader::Sentence), (NON_SATURATING, Reader::Claim)]
            .map(|(variant, reader)| setting(variant, critic_steps).arm(profile, steps, reader))
    };
    [1, 10, size.most_critic_steps].into_iter().flat_map(of_steps).collect()
}

/// The rows of one number of critic steps.
struct Strength<'a> {
    critic_steps: u32,
    rows: Rows<'a>,
}

/// Returns the numbers of critic steps that were run, from the least.
fn strengths(results: &Results, variant: Variant) -> Vec<Strength<'_>> {
    let mut all: Vec<u32> = results.rows.iter().map(|row| row.config.critic.steps).collect();
    all.sort_unstable();
    all.dedup();
    let of = |critic_steps| {
        let rows = setting(variant, critic_steps).rows(results);
        Strength { critic_steps, rows }
    };
    all.into_iter().map(of).filter(|strength| !strength.rows.is_empty()).collect()
}

/// The updates at which unlike numbers of critic steps are compared: the most that every arm has.
struct Equal {
    generator: u64,
    critic: u64,
}

impl Equal {
    fn of(strengths: &[Strength]) -> Self {
        let least = |of: fn(&Config) -> u64| {
            let rows = strengths.iter().flat_map(|strength| &strength.rows);
            rows.map(|row| of(&row.config)).min().unwrap_or(0)
        };
        Self {
            generator: least(|config| config.steps),
            critic: least(|config| config.steps * u64::from(config.critic.steps)),
        }
    }
}

/// Returns a trace at a step: the mean of its last three looks not after it.
fn at(row: &Row<Config>, metric: &str, step: u64) -> Option<f64> {
    let looks = row.traces.get(metric)?.iter().rev().filter(|(look, _)| *look <= step);
    let values: Vec<f64> = looks.take(3).map(|(_, x)| *x).collect();
    (!values.is_empty()).then(|| robust::mean(&values))
}

pub(crate) fn claims(results: &Results) -> Vec<Claim> {
    const FEDUS: &str = "Fedus et al. 2018 (1710.08446)";
    let strengths = strengths(results, NON_SATURATING);
    let equal = Equal::of(&strengths);
    // A gate's number where there are arms.
    let updates = |updates: u64| (!strengths.is_empty()).then_some(updates as f64);
    let arms: Vec<(f64, Rows)> = strengths
        .iter()
        .map(|strength| (f64::from(strength.critic_steps).log10(), strength.rows.clone()))
        .collect();
    let slope = |number: &dyn Fn(&Row<Config>) -> Option<f64>| -> Sample {
        per_seed(&arms, number, |points| robust::line(points).1)
    };
    let by_generator = "on log10 critic steps per step (1, 5, 10, 100), at equal updates of the generator, the most that every arm has: each number is the mean of the last three looks not after them; NS-GAN from the parallel line";
    let by_critic = by_generator.replace("updates of the generator", "updates of the critic");
    vec![
        claim("js.C4", "A stronger critic does not make the non-saturating gradient vanish.")
            .published(Source::remembered(FEDUS), "section 4", None)
            .measured(&format!("slope of log10 non-saturating gradient {by_generator} (`log10_gradient_non_saturating`)"))
            .figure("strength.svg")
            .mean(Region::Above(-0.1), &slope(&|row| at(row, "log10_gradient_non_saturating", equal.generator))),
        claim("js.C4b", "A stronger critic does not spoil the non-saturating GAN's fit at equal updates of the generator.")
            .ours_after(FEDUS)
            .measured(&format!("slope of ln distance {by_generator} (`frechet`)"))
            .figure("strength.svg")
            .gate("updates of the generator at which the arms are compared", Region::Above(4_999.0), updates(equal.generator))
            .mean(Region::Below(0.1), &slope(&|row| Some(at(row, "frechet", equal.generator)?.ln()))),
        claim("js.C4c", "A stronger critic does not spoil the non-saturating GAN's fit at equal updates of the critic.")
            .ours_after(FEDUS)
            .measured(&format!("slope of ln distance {by_critic} (`frechet`)"))
            .figure("strength.svg")
            .gate("updates of the critic at which the arms are compared", Region::Above(49_999.0), updates(equal.critic))
            .mean(Region::Below(0.1), &slope(&|row| {
                let step = equal.critic / u64::from(row.config.critic.steps);
                Some(at(row, "frechet", step)?.ln())
            })),
    ]
}

/// How strong the critic is against what comes of it.
pub(crate) fn figures(results: &Results) -> Vec<Figure> {
    let equal = Equal::of(&strengths(results, NON_SATURATING));
    let of_variant = |variant: Variant, metric: &str, step: &dyn Fn(u32) -> u64| {
        let points: Vec<(f64, Vec<f64>)> = strengths(results, variant)
            .iter()
            .map(|Strength { critic_steps, rows }| {
                let number = |row: &&Row<Config>| at(row, metric, step(*critic_steps));
                (f64::from(*critic_steps), rows.iter().filter_map(number).collect())
            })
            .collect();
        curve(&variant.label(), variant.colour(), &points)
    };
    let curves = |metrics: [&str; 2], step: &dyn Fn(u32) -> u64| -> Vec<Layer> {
        let both = [MINIMAX, NON_SATURATING].into_iter().zip(metrics);
        both.flat_map(|(variant, metric)| of_variant(variant, metric, step)).collect()
    };
    let x = || log("critic steps per step");
    let gradients = ["log10_gradient_minimax", "log10_gradient_non_saturating"];
    vec![Figure {
        name: "strength".into(),
        title: Title::new("From the parallel line with weaker and stronger critics")
            .if_reproduced("js.C4b", "A stronger critic does not spoil the fit")
            .if_contradicted("js.C4b", "A stronger critic spoils the fit")
            .if_reproduced(
                "js.C4",
                "A stronger critic leaves the non-saturating gradient as long as it was",
            ),
        caption: format!("{}: dots; lines are medians.", seeds(results)),
        columns: 3,
        height: 220,
        panels: vec![
            panel(
                &format!("Gradient after {} updates of the generator", equal.generator),
                x(),
                powers("length of the gradient"),
                curves(gradients, &|_| equal.generator),
            ),
            panel(
                &format!("Distance after {} updates of the generator", equal.generator),
                x(),
                distance(),
                curves(["frechet"; 2], &|_| equal.generator),
            ),
            panel(
                &format!("Distance after {} updates of the critic", equal.critic),
                x(),
                distance(),
                curves(["frechet"; 2], &|steps| equal.critic / u64::from(steps)),
            ),
        ],
    }]
}
