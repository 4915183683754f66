//! Both training loops, in the open.

use experiments::{Arrays, Resumable, keep, looks, options, resume};
use gan::data::images::Split;
use gan::device::{per_member, to_vec};
use gan::flow::{Flow, bits_per_dim, dequantise};
use gan::optim::Player;
use gan::step::{critic_step, generator_step};
use gan::{Activation, Mlp, Objective, Penalty, Rng};
use lab::{Array, Diverged, Interrupted, Run, Summary};
use tch::{Kind, Tensor};

use crate::config::{Config, DIM, Training};

/// Looks at the held-out likelihood after the start.
const LOOKS: u64 = 25;
/// Between two calls of the harness's door.
const DOOR: u64 = 5;
/// Pictures of a grid.
const PICTURES: i64 = 64;
/// Images whose likelihood is computed at a time.
const CHUNK: i64 = 500;

/// Images of one split, and the streams that draw from them.
struct Images {
    pixels: Tensor,
}

impl Images {
    /// Returns a dequantised minibatch, `[members, count, 784]`.
    fn batch(&self, rng: &mut Rng, count: i64) -> Tensor {
        let index = rng.index(self.pixels.size()[0], count);
        let rows = self.pixels.index_select(0, &index.flatten(0, -1));
        dequantise(&rows.reshape([rng.members(), count, DIM]), rng)
    }

    /// Returns the first `count` images with their own noise, the same at every call.
    fn first(&self, rng: &Rng, count: i64) -> Tensor {
        let rows = self.pixels.narrow(0, 0, count).unsqueeze(0);
        let rows = rows.expand([rng.members(), count, DIM], false);
        dequantise(&rows, &mut rng.fork("dequantise"))
    }
}

/// Trains one flow and returns its held-out likelihoods.
pub(crate) fn train(
    config: &Config,
    run: &mut Run,
) -> Result<Vec<Result<Summary, Diverged>>, Interrupted> {
    let options = options(run.device);
    let load = |split| match config.data.load(&run.data_dir, split) {
        Ok(pixels) => pixels.to_device(options.1),
        Err(error) => panic!("{error}"),
    };
    let (train, test) = (load(Split::Train), load(Split::Test));
    let images = Images { pixels: train.narrow(0, 0, config.training_images) };
    let root = Rng::new(&run.seeds).with(options);
    let eval = root.fork("eval");
    let count = config.held_out_images;
    let held_out = HeldOut {
        validation: Images { pixels: train.narrow(0, 50_000, 10_000) }.first(&eval, count),
        test: Images { pixels: test }.first(&eval, count),
    };

    let mut flow = Player::new(config.flow.build(), config.adam, &mut root.fork("flow"));
    let mut critic = match &config.training {
        Training::MaximumLikelihood => None,
        Training::Wasserstein { critic, critic_adam, .. } => {
            let net = Mlp::new(&[&[DIM], &critic[..], &[1]].concat(), Activation::LeakyRelu(0.2));
            Some(Player::new(net, *critic_adam, &mut root.fork("critic")))
        }
    };
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut penalty = root.fork("penalty");
    let (mut best, mut diverged) = (Best::default(), None);
    let due = looks(config.steps, LOOKS);

    let start = resume(
        run,
        &mut [
            ("flow", &mut flow),
            ("critic", &mut critic),
            ("data", &mut data),
            ("latent", &mut latent),
            ("penalty", &mut penalty),
            ("best", &mut best),
        ],
    );
    for step in start..=config.steps {
        if step > start && step % DOOR == 0 {
            let pieces: [(_, &dyn Resumable); 6] = [
                ("flow", &flow),
                ("critic", &critic),
                ("data", &data),
                ("latent", &latent),
                ("penalty", &penalty),
                ("best", &best),
            ];
            keep(run, (step, config.steps), &pieces)?;
        }
        if due.binary_search(&step).is_ok() {
            if let Some((validation, test)) = held_out.look(&flow) {
                run.trace(0, "validation_log_likelihood_nats", step, validation);
                run.trace(0, "test_log_likelihood_nats", step, test);
                best.see(step, validation, test);
            } else {
                diverged = Some(Diverged { step, what: "held-out log-likelihood".into() });
                break;
            }
            if let Some(critic) = &critic {
                let _guard = tch::no_grad_guard();
                let mut draws = root.fork(&format!("estimate {step}"));
                let fake = flow.apply(&flow.net.latent(&mut draws, count));
                let mean = |x: &Tensor| critic.apply(x).mean(Kind::Float).double_value(&[]);
                let estimate = mean(&held_out.validation) - mean(&fake);
                run.trace(0, "wasserstein_estimate", step, estimate);
            }
        }
        if step == config.steps {
            break;
        }
        if let (Training::Wasserstein { critic_steps, penalty_weight, .. }, Some(critic)) =
            (&config.training, &mut critic)
        {
            let weight = Penalty::Gradient { weight: *penalty_weight };
            for _ in 0..*critic_steps {
                let real = images.batch(&mut data, config.batch);
                let fake = {
                    let _guard = tch::no_grad_guard();
                    flow.apply(&flow.net.latent(&mut latent, config.batch))
                };
                let _ =
                    critic_step(Objective::Wasserstein, weight, critic, &real, &fake, &mut penalty);
            }
            let z = flow.net.latent(&mut latent, config.batch);
            let _ = generator_step(Objective::Wasserstein, &mut flow, critic, &z);
        } else {
            let x = images.batch(&mut data, config.batch);
            let log_prob = flow.net.log_prob(&flow.params, &x);
            flow.descend(&-log_prob.mean_dim([1i64].as_slice(), false, None::<Kind>));
        }
    }

    if run.seeds[0] == 0 {
        keep_pictures(&flow, &images, &root, run);
    }
    Ok(vec![match diverged {
        Some(diverged) => Err(diverged),
        None => Ok(best.summary()),
    }])
}

