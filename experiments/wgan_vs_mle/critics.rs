//! Critics as instruments: what an independent one says of trained flows, and how soon one follows a generator that jumps.

use lab::figure::{Axis, Colour, Panel, Title};
use lab::{Figure, Results};
use shared::chart::panel;
use shared::colour;

use crate::chart::{Series, columns, profile, series};
use crate::config::Config;
use crate::{LIKELIHOOD, WGAN, digits, mnist, race};

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let of_mnist = [
        series("likelihood, 50,000 images", colour::LIKELIHOOD, mnist::rows(results, LIKELIHOOD)),
        series("likelihood, 200 images", Colour::SkyBlue, mnist::few(results)),
        series("WGAN-GP, 50,000 images", colour::WGAN_GP, mnist::rows(results, WGAN)),
    ];
    let other = [
        series("hybrid, weight 0.1", Colour::Grey, digits::hybrid_tenth(results)),
        series("memorised training images", Colour::Black, results.arm(digits::memory::ARM)),
    ];
    let of_digits: Vec<Series> = digits::nice(results).into_iter().chain(other).collect();
    let sets = [("8 x 8 digits", &of_digits[..]), ("MNIST", &of_mnist[..])];
    let trained = sets.iter().filter(|(_, arms)| arms.iter().any(|arm| !arm.rows.is_empty()));
    let mut panels: Vec<Panel> = trained.map(|(set, arms)| independent(set, arms)).collect();
    panels.push(race::panel(results));
    vec![Figure {
        name: "critics".into(),
        title: Title::new("Critics as instruments: an independent one, and one that learns fast"),
        caption: format!(
            "{}; every seed a dot. Independent critic: a fresh critic's distance from samples to four sets of images, of \
             which it was fitted on the second. Fast-learning critic: estimates of a critic whose generator has jumped, \
             mean over jumps.",
            profile(results)
        ),
        columns: 2,
        height: 290,
        panels,
    }]
}

/// The independent critic's distances.
fn independent(set: &str, arms: &[Series]) -> Panel {
    const SPLITS: [(&str, &str); 4] = [
        ("train", "critic_train"),
        ("fit", "critic_fit"),
        ("held out", "critic_held_out"),
        ("test", "critic_test"),
    ];
    let (names, layers) = columns(&SPLITS, arms);
    panel(&format!("Independent critic, {set}"), names, Axis::new("distance"), layers)
}
