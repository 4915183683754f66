//! Losses and what keeps the critic smooth: the variants that are compared.

use gan::optim::{RmsProp, Rule};
use gan::penalty::Perturbation;
use gan::{Adam, Objective, Penalty};
use lab::figure::Colour;
use shared::colour;

/// A pair of losses with a penalty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Variant {
    pub(crate) objective: Objective,
    pub(crate) penalty: Penalty,
}

const fn variant(objective: Objective, penalty: Penalty) -> Variant {
    Variant { objective, penalty }
}

/// Weight of every penalty unless named.
const WEIGHT: f64 = 1.0;

pub(crate) const MINIMAX: Variant = variant(Objective::Minimax, Penalty::None);
pub(crate) const NON_SATURATING: Variant = variant(Objective::NonSaturating, Penalty::None);
const CLIPPED: Variant = variant(Objective::Wasserstein, Penalty::WeightClip { bound: 0.05 });
pub(crate) const WGAN_GP: Variant =
    variant(Objective::Wasserstein, Penalty::Gradient { weight: WEIGHT });
pub(crate) const GAN_GP: Variant = gan_gp(WEIGHT);
pub(crate) const MINIMAX_GP: Variant =
    variant(Objective::Minimax, Penalty::Gradient { weight: WEIGHT });
pub(crate) const DRAGAN_NS: Variant = dragan(WEIGHT);
const R1: Variant = variant(Objective::NonSaturating, Penalty::R1 { weight: WEIGHT });
const R2: Variant = variant(Objective::NonSaturating, Penalty::R2 { weight: WEIGHT });
const ROTH: Variant = variant(Objective::NonSaturating, Penalty::Roth { weight: WEIGHT });

/// Every variant, in the order of the figures.
pub(crate) const ALL: [Variant; 10] =
    [MINIMAX, NON_SATURATING, CLIPPED, WGAN_GP, GAN_GP, DRAGAN_NS, MINIMAX_GP, R1, R2, ROTH];
/// Variants that start from the parallel line.
pub(crate) const FROM_PARALLEL: [Variant; 6] =
    [MINIMAX, NON_SATURATING, CLIPPED, WGAN_GP, GAN_GP, DRAGAN_NS];
/// Variants whose error is drawn as a curve.
pub(crate) const CURVES: [Variant; 5] = [MINIMAX, NON_SATURATING, WGAN_GP, GAN_GP, DRAGAN_NS];

pub(crate) const fn gan_gp(weight: f64) -> Variant {
    variant(Objective::NonSaturating, Penalty::Gradient { weight })
}

/// Returns the penalty near the data in the form of its authors' notebook.
pub(crate) const fn dragan(weight: f64) -> Variant {
    let near = Perturbation::OneSided;
    variant(Objective::NonSaturating, Penalty::Dragan { weight, near, of_probability: false })
}

/// Returns Adam as in most of this experiment.
pub(crate) fn adam(learning_rate: f64) -> Rule {
    Rule::Adam(Adam::new(learning_rate, 0.5, 0.999))
}

impl Variant {
    /// Returns the optimiser of both players unless an arm names another.
    pub(crate) fn usual_rule(self) -> Rule {
        match self.penalty {
            // As Arjovsky et al. have it; its rate is raised twentyfold for runs that are so much shorter.
            Penalty::WeightClip { .. } => {
                Rule::RmsProp(RmsProp { learning_rate: 1e-3, decay: 0.99 })
            }
            _ => adam(1e-3),
        }
    }

    /// Returns the name in figures, with the weight where it is not the usual one.
    pub(crate) fn label(self) -> String {
        let name = shared::variant::variant(self.objective, self.penalty);
        match self.penalty {
            Penalty::Gradient { weight } | Penalty::Dragan { weight, .. }
                if weight.total_cmp(&WEIGHT).is_ne() =>
            {
                format!("{name}, weight {weight}")
            }
            _ => name,
        }
    }

    /// Returns the colour, the same in every figure.
    pub(crate) fn colour(self) -> Colour {
        colour::variant(self.objective, self.penalty)
    }
}
