//! From stored numbers to estimates. The rules stand in the README.

use std::collections::BTreeMap;

use experiments::contrast::{
    Sample, Words, claim, difference, each, exact, join, log_ratio, pair, student_claim,
};
use gan::{Objective, Penalty};
use lab::results::diverged;
use lab::{Claim, Estimate, Region, Results, Row};
use stats::{bootstrap, rank, robust};

use crate::config::{Config, Pictures, Rates, Target, Task};
use crate::grid::{DIGITS, OBJECTIVES, STACKED, Variant, WEIGHT, compared, penalties};
use crate::settings::REPEATS;

pub(crate) type Rows<'a> = Vec<&'a Row<Config>>;

const FEDUS: &str = "Fedus et al. 2018 (1710.08446)";
const LUCIC: &str = "Lucic et al. 2018 (1711.10337)";
const MESCHEDER: &str = "Mescheder et al. 2018 (1801.04406)";
const QUALITATIVE: &str = "none read: compared by direction";
const NONE: &str = "none";

/// What a run counts that diverged, or that ended even further away: no better than anything that stayed a
/// number.
const FAR: f64 = 10.0;

/// The arms of an experiment by their settings.
#[derive(Clone, Copy)]
pub(crate) struct Arms<'a>(pub(crate) &'a Results<Config>);

impl<'a> Arms<'a> {
    fn of(self, (objective, penalty): Variant, fits: impl Fn(&Config) -> bool) -> Rows<'a> {
        self.0.arm(|config| {
            (config.objective, config.penalty) == (objective, penalty) && fits(config)
        })
    }

    pub(crate) fn plane(self, target: Target, variant: Variant) -> Rows<'a> {
        self.of(
            variant,
            |config| matches!(config.task, Task::Plane { target: t, .. } if t == target),
        )
    }

    pub(crate) fn line(self, variant: Variant) -> Rows<'a> {
        let fixed = |config: &Config| {
            matches!(config.task, Task::Line { .. }) && config.rates != Rates::Drawn
        };
        self.of(variant, fixed)
    }

    /// The random search, all its critic steps.
    pub(crate) fn search(self, variant: Variant) -> Rows<'a> {
        self.of(variant, |config| config.rates == Rates::Drawn)
    }

    pub(crate) fn images(
        self,
        like: Pictures,
        variant: Variant,
        critic_batch_norm: bool,
    ) -> Rows<'a> {
        // Any size of the set: `full` has them whole.
        self.of(variant, |config| match &config.task {
            Task::Images { pictures, nets } => {
                (pictures.set, pictures.stacked) == (like.set, like.stacked)
                    && nets.critic_batch_norm == critic_batch_norm
            }
            _ => false,
        })
    }

    pub(crate) fn dirac(self) -> Rows<'a> {
        self.0.arm(|config| matches!(config.task, Task::Dirac { .. }))
    }
}

/// The logarithm of a run's distance, of a lost run as of one that is far.
pub(crate) fn height(row: &Row<Config>) -> f64 {
    row.value("distance").map_or(FAR, |distance| distance.min(FAR)).ln()
}

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

/// The height of each draw of the random search, on the first repeat and on the second.
pub(crate) fn draws(rows: &Rows) -> BTreeMap<(u32, u64), [f64; 2]> {
    let mut draws = BTreeMap::new();
    for row in rows {
        let key = (row.config.critic_steps, row.seed / REPEATS);
        let pair: &mut [f64; 2] = draws.entry(key).or_insert([FAR.ln(); 2]);
        pair[(row.seed % REPEATS) as usize] = height(row);
    }
    draws
}

/// Returns what the best of `k` random draws is expected to score: chosen on the first repeat, scored on the second.
pub(crate) fn expected_best(draws: &[[f64; 2]], k: usize) -> f64 {
    let mut sorted = draws.to_vec();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let n = sorted.len();
    // The i-th best of all is the best of a random subset of k when it is in it and none before it is.
    let mut weight = k as f64 / n as f64;
    let mut total = 0.0;
    for (i, draw) in sorted.iter().enumerate() {
        total += weight * draw[1];
        let (rest, after) = ((n - 1 - i) as f64, n as f64 - i as f64 - k as f64);
        weight *= if rest > 0.0 { (after / rest).max(0.0) } else { 0.0 };
    }
    total
}

