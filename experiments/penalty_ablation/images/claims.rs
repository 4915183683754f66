//! What is claimed of images.

use lab::{Claim, Region, Results, Row};
use shared::contrast::{Sample, difference, pair, values};
use shared::pictures::learnt;
use shared::{Draft, Source, claim};
use stats::robust;

use super::{CLOTHES, DIGITS, STACKED, rows, variants};
use crate::config::Config;
use crate::points::{RANKED, ranked};
use crate::{FEDUS, Rows};

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    [of_single(results), of_stacked(results)].concat()
}

/// A draft that the second arm's images are nearer to real ones than the first's.
fn better(draft: Draft, a: &Rows, b: &Rows) -> Claim {
    learnt(draft, &[&[a], &[b]]).figure("images.svg").student(Region::Above(0.0), &farther(a, b))
}

/// Digits and clothes.
fn of_single(results: &Results<Config>) -> Vec<Claim> {
    let notes = Source::second_hand(FEDUS);
    let [plain, gp, dragan, _, r1] = variants();
    let digits = |variant| rows(results, DIGITS, variant, false);
    let clothes = |variant| rows(results, CLOTHES, variant, false);
    vec![
        better(
            claim("penalty.C13", "On digits the non-saturating GAN's images are better with a penalty between data and samples.")
                .published(notes, "section 5, there on CIFAR-10, by a reader's notes", None)
                .measured("ln Frechet distance on digits (`frechet`), NS-GAN minus GAN-GP"),
            &digits(plain),
            &digits(gp),
        ),
        better(
            claim("penalty.C13b", "On digits the non-saturating GAN's images are better with a penalty near the data.")
                .published(notes, "section 5, there on CIFAR-10, by a reader's notes", None)
                .measured("ln Frechet distance on digits (`frechet`), NS-GAN minus DRAGAN-NS"),
            &digits(plain),
            &digits(dragan),
        ),
        better(
            claim("penalty.C13e", "On clothes the non-saturating GAN's images are better with a penalty between data and samples.")
                .ours_after(FEDUS)
                .measured("ln Frechet distance on Fashion-MNIST (`frechet`), NS-GAN minus GAN-GP"),
            &clothes(plain),
            &clothes(gp),
        ),
        better(
            claim("penalty.C13f", "On clothes the non-saturating GAN's images are better with a penalty near the data.")
                .ours_after(FEDUS)
                .measured("ln Frechet distance on Fashion-MNIST (`frechet`), NS-GAN minus DRAGAN-NS"),
            &clothes(plain),
            &clothes(dragan),
        ),
        better(
            claim("penalty.C13g", "On digits the non-saturating GAN's images are better with a zero-centred penalty on the data.")
                .ours_after(crate::MESCHEDER)
                .measured("ln Frechet distance on digits (`frechet`), NS-GAN minus NS-GAN with R1 of weight 10"),
            &digits(plain),
            &digits(r1),
        ),
        better(
            claim("penalty.C13h", "On digits GAN-GP's images are better than those of a non-saturating GAN with batch norm in its critic, as DCGAN has it.")
                .ours_after(FEDUS)
                .measured("ln Frechet distance on digits (`frechet`), NS-GAN with batch norm in its critic minus GAN-GP without"),
            &rows(results, DIGITS, plain, true),
            &digits(gp),
        ),
        learnt(
            claim("penalty.C14", "On digits a penalty between data and samples changes the diversity of the non-saturating GAN's samples by more than seeds differ."),
            &[&[&digits(gp)], &[&digits(plain)]],
        )
        .ours_after("Fedus et al. 2018 (1710.08446), section 5.3, which measures diversity so")
        .measured("distance of the mean MS-SSIM of GAN-GP on digits from NS-GAN's, in standard deviations of one arm over its seeds (`ms_ssim`)")
        .figure("images.svg")
        .student(Region::Above(1.0), &apart(&digits(gp), &digits(plain))),
        learnt(
            claim("penalty.P5", "On digits batch norm in the critic spoils the gradient penalty."),
            &[&[&digits(gp)]],
        )
        .ours_after("Lucic et al. 2018 (1711.10337), a comment in the released code, of WGAN-GP and DRAGAN")
        .measured("ln Frechet distance of GAN-GP on digits (`frechet`), with batch norm in the critic minus without")
        .figure("images.svg")
        .student(
            Region::Above(0.0),
            &farther(&rows(results, DIGITS, gp, true), &digits(gp)),
        ),
    ]
}

