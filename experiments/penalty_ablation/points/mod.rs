//! On points: does a penalty help whatever the loss, which DRAGAN is meant, and can a critic that never met the
//! generator be trusted?
//!
//! Every objective with every penalty, on a ring of Gaussians and on a line.

mod claims;
mod figures;

pub(crate) use claims::{RANKED, claims, ranked};
pub(crate) use figures::figures;

use gan::data::{GaussianMixture, Line, Target as _};
use gan::device::per_member;
use gan::metric::{CriticFit, critic_means, energy_distance, independent_critic};
use gan::optim::{Optimizer, Player};
use gan::step::{Weighted, generator_step, weighted_critic_step};
use gan::{Activation, Adam, AdamState, Mlp, Net, Params, Penalty, Rng};
use lab::{Arm, Diverged, Profile, Results, Run, Summary};
use shared::variant::arm_name;
use shared::{Game, Outcomes, Resumable, looks, points, summary};
use stats::modes::Mixture;
use stats::robust;
use tch::Tensor;

use crate::config::{Config, Rates, Target, Task};
use crate::{OBJECTIVES, Rows, Variant, WEIGHT, compared, penalties, streams};

/// Dimension of the line.
pub(crate) const LINE: i64 = 8;

/// Seeds that train as one stack.
const STACK: u64 = 10;

struct Size {
    width: i64,
    plane: u64,
    line: u64,
    weights: &'static [f64],
    seeds: u64,
}

impl Size {
    fn of(profile: Profile) -> Self {
        let one = &[WEIGHT];
        match profile {
            Profile::Smoke => Self { width: 16, plane: 20, line: 20, weights: one, seeds: 10 },
            Profile::Quick | Profile::Reference => Self {
                width: 32,
                plane: UPDATES[0],
                line: UPDATES[1],
                weights: &WEIGHTS,
                seeds: 20,
            },
            Profile::Full => {
                Self { width: 128, plane: 200_000, line: 200_000, weights: one, seeds: 30 }
            }
        }
    }
}

/// Updates that claims on the ring and on the line need.
const UPDATES: [u64; 2] = [30_000, 20_000];
/// Weights of every penalty at the reference.
const WEIGHTS: [f64; 3] = [0.1, WEIGHT, 10.0];

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let size = Size::of(profile);
    let ring = || Task::Plane { target: Target::Ring, width: size.width };
    let grid = || Task::Plane { target: Target::Grid, width: size.width };
    let line = || Task::Line { dim: LINE, width: size.width };
    let arm = |name, task, variant, steps| {
        let rates = Rates::Adam(Adam::new(1e-3, 0.5, 0.999));
        Arm::new(name, config(task, variant, rates, steps)).with_seeds(size.seeds, STACK)
    };
    let mut arms = Vec::new();
    for variant in variants(size.weights) {
        let quick = if QUICK.contains(&variant) { STACK } else { 0 };
        let of_ring = arm(ring_name(variant), ring(), variant, size.plane);
        let of_line = arm(line_name(variant), line(), variant, size.line);
        arms.extend([of_ring, of_line].map(|arm| arm.with_quick_seeds(quick)));
    }
    // No claim and no figure reads the grid.
    if profile != Profile::Reference {
        for variant in compared(WEIGHT) {
            let name = format!("grid/{}", arm_name(variant.0, variant.1));
            arms.push(arm(name, grid(), variant, size.plane));
        }
    }
    arms
}

/// Every objective with every penalty at every weight, each once.
fn variants(weights: &[f64]) -> Vec<Variant> {
    let mut variants = Vec::new();
    for objective in OBJECTIVES {
        for penalty in weights.iter().flat_map(|weight| penalties(*weight)) {
            if !variants.contains(&(objective, penalty)) {
                variants.push((objective, penalty));
            }
        }
    }
    variants
}

/// The variants that `quick` takes.
const QUICK: [Variant; 3] = {
    let [plain, gp, ..] = compared(WEIGHT);
    [plain, gp, (plain.0, Penalty::R1 { weight: WEIGHT })]
};

/// Returns the configuration of a game of points with one critic step.
pub(crate) fn config(
    task: Task,
    (objective, penalty): Variant,
    rates: Rates,
    steps: u64,
) -> Config {
    Config { task, objective, penalty, critic_steps: 1, rates, batch: 64, steps }
}

fn ring_name((objective, penalty): Variant) -> String {
    format!("ring/{}", arm_name(objective, penalty))
}

