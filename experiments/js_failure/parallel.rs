//! From a parallel line, where the divergence is ln 2 and flat, who learns?
//!
//! As long as the model's line is not the data's the divergence is ln 2 exactly; the distance is measured beside it, and
//! what critics say that never met the generator.

use gan::optim::{Rule, Sgd};
use lab::figure::{Axis, Colour, Layer, Panel, Title};
use lab::{Animation, Arm, Claim, Figure, Profile, Region, Row};
use shared::chart::{OVER_SEEDS, dots, panel, seeds};
use shared::contrast::{each, log_ratio};
use shared::{Source, claim};
use stats::robust::mean;

use crate::Results;
use crate::arm::{Reader, STACK, Setting, steps};
use crate::config::Config;
use crate::game::LAST;
use crate::rows::{ENOUGH, UPDATES, solved, updates};
use crate::segments::{WHAT_CRITICS_SEE, estimates, exact_divergence, way};
use crate::variant::{FROM_PARALLEL, GAN_GP, MINIMAX, NON_SATURATING, Variant};
use crate::world::PARALLEL;

/// The variants whose way is drawn; a fresh critic looks at each of their looks.
const SHOWN: [Variant; 3] = [MINIMAX, NON_SATURATING, GAN_GP];

/// A game with a strong critic and Adam, or with clipping `RMSProp`.
pub(crate) fn setting(variant: Variant) -> Setting {
    let setting = Setting::strong(PARALLEL, variant);
    if SHOWN.contains(&variant) { setting.audited() } else { setting }
}

/// The same by plain descent, which shows the size of gradients, which Adam hides.
pub(crate) fn by_descent(variant: Variant) -> Setting {
    let rule = Rule::Sgd(Sgd { learning_rate: 0.02 });
    Setting { rule, ..Setting::strong(PARALLEL, variant) }
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    // Where minimax and non-saturating losses meet.
    let longer = match profile {
        Profile::Smoke => 30,
        _ => steps(profile),
    };
    let steps = steps(profile);
    let adam = FROM_PARALLEL.map(|variant| match variant {
        MINIMAX | NON_SATURATING => {
            setting(variant).arm(profile, longer, Reader::Claim).with_quick_seeds(STACK)
        }
        GAN_GP => setting(variant).arm(profile, steps, Reader::Claim),
        _ => setting(variant).arm(profile, steps, Reader::Figure),
    });
    let descent = [
        by_descent(MINIMAX).arm(profile, steps, Reader::Claim),
        by_descent(NON_SATURATING).arm(profile, steps, Reader::Claim),
        by_descent(GAN_GP).arm(profile, steps, Reader::Sentence),
    ];
    adam.into_iter().chain(descent).collect()
}

/// Returns how often the distance halves, from the start to the mean of the last looks, while the divergence is ln 2: lines
/// that differ have one point in common at most, so no law on one has a share of the other. None of it counts if the lines
/// coincide at a look after the start, at which they are parallel and apart.
fn halvings_at_ln_2(distances: &[f64], spreads: &[f64]) -> Option<f64> {
    let last = distances.len().checked_sub(LAST)?;
    let differ = spreads.iter().skip(1).all(|spread| *spread > ROUNDING);
    Some(if differ { (distances[0] / mean(&distances[last..])).log2() } else { 0.0 })
}

/// A spread off the line that rounding of single precision does not reach.
const ROUNDING: f64 = 1e-6;

const FEDUS: &str = "Fedus et al. 2018 (1710.08446)";

