//! The colour of a method, and with it its marker: the same in every figure of the repository.

use gan::objective::GeneratorLoss;
use gan::{Objective, Penalty};
use lab::figure::Colour;
pub use lab::figure::SERIES;

/// A GAN with non-saturating losses and nothing else.
pub const GAN: Colour = Colour::Blue;
/// A GAN that looks ten critic steps ahead.
pub const LOOK_AHEAD: Colour = Colour::Green;
/// A variational auto-encoder.
pub const VAE: Colour = Colour::SkyBlue;
/// A flow by maximum likelihood.
pub const LIKELIHOOD: Colour = Colour::Blue;
/// A Wasserstein GAN with a gradient penalty.
pub const WGAN_GP: Colour = Colour::Orange;
/// A Wasserstein GAN with clipped weights.
pub const WGAN_CLIPPED: Colour = Colour::Purple;
/// A Wasserstein GAN with a share of likelihood.
pub const HYBRID: Colour = Colour::Green;
/// Modes and other targets, under what a method makes of them.
pub const TARGET: Colour = Colour::Grey;

/// Returns the colour of a pair of losses.
pub fn objective(objective: Objective) -> Colour {
    match objective {
        Objective::NonSaturating => GAN,
        Objective::Minimax => Colour::SkyBlue,
        Objective::LeastSquares => Colour::Black,
        Objective::Hinge => Colour::Yellow,
        Objective::Wasserstein => WGAN_GP,
    }
}

/// Returns the colour of what a generator minimises under a given critic.
pub fn generator_loss(loss: GeneratorLoss) -> Colour {
    match loss {
        GeneratorLoss::Minimax => objective(Objective::Minimax),
        GeneratorLoss::NonSaturating => objective(Objective::NonSaturating),
        GeneratorLoss::LogRatio => Colour::Green,
        GeneratorLoss::Variational(_) => Colour::Orange,
        GeneratorLoss::FrozenRatio(_) => Colour::Vermillion,
        GeneratorLoss::Bregman(_) => Colour::Purple,
    }
}

/// Returns the colour of a penalty.
pub fn penalty(penalty: Penalty) -> Colour {
    match penalty {
        Penalty::None => GAN,
        Penalty::Gradient { .. } | Penalty::GradientPerColumn { .. } => Colour::Green,
        Penalty::Dragan { .. } => Colour::Purple,
        Penalty::R1 { .. } => Colour::Vermillion,
        Penalty::R2 { .. } => Colour::Black,
        Penalty::Roth { .. } => Colour::SkyBlue,
        Penalty::WeightClip { .. } => Colour::Yellow,
    }
}

/// Returns the colour of a variant: its penalty's under non-saturating losses, its losses' under others.
pub fn variant(losses: Objective, added: Penalty) -> Colour {
    match losses {
        Objective::NonSaturating => penalty(added),
        other => objective(other),
    }
}
