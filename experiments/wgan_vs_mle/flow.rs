//! The flows: NICE and Real NVP, dense or convolutional.

use gan::flow::{
    ActNorm, Affine, Base, Bijector, Coupling, Flow, Front, LogitPixels, Mask, MaskedCoupling,
    Permute, Scale,
};
use gan::net::ImageShape;
use gan::range;
use garde::Validate;
use serde::{Deserialize, Serialize};

/// A NICE or Real NVP flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlowShape {
    /// Additive (NICE) or affine (Real NVP).
    #[garde(skip)]
    pub(crate) coupling: Affine,
    /// Number of dense couplings; halves alternate.
    #[garde(range(max = 64))]
    pub(crate) couplings: usize,
    /// Hidden widths of each dense coupling's net.
    #[garde(custom(range::widths))]
    pub(crate) hidden: Vec<i64>,
    /// Convolutional couplings in the place of dense ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive)]
    pub(crate) residual: Option<Residual>,
    /// Whether the couplings' nets standardise by batch, Flow-GAN's batch norm.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[garde(skip)]
    pub(crate) batch_statistics: bool,
    /// Distribution of the latent.
    #[garde(skip)]
    pub(crate) base: Base,
    /// Distance that the logit of pixels keeps from 0 and 1.
    #[garde(range(min = 0.0, max = 0.49))]
    pub(crate) alpha: f64,
}

/// The convolutional, multi-scale couplings of Real NVP, each after an activation norm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Residual {
    /// Feature maps of a coupling's net.
    #[garde(custom(range::width))]
    pub(crate) width: i64,
    /// Its residual blocks.
    #[garde(custom(range::parts))]
    pub(crate) blocks: usize,
    /// Scales: all but the last squeeze the image and factor out half of it.
    #[garde(custom(range::parts))]
    pub(crate) scales: usize,
}

impl Residual {
    /// Returns the chain for images of this shape, from latent to data.
    fn chain(self, kind: Affine, shape: ImageShape) -> Vec<Box<dyn Bijector>> {
        let couplings = |shape: ImageShape, mask: Mask, count: usize| {
            (0..count).flat_map(move |i| {
                let flipped = i % 2 == 1;
                let coupling =
                    MaskedCoupling::new(kind, shape, mask, flipped, self.width, self.blocks);
                let pair: [Box<dyn Bijector>; 2] =
                    [Box::new(coupling), Box::new(ActNorm { shape })];
                pair
            })
        };
        if self.scales == 1 {
            return couplings(shape, Mask::Checkerboard, 4).collect();
        }
        let squeezed = ImageShape {
            channels: 4 * shape.channels,
            height: shape.height / 2,
            width: shape.width / 2,
        };
        let front = ImageShape { channels: squeezed.channels / 2, ..squeezed };
        let inner = Self { scales: self.scales - 1, ..self }.chain(kind, front);
        let mut chain: Vec<Box<dyn Bijector>> =
            vec![Box::new(Front { dim: front.dim(), chain: inner })];
        chain.extend(couplings(squeezed, Mask::Channels, 3));
        chain.push(Box::new(Permute::squeeze(shape)));
        chain.extend(couplings(shape, Mask::Checkerboard, 3));
        chain
    }
}

impl FlowShape {
    /// Returns the flow from latent to images of a shape, or to points of the plane where there is none.
    pub(crate) fn build(&self, images: Option<ImageShape>) -> Flow {
        let mut flow = self.build_to_logits(images);
        if images.is_some() {
            flow.chain.push(Box::new(LogitPixels { alpha: self.alpha }));
        }
        flow
    }

    /// Returns the flow of images up to their logits; it has the same parameters.
    pub(crate) fn build_to_logits(&self, images: Option<ImageShape>) -> Flow {
        let dim = images.map_or(2, ImageShape::dim);
        let chain = match (self.residual, images) {
            (Some(residual), Some(shape)) => residual.chain(self.coupling, shape),
            _ => self.dense_chain(dim, images.is_some()),
        };
        Flow { base: self.base, dim, chain }
    }

    fn dense_chain(&self, dim: i64, of_images: bool) -> Vec<Box<dyn Bijector>> {
        let mut chain: Vec<Box<dyn Bijector>> = vec![Box::new(Scale { dim })];
        for i in 0..self.couplings {
            let coupling = Coupling::new(self.coupling, dim, i % 2 == 0, &self.hidden);
            chain.push(Box::new(if self.batch_statistics {
                coupling.with_batch_statistics()
            } else {
                coupling
            }));
        }
        if of_images {
            chain.push(Box::new(Permute::even_odd(dim)));
        }
        chain
    }
}
