//! At settings drawn at random, the same for every variant: does a penalty widen the range that works, and does equal
//! tuning leave a difference?

use std::collections::BTreeMap;

use gan::device::to_vec;
use gan::optim::StackedAdam;
use gan::{Adam, Rng};
use lab::figure::{Axis, Colour, Layer};
use lab::results::diverged;
use lab::{Arm, Claim, Estimate, Figure, Profile, Region, Results, Run};
use shared::chart::panel;
use shared::contrast::{Sample, by_draw, pair};
use shared::variant::{arm_name, variant};
use shared::{Draft, Outcomes, Source, claim, with_parts};
use stats::{bootstrap, robust};
use tch::Tensor;

use crate::config::{Config, Rates, Task};
use crate::points::{self, LINE, Scene};
use crate::{
    FAR, FEDUS, LUCIC, Rows, Variant, WEIGHT, colour, compared, fewest_updates, log_axis,
    log_distance, mean_of,
};

/// One draw.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Setting {
    generator: Adam,
    critic: Adam,
    /// The penalty's weight.
    weight: f64,
}

/// Seeds that train with the same setting.
const REPEATS: u64 = 2;

fn draw_of(seed: u64) -> u64 {
    seed / REPEATS
}

impl Setting {
    /// Returns the setting of a seed: learning rates of either player 10^U(-4, -2), the first beta one of 0, 0.5
    /// and 0.9, a weight 10^U(-1, 1).
    fn of(seed: u64) -> Self {
        let draws = to_vec(&Rng::new(&[draw_of(seed)]).fork("setting").uniform(&[4]));
        let rate = |u: f64| 10f64.powf(-4.0 + 2.0 * u);
        let beta = [0.0, 0.5, 0.9][(draws[2] * 3.0) as usize];
        let adam = |u| Adam::new(rate(u), beta, 0.999);
        Self {
            generator: adam(draws[0]),
            critic: adam(draws[1]),
            weight: 10f64.powf(-1.0 + 2.0 * draws[3]),
        }
    }
}

/// Updates of the critic for one of the generator: every setting is tried with each.
const CRITIC_STEPS: [u32; 2] = [1, 5];
/// Runs that train as one stack: settings, each with its repeats.
const STACK: u64 = 20 * REPEATS;
/// Updates that the claims need.
const UPDATES: u64 = 10_000;

fn name(variant: Variant, critic_steps: u32) -> String {
    format!("search/{}/{critic_steps}-critic-steps", arm_name(variant.0, variant.1))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let (width, steps, draws) = match profile {
        Profile::Smoke => (16, 20, 20),
        Profile::Quick | Profile::Reference => (32, UPDATES, 100),
        Profile::Full => (128, 20_000, 60),
    };
    let arm = |variant: Variant, critic_steps: u32| {
        let task = Task::Line { dim: LINE, width };
        let config = points::config(task, variant, Rates::Drawn, steps);
        Arm::new(name(variant, critic_steps), Config { critic_steps, ..config })
            .with_seeds(draws * REPEATS, STACK)
    };
    let of_variant = |variant| CRITIC_STEPS.map(|critic_steps| arm(variant, critic_steps));
    compared(WEIGHT).into_iter().flat_map(of_variant).collect()
}

pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let settings: Vec<Setting> = run.seeds.iter().map(|seed| Setting::of(*seed)).collect();
    let rule =
        |of: fn(&Setting) -> Adam| StackedAdam { members: settings.iter().map(of).collect() };
    let weights: Vec<f32> = settings.iter().map(|setting| setting.weight as f32).collect();
    let weights = Tensor::from_slice(&weights).to_device(shared::options(run.device).1);
    let scene = Scene::new(config, run);
    let game = scene.game(config, [rule(|s| s.generator), rule(|s| s.critic)]);
    let mut outcomes = points::play(config, &scene, game, Some(&weights), run)?;
    for (outcome, setting) in outcomes.iter_mut().zip(&settings) {
        let Ok(summary) = outcome else { continue };
        summary.insert("setting.generator_rate", setting.generator.learning_rate);
        summary.insert("setting.critic_rate", setting.critic.learning_rate);
        summary.insert("setting.beta1", setting.generator.beta1);
        summary.insert("setting.weight", setting.weight);
    }
    Ok(outcomes)
}

/// The rows of a variant with each number of critic steps.
fn rows(results: &Results<Config>, variant: Variant) -> [Rows<'_>; 2] {
    CRITIC_STEPS.map(|critic_steps| results.arm(&name(variant, critic_steps)))
}

/// The ln distances of a setting, on the first repeat and on the second.
type Repeats = [f64; REPEATS as usize];

