//! What a generator's loss pulls with, from afar and from near, under the exact critic (F06, F08).
//!
//! Data `N(0, 1)`, model `N(mean, 1)`, the exact log-ratio frozen: how large is the gradient by the mean, and which way does
//! it point?

use gan::device::per_member;
use gan::objective::{Divergence, GeneratorLoss};
use gan::{Graph, grad};
use garde::Validate;
use lab::figure::{Axis, Layer, Scale, Title};
use lab::{Arm, Claim, Figure, Profile, Region, Results, Row, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{Group, dots, panel, ranking, seeds_of};
use shared::colour;
use shared::contrast::{each, largest, least, metric, values};
use shared::variant::{divergence, generator_loss};
use shared::{Outcomes, Source, Task, array, claim, name, summary};
use tch::{Device, Kind, Tensor};

use crate::race::RACERS;
use crate::{IMPLICIT, seeds, streams};

/// The gradient of one loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What the generator minimises.
    #[garde(skip)]
    loss: GeneratorLoss,
}

impl Task for Config {
    fn cost(&self) -> f64 {
        300.0
    }
}

/// The divergences whose forms of a generator loss are compared.
const FORMS: [Divergence; 5] = [
    Divergence::KullbackLeibler,
    Divergence::ReverseKullbackLeibler,
    Divergence::Pearson,
    Divergence::SquaredHellinger,
    Divergence::Gan,
];

fn arm_name(loss: GeneratorLoss) -> String {
    format!("slope/{}", name(&loss))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 12;
    let forms = FORMS.into_iter().flat_map(|f| {
        [GeneratorLoss::Variational(f), GeneratorLoss::FrozenRatio(f), GeneratorLoss::Bregman(f)]
    });
    let arm = |loss| {
        let arm = Arm::new(arm_name(loss), Config { loss });
        arm.with_seeds(seeds(profile, STACK), STACK).with_quick_seeds(12)
    };
    RACERS.into_iter().chain(forms).map(arm).collect()
}

/// Samples of the model behind a gradient.
const SAMPLES: i64 = 100_000;
/// The quadrature's points and their distance.
const POINTS: i64 = 30_001;
const STEP: f64 = 1e-3;

/// Distances at which gradients are summaries, by name.
const PLACES: [(f64, &str); 5] =
    [(0.5, "slope_half"), (1.0, "slope_1"), (2.0, "slope_2"), (4.0, "slope_4"), (8.0, "slope_8")];
/// Up to here samples of the model tell the gradient; further out the few that count are too rare.
const RELIABLE: usize = 2;

/// The derivative of the loss by the mean of `q = N(mean, 1)` against `p = N(0, 1)`, the exact log-ratio frozen: by
/// samples of each member, and by quadrature.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { loss } = *config;
    let z = streams(run).fork("latent").normal(&[SAMPLES, 1]).to_kind(Kind::Double);
    let sampled: Vec<Vec<f64>> = PLACES
        .iter()
        .map(|(mean, _)| {
            let shift = Tensor::full([z.size()[0], 1, 1], *mean, (Kind::Double, z.device()));
            let shift = shift.set_requires_grad(true);
            let value = loss.value(&log_ratio(*mean, &(&z + &shift)));
            per_member(&grad(&value, &[shift], Graph::Free)[0].reshape([-1]))
        })
        .collect();
    let exact: Vec<f64> = PLACES.iter().map(|(mean, _)| exact_slope(loss, *mean)).collect();
    let path: Vec<f64> = (1..=64).map(|i| f64::from(i) / 8.0).collect();
    let curve: Vec<[f64; 2]> = path.iter().map(|mean| [*mean, exact_slope(loss, *mean)]).collect();
    let of_member = |i: usize| {
        let largest = exact[..RELIABLE].iter().fold(0.0f64, |most, slope| most.max(slope.abs()));
        let apart = (0..RELIABLE).map(|j| (sampled[j][i] - exact[j]).abs()).fold(0.0, f64::max);
        // A loss without any gradient is matched as it is.
        let error = if largest > 0.0 { apart / largest } else { apart };
        let places = PLACES.iter().enumerate().map(|(j, (_, name))| (*name, sampled[j][i]));
        summary(0, places.chain([("error", error)]))
    };
    let results = (0..run.seeds.len()).map(of_member).collect();
    run.sample(0, "curve", array(&Tensor::from_slice2(&curve)));
    Ok(results)
}

/// `ln p / q` at points of the line.
fn log_ratio(mean: f64, x: &Tensor) -> Tensor {
    x * -mean + mean * mean / 2.0
}

/// The same derivative by quadrature over the latent.
pub(crate) fn exact_slope(loss: GeneratorLoss, mean: f64) -> f64 {
    let z = Tensor::arange(POINTS, (Kind::Double, Device::Cpu)) * STEP - STEP * (POINTS / 2) as f64;
    let weight = (z.square() * -0.5).exp() * (STEP / std::f64::consts::TAU.sqrt());
    let shift = Tensor::from(mean).set_requires_grad(true);
    // A member for each point, so that the loss's mean is over one.
    let each = loss.value(&log_ratio(mean, &(&z + &shift)).reshape([-1, 1, 1]));
    grad(&(each * weight), &[shift], Graph::Free)[0].double_value(&[])
}

