//! Terms that keep the critic smooth.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::{Graph, Params, Rng, grad, range, ranges_of_variants};

/// A term added to the critic's loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
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
        /// Lines of the image, which has one colour.
        lines: i64,
    },
    /// `weight * E (|grad f(x^)| - 1)^2` with `x^` near a real sample (Kodali et al. 2017, DRAGAN). "Which
    /// DRAGAN do you mean?": papers and codes differ in what is near, and in what is differentiated.
    Dragan {
        /// The weight, lambda; 10 in the released code.
        weight: f64,
        /// Where `x^` is.
        near: Perturbation,
        /// Whether the slope is that of the probability `sigmoid(f)` and not of `f`, as in the first
        /// release of `compare_gan`.
        of_probability: bool,
    },
    /// `weight / 2 * E |grad f(x)|^2` at real samples (Mescheder et al. 2018, equation 9; their released
    /// code has no half, so its weight 10 is 20 here).
    R1 {
        /// The weight, gamma; 10 in the paper.
        weight: f64,
    },
    /// The same at fake samples.
    R2 {
        /// The weight, gamma.
        weight: f64,
    },
    /// `weight / 2 * E [(1 - D(x))^2 |grad f(x)|^2 + D(x~)^2 |grad f(x~)|^2]`, `D = sigmoid(f)`, at real `x`
    /// and fake `x~` (Roth et al. 2017, as in the released code).
    Roth {
        /// The weight, gamma.
        weight: f64,
    },
    /// No term: after each of its steps every parameter of the critic is cut to `-bound..=bound`, see
    /// [`Penalty::project`] (Arjovsky et al. 2017, algorithm 1; 0.01 there).
    WeightClip {
        /// The largest magnitude of a parameter.
        bound: f64,
    },
}

ranges_of_variants!(Penalty, |variant, penalty| match penalty {
    Self::None => {}
    Self::Gradient { weight }
    | Self::R1 { weight }
    | Self::R2 { weight }
    | Self::Roth { weight } => variant.field("weight", weight, range::weight),
    Self::GradientPerColumn { weight, lines } => {
        variant.field("weight", weight, range::weight);
        variant.field("lines", lines, range::lines);
    }
    Self::Dragan { weight, near, .. } => {
        variant.field("weight", weight, range::weight);
        variant.inside_of("near", near);
    }
    Self::WeightClip { bound } => variant.field("bound", bound, range::scale),
});

impl Penalty {
    /// Checks that the penalty can be taken of points of this dimension.
    ///
    /// # Errors
    /// One line, where lines of an image do not divide it.
    pub fn goes_with(self, dim: i64) -> garde::Result {
        match self {
            Self::GradientPerColumn { lines, .. } if lines < 1 || dim % lines != 0 => {
                let line = format!("{lines} lines do not divide {dim} numbers");
                Err(garde::Error::new(line))
            }
            _ => Ok(()),
        }
    }
}

/// What DRAGAN calls near a real sample. The scale is one standard deviation of all numbers of a member's
/// minibatch, pooled, in both released codes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Perturbation {
    /// `x + a s u / 2` with `u` uniform on (0, 1) for each number and `a` for each sample: all to one side,
    /// as in the authors' notebook.
    OneSided,
    /// `x + s (u - 1/2)`: the second release of `compare_gan`, which then cuts images to their range; this
    /// does not.
    Centred,
    /// `x + deviation * N(0, I)`: the form of the paper.
    Normal {
        /// The deviation.
        deviation: f64,
    },
}

ranges_of_variants!(Perturbation, |variant, near| if let Self::Normal { deviation } = near {
    variant.field("deviation", deviation, range::scale);
});

impl Perturbation {
    /// Returns points near the rows of `real`, `[members, batch, features]`.
    fn of(self, real: &Tensor, rng: &mut Rng) -> Tensor {
        let real = real.detach();
        let shape = &real.size()[1..];
        let pooled = || real.std_dim([1i64, 2].as_slice(), false, true);
        match self {
            Self::OneSided => {
                let noise = rng.uniform(shape) * pooled() * 0.5;
                &real + noise * rng.uniform(&[shape[0], 1])
            }
            Self::Centred => &real + (rng.uniform(shape) - 0.5) * pooled(),
            Self::Normal { deviation } => &real + rng.normal(shape) * deviation,
        }
    }
}

