//! What is claimed of points.

use std::collections::BTreeMap;

use gan::{Objective, Penalty};
use lab::results::diverged;
use lab::{Claim, Region, Results};
use shared::contrast::{Sample, each, join, pair};
use shared::variant::objective;
use shared::{Draft, Source, claim, with_parts};
use stats::rank;

use super::{UPDATES, line, ring};
use crate::config::Config;
use crate::{
    FEDUS, MESCHEDER, OBJECTIVES, Rows, WEIGHT, fewest_updates, log_distance, mean_of, penalties,
};

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let mut claims = losses(results);
    claims.extend(dragans(results));
    claims.push(instrument(results));
    claims
}

/// A draft with the gate of the ring or of the line: its full length.
fn gated(draft: Draft, updates: u64, arms: &[&Rows]) -> Draft {
    let enough = Region::Above((updates - 1) as f64);
    draft.gate("updates of every compared arm", enough, fewest_updates(arms))
}

/// How much nearer than the first arm the second ends, in ln distance.
fn gained(first: &Rows, second: &Rows) -> Sample {
    pair((first, second), |a, b| Some(log_distance(a) - log_distance(b)))
}

/// P1, P3 and P4: whatever the loss.
fn losses(results: &Results<Config>) -> Vec<Claim> {
    const ABSTRACT: Source = Source::read(FEDUS);
    const PLACE: &str = "abstract, there for the non-saturating loss";
    let [none, clip, gp, _, _, _, _, r1, ..] = penalties(WEIGHT);
    let light = Penalty::Gradient { weight: 0.1 };
    let on_ring = |objective, penalty| ring(results, (objective, penalty));
    let on_line = |objective, penalty| line(results, (objective, penalty));
    let of_wasserstein = [clip, gp].map(|penalty| on_ring(Objective::Wasserstein, penalty));
    let [plain, gan_gp] = [none, gp].map(|penalty| on_ring(Objective::NonSaturating, penalty));
    let lost = |rows: &Rows| {
        each(rows, |row| Some((row.value("distance")? / row.value("distance_best")?).ln()))
    };
    vec![
        helps(
            claim("penalty.P1", "On the ring a gradient penalty between data and samples helps losses that are not Wasserstein's.")
                .published(ABSTRACT, PLACE, None)
                .measured("ln `distance` on the ring, no penalty minus GP of weight 1, mean over the minimax, non-saturating, least-squares and hinge losses"),
            UPDATES[0],
            |objective| [none, gp].map(|penalty| on_ring(objective, penalty)),
        ),
        helps(
            claim("penalty.P1b", "On the line a gradient penalty between data and samples helps losses that are not Wasserstein's.")
                .published(ABSTRACT, PLACE, None)
                .measured("ln `distance` on the line, no penalty minus GP of weight 1, mean over the minimax, non-saturating, least-squares and hinge losses"),
            UPDATES[1],
            |objective| [none, gp].map(|penalty| on_line(objective, penalty)),
        ),
        helps(
            claim("penalty.P1c", "On the ring a zero-centred penalty on the data helps losses that are not Wasserstein's.")
                .ours_after(MESCHEDER)
                .measured("ln `distance` on the ring, no penalty minus R1 of weight 1, mean over the minimax, non-saturating, least-squares and hinge losses"),
            UPDATES[0],
            |objective| [none, r1].map(|penalty| on_ring(objective, penalty)),
        ),
        helps(
            claim("penalty.P1d", "On the ring a gradient penalty of the small weight 0.1 helps losses that are not Wasserstein's.")
                .ours_after("the released toy code of Gulrajani et al. 2017 (1704.00028), which has this weight")
                .measured("ln `distance` on the ring, no penalty minus GP of weight 0.1, mean over the minimax, non-saturating, least-squares and hinge losses"),
            UPDATES[0],
            |objective| [none, light].map(|penalty| on_ring(objective, penalty)),
        ),
        gated(
            claim("penalty.P3", "On the ring clipped weights serve the Wasserstein loss worse than the gradient penalty."),
            UPDATES[0],
            &[&of_wasserstein[0], &of_wasserstein[1]],
        )
        .published(Source::remembered("Gulrajani et al. 2017 (1704.00028)"), "toy experiments", None)
        .measured("ln `distance` on the ring under the Wasserstein loss, clipping minus GP of weight 1")
        .figure("grid.svg")
        .mean(Region::Above(0.0), &gained(&of_wasserstein[0], &of_wasserstein[1])),
        claim("penalty.P4", "On the ring the non-saturating GAN loses less of its best by the end with a gradient penalty than without one.")
            .published(Source::remembered(FEDUS), "section 4, that penalties stabilise", None)
            .measured("ln of final over best distance on the ring (`distance`, `distance_best`), NS-GAN minus GAN-GP of weight 1")
            .figure("stability.svg")
            .mean(Region::Above(0.0), &join(&lost(&plain), &lost(&gan_gp), |a, b| a - b)),
    ]
}

