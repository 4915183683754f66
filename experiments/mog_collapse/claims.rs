//! From stored numbers to estimates. Every rule stands in the README, written before the sweep.

use experiments::contrast::{Share, count, share, share_difference};
use gan::Objective;
use gan::step::SecondTerm;
use gan::vae::DecoderSigma;
use lab::results::{diverged, paired};
use lab::{Claim, Estimate, Region, Results, Row};
use stats::{Interval, bootstrap, robust, tests};

use crate::config::{Config, Method, Reference, VaeSamples};

const LEVEL: f64 = 0.95;
/// Seed of bootstraps and random permutations: a report is the same each time.
const SEED: u64 = 1;

type Rows<'a> = Vec<&'a Row<Config>>;

/// Returns the claims C1, C1b, C2, C2b, C3, C5, C9, C10a, C10b, C17 and C18.
#[expect(clippy::too_many_lines, reason = "a table of claims")]
pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let plain = results.arm("ring/plain");
    let full = results.arm("ring/unrolled-10");
    let stopped = results.arm("ring/unrolled-10-stopped");
    let real_steps = results.arm("ring/critic-steps-10");
    let deep_critic = results.arm("ring/plain-deep-critic");
    let notebook = results.arm("unit-ring/plain");
    let vae = results.arm("ring/vae");
    let noise = results.arm("ring/box-noise");
    let perfect = results.arm("ring/perfect");
    let metz = "Metz et al. 2016";

    vec![
        Claim {
            id: "C1".into(),
            statement: "With a one-hidden-layer critic a plain GAN does not cover the ring; unrolling by 10 does".into(),
            source: format!("{metz}, section 3.1"),
            published: "none published (one run in a picture)".into(),
            quantity: "P(covers), K = 10 minus K = 0".into(),
            region: Region::Above(0.0),
            estimate: share_difference(covering(&full), covering(&plain)),
            figure: "coverage_precision.svg".into(),
            ..counted(&[&full, &plain])
        },
        Claim {
            id: "C1b".into(),
            statement: "A plain GAN rotates through modes; unrolling by 10 does not".into(),
            source: format!("{metz}, section 3.1"),
            published: "none published (one run in a picture)".into(),
            quantity: "changes of the majority mode, K = 0 minus K = 10".into(),
            region: Region::Above(0.0),
            estimate: mean_difference(&plain, &full, "majority_changes"),
            figure: "mode_share.svg".into(),
            ..counted(&[&plain, &full])
        },
        Claim {
            id: "C2".into(),
            statement: "The gain is due to the second gradient term, not to look-ahead alone".into(),
            source: format!("{metz}, equation 12"),
            published: "none published (an argument)".into(),
            quantity: "basins held, K = 10: full minus stopped, less half the gain of full".into(),
            region: Region::Above(0.0),
            estimate: more_than_half(&full, &stopped, &plain),
            figure: "dose_response.svg".into(),
            ..counted(&[&full, &stopped, &plain])
        },
        Claim {
            id: "C2b".into(),
            statement: "As many real critic steps do not do what look-ahead does".into(),
            source: format!("{metz}, equation 12"),
            published: "none published (an argument)".into(),
            quantity: "basins held: K = 10 minus 10 critic steps, less half the gain of K = 10".into(),
            region: Region::Above(0.0),
            estimate: more_than_half(&full, &real_steps, &plain),
            figure: "coverage_precision.svg".into(),
            ..counted(&[&full, &real_steps, &plain])
        },
        Claim {
            id: "C3".into(),
            statement: "The plain GAN's collapse vanishes with two hidden layers in the critic".into(),
            source: "SankarLab depth sweep, settings partly lost".into(),
            published: "10/10 against 0/10 seeds".into(),
            quantity: "P(covers), two minus one hidden layer, K = 0".into(),
            region: Region::Above(0.0),
            estimate: share_difference(covering(&deep_critic), covering(&plain)),
            figure: "coverage_precision.svg".into(),
            ..counted(&[&deep_critic, &plain])
        },
        Claim {
            id: "C5".into(),
            statement: "The authors' notebook (tanh, two-hidden-layer critic) covers the ring without unrolling".into(),
            source: "issue 2 of poolio/unrolled_gan".into(),
            published: "none published".into(),
            quantity: "P(covers), notebook nets on eight distinct modes, K = 0".into(),
            region: Region::Above(0.5),
            estimate: share(covering(&notebook)),
            figure: "coverage_precision.svg".into(),
            ..counted(&[&notebook])
        },
        Claim {
            id: "C9".into(),
            statement: "Counting a mode that got one sample rewards scattered noise".into(),
            source: "derived; VEEGAN and PacGAN count so".into(),
            published: "VEEGAN: Unrolled 23.6 of 25 modes at 16 % high quality".into(),
            quantity: "modes on the ring, one-sample rule minus 1 % rule, uniform noise".into(),
            region: Region::Above(4.0),
            estimate: difference_of(&noise, 4.0, |row| Some(row.value("modes_any")? - row.value("modes_held")?)),
            figure: "coverage_precision.svg".into(),
            ..counted(&[&noise])
        },
        Claim {
            id: "C10a".into(),
            statement: "A VAE covers all modes".into(),
            source: "Dumoulin et al. 2016 (ALI), section 4.5".into(),
            published: "none published (a picture)".into(),
            quantity: "P(covers), learned decoder sigma, samples".into(),
            region: Region::Above(0.5),
            estimate: share(covering(&vae)),
            figure: "coverage_precision.svg".into(),
            ..counted(&[&vae])
        },
        Claim {
            id: "C10b".into(),
            statement: "A VAE is less precise than a GAN that covers".into(),
            source: "Dumoulin et al. 2016 (ALI), section 4.5".into(),
            published: "none published (a picture)".into(),
            quantity: "share within 3 sigma, VAE minus plain GAN with two-hidden-layer critic".into(),
            region: Region::Below(0.0),
            estimate: mean_difference(&vae, &deep_critic, "high_quality_3"),
            figure: "coverage_precision.svg".into(),
            ..counted(&[&vae, &deep_critic])
        },
        Claim {
            id: "C17".into(),
            statement: "The cost of unrolling is linear in K".into(),
            source: metz.into(),
            published: "35 s to 139 s an epoch at K = 5 (stopped), by others".into(),
            quantity: "cost of a look-ahead step between K = 5 and 10, relative to one between 0 and 5".into(),
            region: Region::Within(0.75, 1.25),
            estimate: marginal_cost(&plain, &results.arm("ring/unrolled-5"), &full),
            figure: "dose_response.svg".into(),
            ..counted(&[&plain, &full])
        },
        Claim {
            id: "C18".into(),
            statement: "A perfect sampler has 98.89 % of its samples within 3 sigma".into(),
            source: "derived: 1 - exp(-9/2)".into(),
            published: "VEEGAN: 99.3 % for a plain GAN, above the ceiling".into(),
            quantity: "share within 3 sigma, samples of the target".into(),
            region: Region::Within(0.985, 0.993),
            estimate: mean_of(&perfect, |row| row.value("high_quality_3")),
            figure: "coverage_precision.svg".into(),
            ..counted(&[&perfect])
        },
    ]
}

