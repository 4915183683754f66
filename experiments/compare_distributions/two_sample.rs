//! Which tests see that two samples are not of one law (F05): with a kernel, and which, or with a classifier?

use gan::Rng;
use gan::device::to_vec;
use gan::ratio::{Features, classifier_test};
use garde::Validate;
use lab::figure::{Axis, Colour, Panel};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{Group, ranking};
use shared::contrast::{Sample, each, join, metric, values};
use shared::{Outcomes, Task, claim, name, summary, with_parts};
use stats::distance::Points;
use stats::distance::mmd::{Kernel, median_distance, mmd_test};
use tch::{Kind, Tensor};

use crate::{seeds, streams};

/// One way in which laws differ, tested over and over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// How the second law differs.
    #[garde(skip)]
    change: Change,
    /// Dimension of the points, whose products are features too.
    #[garde(range(min = 1, max = 100))]
    dim: i64,
    /// Samples of each law: all pairs of them are in memory at once.
    #[garde(range(min = 20, max = 20_000))]
    samples: i64,
    /// Repetitions.
    #[garde(range(min = 1, max = 1_000_000))]
    repeats: u32,
}

/// How the second of two laws differs from `N(0, I)`, in the first coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    /// Not at all.
    None,
    /// Its mean is 1/2.
    Mean,
    /// Its variance is 1.5.
    Spread,
    /// It is Laplace's law of variance 1.
    Shape,
}

impl Change {
    /// All of them.
    const ALL: [Self; 4] = [Self::None, Self::Mean, Self::Spread, Self::Shape];

    /// Samples, `[members, n, dim]`.
    fn sample(self, rng: &mut Rng, n: i64, dim: i64) -> Tensor {
        let x = rng.normal(&[n, dim]);
        let mut first = x.narrow(2, 0, 1);
        match self {
            Self::None => {}
            Self::Mean => drop(first.g_add_scalar_(0.5)),
            Self::Spread => drop(first.g_mul_scalar_(1.5f64.sqrt())),
            Self::Shape => {
                // By the inverse of the distribution function; the scale 1 / sqrt 2 has variance 1.
                let centred = rng.uniform(&[n, 1]) - 0.5;
                let laplace = centred.sign() * (centred.abs() * -2.0).log1p() * -(0.5f64.sqrt());
                first.copy_(&laplace);
            }
        }
        x
    }
}

impl Task for Config {
    fn cost(&self) -> f64 {
        6.0 * f64::from(self.repeats)
    }
}

const DIMS: [i64; 2] = [1, 5];

fn arm_name(change: Change, dim: i64) -> String {
    format!("two-sample/{}/dim-{dim}", name(&change))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let (samples, repeats) = match profile {
        Profile::Smoke => (20, 2),
        Profile::Quick | Profile::Reference => (100, 3_000),
        Profile::Full => (100, 1_000),
    };
    let arm = |change, dim| {
        let arm = Arm::new(arm_name(change, dim), Config { change, dim, samples, repeats });
        arm.with_seeds(seeds(profile, 1), 1).with_quick_seeds(2)
    };
    DIMS.into_iter().flat_map(|dim| Change::ALL.map(|change| arm(change, dim))).collect()
}

const PERMUTATIONS: usize = 99;
const LEVEL: f64 = 0.05;

/// A kernel by the median distance of both samples.
type OfMedian = fn(f64) -> Kernel;
/// The kernels of the tests, under the names of their metrics.
const KERNELS: [(&str, OfMedian); 5] = [
    ("rejected_mmd", Kernel::Gaussian),
    ("rejected_mmd_narrow", |median| Kernel::Gaussian(median / 4.0)),
    ("rejected_mmd_wide", |median| Kernel::Gaussian(median * 4.0)),
    ("rejected_mmd_laplace", Kernel::Laplace),
    ("rejected_energy", |_| Kernel::Energy),
];
const CLASSIFIERS: [(&str, Features); 2] =
    [("rejected_linear", Features::Linear), ("rejected_quadratic", Features::Quadratic)];

