//! Games of points: on the plane, on a line, and over drawn settings.

use experiments::{Game, looks, options, points, summary};
use gan::data::{GaussianMixture, Line, Target as _};
use gan::device::per_member;
use gan::metric::{CriticFit, critic_means, energy_distance, independent_critic};
use gan::optim::{Optimizer, Player, StackedAdam};
use gan::step::{generator_step, weighted_critic_step};
use gan::{Activation, Adam, AdamState, Mlp, Net, Params, Penalty, Rng};
use lab::{Diverged, Interrupted, Run, Summary};
use stats::modes::Mixture;
use stats::robust;
use tch::Tensor;

use crate::config::{Config, Rates, Task};
use crate::settings::Setting;

type Outcomes = Result<Vec<Result<Summary, Diverged>>, Interrupted>;

const LATENT: i64 = 8;
/// Looks after the start.
const LOOKS: u64 = 20;
/// The last looks, whose mean is a run's result.
const LAST: usize = 3;
/// Samples behind an energy distance, and behind a count of modes.
const SAMPLES: i64 = 256;
const COUNTED: i64 = 2_500;
/// Between two calls of the harness's door.
const DOOR: u64 = 100;

/// Data, and how far a model is from them.
enum Scene {
    Plane(GaussianMixture),
    Line(Line),
}

impl Scene {
    fn sample(&self, rng: &mut Rng, count: i64) -> Tensor {
        match self {
            Self::Plane(mixture) => mixture.sample(rng, count),
            Self::Line(line) => line.sample(rng, count),
        }
    }

    fn latent(&self, rng: &mut Rng, count: i64) -> Tensor {
        rng.normal(&[count, if matches!(self, Self::Plane(_)) { LATENT } else { 1 }])
    }

    /// The energy distance on the plane; on the line the exact root of the Frechet distance.
    fn distance<O: Optimizer>(&self, generator: &Player<Mlp, O>, rng: &mut Rng) -> Vec<f64> {
        match self {
            Self::Plane(_) => {
                let _guard = tch::no_grad_guard();
                let fake = generator.apply(&self.latent(rng, SAMPLES));
                per_member(&energy_distance(&fake, &self.sample(rng, SAMPLES)))
            }
            Self::Line(line) => {
                let views = generator.params.views();
                line.misfit(&views[0], &views[1]).iter().map(|misfit| misfit.frechet).collect()
            }
        }
    }
}

/// Builds data and nets, and plays with the settings of the configuration or of each seed.
pub(crate) fn game(config: &Config, run: &mut Run) -> Outcomes {
    let root = Rng::new(&run.seeds).with(options(run.device)).fork("penalty_ablation 2");
    let net = |widths: &[i64]| Mlp::new(widths, Activation::Relu);
    let mut rng = root.fork("generator");
    let (scene, generator, start, critic) = match config.task {
        Task::Plane { target, width } => {
            let generator = net(&[LATENT, width, width, 2]);
            let start = generator.init(&mut rng);
            (Scene::Plane(target.mixture()), generator, start, net(&[2, width, width, 1]))
        }
        Task::Line { dim, width } => {
            let generator = net(&[1, dim]);
            let mut start = generator.init(&mut rng);
            // As the data's own direction: numbers of order one.
            let (weight, bias) = (rng.normal(&[1, dim]), rng.normal(&[1, dim]));
            start.set(&Params::join(&[weight, bias]));
            let line = Line::draw(dim, &mut root.fork("line"));
            (Scene::Line(line), generator, start, net(&[dim, width, width, 1]))
        }
        _ => panic!("{:?} is no game of points", config.task),
    };
    match config.rates {
        Rates::Adam(adam) => {
            let g = Player::starting_at(generator, start, adam);
            play(config, &scene, g, (critic, adam), None, &root, run)
        }
        Rates::Drawn => {
            let settings: Vec<Setting> = run.seeds.iter().map(|seed| Setting::of(*seed)).collect();
            let rule = |of: fn(&Setting) -> Adam| StackedAdam {
                members: settings.iter().map(of).collect(),
            };
            let weights: Vec<f32> = settings.iter().map(|s| s.weight as f32).collect();
            let weights = Tensor::from_slice(&weights).to_device(root.options().1);
            let g = Player::starting_at(generator, start, rule(|s| s.generator));
            let critic = (critic, rule(|s| s.critic));
            play(config, &scene, g, critic, Some(&weights), &root, run)
        }
        Rates::Descent(_) => panic!("games of points are played with Adam"),
    }
}