fn line_name((objective, penalty): Variant) -> String {
    format!("line/{}", arm_name(objective, penalty))
}

fn ring(results: &Results<Config>, variant: Variant) -> Rows<'_> {
    results.arm(&ring_name(variant))
}

fn line(results: &Results<Config>, variant: Variant) -> Rows<'_> {
    results.arm(&line_name(variant))
}

pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Rates::Adam(adam) = config.rates else {
        panic!("games of points are played with Adam, not {:?}", config.rates)
    };
    let scene = Scene::new(config, run);
    let game = scene.game(config, [adam, adam]);
    play(config, &scene, game, None, run)
}

const LATENT: i64 = 8;
/// Looks after the start.
const LOOKS: u64 = 20;
/// The last looks, whose mean is a run's result.
const LAST: usize = 3;
/// Samples behind an energy distance, and behind a count of modes.
const SAMPLES: i64 = 256;
const COUNTED: i64 = 2_500;
/// Updates between two chances for a checkpoint.
const KEEP_EVERY: u64 = 100;

/// Gaussians on the plane, or a line.
enum Data {
    Plane(GaussianMixture),
    Line(Line),
}

/// The data, how far a model is from them, and the random streams of a cell.
pub(crate) struct Scene {
    data: Data,
    root: Rng,
}

impl Scene {
    pub(crate) fn new(config: &Config, run: &Run) -> Self {
        let root = streams(run);
        let data = match config.task {
            Task::Plane { target, .. } => Data::Plane(target.mixture()),
            Task::Line { dim, .. } => Data::Line(Line::draw(dim, &mut root.fork("line"))),
            _ => panic!("{:?} is no game of points", config.task),
        };
        Self { data, root }
    }

    /// Returns the game before its first step, by the rules of the generator and of the critic.
    pub(crate) fn game<O: Optimizer<State = AdamState>>(
        &self,
        config: &Config,
        [of_generator, of_critic]: [O; 2],
    ) -> Game<Mlp, Mlp, O> {
        let net = |widths: &[i64]| Mlp::new(widths, Activation::Relu);
        let mut rng = self.root.fork("generator");
        let (generator, start, critic) = match config.task {
            Task::Plane { width, .. } => {
                let generator = net(&[LATENT, width, width, 2]);
                let start = generator.init(&mut rng);
                (generator, start, net(&[2, width, width, 1]))
            }
            Task::Line { dim, width } => {
                let generator = net(&[1, dim]);
                let mut start = generator.init(&mut rng);
                // As the data's own direction: numbers of order one.
                let (weight, bias) = (rng.normal(&[1, dim]), rng.normal(&[1, dim]));
                start.set(&Params::join(&[weight, bias]));
                (generator, start, net(&[dim, width, width, 1]))
            }
            _ => panic!("{:?} is no game of points", config.task),
        };
        let generator = Player::starting_at(generator, start, of_generator);
        let critic = Player::new(critic, of_critic, &mut self.root.fork("critic"));
        Game::new(generator, critic, &self.root)
    }

    fn sample(&self, rng: &mut Rng, count: i64) -> Tensor {
        match &self.data {
            Data::Plane(mixture) => mixture.sample(rng, count),
            Data::Line(line) => line.sample(rng, count),
        }
    }

    fn latent(&self, rng: &mut Rng, count: i64) -> Tensor {
        rng.normal(&[count, if matches!(self.data, Data::Plane(_)) { LATENT } else { 1 }])
    }

    /// Returns samples of a generator, without their graph.
    fn generated<O: Optimizer>(
        &self,
        generator: &Player<Mlp, O>,
        rng: &mut Rng,
        count: i64,
    ) -> Tensor {
        let _guard = tch::no_grad_guard();
        generator.apply(&self.latent(rng, count))
    }

    /// Returns the energy distance on the plane; on the line the exact root of the Frechet distance.
    fn distance<O: Optimizer>(&self, generator: &Player<Mlp, O>, rng: &mut Rng) -> Vec<f64> {
        match &self.data {
            Data::Plane(_) => {
                let fake = self.generated(generator, rng, SAMPLES);
                per_member(&energy_distance(&fake, &self.sample(rng, SAMPLES)))
            }
            Data::Line(line) => {
                let views = generator.params.views();
                line.misfit(&views[0], &views[1]).iter().map(|misfit| misfit.frechet).collect()
            }
        }
    }
}

