//! From stored numbers to pictures; never trains.

use experiments::chart::seeds;
use lab::figure::{Axis, Colour, Corner, Layer, Panel};
use lab::{Animation, Figure, Results, Row};
use stats::{bootstrap, robust};

use crate::claims::label;
use crate::config::{self, Config, Method};
use crate::watch::FRAME_EVERY;

/// What a perfect sampler scores within 3 sigma.
const CEILING: f64 = 0.988_891;

/// Returns the figures of the README.
pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![
        samples_over_training(results),
        coverage_precision(results),
        arms(results),
        mode_share(results),
        dose_response(results),
    ]
}

/// Returns the talk's picture in motion.
pub(crate) fn animations(results: &Results<Config>) -> Vec<Animation> {
    let rows = stars(results);
    let frames = rows.iter().map(|(_, row)| looks(row).len()).min().unwrap_or(0);
    let frame = |i: usize| Figure {
        name: String::new(),
        title: String::new(),
        caption: String::new(),
        columns: 3,
        panel: (230, 250),
        panels: rows
            .iter()
            .map(|(colour, row)| {
                let (step, points) = looks(row).swap_remove(i);
                cloud(row, &format!("{}, step {step}", label(&row.config)), *colour, points)
            })
            .collect(),
    };
    let frames: Vec<Figure> = (0..frames).map(frame).collect();
    if frames.is_empty() {
        return Vec::new();
    }
    vec![Animation { name: "training".into(), delay: 240, frames }]
}

/// Seed 0 of the three arms that the talk compares.
fn stars(results: &Results<Config>) -> Vec<(Colour, &Row<Config>)> {
    let chosen = [
        (Colour::Vermillion, results.arm("ring/plain")),
        (Colour::Blue, results.arm("ring/unrolled-10")),
        (Colour::Green, results.arm("ring/vae")),
    ];
    let first = |(colour, rows): (Colour, Vec<&'_ Row<Config>>)| {
        let row = rows.into_iter().find(|row| row.samples.contains_key("frames"))?;
        Some((colour, results.rows.iter().find(|r| std::ptr::eq(*r, row))?))
    };
    chosen.into_iter().filter_map(first).collect()
}

/// The kept frames of a run with their steps.
fn looks(row: &Row<Config>) -> Vec<(u64, Vec<(f64, f64)>)> {
    let Some(frames) = row.samples.get("frames") else { return Vec::new() };
    let values = frames.to_f32();
    let steps = row.traces["modes_held"].iter().step_by(FRAME_EVERY).map(|(step, _)| *step);
    let point = |[x, y]: &[f32; 2]| (f64::from(*x), f64::from(*y));
    let frame = |frame: &[f32]| frame.as_chunks::<2>().0.iter().map(point).collect();
    steps.zip(values.chunks_exact(2 * frames.shape[1]).map(frame)).collect()
}

/// One cloud of samples over the modes.
fn cloud(row: &Row<Config>, title: &str, colour: Colour, points: Vec<(f64, f64)>) -> Panel {
    let edge = row.config.target.half_width() * 1.25;
    let modes =
        row.config.target.mixture().distinct_centres().iter().map(|c| (c[0], c[1])).collect();
    let dots = |colour, radius, opacity, points| Layer::Dots {
        label: String::new(),
        colour,
        radius,
        opacity,
        points,
    };
    Panel {
        title: title.to_owned(),
        x: Axis::bare(-edge, edge),
        y: Axis::bare(-edge, edge),
        layers: vec![dots(Colour::Grey, 6, 0.35, modes), dots(colour, 2, 0.55, points)],
        legend: None,
    }
}

fn samples_over_training(results: &Results<Config>) -> Figure {
    let columns = 6;
    let panels = stars(results).into_iter().flat_map(|(colour, row)| {
        let looks = looks(row);
        let last = looks.len().saturating_sub(1);
        let panel = move |i: usize| {
            let (step, points) = looks[i * last / (columns - 1)].clone();
            cloud(row, &format!("{}, {step}", label(&row.config)), colour, points)
        };
        (0..columns).map(panel).collect::<Vec<_>>()
    });
    Figure {
        name: "samples_over_training".into(),
        title: "Samples over training on the ring of 8".into(),
        caption:
            "Seed 0 of each arm, 256 samples a panel; the number is the step. Grey: the modes, \
                  drawn larger than they are (sigma is 0.02, the radius 2)."
                .into(),
        columns,
        panel: (180, 190),
        panels: panels.collect(),
    }
}

