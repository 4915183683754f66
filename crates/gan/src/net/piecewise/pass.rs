//! A pass kept for derivatives of losses that are not yet known when it is made.

use tch::Tensor;

use super::{sum, units};
use crate::Params;

/// A critic's pass over rows, kept for the derivatives of any loss of its outputs; none carries a graph.
#[derive(Debug)]
pub struct Pass {
    /// The outputs, `[members, rows, 1]`.
    pub outputs: Tensor,
    /// The units' derivative below zero.
    pub(super) below: f64,
    /// The weights of the hidden layers, `[members, inputs, width]`.
    pub(super) weights: Vec<Tensor>,
    /// The last weight, `[members, 1, width]`.
    pub(super) row: Tensor,
    /// What every layer reads, `[members, rows, width]`.
    pub(super) inputs: Vec<Tensor>,
    /// The derivative of a row's output by what each hidden layer adds up, `[members, rows, width]`.
    pub(super) slopes: Vec<Tensor>,
}

impl Pass {
    /// Returns the flat gradient, `[members, total]`, of a loss of which the derivatives by the outputs are
    /// `by_outputs`, `[members, rows, 1]`.
    pub fn by_params(&self, by_outputs: &Tensor) -> Tensor {
        let mut gradient = Vec::with_capacity(2 * self.inputs.len());
        for (input, slope) in self.inputs.iter().zip(&self.slopes) {
            let error = slope * by_outputs;
            gradient.push(input.transpose(1, 2).bmm(&error));
            gradient.push(sum(&error, 1));
        }
        gradient.push(sum(&(self.last() * by_outputs), 1));
        gradient.push(sum(by_outputs, 1));
        Params::join(&gradient)
    }

    /// Returns the derivative of the loss by the rows from `first` on, `[members, rows - first, inputs]`;
    /// `by_outputs`, `[members, rows - first, 1]`, are its derivatives by the outputs there.
    pub fn by_inputs(&self, first: i64, by_outputs: &Tensor) -> Tensor {
        match (self.slopes.first(), self.weights.first()) {
            (Some(slope), Some(weight)) => {
                from(slope, first).bmm(&weight.transpose(1, 2)) * by_outputs
            }
            _ => by_outputs * &self.row,
        }
    }

    /// Returns the change of the loss's derivatives as the parameters move along `direction`, of those by the parameters,
    /// flat, and of those by the rows from `first` on: its second derivative times the direction (Pearlmutter 1994,
    /// "Fast exact multiplication by the Hessian").
    ///
    /// # Shapes
    /// `by_outputs`, `curvatures`: the loss's first and second derivatives by each output, `[members, rows, 1]`;
    /// `direction`: as the parameters' views.
    pub fn hessian_vector_product(
        &self,
        by_outputs: &Tensor,
        curvatures: &Tensor,
        direction: &[Tensor],
        first: i64,
    ) -> (Tensor, Tensor) {
        let (hidden, last) = direction.split_at(direction.len() - 2);
        let row = last[0].transpose(1, 2);

        let mut inputs: Vec<Tensor> = Vec::with_capacity(self.weights.len());
        for (layer, pair) in hidden.chunks_exact(2).enumerate() {
            let mut sums = pair[1].baddbmm(&self.inputs[layer], &pair[0], 1, 1);
            if let Some(before) = inputs.last() {
                sums = sums.baddbmm(before, &self.weights[layer], 1, 1);
            }
            inputs.push(units(self.below, &sums, &self.inputs[layer + 1]));
        }
        let mut products = self.last() * &row;
        if let Some(moved) = inputs.last() {
            products = products.addcmul(moved, &self.row);
        }
        let change = (sum(&products, 2) + &last[1]) * curvatures;

        let mut slopes: Vec<Tensor> = Vec::with_capacity(self.slopes.len());
        for layer in (0..self.slopes.len()).rev() {
            let by = match slopes.last() {
                None => row.expand_as(&self.slopes[layer]),
                Some(next) => {
                    through(next, &self.weights[layer + 1])
                        + through(&self.slopes[layer + 1], &hidden[2 * layer + 2])
                }
            };
            slopes.push(units(self.below, &by, &self.inputs[layer + 1]));
        }
        slopes.reverse();

        let mut by_params = Vec::with_capacity(direction.len());
        let mut by_inputs = None;
        for (layer, moved) in slopes.iter().enumerate() {
            let error = (moved * by_outputs).addcmul(&self.slopes[layer], &change);
            let mut outer = self.inputs[layer].transpose(1, 2).bmm(&error);
            if layer == 0 {
                let still = from(&self.slopes[0], first) * from(by_outputs, first);
                let own = through(&from(&error, first), &self.weights[0]);
                by_inputs = Some(own + through(&still, &hidden[0]));
            } else {
                let still = &self.slopes[layer] * by_outputs;
                outer = outer.baddbmm(&inputs[layer - 1].transpose(1, 2), &still, 1, 1);
            }
            by_params.push(outer);
            by_params.push(sum(&error, 1));
        }
        let mut outer = self.last() * &change;
        if let Some(moved) = inputs.last() {
            outer = outer.addcmul(moved, by_outputs);
        }
        by_params.push(sum(&outer, 1));
        by_params.push(sum(&change, 1));
        let by_inputs = by_inputs
            .unwrap_or_else(|| from(&change, first) * &self.row + from(by_outputs, first) * &row);
        (Params::join(&by_params), by_inputs)
    }

    /// What the last layer reads.
    fn last(&self) -> &Tensor {
        &self.inputs[self.inputs.len() - 1]
    }
}

/// Takes a derivative by a layer's sums back to what the layer reads.
fn through(errors: &Tensor, weight: &Tensor) -> Tensor {
    errors.bmm(&weight.transpose(1, 2))
}

fn from(rows: &Tensor, first: i64) -> Tensor {
    rows.narrow(1, first, rows.size()[1] - first)
}
