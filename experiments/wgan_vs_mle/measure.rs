//! What is measured of the last model; the README says what each number means.

use gan::device::{per_member, to_vec};
use gan::flow::Flow;
use gan::metric::{
    Annealing, CriticFit, Moments, annealed_log_likelihood, class_scores, critic_means,
    independent_critic, singular_values,
};
use gan::optim::Player;
use gan::rng::Rng;
use gan::{Activation, Adam, Mlp, Net, Penalty};
use lab::{Array, Diverged, Run, Summary};
use shared::classifier::Classifier;
use shared::pictures::{Scene, Scores};
use shared::{array, is_pictured};
use tch::{Kind, Tensor};

use crate::config::{Config, Measure};
use crate::data::Points;
use crate::parzen::Windows;

/// Samples behind a score.
const SAMPLES: i64 = 2_000;
/// Pictures of a grid.
const PICTURES: i64 = 64;
/// Latents at which Jacobians are taken.
const LATENTS: i64 = 16;
/// Latents of test images in a scatter plot.
const SCATTER: i64 = 300;
/// Shares of the latent that are drawn afresh, in percent.
const REDRAWN: [i64; 3] = [25, 50, 75];
/// Test images of annealed importance sampling.
const ANNEALED: i64 = 32;
/// Its noises, with their names.
const SIGMAS: [(f64, &str); 3] = [(0.05, "005"), (0.1, "010"), (0.2, "020")];

/// Numbers by name, one for each member, before they join the summaries.
type Numbers = Vec<(String, Vec<f64>)>;

/// A cell's trained flows with what they are measured against.
pub(crate) struct Trained<'a> {
    pub(crate) config: &'a Config,
    pub(crate) flow: &'a Player<Flow>,
    pub(crate) points: &'a Points,
    pub(crate) classifier: Option<&'a Classifier>,
    /// What scores pictures, where they are measured.
    pub(crate) scene: Option<&'a Scene>,
    pub(crate) rng: Rng,
}