/// The settings of a variant, by number of critic steps and draw.
fn tried(rows: &[Rows; 2]) -> BTreeMap<(u32, u64), Repeats> {
    let mut tried = BTreeMap::new();
    for row in rows.iter().flatten() {
        let key = (row.config.critic_steps, draw_of(row.seed));
        let repeats: &mut Repeats = tried.entry(key).or_insert([FAR.ln(); 2]);
        repeats[(row.seed % REPEATS) as usize] = log_distance(row);
    }
    tried
}

/// Returns what the best of `k` random settings is expected to score: chosen on the first repeat, scored on the second.
fn expected_best(tried: &[Repeats], k: usize) -> f64 {
    let mut sorted = tried.to_vec();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let n = sorted.len();
    // The i-th best of all is the best of a random subset of k when it is in it and none before it is.
    let mut weight = k as f64 / n as f64;
    let mut total = 0.0;
    for (i, repeats) in sorted.iter().enumerate() {
        total += weight * repeats[1];
        let (rest, after) = ((n - 1 - i) as f64, n as f64 - i as f64 - k as f64);
        weight *= if rest > 0.0 { (after / rest).max(0.0) } else { 0.0 };
    }
    total
}

/// Settings that a tuner may try.
const BUDGET: usize = 20;

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [plain, gp, dragan, _] = compared(WEIGHT).map(|variant| rows(results, variant));
    let notes = Source::second_hand(FEDUS);
    let of = |id, statement: &str, other: &[Rows; 2]| {
        let all: Vec<&Rows> = plain.iter().chain(other).collect();
        let enough = Region::Above((UPDATES - 1) as f64);
        claim(id, statement).figure("robustness.svg").gate(
            "updates of every compared arm",
            enough,
            fewest_updates(&all),
        )
    };
    vec![
        widens(
            of("penalty.C12", "A gradient penalty between data and samples widens the range of settings at which the non-saturating GAN works.", &gp)
                .published(notes, "section 5, by a reader's notes", None)
                .measured("ln `distance` at the same random setting, NS-GAN minus GAN-GP, mean of the seeds and numbers of critic steps of a draw"),
            (&plain, &gp),
        ),
        widens(
            of("penalty.C12b", "A gradient penalty near the data widens the range of settings at which the non-saturating GAN works.", &dragan)
                .published(notes, "section 5, by a reader's notes", None)
                .measured("ln `distance` at the same random setting, NS-GAN minus DRAGAN-NS, mean of the seeds and numbers of critic steps of a draw"),
            (&plain, &dragan),
        ),
        tuning(
            of("penalty.C17", "Tuning with an equal budget shrinks the difference between the non-saturating GAN and GAN-GP.", &gp)
                .published(Source::second_hand(LUCIC), "its conclusion that no loss is significantly better at an equal budget", None)
                .measured("gap between NS-GAN and GAN-GP in expected ln `distance`, best of 20 settings less a single one, chosen on the first seed of a setting and scored on the second"),
            (&plain, &gp),
        ),
    ]
}

/// The claim that a variant ends nearer than another at the same settings: the area between the sorted curves, by draw,
/// with the numbers of critic steps as parts.
fn widens(draft: Draft, (a, b): (&[Rows; 2], &[Rows; 2])) -> Claim {
    let gained = |i: usize| pair((&a[i], &b[i]), |a, b| Some(log_distance(a) - log_distance(b)));
    let gains = [0, 1].map(gained);
    let by_draw = |sample: &Sample| by_draw(sample, draw_of);
    let parts = [0, 1].map(|i| by_draw(&gains[i]));
    let claim = draft.mean(Region::Above(0.0), &by_draw(&mean_of(&gains)));
    with_parts(claim, &[("1 critic step", &parts[0]), ("5 critic steps", &parts[1])])
}

/// The claim that the gap between two variants is smaller for the best of a budget than for one setting.
fn tuning(draft: Draft, (a, b): (&[Rows; 2], &[Rows; 2])) -> Claim {
    let (of_a, of_b) = (tried(a), tried(b));
    // Both numbers of critic steps of a draw go together.
    let mut draws: BTreeMap<u64, Vec<[Repeats; 2]>> = BTreeMap::new();
    for (key, x) in &of_a {
        if let Some(y) = of_b.get(key) {
            draws.entry(key.1).or_default().push([*x, *y]);
        }
    }
    let draws: Vec<Vec<[Repeats; 2]>> = draws.into_values().collect();
    let statistic = |chosen: &[f64]| {
        let of = |i: usize| -> Vec<Repeats> {
            let settings = chosen.iter().flat_map(|draw| &draws[*draw as usize]);
            settings.map(|both| both[i]).collect()
        };
        let (a, b) = (of(0), of(1));
        let gap = |k: usize| (expected_best(&a, k) - expected_best(&b, k)).abs();
        gap(BUDGET.min(a.len())) - gap(1)
    };
    // Draws are resampled by their number.
    let numbers: Vec<f64> = (0..draws.len()).map(|i| i as f64).collect();
    let estimate = (draws.len() > 1).then(|| {
        let interval = bootstrap::interval(&numbers, statistic, 0.95, 1);
        let p_value = bootstrap::p_value(&numbers, statistic, 0.0, 1);
        Estimate::new(statistic(&numbers), interval, Some(p_value))
    });
    let lost = a.iter().chain(b).map(|rows| diverged(rows)).sum();
    let test = "the gap itself, bootstrap interval and test over draws";
    draft.estimated(test, Region::Below(0.0), estimate, (draws.len(), lost))
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![robustness(results)]
}

