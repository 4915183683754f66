//! What decides inside a coupling of images.

use tch::Tensor;

use super::{ImageShape, convolve, specs};
use crate::init::Init;
use crate::params::Spec;

/// The residual network inside a coupling of images: 3 x 3 convolutions that keep the size.
///
/// # Source
/// Dinh et al. 2016, section 3.6, without batch norm and weight norm.
#[derive(Clone, Debug)]
pub struct ResNet {
    /// What comes in.
    pub input: ImageShape,
    /// Feature maps inside.
    pub width: i64,
    /// Residual blocks of two convolutions.
    pub blocks: usize,
    /// Feature maps that come out, from a 1 x 1 convolution that starts near zero.
    pub outputs: i64,
}

impl ResNet {
    /// Returns the parameters that this architecture needs, `prefix` before their names.
    pub fn specs(&self, prefix: &str) -> Vec<Spec> {
        let inner = |name: String| specs(&name, [self.width, self.width, 3], None);
        let mut all =
            specs(&format!("{prefix}in"), [self.input.channels, self.width, 3], None).to_vec();
        for block in 0..self.blocks {
            all.extend(inner(format!("{prefix}block{block}.0")));
            all.extend(inner(format!("{prefix}block{block}.1")));
        }
        let last = Some(Init::Normal(1e-3));
        all.extend(specs(&format!("{prefix}out"), [self.width, self.outputs, 1], last));
        all
    }

    /// Returns the output, `[members, batch, outputs * height * width]`, for views of
    /// [`ResNet::specs`].
    ///
    /// # Panics
    /// If there are fewer views.
    pub fn forward(&self, views: &[Tensor], x: &Tensor) -> Tensor {
        let mut layers = views.chunks_exact(2);
        let mut next = |h: &Tensor| {
            let layer = layers.next().expect("views of these specs");
            convolve(h, &layer[0], &layer[1], 1)
        };
        let mut h = next(&self.input.maps(x));
        for _ in 0..self.blocks {
            let inner = next(&h.relu());
            h += next(&inner.relu());
        }
        let out = next(&h.relu());
        ImageShape { channels: self.outputs, ..self.input }.rows(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Params;
    use crate::device::to_vec;
    use crate::rng::double;

    const SHAPE: ImageShape = ImageShape { channels: 2, height: 5, width: 4 };

    /// With all weights zero but an identity in the middle of the outer kernels, the net is `relu(x)`.
    #[test]
    fn a_residual_net_without_residue_passes_what_is_positive() {
        let net = ResNet { input: SHAPE, width: 2, blocks: 2, outputs: 2 };
        let mut params = Params::init(net.specs(""), &mut double(&[0]));
        params.set(&params.flat().zeros_like());
        let views = params.views();
        let _guard = tch::no_grad_guard();
        for channel in 0..2 {
            let centre = |view: &Tensor, at: i64| {
                let _ = view
                    .select(1, channel)
                    .select(1, channel)
                    .select(1, at)
                    .select(1, at)
                    .fill_(1.0);
            };
            centre(&views[0], 1);
            centre(&views[views.len() - 2], 0);
        }
        let x = double(&[3]).normal(&[2, SHAPE.dim()]);
        assert_eq!(to_vec(&net.forward(views, &x)), to_vec(&x.relu()));
    }
}
