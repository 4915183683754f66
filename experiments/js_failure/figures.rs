//! From stored numbers to pictures; never trains.

mod path;

use experiments::chart::{Group, curve, panel, ranking};
use experiments::variant::variant;
use lab::figure::{Axis, Colour, Corner, Layer, Panel, Scale};
use lab::{Animation, Figure, Results, Row};

use crate::claims::{Arms, Rows, SOLVED, at, comparison};
use crate::config::{Config, World};
use crate::grid::{
    ALL, COMPARED, CURVES, DEEP, GAN_GP, MINIMAX, NON_SATURATING, PARALLEL, PICTURED, RATED, RATES,
    SHALLOW, Variant, WEIGHTS, WGAN_GP, dragan, gan_gp, random,
};

/// Returns the figures of the README.
pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let arms = Arms(results);
    vec![
        saturation(arms),
        tails(arms),
        path::path(arms),
        path::divergence(arms),
        segments(arms),
        variants(arms),
        strength(arms),
        dimension(arms),
        overcomplete(arms),
        rates(arms),
    ]
}

/// Returns the picture of the claim in motion.
pub(crate) fn animations(results: &Results<Config>) -> Vec<Animation> {
    path::animation(Arms(results)).into_iter().collect()
}

fn name((objective, penalty): Variant) -> String {
    variant(objective, penalty)
}

/// One colour per variant, the same in every figure.
fn colour(variant: Variant) -> Colour {
    match variant {
        MINIMAX => Colour::Vermillion,
        NON_SATURATING => Colour::Blue,
        WGAN_GP => Colour::Orange,
        GAN_GP => Colour::Green,
        (gan::Objective::NonSaturating, gan::Penalty::Dragan { .. }) => Colour::Purple,
        _ => Colour::Black,
    }
}

fn values(rows: &Rows, metric: &str) -> Vec<f64> {
    rows.iter().filter_map(|row| row.value(metric)).collect()
}

/// "Profile quick, 10 to 20 seeds an arm", from the results themselves.
fn seeds(arms: Arms) -> String {
    let counts = || arms.0.rows.iter().map(|row| arms.0.arm(|other| *other == row.config).len());
    let least = counts().filter(|count| *count > 1).min().unwrap_or(1);
    let most = counts().max().unwrap_or(1);
    let range = if least < most { format!("{least} to {most}") } else { most.to_string() };
    format!("Profile {}, {range} seeds an arm", arms.0.profile.name())
}

fn log(label: &str) -> Axis {
    Axis::new(label).scaled(Scale::Log)
}

/// A distance on a logarithmic axis.
fn distance() -> Axis {
    log("distance to the data, in |e|")
}

/// The gradient of both losses as the critic gets better: exactly, and in training.
fn saturation(arms: Arms) -> Figure {
    let losses = [("minimax", Colour::Vermillion), ("non_saturating", Colour::Blue)];
    let exact = arms.exact();
    let lines = losses.map(|(loss, colour)| Layer::Line {
        label: loss.replace('_', "-"),
        colour,
        points: exact
            .iter()
            .filter_map(|row| Some((row.value("shift")?, row.value(&format!("gradient_{loss}"))?)))
            .collect(),
    });
    let mut panels = vec![panel(
        "The exact critic of N(0, 1) and N(m, 1)",
        Axis::new("m, deviations"),
        log("length of the generator's gradient"),
        lines.into(),
        Some(Corner::LowerLeft),
    )];
    for (dim, variant, title) in [
        (2, NON_SATURATING, "A critic in training, plane"),
        (16, NON_SATURATING, "The same in 16 dimensions"),
        (2, GAN_GP, "With a gradient penalty, plane"),
    ] {
        let rows = arms.frozen(dim, variant);
        let layers = losses.into_iter().flat_map(|(loss, colour)| {
            traces(&rows, &format!("log10_gradient_{loss}"), |_| loss.replace('_', "-"), colour)
        });
        let layers = layers.collect();
        let legend = if variant == GAN_GP { Corner::LowerRight } else { Corner::LowerLeft };
        let legend = Some(legend);
        panels.push(panel(title, log("updates of the critic"), powers("gradient"), layers, legend));
    }
    Figure {
        name: "saturation".into(),
        title: "What a generator that stands still would be told, as the critic gets better".into(),
        caption: format!(
            "{}; every line of the three panels on the right is a seed. Vertical axes there are powers of ten.",
            seeds(arms)
        ),
        columns: 4,
        panel: (300, 300),
        panels,
    }
}

