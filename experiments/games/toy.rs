//! Games of a point against a linear critic, in double precision and without chance.

use gan::init::Init;
use gan::optim::{
    Extragradient, Momentum, Optimistic, Optimizer, Player, Rule, Sgd, field, jacobian,
};
use gan::params::Spec;
use gan::rng::double;
use gan::{Graph, Net, Objective, Params, Penalty, Rng};
use stats::robust;
use tch::{Kind, Tensor};

use crate::play::{Dynamics, turn};

/// A point learns another: G(z) = theta, f(x) = psi . x.
pub(crate) struct Toy {
    pub(crate) objective: Objective,
    pub(crate) penalty: Penalty,
    /// Instance noise: every sample, real or fake, is a pair at plus and minus this distance along each axis, which has
    /// the first three moments of normal noise.
    pub(crate) noise: f64,
    /// Where the data are.
    pub(crate) data: Vec<f64>,
    /// Where theta and psi start, each as long as `data`.
    pub(crate) starts: [Vec<f64>; 2],
}

/// Numbers that a net is: a point, or the slope of a critic.
struct Numbers {
    start: Vec<f64>,
    is_slope: bool,
}

impl Net for Numbers {
    fn init(&self, rng: &mut Rng) -> Params {
        let shape = vec![1, self.start.len() as i64];
        let spec = Spec { name: "value".into(), shape, init: Init::Zeros };
        let mut params = Params::init(vec![spec], rng);
        params.set(&Tensor::from_slice(&self.start).expand_as(params.flat()));
        params
    }

    fn apply(&self, params: &Params, x: &Tensor) -> Tensor {
        let value = &params.views()[0];
        if self.is_slope {
            (x * value).sum_dim_intlist([2i64].as_slice(), true, None::<Kind>)
        } else {
            value.expand_as(x)
        }
    }
}

/// Theta and psi after each turn, the start first, each turn's numbers in one list.
pub(crate) type Path = Vec<Vec<f64>>;

impl Toy {
    fn players<O: Optimizer>(&self, rule: impl Fn() -> O) -> [Player<Numbers, O>; 2] {
        let player = |is_slope: bool| {
            let start = self.starts[usize::from(is_slope)].clone();
            Player::new(Numbers { start, is_slope }, rule(), &mut double(&[0]))
        };
        [player(false), player(true)]
    }

    /// The losses of generator and critic, `[1]` each.
    fn losses<O: Optimizer>(
        &self,
        point: &Player<Numbers, O>,
        slope: &Player<Numbers, O>,
    ) -> [Tensor; 2] {
        let noise = Tensor::from_slice(&[self.noise, -self.noise]).reshape([1, 2, 1]);
        let real = Tensor::from_slice(&self.data).reshape([1, 1, -1]) + &noise;
        let fake = point.apply(&real) + noise;
        let (on_real, on_fake) = (slope.apply(&real), slope.apply(&fake));
        let mut of_critic = self.objective.critic_loss(&on_real, &on_fake);
        if self.penalty.is_term() {
            of_critic += self.penalty.value(|x| slope.apply(x), &real, &fake, &mut double(&[0]));
        }
        [self.objective.generator_loss(&on_fake), of_critic]
    }

    /// Returns the path of so many turns, cut where its distance from `target` exceeds `reach`.
    pub(crate) fn path(&self, dynamics: Dynamics, rate: f64, steps: u64, reach: f64) -> Path {
        let learning_rate = rate;
        let sgd = Sgd { learning_rate };
        match dynamics {
            Dynamics::Momentum(momentum) | Dynamics::AlternatingMomentum(momentum) => {
                let rule = || Rule::Momentum(Momentum { learning_rate, momentum });
                self.walk(dynamics, rule, steps, reach)
            }
            Dynamics::Optimistic => {
                let rule = || Rule::Optimistic(Optimistic { learning_rate });
                self.walk(dynamics, rule, steps, reach)
            }
            Dynamics::Extragradient => self.walk(dynamics, || Extragradient(sgd), steps, reach),
            _ => self.walk(dynamics, || Rule::Sgd(sgd), steps, reach),
        }
    }

    fn walk<O: Optimizer>(
        &self,
        dynamics: Dynamics,
        rule: impl Fn() -> O,
        steps: u64,
        reach: f64,
    ) -> Path {
        let [mut point, mut slope] = self.players(rule);
        let place = |players: [&Player<Numbers, O>; 2]| {
            players.map(|player| gan::device::to_vec(player.params.flat())).concat()
        };
        let mut path = vec![place([&point, &slope])];
        for _ in 0..steps {
            let losses = |point: &_, slope: &_| self.losses(point, slope);
            turn(dynamics, self.penalty, (&mut point, &mut slope), losses);
            let place = place([&point, &slope]);
            if self.distance(&place).is_nan() || self.distance(&place) > reach {
                break;
            }
            path.push(place);
        }
        path
    }

    /// Returns the distance of theta and psi from the equilibrium, where theta is the data and psi is zero.
    pub(crate) fn distance(&self, place: &[f64]) -> f64 {
        let target = self.data.iter().chain(std::iter::repeat(&0.0));
        place.iter().zip(target).map(|(x, t)| (x - t).powi(2)).sum::<f64>().sqrt()
    }

    /// Returns the change of ln distance a turn, over the second half of a path; NaN where that has no two places.
    pub(crate) fn rate(&self, path: &Path) -> f64 {
        let logs = path.iter().map(|place| self.distance(place).ln());
        let logs: Vec<(f64, f64)> = (0..).map(f64::from).zip(logs).skip(path.len() / 2).collect();
        if logs.len() < 2 { f64::NAN } else { robust::line(&logs).1 }
    }

    /// Returns the Jacobian of the field at the start by differentiation, with that of consensus where it has a weight,
    /// `[numbers, numbers]`.
    pub(crate) fn jacobian(&self, consensus: Option<f64>) -> Tensor {
        let [point, slope] = self.players(|| Sgd { learning_rate: 1.0 });
        let [of_point, of_slope] = self.losses(&point, &slope);
        let (losses, players) = ([&of_point, &of_slope], [&point.params, &slope.params]);
        let field = match consensus {
            None => field(losses, players, Graph::Keep),
            Some(weight) => {
                let consensus = gan::optim::Consensus { weight };
                -Tensor::cat(&consensus.gradients(losses, players, Graph::Keep), 1)
            }
        };
        jacobian(&field, players).squeeze_dim(0)
    }
}
