//! The random search: every setting of every variant, best to worst, and what a budget buys.

use experiments::chart::panel;
use lab::Figure;
use lab::figure::{Axis, Colour, Corner, Layer};
use stats::robust;

use super::{colour, four, log, name, profile};
use crate::arms::Arms;
use crate::grid::Variant;
use crate::search::{draws, expected_best};

pub(super) fn robustness(arms: Arms) -> Figure {
    let draws_of = |variant: Variant| -> Vec<[f64; 2]> {
        draws(&arms.search(variant)).into_values().collect()
    };
    let line = |variant: Variant, points: Vec<(f64, f64)>| Layer::Line {
        label: name(variant),
        colour: colour(variant),
        points,
    };
    let sorted = |variant: Variant| {
        let mut means: Vec<f64> =
            draws_of(variant).iter().map(|pair| robust::mean(pair).exp()).collect();
        means.sort_by(f64::total_cmp);
        line(variant, means.into_iter().enumerate().map(|(i, x)| (i as f64 + 1.0, x)).collect())
    };
    let budget = |variant: Variant| {
        let draws = draws_of(variant);
        let point = |k: usize| (k as f64, expected_best(&draws, k).exp());
        line(variant, (1..=draws.len()).map(point).collect())
    };
    // Each variant at the same settings as NS-GAN.
    let plain = draws_of(four()[0]);
    let against = |variant: Variant| {
        let point = |(x, y): (&[f64; 2], &[f64; 2])| (robust::mean(x).exp(), robust::mean(y).exp());
        Layer::Dots {
            label: name(variant),
            colour: colour(variant),
            radius: 3,
            opacity: 0.6,
            points: plain.iter().zip(&draws_of(variant)).map(point).collect(),
        }
    };
    let diagonal = Layer::Line {
        label: String::new(),
        colour: Colour::Grey,
        points: vec![(1e-2, 1e-2), (10.0, 10.0)],
    };
    let mut paired = vec![diagonal];
    paired.extend(four()[1..].iter().map(|variant| against(*variant)));
    let distance = || log("distance to the data, in |e|");
    Figure {
        name: "robustness".into(),
        title: format!("{} settings drawn at random, the same for every variant", plain.len()),
        caption: format!(
            "{}, line in 8 dimensions; rates of both players 1e-4 to 1e-2, first beta 0, 0.5 or 0.9, weight 0.1 to 10, 1 or 5 \
             critic steps; geometric means of two seeds. Middle: the best of k draws, chosen on the first seed, scored on the \
             second. Right: below the diagonal the variant is better than NS-GAN at the same setting.",
            profile(arms)
        ),
        columns: 3,
        panel: (380, 340),
        panels: vec![
            panel(
                "All settings, best to worst",
                Axis::new("rank of the setting"),
                distance(),
                four().map(sorted).into(),
                Some(Corner::LowerRight),
            ),
            panel(
                "What a budget buys",
                log("draws that one may try"),
                log("expected distance of the best"),
                four().map(budget).into(),
                Some(Corner::LowerLeft),
            ),
            panel(
                "Setting by setting",
                log("distance of NS-GAN"),
                log("distance of the variant"),
                paired,
                Some(Corner::UpperLeft),
            ),
        ],
    }
}
