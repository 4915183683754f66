//! f-divergences, their variational bounds and the Bregman losses that match a ratio.

use std::f64::consts::LN_2;

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::mean;

/// An f-divergence `D_f(p || q) = E_q f(r)` with `r = p / q`, as functions of the log-ratio `s = ln r` or of a
/// critic's raw output `v`.
///
/// # Source
/// Nowozin, Cseke and Tomioka 2016 (1606.00709), tables 1 and 2: `f`, the output activation `g` and the convex
/// conjugate `f*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Divergence {
    /// `KL(p || q)`, `f = u ln u`.
    KullbackLeibler,
    /// `KL(q || p)`, `f = -ln u`.
    ReverseKullbackLeibler,
    /// `int (p - q)^2 / q`, `f = (u - 1)^2`.
    Pearson,
    /// `int (sqrt p - sqrt q)^2`, `f = (sqrt u - 1)^2`.
    SquaredHellinger,
    /// *Twice* the Jensen-Shannon divergence, as f-GAN has it: `f = u ln u - (u + 1) ln((u + 1) / 2)`.
    JensenShannon,
    /// Twice the Jensen-Shannon divergence less `ln 4`: `f = u ln u - (u + 1) ln(u + 1)`.
    Gan,
    /// `KL(p || q) + KL(q || p)`, `f = (u - 1) ln u`.
    Jeffreys,
}

impl Divergence {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::KullbackLeibler,
        Self::ReverseKullbackLeibler,
        Self::Pearson,
        Self::SquaredHellinger,
        Self::JensenShannon,
        Self::Gan,
        Self::Jeffreys,
    ];

    /// Returns `f(e^s)`, elementwise.
    pub fn f(self, s: &Tensor) -> Tensor {
        match self {
            Self::KullbackLeibler => s.exp() * s,
            Self::ReverseKullbackLeibler => -s,
            Self::Pearson => s.expm1().square(),
            Self::SquaredHellinger => (s * 0.5).expm1().square(),
            Self::JensenShannon => Self::Gan.f(s) + (s.exp() + 1.0) * LN_2,
            // s e^s - (1 + e^s) ln(1 + e^s) without its cancellation; far out the first term is 1.
            Self::Gan => {
                let near = s.clamp_max(FAR);
                -(near.exp() * (-near).softplus()) - s.softplus()
            }
            Self::Jeffreys => s.expm1() * s,
        }
    }

    /// Returns `f'(e^s)`, elementwise: the critic `T*` at which the bound is tight.
    pub fn derivative(self, s: &Tensor) -> Tensor {
        match self {
            Self::KullbackLeibler => s + 1.0,
            Self::ReverseKullbackLeibler => -(-s).exp(),
            Self::Pearson => s.expm1() * 2.0,
            Self::SquaredHellinger => -(s * -0.5).expm1(),
            Self::JensenShannon => LN_2 - (-s).softplus(),
            Self::Gan => -(-s).softplus(),
            Self::Jeffreys => s - (-s).expm1(),
        }
    }

    /// Returns the critic `g(v)` of a raw output, elementwise: any real number goes to where the conjugate is
    /// finite.
    pub fn activation(self, v: &Tensor) -> Tensor {
        match self {
            Self::KullbackLeibler | Self::Pearson | Self::Jeffreys => v.shallow_clone(),
            Self::ReverseKullbackLeibler => -(-v).exp(),
            Self::SquaredHellinger => -(-v).expm1(),
            Self::JensenShannon => LN_2 - (-v).softplus(),
            Self::Gan => -(-v).softplus(),
        }
    }

    /// Returns `f*(g(v))`, elementwise. Jeffreys' has a first derivative, no second one.
    pub fn conjugate(self, v: &Tensor) -> Tensor {
        match self {
            Self::KullbackLeibler => (v - 1.0).exp(),
            Self::ReverseKullbackLeibler => v - 1.0,
            Self::Pearson => v.square() * 0.25 + v,
            Self::SquaredHellinger => v.expm1(),
            Self::JensenShannon => v.softplus() - LN_2,
            Self::Gan => v.softplus(),
            Self::Jeffreys => {
                // W + 1/W + v - 2 with W + ln W = 1 - v, without its cancellation.
                let log_w = log_lambert_w_exp(&(-v + 1.0));
                (-&log_w).exp() - log_w - 1.0
            }
        }
    }

    /// Returns the raw output whose activation is `f'(e^s)`.
    pub fn optimal_output(self, s: &Tensor) -> Tensor {
        match self {
            Self::KullbackLeibler | Self::Pearson | Self::Jeffreys => self.derivative(s),
            Self::SquaredHellinger => s * 0.5,
            Self::ReverseKullbackLeibler | Self::JensenShannon | Self::Gan => s.shallow_clone(),
        }
    }

    /// Returns the variational lower bound `E_p g(v) - E_q f*(g(v))` of the divergence, which a critic
    /// *maximises*, one value per member.
    ///
    /// # Shapes
    /// `real`, `fake`: raw outputs, `[members, batch, 1]`; result: `[members]`.
    ///
    /// # Source
    /// Nowozin et al. 2016, equation 6.
    pub fn bound(self, real: &Tensor, fake: &Tensor) -> Tensor {
        mean(&self.activation(real)) - mean(&self.conjugate(fake))
    }

    /// Returns `E_q [r f'(r) - f(r)] - E_p f'(r)`: the Bregman divergence of a ratio from the true one, up to a
    /// constant, one value per member. Least squares (LSIF) for Pearson's, the unnormalised KL divergence (KLIEP)
    /// for Kullback and Leibler's.
    ///
    /// # Shapes
    /// `real`, `fake`: log-ratios, `[members, batch, 1]`; result: `[members]`.
    ///
    /// # Source
    /// Mohamed and Lakshminarayanan 2016, equations 20 and 21; Sugiyama, Suzuki and Kanamori 2012.
    pub fn bregman(self, real: &Tensor, fake: &Tensor) -> Tensor {
        let surplus = match self {
            // f*(f'(r)), of which the difference would cancel.
            Self::JensenShannon | Self::Gan => self.conjugate(fake),
            _ => fake.exp() * self.derivative(fake) - self.f(fake),
        };
        mean(&surplus) - mean(&self.derivative(real))
    }
}

