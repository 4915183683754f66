//! The smallest game: one point learns another (Mescheder et al. 2018, section 2).

use gan::init::Init;
use gan::optim::{Player, Rule, Sgd};
use gan::params::Spec;
use gan::rng::double;
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
    let path = path(config, (simultaneous, rate));
    for (step, [theta, psi]) in (0..).zip(&path).step_by((path.len() / 100).max(1)) {
        if theta.is_finite() && psi.is_finite() {
            run.trace(0, "theta", step, *theta);
            run.trace(0, "psi", step, *psi);
        }
    }
    let [theta, psi] = path[path.len() - 1];
    let distance = theta.hypot(psi);
    if !distance.is_finite() {
        let lost = path.iter().position(|[theta, psi]| !theta.hypot(*psi).is_finite());
        let step = lost.unwrap_or(path.len()) as u64;
        return vec![Err(Diverged { step, what: "parameters".to_owned() })];
    }
    let mut summary = Summary::default();
    summary.insert("distance", distance);
    vec![Ok(summary)]
}

/// Model and critic after each step, the start first.
fn path(config: &Config, (simultaneous, rate): (bool, f64)) -> Vec<[f64; 2]> {
    let mut rng = double(&[0]);
    let rule = Rule::Sgd(Sgd { learning_rate: rate });
    let mut g = Player::new(One::Point, rule, &mut rng);
    let mut d = Player::new(One::Slope, rule, &mut rng);
    let zero = Tensor::zeros([1, 1, 1], rng.options());
    let place = |g: &Player<One, Rule>, d: &Player<One, Rule>| {
        [g, d].map(|player| player.params.flat().double_value(&[0, 0]))
    };
    let mut path = vec![place(&g, &d)];
    for _ in 0..config.steps {
        // A copy: the point is a view of the parameter that is about to move.
        let before = g.apply(&zero).detach().copy();
        let _ = generator_step(config.objective, &mut g, &d, &zero);
        for _ in 0..config.critic_steps {
            let fake = if simultaneous { before.shallow_clone() } else { g.apply(&zero).detach() };
            let (objective, penalty) = (config.objective, config.penalty);
            critic_step(objective, penalty, &mut d, &zero, &fake, &mut rng);
        }
        path.push(place(&g, &d));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Rates, Task};
    use gan::{Objective, Penalty};

    fn game(objective: Objective, penalty: Penalty, critic_steps: u32) -> Config {
        Config {
            task: Task::Dirac { simultaneous: true },
            objective,
            penalty,
            critic_steps,
            rates: Rates::Descent(0.2),
            batch: 1,
            steps: 500,
        }
    }

    /// Distances after 500 steps of the vector fields of `diracgan/gans.py` (`LMescheder/GAN_stability`), computed
    /// apart in plain Python to two places: simultaneous, alternating once, alternating five times.
    #[test]
    fn ends_where_the_authors_notebook_ends() {
        for (objective, penalty, expected) in [
            (Objective::Minimax, Penalty::None, [3.10, 1.42, 1.85]),
            (Objective::NonSaturating, Penalty::None, [0.64, 0.28, 0.14]),
            (Objective::Wasserstein, Penalty::WeightClip { bound: 1.0 }, [1.00, 1.02, 0.92]),
            (Objective::Wasserstein, Penalty::Gradient { weight: 0.35 }, [1.80, 1.22, 0.72]),
        ] {
            for ((simultaneous, steps), expected) in
                [(true, 1), (false, 1), (false, 5)].into_iter().zip(expected)
            {
                let path = path(&game(objective, penalty, steps), (simultaneous, 0.2));
                let [theta, psi] = path[500];
                assert!(
                    (theta.hypot(psi) - expected).abs() < 0.006,
                    "{objective:?} {penalty:?} {steps}"
                );
            }
        }
    }

    /// The field of one simultaneous step about the equilibrium, by central differences: its Jacobian has trace
    /// -gamma and determinant f'(0)^2 = 1/4, so the eigenvalues -gamma / 2 +- sqrt(gamma^2 / 4 - 1/4), which are
    /// +-i / 2 without a penalty (Mescheder et al. 2018, lemmas 2.3 and 3.1).
    #[test]
    fn eigenvalues_at_the_equilibrium() {
        for gamma in [0.0, 0.3, 1.0] {
            let penalty = if gamma > 0.0 { Penalty::R1 { weight: gamma } } else { Penalty::None };
            let velocity = |theta: f64, psi: f64| {
                let mut rng = double(&[0]);
                let rule = Rule::Sgd(Sgd { learning_rate: 1.0 });
                let mut g = Player::new(One::Point, rule, &mut rng);
                let mut d = Player::new(One::Slope, rule, &mut rng);
                g.params.set(&g.params.flat().full_like(theta));
                d.params.set(&d.params.flat().full_like(psi));
                let zero = Tensor::zeros([1, 1, 1], rng.options());
                let fake = g.apply(&zero).detach().copy();
                let objective = Objective::Minimax;
                let _ = generator_step(objective, &mut g, &d, &zero);
                critic_step(objective, penalty, &mut d, &zero, &fake, &mut rng);
                let moved = |p: &Player<One, Rule>| p.params.flat().double_value(&[0, 0]);
                [moved(&g) - theta, moved(&d) - psi]
            };
            let h = 1e-4;
            let column = |a: [f64; 2], b: [f64; 2]| [0, 1].map(|i| (a[i] - b[i]) / (2.0 * h));
            let by_theta = column(velocity(h, 0.0), velocity(-h, 0.0));
            let by_psi = column(velocity(0.0, h), velocity(0.0, -h));
            let trace = by_theta[0] + by_psi[1];
            let determinant = by_theta[0] * by_psi[1] - by_psi[0] * by_theta[1];
            assert!((trace + gamma).abs() < 1e-6, "trace {trace} of gamma {gamma}");
            assert!((determinant - 0.25).abs() < 1e-6, "determinant {determinant}");
        }
    }
}