/// An axis of logarithms to base ten.
fn powers(label: &str) -> Axis {
    Axis::new(&format!("log10 {label}"))
}

/// One line per row; the first carries the label.
fn traces(
    rows: &Rows,
    metric: &str,
    label: impl Fn(&Row<Config>) -> String,
    colour: Colour,
) -> Vec<Layer> {
    let line = |(i, row): (usize, &&Row<Config>)| {
        let points = row.traces.get(metric)?.iter().map(|(step, x)| (*step as f64, *x)).collect();
        let label = if i == 0 { label(row) } else { String::new() };
        Some(Layer::Line { label, colour, points })
    };
    rows.iter().enumerate().filter_map(line).collect()
}

fn tails(arms: Arms) -> Figure {
    let group = |(dim, variant): (i64, Variant)| -> Group {
        let rows = arms.frozen(dim, variant);
        (format!("{}, d = {dim}", name(variant)), colour(variant), values(&rows, "tail_index"))
    };
    let groups = [(2, NON_SATURATING), (16, NON_SATURATING), (2, GAN_GP), (16, GAN_GP)].map(group);
    let cosine = |(dim, variant): (i64, Variant)| -> Group {
        let rows = arms.frozen(dim, variant);
        (String::new(), colour(variant), values(&rows, "cosine"))
    };
    let cosines =
        [(2, NON_SATURATING), (16, NON_SATURATING), (2, GAN_GP), (16, GAN_GP)].map(cosine);
    Figure {
        name: "tails".into(),
        title: "Non-saturating gradients under a critic near its optimum".into(),
        caption: format!(
            "{}; bars are medians with 95 % bootstrap intervals. Left: below the dashed line the variance is \
             infinite, a normal law scores about 6. Right: 1 is straight towards the data.",
            seeds(arms)
        ),
        columns: 2,
        panel: (420, 190),
        panels: vec![
            ranking("", log("tail index over minibatches"), &groups, true, &[2.0]),
            ranking(
                "",
                Axis::new("cosine of the mean step with the way to the data"),
                &cosines,
                false,
                &[1.0],
            ),
        ],
    }
}

/// Parallel segments, where everything is known.
fn segments(arms: Arms) -> Figure {
    let column = |variant: Variant| {
        let rows = arms.game(World::Segments, variant, (DEEP, 5));
        let label = |text: &'static str| move |_: &Row<Config>| text.to_owned();
        let mut layers = traces(&rows, "frechet", label("Wasserstein, exact"), Colour::Green);
        layers.extend(traces(&rows, "js_fresh", label("divergence, fresh critic"), Colour::Blue));
        let (own, text) = if variant == WGAN_GP {
            ("wasserstein_critic", "Wasserstein, own critic")
        } else {
            ("js_critic", "divergence, own critic")
        };
        layers.extend(traces(&rows, own, label(text), Colour::Orange));
        layers.push(Layer::Horizontal {
            label: "divergence, exact: ln 2".into(),
            y: std::f64::consts::LN_2,
        });
        let legend = Some(Corner::UpperRight);
        panel(
            &name(variant),
            Axis::new("updates of the generator"),
            Axis::new("").within(-0.25, 2.1),
            layers,
            legend,
        )
    };
    Figure {
        name: "segments".into(),
        title: "Parallel segments: one parameter, the truth known".into(),
        caption: format!("{}, each a line; 5 critic steps.", seeds(arms)),
        columns: 4,
        panel: (300, 330),
        panels: [MINIMAX, NON_SATURATING, WGAN_GP, GAN_GP].map(column).into(),
    }
}

