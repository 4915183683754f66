//! From stored numbers to estimates. The rules stand in the README.

mod images;
mod robustness;

use std::collections::BTreeMap;

use experiments::contrast::{Sample, Words, claim, each, join, pair};
use gan::{Objective, Penalty};
use lab::{Claim, Region, Results};

use crate::arms::{Arms, Rows, height};
use crate::config::{Config, Target};
use crate::grid::{OBJECTIVES, WEIGHT, compared, penalties};
use images::{images, instruments};
use robustness::robustness;

const FEDUS: &str = "Fedus et al. 2018 (1710.08446)";
const LUCIC: &str = "Lucic et al. 2018 (1711.10337)";
const QUALITATIVE: &str = "none read: compared by direction";
const NONE: &str = "none";

/// Returns every claim of the README, in its order.
pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let arms = Arms(results);
    [everywhere(arms), dragans(arms), robustness(arms), images(arms), instruments(arms)].concat()
}

/// P1 to P4: on points, whatever the loss.
fn everywhere(arms: Arms) -> Vec<Claim> {
    let [none, clip, gp, _, _, _, _, r1, ..] = penalties(WEIGHT);
    let ring = |objective, penalty| arms.plane(Target::Ring, (objective, penalty));
    let line = |objective, penalty| arms.line((objective, penalty));
    let [(plain, _), ..] = compared(WEIGHT);
    let lost = |rows: &Rows| {
        each(rows, |row| Some((row.value("distance")? / row.value("distance_best")?).ln()))
    };
    vec![
        claim(
            Words {
                id: "P1",
                statement: "A gradient penalty helps losses that are not Wasserstein's, on the ring",
                source: format!("{FEDUS}, abstract, there for the non-saturating loss"),
                published: QUALITATIVE,
                quantity: "ln distance, none minus GP, mean over minimax, non-saturating, least squares, hinge",
                figure: "grid.svg",
            },
            Region::Above(0.0),
            &gain(ring, gp),
        ),
        claim(
            Words {
                id: "P1b",
                statement: "And on the line",
                source: format!("{FEDUS}, abstract, there for the non-saturating loss"),
                published: QUALITATIVE,
                quantity: "the same on the line in 8 dimensions",
                figure: "grid.svg",
            },
            Region::Above(0.0),
            &gain(line, gp),
        ),
        claim(
            Words {
                id: "P1c",
                statement: "A zero-centred penalty on the data helps them on the ring",
                source: "ours, from a first sweep; after Mescheder et al. 2018".into(),
                published: NONE,
                quantity: "ln distance on the ring, none minus R1, mean over the same losses",
                figure: "grid.svg",
            },
            Region::Above(0.0),
            &gain(ring, r1),
        ),
        claim(
            Words {
                id: "P3",
                statement: "Clipped weights serve the Wasserstein loss worse than the penalty",
                source: "Gulrajani et al. 2017 (1704.00028)".into(),
                published: QUALITATIVE,
                quantity: "ln distance on the ring, clipping minus GP",
                figure: "grid.svg",
            },
            Region::Above(0.0),
            &pair(
                (&ring(Objective::Wasserstein, clip), &ring(Objective::Wasserstein, gp)),
                |a, b| Some(height(a) - height(b)),
            ),
        ),
        claim(
            Words {
                id: "P4",
                statement: "With the penalty less of the best is lost by the end",
                source: format!("{FEDUS}, abstract: stability"),
                published: QUALITATIVE,
                quantity: "ln of final over best distance on the ring, NS-GAN minus GAN-GP",
                figure: "stability.svg",
            },
            Region::Above(0.0),
            &join(&lost(&ring(plain, none)), &lost(&ring(plain, gp)), |a, b| a - b),
        ),
    ]
}

/// The mean over the objectives that are not Wasserstein's of what a penalty gains.
fn gain<'a>(arm: impl Fn(Objective, Penalty) -> Rows<'a>, penalty: Penalty) -> Sample {
    let gains = OBJECTIVES.into_iter().filter(|o| *o != Objective::Wasserstein).map(|objective| {
        let arms = (&arm(objective, Penalty::None)[..], &arm(objective, penalty)[..]);
        pair(arms, |a, b| Some(height(a) - height(b)))
    });
    mean_of(gains.collect())
}

/// The mean of samples over the seeds that all of them have.
fn mean_of(samples: Vec<Sample>) -> Sample {
    let count = samples.len() as f64;
    let lost = samples.iter().map(|sample| sample.diverged).sum();
    let total = samples.into_iter().reduce(|a, b| join(&a, &b, |x, y| x + y));
    let values = total.map_or_else(BTreeMap::new, |total| total.values);
    Sample {
        values: values.into_iter().map(|(seed, x)| (seed, x / count)).collect(),
        diverged: lost,
    }
}

/// P2: which DRAGAN do you mean?
fn dragans(arms: Arms) -> Vec<Claim> {
    let [_, _, _, notebook, centred, normal, of_probability, ..] = penalties(WEIGHT);
    let of = |penalty| arms.line((Objective::NonSaturating, penalty));
    let two = std::f64::consts::LN_2;
    let like = |words: Words, penalty| {
        let ratio = pair((&of(penalty), &of(notebook)), |a, b| Some(height(a) - height(b)));
        claim(words, Region::Within(-two, two), &ratio)
    };
    let words = |id, statement, quantity| Words {
        id,
        statement,
        source: "ours: forms that go by one name".into(),
        published: NONE,
        quantity,
        figure: "dragan.svg",
    };
    vec![
        like(
            words(
                "P2",
                "DRAGAN with centred noise is the authors' notebook's within a factor of two",
                "ln distance on the line, centred minus one-sided, NS-GAN",
            ),
            centred,
        ),
        like(
            words(
                "P2b",
                "So is DRAGAN with normal noise, as its paper writes it",
                "ln distance on the line, normal minus one-sided, NS-GAN",
            ),
            normal,
        ),
        like(
            words(
                "P2c",
                "So is DRAGAN on the slope of the probability, as a large comparison's first code has it",
                "ln distance on the line, of the probability minus of the logit, NS-GAN",
            ),
            of_probability,
        ),
    ]
}
