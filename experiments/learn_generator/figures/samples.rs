//! Samples of generators, and posteriors.

use experiments::chart::{Group, curve, dots, panel, ranking, short};
use gan::objective::{Discrepancy, Entropy};
use lab::Figure;
use lab::figure::{Axis, Colour, Corner, Layer, Scale};
use stats::robust;

use super::{COLOURS, values};
use crate::arms::{Arms, Rows};
use crate::config::Kernel;
use crate::grid::{EPSILONS, image_games, kernels, mmd_batches};
use crate::mean::{BUDGETS, TOLERANCES, bin};

/// The generators of one distance, by name.
type Named<'a> = (String, Rows<'a>);

fn named(arms: Arms) -> Vec<Named> {
    let mut named: Vec<Named> = Vec::new();
    for batch in mmd_batches(arms.0.profile) {
        named.push((format!("MMD, batches of {batch}"), arms.ring_with(&kernels(), batch)));
    }
    let sliced = Discrepancy::SlicedWasserstein { directions: 100 };
    named.push(("sliced Wasserstein".into(), arms.ring(&sliced)));
    for epsilon in EPSILONS {
        let entropy = Entropy { epsilon, iterations: 20 };
        for (name, discrepancy) in [
            ("Sinkhorn divergence", Discrepancy::Sinkhorn(entropy)),
            ("entropic transport", Discrepancy::EntropicTransport(entropy)),
        ] {
            named.push((format!("{name}, epsilon {epsilon}"), arms.ring(&discrepancy)));
        }
    }
    named
}

/// What each distance makes of the ring.
pub(super) fn ring(arms: Arms) -> Figure {
    let cloud = |(name, rows): &Named| {
        let points = rows.first().and_then(|row| row.samples.get("points"));
        let points = points.map(lab::Array::to_points).unwrap_or_default();
        let axis = || Axis::bare(-3.0, 3.0);
        let centres = crate::ring::target().centres.into_iter().map(Into::into).collect();
        let layers =
            vec![dots(Colour::Orange, 5, 0.8, centres), dots(Colour::Blue, 1, 0.6, points)];
        let distance = values(rows, "distance");
        let title = if distance.is_empty() {
            name.clone()
        } else {
            format!("{name}: {}", short(robust::median(&distance)))
        };
        panel(&title, axis(), axis(), layers, None)
    };
    Figure {
        name: "ring".into(),
        title: "Generators without a critic, and their squared sliced distance to the ring".into(),
        caption:
            "400 samples of one seed in blue, the modes in orange; numbers: medians of twelve seeds."
                .into(),
        columns: 4,
        panel: (290, 290),
        panels: named(arms).iter().map(cloud).collect(),
    }
}

/// How wide each of them spreads.
pub(super) fn spread(arms: Arms) -> Figure {
    let named = named(arms);
    let group = |((name, rows), colour): (&Named, Colour)| -> Group {
        (name.clone(), colour, values(rows, "spread"))
    };
    let groups: Vec<Group> = named.iter().zip(COLOURS).map(group).collect();
    let axis = Axis::new("variance over the data's");
    Figure {
        name: "spread".into(),
        title: "Entropy shrinks a generator unless it is taken off again".into(),
        caption: "Twelve seeds; bars: median with its 95 % interval; dashed: the data's.".into(),
        columns: 1,
        panel: (620, 280),
        panels: vec![ranking("", axis, &groups, true, &[1.0])],
    }
}

/// Images by what their moments are taken of; none where a profile has none.
pub(super) fn images(arms: Arms) -> Option<Figure> {
    let of = |(kernel, batch): (Kernel, i64)| {
        let name = match kernel {
            Kernel::Pixels => "pixels",
            Kernel::Codes => "codes",
            Kernel::Learned => "learned features",
        };
        let rows = arms.images(kernel, batch);
        let stored = rows.iter().find_map(|row| row.samples.get("pictures"))?;
        let (width, pixels) = mosaic(stored);
        let frechet = values(&rows, "frechet");
        let median = if frechet.is_empty() { f64::NAN } else { robust::median(&frechet) };
        let (x, y) = (Axis::bare(0.0, 1.0), Axis::bare(0.0, 1.0));
        let layer = Layer::Picture { width, pixels };
        Some(panel(
            &format!("{name}, batches of {batch}: {}", short(median)),
            x,
            y,
            vec![layer],
            None,
        ))
    };
    let panels: Vec<_> = image_games(arms.0.profile).into_iter().filter_map(of).collect();
    (!panels.is_empty()).then(|| Figure {
        name: "images".into(),
        title: "Images of moment matching, by what is matched, and their Frechet distance".into(),
        caption:
            "Samples of one seed; numbers: medians over seeds, in the features of a classifier."
                .into(),
        columns: 4,
        panel: (330, 330),
        panels,
    })
}

/// Square pictures side by side in a square: its width and its pixels.
fn mosaic(pictures: &lab::Array) -> (usize, Vec<u8>) {
    let (count, side) = (pictures.shape[0], pictures.shape[1]);
    let across = count.isqrt();
    let width = across * side;
    let pixel = |i: usize| {
        let (y, x) = (i / width, i % width);
        let picture = y / side * across + x / side;
        pictures.bytes[picture * side * side + y % side * side + x % side]
    };
    (width, (0..width * width).map(pixel).collect())
}

