//! Do gradient penalties help losses that no theory of Lipschitz critics asks for them, and does it matter where they look?

use gan::Penalty;
use lab::figure::Title;
use lab::{Arm, Claim, Figure, Profile, Region, Row};
use shared::chart::{Group, ranking, seeds};
use shared::colour;
use shared::contrast::{count, log_ratio, values};
use shared::{Source, claim};

use crate::Results;
use crate::arm::{Reader, Setting, steps};
use crate::config::Config;
use crate::game::SECOND_HALF;
use crate::parallel;
use crate::rows::{ENOUGH, SOLVED, UPDATES, distance, log, solved, updates};
use crate::variant::{
    ALL, DRAGAN_NS, FROM_PARALLEL, GAN_GP, MINIMAX, MINIMAX_GP, NON_SATURATING, Variant, dragan,
    gan_gp,
};
use crate::world::random;

fn setting(variant: Variant) -> Setting {
    Setting::strong(random(4, 1), variant)
}

/// Weights of penalties beside the usual one.
const WEIGHTS: [f64; 2] = [0.1, 10.0];

fn weighted() -> impl Iterator<Item = Variant> {
    WEIGHTS.into_iter().flat_map(|weight| [gan_gp(weight), dragan(weight)])
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let steps = steps(profile);
    let reader = |variant| match variant {
        NON_SATURATING | GAN_GP | DRAGAN_NS | MINIMAX | MINIMAX_GP => Reader::Claim,
        _ => Reader::Figure,
    };
    let mut arms: Vec<Arm<Config>> =
        ALL.map(|variant| setting(variant).arm(profile, steps, reader(variant))).into();
    // Other weights carry no claim, and `penalty_ablation` compares them.
    if matches!(profile, Profile::Smoke | Profile::Full) {
        arms.extend(weighted().map(|variant| setting(variant).arm(profile, steps, Reader::Figure)));
    }
    arms
}

/// Returns whether a run arrived at the data and stayed there: it is solved at every look of the second half. A run that is
/// stuck far away hardly moves, and does not stay by this.
fn stays(row: &Row<Config>) -> bool {
    let looks = row.traces.get("frechet").map_or(&[][..], Vec::as_slice);
    let second_half = &looks[looks.len().saturating_sub(SECOND_HALF)..];
    !second_half.is_empty() && second_half.iter().all(|(_, distance)| *distance < SOLVED)
}

pub(crate) fn claims(results: &Results) -> Vec<Claim> {
    const FEDUS: &str = "Fedus et al. 2018 (1710.08446)";
    const ABSTRACT: Source = Source::read(FEDUS);
    let of = |variant| setting(variant).rows(results);
    let (plain, gp, dragan) = (of(NON_SATURATING), of(GAN_GP), of(DRAGAN_NS));
    let (minimax, minimax_gp) = (of(MINIMAX), of(MINIMAX_GP));
    let two = std::f64::consts::LN_2;
    vec![
        claim("js.C7", "A gradient penalty between data and samples brings the non-saturating GAN closer to the data by a factor of two and more.")
            .published(ABSTRACT, "abstract", None)
            .measured("ln of the final distance, NS-GAN minus GAN-GP, paired by seed; random start in 4 dimensions, two hidden layers, 5 critic steps (`frechet`)")
            .figure("variants.svg")
            .gate(UPDATES, ENOUGH, updates([&plain, &gp]))
            .mean(Region::Above(two), &log_ratio((&plain, &gp), "frechet")),
        claim("js.C7b", "A gradient penalty near the data brings the non-saturating GAN closer to the data by a factor of two and more.")
            .published(ABSTRACT, "abstract", None)
            .measured("ln of the final distance, NS-GAN minus DRAGAN-NS, paired by seed; random start in 4 dimensions, two hidden layers, 5 critic steps (`frechet`)")
            .figure("variants.svg")
            .gate(UPDATES, ENOUGH, updates([&plain, &dragan]))
            .mean(Region::Above(two), &log_ratio((&plain, &dragan), "frechet")),
        claim("js.C7s", "With a gradient penalty the non-saturating GAN arrives at the data and stays there in more of its runs.")
            .published(ABSTRACT, "abstract", None)
            .measured("P(`frechet` below 0.1 at every one of the last 20 looks), GAN-GP minus NS-GAN; random start in 4 dimensions, two hidden layers, 5 critic steps")
            .figure("variants.svg")
            .gate(UPDATES, ENOUGH, updates([&plain, &gp]))
            .share_difference(Region::Above(0.0), count(&gp, stays), count(&plain, stays)),
        claim("js.C8", "Whether a gradient penalty looks between data and samples or near the data changes the non-saturating GAN's distance by less than a factor of two.")
            .published(ABSTRACT, "abstract", None)
            .measured("ln of the final distance, DRAGAN-NS minus GAN-GP, paired by seed; random start in 4 dimensions, two hidden layers, 5 critic steps (`frechet`)")
            .figure("variants.svg")
            .gate(UPDATES, ENOUGH, updates([&dragan, &gp]))
            .mean(Region::Within(-two, two), &log_ratio((&dragan, &gp), "frechet")),
        claim("js.C9", "A gradient penalty rescues even the saturating loss.")
            .ours_after(FEDUS)
            .measured("P(`frechet` below 0.1), M-GAN + GP minus M-GAN; random start in 4 dimensions, two hidden layers, 5 critic steps")
            .figure("variants.svg")
            .gate(UPDATES, ENOUGH, updates([&minimax, &minimax_gp]))
            .share_difference(Region::Above(0.0), solved(&minimax_gp), solved(&minimax)),
    ]
}