/// Every variant where penalties are compared, and from the parallel line.
fn variants(arms: Arms) -> Figure {
    let shade = |(objective, penalty): Variant| match (objective, penalty) {
        (_, gan::Penalty::None) => Colour::Vermillion,
        _ => Colour::Blue,
    };
    let mut compared = ALL.to_vec();
    for weight in WEIGHTS.into_iter().filter(|weight| weight.total_cmp(&1.0).is_ne()) {
        compared.extend([gan_gp(weight), dragan(weight)]);
    }
    let label = |variant: Variant| match variant.1 {
        gan::Penalty::Gradient { weight } | gan::Penalty::Dragan { weight, .. }
            if weight.total_cmp(&1.0).is_ne() =>
        {
            format!("{}, weight {weight}", name(variant))
        }
        _ => name(variant),
    };
    let groups = |metric: &'static str| -> Vec<Group> {
        compared
            .iter()
            .map(|&variant| {
                let rows = arms.game(COMPARED, variant, (DEEP, 5));
                (label(variant), shade(variant), values(&rows, metric))
            })
            .collect()
    };
    let mut parallel: Vec<Group> = PICTURED
        .iter()
        .map(|&variant| {
            let rows = arms.game(PARALLEL, variant, (DEEP, 5));
            (label(variant), shade(variant), values(&rows, "frechet"))
        })
        .collect();
    for variant in [MINIMAX, NON_SATURATING, GAN_GP] {
        let numbers = values(&arms.descent(variant), "frechet");
        parallel.push((format!("{}, plain descent", label(variant)), shade(variant), numbers));
    }
    Figure {
        name: "variants".into(),
        title: "Who finds the line: every variant, every seed".into(),
        caption: format!(
            "{}: each a dot; bars are medians with 95 % bootstrap intervals. Critics of two hidden layers, 5 steps. \
             Seeds that moved by less than 3e-4 lie left of the middle panel. Left of the dashed line at 0.1 a run counts as solved; 1 is a point at the data's mean, or the start on \
             the parallel line. Red: no penalty. Weights are 1 unless named.",
            seeds(arms)
        ),
        columns: 3,
        panel: (400, 60 + 24 * compared.len() as u32),
        panels: vec![
            ranking("Random start, 4 dimensions", distance(), &groups("frechet"), true, &[SOLVED]),
            ranking(
                "The same: deviation over the second half",
                log("deviation of the distance").within(3e-4, 1.0),
                &groups("frechet_spread"),
                false,
                &[],
            ),
            ranking("Parallel line, plane", distance(), &parallel, true, &[SOLVED, 1.0]),
        ],
    }
}

/// How strong the critic is against what comes of it.
fn strength(arms: Arms) -> Figure {
    let (equal, budget) = comparison(&arms.strengths(NON_SATURATING));
    let curves = |metric: &'static str, step: &dyn Fn(u32) -> u64| {
        let layer = |variant: Variant| {
            let points: Vec<(f64, Vec<f64>)> = arms
                .strengths(variant)
                .iter()
                .map(|(steps, rows)| {
                    let number = |row: &&Row<Config>| at(row, metric, step(*steps));
                    (f64::from(*steps), rows.iter().filter_map(number).collect())
                })
                .collect();
            curve(&name(variant), colour(variant), &points)
        };
        [MINIMAX, NON_SATURATING].into_iter().flat_map(layer).collect::<Vec<Layer>>()
    };
    let x = || log("critic steps per step");
    let corner = Some(Corner::LowerLeft);
    Figure {
        name: "strength".into(),
        title: "From the parallel line with weaker and stronger critics".into(),
        caption: format!("{}: dots; lines are medians.", seeds(arms)),
        columns: 3,
        panel: (370, 320),
        panels: vec![
            panel(
                &format!("Gradient after {equal} updates of the generator"),
                x(),
                powers("length of the gradient"),
                [
                    curves("log10_gradient_minimax", &|_| equal)[..2].to_vec(),
                    curves("log10_gradient_non_saturating", &|_| equal)[2..].to_vec(),
                ]
                .concat(),
                corner,
            ),
            panel(
                &format!("Distance after {equal} updates of the generator"),
                x(),
                distance(),
                curves("frechet", &|_| equal),
                None,
            ),
            panel(
                &format!("Distance after {budget} updates of the critic"),
                x(),
                distance(),
                curves("frechet", &|steps| budget / u64::from(steps)),
                None,
            ),
        ],
    }
}