/// Rejection and classifiers against the exact posterior.
pub(super) fn posteriors(arms: Arms) -> Figure {
    let rows = arms.mean();
    let first = rows.first();
    let normal = |z: f64| (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
    let exact = || {
        let points = (-60..=60).map(|i| f64::from(i) / 10.0).map(|z| (z, normal(z))).collect();
        Layer::Line { label: "exact".into(), colour: Colour::Black, points }
    };
    let axis = || Axis::new("mean, in exact deviations").within(-6.0, 6.0);
    let mut rejected = Vec::new();
    if let Some(accepted) = first.and_then(|row| row.samples.get("accepted")) {
        let densities = accepted.to_f32();
        let by_tolerance = densities.chunks_exact(accepted.shape[1]);
        for (((tolerance, _), densities), colour) in
            TOLERANCES.iter().zip(by_tolerance).zip(COLOURS)
        {
            let points = densities.iter().enumerate().map(|(i, y)| (bin(i), f64::from(*y)));
            let label = format!("tolerance {tolerance}");
            rejected.push(Layer::Line { label, colour, points: points.collect() });
        }
    }
    rejected.push(exact());
    let mut classified = Vec::new();
    if let Some(curves) = first.and_then(|row| row.samples.get("posteriors")) {
        let curves = curves.to_f32();
        let points = curves.len() / (BUDGETS.len() + 1);
        let step = 12.0 / (points as f64 - 1.0);
        for (((budget, _), curve), colour) in
            BUDGETS.iter().zip(curves.chunks_exact(points).skip(1)).zip(COLOURS)
        {
            let at = |(i, mass): (usize, &f32)| (i as f64 * step - 6.0, f64::from(*mass) / step);
            let points = curve.iter().enumerate().map(at).collect();
            classified.push(Layer::Line { label: format!("{budget} simulations"), colour, points });
        }
    }
    classified.push(exact());

    let over_tolerance = |metric: &str| -> Vec<(f64, Vec<f64>)> {
        let at = |(tolerance, name): &(f64, &str)| {
            (*tolerance, values(&rows, &format!("{metric}_{name}")))
        };
        TOLERANCES.iter().rev().map(at).collect()
    };
    let mut cost = curve("share kept", Colour::Vermillion, &over_tolerance("accepted")).to_vec();
    cost.extend(curve("distance", Colour::Blue, &over_tolerance("distance")));
    let over_budget = |metric: &str| -> Vec<(f64, Vec<f64>)> {
        let at = |(budget, name): &(i64, &str)| {
            (*budget as f64, values(&rows, &format!("{metric}_{name}")))
        };
        BUDGETS.iter().map(at).collect()
    };
    let mut budgets =
        curve("rejection, best tolerance", Colour::Vermillion, &over_budget("rejection_distance"))
            .to_vec();
    budgets.extend(curve("classifier", Colour::Blue, &over_budget("classifier_distance")));
    let density = || Axis::new("density");
    let log = |label: &str| Axis::new(label).scaled(Scale::Log);
    let legend = Some(Corner::UpperRight);
    Figure {
        name: "posteriors".into(),
        title: "The posterior of a Gaussian's mean without its likelihood".into(),
        caption: "Above: one seed; rejection keeps some of 1,000,000 draws. Below: forty seeds and their medians; \
                  distances are Wasserstein-2, in exact deviations."
            .into(),
        columns: 2,
        panel: (520, 320),
        panels: vec![
            panel("rejection", axis(), density(), rejected, legend),
            panel("a classifier of pairs", axis(), density(), classified, legend),
            panel("1,000,000 draws", log("tolerance"), log(""), cost, Some(Corner::LowerRight)),
            panel("as many simulations for both", log("simulations"), log("distance"), budgets, legend),
        ],
    }
}

/// Posteriors of ARCH(1) on the grid, and how far they are from the exact one.
pub(super) fn arch(arms: Arms) -> Figure {
    let rows = arms.arch();
    let mut panels = Vec::new();
    if let Some(stored) = rows.first().and_then(|row| row.samples.get("posteriors")) {
        let (side, values) = (stored.shape[1], stored.to_f32());
        let laws = values.chunks_exact(side * side);
        for (law, title) in laws.zip(["exact", "classifier", "synthetic likelihood"]) {
            let most = law.iter().copied().fold(0.0, f32::max);
            // The grid's first axis is the autoregression: a column of the picture; the other goes up.
            let pixel = |i: usize| law[(i % side) * side + (side - 1 - i / side)];
            let pixels = (0..side * side).map(|i| (255.0 * pixel(i) / most) as u8);
            let layer = Layer::Picture { width: side, pixels: pixels.collect() };
            let (x, y) = (Axis::bare(0.0, 1.0), Axis::bare(0.0, 1.0));
            panels.push(panel(title, x, y, vec![layer], None));
        }
    }
    let groups: Vec<Group> = [
        ("ratio_apart", "classifier", Colour::Blue),
        ("distracted_apart", "with noise", Colour::SkyBlue),
        ("synthetic_apart", "synthetic", Colour::Vermillion),
    ]
    .map(|(metric, name, colour)| (name.to_owned(), colour, values(&rows, metric)))
    .to_vec();
    let axis = Axis::new("JS divergence (nats)").within(0.2, 0.7);
    panels.push(ranking("distance to the exact posterior", axis, &groups, true, &[]));
    Figure {
        name: "arch".into(),
        title: "Posteriors of an ARCH(1) process".into(),
        caption: "Pictures: one series, autoregression from left to right, heteroscedasticity upwards, darker is \
                  likelier. Dots: twelve seeds, each a mean over its series."
            .into(),
        columns: 4,
        panel: (290, 290),
        panels,
    }
}