/// Every setting of every variant, best to worst, and what a budget buys.
fn robustness(results: &Results<Config>) -> Figure {
    let all = compared(WEIGHT);
    let tried_by = |variant: Variant| -> Vec<Repeats> {
        tried(&rows(results, variant)).into_values().collect()
    };
    let line = |chosen: Variant, points: Vec<(f64, f64)>| Layer::Line {
        label: variant(chosen.0, chosen.1),
        colour: colour(chosen),
        points,
    };
    let sorted = |chosen: Variant| {
        let mut means: Vec<f64> =
            tried_by(chosen).iter().map(|repeats| robust::mean(repeats).exp()).collect();
        means.sort_by(f64::total_cmp);
        line(chosen, means.into_iter().enumerate().map(|(i, x)| (i as f64 + 1.0, x)).collect())
    };
    let budget = |chosen: Variant| {
        let tried = tried_by(chosen);
        let point = |k: usize| (k as f64, expected_best(&tried, k).exp());
        line(chosen, (1..=tried.len()).map(point).collect())
    };
    // Each variant at the same settings as NS-GAN.
    let plain = tried_by(all[0]);
    let against = |chosen: Variant| {
        let point = |(x, y): (&Repeats, &Repeats)| (robust::mean(x).exp(), robust::mean(y).exp());
        Layer::Dots {
            label: variant(chosen.0, chosen.1),
            colour: colour(chosen),
            radius: 3,
            opacity: 0.6,
            points: plain.iter().zip(&tried_by(chosen)).map(point).collect(),
        }
    };
    let diagonal = Layer::Line {
        label: String::new(),
        colour: Colour::Grey,
        points: vec![(1e-2, 1e-2), (10.0, 10.0)],
    };
    let mut paired = vec![diagonal];
    paired.extend(all[1..].iter().map(|variant| against(*variant)));
    let distance = || log_axis("distance to the data");
    Figure {
        name: "robustness".into(),
        title: format!(
            "{} settings drawn at random, each with 1 and 5 critic steps, the same for every variant",
            plain.len() / CRITIC_STEPS.len()
        )
        .into(),
        caption: format!(
            "Profile {}, line in 8 dimensions; rates of both players 1e-4 to 1e-2, first beta 0, 0.5 or 0.9, weight 0.1 to \
             10; geometric means of two training seeds, in deviations of the data. Middle: the best of k draws, chosen on the first seed, scored on the \
             second. Right: below the diagonal the variant is better than NS-GAN.",
            results.profile.name()
        ),
        columns: 3,
        height: 230,
        panels: vec![
            panel(
                "All settings, best to worst",
                Axis::new("rank of the setting"),
                distance(),
                all.map(sorted).into(),
            ),
            panel(
                "What a budget buys",
                log_axis("draws that one may try"),
                log_axis("expected distance of the best"),
                all.map(budget).into(),
            ),
            panel(
                "Setting by setting",
                log_axis("distance of NS-GAN"),
                log_axis("distance of the variant"),
                paired,
            ),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_in_range_and_shared_by_repeats() {
        for seed in 0..200 {
            let setting = Setting::of(seed);
            for adam in [setting.generator, setting.critic] {
                assert!((1e-4..1e-2).contains(&adam.learning_rate));
            }
            assert!((0.1..10.0).contains(&setting.weight));
            assert_eq!(setting, Setting::of(seed ^ 1));
        }
        assert_ne!(Setting::of(0), Setting::of(2));
    }

    /// Of settings that score 1, 2, 3 the best of two is 1 with probability 2/3 and 2 with 1/3; of one it is the mean.
    #[test]
    fn best_of_k_by_hand() {
        let tried = [[3.0, 3.0], [1.0, 1.0], [2.0, 2.0]];
        assert!((expected_best(&tried, 1) - 2.0).abs() < 1e-12);
        assert!((expected_best(&tried, 2) - 4.0 / 3.0).abs() < 1e-12);
        assert!((expected_best(&tried, 3) - 1.0).abs() < 1e-12);
        // The choice is on the first repeat, the score on the second.
        assert!((expected_best(&[[1.0, 9.0], [2.0, 0.0]], 2) - 9.0).abs() < 1e-12);
    }
}
