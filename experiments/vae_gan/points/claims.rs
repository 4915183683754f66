//! What is claimed of ring and grid.

use lab::{Claim, Region, Results, Row};
use shared::contrast::{Sample, difference, join, log_ratio, values};
use shared::{Draft, Source, claim};
use stats::robust;

use super::{Config, Rows, Target, methods, rows};
use crate::best::best;
use crate::method::ablations;

const ALPHA: Source = Source::second_hand("Rosca et al. 2017 (1706.04987)");
const ROSCA: Source =
    Source::read("Rosca, Lakshminarayanan and Mohamed 2018 (1802.06847), abstract");
const VEEGAN: Source = Source::read("Srivastava et al. 2017 (1705.07761)");
const DUMOULIN: Source = Source::read("Dumoulin et al. 2016 (1606.00704)");

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
    let vae = ring("VAE");
    for (id, whose, method, arm) in [
        (
            "vae.C12d",
            "an adversarial auto-encoder that minimises the sum of its losses has codes together",
            "AAE",
            "AAE",
        ),
        (
            "vae.C12e",
            "an adversarial auto-encoder's codes together are",
            "AAE-two-phases",
            "AAE in two phases",
        ),
    ] {
        claims.push(
            claim(id, &format!("On the ring {whose} nearer to the prior than a VAE's."))
                .ours_after("Rosca, Lakshminarayanan and Mohamed 2018 (1802.06847), of VAEs")
                .measured(&format!("ln `code_kl` (KL of all codes from the prior over bins of the plane), {arm} minus VAE of learned deviation"))
                .figure("codes.svg")
                .mean(Region::Below(0.0), &log_ratio((&ring(method), &vae), "code_kl")),
        );
    }
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
