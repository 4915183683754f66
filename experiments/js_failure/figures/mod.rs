//! From stored numbers to pictures; never trains.

mod path;
mod sweeps;

use experiments::chart::{Group, panel, ranking, seeds};
use experiments::variant::variant;
use lab::figure::{Axis, Colour, Corner, Layer, Scale};
use lab::{Animation, Figure, Results, Row};

use crate::arms::{Arms, Rows, SOLVED};
use crate::config::{Config, World};
use crate::grid::{
    ALL, COMPARED, DEEP, GAN_GP, MINIMAX, NON_SATURATING, PARALLEL, PICTURED, Variant, WEIGHTS,
    WGAN_GP, dragan, gan_gp,
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
        sweeps::strength(arms),
        sweeps::dimension(arms),
        sweeps::overcomplete(arms),
        sweeps::rates(arms),
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
            seeds(arms.0)
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
            seeds(arms.0)
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
        caption: format!("{}, each a line; 5 critic steps.", seeds(arms.0)),
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
        let rows = |&variant: &Variant| (variant, arms.game(COMPARED, variant, (DEEP, 5)));
        let trained = compared.iter().map(rows).filter(|(_, rows)| !rows.is_empty());
        trained
            .map(|(variant, rows)| (label(variant), shade(variant), values(&rows, metric)))
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
            seeds(arms.0)
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