/// C12 and C17: settings drawn at random.
fn robustness(arms: Arms) -> Vec<Claim> {
    let [plain, gp, dragan, _] = compared(WEIGHT).map(|variant| arms.search(variant));
    let area = |words: Words, other: &Rows| {
        let (a, b) = (draws(&plain), draws(other));
        let gain = |(i, (key, x)): (usize, (&(u32, u64), &[f64; 2]))| {
            let y = b.get(key)?;
            Some((i as u64, robust::mean(x) - robust::mean(y)))
        };
        let values = a.iter().enumerate().filter_map(gain).collect();
        claim(
            words,
            Region::Above(0.0),
            &Sample { values, diverged: diverged(&plain) + diverged(other) },
        )
    };
    let words = |id, statement, quantity| Words {
        id,
        statement,
        source: format!("{FEDUS}, section 5, from memory and reading notes"),
        published: QUALITATIVE,
        quantity,
        figure: "robustness.svg",
    };
    vec![
        area(
            words(
                "C12",
                "A gradient penalty between data and samples widens the range of settings that work",
                "ln distance at the same random setting, NS-GAN minus GAN-GP: the area between the sorted curves",
            ),
            &gp,
        ),
        area(
            words(
                "C12b",
                "So does one near the data",
                "ln distance at the same random setting, NS-GAN minus DRAGAN-NS",
            ),
            &dragan,
        ),
        Words {
            id: "C17",
            statement: "Tuning with an equal budget shrinks the difference",
            source: LUCIC.into(),
            published: "no loss significantly better at equal budget",
            quantity: "gap in ln distance, NS-GAN against GAN-GP: best of 20 draws less a single draw",
            figure: "robustness.svg",
        }
        .claim(
            Region::Below(0.0),
            shrinking(&draws(&plain), &draws(&gp)),
            (draws(&plain).len(), diverged(&plain) + diverged(&gp)),
        ),
    ]
}

/// How much smaller the gap between two variants is for the best of half of the draws than for one draw, with an
/// interval over draws.
fn shrinking(
    a: &BTreeMap<(u32, u64), [f64; 2]>,
    b: &BTreeMap<(u32, u64), [f64; 2]>,
) -> Option<Estimate> {
    let both: Vec<[[f64; 2]; 2]> =
        a.iter().filter_map(|(key, x)| Some([*x, *b.get(key)?])).collect();
    let budget = both.len() / 2;
    let statistic = |chosen: &[f64]| {
        let of = |i: usize| chosen.iter().map(|j| both[*j as usize][i]).collect::<Vec<_>>();
        let (a, b) = (of(0), of(1));
        let gap = |k| (expected_best(&a, k) - expected_best(&b, k)).abs();
        gap(budget) - gap(1)
    };
    // Draws are resampled by their number.
    let numbers: Vec<f64> = (0..both.len()).map(|i| i as f64).collect();
    (budget > 1).then(|| {
        let interval = bootstrap::interval(&numbers, statistic, 0.95, 1);
        Estimate::new(statistic(&numbers), interval, None)
    })
}

/// C13, C14 and P5: images.
fn images(arms: Arms) -> Vec<Claim> {
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
fn instruments(arms: Arms) -> Vec<Claim> {
    let line = arms
        .0
        .arm(|config| matches!(config.task, Task::Line { .. }) && config.rates != Rates::Drawn);
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

#[cfg(test)]
mod tests {
    use super::expected_best;

    /// Of draws that score 1, 2, 3 the best of two is 1 with probability 2/3 and 2 with 1/3; of one it is the mean.
    #[test]
    fn best_of_k_by_hand() {
        let draws = [[3.0, 3.0], [1.0, 1.0], [2.0, 2.0]];
        assert!((expected_best(&draws, 1) - 2.0).abs() < 1e-12);
        assert!((expected_best(&draws, 2) - 4.0 / 3.0).abs() < 1e-12);
        assert!((expected_best(&draws, 3) - 1.0).abs() < 1e-12);
        // The choice is on the first repeat, the score on the second.
        assert!((expected_best(&[[1.0, 9.0], [2.0, 0.0]], 2) - 9.0).abs() < 1e-12);
    }
}
