//! Phase portraits, the table of poles, and the poles as the weight of R1 grows.

use gan::{Objective, Penalty};
use lab::figure::{Axis, Colour, Layer, Panel, Scale, Tile};
use lab::{Figure, Results};
use shared::chart::{dots, panel};
use shared::variant::objective as objective_name;

use super::{Config, FEEDBACKS, Feedback, OBJECTIVES, RATE, RATES, WEIGHTS, arm_name, label};
use crate::poles::{factor, of_plane};

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![portraits(results), table(results), poles(results)]
}

fn portraits(results: &Results<Config>) -> Figure {
    let portrait = |(objective, feedback): (Objective, Feedback)| {
        let rows = results.arm(&arm_name(objective, feedback, RATE));
        let traces = rows.first().map(|row| (row.traces.get("theta"), row.traces.get("psi")));
        let points = match traces {
            Some((Some(x), Some(y))) => x.iter().zip(y).map(|(x, y)| (x.1, y.1)).collect(),
            _ => Vec::new(),
        };
        let turns = dots(Colour::Blue, 2, 0.7, points);
        let centre = dots(Colour::Black, 3, 1.0, vec![(0.0, 0.0)]);
        let title = format!("{}, {}", objective_name(objective), label(feedback));
        let axis = |label: &str| Axis::new(label).within(-3.2, 3.2);
        panel(&title, axis("theta"), axis("psi"), vec![turns, centre])
    };
    let minimax = [0, 1, 2, 5, 6].map(|i| (Objective::Minimax, FEEDBACKS[i]));
    let others = [
        (Objective::NonSaturating, FEEDBACKS[0]),
        (Objective::LeastSquares, FEEDBACKS[0]),
        (Objective::Wasserstein, FEEDBACKS[7]),
        (Objective::Wasserstein, FEEDBACKS[8]),
    ];
    Figure {
        name: "dirac".into(),
        title: "One point learns another: paths of the Dirac-GAN under feedback".into(),
        caption: "Simultaneous descent at 0.2, 500 turns from theta = 1, psi = -1, of which every fifth is a dot; \
                  the cross is the equilibrium. No chance is in it."
            .into(),
        columns: 3,
        height: 250,
        panels: minimax.into_iter().chain(others).map(portrait).collect(),
    }
}

/// Rates of every loss under every feedback.
fn table(results: &Results<Config>) -> Figure {
    let mut tiles = Vec::new();
    for (x, objective) in OBJECTIVES.into_iter().enumerate() {
        for (y, feedback) in FEEDBACKS.into_iter().rev().enumerate() {
            let rows = results.arm(&arm_name(objective, feedback, RATE));
            let Some(row) = rows.first() else { continue };
            // Zero has no sign here.
            let number = |metric| row.value(metric).map(|x| (x * 1e6).round() / 1e6 + 0.0);
            let (Some(real), Some(imaginary)) = (number("first_real"), number("first_imaginary"))
            else {
                continue;
            };
            let poles = if imaginary > 0.0 {
                format!("{real:.3} \u{b1} {imaginary:.3}i")
            } else if real > 1e3 {
                "a peak".into()
            } else {
                format!("{real:.3}, {:.3}", number("second_real").unwrap_or(f64::NAN))
            };
            let (rate, shade) = if let Some(rate) = number("rate") {
                (format!("{rate:+.4} a turn"), (-rate / 0.12).clamp(0.0, 1.0))
            } else {
                let end = number("distance").unwrap_or(f64::NAN);
                let end = if end > 1e3 { format!("{end:.1e}") } else { format!("{end:.2}") };
                (format!("ends at {end}"), 0.0)
            };
            tiles.push(Tile { at: (x, y), shade, text: vec![poles, rate] });
        }
    }
    let losses = OBJECTIVES.map(|objective| objective_name(objective).to_owned()).into();
    let feedbacks = FEEDBACKS.iter().rev().map(|feedback| label(*feedback)).collect();
    Figure {
        name: "feedback".into(),
        title: "Which feedback gives the Dirac-GAN a negative rate near its equilibrium".into(),
        caption: "Columns: losses; rows: feedback. In each cell above the poles of the field, below the simulated change of ln \
                  distance a turn at 0.2: darker falls faster. \"A peak\": the penalty has no derivative at a critic of zero, and \
                  below stands the distance after 500 turns."
            .into(),
        columns: 1,
        height: 490,
        panels: vec![panel("", Axis::of(losses), Axis::of(feedbacks), vec![Layer::Tiles(tiles)])],
    }
}

