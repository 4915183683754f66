//! Critics as instruments, and the targets of the plane.

use lab::figure::{Axis, Colour, Corner, Layer};
use lab::{Figure, Results};

use super::{Arm, panel, profile};
use crate::arms::{images, pictured, plane, race};
use crate::config::{Config, Data, PLANE, Way};
use crate::grid::{ALL, FEW};

/// The independent critic's distances, and the race.
pub(super) fn critics(results: &Results<Config>) -> Figure {
    const SPLITS: [(&str, &str); 4] = [
        ("train", "critic_train"),
        ("fit", "critic_fit"),
        ("held out", "critic_held_out"),
        ("test", "critic_test"),
    ];
    const READINGS: [(&str, &str); 3] = [
        ("at the jump", "estimate_at_jump"),
        ("5 updates on", "estimate_after_5"),
        ("24 updates on", "estimate_after_24"),
    ];
    let columns = |places: &[(&str, &str)], arms: &[Arm]| {
        let layer = |(k, (name, colour, rows)): (usize, &Arm)| {
            let shift = (k as f64 + 0.5) / arms.len() as f64 * 0.6 - 0.3;
            let at = |(i, (_, metric)): (usize, &(&str, &str))| {
                let place = i as f64 + shift;
                rows.iter().filter_map(|row| Some((place, row.value(metric)?))).collect::<Vec<_>>()
            };
            Layer::Dots {
                label: (*name).into(),
                colour: *colour,
                radius: 4,
                opacity: 0.7,
                points: places.iter().enumerate().flat_map(at).collect(),
            }
        };
        arms.iter().enumerate().map(layer).collect::<Vec<_>>()
    };
    let names =
        |places: &[(&str, &str)]| Axis::of(places.iter().map(|(name, _)| (*name).into()).collect());
    let race = |extra_batch| race(results, extra_batch);
    let arms: [Arm; 3] = [
        ("likelihood, 50,000 images", Colour::Blue, images(results, Way::Likelihood, ALL)),
        ("likelihood, 200 images", Colour::SkyBlue, images(results, Way::Likelihood, FEW)),
        ("WGAN-GP, 50,000 images", Colour::Vermillion, images(results, Way::Wgan, ALL)),
    ];
    let racers: [Arm; 2] = [
        ("plain critic", Colour::Black, race(false)),
        ("with an extra batch", Colour::Purple, race(true)),
    ];
    Figure {
        name: "critics".into(),
        title: "Critics as instruments".into(),
        caption: format!(
            "{}; every seed a dot. Left: MNIST, a fresh critic's distance from samples to four sets of images; it \
             was fitted on the second. Right: estimates of a critic whose generator has jumped, mean over jumps.",
            profile(results)
        ),
        columns: 2,
        panel: (460, 340),
        panels: vec![
            panel(
                "Independent critic",
                (names(&SPLITS), Axis::new("distance").within(0.0, 5.5)),
                columns(&SPLITS, &arms),
                Some(Corner::LowerRight),
            ),
            panel(
                "Fast-learning critic (our reading)",
                (names(&READINGS), Axis::new("Wasserstein estimate")),
                columns(&READINGS, &racers),
                Some(Corner::LowerRight),
            ),
        ],
    }
}

pub(super) fn targets(results: &Results<Config>) -> Figure {
    const NAMES: [&str; 4] = ["a flow's own samples", "moons", "eight Gaussians", "circle"];
    let mut panels = Vec::new();
    for (way, name, colour) in
        [(Way::Likelihood, "likelihood", Colour::Blue), (Way::Wgan, "WGAN-GP", Colour::Vermillion)]
    {
        for (data, target) in PLANE.into_iter().zip(NAMES) {
            let rows = plane(results, data, way);
            let row = pictured(&rows);
            let points = row
                .and_then(|row| row.samples.get("samples"))
                .map_or_else(Vec::new, lab::Array::to_points);
            let kl: Vec<f64> = rows.iter().filter_map(|row| row.value("kl_nats")).collect();
            let kl = if kl.is_empty() { f64::NAN } else { stats::robust::median(&kl) };
            let size = if data == Data::Moons { 2.2 } else { 3.2 };
            let size = if data == Data::Teacher { 6.0 } else { size };
            panels.push(panel(
                &format!("{target}, {name}: KL {kl:.2}"),
                (Axis::bare(-size, size), Axis::bare(-size, size)),
                vec![Layer::Dots { label: String::new(), colour, radius: 2, opacity: 0.5, points }],
                None,
            ));
        }
    }
    Figure {
        name: "plane".into(),
        title: "It depends on the target".into(),
        caption: format!(
            "{}; samples of seed 0; in titles the median over seeds of KL(data | model) in nats, exact up to \
             2,000 test points.",
            profile(results)
        ),
        columns: 4,
        panel: (250, 250),
        panels,
    }
}
