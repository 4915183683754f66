//! Derivatives of a piecewise-linear critic, first and second, without a graph.
//!
//! Between its kinks a perceptron of (leaky) rectified units is linear. The slope of its output is a product
//! of weights and of the units' derivatives, and those are constants almost everywhere. A loss of outputs
//! *and slopes* therefore has a gradient of three short chains of products: back from the outputs, back from
//! one for the slopes, and forth from the loss's derivative by the slopes ([`ClosedForm::gradient`]).
//! How a gradient of outputs changes as the parameters move takes as few: forth for the outputs, back for the
//! slopes ([`Pass::hessian_vector_product`]). A second derivative by automatic differentiation finds the same numbers through
//! two to three times as many operations.

mod pass;

use std::ops::Range;

pub use pass::Pass;

use tch::{Kind, Tensor};

use super::{Activation, Mlp};
use crate::Params;

/// From the outputs and slopes of blocks of rows, the loss's derivatives by the outputs of the first blocks, as many as
/// the loss reads, and by all slopes.
pub type Derivatives<'a> = dyn Fn(&[Tensor], &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>) + 'a;

/// A critic whose losses of outputs and slopes have gradients without a second derivative by automatic differentiation.
pub trait ClosedForm {
    /// Returns the flat gradient, `[members, total]`, of a loss of outputs and slopes of which the derivatives by
    /// these are known.
    ///
    /// # Shapes
    /// `blocks`: of rows of `x`, `[members, batch, inputs]` each. `derivatives` gets the outputs of all blocks,
    /// `[members, batch, 1]` each, and the slopes of the blocks `sloped`, `[members, batch, inputs]` each.
    fn gradient(
        &self,
        params: &Params,
        blocks: &[Tensor],
        sloped: Range<usize>,
        derivatives: &Derivatives,
    ) -> Tensor;
}

/// A view of a perceptron whose output is one number, linear between kinks at zero.
#[derive(Clone, Copy, Debug)]
pub struct PiecewiseLinear {
    activation: Activation,
    /// The units' derivative below zero.
    below: f64,
}

impl PiecewiseLinear {
    /// Returns the view, if the network is of that kind.
    pub fn of(net: &Mlp) -> Option<Self> {
        let activation = net.activation;
        let below = activation.below_zero()?;
        (net.widths.last() == Some(&1) && !net.standardise).then_some(Self { activation, below })
    }

    /// Returns what every layer reads, the rows first, and the outputs.
    fn forward(self, views: &[Tensor], row: &Tensor, x: &Tensor) -> (Vec<Tensor>, Tensor) {
        let (hidden, last) = views.split_at(views.len() - 2);
        let mut inputs = vec![x.shallow_clone()];
        for (layer, pair) in hidden.chunks_exact(2).enumerate() {
            let sums = pair[1].baddbmm(&inputs[layer], &pair[0], 1, 1);
            inputs.push(match self.activation {
                // `sums` above zero and `below * sums` beneath it: the same numbers from one pass, not three.
                Activation::LeakyRelu(below) => units(below, &sums, &sums),
                activation => activation.apply(sums),
            });
        }
        // One output: a product and a sum, as in the perceptron itself.
        let outputs = sum(&(&inputs[hidden.len() / 2] * row), 2) + &last[1];
        (inputs, outputs)
    }

    /// Passes rows through the critic and keeps what derivatives need.
    ///
    /// # Shapes
    /// `x`: `[members, rows, inputs]`.
    pub fn pass(self, params: &Params, x: &Tensor) -> Pass {
        let _guard = tch::no_grad_guard();
        let views = params.views();
        let (hidden, last) = views.split_at(views.len() - 2);
        let row = last[0].transpose(1, 2);
        let (inputs, outputs) = self.forward(views, &row, x);
        let weights = weights(hidden);
        let ones = row.expand([-1, x.size()[1], -1], false);
        let slopes = backward(self.below, &weights, &inputs, &ones);
        Pass { below: self.below, weights, row, inputs, outputs, slopes }
    }
}