/// Returns a claim that is empty but for its numbers of seeds and diverged runs.
fn counted(arms: &[&Rows]) -> Claim {
    Claim {
        id: String::new(),
        statement: String::new(),
        source: String::new(),
        published: String::new(),
        quantity: String::new(),
        region: Region::Above(0.0),
        estimate: None,
        seeds: arms.iter().map(|rows| rows.len()).min().unwrap_or(0),
        diverged: arms.iter().map(|rows| diverged(rows)).sum(),
        figure: String::new(),
    }
}

/// How many runs of an arm cover; one that diverged or panicked does not.
pub(crate) fn covering(rows: &Rows) -> Share {
    count(rows, |row| row.value("covers").is_some_and(|covers| covers > 0.5))
}

/// The mean of differences paired by seed: BCa interval and sign-flip test.
fn mean_difference(a: &Rows, b: &Rows, metric: &str) -> Option<Estimate> {
    let difference =
        |(a, b): &(&Row<Config>, &Row<Config>)| Some(a.value(metric)? - b.value(metric)?);
    let differences: Vec<f64> = paired(a, b).iter().filter_map(difference).collect();
    mean(&differences, Some(0.0))
}

/// The contrast of C2: what `full` holds over `other`, less half of what it holds over `none`.
/// Above zero, more than half of the gain is missing from `other`.
fn more_than_half(full: &Rows, other: &Rows, none: &Rows) -> Option<Estimate> {
    let basins = |row: &Row<Config>| row.value("basins_held");
    let contrast = |(full, other): &(&Row<Config>, &Row<Config>)| {
        let none = none.iter().find(|row| row.seed == full.seed)?;
        let (full, other, none) = (basins(full)?, basins(other)?, basins(none)?);
        Some(full - other - 0.5 * (full - none))
    };
    let contrasts: Vec<f64> = paired(full, other).iter().filter_map(contrast).collect();
    mean(&contrasts, Some(0.0))
}

