//! The linearised field of the Dirac-GAN in closed form.

use gan::{Objective, Penalty};

use super::Config;
use crate::play::Dynamics;

/// Returns trace and determinant of the field's Jacobian at the equilibrium, where the critic is zero and the point is at
/// the data.
///
/// With a generator's loss g and a critic's loss d of fake samples, the field is `theta' = -psi g'(psi theta)`,
/// `psi' = -theta d'(psi theta) - h psi`, whose Jacobian at zero is `[[0, -g'(0)], [-d'(0), -h]]`: the penalty's and the
/// noise's curvature h is a resistance, the slopes are a spring.
pub(super) fn trace_and_determinant(config: &Config) -> (f64, f64) {
    let Config { objective, penalty, noise, dynamics, .. } = *config;
    let (by_generator, by_critic) = slopes(objective);
    let resistance = curvature(penalty) + noise * noise * curvature_of_loss(objective);
    let (a, b, h) = (-by_generator, -by_critic, resistance);
    match dynamics {
        Dynamics::Consensus(weight) => {
            // J - w J^T J of J = [[0, a], [b, -h]].
            let (theta, psi) = (-weight * b * b, -h - weight * (a * a + h * h));
            let (up, down) = (a + weight * b * h, b + weight * b * h);
            (theta + psi, theta * psi - up * down)
        }
        _ => (-h, -a * b),
    }
}

/// The slopes at zero of the generator's loss and of the critic's loss of fake samples.
fn slopes(objective: Objective) -> (f64, f64) {
    match objective {
        Objective::Minimax | Objective::NonSaturating => (-0.5, 0.5),
        // A critic without a bias cannot say 1/2 at the data: the loss of fake samples is flat at 0.
        Objective::LeastSquares => (-1.0, 0.0),
        Objective::Hinge | Objective::Wasserstein => (-1.0, 1.0),
    }
}

/// The sum of the second derivatives at zero of the critic's losses of real and of fake samples.
fn curvature_of_loss(objective: Objective) -> f64 {
    match objective {
        Objective::Minimax | Objective::NonSaturating => 0.5,
        Objective::LeastSquares => 2.0,
        Objective::Hinge | Objective::Wasserstein => 0.0,
    }
}

/// The penalty's second derivative by the critic's slope, at zero.
fn curvature(penalty: Penalty) -> f64 {
    // `w (sqrt(s^2 + 1e-12) - 1)^2` has the curvature `2 w (1 - 1e6)`: a peak, rounded.
    const PEAK: f64 = 2.0 * (1.0 - 1e6);
    match penalty {
        Penalty::None | Penalty::WeightClip { .. } => 0.0,
        Penalty::R1 { weight } | Penalty::R2 { weight } => weight,
        // Real and fake samples a half each, by (1/2)^2.
        Penalty::Roth { weight } => weight / 2.0,
        // The slope of the probability is a quarter of the output's.
        Penalty::Dragan { weight, of_probability: true, .. } => weight * PEAK / 16.0,
        Penalty::Gradient { weight }
        | Penalty::GradientPerColumn { weight, .. }
        | Penalty::Dragan { weight, .. } => weight * PEAK,
    }
}
