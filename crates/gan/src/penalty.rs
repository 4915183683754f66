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
                let share = rng.uniform(&[real.size()[1], 1]);
                let between = fake.detach().lerp_tensor(&real.detach(), &share);
                let between = between.detach().set_requires_grad(true);
                let slopes = grad(&critic(&between), &[between], Graph::Keep).remove(0);
                let norm =
                    (slopes.square().sum_dim_intlist([2i64].as_slice(), false, None::<Kind>)
                        + 1e-12)
                        .sqrt();
                (norm - 1.0).square().mean_dim([1i64].as_slice(), false, None::<Kind>) * weight
            }
        }
    }
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
}
