//! Looking at a flow while it trains: likelihoods, samples, the critic's estimate, the best checkpoints.

use gan::device::per_member;
use gan::flow::{Flow, bits_per_dim};
use gan::metric::{Moments, critic_means};
use gan::optim::{Player, Rule};
use gan::{Rng, net::Cnn};
use lab::{Diverged, Run, Summary};
use serde::{Deserialize, Serialize};
use shared::classifier::Classifier;
use shared::summary;
use tch::{Kind, Tensor};

use crate::config::Config;
use crate::data::Points;

/// Points whose likelihood is computed at a time.
const CHUNK: i64 = 500;
/// Samples behind a look's distance in the classifier's features.
const SAMPLES: i64 = 1_000;

/// One member's numbers at one step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Look {
    step: u64,
    train: f64,
    validation: f64,
    test: f64,
    /// Of images that no scene looks at: Frechet distances of samples to validation and to test images.
    frechet: Option<[f64; 2]>,
    /// In a game: the critic's estimate of the distance.
    estimate: Option<f64>,
}

impl Look {
    fn is_finite(&self) -> bool {
        let likelihoods = [self.train, self.validation, self.test];
        let others = self.frechet.iter().flatten().chain(&self.estimate);
        likelihoods.iter().chain(others).all(|x| x.is_finite())
    }
}

/// What looks saw of one member.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Path {
    looks: Vec<Look>,
    /// The step at which a number was not finite; the looks end before.
    diverged: Option<u64>,
}

/// Adds a look at every member to its path and to the traces of the run.
pub(crate) fn note(paths: &mut [Path], seen: Vec<Look>, run: &mut Run) {
    for (i, (path, look)) in paths.iter_mut().zip(seen).enumerate() {
        if path.diverged.is_some() || !look.is_finite() {
            path.diverged.get_or_insert(look.step);
            continue;
        }
        run.trace(i, "train_nats", look.step, look.train);
        run.trace(i, "validation_nats", look.step, look.validation);
        run.trace(i, "test_nats", look.step, look.test);
        if let Some([_, test]) = look.frechet {
            run.trace(i, "frechet", look.step, test);
        }
        if let Some(estimate) = look.estimate {
            run.trace(i, "wasserstein_estimate", look.step, estimate);
        }
        path.looks.push(look);
    }
}

/// What looks at a cell's flows need beside them.
pub(crate) struct Observer<'a> {
    config: &'a Config,
    points: &'a Points,
    /// Of images that no scene looks at: the classifier, and its features of validation and of test images.
    classifier: Option<(&'a Classifier, [Moments; 2])>,
    root: &'a Rng,
}

impl<'a> Observer<'a> {
    pub(crate) fn new(
        config: &'a Config,
        points: &'a Points,
        classifier: Option<&'a Classifier>,
        root: &'a Rng,
    ) -> Self {
        let classifier = classifier.map(|classifier| {
            let moments = |x| Moments::of(&classifier.features(x));
            (classifier, [&points.validation, &points.test].map(moments))
        });
        Self { config, points, classifier, root }
    }

    /// Looks at every member after `step` updates.
    pub(crate) fn look(
        &self,
        step: u64,
        flow: &Player<Flow>,
        critic: Option<&Player<Cnn, Rule>>,
    ) -> Vec<Look> {
        let _guard = tch::no_grad_guard();
        let Points { train, validation, test, .. } = self.points;
        let first = |x: &Tensor| x.narrow(1, 0, self.config.held_out.min(x.size()[1]));
        let nats = [train, validation, test].map(|x| log_likelihood(flow, &first(x)));
        let z = flow.net.latent(&mut self.root.fork(&format!("look {step}")), SAMPLES);
        let samples = flow.apply(&z);
        let frechet = self.classifier.as_ref().map(|(classifier, moments)| {
            let own = Moments::of(&classifier.features(&samples));
            moments.each_ref().map(|to| per_member(&own.frechet(to)))
        });
        let estimate = critic.map(|critic| {
            per_member(&(critic_means(critic, validation) - critic_means(critic, &samples)))
        });
        let of_member = |i: usize| Look {
            step,
            train: nats[0][i],
            validation: nats[1][i],
            test: nats[2][i],
            frechet: frechet.as_ref().map(|distances| distances.each_ref().map(|d| d[i])),
            estimate: estimate.as_ref().map(|estimates| estimates[i]),
        };
        (0..self.root.members() as usize).map(of_member).collect()
    }

    /// Returns every member's numbers at its three checkpoints, never mixed, and over training.
    pub(crate) fn summaries(&self, paths: &[Path]) -> Vec<Result<Summary, Diverged>> {
        let truth = self
            .points
            .true_log_prob(&self.points.test)
            .map(|nats| per_member(&nats.mean_dim([1i64].as_slice(), false, Kind::Double)));
        let summary = |(i, path): (usize, &Path)| match path.diverged {
            Some(step) => Err(Diverged { step, what: "likelihood, samples or critic".into() }),
            None => self.summary(&path.looks, truth.as_ref().map(|truth| truth[i])),
        };
        paths.iter().enumerate().map(summary).collect()
    }

    /// Returns one member's numbers; `truth` is the mean log density of test points under the distribution they come from.
    fn summary(&self, looks: &[Look], truth: Option<f64>) -> Result<Summary, Diverged> {
        let last = looks[looks.len() - 1];
        let best = |number: fn(&Look) -> f64| {
            looks.iter().copied().max_by(|a, b| number(a).total_cmp(&number(b))).unwrap_or(last)
        };
        let best_likelihood = best(|look| look.validation);
        let best_samples = best(|look| look.frechet.map_or(0.0, |[validation, _]| -validation));
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
            }
            if let Some([_, test]) = look.frechet {
                insert("frechet", test);
            }
        };
        checkpoint(last, "");
        checkpoint(best_likelihood, "_at_best_validation");
        if self.classifier.is_some() {
            checkpoint(best_samples, "_at_best_frechet");
        }
        let mut insert = |name: &str, value| numbers.push((name.to_owned(), value));
        // How the run went: the loss of likelihood since the best, and the critic's calm.
        insert("rise_nats", best_likelihood.validation - last.validation);
        insert("overfit_nats", last.train - last.validation);
        let late = looks[looks.len() / 2..].iter().map(|look| look.estimate);
        if let Some(late) = late.collect::<Option<Vec<f64>>>() {
            let mean = late.iter().sum::<f64>() / late.len() as f64;
            if mean > 0.0 {
                let far = late.iter().map(|x| (x / mean - 1.0).abs()).fold(0.0, f64::max);
                insert("estimate_spread", far);
            }
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
