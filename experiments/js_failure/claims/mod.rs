//! From stored numbers to estimates. The rules stand in the README.

mod lines;

use experiments::contrast::{Sample, Words, claim, each, exact, share_difference};
use lab::results::diverged;
use lab::{Claim, Region, Results, Row};
use stats::robust;

use crate::arms::{Arms, Rows, at, comparison, solved};
use crate::config::Config;
use crate::grid::{DEEP, MINIMAX, NON_SATURATING, PARALLEL};
use lines::{dimensions, paths, penalties};

const FEDUS: &str = "Fedus et al. 2018 (1710.08446)";
const ARJOVSKY_BOTTOU: &str = "Arjovsky and Bottou 2017 (1701.04862)";
const QUALITATIVE: &str = "none read: compared by direction";

/// Returns every claim of the README, in its order.
pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let arms = Arms(results);
    [theory(arms), parallel(arms), dimensions(arms), penalties(arms), paths(arms)].concat()
}

/// C1 to C2c, C11: the generator stands still.
fn theory(arms: Arms) -> Vec<Claim> {
    let plane = arms.frozen(2, NON_SATURATING);
    let far = arms.exact().into_iter().find(|row| row.value("shift").is_some_and(|s| s > 11.9));
    let ratio = far.and_then(|row| {
        Some((row.value("gradient_non_saturating")? / row.value("gradient_minimax")?).log10())
    });
    let slope = |name: &'static str| each(&plane, move |row| row.value(name));
    vec![
        Words {
            id: "C1",
            statement: "Under the exact critic of two distant laws the minimax gradient vanishes, the non-saturating one does not",
            source: format!("{FEDUS}, figure 1, from memory; Goodfellow et al. 2014, section 3"),
            published: "derived: 1.8e-8 against 12 at 12 deviations",
            quantity: "log10 of non-saturating over minimax gradient, means 12 deviations apart; exact",
            figure: "saturation.svg",
        }
        .claim(Region::Above(7.0), ratio.map(exact), (far.iter().len(), 0)),
        claim(
            Words {
                id: "C2",
                statement: "Against a generator that stands still, training the critic kills the minimax gradient",
                source: format!("{ARJOVSKY_BOTTOU}, theorem 2.4 and figure 2"),
                published: "from memory: up to 5 orders of magnitude in 4000 steps",
                quantity: "slope of log10 minimax gradient on log10 critic steps, 10 to the last, plane",
                figure: "saturation.svg",
            },
            Region::Below(0.0),
            &slope("slope_minimax"),
        ),
        claim(
            Words {
                id: "C2b",
                statement: "It does not kill the non-saturating gradient",
                source: format!("{ARJOVSKY_BOTTOU}, figure 3"),
                published: "from memory: it grows and is noisy",
                quantity: "the same slope of the non-saturating gradient",
                figure: "saturation.svg",
            },
            Region::Above(0.0),
            &slope("slope_non_saturating"),
        ),
        claim(
            Words {
                id: "C2c",
                statement: "In the end they differ by three orders of magnitude and more",
                source: format!("{ARJOVSKY_BOTTOU}, figures 2 and 3"),
                published: QUALITATIVE,
                quantity: "log10 of non-saturating over minimax gradient after the last critic step, plane",
                figure: "saturation.svg",
            },
            Region::Above(3.0),
            &each(&plane, |row| {
                Some(row.value("log10_gradient_non_saturating")? - row.value("log10_gradient_minimax")?)
            }),
        ),
        claim(
            Words {
                id: "C11",
                statement: "Non-saturating gradients are heavy-tailed near a perfect critic",
                source: format!("{ARJOVSKY_BOTTOU}, theorem 2.6, from memory"),
                published: "derived there for noise in the critic's slope: tail index 1",
                quantity: "Hill's tail index of the gradient's component over 2,000 minibatches, plane",
                figure: "tails.svg",
            },
            Region::Below(2.0),
            &each(&plane, |row| row.value("tail_index")),
        ),
    ]
}

