//! One update of a game, scalars out. The library owns the step; the experiment owns the loop.

use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::net::{ClosedForm, Pass, PiecewiseLinear};
use crate::optim::{AdamState, ByMoments, Optimizer, Player};
use crate::penalty::Site;
use crate::{Adam, Graph, Net, Objective, Params, Penalty, Rng, grad};

/// Which part of the gradient through a look-ahead the generator uses (Metz et al. 2016, equation 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondTerm {
    /// Both terms: how the critic would react counts.
    Full,
    /// The critic after the look-ahead counts as a constant.
    Stopped,
}

/// Updates the critic once by its loss, penalty included.
///
/// # Shapes
/// `real`, `fake`: `[members, batch, features]`; the graph of `fake` is ignored.
///
/// # Examples
/// ```
/// use gan::optim::Player;
/// use gan::step::critic_step;
/// use gan::{Activation, Adam, Mlp, Objective, Penalty, Rng};
/// use tch::Kind;
///
/// let root = Rng::new(&[0]);
/// let net = Mlp::new(&[1, 32, 1], Activation::Relu);
/// let mut critic = Player::new(net, Adam::new(1e-2, 0.5, 0.999), &mut root.fork("critic"));
/// let (mut data, mut between) = (root.fork("data"), root.fork("penalty"));
/// let penalty = Penalty::Gradient { weight: 10.0 };
/// for _ in 0..200 {
///     let (real, fake) = (data.normal(&[64, 1]) + 1.0, data.normal(&[64, 1]));
///     critic_step(Objective::Wasserstein, penalty, &mut critic, &real, &fake, &mut between);
/// }
/// // Laws that are one apart: the penalised critic's slope, and its estimate of their distance, is near one.
/// let x = data.normal(&[10_000, 1]);
/// let distance = (critic.apply(&(&x + 1.0)) - critic.apply(&x)).mean(Kind::Double);
/// assert!((distance.double_value(&[]) - 1.0).abs() < 0.2);
/// ```
///
/// # Panics
/// If real and fake samples are not as many.
pub fn critic_step<C: Net, O: Optimizer>(
    objective: Objective,
    penalty: Penalty,
    critic: &mut Player<C, O>,
    real: &Tensor,
    fake: &Tensor,
    rng: &mut Rng,
) {
    weighted_critic_step(objective, Weighted { penalty, by_member: None }, critic, real, fake, rng);
}

/// A penalty with a weight of its own for each member.
#[derive(Clone, Copy, Debug)]
pub struct Weighted<'a> {
    /// The penalty, with the weight that all members share.
    pub penalty: Penalty,
    /// What multiplies it, `[members]`; 1 if there is none.
    pub by_member: Option<&'a Tensor>,
}

/// The same with a penalty that weighs each member for itself.
///
/// # Panics
/// As [`critic_step`].
pub fn weighted_critic_step<C: Net, O: Optimizer>(
    objective: Objective,
    weighted: Weighted,
    critic: &mut Player<C, O>,
    real: &Tensor,
    fake: &Tensor,
    rng: &mut Rng,
) {
    let Weighted { penalty, by_member } = weighted;
    assert_eq!(real.size(), fake.size(), "a critic sees as many fake samples as real ones");
    let gradient = if let Some(net) = critic.net.closed_form() {
        closed_gradient(objective, weighted, &*net, &critic.params, real, fake, rng)
    } else {
        let fake = fake.detach();
        let (on_real, on_fake) = critic_outputs(&critic.net, &critic.params, real, &fake);
        let mut loss = objective.critic_loss(&on_real, &on_fake);
        if penalty.is_term() {
            let term = penalty.value(|x| critic.apply(x), real, &fake, rng);
            loss += by_member.map_or_else(|| term.shallow_clone(), |weights| &term * weights);
        }
        critic.gradient(&loss, Graph::Free)
    };
    critic.step(&gradient);
    penalty.project(&mut critic.params);
}

