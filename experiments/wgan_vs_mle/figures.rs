//! Pictures of stored numbers.

use gan::flow::Affine::{self, Additive};
use lab::figure::{Axis, Colour, Corner, Layer, Panel, Scale};
use lab::{Figure, Results, Row};

use crate::claims::{Rows, digits, images, plane};
use crate::config::{ALL, Config, DEEP, Data, FEW, PLANE, SHALLOW, Way};

/// Returns the figures of the README.
pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let mut figures = vec![
        training(results),
        quality(results),
        hybrid(results),
        singular_values(results),
        latents(results),
        memory(results),
        estimators(results),
        critics(results),
        targets(results),
    ];
    figures.extend(samples(results));
    figures.extend(redrawn(results));
    figures
}

/// A series of the figures: name, colour, rows.
type Arm<'a> = (&'static str, Colour, Rows<'a>);

/// The three ways that figures compare, with the NICE of digits.
fn ways(results: &Results<Config>) -> [Arm<'_>; 3] {
    [
        ("maximum likelihood", Colour::Blue, Way::Likelihood),
        ("WGAN-GP", Colour::Vermillion, Way::Wgan),
        ("hybrid, weight 1", Colour::Green, Way::Hybrid(1.0)),
    ]
    .map(|(name, colour, way)| (name, colour, digits(results, way, Additive, DEEP)))
}

fn panel(title: &str, (x, y): (Axis, Axis), layers: Vec<Layer>, legend: Option<Corner>) -> Panel {
    Panel { title: title.into(), x, y, layers, legend }
}

fn profile(results: &Results<Config>) -> String {
    format!("Profile {}", results.profile.name())
}

/// The lines of a trace, one for each seed; the first of an arm carries its name.
fn lines(arms: &[Arm], metric: &str, sign: f64) -> Vec<Layer> {
    let line = |name: &str, colour: Colour, i: usize, row: &Row<Config>| {
        let trace = row.traces.get(metric)?;
        let points = trace.iter().map(|&(step, value)| (step as f64, sign * value)).collect();
        let label = if i == 0 { name.to_owned() } else { String::new() };
        Some(Layer::Line { label, colour, points })
    };
    arms.iter()
        .flat_map(|(name, colour, rows)| {
            rows.iter().enumerate().filter_map(move |(i, row)| line(name, *colour, i, row))
        })
        .collect()
}

/// NLL beside the critic's estimate over training: the picture of claim F3.
fn training(results: &Results<Config>) -> Figure {
    let [mle, wgan, hybrid] = ways(results);
    let affine = digits(results, Way::Wgan, Affine::Affine, DEEP);
    let arms = [mle, wgan, ("WGAN-GP, affine couplings", Colour::Orange, affine), hybrid];
    let mut likelihood = lines(&arms, "validation_nats", -1.0);
    likelihood.push(Layer::Horizontal { label: "uniform density".into(), y: 0.0 });
    let updates = || Axis::new("updates of the flow");
    Figure {
        name: "training".into(),
        title: "The likelihood falls while the critic is calm".into(),
        caption: format!(
            "{}; 8 x 8 digits, 400 validation images, every seed a line. Left: exact negative log-likelihood, \
             density of pixels (k + u) / 17 on the unit cube. Right: the training critic's own estimate, mean on \
             validation minus mean on samples.",
            profile(results)
        ),
        columns: 2,
        panel: (440, 340),
        panels: vec![
            panel(
                "Held-out negative log-likelihood",
                (updates(), Axis::new("nats per image").scaled(Scale::SymLog(50.0))),
                likelihood,
                Some(Corner::UpperLeft),
            ),
            panel(
                "Critic's Wasserstein estimate",
                (updates(), Axis::new("estimate")),
                lines(&arms, "wasserstein_estimate", 1.0),
                None,
            ),
        ],
    }
}

