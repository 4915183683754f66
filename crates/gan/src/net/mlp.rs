//! The multi-layer perceptron.

use tch::{Kind, Tensor};

use super::{Activation, Net, PiecewiseLinear};
use crate::init::Init;
use crate::params::Spec;
use crate::{Params, Rng};

/// Fully connected layers with one activation between them and none at the end.
#[derive(Clone, Debug)]
pub struct Mlp {
    /// Widths from input to output; `[2, 128, 1]` has one hidden layer.
    pub widths: Vec<i64>,
    /// The function between layers.
    pub activation: Activation,
    /// The start of the weights; `None` stands for PyTorch's default, biases included.
    pub init: Option<Init>,
    /// The start of the last layer's weights, where it differs.
    pub last_init: Option<Init>,
    /// Whether every layer's input is first shifted and scaled to mean 0 and variance 1 over the batch *and*
    /// the features: the batch norm of Flow-GAN's released code, in the form that uses the present batch in
    /// evaluation too. What comes out for one row then depends on the others.
    pub standardise: bool,
}

impl Mlp {
    /// Returns a perceptron with PyTorch's default initialisation.
    ///
    /// # Examples
    /// ```
    /// use gan::{Activation, Mlp, Net, Rng};
    ///
    /// let net = Mlp::new(&[2, 64, 1], Activation::Relu);
    /// let params = net.init(&mut Rng::new(&[0, 1, 2]));
    /// let x = Rng::new(&[0, 1, 2]).fork("x").normal(&[10, 2]);
    /// assert_eq!(net.apply(&params, &x).size(), [3, 10, 1]);
    /// ```
    pub fn new(widths: &[i64], activation: Activation) -> Self {
        Self {
            widths: widths.to_vec(),
            activation,
            init: None,
            last_init: None,
            standardise: false,
        }
    }

    /// Returns the same architecture with weights from `init` and biases from zero.
    pub fn with_init(mut self, init: Init) -> Self {
        self.init = Some(init);
        self
    }

    /// Returns the same architecture with the last layer's weights from `init`, its bias from zero.
    pub fn with_last_init(mut self, init: Init) -> Self {
        self.last_init = Some(init);
        self
    }

    /// Returns the parameters that this architecture needs, `prefix` before their names.
    pub fn specs(&self, prefix: &str) -> Vec<Spec> {
        let layers = self.widths.len() - 1;
        let layer = |(i, pair): (usize, &[i64])| {
            let default = Init::PyTorchDefault { fan_in: pair[0] };
            let chosen = if i + 1 == layers { self.last_init.or(self.init) } else { self.init };
            let (weight, bias) = match chosen {
                Some(init) => (init, Init::Zeros),
                None => (default, default),
            };
            let spec = |part: &str, shape: Vec<i64>, init| Spec {
                name: format!("{prefix}layer{i}.{part}"),
                shape,
                init,
            };
            [spec("weight", vec![pair[0], pair[1]], weight), spec("bias", vec![1, pair[1]], bias)]
        };
        self.widths.windows(2).enumerate().flat_map(layer).collect()
    }

    /// Returns the output for a weight and a bias per layer, in order.
    ///
    /// # Shapes
    /// `views`: `[members, inputs, outputs]` and `[members, 1, outputs]` in turn;
    /// `x`: `[members, batch, inputs]`.
    ///
    /// # Panics
    /// If there is not a weight and a bias for each layer.
    pub fn forward(&self, views: &[Tensor], x: &Tensor) -> Tensor {
        let layers = self.widths.len() - 1;
        assert_eq!(views.len(), 2 * layers, "a weight and a bias for each of {layers} layers");
        if self.activation == Activation::Tanh && !self.standardise {
            return by_sigmoids(views, x);
        }
        let layer = |x: &Tensor, pair: &[Tensor]| {
            if self.standardise {
                linear(&standardised(x), &pair[0], &pair[1])
            } else {
                linear(x, &pair[0], &pair[1])
            }
        };
        let mut h = layer(x, &views[..2]);
        for pair in views[2..].chunks_exact(2) {
            h = layer(&self.activation.apply(h), pair);
        }
        h
    }
}

/// Returns the output of a perceptron of hyperbolic tangents, `tanh(a) = 2 sigmoid(2 a) - 1`, the affine maps taken
/// into the weights: libtorch's sigmoid is much cheaper than the linear algebra library's hyperbolic tangent.
fn by_sigmoids(views: &[Tensor], x: &Tensor) -> Tensor {
    let last = views.len() / 2 - 1;
    let mut h = x.shallow_clone();
    for (i, pair) in views.chunks_exact(2).enumerate() {
        let (reads, feeds) = (i > 0, i < last);
        let (weight, bias) = (&pair[0], &pair[1]);
        let shifted = if reads {
            bias - weight.sum_dim_intlist([1i64].as_slice(), true, None::<Kind>)
        } else {
            bias.shallow_clone()
        };
        let bias = if feeds { shifted * 2.0 } else { shifted };
        let factor = |doubled: bool| if doubled { 2.0 } else { 1.0 };
        h = linear(&h, &(weight * (factor(reads) * factor(feeds))), &bias);
        if feeds {
            h = h.sigmoid_();
        }
    }
    h
}