/// Counts how often each test rejects that two samples are of one law.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { change, dim, samples, repeats } = *config;
    let mut rng = streams(run).fork("data");
    let draw = |change: Change, rng: &mut Rng| {
        change.sample(rng, samples, dim).squeeze_dim(0).to_kind(Kind::Double)
    };
    let points = |x: &Tensor| Points::new(dim as usize, to_vec(x));
    let mut rejections = vec![0u32; KERNELS.len() + CLASSIFIERS.len()];
    for repeat in 0..repeats {
        let (x, y) = (draw(Change::None, &mut rng), draw(change, &mut rng));
        let (a, b) = (points(&x), points(&y));
        let median = median_distance(&a, &b);
        let seed = run.seeds[0] << 32 | u64::from(repeat);
        let by_kernel =
            KERNELS.map(|(_, kernel)| mmd_test(&a, &b, kernel(median), PERMUTATIONS, seed).p_value);
        let by_classifier =
            CLASSIFIERS.map(|(_, features)| classifier_test(features, (&x, &y)).p_value);
        let p_values = by_kernel.into_iter().chain(by_classifier);
        for (rejections, p_value) in rejections.iter_mut().zip(p_values) {
            *rejections += u32::from(p_value <= LEVEL);
        }
    }
    let names = KERNELS.map(|(name, _)| name).into_iter().chain(CLASSIFIERS.map(|(name, _)| name));
    let share = |count: u32| f64::from(count) / f64::from(repeats);
    Ok(vec![summary(0, names.zip(rejections.into_iter().map(share)))])
}

