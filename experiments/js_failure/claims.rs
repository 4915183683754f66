//! From stored numbers to estimates. The rules stand in the README.

use experiments::contrast::{
    Sample, Share, Words, claim, count, each, exact, log_ratio, share, share_difference,
};
use gan::optim::Rule;
use lab::results::diverged;
use lab::{Claim, Region, Results, Row};
use stats::{rank, robust};

use crate::config::{Config, Task, World};
use crate::grid::{
    COMPARED, DEEP, DRAGAN_NS, GAN_GP, MINIMAX, MINIMAX_GP, NON_SATURATING, PARALLEL, SHALLOW,
    Variant, random,
};

pub(crate) type Rows<'a> = Vec<&'a Row<Config>>;

const FEDUS: &str = "Fedus et al. 2018 (1710.08446)";
const ARJOVSKY_BOTTOU: &str = "Arjovsky and Bottou 2017 (1701.04862)";
const QUALITATIVE: &str = "none read: compared by direction";

/// Below this a generator has found the data.
pub(crate) const SOLVED: f64 = 0.1;

/// The arms of an experiment by their settings.
#[derive(Clone, Copy)]
pub(crate) struct Arms<'a>(pub(crate) &'a Results<Config>);

impl<'a> Arms<'a> {
    /// Games with Adam's, or with clipping `RMSProp`'s, usual rate.
    pub(crate) fn game(
        self,
        world: World,
        variant: Variant,
        (layers, critic_steps): (usize, u32),
    ) -> Rows<'a> {
        self.games(world, variant, layers, critic_steps, |rule| match rule {
            Rule::Adam(adam) => adam.learning_rate.total_cmp(&1e-3).is_eq(),
            Rule::RmsProp(_) => true,
            Rule::Sgd(_) => false,
        })
    }

    fn games(
        self,
        world: World,
        (objective, penalty): Variant,
        layers: usize,
        critic_steps: u32,
        rule: impl Fn(Rule) -> bool,
    ) -> Rows<'a> {
        self.0.arm(|config| {
            matches!(config.task, Task::Game { world: w, .. } if w == world)
                && (config.objective, config.penalty) == (objective, penalty)
                && config.critic.hidden.len() == layers
                && config.critic.steps == critic_steps
                && rule(config.generator)
        })
    }

    /// Games by plain descent from the parallel line.
    pub(crate) fn descent(self, variant: Variant) -> Rows<'a> {
        self.games(PARALLEL, variant, DEEP, 5, |rule| matches!(rule, Rule::Sgd(_)))
    }

    /// Games at another learning rate.
    pub(crate) fn rate(self, world: World, variant: Variant, rate: f64) -> Rows<'a> {
        let of =
            |rule| matches!(rule, Rule::Adam(adam) if adam.learning_rate.total_cmp(&rate).is_eq());
        self.games(world, variant, DEEP, 5, of)
    }

    /// Critics against a generator that stands still.
    pub(crate) fn frozen(self, dim: i64, (objective, penalty): Variant) -> Rows<'a> {
        self.0.arm(|config| {
            config.task == Task::Frozen { dim }
                && (config.objective, config.penalty) == (objective, penalty)
        })
    }

    /// The exact critics, by their shift.
    pub(crate) fn exact(self) -> Rows<'a> {
        let mut rows = self.0.arm(|config| matches!(config.task, Task::Exact { .. }));
        let shift = |row: &Row<Config>| row.value("shift").unwrap_or(f64::INFINITY);
        rows.sort_by(|a, b| shift(a).total_cmp(&shift(b)));
        rows
    }

    /// The numbers of critic steps that were compared from the parallel line, and their rows.
    pub(crate) fn strengths(self, variant: Variant) -> Vec<(u32, Rows<'a>)> {
        let mut steps: Vec<u32> = self.0.rows.iter().map(|row| row.config.critic.steps).collect();
        steps.sort_unstable();
        steps.dedup();
        let arm = |steps| (steps, self.game(PARALLEL, variant, (DEEP, steps)));
        steps.into_iter().map(arm).filter(|(_, rows)| !rows.is_empty()).collect()
    }

    /// The dimensions that were swept, and their rows.
    pub(crate) fn dims(self, variant: Variant, critic_steps: u32) -> Vec<(i64, Rows<'a>)> {
        let dim = |row: &Row<Config>| match row.config.task {
            Task::Game { world: World::Line { dim, latent: 1, .. }, .. } => Some(dim),
            _ => None,
        };
        let mut dims: Vec<i64> = self.0.rows.iter().filter_map(dim).collect();
        dims.sort_unstable();
        dims.dedup();
        let arm = |dim| (dim, self.game(random(dim, 1), variant, (SHALLOW, critic_steps)));
        dims.into_iter().map(arm).filter(|(_, rows)| !rows.is_empty()).collect()
    }
}