/// Every variant where penalties are compared, and from the parallel line.
pub(crate) fn figures(results: &Results) -> Vec<Figure> {
    let shade = |variant: Variant| match variant.penalty {
        Penalty::None => colour::GAN,
        _ => colour::TARGET,
    };
    let compared: Vec<Variant> = ALL.into_iter().chain(weighted()).collect();
    let groups = |metric: &str| -> Vec<Group> {
        let rows = |&variant: &Variant| (variant, setting(variant).rows(results));
        let trained = compared.iter().map(rows).filter(|(_, rows)| !rows.is_empty());
        trained
            .map(|(variant, rows)| (variant.label(), shade(variant), values(&rows, metric)))
            .collect()
    };
    let by_adam = FROM_PARALLEL.into_iter().map(|variant| -> Group {
        let rows = parallel::setting(variant).rows(results);
        (variant.label(), shade(variant), values(&rows, "frechet"))
    });
    let by_descent = [MINIMAX, NON_SATURATING, GAN_GP].into_iter().map(|variant| -> Group {
        let rows = parallel::by_descent(variant).rows(results);
        let name = format!("{}, plain descent", variant.label());
        (name, shade(variant), values(&rows, "frechet"))
    });
    let from_parallel: Vec<Group> = by_adam.chain(by_descent).collect();
    vec![Figure {
        name: "variants".into(),
        title: Title::new("Who finds the line: every variant, every seed")
            .if_reproduced("js.C7", "A gradient penalty brings the GAN closer to the line"),
        caption: format!(
            "{}: each a dot; bars are medians with 95 % bootstrap intervals. Critics of two hidden layers, 5 steps. \
             Seeds that moved by less than 3e-4 lie left of the middle panel. Left of the dashed line at 0.1 a run counts as solved; 1 is a point at the data's mean, or the start on \
             the parallel line. Blue: no penalty. Weights are 1 unless named.",
            seeds(results)
        ),
        columns: 3,
        height: 60 + 24 * compared.len() as u32,
        panels: vec![
            ranking("Random start, 4 dimensions", distance(), &groups("frechet"), &[SOLVED]),
            ranking(
                "The same: deviation over the second half",
                log("deviation of the distance").within(3e-4, 1.0),
                &groups("frechet_spread"),
                &[],
            ),
            ranking("Parallel line, plane", distance(), &from_parallel, &[SOLVED, 1.0]),
        ],
    }]
}
