//! What is claimed of images, and what a person sees.

use lab::figure::{Axis, Scale};
use lab::{Array, Claim, Figure, Region, Results, Row};
use shared::chart::{Group, ranking, seeds_of, sheet};
use shared::contrast::{Sample, difference, each, join, log_ratio, metric, values};
use shared::pictures::Pictures;
use shared::{Draft, Source, claim};
use stats::robust;

use super::{CLOTHES, Config, DIGITS, SETS, STACKED, arm_name, methods};
use crate::best::best;
use crate::method::ablations;

type Rows<'a> = Vec<&'a Row<Config>>;

const TALK: Source = Source::second_hand("Rosca et al. 2017 (1706.04987)");
const ROSCA: Source =
    Source::read("Rosca, Lakshminarayanan and Mohamed 2018 (1802.06847), abstract");
const LARSEN: Source = Source::read("Larsen et al. 2015 (1512.09300)");
/// Within this factor of the best GAN's Frechet distance a hybrid rivals it.
const RIVAL: f64 = 1.25;

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let on = |pictures: Pictures| move |method: &str| results.arm(&arm_name(pictures, method));
    let (digits, stacked) = (on(DIGITS), on(STACKED));
    let mut claims = Vec::new();
    for (pictures, set, [rivals, worse]) in
        [(DIGITS, "digits", ["vae.I1", "vae.I2"]), (CLOTHES, "clothes", ["vae.I1b", "vae.I2b"])]
    {
        let [hybrids, games] = families(results, pictures);
        let all: Vec<&Rows> = hybrids.iter().chain(&games).collect();
        let frechet = |row: &Row<Config>| Some(row.value("frechet")?.ln());
        let distance: Sample =
            join(&best(&hybrids, -1.0, frechet), &best(&games, -1.0, frechet), |a, b| a - b);
        let judged = |draft: Draft, region| {
            learnt(draft, &all)
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
    let (vae, alpha, game) = (digits("VAE"), digits("alpha-GAN"), digits("NS-GAN"));
    let (many_vae, many_alpha, many_game) =
        (stacked("VAE"), stacked("alpha-GAN"), stacked("NS-GAN"));
    claims.extend([
        learnt(claim("vae.I3", "alpha-GAN holds more of the 1000 modes of stacked digits than a GAN with the same nets."), &[&many_alpha, &many_game])
            .published(TALK, "by readers' notes: auto-encoding keeps modes", None)
            .measured("modes of 1000 in 10,000 samples of stacked digits (`modes`), alpha-GAN minus NS-GAN")
            .figure("image_scores.svg")
            .student(Region::Above(0.0), &difference((&many_alpha, &many_game), "modes")),
        claim("vae.I4", "A VAE loses none of the 1000 modes of stacked digits.")
            .ours_after("the talk: mode collapse is no disease of a VAE")
            .measured("modes of 1000 in 10,000 samples of stacked digits (`modes`), VAE; none: at most one in a hundred")
            .gate("updates of the arm", Region::Above(super::UPDATES as f64 - 1.0), many_vae.first().map(|row| row.config.learner.steps as f64))
            .figure("image_scores.svg")
            .student(Region::Above(990.0), &metric(&many_vae, "modes")),
        learnt(claim("vae.I4b", "A VAE's samples of digits are blurred: the classes that the judge sees are less clear than in a GAN's."), &[&game])
            .ours_after("the talk: a VAE has other diseases")
            .measured("`class_score` on digits, VAE minus NS-GAN")
            .figure("image_scores.svg")
            .student(Region::Below(0.0), &difference((&vae, &game), "class_score")),
        claim("vae.I5", "A VAE's codes of digits together are not the prior: their divergence from it is above one nat.")
            .published(ROSCA, "VAEs consistently fail to learn marginal distributions", None)
            .measured("`marginal_kl` by Monte Carlo with 60,000 training images, VAE on digits, nats")
            .figure("image_codes.svg")
            .student(Region::Above(1.0), &metric(&vae, "marginal_kl")),
        claim("vae.I5b", "An adversarial auto-encoder's codes of digits together are nearer to the prior than a VAE's.")
            .published(ROSCA, "hybrids match marginals", None)
            .measured("ln `code_energy` (energy distance of codes from the prior) on digits, AAE minus VAE")
            .figure("image_codes.svg")
            .student(Region::Below(0.0), &log_ratio((&digits("AAE"), &vae), "code_energy")),
        claim("vae.I6", "A VAE makes worse digits of codes that its encoder rarely uses than of those that it does.")
            .ours_after("Rosca, Lakshminarayanan and Mohamed 2018 (1802.06847), low-posterior samples")
            .measured("ln `frechet_of_rare` minus ln `frechet_of_frequent`, a tenth of 10,000 prior codes each, VAE on digits")
            .figure("image_codes.svg")
            .student(Region::Above(0.0), &each(&vae, |row: &Row<Config>| {
                Some((row.value("frechet_of_rare")? / row.value("frechet_of_frequent")?).ln())
            })),
        learnt(claim("vae.I7", "alpha-GAN reconstructs test digits worse than a VAE in pixels."), &[&alpha])
            .published(LARSEN, "there of VAE/GAN, pixel likelihood far below a VAE's", None)
            .measured("ln `reconstruction` (squared error of a pixel), alpha-GAN minus VAE on digits")
            .figure("image_codes.svg")
            .student(Region::Above(0.0), &log_ratio((&alpha, &vae), "reconstruction")),
        learnt(claim("vae.I7b", "alpha-GAN reconstructs test digits better than a VAE in the judge's features."), &[&alpha])
            .published(LARSEN, "there of VAE/GAN in its critic's features, by errors of neighbours", Some("33.7 % against 66.0 %"))
            .measured("ln `reconstruction_of_features`, alpha-GAN minus VAE on digits")
            .figure("image_codes.svg")
            .student(Region::Below(0.0), &log_ratio((&alpha, &vae), "reconstruction_of_features")),
    ]);
    for ((arm, _), (id, term)) in ablations().into_iter().zip([
        ("vae.I8", "reconstruction"),
        ("vae.I8b", "critic of codes"),
        ("vae.I8c", "critic of images"),
        ("vae.I8d", "critic of samples"),
        ("vae.I8e", "critic of reconstructions"),
    ]) {
        let without = digits(arm);
        claims.push(
            learnt(claim(id, &format!("alpha-GAN needs its {term} on digits.")), &[&alpha])
                .measured(&format!(
                    "ln `frechet` on digits, alpha-GAN without its {term} minus whole"
                ))
                .figure("image_scores.svg")
                .student(Region::Above(0.0), &log_ratio((&without, &alpha), "frechet")),
        );
    }
    claims
}

/// Arms of a set with an encoder and a critic of images, and arms without an encoder.
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

/// A draft with the gate of samples: of the compared arms the one that learnt best is nearer to real images than one Gaussian
/// in pixels and its class score is above half of theirs; where two are compared, both.
fn learnt(draft: Draft, arms: &[&Rows]) -> Draft {
    let of_arm = |rows: &&Rows| {
        let distance = each(rows, |row: &Row<Config>| {
            Some(row.value("frechet")? / row.value("frechet_of_gaussian")?)
        });
        let score = each(rows, |row: &Row<Config>| {
            Some(0.5 * row.value("real_class_score")? / row.value("class_score")?)
        });
        Some(median(&distance)?.max(median(&score)?))
    };
    let all: Option<Vec<f64>> = arms.iter().map(of_arm).collect();
    // Of a choice among many the best of each side counts, which a failed arm does not spoil.
    let worst = if arms.len() > 2 { f64::min } else { f64::max };
    draft.gate(
        if arms.len() > 2 {
            "the best ratio of the arms (`frechet` over `frechet_of_gaussian`, half `real_class_score` over `class_score`; medians over seeds)"
        } else {
            "the worst ratio of a compared arm (`frechet` over `frechet_of_gaussian`, half `real_class_score` over `class_score`; medians over seeds)"
        },
        Region::Below(1.0),
        all.and_then(|all| all.into_iter().reduce(worst)),
    )
}

fn median(sample: &Sample) -> Option<f64> {
    let values: Vec<f64> = sample.values.values().copied().collect();
    (!values.is_empty()).then(|| robust::median(&values))
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    // The short runs of `quick` are pictures alone.
    let short = results.rows.iter().all(|row| row.arm.ends_with("/short"));
    let mut figures = if short { Vec::new() } else { vec![scores(results), codes(results)] };
    figures.extend(sheets(results));
    figures
}

/// Scores of every run, with that of real images.
fn scores(results: &Results<Config>) -> Figure {
    let columns = [
        ("frechet", logarithmic("Frechet distance"), "real_frechet"),
        ("kernel", logarithmic("kernel distance"), ""),
        ("class_score", Axis::new("class score").high_is_better(), "real_class_score"),
        ("ms_ssim", Axis::new("MS-SSIM of pairs"), "real_ms_ssim"),
        ("independent_critic", Axis::new("independent critic").low_is_better(), ""),
        ("modes", Axis::new("modes of 1000").high_is_better(), ""),
    ];
    grid(results, "image_scores", "Images, scored in six ways", &columns, |_| true)
}

/// An axis of decades whose lower end is the better one.
fn logarithmic(label: &str) -> Axis {
    Axis::new(label).low_is_better().scaled(Scale::Log)
}

/// Codes and reconstructions of the methods that encode.
fn codes(results: &Results<Config>) -> Figure {
    let columns = [
        ("code_energy", logarithmic("codes' energy distance from the prior"), ""),
        ("marginal_kl", logarithmic("KL of all codes (nats)"), ""),
        ("reconstruction", logarithmic("squared error of a pixel"), ""),
        ("reconstruction_of_features", logarithmic("the same in features"), ""),
        ("frechet_of_rare", logarithmic("Frechet distance, rare codes"), ""),
        ("frechet_of_frequent", logarithmic("Frechet distance, frequent codes"), ""),
    ];
    grid(results, "image_codes", "Codes and reconstructions of test images", &columns, |is_gan| {
        !is_gan
    })
}

fn grid(
    results: &Results<Config>,
    name: &str,
    title: &str,
    columns: &[(&str, Axis, &str)],
    keeps: impl Fn(bool) -> bool,
) -> Figure {
    let mut panels = Vec::new();
    let mut tallest = 0;
    for pictures in SETS {
        let chosen: Vec<_> =
            methods(pictures).into_iter().filter(|(_, method)| keeps(method.is_gan())).collect();
        tallest = tallest.max(chosen.len() as u32);
        for (i, (metric, axis, real)) in columns.iter().enumerate() {
            let group = |(name, method): &crate::method::Named| -> Group {
                let found = values(&results.arm(&arm_name(pictures, name)), metric);
                let found = found.into_iter().filter(|x| axis.scale == Scale::Linear || *x > 0.0);
                (name.replace("alpha-GAN-", ""), method.colour(), found.collect())
            };
            let groups: Vec<Group> = chosen.iter().map(group).collect();
            let first = chosen.first().map(|(name, _)| results.arm(&arm_name(pictures, name)));
            let marks = values(&first.unwrap_or_default(), real);
            let marks: Vec<f64> = marks.first().copied().into_iter().collect();
            let heading = if i == 0 { set_name(pictures) } else { String::new() };
            panels.push(ranking(&heading, axis.clone(), &groups, &marks));
        }
    }
    Figure {
        name: name.into(),
        title: title.into(),
        caption: format!(
            "{}: each a dot; bars: medians with 95 % bootstrap intervals. Dashed: real test images.",
            seeds_of(results)
        ),
        columns: 3,
        height: 70 + 18 * tallest,
        panels,
    }
}

fn set_name(pictures: Pictures) -> String {
    format!("{}{}", if pictures.stacked { "stacked " } else { "" }, pictures.set.folder())
}

/// Pictures of seed 0: samples, reconstructions and paths, rare and frequent codes; none where no run has kept some.
fn sheets(results: &Results<Config>) -> Vec<Figure> {
    // The short runs of `quick` stand for their methods where there are no others.
    let kept = |pictures, method: &str, array: &str| -> Option<Array> {
        let name = arm_name(pictures, method);
        [name.clone(), format!("{name}/short")].iter().find_map(|name| {
            results.arm(name).iter().find_map(|row| row.samples.get(array)).cloned()
        })
    };
    let of_method = |pictures, method: &str, label: &str, (arrays, across): (&[&str], usize)| {
        let found: Option<Vec<Array>> =
            arrays.iter().map(|array| kept(pictures, method, array)).collect();
        let title = format!("{}: {label}", set_name(pictures));
        found.map(|found| {
            let bytes: Vec<u8> = found.iter().flat_map(|array| array.bytes.clone()).collect();
            sheet(&title, [1, 2, 3].map(|axis| found[0].shape[axis]), &bytes, across)
        })
    };
    let figure = |(name, title, caption): (&str, &str, &str), arrays: &[&str], across, columns| {
        let mut panels = Vec::new();
        for pictures in SETS {
            let all = methods(pictures);
            if arrays == ["samples"] {
                for (array, label) in [("real", "real"), ("gaussian", "one Gaussian in pixels")] {
                    panels.extend(all.iter().find_map(|(method, _)| {
                        of_method(pictures, method, label, (&[array], across))
                    }));
                }
            }
            panels.extend(
                all.iter().filter_map(|(method, _)| {
                    of_method(pictures, method, method, (arrays, across))
                }),
            );
        }
        (!panels.is_empty()).then(|| Figure {
            name: name.into(),
            title: title.into(),
            caption: caption.into(),
            columns,
            height: SHEET_HEIGHT,
            panels,
        })
    };
    let all = [
        figure(
            (
                "image_samples",
                "Samples at the last update",
                "Seed 0, not chosen; means of decoders. First of each set: real images and the trivial generator.",
            ),
            &["samples"],
            6,
            4,
        ),
        figure(
            (
                "image_reconstructions",
                "Test images, what comes back of them, and paths between the codes of test images",
                "Seed 0, the first test images drawn. First row: real; second: reconstructed; below: from one code to another.",
            ),
            &["originals", "reconstructed", "between"],
            8,
            3,
        ),
        figure(
            (
                "image_rare",
                "Prior codes that the encoder uses most, above, and least, below",
                "Seed 0: of 10,000 codes of the prior the sixteen with the largest and with the least ratio of the codes' density to the prior's.",
            ),
            &["frequent", "rare"],
            8,
            3,
        ),
    ];
    all.into_iter().flatten().collect()
}

/// Pixels of a panel of images.
const SHEET_HEIGHT: u32 = 200;
