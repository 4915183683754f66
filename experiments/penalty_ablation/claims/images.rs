//! Claims about images, and about the instruments.

use std::collections::BTreeMap;

use experiments::contrast::{
    Sample, Words, claim, difference, exact, log_ratio, pair, student_claim,
};
use gan::Penalty;
use lab::results::diverged;
use lab::{Claim, Region};
use stats::rank;

use super::{FEDUS, LUCIC, NONE, QUALITATIVE};
use crate::arms::Arms;
use crate::grid::{DIGITS, STACKED, WEIGHT, compared};

const MESCHEDER: &str = "Mescheder et al. 2018 (1801.04406)";

/// C13, C14 and P5: images.
pub(super) fn images(arms: Arms) -> Vec<Claim> {
    let [plain, gp, dragan, wgan] = compared(10.0 * WEIGHT);
    let digits = |variant| arms.images(DIGITS, variant, false);
    let stacked = |variant| arms.images(STACKED, variant, false);
    let words = |id, statement, quantity, figure| Words {
        id,
        statement,
        source: format!("{FEDUS}, section 5, by reading notes"),
        published: QUALITATIVE,
        quantity,
        figure,
    };
    vec![
        student_claim(
            words(
                "C13",
                "The non-saturating GAN's images are better with a penalty between data and samples",
                "ln Frechet distance on digits, NS-GAN minus GAN-GP",
                "images.svg",
            ),
            Region::Above(0.0),
            &log_ratio((&digits(plain), &digits(gp)), "frechet"),
        ),
        student_claim(
            words(
                "C13b",
                "And with one near the data",
                "ln Frechet distance on digits, NS-GAN minus DRAGAN-NS",
                "images.svg",
            ),
            Region::Above(0.0),
            &log_ratio((&digits(plain), &digits(dragan)), "frechet"),
        ),
        student_claim(
            words(
                "C13c",
                "By the independent critic WGAN-GP is best on stacked digits",
                "independent critic's distance, WGAN-GP minus GAN-GP",
                "images.svg",
            ),
            Region::Below(0.0),
            &difference((&stacked(wgan), &stacked(gp)), "independent_critic"),
        ),
        student_claim(
            Words {
                source: "ours".into(),
                published: NONE,
                ..words(
                    "C13d",
                    "A penalty brings the non-saturating GAN more of the 1000 modes of stacked digits",
                    "modes of 1000 in 10,000 samples, GAN-GP minus NS-GAN",
                    "images.svg",
                )
            },
            Region::Above(0.0),
            &difference((&stacked(gp), &stacked(plain)), "modes"),
        ),
        student_claim(
            words(
                "C14",
                "A penalty changes the diversity of samples by more than the measure's noise",
                "distance of MS-SSIM on digits, GAN-GP from NS-GAN, in deviations of its noise",
                "images.svg",
            ),
            Region::Above(2.0),
            &pair((&digits(gp), &digits(plain)), |a, b| {
                let noise = a.value("ms_ssim_noise")?.hypot(b.value("ms_ssim_noise")?);
                Some((a.value("ms_ssim")? - b.value("ms_ssim")?).abs() / noise)
            }),
        ),
        student_claim(
            Words {
                source: format!("{LUCIC}, released code"),
                ..words(
                    "P5",
                    "Batch norm in the critic spoils the penalty",
                    "ln Frechet distance of GAN-GP on digits, with batch norm in the critic minus without",
                    "images.svg",
                )
            },
            Region::Above(0.0),
            &log_ratio((&arms.images(DIGITS, gp, true), &digits(gp)), "frechet"),
        ),
    ]
}

/// C15 and C16: can the instruments be trusted, and the smallest game.
pub(super) fn instruments(arms: Arms) -> Vec<Claim> {
    let line = arms.0.part("line");
    let mut seeds: BTreeMap<u64, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for row in &line {
        if let (Some(found), Some(truth)) = (row.value("independent_critic"), row.value("distance"))
        {
            let (x, y) = seeds.entry(row.seed).or_default();
            x.push(found);
            y.push(truth);
        }
    }
    let correlation = seeds.iter().filter(|(_, (x, _))| x.len() > 2);
    let values = correlation.map(|(seed, (x, y))| (*seed, rank::spearman(x, y))).collect();
    let dirac = arms.dirac();
    let distances = |regularised: bool| -> Vec<f64> {
        let rows = dirac
            .iter()
            .filter(|row| matches!(row.config.penalty, Penalty::R1 { .. }) == regularised);
        rows.filter_map(|row| row.value("distance")).collect()
    };
    let largest = distances(true).into_iter().reduce(f64::max);
    let smallest = distances(false).into_iter().reduce(f64::min);
    vec![
        claim(
            Words {
                id: "C15",
                statement: "The independent critic ranks models as their exact distance does",
                source: "Danihelka et al. 2017 (the measure); the test is ours".into(),
                published: NONE,
                quantity: "rank correlation with the exact distance over all variants on the line",
                figure: "critic.svg",
            },
            Region::Above(0.8),
            &Sample { values, diverged: diverged(&line) },
        ),
        Words {
            id: "C16",
            statement: "On the Dirac-GAN zero-centred penalties converge",
            source: format!("{MESCHEDER}, section 3, and its released notebook"),
            published: "below 1e-4, by running the notebook's constants",
            quantity: "largest log10 distance after 500 steps among arms with R1; exact",
            figure: "dirac.svg",
        }
        .claim(Region::Below(-4.0), largest.map(|x| exact(x.log10())), (1, 0)),
        Words {
            id: "C16b",
            statement: "And nothing else does",
            source: format!("{MESCHEDER}, section 3, and its released notebook"),
            published: "0.14 to 3.10, by running the notebook's constants",
            quantity: "smallest log10 distance among arms without a penalty, with clipping and with WGAN-GP; exact",
            figure: "dirac.svg",
        }
        .claim(Region::Above(-1.0), smallest.map(|x| exact(x.log10())), (1, 0)),
    ]
}
