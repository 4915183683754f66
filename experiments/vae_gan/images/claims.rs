//! What is claimed of images.

use lab::{Claim, Region, Results, Row};
use shared::contrast::{Sample, difference, each, join, log_ratio, median, metric};
use shared::pictures::{Pictures, learnt, learnt_beside};
use shared::{Draft, Source, claim};

use super::{CLOTHES, Config, DIGITS, STACKED, arm_name, methods};
use crate::best::best;
use crate::method::ablations;

type Rows<'a> = Vec<&'a Row<Config>>;

const TALK: Source = Source::second_hand("Rosca et al. 2017 (1706.04987)");
const ROSCA: Source =
    Source::read("Rosca, Lakshminarayanan and Mohamed 2018 (1802.06847), abstract");
/// Who says that a VAE's codes together miss the prior, and not that hybrids' do better.
const MARGINALS: &str = "Rosca, Lakshminarayanan and Mohamed 2018 (1802.06847), of VAEs";
const LARSEN: Source = Source::read("Larsen et al. 2015 (1512.09300)");
/// Within this factor of the best GAN's Frechet distance a hybrid rivals it.
const RIVAL: f64 = 1.25;

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    [of_rivals, of_samples, of_codes, of_terms].iter().flat_map(|page| page(results)).collect()
}

fn digits<'a>(results: &'a Results<Config>, method: &str) -> Rows<'a> {
    results.arm(&arm_name(DIGITS, method))
}

/// Do hybrids rival the best GANs, or improve on them?
fn of_rivals(results: &Results<Config>) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (pictures, set, [rivals, worse]) in
        [(DIGITS, "digits", ["vae.I1", "vae.I2"]), (CLOTHES, "clothes", ["vae.I1b", "vae.I2b"])]
    {
        let [hybrids, games] = families(results, pictures);
        let sides =
            [&hybrids, &games].map(|side| side.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let frechet = |row: &Row<Config>| Some(row.value("frechet")?.ln());
        let distance: Sample =
            join(&best(&hybrids, -1.0, frechet), &best(&games, -1.0, frechet), |a, b| a - b);
        let judged = |draft: Draft, region| {
            learnt(draft, &[&sides[0], &sides[1]])
                .measured(&format!("ln `frechet` on {set}, best hybrid minus best GAN, each chosen on the other half of the seeds; ln 1.25 = 0.22"))
                .figure("image_scores.svg")
                .student(region, &distance)
        };
        claims.push(judged(
            claim(rivals, &format!("On {set} the best hybrid rivals the best GAN.")).published(
                TALK,
                "the talk: hybrids are comparable with the best GANs, there of other images",
                None,
            ),
            Region::Below(RIVAL.ln()),
        ));
        claims.push(judged(
            claim(worse, &format!("On {set} hybrids do not improve on GANs.")).published(
                ROSCA,
                "there on other images",
                None,
            ),
            Region::Above(0.0),
        ));
    }
    claims
}

/// Do samples hold all modes, and are a VAE's blurred?
fn of_samples(results: &Results<Config>) -> Vec<Claim> {
    let [vae, game] = ["VAE", "NS-GAN"].map(|method| digits(results, method));
    let [many_vae, many_alpha, many_game] =
        ["VAE", "alpha-GAN", "NS-GAN"].map(|method| results.arm(&arm_name(STACKED, method)));
    vec![
        learnt(claim("vae.I3", "alpha-GAN holds more of the 1000 modes of stacked digits than a GAN with the same nets."), &[&[&many_alpha]])
            .published(TALK, "by readers' notes: auto-encoding keeps modes", None)
            .measured("share of the 1000 modes that the clear ones of 10,000 samples hold (`modes_held`), alpha-GAN minus NS-GAN")
            .figure("image_scores.svg")
            .student(Region::Above(0.0), &difference((&many_alpha, &many_game), "modes_held")),
        learnt(claim("vae.I4", "A VAE loses none of the 1000 modes of stacked digits."), &[&[&many_vae]])
            .ours_after("the talk: mode collapse is no disease of a VAE")
            .measured("share of the 1000 modes that the clear ones of 10,000 samples hold (`modes_held`), VAE, over that of training images; none: at most one in a hundred")
            .figure("image_scores.svg")
            .student(Region::Above(0.99), &each(&many_vae, |row: &Row<Config>| {
                Some(row.value("modes_held")? / row.value("real_modes_held")?)
            })),
        learnt_beside(claim("vae.I4b", "A VAE's samples of digits are blurred: the classes that the judge sees are less clear than in a GAN's."), &game, &vae)
            .ours_after("the talk: a VAE has other diseases")
            .measured("`class_score` on digits, VAE minus NS-GAN")
            .figure("image_scores.svg")
            .student(Region::Below(0.0), &difference((&vae, &game), "class_score")),
        learnt_beside(claim("vae.I4c", "A VAE's samples of digits are less precise than a GAN's: fewer lie within reach of real ones."), &game, &vae)
            .ours_after("the talk: a VAE has other diseases")
            .measured("`precision` in the judge's features on digits, VAE minus NS-GAN")
            .figure("image_scores.svg")
            .student(Region::Below(0.0), &difference((&vae, &game), "precision")),
    ]
}

