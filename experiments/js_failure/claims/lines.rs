//! Claims about dimensions, penalties and paths.

use experiments::contrast::{Share, Words, claim, count, each, log_ratio, share, share_difference};
use lab::results::diverged;
use lab::{Claim, Region};
use stats::rank;

use super::{FEDUS, QUALITATIVE, per_seed};
use crate::arms::{Arms, Rows, solved};
use crate::grid::{
    COMPARED, DEEP, DRAGAN_NS, GAN_GP, MINIMAX, MINIMAX_GP, NON_SATURATING, PARALLEL, SHALLOW,
    random,
};

/// C5 to C6: dimension, and more latents than needed.
pub(super) fn dimensions(arms: Arms) -> Vec<Claim> {
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
pub(super) fn penalties(arms: Arms) -> Vec<Claim> {
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
pub(super) fn paths(arms: Arms) -> Vec<Claim> {
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
