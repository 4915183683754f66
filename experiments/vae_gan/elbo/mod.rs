//! The evidence lower bound term by term (F10, C12), where it can be integrated: which objective is still a bound?
//!
//! A mixture in the plane, a decoder of two latents, an explicit likelihood: `ln p(x)` and the divergence of all codes
//! from the prior are integrals over the latent plane. Beside them stands what each method's objective says: the data term
//! explicit or by a ratio, the code term explicit, by a critic of pairs or by a critic of codes alone.

mod exact;
mod report;

pub(crate) use report::{claims, figures};

use gan::data::{GaussianMixture, Target as _};
use gan::device::per_member;
use gan::vae::DecoderSigma;
use gan::{Adam, Rng};
use garde::Validate;
use lab::{Arm, Diverged, Profile, Run, Summary};
use serde::{Deserialize, Serialize};
use shared::{Outcomes, Resumable, Task, points, summary};
use tch::{Kind, Tensor};

use crate::method::{AlphaGan, Method, Named, log_ratio};
use crate::model::{Codes, Encoder, Learner, Model};
use crate::nets::{Nets, POINT};
use crate::plane::{CODES, divergence};
use crate::streams;

/// One method on the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Who learns.
    #[garde(dive)]
    learner: Learner,
    /// Points of the whole set behind marginals.
    #[garde(range(min = 1, max = 20_000))]
    set: i64,
    /// Codes of each of some points, by which their posteriors are counted.
    #[garde(range(min = 10, max = 20_000))]
    codes: i64,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        self.learner.cost(POINT.dim())
    }
}

/// Deviation of the data about the ring, and of the explicit likelihoods.
const SIGMA: f64 = 0.2;

fn data() -> GaussianMixture {
    GaussianMixture::ring(8, 2.0, SIGMA)
}

/// The methods with an explicit or synthetic bound. Where an encoder without noise would make the bound minus infinity, it
/// is normal.
fn methods() -> [(Named, Encoder); 5] {
    let sigma = DecoderSigma::Fixed(SIGMA);
    [
        (("VAE", Method::Vae { sigma }), Encoder::Gaussian),
        (("AVB", Method::Avb { sigma, adaptive_contrast: false }), Encoder::Noisy),
        (("AVB-AC", Method::Avb { sigma, adaptive_contrast: true }), Encoder::Noisy),
        (("AAE", Method::Aae { sigma, two_phases: false }), Encoder::Gaussian),
        (("alpha-GAN", Method::AlphaGan(AlphaGan::WHOLE)), Encoder::Gaussian),
    ]
}

fn arm_name(method: &str) -> String {
    format!("elbo/{method}")
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 5;
    let (width, batch, steps, [set, codes], seeds) = match profile {
        Profile::Smoke => (8, 16, 3, [40, 40], STACK),
        Profile::Quick | Profile::Reference => (64, 64, UPDATES, [2_000, 4_000], 20),
        Profile::Full => (128, 512, 100_000, [2_000, 4_000], 20),
    };
    let arm = |((name, method), encoder)| {
        let learner = Learner {
            method,
            encoder,
            nets: Nets { latent: 2, width, maps: vec![] },
            adam: Adam::new(1e-3, 0.5, 0.999),
            batch,
            steps,
        };
        let quick = if name == "VAE" { STACK } else { 0 };
        Arm::new(arm_name(name), Config { learner, set, codes })
            .with_seeds(seeds, STACK)
            .with_quick_seeds(quick)
    };
    methods().map(arm).into()
}

/// Updates that claims need.
const UPDATES: u64 = 10_000;
/// Updates between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 50;
/// One of so many points of the set has its posterior counted.
const COUNTED: i64 = 40;
/// One of so many codes is read by a critic of pairs, whose contrast costs several more.
const THINNED: i64 = 10;

/// Trains a method on fresh points and compares its objective with the integrals.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let learner = &config.learner;
    let data = data();
    let root = streams(run);
    let mut model = Model::new(learner, POINT, &root);
    let start = model.resume(run);
    for step in start..learner.steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            model.keep(run, (step, learner.steps))?;
        }
        let x = data.sample(&mut model.data, learner.batch);
        learner.method.update(learner, &mut model, &x);
    }
    Ok(terms(config, &mut model, &root, run.seeds.len()))
}