/// Are the codes the prior's, and what comes back of test images?
fn of_codes(results: &Results<Config>) -> Vec<Claim> {
    let [vae, alpha, summed, adversarial] =
        ["VAE", "alpha-GAN", "AAE", "AAE-two-phases"].map(|method| digits(results, method));
    let mut claims = vec![
        encodes(claim("vae.I5", "A VAE's codes of digits together are not the prior: their divergence from it is above one nat."), &[&vae])
            .published(ROSCA, "VAEs consistently fail to learn marginal distributions", None)
            .measured("`code_kl_bound`, a lower bound by a fresh classifier, of codes of test images, VAE on digits, nats")
            .figure("image_codes.svg")
            .student(Region::Above(1.0), &metric(&vae, "code_kl_bound")),
        encodes(claim("vae.I5b", "An adversarial auto-encoder that minimises the sum of its losses has codes of digits together nearer to the prior than a VAE's, as a fresh classifier sees them."), &[&summed, &vae])
            .ours_after(MARGINALS)
            .measured("`code_kl_bound`, a lower bound by a fresh classifier, of codes of test images on digits, AAE minus VAE, nats")
            .figure("image_codes.svg")
            .student(Region::Below(0.0), &difference((&summed, &vae), "code_kl_bound")),
        encodes(claim("vae.I5c", "An adversarial auto-encoder's codes of digits together are nearer to the prior than a VAE's, as a fresh classifier sees them."), &[&adversarial, &vae])
            .ours_after(MARGINALS)
            .measured("`code_kl_bound`, a lower bound by a fresh classifier, of codes of test images on digits, AAE in two phases minus VAE, nats")
            .figure("image_codes.svg")
            .student(Region::Below(0.0), &difference((&adversarial, &vae), "code_kl_bound")),
        encodes(claim("vae.I6", "A VAE makes worse digits of codes that its encoder rarely uses than of those that it does."), &[&vae])
            .ours_after("Rosca, Lakshminarayanan and Mohamed 2018 (1802.06847), low-posterior samples")
            .measured("`precision_of_rare` minus `precision_of_frequent` (share within reach of test images), a tenth of 10,000 prior codes each by a fresh classifier's ratio of codes to the prior, VAE on digits")
            .figure("image_codes.svg")
            .student(Region::Below(0.0), &each(&vae, |row: &Row<Config>| {
                Some(row.value("precision_of_rare")? - row.value("precision_of_frequent")?)
            })),
    ];
    for (ids, name, rows) in [
        (["vae.I7", "vae.I7b"], "VAE/GAN", digits(results, "VAE-GAN")),
        (["vae.I7c", "vae.I7d"], "alpha-GAN", alpha),
    ] {
        let [in_pixels, in_features] = ids;
        let source = |draft: Draft, place| match name {
            "VAE/GAN" => draft.published(LARSEN, place, None),
            _ => draft.ours_after("Larsen et al. 2015 (1512.09300), of VAE/GAN"),
        };
        let pixels = claim(
            in_pixels,
            &format!("{name} reconstructs test digits worse than a VAE in pixels."),
        );
        let features = claim(
            in_features,
            &format!("{name} reconstructs test digits better than a VAE in the judge's features."),
        );
        claims.push(
            encodes(source(pixels, "pixel likelihood far below a VAE's"), &[&rows, &vae])
                .measured(&format!(
                    "ln `reconstruction` (squared error of a pixel), {name} minus VAE on digits"
                ))
                .figure("image_codes.svg")
                .student(Region::Above(0.0), &log_ratio((&rows, &vae), "reconstruction")),
        );
        claims.push(
            encodes(
                source(features, "there in its critic's features, by errors of neighbours"),
                &[&rows, &vae],
            )
            .measured(&format!("ln `reconstruction_of_features`, {name} minus VAE on digits"))
            .figure("image_codes.svg")
            .student(Region::Below(0.0), &log_ratio((&rows, &vae), "reconstruction_of_features")),
        );
    }
    claims
}

/// Which term of alpha-GAN does the work?
fn of_terms(results: &Results<Config>) -> Vec<Claim> {
    let alpha = digits(results, "alpha-GAN");
    let mut claims = Vec::new();
    for ((arm, _), (id, term)) in ablations().into_iter().zip([
        ("vae.I8", "reconstruction"),
        ("vae.I8b", "critic of codes"),
        ("vae.I8c", "critic of images"),
        ("vae.I8d", "critic of samples"),
        ("vae.I8e", "critic of reconstructions"),
    ]) {
        let without = digits(results, arm);
        claims.push(
            learnt(
                claim(id, &format!("Without its {term} alpha-GAN makes worse digits.")),
                &[&[&alpha]],
            )
            .measured(&format!("ln `frechet` on digits, alpha-GAN without its {term} minus whole"))
            .figure("image_scores.svg")
            .student(Region::Above(0.0), &log_ratio((&without, &alpha), "frechet")),
        );
    }
    claims
}

/// A draft with the gate of codes: test images come back with less than half of their variance in pixels.
fn encodes(draft: Draft, arms: &[&Rows]) -> Draft {
    let shares: Option<Vec<f64>> =
        arms.iter().map(|rows| median(rows, "reconstruction_share")).collect();
    draft.gate(
        "largest `reconstruction_share` of the compared arms, medians over seeds",
        Region::Below(0.5),
        shares.and_then(|shares| shares.into_iter().reduce(f64::max)),
    )
}

/// Arms of a set with an encoder and a critic, of images or of codes, and arms without an encoder.
fn families(results: &Results<Config>, pictures: Pictures) -> [Vec<Rows<'_>>; 2] {
    let ablated = ablations().map(|(name, _)| name);
    [false, true].map(|is_gan| {
        let chosen = methods(pictures).into_iter().filter(|(name, method)| {
            let has_critic = method.critic().is_some() || method.has_code_critic();
            has_critic && method.is_gan() == is_gan && !ablated.contains(name)
        });
        chosen.map(|(name, _)| results.arm(&arm_name(pictures, name))).collect()
    })
}
