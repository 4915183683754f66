//! Derivatives of a critic with convolutions that is linear between its kinks, first and second.
//!
//! The chains of products are those of [`crate::net::PiecewiseLinear`]. Only the library knows the derivative of a
//! convolution by its kernel, so each layer has a graph of its own: with what the layer reads and the derivative by
//! what it adds up held fixed, the sum of the products of both over all layers has the gradient of the whole. A second
//! derivative by automatic differentiation goes back through all layers once more, with the zeros that are the
//! derivatives of the units' derivatives.

use std::ops::Range;

use tch::{Kind, Tensor};

use super::{Cnn, ImageShape, Norm, convolve_straight, deconvolve};
use crate::net::mlp::linear;
use crate::net::piecewise::units;
use crate::net::{ClosedForm, Derivatives};
use crate::{Graph, Params, grad};

/// A critic of images whose output is one number, linear between kinks at zero.
#[derive(Clone, Debug)]
pub(super) struct Folded {
    net: Cnn,
    /// The units' derivative below zero.
    below: f64,
}

/// A convolution, which returns maps, or a dense layer, which returns rows.
struct Layer<'a> {
    weight: &'a Tensor,
    bias: &'a Tensor,
    reads: Reads,
}

enum Reads {
    /// Maps, which it folds.
    Folded(ImageShape),
    /// Maps, which it takes as rows.
    Flat(ImageShape),
    Rows,
}

/// A block of rows on its way through the critic.
struct Pass {
    /// What each layer reads, without a graph.
    inputs: Vec<Tensor>,
    /// What each layer adds up, with a graph to its own parameters alone.
    sums: Vec<Tensor>,
    /// The derivative of a row's output by these sums, without a graph.
    slopes: Vec<Tensor>,
}

impl Folded {
    /// Returns the critic, if the network is one of that kind.
    pub(super) fn of(net: &Cnn) -> Option<Self> {
        let below = net.activation.below_zero()?;
        let is_critic = net.norm == Norm::None && net.dense.last() == Some(&1);
        is_critic.then(|| Self { net: net.clone(), below })
    }

    fn layers<'a>(&self, views: &'a [Tensor]) -> Vec<Layer<'a>> {
        let (shapes, folds) = (self.net.shapes(), self.net.maps.len());
        let reads = |i: usize| match shapes.get(i) {
            Some(&shape) if i < folds => Reads::Folded(shape),
            Some(&shape) => Reads::Flat(shape),
            None => Reads::Rows,
        };
        let layers = views.chunks_exact(2).enumerate();
        layers
            .map(|(i, pair)| Layer { weight: &pair[0], bias: &pair[1], reads: reads(i) })
            .collect()
    }

    fn pass(&self, layers: &[Layer], x: &Tensor) -> Pass {
        let mut inputs = vec![self.net.input.maps(&x.detach())];
        let mut sums = Vec::with_capacity(layers.len());
        for (i, layer) in layers.iter().enumerate() {
            let sum = layer.apply(&inputs[i], layer.bias);
            if i + 1 < layers.len() {
                inputs.push(units(self.below, &sum.detach(), &sum.detach()));
            }
            sums.push(sum);
        }
        let _guard = tch::no_grad_guard();
        let mut slopes = vec![sums[layers.len() - 1].ones_like()];
        for (layer, input) in layers.iter().zip(&inputs).skip(1).rev() {
            let by = layer.back(&slopes[slopes.len() - 1]);
            slopes.push(units(self.below, &by, input));
        }
        slopes.reverse();
        Pass { inputs, sums, slopes }
    }

    /// Returns products, `[members, batch]` for each layer, whose sum has the gradient of `sum(by_slopes * slopes)` by the
    /// parameters: what goes forth along `by_slopes`, times the derivative that came back.
    fn along(&self, layers: &[Layer], pass: &Pass, by_slopes: &Tensor) -> Vec<Tensor> {
        let mut tangent = self.net.input.maps(by_slopes);
        let mut products = Vec::with_capacity(layers.len());
        for (i, layer) in layers.iter().enumerate() {
            let moved = layer.apply(&tangent, &layer.bias.detach().zeros_like());
            products.push(layer.per_row(&(&moved * &pass.slopes[i])));
            if let Some(outputs) = pass.inputs.get(i + 1) {
                tangent = units(self.below, &moved.detach(), outputs);
            }
        }
        products
    }
}

impl ClosedForm for Folded {
    fn gradient(
        &self,
        params: &Params,
        blocks: &[Tensor],
        sloped: Range<usize>,
        derivatives: &Derivatives,
    ) -> Tensor {
        let layers = self.layers(params.views());
        let passes: Vec<Pass> = blocks.iter().map(|x| self.pass(&layers, x)).collect();
        let outputs: Vec<Tensor> =
            passes.iter().map(|pass| pass.sums[layers.len() - 1].detach()).collect();
        let (by_outputs, by_slopes) = {
            let _guard = tch::no_grad_guard();
            let slopes = |pass: &Pass| self.net.input.rows(&layers[0].back(&pass.slopes[0]));
            let slopes: Vec<Tensor> = passes[sloped.clone()].iter().map(slopes).collect();
            derivatives(&outputs, &slopes)
        };
        let mut products = Vec::new();
        for (pass, by) in passes.iter().zip(&by_outputs) {
            for (layer, (sums, slopes)) in layers.iter().zip(pass.sums.iter().zip(&pass.slopes)) {
                products.push(layer.per_row(&(sums * slopes)) * by.squeeze_dim(2));
            }
        }
        for (pass, by) in passes[sloped].iter().zip(&by_slopes) {
            products.extend(self.along(&layers, pass, by));
        }
        let total = products.iter().map(|rows| rows.sum(rows.kind())).reduce(|a, b| a + b);
        let total = total.expect("a critic has a layer, and its loss reads an output");
        Params::join(&grad(&total, params.views(), Graph::Free))
    }
}

impl Layer<'_> {
    fn apply(&self, x: &Tensor, bias: &Tensor) -> Tensor {
        match self.reads {
            Reads::Folded(_) => convolve_straight(x, self.weight, bias, 2),
            Reads::Flat(shape) => linear(&shape.rows(x), self.weight, bias),
            Reads::Rows => linear(x, self.weight, bias),
        }
    }

    /// Takes a derivative by what the layer adds up back to what it reads.
    fn back(&self, slopes: &Tensor) -> Tensor {
        let rows = || match self.weight.transpose(1, 2) {
            row if row.size()[1] == 1 => slopes * row,
            columns => slopes.bmm(&columns),
        };
        match self.reads {
            Reads::Folded(shape) => deconvolve(slopes, self.weight, None, shape),
            Reads::Flat(shape) => shape.maps(&rows()),
            Reads::Rows => rows(),
        }
    }

    /// Adds up what a layer returned for each row, `[members, batch]`.
    fn per_row(&self, of: &Tensor) -> Tensor {
        match self.reads {
            Reads::Folded(_) => {
                let members = of.unflatten(1, [self.weight.size()[0], -1]);
                members
                    .sum_dim_intlist([2i64, 3, 4].as_slice(), false, None::<Kind>)
                    .transpose(0, 1)
            }
            _ => of.sum_dim_intlist([2i64].as_slice(), false, None::<Kind>),
        }
    }
}