/// Three digits as the colours of one image.
fn of_stacked(results: &Results<Config>) -> Vec<Claim> {
    let notes = Source::second_hand(FEDUS);
    let [plain, gp, _, wgan, _] = variants();
    let stacked = |variant| rows(results, STACKED, variant, false);
    let (stacked_gp, stacked_plain, stacked_wgan) = (stacked(gp), stacked(plain), stacked(wgan));
    let trusted: Vec<f64> = ranked(results).values.into_values().collect();
    vec![
        claim("penalty.C13c", "By the independent critic WGAN-GP's stacked digits are better than GAN-GP's.")
            .published(notes, "section 5, there on Color MNIST, by a reader's notes", None)
            .measured("`independent_critic` on stacked digits, WGAN-GP minus GAN-GP")
            .figure("images.svg")
            .gate(
                "the rank correlation of C15, which says whether that critic can be trusted, mean over seeds,",
                Region::Above(RANKED),
                (!trusted.is_empty()).then(|| robust::mean(&trusted)),
            )
            .student(
                Region::Below(0.0),
                &difference((&stacked_wgan, &stacked_gp), "independent_critic"),
            ),
        better(
            claim("penalty.C13i", "WGAN-GP's stacked digits are better than GAN-GP's.")
                .ours_after(FEDUS)
                .measured("ln Frechet distance on stacked digits (`frechet`), GAN-GP minus WGAN-GP"),
            &stacked_gp,
            &stacked_wgan,
        ),
        learnt(
            claim("penalty.C13d", "A penalty between data and samples brings the non-saturating GAN more of the 1000 modes of stacked digits."),
            &[&[&stacked_gp]],
        )
        .measured("share of the 1000 modes that the clear ones of 10,000 samples hold (`modes_held`), GAN-GP minus NS-GAN")
        .figure("images.svg")
        .student(Region::Above(0.0), &difference((&stacked_gp, &stacked_plain), "modes_held")),
    ]
}

/// How much farther from real images the first arm ends than the second, in logarithms; a lost run counts as no nearer
/// than one Gaussian in pixels, whose distance its partner of the same seed has too.
fn farther(a: &Rows, b: &Rows) -> Sample {
    let ended = |row: &Row<Config>, partner: &Row<Config>| {
        row.value("frechet").or_else(|| partner.value("frechet_of_gaussian"))
    };
    pair((a, b), |a, b| Some((ended(a, b)? / ended(b, a)?).ln()))
}

/// How far two arms' MS-SSIM are apart, seed by seed, in units of their common deviation over seeds, along the direction
/// of their means. The unit is taken as known, which makes intervals about 1 some 6 % too short.
fn apart(a: &Rows, b: &Rows) -> Sample {
    let signed = difference((a, b), "ms_ssim");
    let deviation = |rows: &Rows| {
        let values = values(rows, "ms_ssim");
        if values.len() > 1 { robust::standard_deviation(&values) } else { f64::NAN }
    };
    let unit = deviation(a).hypot(deviation(b)) / std::f64::consts::SQRT_2;
    let total: f64 = signed.values.values().sum();
    let values = signed.values.iter().map(|(seed, x)| (*seed, x * total.signum() / unit));
    Sample { values: values.filter(|(_, x)| x.is_finite()).collect(), diverged: signed.diverged }
}
