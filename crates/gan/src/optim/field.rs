//! Two players as one dynamical system: their field, its Jacobian, and consensus, which damps it.

use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::{Graph, Params, grad, range};

/// Returns the field of a game, minus the gradient of each player's own loss by its own parameters, the first player's
/// numbers first.
///
/// # Shapes
/// `losses`: `[members]` each; result: `[members, total]` over the parameters of both.
pub fn field(losses: [&Tensor; 2], players: [&Params; 2], graph: Graph) -> Tensor {
    let kept = if graph == Graph::Free { Graph::Retain } else { graph };
    let first = Params::join(&grad(losses[0], players[0].views(), kept));
    let second = Params::join(&grad(losses[1], players[1].views(), graph));
    -Tensor::cat(&[first, second], 1)
}

/// Returns the Jacobian of a field that was made with [`Graph::Keep`], row by row.
///
/// # Shapes
/// `field`: `[members, total]`; result: `[members, total, total]`, the derivative of number i by number j at `[.., i, j]`.
pub fn jacobian(field: &Tensor, players: [&Params; 2]) -> Tensor {
    let views: Vec<Tensor> =
        players.iter().flat_map(|player| player.views()).map(Tensor::shallow_clone).collect();
    let row = |i: i64| Params::join(&grad(&field.select(1, i), &views, Graph::Retain)).detach();
    Tensor::stack(&(0..field.size()[1]).map(row).collect::<Vec<_>>(), 1)
}

/// Returns the Jacobian of a field under [`Consensus`], `J - weight * J^T J`: exact where the field is zero, and what its
/// authors look at elsewhere, where second derivatives of the field are left out.
///
/// # Shapes
/// `jacobian`, result: `[members, total, total]`.
pub fn consensus_jacobian(jacobian: &Tensor, weight: f64) -> Tensor {
    jacobian - jacobian.transpose(1, 2).matmul(jacobian) * weight
}

/// Consensus optimisation (Mescheder, Nowozin and Geiger 2017, 1705.10461): both players also descend
/// `weight / 2 * |field|^2`. It needs the losses of both, so it makes the gradients that any rule then follows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Consensus {
    /// The weight, gamma; 10 in the paper.
    #[garde(custom(range::weight))]
    pub weight: f64,
}

impl Consensus {
    /// Returns the regularised gradients of both players, each `[members, total]`; with [`Graph::Keep`] they are
    /// differentiable.
    ///
    /// # Shapes
    /// `losses`: `[members]` each.
    pub fn gradients(
        self,
        losses: [&Tensor; 2],
        players: [&Params; 2],
        graph: Graph,
    ) -> [Tensor; 2] {
        let field = field(losses, players, Graph::Keep);
        let energy = field.square().sum_dim_intlist([1i64].as_slice(), false, None::<Kind>) * 0.5;
        let views: Vec<Tensor> =
            players.iter().flat_map(|player| player.views()).map(Tensor::shallow_clone).collect();
        let gradient = Params::join(&grad(&energy, &views, graph)) * self.weight - field;
        let sizes = players.map(Params::count);
        let [first, second] = [(0, sizes[0]), (sizes[0], sizes[1])]
            .map(|(start, size)| gradient.narrow(1, start, size));
        [first, second]
    }
}
