//! The smallest game: one point learns another, and which penalty makes it converge?
//!
//! f(x) = psi x against data at 0 (Mescheder et al. 2018, section 2), by plain descent and without chance.

use gan::init::Init;
use gan::optim::{Player, Rule, Sgd};
use gan::params::Spec;
use gan::rng::double;
use gan::step::{critic_step, generator_step};
use gan::{Net, Objective, Params, Penalty, Rng};
use lab::figure::{Axis, Colour, Layer, Panel, Title};
use lab::{Arm, Claim, Diverged, Figure, Profile, Region, Results, Row, Run, Summary};
use shared::chart::{dots, panel};
use shared::variant::{arm_name, variant};
use shared::{Source, claim, summary};
use stats::robust;
use tch::Tensor;

use crate::config::{Config, Rates, Task};
use crate::{MESCHEDER, Variant};

/// Variants that have no zero-centred penalty.
const OTHERS: [Variant; 4] = [
    (Objective::Minimax, Penalty::None),
    (Objective::NonSaturating, Penalty::None),
    (Objective::Wasserstein, Penalty::WeightClip { bound: 1.0 }),
    // The notebook's penalty is half of ours: the derivative of `weight (|psi| - 1)^2` has a factor of two.
    (Objective::Wasserstein, Penalty::Gradient { weight: 0.35 }),
];

/// Variants with a zero-centred penalty.
const ZERO_CENTRED: [Variant; 4] = [
    (Objective::NonSaturating, Penalty::R1 { weight: 0.3 }),
    (Objective::NonSaturating, Penalty::R1 { weight: 1.0 }),
    (Objective::Minimax, Penalty::R1 { weight: 0.3 }),
    (Objective::Minimax, Penalty::R1 { weight: 1.0 }),
];

/// Who moves when.
struct Order {
    simultaneous: bool,
    critic_steps: u32,
    label: &'static str,
    colour: Colour,
}

const ORDERS: [Order; 3] = [
    Order { simultaneous: true, critic_steps: 1, label: "simultaneous", colour: Colour::Orange },
    Order {
        simultaneous: false,
        critic_steps: 1,
        label: "alternating, 1 critic step",
        colour: Colour::Blue,
    },
    Order {
        simultaneous: false,
        critic_steps: 5,
        label: "alternating, 5 critic steps",
        colour: Colour::Green,
    },
];

fn name((objective, penalty): Variant, order: &Order) -> String {
    let kind = if order.simultaneous { "simultaneous" } else { "alternating" };
    format!("dirac/{}/{kind}-{}", arm_name(objective, penalty), order.critic_steps)
}

/// Steps of the authors' notebook, and its rate.
const STEPS: u64 = 500;
const RATE: f64 = 0.2;

/// Returns the constants of the authors' notebook, at every profile.
pub(crate) fn arms(_: Profile) -> Vec<Arm<Config>> {
    let arm = |variant: Variant, order: &Order| {
        let Order { simultaneous, critic_steps, .. } = *order;
        let config = Config {
            task: Task::Dirac { simultaneous },
            objective: variant.0,
            penalty: variant.1,
            critic_steps,
            rates: Rates::Descent(RATE),
            batch: 1,
            steps: STEPS,
        };
        Arm::new(name(variant, order), config).with_quick_seeds(1)
    };
    let variants = OTHERS.into_iter().chain(ZERO_CENTRED);
    variants.flat_map(|variant| ORDERS.each_ref().map(|order| arm(variant, order))).collect()
}

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

pub(crate) fn run(config: &Config, run: &mut Run) -> Vec<Result<Summary, Diverged>> {
    let path = path(config);
    for (step, [theta, psi]) in (0..).zip(&path).step_by((path.len() / 100).max(1)) {
        if theta.is_finite() && psi.is_finite() {
            run.trace(0, "theta", step, *theta);
            run.trace(0, "psi", step, *psi);
        }
    }
    let lost = path.iter().position(|[theta, psi]| !theta.hypot(*psi).is_finite());
    if let Some(step) = lost {
        return vec![Err(Diverged { step: step as u64, what: "parameters".to_owned() })];
    }
    let [theta, psi] = path[path.len() - 1];
    vec![summary(config.steps, [("distance", theta.hypot(psi))])]
}

