//! What a critic says at one moment: its estimates, and the gradients that a generator would get from it.

use gan::device::per_member;
use gan::optim::{Player, Rule};
use gan::step::critic_step;
use gan::{Activation, Graph, Mlp, Net, Objective, Params, Penalty, Rng, grad};
use tch::{Kind, Tensor};

use crate::variant::adam;
use crate::world::{Model, Truth};

/// Points of each side behind a number.
const POINTS: i64 = 1_024;

/// Critic of points, as its training left it.
pub(crate) type Critic = Player<Mlp, Rule>;

/// What a critic says of a generator: one number per member each.
pub(crate) struct Probe {
    /// The bound on the Jensen-Shannon divergence, nats.
    pub(crate) jensen_shannon: Vec<f64>,
    /// `E f(x) - E f(G(z))`.
    pub(crate) wasserstein: Vec<f64>,
    /// Length of the generator's gradient under its minimax loss.
    pub(crate) minimax: Vec<f64>,
    /// The same under its non-saturating loss.
    pub(crate) non_saturating: Vec<f64>,
}

impl Probe {
    /// Probes on fresh points. In double precision: minimax gradients reach 1e-10.
    pub(crate) fn of(truth: &Truth, generator: &Model, critic: &Critic, rng: &mut Rng) -> Self {
        let z = truth.latent(rng, POINTS).to_kind(Kind::Double);
        let real = truth.sample(rng, POINTS).to_kind(Kind::Double);
        let model = generator.params.to_kind(Kind::Double).snapshot();
        let params = critic.params.to_kind(Kind::Double);
        let on_fake = critic.net.apply(&params, &generator.net.apply(&model, &z));
        let on_real = critic.net.apply(&params, &real);
        let length = |objective: Objective| {
            let loss = objective.generator_loss(&on_fake);
            let gradient = Params::join(&grad(&loss, model.views(), Graph::Retain));
            per_member(
                &gradient.square().sum_dim_intlist([1i64].as_slice(), false, None::<Kind>).sqrt(),
            )
        };
        Self {
            minimax: length(Objective::Minimax),
            non_saturating: length(Objective::NonSaturating),
            wasserstein: per_member(&-Objective::Wasserstein.critic_loss(&on_real, &on_fake)),
            jensen_shannon: jensen_shannon(&on_real, &on_fake),
        }
    }
}

/// Returns the lower bound `ln 2 - L / 2` that a critic of cross-entropy `L` gives (Goodfellow et al. 2014, theorem 1),
/// one per member.
pub(crate) fn jensen_shannon(on_real: &Tensor, on_fake: &Tensor) -> Vec<f64> {
    let loss = Objective::NonSaturating.critic_loss(on_real, on_fake);
    per_member(&(loss * -0.5 + std::f64::consts::LN_2))
}

/// Returns the Jensen-Shannon divergence between data and model as a critic finds it that never met the
/// generator: 64 units, 300 steps on fresh points, evaluated on others.
pub(crate) fn fresh_estimate(truth: &Truth, generator: &Model, rng: &Rng) -> Vec<f64> {
    let net = Mlp::new(&[truth.world.dim(), 64, 1], Activation::Relu);
    let mut critic = Player::new(net, adam(5e-3), &mut rng.fork("fresh"));
    let mut draws = rng.fork("points");
    let mut pair = |count| pair(truth, generator, &mut draws, count);
    for _ in 0..300 {
        let (real, fake) = pair(256);
        let objective = Objective::NonSaturating;
        // No penalty, so no random numbers: any stream will do.
        critic_step(objective, Penalty::None, &mut critic, &real, &fake, &mut rng.clone());
    }
    let (real, fake) = pair(2 * POINTS);
    let _guard = tch::no_grad_guard();
    jensen_shannon(&critic.apply(&real), &critic.apply(&fake))
}

/// Returns fresh points of data and model, `count` each, without a graph.
pub(crate) fn pair(
    truth: &Truth,
    generator: &Model,
    rng: &mut Rng,
    count: i64,
) -> (Tensor, Tensor) {
    let _guard = tch::no_grad_guard();
    let fake = generator.apply(&truth.latent(rng, count));
    (truth.sample(rng, count), fake)
}
