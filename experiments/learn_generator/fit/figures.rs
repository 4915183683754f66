//! Pictures of the fit.

use gan::device::to_vec;
use gan::objective::Divergence;
use lab::figure::{Axis, Colour, Layer, Tile, Title};
use lab::{Figure, Results};
use shared::chart::{panel, seeds_of, short};
use shared::colour::SERIES;
use shared::contrast::{median, values};
use shared::variant::divergence;
use stats::robust;
use tch::Tensor;

use super::{Config, Losses, TRAINED, arm_name};
use crate::path;
use crate::target::{self, Gaussian, TABLE, column};

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![fits(results), table(results), cross(results), away(results)]
}

/// The fitted Gaussians over the mixture.
fn fits(results: &Results<Config>) -> Figure {
    let places: Vec<f64> = (-100..=140).map(|i| f64::from(i) / 20.0).collect();
    let line = Tensor::from_slice(&places);
    let over_line = |log: &Tensor| -> Vec<(f64, f64)> {
        places.iter().copied().zip(to_vec(&log.exp())).collect()
    };
    let mixture = over_line(&target::log_density(&line));
    let band = mixture.into_iter().map(|(x, y)| (x, 0.0, y)).collect();
    let mut curves = vec![Layer::Band { colour: Colour::Grey, points: band }];
    let mut places_of_fits = Vec::new();
    for (f, colour) in TABLE.into_iter().zip(SERIES) {
        let rows = results.arm(&arm_name(f, Losses::Bound));
        let (means, sds) = (values(&rows, "mean"), values(&rows, "sd"));
        if !means.is_empty() {
            let (mean, sd) = (robust::median(&means), robust::median(&sds));
            let points = over_line(&target::normal(&line, mean, sd));
            curves.push(Layer::Line { label: divergence(f).into(), colour, points });
        }
        let points = means.into_iter().zip(sds).collect();
        let label = divergence(f).into();
        places_of_fits.push(Layer::Dots { label, colour, radius: 3, opacity: 0.5, points });
        let best = Gaussian::best(f);
        let cross = |dx: f64, dy: f64| {
            let points = vec![(best.mean - dx, best.sd - dy), (best.mean + dx, best.sd + dy)];
            Layer::Line { label: String::new(), colour: Colour::Black, points }
        };
        places_of_fits.extend([cross(0.02, 0.0), cross(0.0, 0.005)]);
    }
    Figure {
        name: "fits".into(),
        title: Title::new("The best Gaussian depends on the divergence")
            .if_reproduced("learn.F03d", "The divergence decides where f-GAN's Gaussian ends"),
        caption: format!(
            "Left: grey the mixture, lines the fitted Gaussians (medians of {}). Right: every seed; crosses: \
             the exact optima.",
            seeds_of(results)
        ),
        columns: 2,
        height: 300,
        panels: vec![
            panel("", Axis::new("x"), Axis::new("density"), curves),
            panel("", Axis::new("mean"), Axis::new("standard deviation"), places_of_fits),
        ],
    }
}

/// The published table, from memory: divergence at the optimum, trained bound, mean, trained mean, deviation, trained
/// deviation, in the order of [`TABLE`].
const PUBLISHED: [[f64; 5]; 6] = [
    [0.2831, 0.2480, 0.1280, 0.5705, 0.6457],
    [0.2801, 0.2415, 0.1226, 0.5151, 0.6379],
    [1.0100, 1.5782, 1.3070, 1.3218, 0.5737],
    [1.0335, 1.5624, 1.2854, 1.2295, 0.6157],
    [1.8308, 1.6319, 1.7542, 1.7034, 1.9274],
    [1.8236, 1.6403, 1.7659, 1.8087, 1.9031],
];

