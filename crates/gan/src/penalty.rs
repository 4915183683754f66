//! Terms that keep the critic smooth.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::{Graph, Rng, grad};

/// A term added to the critic's loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Penalty {
    /// Nothing.
    None,
    /// `weight * E (|grad f(x^)| - 1)^2` with `x^` uniform on the segment between a real and a fake
    /// sample, two-sided, one norm per sample over all its features (Gulrajani et al. 2017,
    /// equation 3). The norm is `sqrt(sum g^2 + 1e-12)`, so that a zero gradient has a derivative.
    Gradient {
        /// The weight, lambda; 10 in the paper.
        weight: f64,
    },
    /// The same with one norm for each column of an image, over its lines alone: what Flow-GAN's released
    /// code computes (`reduce_sum` over one axis), for an ablation. It pulls a sample's norm not to 1 but
    /// to the root of the number of columns.
    GradientPerColumn {
        /// The weight.
        weight: f64,
        /// Lines of the image.
        lines: i64,
    },
}

impl Penalty {
    /// Returns the weighted penalty, one value per member, as a function of the critic's parameters.
    ///
    /// # Shapes
    /// `real`, `fake`: `[members, batch, features]`; `critic` maps such a tensor to
    /// `[members, batch, 1]` and treats samples independently; result: `[members]`.
    ///
    /// # Panics
    /// If `real` and `fake` differ in shape.
    pub fn value(
        self,
        critic: impl Fn(&Tensor) -> Tensor,
        real: &Tensor,
        fake: &Tensor,
        rng: &mut Rng,
    ) -> Tensor {
        assert_eq!(real.size(), fake.size(), "a penalty pairs real with fake samples");
        match self {
            Self::None => Tensor::zeros([real.size()[0]], (real.kind(), real.device())),
            Self::Gradient { weight } => {
                let slopes = slopes_between(critic, real, fake, rng);
                unit_length(&slopes, 2).mean_dim([1i64].as_slice(), false, None::<Kind>) * weight
            }
            Self::GradientPerColumn { weight, lines } => {
                let slopes = slopes_between(critic, real, fake, rng);
                let size = slopes.size();
                let images = slopes.reshape([size[0], size[1], lines, size[2] / lines]);
                unit_length(&images, 2).mean_dim([1i64, 2].as_slice(), false, None::<Kind>) * weight
            }
        }
    }
}

/// The critic's gradients at points uniform on the segments between pairs, with a graph of their own.
fn slopes_between(
    critic: impl Fn(&Tensor) -> Tensor,
    real: &Tensor,
    fake: &Tensor,
    rng: &mut Rng,
) -> Tensor {
    let share = rng.uniform(&[real.size()[1], 1]);
    let between = fake.detach().lerp_tensor(&real.detach(), &share);
    let between = between.detach().set_requires_grad(true);
    grad(&critic(&between), &[between], Graph::Keep).remove(0)
}

/// `(|g| - 1)^2` along an axis.
fn unit_length(slopes: &Tensor, axis: i64) -> Tensor {
    let squared = slopes.square().sum_dim_intlist([axis].as_slice(), false, None::<Kind>);
    ((squared + 1e-12).sqrt() - 1.0).square()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    /// A linear critic `a . x` has the gradient `a` everywhere, so the penalty is exactly
    /// `lambda (|a| - 1)^2`: 10 (5 - 1)^2 for a = (3, 4), and lambda for a = 0 (up to 2e-6).
    #[test]
    fn linear_critic() {
        let mut rng = double(&[0, 1]);
        let (real, fake) = (rng.normal(&[6, 2]), rng.normal(&[6, 2]));
        for (a, expected, tolerance) in [([3.0f64, 4.0], 160.0, 1e-9), ([0.0, 0.0], 10.0, 1e-4)] {
            let a = Tensor::from_slice(&a).reshape([1, 2, 1]).expand([2, 2, 1], false);
            let penalty =
                Penalty::Gradient { weight: 10.0 }.value(|x| x.bmm(&a), &real, &fake, &mut rng);
            for value in to_vec(&penalty) {
                assert_abs_diff_eq!(value, expected, epsilon = tolerance);
            }
        }
    }

    /// The critic `|x|^2 / 2` has the gradient `x^`, which lies on the segment: between the points
    /// (0, 3) and (0, 3) it is of length 3, whatever the share.
    #[test]
    fn quadratic_critic_on_a_point() {
        let point = Tensor::from_slice(&[0.0f64, 3.0]).reshape([1, 1, 2]);
        let critic =
            |x: &Tensor| (x * x).sum_dim_intlist([2i64].as_slice(), true, None::<Kind>) * 0.5;
        let value =
            Penalty::Gradient { weight: 1.0 }.value(critic, &point, &point, &mut double(&[0]));
        assert_abs_diff_eq!(to_vec(&value)[0], 4.0, epsilon = 1e-9);
    }

    /// Of a critic `a . x` on 2 x 2 images, the columns' norms are those of (a1, a3) and (a2, a4): 5 and 1.
    #[test]
    fn columns_have_norms_of_their_own() {
        let mut rng = double(&[0]);
        let (real, fake) = (rng.normal(&[6, 4]), rng.normal(&[6, 4]));
        let a = Tensor::from_slice(&[3.0f64, 1.0, 4.0, 0.0]).reshape([1, 4, 1]);
        let penalty = Penalty::GradientPerColumn { weight: 1.0, lines: 2 };
        let value = to_vec(&penalty.value(|x| x.bmm(&a), &real, &fake, &mut rng))[0];
        assert_abs_diff_eq!(value, 16.0 / 2.0, epsilon = 1e-9);
    }
}
