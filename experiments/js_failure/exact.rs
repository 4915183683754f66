//! What would a generator be told by the exact critic of two normal laws, the further apart the less by one loss?
//!
//! Mathematics: there is no chance and no claim; a test compares with known values.

use gan::{Graph, Objective, grad};
use lab::figure::{Axis, Colour, Layer, Panel};
use lab::{Arm, Diverged, Profile, Summary};
use shared::chart::panel;
use shared::colour;
use shared::summary;
use tch::{Device, Kind, Tensor};

use crate::Results;
use crate::arm::{Reader, Setting};
use crate::config::{Config, Task};
use crate::rows::log;
use crate::variant::MINIMAX;

/// Deviations between the laws.
const SHIFTS: [f64; 7] = [0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 16.0];

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let arm = |shift| {
        let setting = Setting::new(Task::Exact { shift }, MINIMAX);
        setting.arm(profile, 0, Reader::Figure).with_seeds(1, 1).with_quick_seeds(1)
    };
    SHIFTS.map(arm).into()
}

/// Scores the generator's gradient under the exact critic between N(0, 1) and N(shift, 1), by quadrature.
///
/// The grid's points are members of a stack of batches of one, so that the losses are the very ones that
/// train.
pub(crate) fn run(shift: f64) -> Vec<Result<Summary, Diverged>> {
    const STEP: f64 = 1e-3;
    let points = ((shift + 28.0) / STEP) as i64;
    let line = Tensor::arange(points, (Kind::Double, Device::Cpu)) * STEP - 14.0;
    let density = |mean: f64| ((&line - mean).square() * -0.5).exp() / std::f64::consts::TAU.sqrt();
    let (data, fakes) = (density(0.0), density(shift));
    let x = line.reshape([-1, 1, 1]).set_requires_grad(true);
    // ln of the ratio of the densities.
    let logit = &x * -shift + shift * shift / 2.0;
    let integral = |values: &Tensor, weight: &Tensor| {
        (values.reshape([-1]) * weight).sum(Kind::Double).double_value(&[]) * STEP
    };
    let gradient = |objective: Objective| {
        let loss = objective.generator_loss(&logit);
        // The model moves with its parameter, so the slope in x is the slope in the shift.
        integral(&grad(&loss, &[x.shallow_clone()], Graph::Retain)[0], &fakes).abs()
    };
    let silent = logit.full_like(-1e3);
    let cross_entropy = integral(&Objective::Minimax.critic_loss(&logit, &silent), &data)
        + integral(&Objective::Minimax.critic_loss(&-silent, &logit), &fakes);
    let numbers = [
        ("shift", shift),
        ("jensen_shannon", std::f64::consts::LN_2 - cross_entropy / 2.0),
        ("gradient_minimax", gradient(Objective::Minimax)),
        ("gradient_non_saturating", gradient(Objective::NonSaturating)),
    ];
    vec![summary(0, numbers)]
}

/// The losses with their colours: their names end the names of gradients.
pub(crate) const LOSSES: [(&str, Colour); 2] =
    [("minimax", Colour::SkyBlue), ("non_saturating", colour::GAN)];

/// The gradient of both losses against the distance of the laws.
pub(crate) fn gradients(results: &Results) -> Panel {
    let mut rows = results.part("exact");
    rows.sort_by(|a, b| {
        let shift = |row: &lab::Row<Config>| row.value("shift").unwrap_or(f64::INFINITY);
        shift(a).total_cmp(&shift(b))
    });
    let line = |(loss, colour): (&str, Colour)| Layer::Line {
        label: loss.replace('_', "-"),
        colour,
        points: rows
            .iter()
            .filter_map(|row| Some((row.value("shift")?, row.value(&format!("gradient_{loss}"))?)))
            .collect(),
    };
    panel(
        "The exact critic of N(0, 1) and N(m, 1)",
        Axis::new("m, deviations"),
        log("length of the generator's gradient"),
        LOSSES.map(line).into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known to the digits shown: Jensen-Shannon divergence and both gradients at distances of the means. The two
    /// gradients sum to the distance, because D and 1 - D do to 1 and the logit's slope is minus the distance.
    #[test]
    fn exact_critics_agree_with_the_table() {
        for (shift, divergence, minimax, non_saturating) in [
            (1.0, 0.1114, 0.398, 0.602),
            (2.0, 0.3368, 0.450, 1.550),
            (4.0, 0.6327, 0.137, 3.863),
            (8.0, 0.69305, 3.9e-4, 8.000),
            (12.0, std::f64::consts::LN_2, 1.8e-8, 12.0),
            (16.0, std::f64::consts::LN_2, 1.6e-14, 16.0),
        ] {
            let summary = run(shift).remove(0).unwrap();
            let value = |name: &str| summary.values()[name];
            let near = |name: &str, expected: f64| {
                let relative = value(name) / expected - 1.0;
                assert!(relative.abs() < 0.03, "{name} at {shift}: {}", value(name));
            };
            near("jensen_shannon", divergence);
            near("gradient_minimax", minimax);
            near("gradient_non_saturating", non_saturating);
            let sum = value("gradient_minimax") + value("gradient_non_saturating");
            assert!((sum - shift).abs() < 1e-9 * shift, "they sum to {sum}");
        }
    }
}
