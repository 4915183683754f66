//! The nets that all methods share: on points perceptrons, on images convolutions in the manner of DCGAN.

use gan::net::{ClosedForm, Cnn, DeconvGenerator, ImageShape, Norm};
use gan::params::Spec;
use gan::{Activation, Mlp, Net, Params, Rng, range};
use garde::Validate;
use serde::{Deserialize, Serialize};
use tch::Tensor;

/// Sizes of the nets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nets {
    /// Numbers of a code.
    #[garde(custom(range::width))]
    pub(crate) latent: i64,
    /// Units of a hidden layer.
    #[garde(custom(range::width))]
    pub(crate) width: i64,
    /// Feature maps of critic and encoder, first to last, the generator's backwards; none for points.
    #[garde(custom(range::widths))]
    pub(crate) maps: Vec<i64>,
}

/// The shape of a point of the plane.
pub(crate) const POINT: ImageShape = ImageShape { channels: 1, height: 1, width: 2 };

const SLOPED: Activation = Activation::LeakyRelu(0.2);
const KERNEL: i64 = 5;

impl Nets {
    /// From codes to points or images.
    pub(crate) fn generator(&self, output: ImageShape) -> Body {
        if self.maps.is_empty() {
            let widths = [self.latent, self.width, self.width, output.dim()];
            return Body::Dense(Mlp::new(&widths, Activation::Relu));
        }
        let maps = self.maps.iter().rev().copied().collect();
        let (latent, norm) = (self.latent, Norm::Batch);
        Body::Image(DeconvGenerator { latent, maps, kernel: KERNEL, output, norm })
    }

    /// From points or images, and so many numbers beside each, to `outputs`: encoders and critics.
    pub(crate) fn reader(&self, input: Option<ImageShape>, beside: i64, outputs: i64) -> Body {
        let seen = input.map(|input| Cnn {
            input,
            maps: self.maps.clone(),
            kernel: KERNEL,
            dense: vec![self.width],
            activation: SLOPED,
            norm: Norm::None,
        });
        let beside = (beside > 0).then(|| Mlp::new(&[beside, self.width], SLOPED));
        let parts = [seen.is_some(), beside.is_some()].into_iter().filter(|is| *is).count() as i64;
        let head = Mlp::new(&[parts * self.width, self.width, outputs], SLOPED);
        Body::Reader(Reader { seen, beside, head })
    }
}

/// An architecture.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// A perceptron.
    Dense(Mlp),
    /// A generator of images.
    Image(DeconvGenerator),
    /// An encoder or a critic.
    Reader(Reader),
    /// One learned number, which starts at 0, whatever it is given.
    Number,
}

/// Reads rows of an image, of numbers, or of both side by side.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    seen: Option<Cnn>,
    beside: Option<Mlp>,
    head: Mlp,
}

impl Reader {
    fn specs(&self) -> Vec<Spec> {
        let seen = self.seen.iter().flat_map(|net| net.specs("seen."));
        let beside = self.beside.iter().flat_map(|net| net.specs("beside."));
        seen.chain(beside).chain(self.head.specs("head.")).collect()
    }

    /// The whole as one stack of convolutions and dense layers with the same parameters, where it reads images alone.
    fn convolutions(&self) -> Option<Cnn> {
        let seen =
            self.seen.as_ref().filter(|net| !net.maps.is_empty() && self.beside.is_none())?;
        let dense = [&seen.dense, &self.head.widths[1..]].concat();
        Some(Cnn { dense, ..seen.clone() })
    }

    /// What the head reads, `[members, batch, width]` or twice that, and the head's views.
    fn features<'a>(&self, views: &'a [Tensor], rows: &Tensor) -> (Tensor, &'a [Tensor]) {
        let (mut views, mut column, mut parts) = (views, 0, Vec::new());
        if let Some(net) = &self.seen {
            let (own, rest) = views.split_at(net.specs("").len());
            (views, column) = (rest, net.input.dim());
            parts.push(SLOPED.apply(net.forward(own, &rows.narrow(2, 0, column))));
        }
        if let Some(net) = &self.beside {
            let (own, rest) = views.split_at(2);
            views = rest;
            parts.push(SLOPED.apply(net.forward(own, &rows.narrow(2, column, net.widths[0]))));
        }
        (Tensor::cat(&parts, 2), views)
    }
}