fn dimension(arms: Arms) -> Figure {
    let layers = |critic_steps: u32, metric: &'static str| {
        let layer = |variant: Variant| {
            let points: Vec<(f64, Vec<f64>)> = arms
                .dims(variant, critic_steps)
                .iter()
                .map(|(dim, rows)| (*dim as f64, values(rows, metric)))
                .collect();
            curve(&name(variant), colour(variant), &points)
        };
        CURVES
            .into_iter()
            .filter(|variant| !arms.dims(*variant, critic_steps).is_empty())
            .flat_map(layer)
            .collect()
    };
    let updates = |critic_steps| {
        let rows = arms.dims(NON_SATURATING, critic_steps);
        rows.iter().flat_map(|(_, rows)| rows).map(|row| row.config.steps).max().unwrap_or(0)
    };
    let panels = [
        ("5 critic steps", 5, "frechet", "distance to the data, in |e|"),
        ("off the line", 5, "off_line", "spread off the line, in |e|"),
        ("1 critic step", 1, "frechet", "distance to the data, in |e|"),
    ]
    .map(|(title, steps, metric, label)| {
        let title = format!("{title}, {} updates", updates(steps));
        panel(&title, log("dimension"), log(label), layers(steps, metric), Some(Corner::LowerRight))
    });
    Figure {
        name: "dimension".into(),
        title: "Error against dimension, critic of one hidden layer".into(),
        caption: format!("{}: dots; lines are medians. Random start, one latent.", seeds(arms)),
        columns: 3,
        panel: (370, 330),
        panels: panels.into(),
    }
}

/// The parts of the error with as many latents as dimensions, and with one.
fn overcomplete(arms: Arms) -> Figure {
    let mut groups: Vec<(String, Variant, Rows)> = Vec::new();
    for dim in [4, 16] {
        for (latent, variant) in [(1, NON_SATURATING), (dim, NON_SATURATING), (dim, GAN_GP)] {
            let rows = arms.game(random(dim, latent), variant, (SHALLOW, 1));
            groups.push((format!("{}, {latent} to {dim}", name(variant)), variant, rows));
        }
    }
    let part = |(i, (title, metric)): (usize, (&str, &str))| -> Panel {
        let group = |(label, variant, rows): &(String, Variant, Rows)| -> Group {
            (label.clone(), colour(*variant), values(rows, metric))
        };
        let groups: Vec<Group> = groups.iter().map(group).collect();
        let marks = if metric == "off_line" { vec![0.05] } else { vec![] };
        ranking(title, log("in |e|"), &groups, i == 0, &marks)
    };
    let parts =
        [("Offset", "offset"), ("Spread off the line", "off_line"), ("Error of scale", "scale")];
    Figure {
        name: "overcomplete".into(),
        title: "More latents than the data have dimensions".into(),
        caption: format!(
            "{}: dots; bars are medians with 95 % bootstrap intervals; \"16 to 16\": from 16 latents to 16 dimensions. \
             Critic of one hidden layer, one step. Dashed: the threshold of C6.",
            seeds(arms)
        ),
        columns: 3,
        panel: (350, 240),
        panels: parts.into_iter().enumerate().map(part).collect(),
    }
}

fn rates(arms: Arms) -> Figure {
    let layer = |variant: Variant| {
        let point = |rate: f64| (rate, values(&arms.rate(RATED, variant, rate), "frechet"));
        curve(&name(variant), colour(variant), &RATES.map(point))
    };
    Figure {
        name: "rates".into(),
        title: "Error against learning rate".into(),
        caption: format!(
            "{}: dots; lines are medians. 8 dimensions, random start, critic of two hidden layers, 5 steps.",
            seeds(arms)
        ),
        columns: 1,
        panel: (560, 340),
        panels: vec![panel(
            "",
            log("learning rate of both"),
            distance(),
            CURVES[1..].iter().copied().flat_map(layer).collect(),
            Some(Corner::LowerLeft),
        )],
    }
}