/// Codes and their reconstructions, of few points with many codes each.
struct Cloud {
    x: Tensor,
    codes: Codes,
    reconstructed: Tensor,
}

/// The numbers that each member ends with.
fn terms(
    Config { learner, set, codes: draws }: &Config,
    model: &mut Model,
    root: &Rng,
    members: usize,
) -> Vec<Result<Summary, Diverged>> {
    let _guard = tch::no_grad_guard();
    let eval = root.fork("end");
    model.noise = eval.fork("noise");
    let set = data().sample(&mut eval.fork("set"), *set);
    let few = set.slice(1, None, None, COUNTED);
    let x = few.repeat_interleave_self_int(*draws, 1, None);
    let codes = model.encode(learner, &x);
    let reconstructed = model.generator.apply(&codes.z);
    let cloud = Cloud { x, codes, reconstructed };

    let over_points = |t: &Tensor| per_member(&mean(&t.unsqueeze(2)));
    let log_likelihoods = exact::log_likelihood(model, learner, &set);
    let of_set = over_points(&log_likelihoods);
    let of_few = over_points(&log_likelihoods.slice(1, None, None, COUNTED));
    let of_data = over_points(&data().log_prob(&few));
    let explicit = model.surprise(&learner.method, &cloud.x, &cloud.reconstructed);
    let data_term = per_member(&-mean(&explicit));
    let code_term = cloud.code_term(members, *draws as usize);
    let ratio = data_ratio(model, &cloud).map(|ratio| per_member(&ratio));
    let told_code_term = per_member(&told_code_term(learner, model, &cloud));
    let has_density = cloud.codes.normal.is_some();
    let marginals = has_density.then(|| exact::marginals(model, learner, &set, &eval));

    let of_member = |i: usize| {
        // A ratio is relative to the data's own density.
        let told_data_term = match (&learner.method, &ratio) {
            (Method::AlphaGan(_), Some(ratio)) => ratio[i] + of_data[i],
            _ => data_term[i],
        };
        let (elbo, told) = (data_term[i] - code_term[i], told_data_term - told_code_term[i]);
        let mut numbers = vec![
            ("log_likelihood", of_set[i]),
            ("data_term", data_term[i]),
            ("told_data_term", told_data_term),
            ("code_term", code_term[i]),
            ("told_code_term", told_code_term[i]),
            ("gap", of_few[i] - elbo),
            ("told_excess", told - of_few[i]),
        ];
        if let Some(marginals) = &marginals {
            numbers.push(("marginal_kl_by_samples", marginals.by_samples[i]));
            numbers.extend(marginals.by_grid[i].map(|by_grid| ("marginal_kl", by_grid)));
        }
        summary(learner.steps, numbers)
    };
    (0..members).map(of_member).collect()
}

impl Cloud {
    /// The mean divergence of a point's codes from the prior: of normal ones in closed form, else over bins of the plane.
    fn code_term(&self, members: usize, draws: usize) -> Vec<f64> {
        if self.codes.normal.is_some() {
            return per_member(&mean(&self.codes.divergence()));
        }
        let prior = CODES.of_prior();
        let of_member = |i: usize| {
            let codes = points(&self.codes.z, i);
            let each = codes.chunks_exact(draws);
            let each: Vec<f64> = each.map(|z| divergence(&CODES.shares(z), &prior)).collect();
            stats::robust::mean(&each)
        };
        (0..members).map(of_member).collect()
    }
}

/// The mean log-ratio of the data to reconstructions by a critic of images alone.
fn data_ratio(model: &Model, cloud: &Cloud) -> Option<Tensor> {
    let critic = model.critic.as_ref().filter(|_| model.code_critic.is_some())?;
    Some(mean(&critic.apply(&cloud.reconstructed)))
}

/// What the objective takes for the code term.
fn told_code_term(learner: &Learner, model: &mut Model, cloud: &Cloud) -> Tensor {
    let Cloud { x, codes, .. } = cloud;
    match &model.code_critic {
        Some(critic) => -mean(&critic.apply(&codes.z)),
        None if codes.normal.is_some() => mean(&codes.divergence()),
        None => {
            let [x, z] = [x, &codes.z].map(|t| t.slice(1, None, None, THINNED));
            mean(&log_ratio(learner, model, &x, &z))
        }
    }
}

fn mean(x: &Tensor) -> Tensor {
    x.mean_dim([1i64, 2].as_slice(), false, Kind::Double)
}