/// One mean and one variance per member, over rows and features; epsilon as in Flow-GAN's code.
fn standardised(x: &Tensor) -> Tensor {
    let (variance, mean) = x.var_mean_dim([1i64, 2].as_slice(), false, true);
    (x - mean) / (variance + 1e-6).sqrt()
}

/// Returns `x w + b`, in the form that is fastest for the number of outputs.
///
/// Batched products with one or few columns take a slow path of the linear algebra library: for 5
/// members, a batch of 256 and 64 inputs they cost 40 to 60 us forward and for each gradient. One
/// output is a product and a sum instead (12 us, and 5 to 8 us for the gradients); with a few outputs
/// the forward product is three times faster when the weight's columns are contiguous.
pub(super) fn linear(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Tensor {
    match weight.size()[2] {
        1 => {
            let products = x * weight.transpose(1, 2);
            products.sum_dim_intlist([2i64].as_slice(), true, None::<Kind>) + bias
        }
        2..8 => {
            let columns = weight.transpose(1, 2).contiguous().transpose(1, 2);
            bias.baddbmm(x, &columns, 1, 1)
        }
        _ => bias.baddbmm(x, weight, 1, 1),
    }
}

impl Net for Mlp {
    fn init(&self, rng: &mut Rng) -> Params {
        Params::init(self.specs(""), rng)
    }

    fn apply(&self, params: &Params, x: &Tensor) -> Tensor {
        self.forward(params.views(), x)
    }

    fn mixes_samples(&self) -> bool {
        self.standardise
    }

    fn piecewise_linear(&self) -> Option<PiecewiseLinear> {
        PiecewiseLinear::of(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    #[test]
    fn one_hidden_layer_by_hand() {
        let net = Mlp::new(&[1, 2, 1], Activation::Relu);
        let mut params = net.init(&mut double(&[0]));
        // h = relu(x * (1, -1) + (0.5, 0)); y = 2 h1 + 3 h2 - 1.
        let values = Tensor::from_slice(&[1.0f64, -1.0, 0.5, 0.0, 2.0, 3.0, -1.0]);
        params.set(&values.reshape([1, 7]));
        let x = Tensor::from_slice(&[1.0f64, -2.0]).reshape([1, 2, 1]);
        let y = to_vec(&net.apply(&params, &x));
        assert_abs_diff_eq!(y[0], 2.0, epsilon = 1e-12); // relu(1.5) = 1.5, relu(-1) = 0
        assert_abs_diff_eq!(y[1], 5.0, epsilon = 1e-12); // relu(-1.5) = 0, relu(2) = 2
    }

    #[test]
    fn sigmoids_make_hyperbolic_tangents() {
        for widths in [&[3, 2][..], &[3, 8, 1], &[3, 8, 9, 2]] {
            let net = Mlp::new(widths, Activation::Tanh);
            let params = net.init(&mut double(&[0, 1]));
            let x = double(&[9, 10]).normal(&[5, 3]) * 3.0;
            let mut layers = params.views().chunks_exact(2);
            let first = layers.next().unwrap();
            let straight = layers.fold(x.matmul(&first[0]) + &first[1], |h, pair| {
                h.tanh().matmul(&pair[0]) + &pair[1]
            });
            assert!(net.apply(&params, &x).allclose(&straight, 1e-12, 1e-12, false), "{widths:?}");
        }
    }

    #[test]
    fn a_standardised_input_may_be_shifted_and_scaled() {
        let net = Mlp { standardise: true, ..Mlp::new(&[3, 8, 2], Activation::Tanh) };
        let params = net.init(&mut double(&[0]));
        let x = double(&[9]).normal(&[50, 3]) * 40.0;
        let (plain, moved) = (net.apply(&params, &x), net.apply(&params, &(&x * 3.0 + 7.0)));
        assert!(plain.allclose(&moved, 1e-6, 1e-6, false));
    }

    #[test]
    fn members_do_not_touch_each_other() {
        let net = Mlp::new(&[3, 8, 2], Activation::Tanh);
        let params = net.init(&mut double(&[0, 1, 2]));
        let x = double(&[9, 10, 11]).normal(&[5, 3]);
        let before = net.apply(&params, &x);
        let disturbed = Tensor::cat(&[x.narrow(0, 0, 1) * f64::NAN, x.narrow(0, 1, 2)], 0);
        let after = net.apply(&params, &disturbed);
        assert_eq!(to_vec(&before.narrow(0, 1, 2)), to_vec(&after.narrow(0, 1, 2)));
    }
}
