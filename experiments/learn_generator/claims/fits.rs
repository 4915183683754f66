//! F03 and F08: a Gaussian learns a mixture.

use experiments::contrast::{Sample, Words, claim, each, join, pair};
use gan::objective::{Divergence, GeneratorLoss};
use lab::{Claim, Region};

use super::{IMPLICIT, NONE, largest, least, metric};
use crate::arms::Arms;
use crate::config::Game;
use crate::target::{Gaussian, TABLE, column};

use Divergence::{
    JensenShannon, KullbackLeibler, Pearson, ReverseKullbackLeibler, SquaredHellinger,
};

/// The divergences whose optima lie apart, from the leftmost mean to the rightmost: Jeffreys' is a hundredth from
/// Jensen and Shannon's.
const APART: [Divergence; 4] = [Pearson, KullbackLeibler, JensenShannon, ReverseKullbackLeibler];

/// F03c to F03f: f-GAN's univariate fit.
pub(super) fn divergences(arms: Arms) -> Vec<Claim> {
    let fit = |f| arms.fit(f, Game::Bound);
    let words = |id, statement, published, quantity, figure| Words {
        id,
        statement,
        source: "Nowozin et al. 2016 (1606.00709), table of the univariate mixture, from memory"
            .into(),
        published,
        quantity,
        figure,
    };
    let error = |f| {
        each(&fit(f), |row| Some(row.value("mean_error")?.abs().max(row.value("sd_error")?.abs())))
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
        claim(
            words(
                "F03c",
                "f-GAN reaches the best Gaussian of each divergence",
                "errors of 0.004 to 0.105 (table)",
                "largest error of mean and deviation against the exact optimum, the worst of five divergences",
                "fits.svg",
            ),
            Region::Below(0.105),
            &largest(TABLE.map(error)),
        ),
        claim(
            words(
                "F03d",
                "The divergence decides the fit: from Pearson by KL and JS to reverse KL the mean rises, the deviation falls",
                "0.62, 1.03, 1.29, 1.56 and 1.90, 1.82, 1.77, 1.64 (table)",
                "the least of the six steps",
                "fits.svg",
            ),
            Region::Above(0.0),
            &least(APART.windows(2).map(step)),
        ),
        claim(
            words(
                "F03e",
                "The trained bound tells the divergence",
                "0.4 to 9.7 % below it (table)",
                "share by which the bound misses the exact least divergence, the worst of five",
                "table.svg",
            ),
            Region::Below(0.05),
            &largest(TABLE.map(slack)),
        ),
        claim(
            words(
                "F03f",
                "Each fit is the best by its own divergence",
                "so in the table",
                "share by which the nearest other fit is worse, the least of four divergences",
                "cross.svg",
            ),
            Region::Above(0.0),
            &least(APART.map(margin)),
        ),
    ]
}

/// F08: the expectation of `f(r)` as a loss.
pub(super) fn signs(arms: Arms) -> Vec<Claim> {
    let words = |id, statement, quantity, figure| Words {
        id,
        statement,
        source: format!("ours, on {IMPLICIT}, equation 23, and the talk's slide"),
        published: NONE,
        quantity,
        figure,
    };
    let slope = |loss| metric(&arms.slope(loss), "slope_1");
    let wrong = [KullbackLeibler, Pearson, SquaredHellinger];
    let left = |f, game| -> Sample {
        let best = Gaussian::best(f);
        // From the standard normal law.
        let start = best.mean.hypot(best.sd - 1.0);
        each(&arms.fit(f, game), |row| {
            Some(row.value("mean_error")?.hypot(row.value("sd_error")?) / start)
        })
    };
    let reverse =
        [Game::Conjugate, Game::Frozen].map(|game| arms.fit(ReverseKullbackLeibler, game));
    vec![
        claim(
            words(
                "F08",
                "E_q f(r) with the ratio frozen points away from the data for KL, Pearson and Hellinger",
                "slope by the distance at 1, where a right loss has a positive one, the largest of three",
                "signs.svg",
            ),
            Region::Below(0.0),
            &largest(wrong.map(|f| slope(GeneratorLoss::FrozenRatio(f)))),
        ),
        claim(
            words(
                "F08b",
                "The form -f*(f'(r)) points the right way for all five",
                "slope there, the least of five divergences",
                "signs.svg",
            ),
            Region::Above(0.0),
            &least(crate::grid::FORMS.map(|f| slope(GeneratorLoss::Variational(f)))),
        ),
        claim(
            words(
                "F08c",
                "Trained with it, KL and Pearson run away",
                "distance of mean and deviation from the optimum, over that at the start, the nearer of both",
                "away.svg",
            ),
            Region::Above(1.0),
            &least([KullbackLeibler, Pearson].map(|f| left(f, Game::Frozen))),
        ),
        claim(
            words(
                "F08d",
                "With the form -f*(f'(r)) they arrive",
                "distance from the optimum, over that at the start, the farther of both",
                "away.svg",
            ),
            Region::Below(0.2),
            &largest([KullbackLeibler, Pearson].map(|f| left(f, Game::Conjugate))),
        ),
        claim(
            words(
                "F08e",
                "For reverse KL both forms are the same loss",
                "difference of the mean",
                "away.svg",
            ),
            Region::Within(-0.05, 0.05),
            &pair((&reverse[1], &reverse[0]), |a, b| Some(a.value("mean")? - b.value("mean")?)),
        ),
    ]
}
