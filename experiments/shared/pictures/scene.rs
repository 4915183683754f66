//! The scene of a cell on images, and what its samples are measured by at the end.

use gan::data::images::Split;
use gan::device::per_member;
use gan::metric::{CriticFit, critic_means, independent_critic};
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Penalty, Rng};
use lab::{Diverged, Run};
use tch::{Kind, Tensor};

use super::{Pictures, SAMPLES, Scorer, picture};
use crate::Images;
use crate::classifier::Classifier;

/// Training images to which a Gaussian or a critic is fitted.
const FITTED: i64 = 10_000;
/// Samples behind a count of modes.
const COUNTED: i64 = 10_000;
/// Images of a kept sheet.
const SHOWN: i64 = 36;
/// Looks of a run on images after the start.
pub const LOOKS: u64 = 20;
/// Looks whose geometric mean is the distance that a run ends at: one look of a game says little.
const LAST: usize = 5;
/// Updates of the critic that never met the generator.
const CRITIC_UPDATES: u64 = 1_000;

/// Images, and what scores samples of them.
pub struct Scene {
    /// How the images are seen.
    pub pictures: Pictures,
    /// Training images.
    pub train: Images,
    /// Test images, `[1, SAMPLES, pixels]`.
    pub held_out: Tensor,
    /// Scores against those.
    pub scorer: Scorer,
    test: Images,
    /// The random streams of the cell.
    pub root: Rng,
}