/// The flat gradient of a critic's penalised loss, in closed form.
fn closed_gradient(
    objective: Objective,
    Weighted { penalty, by_member }: Weighted,
    critic: &dyn ClosedForm,
    params: &Params,
    real: &Tensor,
    fake: &Tensor,
    rng: &mut Rng,
) -> Tensor {
    let mut blocks = vec![real.detach(), fake.detach()];
    let sites = penalty.sites(real, fake, rng);
    let block = |site: &Site| match site {
        Site::Real => 0,
        Site::Fake => 1,
        Site::Elsewhere(_) => 2,
    };
    for site in &sites {
        if let Site::Elsewhere(points) = site {
            blocks.push(points.shallow_clone());
        }
    }
    let first = sites.iter().map(block).min().unwrap_or(0);
    let sloped = first..first + sites.len();
    let weights = by_member.map(|weights| weights.reshape([-1, 1, 1]));
    let weighted = |by: Tensor| match &weights {
        Some(weights) => by * weights,
        None => by,
    };
    critic.gradient(params, &blocks, sloped, &|outputs, slopes| {
        let mut by_outputs = Vec::from(objective.critic_slopes(&outputs[0], &outputs[1]));
        let mut by_slopes = Vec::with_capacity(sites.len());
        for (site, slopes) in sites.iter().zip(slopes) {
            let (by_output, by_slope) = penalty.term_slopes(site, &outputs[block(site)], slopes);
            by_slopes.push(weighted(by_slope));
            match (by_output.map(&weighted), by_outputs.get_mut(block(site))) {
                (Some(by), Some(before)) => *before += by,
                (Some(by), None) => by_outputs.push(by),
                (None, _) => {}
            }
        }
        (by_outputs, by_slopes)
    })
}

/// Updates the generator once and returns its loss, `[members]`.
///
/// # Shapes
/// `z`: `[members, batch, latent]`.
pub fn generator_step<G: Net, C: Net, O: Optimizer, P: Optimizer>(
    objective: Objective,
    generator: &mut Player<G, O>,
    critic: &Player<C, P>,
    z: &Tensor,
) -> Tensor {
    let loss = objective.generator_loss(&critic.apply(&generator.apply(z)));
    generator.descend(&loss);
    loss.detach()
}

/// How far a generator looks ahead at its critic.
#[derive(Clone, Copy, Debug)]
pub struct LookAhead {
    /// Updates of the critic; with none of them both players move at once, as usual.
    pub steps: u32,
    /// Whether the generator sees how its samples change those updates.
    pub second_term: SecondTerm,
}

/// Updates both players once from the same parameters and the same batch, the generator after
/// looking ahead at the critic's next updates.
///
/// The critic moves by the first step of the look-ahead; the others are thrown away. The batch is
/// the same in every step of it, and Adam's moments are carried through it, as in the authors' code.
///
/// # Shapes
/// `real`: `[members, batch, features]`; `z`: `[members, batch, latent]`.
///
/// # Source
/// Metz et al. 2016 (1611.02163), equations 7 to 12.
pub fn unrolled_step<G: Net, C: Net>(
    objective: Objective,
    look_ahead: LookAhead,
    generator: &mut Player<G>,
    critic: &mut Player<C>,
    real: &Tensor,
    z: &Tensor,
) {
    let LookAhead { steps, second_term } = look_ahead;
    let fake = generator.apply(z);
    if let Some(net) = critic.net.piecewise_linear() {
        let ahead = PiecewiseInnerSteps { net, adam: critic.optimizer, objective, second_term };
        let by_fake = ahead.by_fake(steps, &mut critic.params, &mut critic.state, real, &fake);
        generator.descend(&(fake * by_fake));
        return;
    }
    if steps == 0 {
        let (on_real, on_fake) = critic_outputs(&critic.net, &critic.params, real, &fake);
        let critic_loss = objective.critic_loss(&on_real, &on_fake);
        let critic_gradient = critic.gradient(&critic_loss, Graph::Retain);
        generator.descend(&objective.generator_loss(&on_fake));
        critic.step(&critic_gradient);
        return;
    }

    let ahead = InnerStep { net: &critic.net, adam: critic.optimizer, objective, second_term };
    let first = ahead.step(&critic.params, &critic.state, real, &fake);
    let mut last = None;
    for _ in 1..steps {
        let (params, state) = last.as_ref().unwrap_or(&first);
        last = Some(ahead.step(params, state, real, &fake));
    }
    let (seen, _) = last.as_ref().unwrap_or(&first);
    generator.descend(&objective.generator_loss(&critic.net.apply(seen, &fake)));

    let (moved, state) = first;
    critic.params.set(moved.flat());
    critic.state = state.detach();
}

