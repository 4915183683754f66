//! Round Gaussians about centres as a density: Parzen windows, and the mixture that memorises.

use gan::device::per_member;
use gan::metric::kernel_log_density;
use tch::{Kind, Tensor};

use crate::data::Points;

/// Standard deviations that are tried.
pub(crate) const BANDWIDTHS: [f64; 9] = [0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5];
/// Validation points that choose among them.
const CHOOSING: i64 = 400;

/// What round Gaussians about centres make of the test points, for every bandwidth.
pub(crate) struct Windows {
    /// Mean log-likelihoods of test points: by bandwidth, then by member.
    pub(crate) test: Vec<Vec<f64>>,
    /// The place of the bandwidth that does best on validation, by member.
    chosen: Vec<usize>,
}

impl Windows {
    /// Returns them for centres of each member, `[members, n, dim]`.
    pub(crate) fn of(centres: &Tensor, points: &Points) -> Self {
        let _guard = tch::no_grad_guard();
        let means = |x: &Tensor| {
            let mean = |bandwidth: f64| {
                let nats = kernel_log_density(x, centres, bandwidth);
                per_member(&nats.mean_dim([1i64].as_slice(), false, Kind::Double))
            };
            BANDWIDTHS.map(mean).to_vec()
        };
        let scores =
            means(&points.validation.narrow(1, 0, CHOOSING.min(points.validation.size()[1])));
        let best = |member: usize| {
            let by_score = |a: &usize, b: &usize| scores[*a][member].total_cmp(&scores[*b][member]);
            (0..BANDWIDTHS.len()).max_by(by_score).expect("there are bandwidths")
        };
        let chosen = (0..centres.size()[0] as usize).map(best).collect();
        Self { test: means(&points.test), chosen }
    }

    /// Returns each member's mean log-likelihood of test points at its bandwidth.
    pub(crate) fn nats(&self) -> Vec<f64> {
        self.chosen.iter().enumerate().map(|(member, place)| self.test[*place][member]).collect()
    }

    /// Returns each member's bandwidth.
    pub(crate) fn bandwidths(&self) -> Vec<f64> {
        self.chosen.iter().map(|place| BANDWIDTHS[*place]).collect()
    }
}