/// Every seed of the main arms: how many modes it holds and how precisely.
fn coverage_precision(results: &Results<Config>) -> Figure {
    // One colour for one method on both targets.
    let ring = vec![
        (Colour::Blue, results.arm("ring/plain")),
        (Colour::Vermillion, results.arm("ring/unrolled-1")),
        (Colour::Green, results.arm("ring/unrolled-10")),
        (Colour::Orange, results.arm("ring/plain-deep-critic")),
        (Colour::Purple, results.arm("ring/packed")),
        (Colour::SkyBlue, results.arm("ring/vae")),
    ];
    let grid = vec![
        (Colour::Blue, results.arm("grid/plain")),
        (Colour::Black, results.arm("grid/unrolled-5")),
        (Colour::Orange, results.arm("grid/plain-deep-critic")),
        (Colour::Purple, results.arm("grid/packed-deep-critic")),
        (Colour::SkyBlue, results.arm("grid/vae")),
    ];
    let panel = |title: &str, modes: usize, arms: Vec<(Colour, Vec<&Row<Config>>)>| {
        let mut layers = vec![
            Layer::Horizontal { label: "perfect sampler".into(), y: CEILING },
            Layer::Vertical { label: String::new(), x: modes as f64 },
        ];
        for (colour, rows) in arms.iter().filter(|(_, rows)| !rows.is_empty()) {
            // Seeds that agree are set a little apart, so that each is seen.
            let point = |(j, row): (usize, &&Row<Config>)| {
                let shift =
                    (j as f64 / (rows.len() as f64 - 1.0).max(1.0) - 0.5) * 0.06 * modes as f64;
                Some((row.value("modes_held")? + shift, row.value("high_quality_3")?))
            };
            layers.push(Layer::Dots {
                label: label(&rows[0].config),
                colour: *colour,
                radius: 4,
                opacity: 0.7,
                points: rows.iter().enumerate().filter_map(point).collect(),
            });
        }
        Panel {
            title: title.into(),
            x: Axis::new("modes that hold at least 1 % of samples")
                .within(-0.6, 1.12 * modes as f64),
            y: Axis::new("share of samples within 3 sigma").within(-0.04, 1.08),
            layers,
            legend: Some(Corner::UpperLeft),
        }
    };
    Figure {
        name: "coverage_precision".into(),
        title: "Coverage against precision, every seed a dot".into(),
        caption: format!(
            "{}; 2,500 samples each at the endpoint. Dots are set apart sideways by a fraction of a mode.",
            seeds(results)
        ),
        columns: 2,
        panel: (470, 430),
        panels: vec![panel("Ring of 8", 8, ring), panel("Grid of 25", 25, grid)],
    }
}

/// Every arm of the ring in three measures.
fn arms(results: &Results<Config>) -> Figure {
    // From the bottom.
    let names = config::arms(results.profile).into_iter().map(|arm| arm.name).rev();
    let arms: Vec<Vec<&Row<Config>>> = names
        .filter(|name| name.starts_with("ring/"))
        .map(|name| results.arm(&name))
        .filter(|rows| !rows.is_empty())
        .collect();
    let measures = [
        ("modes_any", "modes with one sample", 8.0, 8.6),
        ("modes_held", "modes that hold 1 %", 8.0, 8.6),
        ("high_quality_3", "share within 3 sigma", CEILING, 1.06),
    ];
    let panel = |(i, (metric, title, best, end)): (usize, (&str, &str, f64, f64))| {
        let mut layers = vec![Layer::Vertical { label: String::new(), x: best }];
        for (y, rows) in arms.iter().enumerate() {
            let colour = match rows[0].config.method {
                Method::Gan(_) => Colour::Blue,
                Method::Vae { .. } => Colour::Green,
                Method::Reference(_) => Colour::Grey,
            };
            let values: Vec<f64> = rows.iter().filter_map(|row| row.value(metric)).collect();
            let last = (values.len() as f64 - 1.0).max(1.0);
            let spread = |j: usize| y as f64 + (j as f64 / last - 0.5) * 0.5;
            layers.push(Layer::Dots {
                label: String::new(),
                colour,
                radius: 3,
                opacity: 0.35,
                points: values.iter().enumerate().map(|(j, &x)| (x, spread(j))).collect(),
            });
            if values.len() > 1 {
                let mean = robust::interquartile_mean(&values);
                let ends = bootstrap::interval(&values, robust::interquartile_mean, 0.95, 1);
                layers.push(Layer::Interval {
                    colour: Colour::Black,
                    at: (y as f64, ends.low, mean, ends.high),
                });
            }
        }
        let names = arms.iter().map(|rows| label(&rows[0].config)).collect();
        let y = Axis::of(if i == 0 { names } else { vec![String::new(); arms.len()] });
        Panel {
            title: title.into(),
            x: Axis::new("").within(-0.04 * end, end),
            y,
            layers,
            legend: None,
        }
    };
    Figure {
        name: "arms".into(),
        title: "Every arm on the ring of 8".into(),
        caption: format!(
            "{}: each a dot; bars are interquartile means with 95 % bootstrap intervals. Dashed: the most \
             that can be had. Gx Dy: hidden layers of generator and critic, 2 and 1 unless named. Noise \
             scores nearly full marks by the first measure.",
            seeds(results)
        ),
        columns: 3,
        panel: (350, 60 + 26 * arms.len() as u32),
        panels: measures.into_iter().enumerate().map(panel).collect(),
    }
}

