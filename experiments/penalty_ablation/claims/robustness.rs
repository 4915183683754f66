//! Claims about settings drawn at random.

use std::collections::BTreeMap;

use experiments::contrast::{Sample, Words, claim};
use lab::results::diverged;
use lab::{Claim, Estimate, Region};
use stats::{bootstrap, robust};

use super::{FEDUS, LUCIC, QUALITATIVE};
use crate::arms::{Arms, Rows};
use crate::grid::{WEIGHT, compared};
use crate::search::{draws, expected_best};

/// C12 and C17: settings drawn at random.
pub(super) fn robustness(arms: Arms) -> Vec<Claim> {
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