/// The claim that the second arm of every loss that is not Wasserstein's ends nearer than the first, with the losses as
/// parts.
fn helps<'a>(draft: Draft, updates: u64, arms: impl Fn(Objective) -> [Rows<'a>; 2]) -> Claim {
    let objectives = OBJECTIVES.into_iter().filter(|o| *o != Objective::Wasserstein);
    let arms: Vec<(Objective, [Rows; 2])> = objectives.map(|o| (o, arms(o))).collect();
    let all: Vec<&Rows> = arms.iter().flat_map(|(_, pair)| pair).collect();
    let gains: Vec<Sample> = arms.iter().map(|(_, [a, b])| gained(a, b)).collect();
    let parts: Vec<(&str, &Sample)> =
        arms.iter().zip(&gains).map(|((o, _), gain)| (objective(*o), gain)).collect();
    let draft = gated(draft, updates, &all).figure("grid.svg");
    with_parts(draft.mean(Region::Above(0.0), &mean_of(&gains)), &parts)
}

/// P2: which DRAGAN is meant?
fn dragans(results: &Results<Config>) -> Vec<Claim> {
    let [_, _, _, notebook, centred, normal, of_probability, ..] = penalties(WEIGHT);
    let like = |id, statement: &str, quantity: &str, penalty| {
        let [a, b] = [penalty, notebook].map(|p| line(results, (Objective::NonSaturating, p)));
        let two = std::f64::consts::LN_2;
        gated(claim(id, statement), UPDATES[1], &[&a, &b])
            .measured(quantity)
            .figure("dragan.svg")
            .mean(Region::Within(-two, two), &gained(&a, &b))
    };
    vec![
        like(
            "penalty.P2",
            "On the line DRAGAN with centred noise ends within a factor of two of its authors' notebook's.",
            "ln `distance` on the line under the non-saturating loss, DRAGAN centred minus DRAGAN, weight 1",
            centred,
        ),
        like(
            "penalty.P2b",
            "On the line DRAGAN with normal noise, as its paper writes it, ends within a factor of two of its authors' notebook's.",
            "ln `distance` on the line under the non-saturating loss, DRAGAN normal minus DRAGAN, weight 1",
            normal,
        ),
        like(
            "penalty.P2c",
            "On the line DRAGAN on the slope of the probability, as a large comparison's first code has it, ends within a factor of two of its authors' notebook's.",
            "ln `distance` on the line under the non-saturating loss, DRAGAN of D minus DRAGAN, weight 1",
            of_probability,
        ),
    ]
}

/// C15: can the independent critic be trusted?
fn instrument(results: &Results<Config>) -> Claim {
    claim("penalty.C15", "On the line the independent critic ranks models as their exact distance does.")
        .ours_after("Danihelka et al. 2017 (1705.05263), whose measure it is")
        .measured("rank correlation of `independent_critic` with the exact `distance` over all variants on the line, within a seed")
        .figure("critic.svg")
        .mean(Region::Above(RANKED), &ranked(results))
}

/// From here on the independent critic ranks as the exact distance does.
pub(crate) const RANKED: f64 = 0.8;

/// Returns the rank correlation of each seed between the independent critic and the exact distance, over all variants on the
/// line.
pub(crate) fn ranked(results: &Results<Config>) -> Sample {
    let rows = results.part("line");
    let mut seeds: BTreeMap<u64, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for row in &rows {
        let found = row.value("independent_critic");
        if let (Some(found), Some(distance)) = (found, row.value("distance")) {
            let (x, y) = seeds.entry(row.seed).or_default();
            x.push(found);
            y.push(distance);
        }
    }
    let several = seeds.iter().filter(|(_, (x, _))| x.len() > 2);
    let values = several.map(|(seed, (x, y))| (*seed, rank::spearman(x, y))).collect();
    Sample { values, diverged: diverged(&rows) }
}