/// A log-ratio beyond which `1 + e^s` is `e^s` in double precision.
const FAR: f64 = 40.0;

/// Returns `y = ln W(e^c)`, the solution of `y + e^y = c`, with its first derivative `1 / (1 + e^y)`.
fn log_lambert_w_exp(c: &Tensor) -> Tensor {
    let y = {
        let _guard = tch::no_grad_guard();
        // `y + e^y` is increasing and convex, so that Newton's iteration converges from anywhere.
        let mut y = c.clamp_max(1.0).maximum(&c.clamp_min(1.0).log());
        for _ in 0..12 {
            y -= (&y + y.exp() - c) / (y.exp() + 1.0);
        }
        y
    };
    // One more step, as a function of `c` alone, carries the derivative.
    &y - (&y + y.exp() - c) / (y.exp() + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use crate::{Graph, grad};
    use approx::{assert_abs_diff_eq, assert_relative_eq};
    use tch::{Device, Kind};

    const STEP: f64 = 1e-3;

    fn normal(x: &Tensor, mean: f64, sd: f64) -> Tensor {
        ((x - mean) / sd).square() * -0.5 - (sd * std::f64::consts::TAU.sqrt()).ln()
    }

    /// Values of `E_q f(r)` in closed form or by quadrature to six digits, in the order of `ALL`, and the bound at
    /// the optimal critic, which is as large.
    #[test]
    fn values_of_normal_pairs_and_tightness_of_the_bound() {
        let x = Tensor::arange(80_000, (Kind::Double, Device::Cpu)) * STEP - 40.0;
        let pairs = [
            ((1.0, 1.0), (0.0, 1.0), [0.5, 0.5, 1.718_282, 0.235_006, 0.222_842]),
            ((1.0, 1.0), (0.0, 2.0), [0.443_147, 1.306_853, 0.744_026, 0.298_389, 0.256_350]),
            ((0.0, 1.2), (0.0, 1.0), [0.037_678, 0.029_544, 0.113_589, 0.016_461, 0.016_162]),
        ];
        for ((m, s), (n, t), values) in pairs {
            let (p, q) = (normal(&x, m, s), normal(&x, n, t));
            let log_ratio = &p - &q;
            let [kl, reverse, .., js] = values;
            let values = values.into_iter().chain([js - 2.0 * LN_2, kl + reverse]);
            for (divergence, expected) in Divergence::ALL.into_iter().zip(values) {
                let integral = |of: &Tensor| (of.sum(Kind::Double) * STEP).double_value(&[]);
                let value = integral(&(q.exp() * divergence.f(&log_ratio)));
                assert_abs_diff_eq!(value, expected, epsilon = 2e-6);
                let v = divergence.optimal_output(&log_ratio);
                // Where the densities vanish outputs overflow; nothing there has mass.
                let of = |density: &Tensor, values: Tensor| {
                    integral(&(density.exp() * values).nan_to_num(0.0, 0.0, 0.0))
                };
                let bound = of(&p, divergence.activation(&v)) - of(&q, divergence.conjugate(&v));
                assert_abs_diff_eq!(bound, value, epsilon = 1e-6);
            }
        }
    }

    /// `f(1) = 0` but for the GAN's, `f'` is the derivative by `u`, and `f*(f'(r)) = r f'(r) - f(r)` through the
    /// activation.
    #[test]
    fn derivatives_and_conjugates() {
        let s = (double(&[0]).normal(&[500]) * 1.5).set_requires_grad(true);
        for divergence in Divergence::ALL {
            let at_one = divergence.f(&Tensor::zeros([1], (Kind::Double, Device::Cpu)));
            let expected = if divergence == Divergence::Gan { -2.0 * LN_2 } else { 0.0 };
            assert_abs_diff_eq!(to_vec(&at_one)[0], expected, epsilon = 1e-15);
            // d f(e^s) / ds = f'(e^s) e^s.
            let slope = grad(&divergence.f(&s), &[s.shallow_clone()], Graph::Free).remove(0);
            let by_ratio = divergence.derivative(&s);
            assert!(slope.allclose(&(&by_ratio * s.exp()), 1e-10, 1e-12, false), "{divergence:?}");
            let v = divergence.optimal_output(&s);
            assert!(
                divergence.activation(&v).allclose(&by_ratio, 1e-12, 1e-12, false),
                "{divergence:?}"
            );
            let conjugate = s.exp() * &by_ratio - divergence.f(&s);
            assert!(
                divergence.conjugate(&v).allclose(&conjugate, 1e-9, 1e-9, false),
                "{divergence:?}"
            );
        }
    }

    /// The bound's derivative by the output vanishes at the optimum, and Bregman matching of a ratio is the
    /// negative bound of its critic, gradients included.
    #[test]
    fn bregman_matching_is_the_negative_bound() {
        let log_ratios = || double(&[3, 4]).normal(&[64, 1]).set_requires_grad(true);
        for divergence in Divergence::ALL {
            let (real, fake) = (log_ratios(), log_ratios());
            let bregman = divergence.bregman(&real, &fake);
            let output = |s: &Tensor| divergence.optimal_output(s);
            let bound = divergence.bound(&output(&real), &output(&fake));
            assert!(bregman.allclose(&-&bound, 1e-10, 1e-10, false), "{divergence:?}");
            let leaves = [real, fake];
            let ours = grad(&bregman, &leaves, Graph::Free);
            let theirs = grad(&-bound, &leaves, Graph::Free);
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert!(ours.allclose(theirs, 1e-9, 1e-9, false), "{divergence:?}");
            }
        }
    }

    /// Large ratios in single precision: of the GAN's divergence `f` tends to `-s - 1`, and its Bregman loss to `s`.
    #[test]
    fn large_ratios_do_not_cancel() {
        for s in [12.0f32, 18.0, 60.0, 100.0] {
            let at = Tensor::from_slice(&[s]).reshape([1, 1, 1]).set_requires_grad(true);
            let f = Divergence::Gan.f(&at);
            assert_relative_eq!(f.double_value(&[0, 0, 0]), f64::from(-s - 1.0), epsilon = 1e-4);
            let slope = grad(&f, &[at.shallow_clone()], Graph::Free)[0].double_value(&[0, 0, 0]);
            assert_relative_eq!(slope, -1.0, epsilon = 1e-4);
            for (divergence, expected) in
                [(Divergence::Gan, f64::from(s)), (Divergence::JensenShannon, f64::from(s) - LN_2)]
            {
                // A real log-ratio of 100 costs nothing under the first and ln 2 under the second.
                let real = at.full_like(100.0);
                let loss = divergence.bregman(&real, &at).double_value(&[0]);
                let constant = if divergence == Divergence::Gan { 0.0 } else { -LN_2 };
                assert_relative_eq!(loss, expected + constant, epsilon = 1e-4);
            }
        }
    }

    /// `W(x) e^W(x) = x`: W(e) = 1, W(1) = the omega constant; and the derivative, far out too.
    #[test]
    fn lambert() {
        let c = Tensor::from_slice(&[1.0f64, 0.0, -30.0, 200.0]).set_requires_grad(true);
        let y = log_lambert_w_exp(&c);
        let values = to_vec(&y);
        assert_abs_diff_eq!(values[0], 0.0, epsilon = 1e-14);
        assert_relative_eq!(values[1].exp(), 0.567_143_290_409_783_8, epsilon = 1e-14);
        for (y, c) in values.iter().zip([1.0, 0.0, -30.0, 200.0]) {
            assert_relative_eq!(y + y.exp(), c, epsilon = 1e-12);
        }
        let slopes = to_vec(&grad(&y, &[c], Graph::Free)[0]);
        for (slope, y) in slopes.iter().zip(&values) {
            assert_relative_eq!(*slope, 1.0 / (1.0 + y.exp()), max_relative = 1e-12);
        }
    }
}