/// C3 to C4c: from a parallel line.
fn parallel(arms: Arms) -> Vec<Claim> {
    let versus = |words: Words, a: &Rows, b: &Rows| {
        let lost = diverged(a) + diverged(b);
        let estimate = share_difference(solved(a), solved(b));
        words.claim(Region::Above(0.0), estimate, (a.len().min(b.len()), lost))
    };
    let five = |variant| arms.game(PARALLEL, variant, (DEEP, 5));
    let strengths = arms.strengths(NON_SATURATING);
    let (equal, budget) = comparison(&strengths);
    vec![
        versus(
            Words {
                id: "C3",
                statement: "From a parallel line, where the divergence is flat, the non-saturating GAN learns and the minimax GAN does not",
                source: format!("{FEDUS}, figure 2, from memory"),
                published: QUALITATIVE,
                quantity: "P(solved), NS-GAN minus M-GAN, 5 critic steps, Adam",
                figure: "path.svg",
            },
            &five(NON_SATURATING),
            &five(MINIMAX),
        ),
        versus(
            Words {
                id: "C3s",
                statement: "So it is under plain descent, which does not rescale gradients",
                source: "ours".into(),
                published: "none",
                quantity: "the same by gradient descent without momentum",
                figure: "variants.svg",
            },
            &arms.descent(NON_SATURATING),
            &arms.descent(MINIMAX),
        ),
        claim(
            Words {
                id: "C4",
                statement: "A stronger critic does not make the non-saturating gradient vanish",
                source: format!("{FEDUS}, section 4, from memory"),
                published: QUALITATIVE,
                quantity: "slope of log10 gradient on log10 critic steps per step, at equal updates of the generator",
                figure: "strength.svg",
            },
            Region::Above(-0.1),
            &trend(&strengths, |row| at(row, "log10_gradient_non_saturating", equal)),
        ),
        claim(
            Words {
                id: "C4b",
                statement: "Nor does it spoil the fit, at equal updates of the generator",
                source: "ours: stronger than the paper's claim".into(),
                published: "none",
                quantity: "slope of ln distance on log10 critic steps per step, at equal updates of the generator",
                figure: "strength.svg",
            },
            Region::Below(0.1),
            &trend(&strengths, |row| Some(at(row, "frechet", equal)?.ln())),
        ),
        claim(
            Words {
                id: "C4c",
                statement: "Nor at equal updates of the critic",
                source: "ours: stronger than the paper's claim".into(),
                published: "none",
                quantity: "the same at equal updates of the critic",
                figure: "strength.svg",
            },
            Region::Below(0.1),
            &trend(&strengths, |row| {
                let step = budget / u64::from(row.config.critic.steps);
                Some(at(row, "frechet", step)?.ln())
            }),
        ),
    ]
}

/// The slope of a number on log10 of the critic's steps, for each seed.
fn trend(strengths: &[(u32, Rows)], number: impl Fn(&Row<Config>) -> Option<f64>) -> Sample {
    per_seed(strengths, number, |points| {
        let logs: Vec<_> = points.iter().map(|(x, y)| (x.log10(), *y)).collect();
        robust::line(&logs).1
    })
}

/// A statistic of the points (setting, number) of each seed that has them all.
fn per_seed<T: Copy + Into<f64>>(
    arms: &[(T, Rows)],
    number: impl Fn(&Row<Config>) -> Option<f64>,
    statistic: impl Fn(&[(f64, f64)]) -> f64,
) -> Sample {
    let Some((_, first)) = arms.first() else {
        return Sample { values: [].into(), diverged: 0 };
    };
    let point = |seed: u64, (setting, rows): &(T, Rows)| {
        let row = rows.iter().find(|row| row.seed == seed)?;
        Some(((*setting).into(), number(row)?))
    };
    let of_seed = |row: &&Row<Config>| {
        let points = arms.iter().map(|arm| point(row.seed, arm)).collect::<Option<Vec<_>>>()?;
        let found = (points.len() > 1).then(|| statistic(&points));
        Some((row.seed, found.filter(|x| x.is_finite())?))
    };
    let lost = arms.iter().map(|(_, rows)| diverged(rows)).sum();
    Sample { values: first.iter().filter_map(of_seed).collect(), diverged: lost }
}
