//! Is matching a ratio by a Bregman divergence the maximising of f-GAN's bound, in single precision too (F02)?
//!
//! In double precision a test of `gan::objective` says so, to 1e-9; here rounding has its say.

use gan::device::to_vec;
use gan::objective::Divergence;
use gan::{Graph, Rng, grad};
use garde::Validate;
use lab::{Arm, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::contrast::{largest, metric};
use shared::{Outcomes, Task, claim, name, summary};
use tch::Tensor;

use crate::{seeds, streams};

/// One comparison of two gradients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The divergence.
    #[garde(skip)]
    divergence: Divergence,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        5.0
    }
}

fn arm_name(divergence: Divergence) -> String {
    format!("identity/{}", name(&divergence))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 10;
    let arm = |divergence| {
        let arm = Arm::new(arm_name(divergence), Config { divergence });
        arm.with_seeds(seeds(profile, STACK, STACK), STACK).with_quick_seeds(STACK)
    };
    Divergence::ALL.map(arm).to_vec()
}

/// Random log-ratios of each side.
const OUTPUTS: i64 = 256;

/// The largest difference between the gradients of both losses by random log-ratios, over the largest component.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let f = config.divergence;
    let mut rng = streams(run).fork("outputs");
    let draw = |rng: &mut Rng| rng.normal(&[OUTPUTS, 1]).set_requires_grad(true);
    let leaves = [draw(&mut rng), draw(&mut rng)];
    let [real, fake] = &leaves;
    let bregman = grad(&f.bregman(real, fake), &leaves, Graph::Free);
    let output = |s: &Tensor| f.optimal_output(s);
    let bound = grad(&-f.bound(&output(real), &output(fake)), &leaves, Graph::Free);
    let largest = |x: &Tensor| to_vec(&x.abs().amax([1i64, 2].as_slice(), false));
    let sides = bregman.iter().zip(&bound);
    let differences: Vec<Vec<f64>> = sides.clone().map(|(a, b)| largest(&(a - b))).collect();
    let sizes: Vec<Vec<f64>> = sides.map(|(a, _)| largest(a)).collect();
    let of_member = |i: usize| {
        let most = |of: &[Vec<f64>]| of[0][i].max(of[1][i]);
        summary(0, [("difference", most(&differences) / most(&sizes))])
    };
    Ok((0..run.seeds.len()).map(of_member).collect())
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let of = |f| metric(&results.arm(&arm_name(f)), "difference");
    vec![
        claim("compare.F02", "Matching a ratio by a Bregman divergence and maximising f-GAN's bound have the same gradient, up to rounding.")
            .derived("Mohamed and Lakshminarayanan 2016 (1610.03483), equations 20 and 21", Some("0"))
            .measured("`difference`, the largest relative one of both gradients in single precision, the worst of seven divergences seed by seed")
            .figure("bounds.svg")
            .mean(Region::Below(1e-5), &largest(Divergence::ALL.map(of))),
    ]
}

pub(crate) fn figures(_: &Results<Config>) -> Vec<Figure> {
    Vec::new()
}
