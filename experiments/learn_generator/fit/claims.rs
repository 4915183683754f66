//! What is claimed of the fit, by which rule.

use gan::objective::Divergence;
use lab::{Claim, Region, Results, Row};
use shared::contrast::{Sample, each, join, largest, least, metric, pair};
use shared::{Source, claim};

use super::{Config, Losses, arm_name};
use crate::target::{Gaussian, TABLE, column};

use Divergence::{JensenShannon, KullbackLeibler, Pearson, ReverseKullbackLeibler};

/// Its numbers of this table are remembered, not read; the mixture is the one whose exact optima they are.
const FGAN: Source = Source::remembered("Nowozin et al. 2016 (1606.00709)");
const TABLE_PLACE: &str = "table of the univariate mixture";
const FORMS: &str =
    "Mohamed and Lakshminarayanan 2016 (1610.03483), equation 23, and the talk's slide";

/// The divergences whose optima lie apart, from the leftmost mean to the rightmost: Jeffreys' is a hundredth from
/// Jensen and Shannon's.
const APART: [Divergence; 4] = [Pearson, KullbackLeibler, JensenShannon, ReverseKullbackLeibler];

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    [divergences(results), forms(results)].concat()
}

/// F03c to F03f: f-GAN's table.
fn divergences(results: &Results<Config>) -> Vec<Claim> {
    let fit = |f| results.arm(&arm_name(f, Losses::Bound));
    let error = |f| {
        let of = |row: &Row<Config>| {
            Some(row.value("mean_error")?.abs().max(row.value("sd_error")?.abs()))
        };
        each(&fit(f), of)
    };
    // Mean up and deviation down from one divergence to the next, whichever moves less.
    let step = |pair_of: &[Divergence]| {
        pair((&fit(pair_of[0]), &fit(pair_of[1])), |a, b| {
            let right = b.value("mean")? - a.value("mean")?;
            Some(right.min(a.value("sd")? - b.value("sd")?))
        })
    };
    let slack = |f| {
        let exact = Gaussian::best(f).divergence(f);
        each(&fit(f), |row| Some((row.value("bound")? / exact - 1.0).abs()))
    };
    // How much worse by a divergence the fits of the others are, the nearest.
    let margin = |f: Divergence| {
        let own = metric(&fit(f), column(f));
        let others = APART.into_iter().filter(|other| *other != f);
        let of_other =
            |other| join(&metric(&fit(other), column(f)), &own, |other, own| other / own - 1.0);
        least(others.map(of_other))
    };
    vec![
        claim("learn.F03c", "f-GAN's game reaches the best Gaussian of each of five divergences.")
            .published(FGAN, TABLE_PLACE, None)
            .measured("largest of |`mean_error`| and |`sd_error`| against the exact optimum, the worst of five divergences")
            .figure("fits.svg")
            .mean(Region::Below(0.05), &largest(TABLE.map(error))),
        claim("learn.F03d", "The divergence decides where f-GAN's Gaussian ends: from Pearson by KL and Jensen-Shannon to reverse KL its mean rises and its deviation falls.")
            .published(FGAN, TABLE_PLACE, None)
            .measured("the least of the six steps of `mean` upwards and `sd` downwards")
            .figure("fits.svg")
            .mean(Region::Above(0.0), &least(APART.windows(2).map(step))),
        claim("learn.F03e", "The bound that f-GAN's critic reaches is the divergence, to 5 %.")
            .published(FGAN, TABLE_PLACE, None)
            .measured("|`bound` over the exact least divergence - 1|, the worst of five divergences")
            .figure("table.svg")
            .mean(Region::Below(0.05), &largest(TABLE.map(slack))),
        claim("learn.F03f", "By its own divergence each of four of f-GAN's fits is the best of the four (Jeffreys' optimum is nearly that of Jensen and Shannon).")
            .published(FGAN, TABLE_PLACE, None)
            .measured("share by which the nearest other fit is worse by the divergence of the first, the least of four divergences")
            .figure("cross.svg")
            .mean(Region::Above(0.0), &least(APART.map(margin))),
    ]
}

/// F08c to F08e: the divergence as a generator's loss.
fn forms(results: &Results<Config>) -> Vec<Claim> {
    let fit = |f, game| results.arm(&arm_name(f, game));
    let left = |f, game| -> Sample {
        let best = Gaussian::best(f);
        // From the standard normal law.
        let start = best.mean.hypot(best.sd - 1.0);
        each(&fit(f, game), |row| {
            Some(row.value("mean_error")?.hypot(row.value("sd_error")?) / start)
        })
    };
    let [right, frozen] =
        [Losses::Conjugate, Losses::Frozen].map(|game| fit(ReverseKullbackLeibler, game));
    vec![
        claim("learn.F08c", "A Gaussian that minimises E_q f(r) with the ratio frozen runs away from the data for KL and Pearson.")
            .ours_after(FORMS)
            .measured("distance of mean and deviation from the optimum over that at the start, loss f(r), the nearer of KL and Pearson")
            .figure("away.svg")
            .mean(Region::Above(1.0), &least([KullbackLeibler, Pearson].map(|f| left(f, Losses::Frozen)))),
        claim("learn.F08d", "A Gaussian that minimises -f*(f'(r)) of the same critic arrives for KL and Pearson.")
            .ours_after(FORMS)
            .measured("distance of mean and deviation from the optimum over that at the start, loss -f*(f'(r)), the farther of KL and Pearson")
            .figure("away.svg")
            .mean(Region::Below(0.2), &largest([KullbackLeibler, Pearson].map(|f| left(f, Losses::Conjugate)))),
        claim("learn.F08e", "For reverse KL the losses f(r) and -f*(f'(r)) lead a Gaussian to the same place.")
            .ours_after(FORMS)
            .measured("`mean` with f(r) minus `mean` with -f*(f'(r)), reverse KL")
            .figure("away.svg")
            .mean(
                Region::Within(-0.05, 0.05),
                &pair((&frozen, &right), |a, b| Some(a.value("mean")? - b.value("mean")?)),
            ),
    ]
}
