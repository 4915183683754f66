//! The smallest game: one point learns another (Mescheder et al. 2018, section 2).

use gan::init::Init;
use gan::optim::{Player, Rule, Sgd};
use gan::params::Spec;
use gan::step::{critic_step, generator_step};
use gan::{Net, Params, Rng};
use lab::{Diverged, Run, Summary};
use tch::Tensor;

use crate::config::Config;

/// The model is a point, the critic a slope.
#[derive(Clone, Copy)]
enum One {
    /// G(z) = theta.
    Point,
    /// f(x) = psi x.
    Slope,
}

impl Net for One {
    fn init(&self, rng: &mut Rng) -> Params {
        let spec = Spec { name: "value".into(), shape: vec![1, 1], init: Init::Zeros };
        let mut params = Params::init(vec![spec], rng);
        // Both a distance of 1 from the equilibrium at zero; the critic's sign is that of the authors' start.
        let start = if matches!(self, Self::Point) { 1.0 } else { -1.0 };
        params.set(&params.flat().full_like(start));
        params
    }

    fn apply(&self, params: &Params, x: &Tensor) -> Tensor {
        match self {
            Self::Point => params.views()[0].expand_as(x),
            Self::Slope => &params.views()[0] * x,
        }
    }
}

/// Plays the game and keeps its path; there is no chance in it.
pub(crate) fn dirac(
    config: &Config,
    (simultaneous, rate): (bool, f64),
    run: &mut Run,
) -> Vec<Result<Summary, Diverged>> {
    let mut rng = Rng::new(&run.seeds).with((tch::Kind::Double, tch::Device::Cpu));
    let rule = Rule::Sgd(Sgd { learning_rate: rate });
    let mut g = Player::new(One::Point, rule, &mut rng);
    let mut d = Player::new(One::Slope, rule, &mut rng);
    let zero = Tensor::zeros([1, 1, 1], rng.options());
    let place = |g: &Player<One, Rule>, d: &Player<One, Rule>| {
        [g, d].map(|player| player.params.flat().double_value(&[0, 0]))
    };
    for step in 0..=config.steps {
        let [theta, psi] = place(&g, &d);
        if !(theta.is_finite() && psi.is_finite()) {
            return vec![Err(Diverged { step, what: "parameters".to_owned() })];
        }
        if step % (config.steps / 100).max(1) == 0 {
            run.trace(0, "theta", step, theta);
            run.trace(0, "psi", step, psi);
        }
        if step == config.steps {
            break;
        }
        let before = g.apply(&zero).detach();
        let _ = generator_step(config.objective, &mut g, &d, &zero);
        for _ in 0..config.critic_steps {
            let fake = if simultaneous { before.shallow_clone() } else { g.apply(&zero).detach() };
            let (objective, penalty) = (config.objective, config.penalty);
            let _ = critic_step(objective, penalty, &mut d, &zero, &fake, &mut rng);
        }
    }
    let [theta, psi] = place(&g, &d);
    let mut summary = Summary::default();
    summary.insert("distance", theta.hypot(psi));
    vec![Ok(summary)]
}