impl Body {
    /// Returns what the last layers of a critic read, `[members, batch, width]`.
    ///
    /// # Panics
    /// If it is no critic.
    pub(crate) fn features(&self, params: &Params, rows: &Tensor) -> Tensor {
        let Self::Reader(reader) = self else { panic!("{self:?} has no features") };
        reader.features(params.views(), rows).0
    }
}

impl Net for Body {
    fn init(&self, rng: &mut Rng) -> Params {
        match self {
            Self::Dense(net) => net.init(rng),
            Self::Image(net) => net.init(rng),
            Self::Reader(reader) => Params::init(reader.specs(), rng),
            Self::Number => {
                let init = gan::init::Init::Zeros;
                Params::init(vec![Spec { name: "number".into(), shape: vec![1, 1], init }], rng)
            }
        }
    }

    fn apply(&self, params: &Params, x: &Tensor) -> Tensor {
        match self {
            Self::Dense(net) => net.apply(params, x),
            Self::Image(net) => net.apply(params, x),
            Self::Reader(reader) => {
                let (features, head) = reader.features(params.views(), x);
                reader.head.forward(head, &features)
            }
            Self::Number => params.views()[0].shallow_clone(),
        }
    }

    fn mixes_samples(&self) -> bool {
        matches!(self, Self::Image(net) if net.mixes_samples())
    }

    fn closed_form(&self) -> Option<Box<dyn ClosedForm>> {
        match self {
            Self::Reader(reader) => reader.convolutions()?.closed_form(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan::rng::double;

    /// A critic of pairs sees both halves of a pair, and a member of a stack gives what it gives alone.
    #[test]
    fn a_reader_reads_both_sides_of_each_member() {
        for (input, maps) in
            [(POINT, vec![]), (ImageShape { channels: 2, height: 6, width: 5 }, vec![3, 4])]
        {
            let nets = Nets { latent: 3, width: 8, maps };
            let net = nets.reader(Some(input), 3, 1);
            let (stack, solo) = (net.init(&mut double(&[0, 1])), net.init(&mut double(&[1])));
            let rows = double(&[5, 6]).normal(&[4, input.dim() + 3]);
            let outputs = net.apply(&stack, &rows);
            assert_eq!(outputs.size(), [2, 4, 1]);
            let alone = net.apply(&solo, &rows.narrow(0, 1, 1));
            assert!(outputs.narrow(0, 1, 1).allclose(&alone, 1e-12, 1e-12, false));
            for column in [0, input.dim()] {
                let other = rows.copy();
                let _ = other.select(2, column).fill_(9.0);
                assert!(!net.apply(&stack, &other).allclose(&outputs, 1e-6, 1e-6, false));
            }
        }
    }

    /// A critic of images alone has its gradients in closed form, and as one stack it is the same function.
    #[test]
    fn a_critic_of_images_is_one_stack_of_layers() {
        let shape = ImageShape { channels: 2, height: 6, width: 5 };
        let nets = Nets { latent: 3, width: 8, maps: vec![3, 4] };
        let Body::Reader(reader) = nets.reader(Some(shape), 0, 1) else { panic!("a reader") };
        let stack = reader.convolutions().expect("it reads images alone");
        let net = Body::Reader(reader);
        assert!(
            net.closed_form().is_some() && nets.reader(Some(shape), 3, 1).closed_form().is_none()
        );
        let (params, other) = (net.init(&mut double(&[0, 1])), stack.init(&mut double(&[0, 1])));
        assert!(params.flat().equal(other.flat()));
        let rows = double(&[5, 6]).normal(&[4, shape.dim()]);
        assert!(net.apply(&params, &rows).allclose(
            &stack.apply(&other, &rows),
            1e-12,
            1e-12,
            false
        ));
    }
}