/// Where a penalty looks at the critic: at the samples that the objective sees, or elsewhere.
#[derive(Debug)]
pub(crate) enum Site {
    Real,
    Fake,
    Elsewhere(Tensor),
}

impl Site {
    /// The points, `[members, batch, features]`.
    fn points(&self, real: &Tensor, fake: &Tensor) -> Tensor {
        match self {
            Self::Real => real.shallow_clone(),
            Self::Fake => fake.shallow_clone(),
            Self::Elsewhere(points) => points.shallow_clone(),
        }
    }
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
    ///
    /// # Examples
    /// ```
    /// use gan::{Penalty, Rng};
    ///
    /// // The slope of f(x) = 3 x is 3 everywhere: R1 of weight 1 is 9 / 2.
    /// let real = Rng::new(&[0]).normal(&[64, 1]);
    /// let penalty = Penalty::R1 { weight: 1.0 };
    /// let value = penalty.value(|x| x * 3.0, &real, &real, &mut Rng::new(&[1]));
    /// assert!((value.double_value(&[0]) - 4.5).abs() < 1e-5);
    /// ```
    pub fn value(
        self,
        critic: impl Fn(&Tensor) -> Tensor,
        real: &Tensor,
        fake: &Tensor,
        rng: &mut Rng,
    ) -> Tensor {
        let mut value = Tensor::zeros([real.size()[0]], (real.kind(), real.device()));
        for site in self.sites(real, fake, rng) {
            let points = site.points(real, fake).detach().set_requires_grad(true);
            let outputs = critic(&points);
            let slopes = grad(&outputs, &[points], Graph::Keep).remove(0);
            value += self.term(&site, &outputs, &slopes);
        }
        value
    }

    /// Returns where the penalty looks at the critic.
    pub(crate) fn sites(self, real: &Tensor, fake: &Tensor, rng: &mut Rng) -> Vec<Site> {
        assert_eq!(real.size(), fake.size(), "a penalty pairs real with fake samples");
        match self {
            Self::None | Self::WeightClip { .. } => vec![],
            Self::Gradient { .. } | Self::GradientPerColumn { .. } => {
                vec![Site::Elsewhere(between(real, fake, rng))]
            }
            Self::Dragan { near, .. } => vec![Site::Elsewhere(near.of(real, rng))],
            Self::R1 { .. } => vec![Site::Real],
            Self::R2 { .. } => vec![Site::Fake],
            Self::Roth { .. } => vec![Site::Real, Site::Fake],
        }
    }

    /// Returns the weighted term of one site, `[members]`, of the critic's outputs there, `[members, batch, 1]`,
    /// and slopes, `[members, batch, features]`.
    pub(crate) fn term(self, site: &Site, outputs: &Tensor, slopes: &Tensor) -> Tensor {
        match self {
            Self::None | Self::WeightClip { .. } => unreachable!("no site"),
            Self::Gradient { weight } => mean(&unit_length(slopes, 2)) * weight,
            Self::GradientPerColumn { weight, lines } => {
                let size = slopes.size();
                let images = slopes.reshape([size[0], size[1], lines, size[2] / lines]);
                unit_length(&images, 2).mean_dim([1i64, 2].as_slice(), false, None::<Kind>) * weight
            }
            Self::Dragan { weight, of_probability: false, .. } => {
                mean(&unit_length(slopes, 2)) * weight
            }
            Self::Dragan { weight, of_probability: true, .. } => {
                // The derivative of the sigmoid is sigmoid(f) sigmoid(-f).
                let slopes = slopes * outputs.sigmoid() * outputs.neg().sigmoid();
                mean(&unit_length(&slopes, 2)) * weight
            }
            Self::R1 { weight } | Self::R2 { weight } => {
                mean(&squared_length(slopes, 2)) * (weight / 2.0)
            }
            Self::Roth { weight } => {
                // 1 - sigmoid(f) = sigmoid(-f).
                let sign = if matches!(site, Site::Real) { -1.0 } else { 1.0 };
                let doubt = (outputs * sign).sigmoid().squeeze_dim(2).square();
                mean(&(doubt * squared_length(slopes, 2))) * (weight / 2.0)
            }
        }
    }