/// Runs that found the data.
pub(crate) fn solved(rows: &Rows) -> Share {
    count(rows, |row| row.value("frechet").is_some_and(|distance| distance < SOLVED))
}

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

/// The updates of the generator, and of the critic, at which unlike critic steps are compared: the most that every
/// arm has.
pub(crate) fn comparison(strengths: &[(u32, Rows)]) -> (u64, u64) {
    let least = |of: fn(&Config) -> u64| {
        strengths.iter().flat_map(|(_, rows)| rows.iter().map(|row| of(&row.config))).min()
    };
    let critic = |config: &Config| config.steps * u64::from(config.critic.steps);
    (least(|config| config.steps).unwrap_or(0), least(critic).unwrap_or(0))
}

/// A trace at a step: the mean of its last three looks not after it.
pub(crate) fn at(row: &Row<Config>, metric: &str, step: u64) -> Option<f64> {
    let looks = row.traces.get(metric)?.iter().rev().filter(|(look, _)| *look <= step);
    let values: Vec<f64> = looks.take(3).map(|(_, x)| *x).collect();
    (!values.is_empty()).then(|| robust::mean(&values))
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
        (points.len() > 1).then(|| (row.seed, statistic(&points)))
    };
    let lost = arms.iter().map(|(_, rows)| diverged(rows)).sum();
    Sample { values: first.iter().filter_map(of_seed).collect(), diverged: lost }
}

/// C5 to C6: dimension, and more latents than needed.
fn dimensions(arms: Arms) -> Vec<Claim> {
    let fits = arms.game(random(16, 1), NON_SATURATING, (SHALLOW, 1));
    let over = arms.game(random(16, 16), NON_SATURATING, (SHALLOW, 1));
    let worsens = |critic_steps| {
        let swept: Vec<(f64, Rows)> = arms
            .dims(NON_SATURATING, critic_steps)
            .into_iter()
            .map(|(dim, rows)| (dim as f64, rows))
            .collect();
        per_seed(
            &swept,
            |row| row.value("frechet"),
            |points| {
                let (dims, distances): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
                rank::spearman(&dims, &distances)
            },
        )
    };
    let one_half = |words: Words, rows: &Rows, hits: Share| {
        words.claim(Region::Above(0.5), share(hits), (rows.len(), diverged(rows)))
    };
    let thin = count(&over, |row| row.value("off_line").is_some_and(|spread| spread < 0.05));
    vec![
        one_half(
            Words {
                id: "C5",
                statement: "The non-saturating GAN fits one-dimensional data in many dimensions",
                source: format!("{FEDUS}, section 4, from memory"),
                published: QUALITATIVE,
                quantity: "P(solved), NS-GAN, 16 dimensions, one hidden layer, one critic step",
                figure: "dimension.svg",
            },
            &fits,
            solved(&fits),
        ),
        claim(
            Words {
                id: "C5b",
                statement: "Its fit gets worse as the dimension grows at a fixed learning rate",
                source: format!("{FEDUS}, appendix, from memory"),
                published: QUALITATIVE,
                quantity: "rank correlation of dimension and distance, one critic step",
                figure: "dimension.svg",
            },
            Region::Above(0.0),
            &worsens(1),
        ),
        claim(
            Words {
                id: "C5c",
                statement: "So it does with five critic steps",
                source: format!("{FEDUS}, appendix, from memory"),
                published: QUALITATIVE,
                quantity: "the same with five critic steps",
                figure: "dimension.svg",
            },
            Region::Above(0.0),
            &worsens(5),
        ),
        one_half(
            Words {
                id: "C6",
                statement: "An over-complete generator still finds the line",
                source: format!("{FEDUS}, experiment II, from memory"),
                published: QUALITATIVE,
                quantity: "P(spread off the line below 0.05), NS-GAN, 16 latents in 16 dimensions",
                figure: "overcomplete.svg",
            },
            &over,
            thin,
        ),
    ]
}