impl ClosedForm for PiecewiseLinear {
    fn gradient(
        &self,
        params: &Params,
        blocks: &[Tensor],
        sloped: Range<usize>,
        derivatives: &Derivatives,
    ) -> Tensor {
        let _guard = tch::no_grad_guard();
        let batch = blocks[0].size()[1];
        let rows = |of: &Tensor, blocks: Range<usize>| {
            of.narrow(1, blocks.start as i64 * batch, blocks.len() as i64 * batch)
        };
        let views = params.views();
        let (hidden, last) = views.split_at(views.len() - 2);
        let weights = weights(hidden);
        let row = last[0].transpose(1, 2);
        let (inputs, outputs) = self.forward(views, &row, &Tensor::cat(blocks, 1));

        let slope_inputs: Vec<Tensor> = inputs.iter().map(|h| rows(h, sloped.clone())).collect();
        let (slope_errors, slopes) = if sloped.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            let ones = row.expand([-1, sloped.len() as i64 * batch, -1], false);
            let errors = backward(self.below, &weights, &slope_inputs, &ones);
            let slopes = match (errors.first(), weights.first()) {
                (Some(error), Some(weight)) => error.bmm(&weight.transpose(1, 2)),
                _ => ones,
            };
            (errors, (0..sloped.len()).map(|i| rows(&slopes, i..i + 1)).collect())
        };
        let each: Vec<Tensor> = (0..blocks.len()).map(|i| rows(&outputs, i..i + 1)).collect();
        let (by_outputs, by_slopes) = derivatives(&each, &slopes);
        let read = by_outputs.len();
        let by_outputs = Tensor::cat(&by_outputs, 1);
        let mut tangent = (!by_slopes.is_empty()).then(|| Tensor::cat(&by_slopes, 1));

        let inputs: Vec<Tensor> = inputs.iter().map(|h| rows(h, 0..read)).collect();
        let errors = backward(self.below, &weights, &inputs, &(&by_outputs * &row));
        let mut gradients = Vec::with_capacity(views.len());
        for (layer, error) in errors.iter().enumerate() {
            let mut outer = inputs[layer].transpose(1, 2).bmm(error);
            if let Some(before) = &tangent {
                outer = outer.baddbmm(&before.transpose(1, 2), &slope_errors[layer], 1, 1);
                let after = before.bmm(&weights[layer]);
                tangent = Some(units(self.below, &after, &slope_inputs[layer + 1]));
            }
            gradients.push(outer);
            gradients.push(sum(error, 1));
        }
        let mut outer = sum(&(&inputs[weights.len()] * &by_outputs), 1);
        if let Some(tangent) = tangent {
            outer += sum(&tangent, 1);
        }
        gradients.push(outer.transpose(1, 2));
        gradients.push(sum(&by_outputs, 1));
        Params::join(&gradients)
    }
}

/// The weights among the hidden layers' views.
fn weights(hidden: &[Tensor]) -> Vec<Tensor> {
    hidden.iter().step_by(2).map(Tensor::shallow_clone).collect()
}

/// Takes a derivative by the last hidden layer, `[members, rows, width]`, back to what each hidden layer adds up
/// before its units, first layer first. `weights` are those of the hidden layers, `inputs` what every layer reads.
fn backward(below: f64, weights: &[Tensor], inputs: &[Tensor], by: &Tensor) -> Vec<Tensor> {
    let mut errors: Vec<Tensor> = Vec::with_capacity(weights.len());
    for layer in (0..weights.len()).rev() {
        let error = match errors.last() {
            None => units(below, by, &inputs[layer + 1]),
            Some(next) => {
                let by = next.bmm(&weights[layer + 1].transpose(1, 2));
                units(below, &by, &inputs[layer + 1])
            }
        };
        errors.push(error);
    }
    errors.reverse();
    errors
}

/// Multiplies by the units' derivatives, read off their outputs.
pub(super) fn units(below: f64, by: &Tensor, outputs: &Tensor) -> Tensor {
    outputs.leaky_relu_backward(by, below, true)
}

fn sum(of: &Tensor, axis: i64) -> Tensor {
    of.sum_dim_intlist([axis].as_slice(), true, None::<Kind>)
}