/// f-GAN's table beside ours.
fn table(results: &Results<Config>) -> Figure {
    let ours = |(f, best): (Divergence, Gaussian), row: usize| -> Option<f64> {
        let trained = |metric: &str| median(&results.arm(&arm_name(f, Losses::Bound)), metric);
        match row {
            0 => Some(best.divergence(f)),
            1 => trained("bound"),
            2 => Some(best.mean),
            3 => trained("mean"),
            4 => Some(best.sd),
            _ => trained("sd"),
        }
    };
    let names = [
        "least divergence",
        "trained bound",
        "best mean",
        "trained mean",
        "best deviation",
        "trained deviation",
    ];
    let mut tiles = Vec::new();
    for (x, f) in TABLE.into_iter().enumerate() {
        let best = Gaussian::best(f);
        for (row, published) in PUBLISHED.iter().enumerate() {
            let found =
                ours((f, best), row).map_or_else(|| "-".to_owned(), |found| format!("{found:.4}"));
            let text = vec![found, format!("({:.4})", published[x])];
            let shade = if row % 2 == 1 { 0.25 } else { 0.0 };
            tiles.push(Tile { at: (x, names.len() - 1 - row), shade, text });
        }
    }
    let x = Axis::of(TABLE.map(|f| divergence(f).to_owned()).into());
    let y = Axis::of(names.iter().rev().map(|name| (*name).to_owned()).collect());
    Figure {
        name: "table".into(),
        title: "f-GAN's univariate table: ours above, the paper's in brackets".into(),
        caption: format!(
            "Shaded: trained, medians of {}. White: ours by quadrature for the recovered mixture. The paper's \
             numbers are from memory; its optima are what the mixture was recovered from, its trained rows are not.",
            seeds_of(results)
        ),
        columns: 1,
        height: 420,
        panels: vec![panel("", x, y, vec![Layer::Tiles(tiles)])],
    }
}

/// Every divergence at every fit.
fn cross(results: &Results<Config>) -> Figure {
    let best = TABLE.map(Gaussian::best);
    let mut tiles = Vec::new();
    for (x, of) in TABLE.into_iter().enumerate() {
        let least = best[x].divergence(of);
        for (y, (trained, best)) in TABLE.iter().zip(best).rev().enumerate() {
            let found = values(&results.arm(&arm_name(*trained, Losses::Bound)), column(of));
            if found.is_empty() {
                continue;
            }
            let (found, exact) = (robust::median(&found), best.divergence(of));
            let shade = ((found / least - 1.0) / 1.2).clamp(0.0, 0.9);
            let text = vec![format!("{found:.4}"), format!("({exact:.4})")];
            tiles.push(Tile { at: (x, y), shade, text });
        }
    }
    let names = || TABLE.iter().map(|f| divergence(*f).to_owned());
    let x = Axis { label: "measured by".into(), ..Axis::of(names().collect()) };
    let y = Axis { label: "trained on".into(), ..Axis::of(names().rev().collect()) };
    Figure {
        name: "cross".into(),
        title: "Every divergence at every fit: trained, and at the exact optimum in brackets"
            .into(),
        caption: format!(
            "Medians of {}; darker is worse by the divergence of the column.",
            seeds_of(results)
        ),
        columns: 1,
        height: 380,
        panels: vec![panel("", x, y, vec![Layer::Tiles(tiles)])],
    }
}

/// Where generators go under both forms of a divergence.
fn away(results: &Results<Config>) -> Figure {
    let of = |f: Divergence| {
        let mut layers = Vec::new();
        for (game, label, colour) in [
            (Losses::Conjugate, "-f*(f'(r))", Colour::Orange),
            (Losses::Frozen, "f(r), ratio frozen", Colour::Vermillion),
        ] {
            for (i, row) in results.arm(&arm_name(f, game)).into_iter().enumerate() {
                let label = if i == 0 { label.to_owned() } else { String::new() };
                let points = path(row, "mean");
                layers.push(Layer::Line { label, colour, points });
            }
        }
        let best = Gaussian::best(f).mean;
        layers.push(Layer::Horizontal { label: String::new(), y: best });
        let title = format!("{} (optimum {})", divergence(f), short(best));
        panel(&title, Axis::new("step"), Axis::new("mean"), layers)
    };
    Figure {
        name: "away".into(),
        title: Title::new("The divergence as a loss, with the ratio frozen").if_reproduced(
            "learn.F08c",
            "With the ratio frozen, the generator runs away from the data for KL and Pearson",
        ),
        caption: format!(
            "Lines: {} of each form; the critic learns class probabilities; dashed: the exact optimum.",
            seeds_of(results)
        ),
        columns: 3,
        height: 210,
        panels: TRAINED.map(of).to_vec(),
    }
}