const SATURATION: Source = Source::second_hand(
    "Goodfellow et al. 2014 (1406.2661) and Arjovsky and Bottou 2017 (1701.04862)",
);

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    use Divergence::{KullbackLeibler, Pearson, SquaredHellinger};
    use GeneratorLoss::{Minimax, NonSaturating};

    let rows = |loss| results.arm(&arm_name(loss));
    let slope = |loss| metric(&rows(loss), "slope_1");
    let fall = |loss| {
        let of = |row: &Row<Config>| Some((row.value("slope_8")? / row.value("slope_2")?).ln());
        each(&rows(loss), of)
    };
    let wrong = [KullbackLeibler, Pearson, SquaredHellinger];
    vec![
        claim("learn.F06", "Gradients from 100,000 samples are those that quadrature gives, for three generator losses.")
            .derived("quadrature", Some("0.235, 0.265 and 0.5 at distance 1/2; 0.398, 0.602 and 1 at 1"))
            .measured("largest relative error of the minimax, non-saturating and log-ratio gradients at distances 1/2 and 1 (`error`)")
            .figure("slopes.svg")
            .mean(Region::Below(0.02), &largest(RACERS.map(|loss| metric(&rows(loss), "error")))),
        claim("learn.F06b", "Under the exact critic the minimax gradient dies away from the data.")
            .published(SATURATION, "saturation of the minimax loss", None)
            .measured("ln of the minimax gradient at distance 8 over that at 2 (`slope_8`, `slope_2`); by quadrature -7.0")
            .figure("slopes.svg")
            .mean(Region::Below(-3.0), &fall(Minimax)),
        claim("learn.F06c", "Under the exact critic the non-saturating gradient does not die away from the data.")
            .published(SATURATION, "the non-saturating loss", None)
            .measured("ln of the non-saturating gradient at distance 8 over that at 2; by quadrature 1.6")
            .figure("slopes.svg")
            .mean(Region::Above(0.0), &fall(NonSaturating)),
        claim("learn.F08", "The loss E_q f(r) with the ratio frozen points away from the data for KL, Pearson and Hellinger.")
            .ours_after("Mohamed and Lakshminarayanan 2016 (1610.03483), equation 23, and the talk's slide")
            .measured("gradient by the distance at 1, where a right loss has a positive one, the largest of three (`slope_1`)")
            .figure("signs.svg")
            .mean(Region::Below(0.0), &largest(wrong.map(|f| slope(GeneratorLoss::FrozenRatio(f))))),
        claim("learn.F08b", "The loss -f*(f'(r)) points to the data for all five divergences.")
            .published(IMPLICIT, "equation 25", None)
            .measured("gradient by the distance at 1, the least of five divergences (`slope_1`)")
            .figure("signs.svg")
            .mean(Region::Above(0.0), &least(FORMS.map(|f| slope(GeneratorLoss::Variational(f))))),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    vec![slopes(results), signs(results)]
}

/// Gradient against distance.
fn slopes(results: &Results<Config>) -> Figure {
    let mut layers = Vec::new();
    for loss in RACERS {
        let colour = colour::generator_loss(loss);
        let rows = results.arm(&arm_name(loss));
        let curve = rows.first().and_then(|row| row.samples.get("curve"));
        let points = curve.map(lab::Array::to_points).unwrap_or_default();
        layers.push(Layer::Line { label: generator_loss(loss), colour, points });
        let sampled = PLACES
            .iter()
            .flat_map(|(place, name)| values(&rows, name).into_iter().map(|slope| (*place, slope)));
        layers.push(dots(colour, 3, 0.4, sampled.filter(|(_, slope)| *slope > 0.0).collect()));
    }
    let y = Axis::new("gradient").scaled(Scale::Log).within(1e-4, 20.0);
    Figure {
        name: "slopes".into(),
        title: Title::new("What a generator's loss pulls with, against its distance from the data")
            .if_reproduced(
                "learn.F06b",
                "Under the exact critic the minimax gradient dies away from the data",
            ),
        caption: format!(
            "N(distance, 1) against N(0, 1), exact critic. Lines: quadrature; dots: {} of 100,000 samples.",
            seeds_of(results)
        ),
        columns: 1,
        height: 400,
        panels: vec![panel("", Axis::new("distance"), y, layers)],
    }
}

/// The sign of each form.
fn signs(results: &Results<Config>) -> Figure {
    let of = |f: Divergence| {
        let group = |(loss, label): (GeneratorLoss, &str)| -> Group {
            let found = values(&results.arm(&arm_name(loss)), "slope_1");
            (label.to_owned(), colour::generator_loss(loss), found)
        };
        let groups = [
            (GeneratorLoss::Variational(f), "-f*(f'(r))"),
            (GeneratorLoss::FrozenRatio(f), "f(r)"),
            (GeneratorLoss::Bregman(f), "r f'(r)"),
        ]
        .map(group);
        let axis =
            Axis::new("gradient at distance 1").scaled(Scale::SymLog(1.0)).within(-12.0, 12.0);
        ranking(divergence(f), axis, &groups, &[0.0])
    };
    Figure {
        name: "signs".into(),
        title: Title::new("Which way a frozen ratio points").if_reproduced(
            "learn.F08",
            "With the ratio frozen, three of five divergences point away from the data",
        ),
        caption: format!(
            "N(1, 1) against N(0, 1), exact critic; right of the dashed line descent goes to the data, left of it \
             away. Dots: {} of 100,000 samples.",
            seeds_of(results)
        ),
        columns: 3,
        height: 180,
        panels: FORMS.map(of).to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// The minimax gradient is largest at 1.65 and dies beyond; the log-ratio's is the distance.
    #[test]
    fn the_minimax_gradient_dies() {
        let of = |mean| exact_slope(GeneratorLoss::Minimax, mean);
        assert_relative_eq!(of(1.65), 0.467, epsilon = 1e-3);
        assert!(of(1.6) < of(1.65) && of(1.7) < of(1.65));
        assert_relative_eq!(of(8.0), 3.93e-4, epsilon = 1e-6);
        assert_relative_eq!(exact_slope(GeneratorLoss::LogRatio, 3.0), 3.0, epsilon = 1e-9);
    }
}
