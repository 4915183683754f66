//! Looking at a flow while it trains: likelihoods, samples, the critic's estimate, the best checkpoints.

use experiments::{Arrays, Resumable, summary};
use gan::Rng;
use gan::device::per_member;
use gan::flow::{Flow, bits_per_dim};
use gan::metric::{Moments, critic_means};
use gan::optim::Player;
use lab::{Diverged, Run, Summary};
use tch::{Kind, Tensor};

use crate::config::Config;
use crate::points::Points;
use crate::train::Opponent;
use experiments::judge::Judge;

/// Points whose likelihood is computed at a time.
const CHUNK: i64 = 500;
/// Samples behind a look's distance in the classifier's features.
const SAMPLES: i64 = 1_000;

/// The eyes of one cell.
pub(crate) struct Watch<'a> {
    config: &'a Config,
    points: &'a Points,
    judge: Option<(&'a Judge, [Moments; 2])>,
    root: &'a Rng,
    members: Vec<Member>,
}

#[derive(Default)]
struct Member {
    looks: Vec<Look>,
    diverged: Option<u64>,
}

/// One member's numbers at one step.
#[derive(Clone, Copy, Debug)]
struct Look {
    step: u64,
    train: f64,
    validation: f64,
    test: f64,
    /// Distances of samples to validation and test images; zero without a judge.
    frechet: [f64; 2],
    /// The training critic's; zero without one.
    estimate: f64,
}

/// Numbers of a look in a checkpoint.
const NUMBERS: usize = 7;

impl Look {
    fn to_bits(self) -> [u64; NUMBERS] {
        let [validation, test] = self.frechet.map(f64::to_bits);
        let likelihoods = [self.train, self.validation, self.test].map(f64::to_bits);
        let [a, b, c] = likelihoods;
        [self.step, a, b, c, validation, test, self.estimate.to_bits()]
    }

    fn of_bits([step, rest @ ..]: [u64; NUMBERS]) -> Self {
        let [train, validation, test, near, far, estimate] = rest.map(f64::from_bits);
        Self { step, train, validation, test, frechet: [near, far], estimate }
    }
}

impl<'a> Watch<'a> {
    pub(crate) fn new(
        config: &'a Config,
        points: &'a Points,
        judge: Option<&'a Judge>,
        root: &'a Rng,
    ) -> Self {
        let moments = |judge: &Judge, x: &Tensor| Moments::of(&judge.features(x));
        let judge = judge
            .map(|judge| (judge, [&points.validation, &points.test].map(|x| moments(judge, x))));
        let members = (0..root.members()).map(|_| Member::default()).collect();
        Self { config, points, judge, root, members }
    }

    /// Notes where every member is.
    pub(crate) fn look(
        &mut self,
        step: u64,
        flow: &Player<Flow>,
        critic: Option<&Opponent>,
        run: &mut Run,
    ) {
        let _guard = tch::no_grad_guard();
        let count = self.config.held_out;
        let [train, validation, test] =
            [&self.points.train, &self.points.validation, &self.points.test]
                .map(|x| log_likelihood(flow, &x.narrow(1, 0, count.min(x.size()[1]))));
        let z = flow.net.latent(&mut self.root.fork(&format!("look {step}")), SAMPLES);
        let samples = flow.apply(&z);
        let [near, far] = match &self.judge {
            Some((judge, moments)) => {
                let own = Moments::of(&judge.features(&samples));
                moments.each_ref().map(|to| per_member(&own.frechet(to)))
            }
            None => [(); 2].map(|()| vec![0.0; self.members.len()]),
        };
        let estimate = match critic {
            Some(critic) => per_member(
                &(critic_means(critic, &self.points.validation) - critic_means(critic, &samples)),
            ),
            None => vec![0.0; self.members.len()],
        };
        for (i, member) in self.members.iter_mut().enumerate() {
            let numbers = [train[i], validation[i], test[i], near[i], far[i], estimate[i]];
            if member.diverged.is_some() || numbers.iter().any(|x| !x.is_finite()) {
                member.diverged.get_or_insert(step);
                continue;
            }
            let look = Look {
                step,
                train: train[i],
                validation: validation[i],
                test: test[i],
                frechet: [near[i], far[i]],
                estimate: estimate[i],
            };
            run.trace(i, "train_nats", step, look.train);
            run.trace(i, "validation_nats", step, look.validation);
            run.trace(i, "test_nats", step, look.test);
            if self.judge.is_some() {
                run.trace(i, "frechet", step, look.frechet[1]);
            }
            if critic.is_some() {
                run.trace(i, "wasserstein_estimate", step, look.estimate);
            }
            member.looks.push(look);
        }
    }