/// C7 to C9: penalties.
fn penalties(arms: Arms) -> Vec<Claim> {
    let of = |variant| arms.game(COMPARED, variant, (DEEP, 5));
    let (plain, gp, dragan) = (of(NON_SATURATING), of(GAN_GP), of(DRAGAN_NS));
    let (minimax, minimax_gp) = (of(MINIMAX), of(MINIMAX_GP));
    let two = std::f64::consts::LN_2;
    vec![
        claim(
            Words {
                id: "C7",
                statement: "A gradient penalty between data and samples brings the non-saturating GAN closer",
                source: format!("{FEDUS}, abstract"),
                published: QUALITATIVE,
                quantity: "ln distance, NS-GAN minus GAN-GP, 4 dimensions",
                figure: "variants.svg",
            },
            Region::Above(two),
            &log_ratio((&plain, &gp), "frechet"),
        ),
        claim(
            Words {
                id: "C7b",
                statement: "So does one near the data",
                source: format!("{FEDUS}, abstract"),
                published: QUALITATIVE,
                quantity: "ln distance, NS-GAN minus DRAGAN-NS, 4 dimensions",
                figure: "variants.svg",
            },
            Region::Above(two),
            &log_ratio((&plain, &dragan), "frechet"),
        ),
        claim(
            Words {
                id: "C7s",
                statement: "The penalty makes training steadier",
                source: format!("{FEDUS}, abstract"),
                published: QUALITATIVE,
                quantity: "ln deviation of the distance over the second half, NS-GAN minus GAN-GP",
                figure: "variants.svg",
            },
            Region::Above(0.0),
            &log_ratio((&plain, &gp), "frechet_spread"),
        ),
        claim(
            Words {
                id: "C8",
                statement: "Where the penalty is applied hardly matters",
                source: format!("{FEDUS}, abstract"),
                published: "\"equally helpful\", by reading notes",
                quantity: "ln distance, DRAGAN-NS minus GAN-GP, within a factor of two",
                figure: "variants.svg",
            },
            Region::Within(-two, two),
            &log_ratio((&dragan, &gp), "frechet"),
        ),
        Words {
            id: "C9",
            statement: "A penalty rescues even the saturating loss",
            source: "ours, after the abstract of Fedus et al. 2018".into(),
            published: "none",
            quantity: "P(solved), M-GAN + GP minus M-GAN, 4 dimensions",
            figure: "variants.svg",
        }
        .claim(
            Region::Above(0.0),
            share_difference(solved(&minimax_gp), solved(&minimax)),
            (minimax.len(), diverged(&minimax) + diverged(&minimax_gp)),
        ),
    ]
}

/// C10: many paths.
fn paths(arms: Arms) -> Vec<Claim> {
    let gp = arms.game(PARALLEL, GAN_GP, (DEEP, 5));
    let plain = arms.game(PARALLEL, NON_SATURATING, (DEEP, 5));
    let halvings = |rows: &Rows| each(rows, |row| row.value("halvings_while_apart"));
    vec![
        claim(
            Words {
                id: "C10",
                statement: "The model comes closer while the divergence stays where it was",
                source: format!("{FEDUS}, title and abstract"),
                published: QUALITATIVE,
                quantity: "halvings of the distance while fresh critics find over 95 % of ln 2, NS-GAN",
                figure: "divergence.svg",
            },
            Region::Above(1.0),
            &halvings(&plain),
        ),
        claim(
            Words {
                id: "C10b",
                statement: "So it does with a penalty",
                source: format!("{FEDUS}, title and abstract"),
                published: QUALITATIVE,
                quantity: "the same, GAN-GP",
                figure: "divergence.svg",
            },
            Region::Above(1.0),
            &halvings(&gp),
        ),
    ]
}