/// Every seed of some arms as a dot: one metric against another.
fn dots(arms: &[Arm], x: &str, y: &str) -> Vec<Layer> {
    arms.iter()
        .map(|(name, colour, rows)| Layer::Dots {
            label: (*name).into(),
            colour: *colour,
            radius: 4,
            opacity: 0.75,
            points: rows.iter().filter_map(|row| Some((row.value(x)?, row.value(y)?))).collect(),
        })
        .collect()
}

/// Likelihood against sample quality, the last model of every seed.
fn quality(results: &Results<Config>) -> Figure {
    let arm = |way, coupling, couplings| digits(results, way, coupling, couplings);
    let arms: [Arm; 8] = [
        ("maximum likelihood", Colour::Blue, arm(Way::Likelihood, Additive, DEEP)),
        ("WGAN-GP", Colour::Vermillion, arm(Way::Wgan, Additive, DEEP)),
        ("hybrid, weight 1", Colour::Green, arm(Way::Hybrid(1.0), Additive, DEEP)),
        ("WGAN-GP, affine", Colour::Orange, arm(Way::Wgan, Affine::Affine, DEEP)),
        ("WGAN, clipped", Colour::Purple, arm(Way::Clipped, Additive, DEEP)),
        ("likelihood, one coupling", Colour::SkyBlue, arm(Way::Likelihood, Additive, SHALLOW)),
        ("WGAN-GP, one coupling", Colour::Yellow, arm(Way::Wgan, Additive, SHALLOW)),
        ("memorising mixture", Colour::Black, arm(Way::Memorise, Additive, DEEP)),
    ];
    let mut layers = dots(&arms, "test_nats", "frechet");
    layers.push(Layer::Vertical { label: "uniform density".into(), x: 0.0 });
    Figure {
        name: "quality".into(),
        title: "Likelihood and samples are two things".into(),
        caption: format!(
            "{}; 8 x 8 digits, the last model of every seed. Right is likelier, down is better looking: squared \
             Frechet distance of 1,000 samples to the test images in the features of a small classifier.",
            profile(results)
        ),
        columns: 1,
        panel: (760, 420),
        panels: vec![panel(
            "",
            (
                Axis::new("test log-likelihood, nats per image").scaled(Scale::SymLog(50.0)),
                Axis::new("Frechet distance").scaled(Scale::Log),
            ),
            layers,
            Some(Corner::LowerLeft),
        )],
    }
}

/// The weight of the likelihood as a dose.
fn hybrid(results: &Results<Config>) -> Figure {
    const WEIGHTS: [f64; 3] = [0.01, 0.1, 1.0];
    let names = ["WGAN-GP", "0.01", "0.1", "1", "likelihood"].map(String::from).to_vec();
    let arms: Vec<Rows> = std::iter::once(Way::Wgan)
        .chain(WEIGHTS.map(Way::Hybrid))
        .chain([Way::Likelihood])
        .map(|way| digits(results, way, Additive, DEEP))
        .collect();
    let by_arm = |metric: &str| {
        let spread = |(i, rows): (usize, &Rows)| {
            let shift = |k: usize| (k as f64 + 0.5) / rows.len().max(1) as f64 * 0.5 - 0.25;
            let at =
                |(k, row): (usize, &&Row<Config>)| Some((i as f64 + shift(k), row.value(metric)?));
            rows.iter().enumerate().filter_map(at).collect::<Vec<_>>()
        };
        vec![Layer::Dots {
            label: String::new(),
            colour: Colour::Green,
            radius: 4,
            opacity: 0.75,
            points: arms.iter().enumerate().flat_map(spread).collect(),
        }]
    };
    let axis = || Axis { label: "weight of the likelihood".into(), ..Axis::of(names.clone()) };
    Figure {
        name: "hybrid".into(),
        title: "From the WGAN to maximum likelihood".into(),
        caption: format!(
            "{}; 8 x 8 digits, NICE, every seed a dot, last step. Weight of the log-likelihood in nats per image \
             beside the critic's loss.",
            profile(results)
        ),
        columns: 2,
        panel: (440, 320),
        panels: vec![
            panel(
                "Test log-likelihood",
                (axis(), Axis::new("nats per image").scaled(Scale::SymLog(50.0))),
                by_arm("test_nats"),
                None,
            ),
            panel(
                "Frechet distance of samples",
                (axis(), Axis::new("Frechet distance").scaled(Scale::Log)),
                by_arm("frechet"),
                None,
            ),
        ],
    }
}