    /// Returns the derivatives of [`Self::term`], in closed form: by the outputs, where it reads them, and by the
    /// slopes.
    pub(crate) fn term_slopes(
        self,
        site: &Site,
        outputs: &Tensor,
        slopes: &Tensor,
    ) -> (Option<Tensor>, Tensor) {
        let batch = slopes.size()[1] as f64;
        match self {
            Self::None | Self::WeightClip { .. } => unreachable!("no site"),
            Self::Gradient { weight } | Self::Dragan { weight, of_probability: false, .. } => {
                (None, unit_length_slope(slopes, 2.0 * weight / batch))
            }
            Self::GradientPerColumn { weight, lines } => {
                let size = slopes.size();
                let columns = size[2] / lines;
                let images = slopes.reshape([size[0], size[1], lines, columns]);
                let by = unit_length_slope(&images, 2.0 * weight / (batch * columns as f64));
                (None, by.reshape(&size))
            }
            Self::Dragan { weight, of_probability: true, .. } => {
                let (real, fake) = (outputs.sigmoid(), outputs.neg().sigmoid());
                let change = &real * &fake;
                let by = unit_length_slope(&(slopes * &change), 2.0 * weight / batch);
                let along = (&by * slopes).sum_dim_intlist([2i64].as_slice(), true, None::<Kind>);
                // The derivative of sigmoid(f) sigmoid(-f) is itself times 1 - 2 sigmoid(f).
                (Some(along * &change * (fake - real)), by * change)
            }
            Self::R1 { weight } | Self::R2 { weight } => (None, slopes * (weight / batch)),
            Self::Roth { weight } => {
                let sign = if matches!(site, Site::Real) { -1.0 } else { 1.0 };
                let doubt = (outputs * sign).sigmoid();
                let squared = doubt.square();
                let length = squared_length(slopes, 2).unsqueeze(2);
                let by_output = length * &squared * (-doubt + 1.0) * (weight * sign / batch);
                (Some(by_output), slopes * squared * (weight / batch))
            }
        }
    }

    /// Returns whether the critic's loss has a term of this kind.
    pub fn is_term(self) -> bool {
        !matches!(self, Self::None | Self::WeightClip { .. })
    }

    /// Does to a critic's parameters, in place, what has to be done after each of its steps.
    pub fn project(self, params: &mut Params) {
        if let Self::WeightClip { bound } = self {
            params.clip(bound);
        }
    }
}

/// The mean over the batch, `[members]`.
fn mean(per_sample: &Tensor) -> Tensor {
    per_sample.mean_dim([1i64].as_slice(), false, None::<Kind>)
}

/// Points uniform on the segments between pairs.
fn between(real: &Tensor, fake: &Tensor, rng: &mut Rng) -> Tensor {
    let share = rng.uniform(&[real.size()[1], 1]);
    fake.detach().lerp_tensor(&real.detach(), &share)
}

/// `|g|^2` along an axis.
fn squared_length(slopes: &Tensor, axis: i64) -> Tensor {
    slopes.square().sum_dim_intlist([axis].as_slice(), false, None::<Kind>)
}

/// `(|g| - 1)^2` along an axis.
fn unit_length(slopes: &Tensor, axis: i64) -> Tensor {
    ((squared_length(slopes, axis) + 1e-12).sqrt() - 1.0).square()
}