const TESTS: &str = "Gretton et al. 2012 (MMD) and Lopez-Paz and Oquab 2017 (classifier test)";

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let rows = |change, dim| results.arm(&arm_name(change, dim));
    let gap = |(change, dim), test: &str, other: &str| {
        each(&rows(change, dim), |row| Some(row.value(test)? - row.value(other)?))
    };
    let power = |of| gap(of, "rejected_mmd", "rejected_quadratic");
    let narrow = |of| gap(of, "rejected_mmd_narrow", "rejected_mmd");
    let level = |dim| metric(&rows(Change::None, dim), "rejected_mmd");
    let highest = |dim| {
        each(&rows(Change::None, dim), |row| {
            let shares: Option<Vec<f64>> =
                KERNELS.iter().map(|(name, _)| row.value(name)).collect();
            shares?.into_iter().reduce(f64::max)
        })
    };
    let of_dims = |draft: shared::Draft, region, of: &dyn Fn(i64) -> Sample| {
        let [line, space] = DIMS.map(of);
        let claim = draft.mean(region, &join(&line, &space, f64::midpoint));
        with_parts(claim, &[("1 dimension", &line), ("5 dimensions", &space)])
    };
    let ours = |id, statement| claim(id, statement).ours_after(TESTS).figure("tests.svg");
    let derived = |id, statement, level| {
        claim(id, statement).derived("exchangeability of equal laws", level).figure("tests.svg")
    };
    vec![
        of_dims(
            derived("compare.F05", "The permutation test of the MMD holds its level.", Some("0.05"))
                .measured("share rejected of equal laws (`rejected_mmd`), mean of 1 and 5 dimensions"),
            Region::Within(0.02, 0.08),
            &level,
        ),
        ours("compare.F05b", "The MMD test sees a shift of the mean better than a classifier that trains on half of the samples.")
            .measured("share rejected, `rejected_mmd` minus `rejected_quadratic`, mean 1/2 in one of 5 coordinates, 100 samples of each law")
            .mean(Region::Above(0.0), &power((Change::Mean, 5))),
        ours("compare.F05c", "The MMD test sees a wider spread better than a classifier that trains on half of the samples.")
            .measured("share rejected, `rejected_mmd` minus `rejected_quadratic`, variance 1.5 in one of 5 coordinates, 100 samples of each law")
            .mean(Region::Above(0.0), &power((Change::Spread, 5))),
        ours("compare.F05d", "A quadratic classifier is blind to a change of shape.")
            .measured("share rejected (`rejected_quadratic`) of Laplace's law with variance 1 against the normal law, one dimension")
            .mean(Region::Below(0.15), &metric(&rows(Change::Shape, 1), "rejected_quadratic")),
        ours("compare.F05e", "The MMD test is less blind to a change of shape than a quadratic classifier.")
            .measured("share rejected, `rejected_mmd` minus `rejected_quadratic`, Laplace's law with variance 1, one dimension")
            .mean(Region::Above(0.0), &power((Change::Shape, 1))),
        of_dims(
            derived("compare.F05m", "The permutation test of the MMD holds its level with each of five kernels.", None)
                .measured("share rejected of equal laws, the highest of `rejected_mmd`, `rejected_mmd_narrow`, `rejected_mmd_wide`, `rejected_mmd_laplace` and `rejected_energy` seed by seed, mean of 1 and 5 dimensions"),
            Region::Within(0.02, 0.1),
            &highest,
        ),
        ours("compare.F05n", "A kernel of a quarter of the median distance sees the change of shape that one of the median misses.")
            .measured("share rejected, `rejected_mmd_narrow` minus `rejected_mmd`, Laplace's law with variance 1, one dimension")
            .mean(Region::Above(0.0), &narrow((Change::Shape, 1))),
        ours("compare.F05o", "A kernel of a quarter of the median distance misses the shift that one of the median sees.")
            .measured("share rejected, `rejected_mmd_narrow` minus `rejected_mmd`, mean 1/2 in one of 5 coordinates")
            .mean(Region::Below(0.0), &narrow((Change::Mean, 5))),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let shares = |(dim, change): (i64, Change)| -> Panel {
        let rows = results.arm(&arm_name(change, dim));
        let group = |(metric, label, colour): (&str, &str, Colour)| -> Group {
            (label.to_owned(), colour, values(&rows, metric))
        };
        let groups = [
            ("rejected_mmd_narrow", "MMD, h / 4", Colour::SkyBlue),
            ("rejected_mmd", "MMD, h", Colour::Blue),
            ("rejected_mmd_wide", "MMD, 4 h", Colour::SkyBlue),
            ("rejected_mmd_laplace", "MMD, Laplace", Colour::Purple),
            ("rejected_energy", "energy", Colour::Vermillion),
            ("rejected_linear", "linear classifier", Colour::Orange),
            ("rejected_quadratic", "quadratic classifier", Colour::Green),
        ]
        .map(group);
        let what = match change {
            Change::None => "equal laws",
            Change::Mean => "mean 1/2",
            Change::Spread => "variance 1.5",
            Change::Shape => "Laplace's law",
        };
        let title = format!("{what}, dimension {dim}");
        let axis = Axis::new("share rejected").within(-0.05, 1.05);
        ranking(&title, axis, &groups, &[LEVEL])
    };
    let equal = results.arm(&arm_name(Change::None, 1));
    let (samples, repeats) =
        equal.first().map_or((0, 0), |row| (row.config.samples, row.config.repeats));
    let panels = DIMS.into_iter().flat_map(|dim| Change::ALL.map(|change| (dim, change)));
    vec![Figure {
        name: "tests".into(),
        title: format!("Tests of whether two samples of {samples} are of one law").into(),
        caption: format!(
            "Dots: {} seeds of {repeats} repetitions each; dashed: the level, 0.05; h: the median distance.",
            equal.len()
        ),
        columns: 4,
        height: 180,
        panels: panels.map(shares).collect(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use gan::rng::double;

    /// Every change but the mean's leaves the mean, every change but the spread's and the mean's the variance;
    /// Laplace's law has the fourth moment 6.
    #[test]
    fn changes_change_what_they_say() {
        for (change, mean, variance, fourth) in [
            (Change::None, 0.0, 1.0, 3.0),
            (Change::Mean, 0.5, 1.0, 3.0),
            (Change::Spread, 0.0, 1.5, 3.0),
            (Change::Shape, 0.0, 1.0, 6.0),
        ] {
            let x = change.sample(&mut double(&[1]), 400_000, 2).select(2, 0);
            let of = |x: Tensor| x.mean(Kind::Double).double_value(&[]);
            let found = of(x.shallow_clone());
            assert!((found - mean).abs() < 0.01, "{change:?}");
            let spread = of((&x - mean).square());
            assert!((spread - variance).abs() < 0.02, "{change:?}");
            let kurtosis = of((&x - mean).square().square()) / (variance * variance);
            assert!((kurtosis - fourth).abs() < 0.2, "{change:?}");
        }
    }
}