fn difference_of(
    rows: &Rows,
    threshold: f64,
    value: impl Fn(&Row<Config>) -> Option<f64>,
) -> Option<Estimate> {
    let values: Vec<f64> = rows.iter().filter_map(|row| value(row)).collect();
    mean(&values, Some(threshold))
}

fn mean_of(rows: &Rows, value: impl Fn(&Row<Config>) -> Option<f64>) -> Option<Estimate> {
    let values: Vec<f64> = rows.iter().filter_map(|row| value(row)).collect();
    mean(&values, None)
}

/// A mean with its BCa interval and, against a threshold, the sign-flip test.
fn mean(values: &[f64], threshold: Option<f64>) -> Option<Estimate> {
    let test = |threshold: f64| {
        let shifted: Vec<f64> = values.iter().map(|value| value - threshold).collect();
        tests::sign_flip(&shifted, SEED)
    };
    (values.len() > 1).then(|| {
        let interval = bootstrap::interval(values, robust::mean, LEVEL, SEED);
        Estimate::new(robust::mean(values), interval, threshold.map(test))
    })
}

/// Seconds of a look-ahead step between K = 5 and 10, over those between K = 0 and 5, one ratio per
/// stack of seeds; the interval is their range.
fn marginal_cost(none: &Rows, five: &Rows, ten: &Rows) -> Option<Estimate> {
    let seconds = |rows: &Rows, seed: u64| {
        rows.iter().find(|row| row.seed == seed).and_then(|row| row.wall_seconds)
    };
    let ratio = |row: &&Row<Config>| {
        let (t0, t5, t10) = (row.wall_seconds?, seconds(five, row.seed)?, seconds(ten, row.seed)?);
        (t5 > t0).then(|| (t10 - t5) / (t5 - t0))
    };
    let mut ratios: Vec<f64> = none.iter().filter_map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.dedup();
    let interval = Interval { low: *ratios.first()?, high: *ratios.last()? };
    Some(Estimate::new(robust::mean(&ratios), interval, None))
}

/// Returns a short name of an arm for figures.
pub(crate) fn label(config: &Config) -> String {
    match config.method {
        Method::Gan(gan) => {
            let (g, d) = (config.nets.generator.len(), config.nets.critic.len());
            let layers = if (g, d) == (2, 1) { String::new() } else { format!(", G{g} D{d}") };
            let name = if gan.pack > 1 {
                format!("PacGAN m={}", gan.pack)
            } else if gan.critic_steps > 1 {
                format!("{} critic steps", gan.critic_steps)
            } else if gan.look_ahead > 0 {
                let stopped = if gan.second_term == SecondTerm::Stopped { ", stopped" } else { "" };
                format!("unrolled K={}{stopped}", gan.look_ahead)
            } else if gan.objective == Objective::NonSaturating {
                "non-saturating".to_owned()
            } else {
                "plain GAN".to_owned()
            };
            name + &layers
        }
        Method::Vae { sigma, samples } => {
            let sigma = match sigma {
                DecoderSigma::Learned => "learned sigma".to_owned(),
                DecoderSigma::Fixed(sigma) => format!("sigma={sigma}"),
            };
            let means = if samples == VaeSamples::Means { ", means" } else { "" };
            format!("VAE {sigma}{means}")
        }
        Method::Reference(Reference::Perfect) => "the target itself".to_owned(),
        Method::Reference(Reference::BoxNoise) => "uniform noise".to_owned(),
        Method::Reference(Reference::Untrained) => "untrained generator".to_owned(),
    }
}