/// `scale / 2` times the derivative of `(|g| - 1)^2` along the third axis: `scale (1 - 1 / |g|) g`.
fn unit_length_slope(slopes: &Tensor, scale: f64) -> Tensor {
    let length = (squared_length(slopes, 2) + 1e-12).rsqrt();
    slopes * (length * -scale + scale).unsqueeze(2)
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

    const NEAR: [Perturbation; 3] =
        [Perturbation::OneSided, Perturbation::Centred, Perturbation::Normal { deviation: 0.5 }];

    /// The slope of `a . x` with a = (3, 4) is 5 everywhere, and `D = 1/2` where `a . x = 0`.
    #[test]
    fn every_form_of_a_linear_critic() {
        let mut rng = double(&[0, 1]);
        let along = Tensor::from_slice(&[4.0f64, -3.0]);
        let (real, fake) = (rng.normal(&[6, 1]) * &along, rng.normal(&[6, 1]) * &along);
        let a = Tensor::from_slice(&[3.0f64, 4.0]).reshape([1, 2, 1]).expand([2, 2, 1], false);
        let mut check = |penalty: Penalty, expected: f64| {
            for value in to_vec(&penalty.value(|x| x.bmm(&a), &real, &fake, &mut rng)) {
                assert_abs_diff_eq!(value, expected, epsilon = 1e-9);
            }
        };
        check(Penalty::R1 { weight: 10.0 }, 125.0);
        check(Penalty::R2 { weight: 10.0 }, 125.0);
        check(Penalty::Roth { weight: 2.0 }, (0.25 + 0.25) * 25.0);
        for near in NEAR {
            check(Penalty::Dragan { weight: 10.0, near, of_probability: false }, 160.0);
        }
    }

    /// Of `|x|^2 / 2` the slope is the place: R1 reads the real points, R2 the fake ones, and the slope of
    /// the probability is `D (1 - D) |x|`.
    #[test]
    fn every_form_looks_where_it_says() {
        let real = Tensor::from_slice(&[0.0f64, 3.0]).reshape([1, 1, 2]);
        let fake = Tensor::from_slice(&[1.0f64, 0.0]).reshape([1, 1, 2]);
        let critic =
            |x: &Tensor| (x * x).sum_dim_intlist([2i64].as_slice(), true, None::<Kind>) * 0.5;
        let value =
            |penalty: Penalty| to_vec(&penalty.value(critic, &real, &fake, &mut double(&[0])))[0];
        assert_abs_diff_eq!(value(Penalty::R1 { weight: 2.0 }), 9.0, epsilon = 1e-9);
        assert_abs_diff_eq!(value(Penalty::R2 { weight: 2.0 }), 1.0, epsilon = 1e-9);
        let near = Perturbation::Normal { deviation: 0.0 };
        let dragan = |of_probability| Penalty::Dragan { weight: 1.0, near, of_probability };
        assert_abs_diff_eq!(value(dragan(false)), 4.0, epsilon = 1e-9);
        let d = 1.0 / (1.0 + (-4.5f64).exp());
        let slope = d * (1.0 - d) * 3.0;
        assert_abs_diff_eq!(value(dragan(true)), (slope - 1.0).powi(2), epsilon = 1e-9);
        let e = 1.0 / (1.0 + (-0.5f64).exp());
        let roth = f64::midpoint((1.0 - d).powi(2) * 9.0, e * e);
        assert_abs_diff_eq!(value(Penalty::Roth { weight: 1.0 }), roth, epsilon = 1e-9);
    }

    /// Clipping adds no term and cuts what is too large.
    #[test]
    fn clipping_is_a_projection() {
        let penalty = Penalty::WeightClip { bound: 0.5 };
        assert!(!penalty.is_term() && Penalty::R1 { weight: 1.0 }.is_term());
        let mut params = crate::Mlp::new(&[2, 1], crate::Activation::Relu);
        params.init = Some(crate::init::Init::Zeros);
        let mut params = crate::Net::init(&params, &mut double(&[0]));
        params.set(&Tensor::from_slice(&[2.0f64, -0.3, -7.0]).reshape([1, 3]));
        penalty.project(&mut params);
        assert_eq!(to_vec(params.flat()), [0.5, -0.3, -0.5]);
        Penalty::None.project(&mut params);
        assert_eq!(to_vec(params.flat()), [0.5, -0.3, -0.5]);
    }

    /// Mean shifts in units of the pooled deviation s: `E a E u / 2 = 1/8` to one side, else none. Twenty
    /// thousand points leave 0.005.
    #[test]
    fn perturbations_are_centred_or_not() {
        let real = double(&[0]).normal(&[20_000, 1]) * 2.0;
        for (near, shift) in NEAR.into_iter().zip([0.25, 0.0, 0.0]) {
            let moved = near.of(&real, &mut double(&[1])) - &real;
            assert_abs_diff_eq!(moved.mean(Kind::Double).double_value(&[]), shift, epsilon = 0.025);
        }
    }
}