    /// Returns every member's numbers at its three checkpoints, never mixed, and over training.
    pub(crate) fn finish(&self, run: &Run) -> Vec<Result<Summary, Diverged>> {
        assert_eq!(self.members.len(), run.seeds.len());
        let truth = self
            .points
            .true_log_prob(&self.points.test)
            .map(|nats| per_member(&nats.mean_dim([1i64].as_slice(), false, Kind::Double)));
        let summary = |(i, member): (usize, &Member)| match member.diverged {
            Some(step) => Err(Diverged { step, what: "likelihood, samples or critic".into() }),
            None => self.summary(&member.looks, truth.as_ref().map(|truth| truth[i])),
        };
        self.members.iter().enumerate().map(summary).collect()
    }

    /// `truth` is the mean log density of the test points under the law that they come from.
    fn summary(&self, looks: &[Look], truth: Option<f64>) -> Result<Summary, Diverged> {
        let last = looks[looks.len() - 1];
        let best = |number: fn(&Look) -> f64| {
            looks.iter().copied().max_by(|a, b| number(a).total_cmp(&number(b))).unwrap_or(last)
        };
        let best_likelihood = best(|look| look.validation);
        let best_samples = best(|look| -look.frechet[0]);
        let mut numbers: Vec<(String, f64)> = Vec::new();
        let mut checkpoint = |look: Look, suffix: &str| {
            let mut insert = |name: &str, value| numbers.push((format!("{name}{suffix}"), value));
            insert("test_nats", look.test);
            insert("validation_nats", look.validation);
            insert("train_nats", look.train);
            insert("step", look.step as f64);
            if let Some(set) = self.config.data.images() {
                let bits = bits_per_dim(look.test, self.config.data.dim(), set.levels());
                insert("test_bits_per_dim", bits);
                insert("frechet", look.frechet[1]);
            }
        };
        checkpoint(last, "");
        checkpoint(best_likelihood, "_at_best_validation");
        if self.judge.is_some() {
            checkpoint(best_samples, "_at_best_frechet");
        }
        let mut insert = |name: &str, value| numbers.push((name.to_owned(), value));
        // How the run went: the loss of likelihood since the best, and the critic's calm.
        let rise = best_likelihood.validation - last.validation;
        insert("rise_nats", rise);
        insert("overfit_nats", last.train - last.validation);
        let late: Vec<f64> = looks[looks.len() / 2..].iter().map(|look| look.estimate).collect();
        let mean = late.iter().sum::<f64>() / late.len() as f64;
        if mean > 0.0 {
            let far = late.iter().map(|x| (x / mean - 1.0).abs()).fold(0.0, f64::max);
            insert("estimate_spread", far);
        }
        if let Some(truth) = truth {
            insert("kl_nats", truth - last.test);
            insert("kl_nats_at_start", truth - looks[0].test);
            insert("kl_nats_at_best_validation", truth - best_likelihood.test);
        }
        summary(last.step, numbers.iter().map(|(name, value)| (name.as_str(), *value)))
    }
}

/// Returns the mean log-likelihoods in nats per point, one per member.
fn log_likelihood(flow: &Player<Flow>, x: &Tensor) -> Vec<f64> {
    let _guard = tch::no_grad_guard();
    let of = |chunk: Tensor| flow.net.log_prob(&flow.params, &chunk);
    let nats = Tensor::cat(&x.split(CHUNK, 1).into_iter().map(of).collect::<Vec<_>>(), 1);
    // Double precision, because single points may be a million nats away.
    per_member(&nats.mean_dim([1i64].as_slice(), false, Kind::Double))
}

impl Resumable for Watch<'_> {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        for (i, member) in self.members.iter().enumerate() {
            let looks = member.looks.iter().flat_map(|look| look.to_bits());
            let diverged = member.diverged.map_or(NONE, |step| step);
            let numbers: Vec<u64> = std::iter::once(diverged).chain(looks).collect();
            numbers.save(&format!("{name}.{i}"), arrays);
        }
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        for (i, member) in self.members.iter_mut().enumerate() {
            let mut numbers: Vec<u64> = Vec::new();
            numbers.load(&format!("{name}.{i}"), arrays);
            member.diverged = (numbers[0] != NONE).then_some(numbers[0]);
            let looks = numbers[1..].as_chunks::<NUMBERS>().0;
            member.looks = looks.iter().map(|bits| Look::of_bits(*bits)).collect();
        }
    }
}

/// Stands for "not diverged" in a checkpoint.
const NONE: u64 = u64::MAX;