pub(crate) fn claims(results: &Results) -> Vec<Claim> {
    let [minimax, plain, gp] = SHOWN.map(|variant| setting(variant).rows(results));
    let [minimax_descent, plain_descent] =
        [MINIMAX, NON_SATURATING].map(|variant| by_descent(variant).rows(results));
    let halvings = |row: &Row<Config>| {
        let trace = |metric: &str| -> Option<Vec<f64>> {
            row.finished().then_some(())?;
            Some(row.traces.get(metric)?.iter().map(|(_, x)| *x).collect())
        };
        halvings_at_ln_2(&trace("frechet")?, &trace("off_line")?)
    };
    let measured = "halvings of the distance, from the start to the mean of the last five looks, while the lines differ, so that the divergence is ln 2; none in a run whose lines coincide at a look (`frechet`, `off_line`)";
    vec![
        claim("js.C3", "From a parallel line, where the divergence is flat, the non-saturating GAN comes to less than half the minimax GAN's distance from the data.")
            .published(Source::remembered(FEDUS), "figure 2", None)
            .measured("ln of the final distance, M-GAN minus NS-GAN, paired by seed; parallel line, two hidden layers, 5 critic steps, Adam (`frechet`)")
            .figure("path.svg")
            .gate(UPDATES, ENOUGH, updates([&minimax, &plain]))
            .mean(Region::Above(std::f64::consts::LN_2), &log_ratio((&minimax, &plain), "frechet")),
        claim("js.C3s", "Under plain descent, which does not rescale gradients, the non-saturating GAN learns from a parallel line and the minimax GAN does not.")
            .measured("P(`frechet` below 0.1), NS-GAN minus M-GAN; parallel line, two hidden layers, 5 critic steps, plain descent")
            .figure("variants.svg")
            .gate(UPDATES, ENOUGH, updates([&minimax_descent, &plain_descent]))
            .share_difference(Region::Above(0.0), solved(&plain_descent), solved(&minimax_descent)),
        claim("js.C10", "The distance of the non-saturating GAN halves while the divergence stays where it was.")
            .published(Source::read(FEDUS), "title and abstract", None)
            .measured(&format!("{measured}; NS-GAN from the parallel line, 5 critic steps, Adam"))
            .figure("divergence.svg")
            .mean(Region::Above(1.0), &each(&plain, halvings)),
        claim("js.C10b", "The distance of the non-saturating GAN with a gradient penalty halves while the divergence stays where it was.")
            .published(Source::read(FEDUS), "title and abstract", None)
            .measured(&format!("{measured}; GAN-GP from the parallel line, 5 critic steps, Adam"))
            .figure("divergence.svg")
            .mean(Region::Above(1.0), &each(&gp, halvings)),
    ]
}

pub(crate) fn figures(results: &Results) -> Vec<Figure> {
    vec![path(results), divergence(results)]
}

/// The run of each shown variant that kept its path.
fn pictured(results: &Results) -> Vec<(Variant, &Row<Config>)> {
    let of = |variant: Variant| {
        let rows = setting(variant).rows(results);
        Some((variant, rows.into_iter().find(|row| row.samples.contains_key("line"))?))
    };
    SHOWN.into_iter().filter_map(of).collect()
}

/// Evenly likely normal numbers that stand for a sample, by the logistic approximation of their law.
fn quantiles() -> Vec<f64> {
    (0..41).map(|i| (f64::from(i) + 0.5) / 41.0).map(|u| (u / (1.0 - u)).ln() / 1.702).collect()
}

/// Returns data and model of one look.
fn plane(variant: Variant, row: &Row<Config>, look: usize, title: &str) -> Panel {
    let line = row.samples["line"].to_points()[0];
    let number = |i: usize| {
        row.traces.get(&format!("path.{i}")).and_then(|t| t.get(look)).map_or(0.0, |p| p.1)
    };
    let at = |v: f64, (x, y): (f64, f64), (a, b): (f64, f64)| (a + v * x, b + v * y);
    let data = quantiles().into_iter().map(|v| at(v, line, (0.0, 0.0))).collect();
    let (weight, bias) = ((number(0), number(1)), (number(2), number(3)));
    let model = quantiles().into_iter().map(|z| at(z, weight, bias)).collect();
    panel(
        title,
        Axis::bare(-4.2, 4.2),
        Axis::bare(-4.2, 4.2),
        vec![dots(Colour::Grey, 4, 0.5, data), dots(variant.colour(), 3, 0.7, model)],
    )
}

fn looks(row: &Row<Config>) -> Vec<u64> {
    row.traces.get("frechet").map_or(Vec::new(), |trace| trace.iter().map(|look| look.0).collect())
}