/// `critic_steps` updates of the critic, each on a fresh batch, then one of the generator.
fn play<O: Optimizer<State = AdamState>>(
    config: &Config,
    scene: &Scene,
    generator: Player<Mlp, O>,
    (critic, rule): (Mlp, O),
    weights: Option<&Tensor>,
    root: &Rng,
    run: &mut Run,
) -> Outcomes {
    let critic = Player::new(critic, rule, &mut root.fork("critic"));
    let mut game = Game::new(generator, critic, root);
    let due = looks(config.steps, LOOKS);

    let start = game.resume(run);
    for step in start..=config.steps {
        if step > start && step % DOOR == 0 {
            game.keep(run, (step, config.steps))?;
        }
        if due.binary_search(&step).is_ok() {
            let distances =
                scene.distance(&game.generator, &mut root.fork(&format!("eval {step}")));
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
            let fake = {
                let _guard = tch::no_grad_guard();
                game.generator.apply(&scene.latent(&mut game.latent, config.batch))
            };
            let (penalty, noise) = ((config.penalty, weights), &mut game.penalty);
            let critic = &mut game.critic;
            weighted_critic_step(config.objective, penalty, critic, &real, &fake, noise);
        }
        let z = scene.latent(&mut game.latent, config.batch);
        let _ = generator_step(config.objective, &mut game.generator, &game.critic, &z);
    }
    Ok(results(config, scene, &game.generator, root, run))
}

/// What a run ends with.
fn results<O: Optimizer>(
    config: &Config,
    scene: &Scene,
    g: &Player<Mlp, O>,
    root: &Rng,
    run: &Run,
) -> Vec<Result<Summary, Diverged>> {
    let mut eval = root.fork("end");
    let judged = independent(scene, g, &eval);
    let samples = {
        let _guard = tch::no_grad_guard();
        g.apply(&scene.latent(&mut eval, COUNTED))
    };
    let result = |i: usize| {
        let looks = run.traced(i, "distance");
        if looks.last().map(|look| look.0) != Some(config.steps) || !judged[i].is_finite() {
            let step = looks.last().map_or(0, |look| look.0);
            return Err(Diverged { step, what: "samples after this look".to_owned() });
        }
        let distances: Vec<f64> = looks.iter().map(|look| look.1).collect();
        let last = robust::mean(&distances[distances.len().saturating_sub(LAST)..]);
        let best = distances.iter().copied().fold(f64::INFINITY, f64::min);
        let mut numbers =
            vec![("distance", last), ("distance_best", best), ("independent_critic", judged[i])];
        if let Scene::Plane(mixture) = scene {
            let mixture = Mixture { centres: mixture.distinct_centres(), sigma: mixture.sigma };
            let coverage = mixture.coverage(&points(&samples, i));
            numbers.push(("modes_held", coverage.modes_held as f64));
            numbers.push(("high_quality_3", coverage.high_quality[1]));
        }
        if config.rates == Rates::Drawn {
            let setting = Setting::of(run.seeds[i]);
            numbers.push(("setting.generator_rate", setting.generator.learning_rate));
            numbers.push(("setting.critic_rate", setting.critic.learning_rate));
            numbers.push(("setting.beta1", setting.generator.beta1));
            numbers.push(("setting.weight", setting.weight));
        }
        summary(config.steps, numbers)
    };
    (0..run.seeds.len()).map(result).collect()
}

/// The Wasserstein distance as a critic finds it that never met the generator: fitted on 2,000 points, judged on
/// others.
fn independent<O: Optimizer>(scene: &Scene, g: &Player<Mlp, O>, rng: &Rng) -> Vec<f64> {
    let dim = g.net.widths[g.net.widths.len() - 1];
    let net = Mlp::new(&[dim, 32, 32, 1], Activation::Relu);
    let critic = Player::new(net, Adam::new(2e-3, 0.5, 0.9), &mut rng.fork("judge"));
    let fitted = scene.sample(&mut rng.fork("fitted"), 2_000);
    let mut draws = rng.fork("samples");
    let mut fakes = |count: i64| {
        let _guard = tch::no_grad_guard();
        g.apply(&scene.latent(&mut draws, count))
    };
    let fit = CriticFit { steps: 300, batch: 128, penalty: Penalty::Gradient { weight: 10.0 } };
    let critic = independent_critic(critic, fit, &fitted, &mut fakes, &mut rng.fork("fit"));
    let real = scene.sample(&mut rng.fork("test"), 2_000);
    per_member(&(critic_means(&critic, &real) - critic_means(&critic, &fakes(2_000))))
}