/// Trace and determinant of the minimax game under R1.
fn damped(weight: f64) -> [[f64; 2]; 2] {
    of_plane(-weight, 0.25)
}

fn poles(results: &Results<Config>) -> Figure {
    let ticks = |most: f64| (0..=400).map(move |i| most * f64::from(i) / 400.0);
    Figure {
        name: "poles".into(),
        title: "The control view: a penalty is a resistance".into(),
        caption: "Minimax losses under R1. Left: poles as the weight grows from 0, which meet at critical damping, weight 1; \
                  crosses mark weights 0.4, 1 and 1.4. Middle: rate near the equilibrium, lines by the poles, black crosses simulated. \
                  Right: between the lines simultaneous steps converge."
            .into(),
        columns: 3,
        height: 240,
        panels: vec![locus(ticks(1.6)), rates(results), stable()],
    }
}

fn locus(weights: impl Iterator<Item = f64>) -> Panel {
    let paths: Vec<[[f64; 2]; 2]> = weights.map(damped).collect();
    let line = |i: usize, colour| Layer::Line {
        label: String::new(),
        colour,
        points: paths.iter().map(|poles| (poles[i][0], poles[i][1])).collect(),
    };
    let marks = [0.4, 1.0, 1.4].into_iter().flat_map(damped).map(|[re, im]| (re, im)).collect();
    let layers = vec![
        line(0, Colour::Blue),
        line(1, Colour::Vermillion),
        dots(Colour::Black, 4, 1.0, marks),
        Layer::Vertical { label: String::new(), x: 0.0 },
    ];
    let x = Axis::new("real part").within(-1.5, 0.2);
    panel("poles of the field", x, Axis::new("imaginary part").within(-0.7, 0.7), layers)
}

fn rates(results: &Results<Config>) -> Panel {
    let colours = [Colour::Green, Colour::Blue, Colour::Vermillion];
    let mut layers = Vec::new();
    for (rate, colour) in RATES.into_iter().zip(colours) {
        let weights = (0..=300).map(|i| 0.04 * 300f64.powf(f64::from(i) / 300.0));
        let points = weights.map(|weight| (weight, factor(damped(weight), rate).ln())).collect();
        layers.push(Layer::Line { label: format!("step {rate}"), colour, points });
        let simulated = WEIGHTS.iter().filter_map(|&weight| {
            let arm = arm_name(Objective::Minimax, Feedback::Penalty(Penalty::R1 { weight }), rate);
            Some((weight, results.arm(&arm).first()?.value("rate")?))
        });
        layers.push(dots(Colour::Black, 3, 1.0, simulated.collect()));
    }
    layers.push(Layer::Horizontal { label: String::new(), y: 0.0 });
    let x = Axis::new("weight of R1").scaled(Scale::Log).within(0.04, 12.0);
    let y = Axis::new("change of ln distance a turn").within(-0.6, 0.6);
    panel("rate against weight", x, y, layers)
}

/// `step / 4 < weight < 2 / step + step / 8`: where both poles of a step lie in the unit circle.
fn stable() -> Panel {
    let steps = (1..=300).map(|i| 2.0 * f64::from(i) / 300.0);
    let line = |label: &str, colour, weight: fn(f64) -> f64| Layer::Line {
        label: label.into(),
        colour,
        points: steps.clone().map(|step| (step, weight(step))).filter(|p| p.1 < 20.0).collect(),
    };
    let layers = vec![
        line("below: it still turns outwards", Colour::Blue, |step| step / 4.0),
        line("above: steps overshoot", Colour::Vermillion, |step| 2.0 / step + step / 8.0),
        Layer::Horizontal { label: "critical damping".into(), y: 1.0 },
    ];
    let y = Axis::new("weight of R1").scaled(Scale::Log).within(0.01, 20.0);
    panel("where steps converge", Axis::new("step size").within(0.0, 2.0), y, layers)
}