/// The sorted values of a kept array as a distribution function.
fn distribution(row: &Row<Config>, name: &str) -> Option<Vec<(f64, f64)>> {
    let mut values = row.samples.get(name)?.to_f32();
    values.sort_by(f32::total_cmp);
    let n = values.len() as f64;
    Some(values.iter().enumerate().map(|(i, x)| (f64::from(*x), (i as f64 + 0.5) / n)).collect())
}

fn singular_values(results: &Results<Config>) -> Figure {
    let arm = |way, coupling| digits(results, way, coupling, DEEP);
    let arms: [Arm; 5] = [
        ("maximum likelihood", Colour::Blue, arm(Way::Likelihood, Additive)),
        ("WGAN-GP", Colour::Vermillion, arm(Way::Wgan, Additive)),
        ("hybrid, weight 1", Colour::Green, arm(Way::Hybrid(1.0), Additive)),
        ("likelihood, affine", Colour::SkyBlue, arm(Way::Likelihood, Affine::Affine)),
        ("WGAN-GP, affine", Colour::Orange, arm(Way::Wgan, Affine::Affine)),
    ];
    let layers = |name: &str| {
        let line = |(label, colour, rows): &Arm| {
            let points = distribution(rows.iter().find(|row| row.seed == 0)?, name)?;
            Some(Layer::Line { label: (*label).into(), colour: *colour, points })
        };
        arms.iter().filter_map(line).collect::<Vec<_>>()
    };
    let axes = || (Axis::new("log10 of a singular value"), Axis::new("share below"));
    Figure {
        name: "singular_values".into(),
        title: "Is it the sigmoid?".into(),
        caption: format!(
            "{}; 8 x 8 digits, seed 0: singular values of the generator's Jacobian at 16 latents, double \
             precision. Left: from latent to pixels. Right: to logits, without the last sigmoid.",
            profile(results)
        ),
        columns: 2,
        panel: (440, 340),
        panels: vec![
            panel("Pixels", axes(), layers("log10_singular_pixels"), Some(Corner::UpperLeft)),
            panel("Logits", axes(), layers("log10_singular_logits"), None),
        ],
    }
}

fn latents(results: &Results<Config>) -> Figure {
    let one = |(name, colour, rows): Arm| {
        let row = rows.iter().find(|row| row.seed == 0);
        let points = row
            .and_then(|row| row.samples.get("latents"))
            .map_or_else(Vec::new, lab::Array::to_points);
        let square = row.and_then(|row| row.value("latent_square")).unwrap_or(f64::NAN);
        panel(
            &format!("{name}: {square:.1} of the prior's variance"),
            (
                Axis::new("first coordinate").within(-12.0, 12.0),
                Axis::new("second coordinate").within(-12.0, 12.0),
            ),
            vec![Layer::Dots { label: String::new(), colour, radius: 2, opacity: 0.6, points }],
            None,
        )
    };
    Figure {
        name: "latents".into(),
        title: "Where the flow sends real images".into(),
        caption: format!(
            "{}; 8 x 8 digits, NICE, seed 0: two of the 64 coordinates of the latents of 300 test images. In \
             titles the mean square of all coordinates over that of the logistic prior.",
            profile(results)
        ),
        columns: 3,
        panel: (320, 320),
        panels: ways(results).map(one).into(),
    }
}