/// Held-out images with noise that does not change between looks.
struct HeldOut {
    validation: Tensor,
    test: Tensor,
}

impl HeldOut {
    /// Returns the mean log-likelihoods in nats per image, or `None` where one is not finite.
    fn look(&self, flow: &Player<Flow>) -> Option<(f64, f64)> {
        let _guard = tch::no_grad_guard();
        let mean = |x: &Tensor| {
            let nats = x
                .split(CHUNK, 1)
                .iter()
                .map(|chunk| flow.net.log_prob(&flow.params, chunk))
                .collect::<Vec<_>>();
            // Double precision, because single images may be a million nats away.
            let mean = Tensor::cat(&nats, 1).mean_dim([1i64].as_slice(), false, Kind::Double);
            per_member(&mean)[0]
        };
        let pair = (mean(&self.validation), mean(&self.test));
        (pair.0.is_finite() && pair.1.is_finite()).then_some(pair)
    }
}

/// The likelihoods at the last look and at the one with the best validation.
#[derive(Clone, Copy, Debug, Default)]
struct Best {
    best: Option<Look>,
    last: Look,
}

#[derive(Clone, Copy, Debug, Default)]
struct Look {
    step: u64,
    validation: f64,
    test: f64,
}

impl Best {
    fn see(&mut self, step: u64, validation: f64, test: f64) {
        self.last = Look { step, validation, test };
        if self.best.is_none_or(|best| validation > best.validation) {
            self.best = Some(self.last);
        }
    }

    fn summary(&self) -> Summary {
        let best = self.best.expect("a run looks at its start");
        let mut summary = Summary::default();
        summary.insert("validation_log_likelihood_nats", self.last.validation);
        summary.insert("test_log_likelihood_nats", self.last.test);
        summary.insert("test_bits_per_dim", bits_per_dim(self.last.test, DIM));
        summary.insert("best_step", best.step as f64);
        summary.insert("test_log_likelihood_nats_at_best_validation", best.test);
        summary.insert("test_bits_per_dim_at_best_validation", bits_per_dim(best.test, DIM));
        summary
    }
}

impl Resumable for Best {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        let look = |look: Look| [look.step, look.validation.to_bits(), look.test.to_bits()];
        let best = self.best.map(look).unwrap_or_default();
        let numbers = [&[u64::from(self.best.is_some())][..], &best, &look(self.last)].concat();
        numbers.save(name, arrays);
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        let mut numbers: Vec<u64> = Vec::new();
        numbers.load(name, arrays);
        let look = |at: usize| Look {
            step: numbers[at],
            validation: f64::from_bits(numbers[at + 1]),
            test: f64::from_bits(numbers[at + 2]),
        };
        *self = Self { best: (numbers[0] == 1).then(|| look(1)), last: look(4) };
    }
}

/// Keeps samples and, for comparison, training images.
fn keep_pictures(flow: &Player<Flow>, images: &Images, root: &Rng, run: &mut Run) {
    let _guard = tch::no_grad_guard();
    let samples = flow.apply(&flow.net.latent(&mut root.fork("pictures"), PICTURES));
    let data = images.batch(&mut root.fork("pictures of data"), PICTURES);
    for (name, pictures) in [("samples", samples), ("data", data)] {
        let shape = [PICTURES as usize, DIM as usize];
        run.sample(0, name, Array::of_pictures(&shape, &to_vec(&pictures.select(0, 0))));
    }
}