impl Trained<'_> {
    /// Adds the measures of the last model to the summaries of those members that did not diverge.
    pub(crate) fn complete(
        &self,
        summaries: Vec<Result<Summary, Diverged>>,
        run: &mut Run,
    ) -> Vec<Result<Summary, Diverged>> {
        let mut numbers = Numbers::new();
        for measure in &self.config.measures {
            numbers.extend(match measure {
                Measure::ClassScores => self.class_scores(),
                Measure::Pictures => self.pictures(run),
                Measure::IndependentCritic(steps) => self.independent_critic(*steps),
                Measure::Spectrum => self.spectrum(run),
                Measure::Latent => self.latent(run),
                Measure::Redraw => self.redraw(run),
                Measure::KernelDensity => self.kernel_density(),
                Measure::Annealing(temperatures) => self.annealing(*temperatures),
            });
        }
        if self.scene.is_none() {
            self.keep_samples(run);
        }
        let complete = |(i, summary): (usize, Result<Summary, Diverged>)| {
            let mut summary = summary?;
            for (name, values) in &numbers {
                // A measure that is not a number in a run with finite likelihoods: far out in the tails.
                if !values[i].is_finite() {
                    return Err(Diverged { step: self.config.steps, what: name.clone() });
                }
                summary.insert(name, values[i]);
            }
            Ok(summary)
        };
        summaries.into_iter().enumerate().map(complete).collect()
    }

    fn samples(&self, label: &str, count: i64) -> Tensor {
        let _guard = tch::no_grad_guard();
        self.flow.apply(&self.flow.net.latent(&mut self.rng.fork(label), count))
    }

    fn classifier(&self) -> &Classifier {
        self.classifier.expect("this measure is of images")
    }

    fn test_moments(&self) -> Moments {
        Moments::of(&self.classifier().features(&self.points.test))
    }

    fn class_scores(&self) -> Numbers {
        let classifier = self.classifier();
        let marginal = classifier.probabilities(&self.points.test).mean_dim(
            [0i64, 1].as_slice(),
            false,
            Kind::Double,
        );
        let probabilities = classifier.probabilities(&self.samples("scores", SAMPLES));
        let [inception_like, mode] = class_scores(&probabilities, &marginal);
        named([("inception_like", &inception_like), ("mode_score", &mode)])
    }

    /// Of the one member of a cell whose pictures are scored.
    fn pictures(&self, run: &mut Run) -> Numbers {
        let scene = self.scene.expect("this measure has a scene");
        let sample = |rng: &mut Rng, count| pictures(self.flow, rng, count);
        let Scores { numbers, sheets } = scene.scores(run, sample, &self.rng.fork("pictures"));
        if let Some(member) = pictured(run) {
            for (name, sheet) in sheets {
                run.sample(member, name, sheet);
            }
        }
        numbers.into_iter().map(|(name, value)| (name.to_owned(), vec![value])).collect()
    }

    /// Fitted on one half of validation, read on the other, on training and on test data.
    fn independent_critic(&self, steps: u64) -> Numbers {
        let fresh = self.samples("independent critic", SAMPLES);
        let flow = self.flow;
        let mut draws = self.rng.fork("critic's samples");
        let sample = |count| {
            let _guard = tch::no_grad_guard();
            flow.apply(&flow.net.latent(&mut draws, count))
        };
        distances(self.points, steps, sample, &fresh, &self.rng)
    }

    fn spectrum(&self, run: &mut Run) -> Numbers {
        let mut double = self.rng.fork("spectrum").with((Kind::Double, self.rng.options().1));
        let params = self.flow.params.to_kind(Kind::Double);
        let (shape, image) = (&self.config.flow, self.config.data.image());
        let z = shape.build(image).latent(&mut double, LATENTS);
        let mut numbers = Numbers::new();
        for (space, flow) in
            [("pixels", shape.build(image)), ("logits", shape.build_to_logits(image))]
        {
            // Below this even double precision has nothing to say.
            let logs = singular_values(|z| flow.apply(&params, z), &z).clamp_min(1e-300).log10();
            let width = logs.select(2, 0) - logs.select(2, logs.size()[2] - 1);
            let median = width.median_dim(1, false).0;
            numbers.extend(named([(&*format!("log10_condition_{space}"), &median)]));
            keep_row(run, &format!("log10_singular_{space}"), &logs.flatten(1, 2));
        }
        numbers
    }

    fn latent(&self, run: &mut Run) -> Numbers {
        let _guard = tch::no_grad_guard();
        let base = self.flow.net.base;
        let z = self.flow.net.inverse_and_log_det(&self.flow.params, &self.points.test).0;
        let z = z.to_kind(Kind::Double);
        let moment =
            |k: f64| z.pow_tensor_scalar(k).mean_dim([1i64, 2].as_slice(), false, None::<Kind>);
        let square = moment(2.0);
        let kurtosis = moment(4.0) / square.square();
        let sorted = base.cdf(&z.flatten(1, 2)).sort(1, false).0;
        let n = sorted.size()[1];
        let steps = Tensor::arange(n, (Kind::Double, z.device()));
        let above = (&sorted - &steps / n as f64).amax([1i64].as_slice(), false);
        let below = ((steps + 1.0) / n as f64 - sorted).amax([1i64].as_slice(), false);
        keep_row(run, "latents", &z.narrow(1, 0, SCATTER.min(z.size()[1])).narrow(2, 0, 2));
        named([
            ("latent_square", &(square / base.variance())),
            ("latent_kurtosis", &kurtosis),
            ("latent_kolmogorov_smirnov", &above.maximum(&below)),
        ])
    }

    /// Encode a test image, draw part of its latent afresh, decode.
    fn redraw(&self, run: &mut Run) -> Numbers {
        let _guard = tch::no_grad_guard();
        let (x, moments) = (&self.points.test, self.test_moments());
        let z = self.flow.net.inverse_and_log_det(&self.flow.params, x).0;
        let mut rng = self.rng.fork("redraw");
        let order = rng.uniform(&[z.size()[2]]).argsort(1, false).argsort(1, false).unsqueeze(1);
        let fresh = self.flow.net.latent(&mut rng, z.size()[1]);
        let labels = self.points.test_labels.as_ref().expect("images have labels");
        let mut numbers = Numbers::new();
        for percent in REDRAWN {
            let chosen = order.lt(percent * z.size()[2] / 100);
            let images = self.flow.apply(&fresh.where_self(&chosen, &z));
            let kept = self.classifier().agreement(&images, labels);
            let far = self.classifier().frechet(&images, &moments);
            let (label, frechet) =
                (format!("redraw_{percent}_label"), format!("redraw_{percent}_frechet"));
            numbers.extend(named([(&*label, &kept), (&*frechet, &far)]));
            if percent == 50 {
                keep_pictures(run, "redrawn", &images);
            }
        }
        numbers
    }

    /// Log-likelihoods under a Gaussian about each of 2,000 samples, its width chosen on validation.
    fn kernel_density(&self) -> Numbers {
        let centres = self.samples("kernel density", SAMPLES);
        let windows = Windows::of(&centres, self.points);
        vec![
            ("parzen_nats".into(), windows.nats()),
            ("parzen_bandwidth".into(), windows.bandwidths()),
        ]
    }

    fn annealing(&self, temperatures: u64) -> Numbers {
        let x = self.points.test.narrow(1, 0, ANNEALED);
        let (flow, dim) = (self.flow, self.flow.net.dim);
        let mut numbers = Numbers::new();
        for (sigma, name) in SIGMAS {
            let annealing = Annealing { sigma, temperatures, leapfrogs: 5 };
            let nats = annealed_log_likelihood(
                |z| flow.apply(z),
                flow.net.base,
                dim,
                &x,
                annealing,
                &mut self.rng.fork("annealing"),
            );
            let mean = nats.mean_dim([1i64].as_slice(), false, Kind::Double);
            numbers.extend(named([(&*format!("annealed_nats_sigma_{name}"), &mean)]));
        }
        numbers
    }

    fn keep_samples(&self, run: &mut Run) {
        let samples =
            self.samples("pictures", if self.classifier.is_some() { PICTURES } else { SCATTER });
        if self.classifier.is_some() {
            keep_pictures(run, "samples", &samples);
            keep_pictures(run, "data", &self.points.test);
        } else {
            keep_row(run, "samples", &samples);
        }
    }
}