/// The memorising mixture over its bandwidth, with the trained flows as lines.
fn memory(results: &Results<Config>) -> Figure {
    let memory = digits(results, Way::Memorise, Additive, DEEP);
    let curve = |metric: &str| {
        let points =
            memory.first().and_then(|row| row.traces.get(metric)).map_or_else(Vec::new, |trace| {
                trace.iter().map(|&(thousandths, y)| (thousandths as f64 / 1000.0, y)).collect()
            });
        Layer::Line { label: "memorising mixture".into(), colour: Colour::Black, points }
    };
    let levels = |metric: &str| {
        let level = |(name, colour, rows): Arm| {
            let values: Vec<f64> = rows.iter().filter_map(|row| row.value(metric)).collect();
            let y = stats::robust::median(&values);
            let points = vec![(0.02, y), (0.5, y)];
            Layer::Line { label: name.into(), colour, points }
        };
        let arms = ways(results).into_iter().filter(|arm| !arm.2.is_empty());
        arms.map(level).collect::<Vec<_>>()
    };
    let layers = |curve_of: &str, level_of: &str| {
        std::iter::once(curve(curve_of)).chain(levels(level_of)).collect::<Vec<_>>()
    };
    let bandwidth = || Axis::new("standard deviation about each training image").scaled(Scale::Log);
    Figure {
        name: "memory".into(),
        title: "A model that only remembers".into(),
        caption: format!(
            "{}; 8 x 8 digits: one Gaussian on each of 1,000 training images (seed 0), beside the trained flows \
             (medians over seeds, last step).",
            profile(results)
        ),
        columns: 2,
        panel: (440, 320),
        panels: vec![
            panel(
                "Test log-likelihood",
                (bandwidth(), Axis::new("nats per image").scaled(Scale::SymLog(50.0))),
                layers("memorise_test_nats", "test_nats"),
                Some(Corner::LowerRight),
            ),
            panel(
                "Frechet distance of samples",
                (bandwidth(), Axis::new("Frechet distance").scaled(Scale::Log)),
                layers("memorise_frechet", "frechet"),
                None,
            ),
        ],
    }
}

fn estimators(results: &Results<Config>) -> Figure {
    let estimate = |title: &str, metric: &str, legend| {
        panel(
            title,
            (
                Axis::new("exact, nats per image").scaled(Scale::SymLog(50.0)),
                Axis::new("estimate, nats per image"),
            ),
            dots(&ways(results), "test_nats", metric),
            legend,
        )
    };
    Figure {
        name: "estimators".into(),
        title: "What estimators make of the likelihood".into(),
        caption: format!(
            "{}; 8 x 8 digits, NICE, every seed a dot, test images. Left: Parzen windows on 2,000 samples, width \
             chosen on validation. Right: annealed importance sampling of the flow as a decoder with noise 0.1.",
            profile(results)
        ),
        columns: 2,
        panel: (440, 340),
        panels: vec![
            estimate("Parzen windows", "parzen_nats", Some(Corner::UpperLeft)),
            estimate("Annealed importance sampling", "annealed_nats_sigma_010", None),
        ],
    }
}