/// What samples come to at the end.
pub struct Scores {
    /// Names and values.
    pub numbers: Vec<(&'static str, f64)>,
    /// Sheets of samples, of real images and of the trivial generator, by name.
    pub sheets: [(&'static str, lab::Array); 3],
}

impl Scene {
    /// Returns the scene of a cell, whose random streams are `root`.
    ///
    /// # Panics
    /// If the files of the set, which were checked before the cell, are gone.
    pub fn new(pictures: Pictures, run: &Run, root: Rng) -> Self {
        let Pictures { set, shrink, stacked } = pictures;
        let load = |split| Images::load(set, split, &run.data_dir, &root);
        let test = load(Split::Test);
        let held_out = pictures.batch(&test, &mut root.fork("held out"), SAMPLES);
        let classifier = Classifier::of(set, shrink, &run.data_dir, &root);
        let counter = stacked.then(|| Classifier::counting(set, shrink, &run.data_dir, &root));
        let scorer = Scorer::new(pictures, classifier, counter, &held_out);
        Self { pictures, train: load(Split::Train), test, held_out, scorer, root }
    }

    /// Keeps the scores of samples at a look.
    ///
    /// # Errors
    /// [`Diverged`] with what is no number: the samples or a score.
    pub fn look(&self, run: &mut Run, step: u64, samples: &Tensor) -> Result<(), Diverged> {
        let diverged = |what: &str| Err(Diverged { step, what: what.to_owned() });
        if samples.isfinite().all().int64_value(&[]) == 0 {
            return diverged("samples");
        }
        let scores = [
            ("frechet", self.scorer.frechet(samples)),
            ("class_score", self.scorer.score(samples)),
        ];
        for (name, value) in scores {
            if !value.is_finite() {
                return diverged(name);
            }
            run.trace(0, name, step, value);
        }
        Ok(())
    }

    /// Returns what the samples of a generator come to, after its looks.
    ///
    /// # Panics
    /// If the run has not looked at itself.
    pub fn scores(
        &self,
        run: &Run,
        sample: impl Fn(&mut Rng, i64) -> Tensor,
        eval: &Rng,
    ) -> Scores {
        let Self { pictures, train, held_out, scorer, .. } = self;
        let fake = sample(&mut eval.fork("samples"), SAMPLES);
        let real = pictures.batch(train, &mut eval.fork("real"), SAMPLES);
        let trivial = self.gaussian(&eval.fork("gaussian"), SAMPLES);
        let (accuracy, of_counter) = scorer.accuracy(&self.test);
        let reach = scorer.reach(&fake);
        let mut numbers = of_looks(run);
        numbers.extend([
            ("frechet_of_gaussian", scorer.frechet(&trivial)),
            ("real_frechet", scorer.frechet(&real)),
            ("kernel", scorer.kernel(&fake)),
            ("precision", reach.precision),
            ("recall", reach.recall),
            ("real_precision", scorer.reach(&real).precision),
            ("class_score_of_gaussian", scorer.score(&trivial)),
            ("classifier_accuracy", accuracy),
        ]);
        for (names, images) in [
            (["ms_ssim", "ms_ssim_noise", "class_score"], &fake),
            (["real_ms_ssim", "real_ms_ssim_noise", "real_class_score"], held_out),
        ] {
            let [similarity, noise] = scorer.similarity(images);
            numbers.extend(names.into_iter().zip([similarity, noise, scorer.score(images)]));
        }
        let [on_held_out, on_train] = self.independent(&sample, [held_out, &real], eval);
        numbers.extend([
            ("independent_critic", on_held_out),
            ("independent_critic_on_train", on_train),
        ]);
        if let Some(of_counter) = of_counter {
            numbers.push(("counter_accuracy", of_counter));
            numbers.extend(self.modes(&sample(&mut eval.fork("counted"), COUNTED), eval));
        }
        let sheets = [("samples", &fake), ("real", held_out), ("gaussian", &trivial)]
            .map(|(name, images)| (name, picture(images, *pictures, SHOWN)));
        Scores { numbers, sheets }
    }

    /// Modes of a stacked set, among samples, training images and the trivial generator's.
    fn modes(&self, counted: &Tensor, eval: &Rng) -> Vec<(&'static str, f64)> {
        let real = self.pictures.batch(&self.train, &mut eval.fork("real counted"), COUNTED);
        let trivial = self.gaussian(&eval.fork("gaussian counted"), COUNTED);
        let [ours, real, trivial] =
            [counted, &real, &trivial].map(|images| self.scorer.modes(images));
        vec![
            ("modes", ours.seen),
            ("modes_kl", ours.kl),
            ("clear_modes", ours.clear),
            ("real_clear_modes", real.clear),
            ("modes_held", ours.held),
            ("real_modes_held", real.held),
            ("modes_of_gaussian", trivial.seen),
            ("clear_modes_of_gaussian", trivial.clear),
        ]
    }

    /// Returns samples of one Gaussian in pixels, fitted to training images and cut to the range of pixels: their mean
    /// and a random combination of their differences from it, which has their covariance.
    fn gaussian(&self, rng: &Rng, count: i64) -> Tensor {
        let fitted = self.pictures.batch(&self.train, &mut rng.fork("fitted"), FITTED);
        let mean = fitted.mean_dim([1i64].as_slice(), true, Kind::Float);
        let (deviations, mut weights) = (fitted - &mean, rng.fork("weights"));
        // Some at a time, for the weights are as many as the training images.
        let some = (0..count / SAMPLES).map(|_| {
            let weights = weights.normal(&[SAMPLES, FITTED]) / (FITTED as f64 - 1.0).sqrt();
            (weights.matmul(&deviations) + &mean).clamp(-1.0, 1.0)
        });
        Tensor::cat(&some.collect::<Vec<_>>(), 1)
    }

    /// Returns the Wasserstein distances of samples to two batches of real images as a dense critic finds them that never
    /// met the generator and was fitted to other training images.
    fn independent(
        &self,
        sample: impl Fn(&mut Rng, i64) -> Tensor,
        real: [&Tensor; 2],
        rng: &Rng,
    ) -> [f64; 2] {
        let pixels = self.pictures.shape().dim();
        let net = Mlp::new(&[pixels, 128, 128, 1], Activation::LeakyRelu(0.2));
        let critic = Player::new(net, Adam::new(1e-3, 0.5, 0.9), &mut rng.fork("judge"));
        let fitted = self.pictures.batch(&self.train, &mut rng.fork("fitted"), FITTED);
        let mut draws = rng.fork("critic samples");
        let penalty = Penalty::Gradient { weight: 10.0 };
        let fit = CriticFit { steps: CRITIC_UPDATES, batch: 64, penalty };
        let fakes = |count| sample(&mut draws, count);
        let critic = independent_critic(critic, fit, &fitted, fakes, &mut rng.fork("fit"));
        let fresh = critic_means(&critic, &sample(&mut rng.fork("critic test"), SAMPLES));
        real.map(|real| per_member(&(critic_means(&critic, real) - &fresh))[0])
    }
}

/// The distance that a run ends at, its last look's, and the best of its looks.
fn of_looks(run: &Run) -> Vec<(&'static str, f64)> {
    let traced = |name| -> Vec<f64> { run.traced(0, name).iter().map(|look| look.1).collect() };
    let (distances, scores) = (traced("frechet"), traced("class_score"));
    let last = distances.last().copied().expect("the run has looked at itself");
    let late: Vec<f64> = distances.iter().rev().take(LAST).map(|x| x.ln()).collect();
    vec![
        ("frechet", stats::robust::mean(&late).exp()),
        ("frechet_last", last),
        ("frechet_best", distances.iter().copied().fold(f64::INFINITY, f64::min)),
        ("class_score_best", scores.iter().copied().fold(0.0, f64::max)),
    ]
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    /// A random combination of differences from the mean, with weights of variance 1 / (n - 1), has their covariance.
    #[test]
    fn combinations_have_the_covariance() {
        let mut rng = gan::rng::double(&[3]);
        let x = rng.normal(&[50, 2]).select(0, 0) * 3.0;
        let centred = &x - x.mean_dim([0i64].as_slice(), true, Kind::Double);
        let count = 200_000;
        let y = (rng.normal(&[count, 50]).select(0, 0) / 7.0).matmul(&centred);
        let found = y.tr().matmul(&y) / count as f64;
        let error = (found - x.tr().cov(1, None::<tch::Tensor>, None::<tch::Tensor>)).abs().max();
        assert!(error.double_value(&[]) < 0.15, "{error:?}");
    }
}
