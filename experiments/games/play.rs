//! How two players move: one turn of any game.

use gan::optim::{self, Optimizer, Player};
use gan::{Graph, Net, Penalty, range, ranges_of_variants};
use serde::{Deserialize, Serialize};
use tch::Tensor;

/// Who moves when, and by what memory or foresight.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Dynamics {
    /// Both descend at once.
    Simultaneous,
    /// The critic descends, then the generator.
    Alternating,
    /// Both at once, with momentum.
    Momentum(f64),
    /// In turn, with momentum.
    AlternatingMomentum(f64),
    /// Both at once, by twice this gradient minus the last.
    Optimistic,
    /// Both at once, by the gradients where plain descent would lead.
    Extragradient,
    /// Both at once, and both descend the squared length of the field with this weight.
    Consensus(f64),
}

ranges_of_variants!(Dynamics, |variant, dynamics| match dynamics {
    Self::Momentum(momentum) | Self::AlternatingMomentum(momentum) => {
        variant.only(momentum, range::momentum);
    }
    Self::Consensus(weight) => variant.only(weight, range::weight),
    Self::Simultaneous | Self::Alternating | Self::Optimistic | Self::Extragradient => {}
});

impl Dynamics {
    /// Returns the name in figures.
    pub(crate) fn label(self) -> String {
        match self {
            Self::Simultaneous => "simultaneous".into(),
            Self::Alternating => "alternating".into(),
            Self::Momentum(momentum) => format!("momentum {momentum}"),
            Self::AlternatingMomentum(momentum) => format!("alternating, momentum {momentum}"),
            Self::Optimistic => "optimistic".into(),
            Self::Extragradient => "extragradient".into(),
            Self::Consensus(weight) => format!("consensus {weight}"),
        }
    }
}

/// Moves both players once; a penalty that is a projection follows each step of the critic.
///
/// `losses` are those of generator and critic, `[members]` each; it is asked again where a player has moved, and
/// [`Dynamics::Extragradient`] needs players with the rule of that name.
pub(crate) fn turn<G: Net, C: Net, O: Optimizer>(
    dynamics: Dynamics,
    penalty: Penalty,
    (generator, critic): (&mut Player<G, O>, &mut Player<C, O>),
    mut losses: impl FnMut(&Player<G, O>, &Player<C, O>) -> [Tensor; 2],
) {
    if matches!(dynamics, Dynamics::Alternating | Dynamics::AlternatingMomentum(_)) {
        let [_, of_critic] = losses(generator, critic);
        critic.descend(&of_critic);
        penalty.project(&mut critic.params);
        let [of_generator, _] = losses(generator, critic);
        generator.descend(&of_generator);
        return;
    }
    let rounds = if dynamics == Dynamics::Extragradient { 2 } else { 1 };
    for _ in 0..rounds {
        let [of_generator, of_critic] = losses(generator, critic);
        let [by_generator, by_critic] = if let Dynamics::Consensus(weight) = dynamics {
            let players = [&generator.params, &critic.params];
            let consensus = optim::Consensus { weight };
            consensus.gradients([&of_generator, &of_critic], players, Graph::Free)
        } else {
            let by_generator = generator.gradient(&of_generator, Graph::Retain);
            [by_generator, critic.gradient(&of_critic, Graph::Free)]
        };
        generator.step(&by_generator);
        critic.step(&by_critic);
        penalty.project(&mut critic.params);
    }
}