/// Plays `critic_steps` updates of the critic, each on a fresh batch, then one of the generator, and so on; `weights`
/// multiply the penalty of each member.
pub(crate) fn play<O: Optimizer<State = AdamState>>(
    config: &Config,
    scene: &Scene,
    mut game: Game<Mlp, Mlp, O>,
    weights: Option<&Tensor>,
    run: &mut Run,
) -> Outcomes {
    let due = looks(config.steps, LOOKS);
    let start = game.resume(run);
    for step in start..=config.steps {
        if step > start && step % KEEP_EVERY == 0 {
            game.keep(run, (step, config.steps))?;
        }
        if due.binary_search(&step).is_ok() {
            let mut eval = scene.root.fork(&format!("eval {step}"));
            let distances = scene.distance(&game.generator, &mut eval);
            // One whose numbers stopped being numbers has no trace from there on.
            for (i, distance) in distances.into_iter().enumerate().filter(|(_, x)| x.is_finite()) {
                run.trace(i, "distance", step, distance);
            }
        }
        if step == config.steps {
            break;
        }
        for _ in 0..config.critic_steps {
            let real = scene.sample(&mut game.data, config.batch);
            let fake = scene.generated(&game.generator, &mut game.latent, config.batch);
            let penalty = Weighted { penalty: config.penalty, by_member: weights };
            let (critic, noise) = (&mut game.critic, &mut game.penalty);
            weighted_critic_step(config.objective, penalty, critic, &real, &fake, noise);
        }
        let z = scene.latent(&mut game.latent, config.batch);
        let _ = generator_step(config.objective, &mut game.generator, &game.critic, &z);
    }
    Ok(outcomes(config, scene, &game.generator, run))
}

/// Returns the numbers that each member ends with.
fn outcomes<O: Optimizer>(
    config: &Config,
    scene: &Scene,
    generator: &Player<Mlp, O>,
    run: &Run,
) -> Vec<Result<Summary, Diverged>> {
    let mut eval = scene.root.fork("end");
    let independent = independent(scene, generator, &eval);
    let samples = scene.generated(generator, &mut eval, COUNTED);
    let of_member = |i: usize| {
        let looks = run.traced(i, "distance");
        if looks.last().map(|look| look.0) != Some(config.steps) || !independent[i].is_finite() {
            let step = looks.last().map_or(0, |look| look.0);
            return Err(Diverged { step, what: "samples after this look".to_owned() });
        }
        let distances: Vec<f64> = looks.iter().map(|look| look.1).collect();
        let last = robust::mean(&distances[distances.len().saturating_sub(LAST)..]);
        let best = distances.iter().copied().fold(f64::INFINITY, f64::min);
        let mut numbers = vec![
            ("distance", last),
            ("distance_best", best),
            ("independent_critic", independent[i]),
        ];
        if let Data::Plane(mixture) = &scene.data {
            let mixture = Mixture { centres: mixture.distinct_centres(), sigma: mixture.sigma };
            let coverage = mixture.coverage(&points(&samples, i));
            numbers.push(("modes_held", coverage.modes_held as f64));
            numbers.push(("high_quality_3", coverage.high_quality[1]));
        }
        summary(config.steps, numbers)
    };
    (0..run.seeds.len()).map(of_member).collect()
}

/// Returns the Wasserstein distance of each member as a critic finds it that never met the generator: fitted on 2,000
/// points, measured on others.
fn independent<O: Optimizer>(scene: &Scene, generator: &Player<Mlp, O>, rng: &Rng) -> Vec<f64> {
    let dim = generator.net.widths[generator.net.widths.len() - 1];
    let net = Mlp::new(&[dim, 32, 32, 1], Activation::Relu);
    let critic = Player::new(net, Adam::new(2e-3, 0.5, 0.9), &mut rng.fork("judge"));
    let fitted = scene.sample(&mut rng.fork("fitted"), 2_000);
    let mut draws = rng.fork("samples");
    let mut fakes = |count| scene.generated(generator, &mut draws, count);
    let fit = CriticFit { steps: 300, batch: 128, penalty: Penalty::Gradient { weight: 10.0 } };
    let critic = independent_critic(critic, fit, &fitted, &mut fakes, &mut rng.fork("fit"));
    let real = scene.sample(&mut rng.fork("test"), 2_000);
    per_member(&(critic_means(&critic, &real) - critic_means(&critic, &fakes(2_000))))
}