/// One inner update of the critic, as a function of its parameters, its moments and the samples.
struct InnerStep<'a, C> {
    net: &'a C,
    adam: Adam,
    objective: Objective,
    second_term: SecondTerm,
}

impl<C: Net> InnerStep<'_, C> {
    fn step(
        &self,
        params: &Params,
        state: &AdamState,
        real: &Tensor,
        fake: &Tensor,
    ) -> (Params, AdamState) {
        let full = self.second_term == SecondTerm::Full;
        let fake = if full { fake.shallow_clone() } else { fake.detach() };
        let (on_real, on_fake) = critic_outputs(self.net, params, real, &fake);
        let loss = self.objective.critic_loss(&on_real, &on_fake);
        let graph = if full { Graph::Keep } else { Graph::Free };
        let gradient = Params::join(&grad(&loss, params.views(), graph));
        let _guard = (!full).then(tch::no_grad_guard);
        let (flat, state) = self.adam.update(params.flat(), &gradient, state);
        // Stopped: the next step differentiates with respect to leaves of its own.
        let moved = params.with_flat(flat);
        let moved = if full { moved } else { moved.snapshot() };
        (moved, state)
    }
}

/// The same for a piecewise-linear critic, in closed form.
struct PiecewiseInnerSteps {
    net: PiecewiseLinear,
    adam: Adam,
    objective: Objective,
    second_term: SecondTerm,
}

/// One inner update, kept for the way back.
struct Inner {
    pass: Pass,
    by_outputs: Tensor,
    gradient: Tensor,
    /// Adam's moments after it.
    state: AdamState,
}

impl PiecewiseInnerSteps {
    /// Moves the critic by the first update and returns the derivative of the generator's loss by the fake
    /// samples, `[members, batch, features]`, after all of them.
    fn by_fake(
        &self,
        steps: u32,
        params: &mut Params,
        state: &mut AdamState,
        real: &Tensor,
        fake: &Tensor,
    ) -> Tensor {
        let _guard = tch::no_grad_guard();
        let batch = real.size()[1];
        let rows = Tensor::cat(&[real, fake], 1);
        let full = self.second_term == SecondTerm::Full;
        if steps == 0 {
            let pass = self.net.pass(params, &rows);
            let gradient = pass.by_params(&self.by_outputs(&pass, batch));
            let on_fake = pass.outputs.narrow(1, batch, batch);
            let by_fake = pass.by_inputs(batch, &self.objective.generator_slopes(&on_fake));
            self.adam.step(params, &gradient, state);
            return by_fake;
        }

        let mut ahead: Vec<Inner> = Vec::with_capacity(steps as usize);
        let mut seen = params.with_flat(params.flat().shallow_clone());
        let mut first = None;
        for _ in 0..steps {
            let pass = self.net.pass(&seen, &rows);
            let by_outputs = self.by_outputs(&pass, batch);
            let gradient = pass.by_params(&by_outputs);
            let before = ahead.last().map_or(&*state, |inner| &inner.state);
            let (flat, after) = self.adam.update(seen.flat(), &gradient, before);
            first = first.or_else(|| Some(flat.shallow_clone()));
            seen = params.with_flat(flat);
            ahead.push(Inner { pass, by_outputs, gradient, state: after });
        }

        let pass = self.net.pass(&seen, fake);
        let by_outputs = self.objective.generator_slopes(&pass.outputs);
        let mut by_fake = pass.by_inputs(0, &by_outputs);
        if full {
            let mut by_params = pass.by_params(&by_outputs);
            let zeros = || by_params.zeros_like();
            let mut by_moments = ByMoments { mean: zeros(), square: zeros() };
            for inner in ahead.iter().rev() {
                let by_gradient =
                    self.adam.pull_back(&inner.gradient, &inner.state, &by_params, &mut by_moments);
                let curvatures = self.curvatures(&inner.pass, batch);
                let (product, by_rows) = inner.pass.hessian_vector_product(
                    &inner.by_outputs,
                    &curvatures,
                    params.with_flat(by_gradient).views(),
                    batch,
                );
                by_params += product;
                by_fake += by_rows;
            }
        }

        if let Some(flat) = first {
            params.set(&flat);
        }
        if let Some(inner) = ahead.into_iter().next() {
            *state = inner.state;
        }
        by_fake
    }