/// Snapshots, a row a variant.
fn path(results: &Results) -> Figure {
    let columns = 6;
    let panels = pictured(results).into_iter().flat_map(|(variant, row)| {
        let steps = looks(row);
        let last = steps.len().saturating_sub(1);
        (0..columns).map(move |i| {
            let look = i * last / (columns - 1);
            plane(variant, row, look, &format!("{}, {}", variant.label(), steps[look]))
        })
    });
    Figure {
        name: "path".into(),
        title: Title::new("From a parallel line, where the divergence is ln 2 and flat").if_reproduced("js.C3", "From a parallel line, where the divergence is flat, the non-saturating GAN arrives"),
        caption: "Seed 0 of each variant; the number is the generator's update. Grey: the data; colour: the model; dots are \
                  evenly likely. 5 critic steps, two hidden layers, Adam."
            .into(),
        columns,
        height: 150,
        panels: panels.collect(),
    }
}

/// The distance and the divergence as they are, and as critics see the divergence.
fn divergence(results: &Results) -> Figure {
    let panels = [
        SHOWN.map(|variant| way(&setting(variant).rows(results), &variant.label(), ", in |e|")),
        SHOWN.map(|variant| estimates(&setting(variant).rows(results), "js_critic")),
    ];
    Figure {
        name: "divergence".into(),
        title: Title::new("Distance and divergence on the way from a parallel line")
            .if_reproduced("js.C10", "The distance falls while the true divergence stays at ln 2"),
        caption: format!(
            "{}, from the parallel line; {OVER_SEEDS}. |e| is the data's deviation, as far as the lines are apart at the \
             start; divergences in nats. {WHAT_CRITICS_SEE}",
            seeds(results)
        ),
        columns: SHOWN.len(),
        height: 230,
        panels: panels.concat(),
    }
}

/// The claim in motion: above, the lines; below, the distance and the divergence so far.
pub(crate) fn animation(results: &Results) -> Option<Animation> {
    let pictured = pictured(results);
    let count = pictured.iter().map(|(_, row)| looks(row).len()).min()?;
    let frame = |look: usize| {
        let above = pictured.iter().map(|&(variant, row)| {
            let step = looks(row)[look];
            plane(variant, row, look, &format!("{}, update {step}", variant.label()))
        });
        let below = pictured.iter().map(|(_, row)| {
            let steps = looks(row);
            let so_far = |metric: &str| {
                let trace = row.traces.get(metric).into_iter().flatten().take(look + 1);
                trace.map(|(step, x)| (*step as f64, *x)).collect::<Vec<_>>()
            };
            let line = |label: &str, metric, colour| Layer::Line {
                label: label.into(),
                colour,
                points: so_far(metric),
            };
            panel(
                "",
                Axis::new("update").within(0.0, steps[steps.len() - 1] as f64),
                Axis::new("").within(0.0, 1.6),
                vec![
                    line("distance", "frechet", Colour::Green),
                    line("divergence, fresh critic", "js_fresh", Colour::Blue),
                    exact_divergence(),
                ],
            )
        });
        Figure {
            name: String::new(),
            title: "".into(),
            caption: String::new(),
            columns: pictured.len(),
            height: 250,
            panels: above.chain(below).collect(),
        }
    };
    Some(Animation { name: "path".into(), delay: 180, frames: (0..count).map(frame).collect() })
}

#[cfg(test)]
mod tests {
    use super::halvings_at_ln_2;

    #[test]
    fn halvings_count_while_the_lines_differ() {
        let distances = [1.0, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25];
        let count = |spreads: &[f64; 7]| halvings_at_ln_2(&distances, spreads);
        // The lines are parallel at the start.
        let mut spreads = [0.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1];
        assert_eq!(count(&spreads), Some(2.0));
        spreads[3] = 0.0;
        assert_eq!(count(&spreads), Some(0.0));
        assert_eq!(halvings_at_ln_2(&[1.0], &[0.0]), None);
    }
}