/// The independent critic's distances, and the race.
fn critics(results: &Results<Config>) -> Figure {
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
    let race = |extra_batch| results.arm(|config| config.way() == Way::Race { extra_batch });
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

fn targets(results: &Results<Config>) -> Figure {
    const NAMES: [&str; 4] = ["a flow's own samples", "moons", "eight Gaussians", "circle"];
    let mut panels = Vec::new();
    for (way, name, colour) in
        [(Way::Likelihood, "likelihood", Colour::Blue), (Way::Wgan, "WGAN-GP", Colour::Vermillion)]
    {
        for (data, target) in PLANE.into_iter().zip(NAMES) {
            let rows = plane(results, data, way);
            let row = rows.iter().find(|row| row.seed == 0);
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

/// A grid of kept pictures, if the row has it.
fn pictures(title: &str, row: &Row<Config>, name: &str, most: usize) -> Option<Panel> {
    let array = row.samples.get(name)?;
    let side = (array.shape[1] as f64).sqrt() as usize;
    let count = array.shape[0].min(most);
    let (width, pixels) = tile(&array.bytes, count, side);
    let bare = || Axis::bare(0.0, 1.0);
    Some(panel(title, (bare(), bare()), vec![Layer::Picture { width, pixels }], None))
}

/// The talk's picture: data and samples side by side, with the exact likelihood.
fn samples(results: &Results<Config>) -> Option<Figure> {
    const WAYS: [(&str, Way); 3] =
        [("likelihood", Way::Likelihood), ("WGAN-GP", Way::Wgan), ("hybrid", Way::Hybrid(1.0))];
    let of_seed_0 = |rows: Rows<'_>| rows.into_iter().find(|row| row.seed == 0).cloned();
    let row_of = |arms: [Option<Row<Config>>; 3]| {
        let mut panels = Vec::new();
        let data = arms.iter().flatten().next()?;
        panels.push(pictures("data", data, "data", 64)?);
        for ((name, _), row) in WAYS.iter().zip(&arms) {
            let Some(row) = row else { continue };
            let bits = row
                .value("test_bits_per_dim")
                .map_or("diverged".into(), |x| format!("{x:.2} bits/dim"));
            panels.push(pictures(&format!("{name}, {bits}"), row, "samples", 64)?);
        }
        Some(panels)
    };
    let mut panels = row_of(WAYS.map(|(_, way)| of_seed_0(digits(results, way, Additive, DEEP))))?;
    panels.extend(
        row_of(WAYS.map(|(_, way)| of_seed_0(images(results, way, ALL)))).unwrap_or_default(),
    );
    Some(Figure {
        name: "samples".into(),
        title: "The same flow, trained in three ways".into(),
        caption: format!(
            "{}, seed 0, last step, NICE. Above: 8 x 8 digits; below: MNIST. The number is the exact negative \
             log-likelihood of test images; the uniform density has 4.09 bits/dim above and 8 below.",
            profile(results)
        ),
        columns: 4,
        panel: (262, 272),
        panels,
    })
}

fn redrawn(results: &Results<Config>) -> Option<Figure> {
    let row = |way| digits(results, way, Additive, DEEP).into_iter().find(|row| row.seed == 0);
    let (mle, wgan, hybrid) = (row(Way::Likelihood)?, row(Way::Wgan)?, row(Way::Hybrid(1.0))?);
    let kept = |row: &Row<Config>| row.value("redraw_50_label").unwrap_or(f64::NAN) * 100.0;
    let panels = [
        pictures("test images", mle, "data", 64),
        pictures(&format!("likelihood, {:.0} % keep their class", kept(mle)), mle, "redrawn", 64),
        pictures(&format!("WGAN-GP, {:.0} %", kept(wgan)), wgan, "redrawn", 64),
        pictures(&format!("hybrid, {:.0} %", kept(hybrid)), hybrid, "redrawn", 64),
    ];
    Some(Figure {
        name: "redrawn".into(),
        title: "Half of the latent drawn afresh".into(),
        caption: format!(
            "{}, seed 0, 8 x 8 digits, NICE: a test image is encoded, half of the coordinates of its latent are \
             drawn from the prior, and the result is decoded.",
            profile(results)
        ),
        columns: 4,
        panel: (262, 272),
        panels: panels.into_iter().collect::<Option<_>>()?,
    })
}

/// Arranges square pictures in a square, one pixel apart.
fn tile(pictures: &[u8], count: usize, side: usize) -> (usize, Vec<u8>) {
    let columns = (count as f64).sqrt().ceil() as usize;
    let width = columns * (side + 1);
    let mut pixels = vec![0; width * count.div_ceil(columns) * (side + 1)];
    for (i, picture) in pictures.chunks_exact(side * side).take(count).enumerate() {
        let (left, top) = (i % columns * (side + 1), i / columns * (side + 1));
        for (y, row) in picture.chunks_exact(side).enumerate() {
            let start = (top + y) * width + left;
            pixels[start..start + side].copy_from_slice(row);
        }
    }
    (width, pixels)
}