    /// The derivatives of the critic's loss by its outputs on the real rows and the fake ones after them.
    fn by_outputs(&self, pass: &Pass, batch: i64) -> Tensor {
        let [real, fake] = halves(&pass.outputs, batch);
        Tensor::cat(&self.objective.critic_slopes(&real, &fake), 1)
    }

    fn curvatures(&self, pass: &Pass, batch: i64) -> Tensor {
        let [real, fake] = halves(&pass.outputs, batch);
        Tensor::cat(&self.objective.critic_curvatures(&real, &fake), 1)
    }
}

fn halves(outputs: &Tensor, batch: i64) -> [Tensor; 2] {
    [0, batch].map(|start| outputs.narrow(1, start, batch))
}

/// Returns the critic's outputs on real and fake samples, from one pass over both where it may.
fn critic_outputs<C: Net>(
    net: &C,
    params: &Params,
    real: &Tensor,
    fake: &Tensor,
) -> (Tensor, Tensor) {
    if net.mixes_samples() {
        return (net.apply(params, real), net.apply(params, fake));
    }
    let outputs = net.apply(params, &Tensor::cat(&[real, fake], 1));
    // A critic of packed samples returns fewer rows than it reads.
    let rows = outputs.size()[1] * real.size()[1] / (real.size()[1] + fake.size()[1]);
    (outputs.narrow(1, 0, rows), outputs.narrow(1, rows, outputs.size()[1] - rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Activation;
    use crate::net::{Cnn, ImageShape, Norm};
    use crate::rng::double;

    /// A critic with batch norm sees real and fake samples as it does alone; in one batch each would change what
    /// the other gets.
    #[test]
    fn a_critic_that_mixes_samples_sees_real_and_fake_apart() {
        let input = ImageShape { channels: 1, height: 4, width: 4 };
        let (maps, dense) = (vec![2, 2], vec![1]);
        let activation = Activation::Tanh;
        for norm in [Norm::None, Norm::Layer, Norm::Batch] {
            let (maps, dense) = (maps.clone(), dense.clone());
            let net = Cnn { input, maps, kernel: 3, dense, activation, norm };
            let params = net.init(&mut double(&[0]));
            let (real, fake) = (double(&[1]).normal(&[6, 16]), double(&[2]).normal(&[6, 16]) + 3.0);
            let (on_real, on_fake) = critic_outputs(&net, &params, &real, &fake);
            assert!(on_real.allclose(&net.apply(&params, &real), 1e-12, 1e-12, false), "{norm:?}");
            assert!(on_fake.allclose(&net.apply(&params, &fake), 1e-12, 1e-12, false), "{norm:?}");
            let both = net.apply(&params, &Tensor::cat(&[real, fake], 1));
            let alike = both.narrow(1, 0, 6).allclose(&on_real, 1e-6, 1e-6, false);
            assert_eq!(alike, !net.mixes_samples(), "{norm:?}");
        }
    }
}