/// Model and critic after each step, the start first.
///
/// # Panics
/// If the configuration is of another game.
fn path(config: &Config) -> Vec<[f64; 2]> {
    let (Task::Dirac { simultaneous }, Rates::Descent(rate)) = (&config.task, config.rates) else {
        panic!("{:?} is no Dirac-GAN with plain descent", config.task)
    };
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
            let fake = if *simultaneous { before.shallow_clone() } else { g.apply(&zero).detach() };
            let (objective, penalty) = (config.objective, config.penalty);
            critic_step(objective, penalty, &mut d, &zero, &fake, &mut rng);
        }
        path.push(place(&g, &d));
    }
    path
}

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let of_variants = |variants: [Variant; 4], number: fn(&Row<Config>) -> Option<f64>| {
        let mut numbers = Vec::new();
        for variant in variants {
            for order in &ORDERS {
                let rows = results.arm(&name(variant, order));
                numbers.push(rows.first().and_then(|row| number(row)));
            }
        }
        numbers.into_iter().collect::<Option<Vec<f64>>>()
    };
    let ends = of_variants(ZERO_CENTRED, |row| Some(row.value("distance")?.log10()));
    let falls = of_variants(OTHERS, rate);
    vec![
        claim("penalty.C16", "On the Dirac-GAN the zero-centred penalty R1 converges.")
            .published(Source::read(MESCHEDER), "abstract; the constants are its released notebook's", None)
            .measured("largest log10 `distance` from the equilibrium after 500 steps among arms with R1")
            .figure("dirac.svg")
            .exact(Region::Below(-4.0), ends.and_then(|ends| ends.into_iter().reduce(f64::max))),
        claim("penalty.C16b", "On the Dirac-GAN neither a loss without a penalty nor clipping nor WGAN-GP converges at a linear rate.")
            .published(Source::remembered(MESCHEDER), "section 3; WGAN and WGAN-GP stand in the abstract, which was read", None)
            .measured(
                "least change of ln distance a step, by least squares over steps 250 to 500 (`theta`, `psi`), among arms \
                 without a penalty, with clipping and with WGAN-GP; the threshold is a tenth of what R1 of weight 0.3 has \
                 from its eigenvalues",
            )
            .figure("dirac.svg")
            .exact(Region::Above(-0.003), falls.and_then(|falls| falls.into_iter().reduce(f64::min))),
    ]
}

/// The change of a path's ln distance from the equilibrium a step, over its second half.
fn rate(row: &Row<Config>) -> Option<f64> {
    let (theta, psi) = (row.traces.get("theta")?, row.traces.get("psi")?);
    let log = |((step, theta), (_, psi)): (&(u64, f64), &(u64, f64))| {
        (*step as f64, theta.hypot(*psi).ln())
    };
    let path: Vec<(f64, f64)> = theta.iter().zip(psi).map(log).collect();
    let half = (row.config.steps / 2) as f64;
    let late: Vec<(f64, f64)> = path.into_iter().filter(|(step, _)| *step >= half).collect();
    (late.len() > 1).then(|| robust::line(&late).1)
}

/// Returns paths of model and critic.
pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let [minimax, non_saturating, clipped, gradient] = OTHERS;
    let [with_r1, _, minimax_with_r1, _] = ZERO_CENTRED;
    let chosen = [minimax, minimax_with_r1, non_saturating, with_r1, gradient, clipped];
    let of_variant = |chosen: Variant| -> Panel {
        let mut layers = Vec::new();
        for order in &ORDERS {
            let rows = results.arm(&name(chosen, order));
            let traces = rows.first().map(|row| (row.traces.get("theta"), row.traces.get("psi")));
            let Some((Some(theta), Some(psi))) = traces else { continue };
            let points = theta.iter().zip(psi).map(|(x, y)| (x.1, y.1)).collect();
            let label = order.label.to_owned();
            layers.push(Layer::Line { label, colour: order.colour, points });
        }
        layers.push(dots(Colour::Black, 3, 1.0, vec![(0.0, 0.0)]));
        let title = match chosen.1 {
            Penalty::R1 { weight } => format!("{}, weight {weight}", variant(chosen.0, chosen.1)),
            _ => variant(chosen.0, chosen.1),
        };
        let axis = |label: &str| Axis::new(label).within(-3.3, 3.3);
        panel(&title, axis("theta, the model"), axis("psi, the critic"), layers)
    };
    vec![Figure {
        name: "dirac".into(),
        title: Title::new("One point learns another: paths of the Dirac-GAN").if_reproduced("penalty.C16", "R1 brings the Dirac-GAN to its equilibrium"),
        caption: "Plain descent at 0.2, 500 steps, every fifth shown, from theta = 1, psi = -1; the cross is the \
                  equilibrium. No chance is in it."
            .into(),
        columns: 3,
        height: 260,
        panels: chosen.into_iter().map(of_variant).collect(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distances after 500 steps of the vector fields of `diracgan/gans.py` (`LMescheder/GAN_stability`), computed
    /// apart in plain Python to two places: simultaneous, alternating once, alternating five times.
    #[test]
    fn ends_where_the_authors_notebook_ends() {
        let expected =
            [[3.10, 1.42, 1.85], [0.64, 0.28, 0.14], [1.00, 1.02, 0.92], [1.80, 1.22, 0.72]];
        for (arm, expected) in arms(Profile::Smoke).iter().zip(expected.as_flattened()) {
            let [theta, psi] = path(&arm.config)[500];
            assert!((theta.hypot(psi) - expected).abs() < 0.006, "{}", arm.name);
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