/// Returns samples of a flow as a [`Scene`] sees images, pixels from -1 to 1.
pub(crate) fn pictures(flow: &Player<Flow>, rng: &mut Rng, count: i64) -> Tensor {
    let _guard = tch::no_grad_guard();
    flow.apply(&flow.net.latent(rng, count)) * 2.0 - 1.0
}

/// The member whose arrays are kept for figures.
fn pictured(run: &Run) -> Option<usize> {
    run.seeds.iter().position(|seed| is_pictured(*seed))
}

/// Keeps the first pictures of the pictured member.
fn keep_pictures(run: &mut Run, name: &str, images: &Tensor) {
    let Some(member) = pictured(run) else { return };
    let first = images.select(0, member as i64).narrow(0, 0, PICTURES.min(images.size()[1]));
    let shape = [first.size()[0] as usize, first.size()[1] as usize];
    run.sample(member, name, Array::of_pictures(&shape, &to_vec(&first.nan_to_num(0.5, 1.0, 0.0))));
}

/// Fits a fresh critic on one half of the validation points and returns its four distances to samples.
pub(crate) fn distances(
    points: &Points,
    steps: u64,
    sample: impl FnMut(i64) -> Tensor,
    fresh: &Tensor,
    rng: &Rng,
) -> Numbers {
    let images = points.test_labels.is_some();
    let half = points.validation.size()[1] / 2;
    let fit_points = points.validation.narrow(1, 0, half);
    let held_out = points.validation.narrow(1, half, half);
    let (hidden, weight) = if images { (vec![128; 2], 10.0) } else { (vec![64; 3], 0.1) };
    let widths = [&[fresh.size()[2]], &hidden[..], &[1]].concat();
    let net = Mlp::new(&widths, Activation::LeakyRelu(0.2));
    let critic = Player::new(net, Adam::new(1e-3, 0.5, 0.9), &mut rng.fork("independent critic"));
    let fit = CriticFit { steps, batch: 100, penalty: Penalty::Gradient { weight } };
    let critic =
        independent_critic(critic, fit, &fit_points, sample, &mut rng.fork("critic's fit"));
    let on_samples = critic_means(&critic, fresh);
    let distance = |x: &Tensor| critic_means(&critic, x) - &on_samples;
    named([
        ("critic_fit", &distance(&fit_points)),
        ("critic_held_out", &distance(&held_out)),
        ("critic_train", &distance(&points.train)),
        ("critic_test", &distance(&points.test)),
    ])
}

/// Values of `[members]` tensors by name.
pub(crate) fn named<const N: usize>(numbers: [(&str, &Tensor); N]) -> Numbers {
    numbers.map(|(name, values)| (name.to_owned(), per_member(values))).into()
}

/// Keeps a row of numbers of the pictured member, for a figure; what is not finite stays out of it.
fn keep_row(run: &mut Run, name: &str, rows: &Tensor) {
    if let Some(member) = pictured(run) {
        let row = rows.select(0, member as i64).nan_to_num(0.0, 0.0, 0.0);
        run.sample(member, name, array(&row));
    }
}