fn mode_share(results: &Results<Config>) -> Figure {
    let panel = |(_, row): (Colour, &Row<Config>)| {
        let shares = row.samples.get("shares")?;
        let modes = shares.shape[1];
        let rows = shares.to_f32();
        let rows = rows.chunks_exact(modes).map(|row| row.iter().map(|&x| f64::from(x)).collect());
        let steps: Vec<f64> =
            row.traces["modes_held"].iter().map(|(step, _)| *step as f64).collect();
        Some(Panel {
            title: label(&row.config),
            x: Axis::new("step").within(0.0, *steps.last()?),
            y: Axis::new("share of samples by nearest mode").within(0.0, 1.0),
            layers: vec![Layer::Shares { steps, shares: rows.collect() }],
            legend: None,
        })
    };
    Figure {
        name: "mode_share".into(),
        title: "Which mode the samples are at, over training".into(),
        caption:
            "Seed 0 of each arm; one colour per mode of the ring, 2,500 samples a look, 49 looks. \
                  Rotation is a colour that takes all and gives way to another."
                .into(),
        columns: 3,
        panel: (330, 300),
        panels: stars(results).into_iter().filter_map(panel).collect(),
    }
}

fn dose_response(results: &Results<Config>) -> Figure {
    let doses = |second_term: &str| {
        [0u32, 1, 5, 10].map(|k| {
            let unrolled = format!("ring/unrolled-{k}{second_term}");
            (f64::from(k), results.arm(if k == 0 { "ring/plain" } else { &unrolled }))
        })
    };
    let series = [
        ("full gradient", Colour::Blue, doses(""), -0.12),
        ("second term stopped", Colour::Orange, doses("-stopped"), 0.12),
    ];
    let panel = |title: &str, axis: Axis, corner, value: &dyn Fn(&Row<Config>) -> Option<f64>| {
        let mut layers = Vec::new();
        for (name, colour, doses, side) in &series {
            let values = |rows: &Vec<&Row<Config>>| -> Vec<f64> {
                rows.iter().filter_map(|row| value(row)).collect()
            };
            let mean = |(k, rows): &(f64, Vec<&Row<Config>>)| {
                let values = values(rows);
                (!values.is_empty()).then(|| (*k, robust::mean(&values)))
            };
            let dot = |(k, rows): &(f64, Vec<&Row<Config>>)| {
                let place = move |(j, y): (usize, f64)| (k + side + (j as f64 - 9.5) * 0.01, y);
                values(rows).into_iter().enumerate().map(place).collect::<Vec<_>>()
            };
            layers.push(Layer::Line {
                label: (*name).into(),
                colour: *colour,
                points: doses.iter().filter_map(mean).collect(),
            });
            layers.push(Layer::Dots {
                label: String::new(),
                colour: *colour,
                radius: 3,
                opacity: 0.5,
                points: doses.iter().flat_map(dot).collect(),
            });
        }
        let x = Axis::new("look-ahead steps K").within(-0.6, 10.6);
        Panel { title: title.into(), x, y: axis, layers, legend: Some(corner) }
    };
    let plain = results.arm("ring/plain");
    let cost = |row: &Row<Config>| {
        let base = plain.iter().find(|other| other.seed == row.seed)?.wall_seconds?;
        Some(row.wall_seconds? / base)
    };
    Figure {
        name: "dose_response".into(),
        title: "What look-ahead buys, and what it costs".into(),
        caption: format!(
            "{}, one-hidden-layer critic; lines are means over seeds, dots are seeds. Seeds of a stack \
             share their time.",
            seeds(results)
        ),
        columns: 3,
        panel: (340, 320),
        panels: vec![
            panel(
                "Modes nearest to at least 1 % of samples",
                Axis::new("modes").within(-0.3, 8.5),
                Corner::LowerRight,
                &|row| row.value("basins_held"),
            ),
            panel(
                "Precision",
                Axis::new("share within 3 sigma").within(-0.02, 1.02),
                Corner::LowerRight,
                &|row| row.value("high_quality_3"),
            ),
            panel("Cost", Axis::new("time relative to K = 0"), Corner::UpperLeft, &cost),
        ],
    }
}
