//! What is a generator told while it stands still and a critic nears its optimum?
//!
//! A critic trains from scratch against a generator on a parallel line: how long do the gradients of both generator losses
//! get, which way do they point, and are they heavy-tailed?

use gan::device::{per_member, to_vec};
use gan::optim::Player;
use gan::step::critic_step;
use gan::{Graph, Rng, grad};
use lab::figure::{Axis, Colour, Title};
use lab::{Arm, Claim, Diverged, Figure, Profile, Region, Run, Summary};
use shared::chart::{Group, OVER_SEEDS, over_seeds, panel, ranking, seeds, traces};
use shared::contrast::{each, metric, values};
use shared::{Outcomes, Resumable, Source, claim, summary};
use stats::{robust, tail};
use tch::{Kind, Tensor};

use crate::arm::{Reader, STACK, Setting};
use crate::config::{Config, Task};
use crate::exact::{LOSSES, gradients};
use crate::game::{CHECKPOINT, critic, log10, streams};
use crate::probe::{Critic, Probe, pair};
use crate::rows::{log, powers};
use crate::variant::{GAN_GP, NON_SATURATING, Variant};
use crate::world::{Model, Start, World};
use crate::{Results, Rows};

/// Dimensions and variants, in the order of the figures.
const ARMS: [(i64, Variant); 4] =
    [(2, NON_SATURATING), (16, NON_SATURATING), (2, GAN_GP), (16, GAN_GP)];

fn setting(dim: i64, variant: Variant) -> Setting {
    Setting::new(Task::Frozen { dim }, variant)
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    // Updates of the critic.
    let steps = match profile {
        Profile::Smoke => 60,
        Profile::Quick | Profile::Reference => 2_000,
        Profile::Full => 4_000,
    };
    let arm = |(dim, variant): (i64, Variant)| {
        let is_claimed = dim == 2 && variant == NON_SATURATING;
        let reader = if is_claimed { Reader::Claim } else { Reader::Figure };
        setting(dim, variant).arm(profile, steps, reader).with_quick_seeds(STACK)
    };
    ARMS.map(arm).into()
}

shared::state! {
    /// A critic in training and where it draws from.
    struct State {
        critic: Critic,
        points: Rng,
        penalty: Rng,
    }
}

/// Minibatches behind a tail index.
const BATCHES: i64 = 2_000;

/// Trains a critic from scratch while the generator stands still on a parallel line.
pub(crate) fn run(config: &Config, dim: i64, run: &mut Run) -> Outcomes {
    let root = streams(run);
    let world = World::Line { dim, latent: 1, start: Start::Parallel };
    let (truth, generator) = world.build(&root, config.generator);
    let mut state = State {
        critic: critic(config, dim, &root),
        points: root.fork("points"),
        penalty: root.fork("penalty"),
    };
    let looks = looks(config.steps);

    let start = state.resume(run);
    for step in start..=config.steps {
        if step > start && step % CHECKPOINT == 0 {
            state.keep(run, (step, config.steps))?;
        }
        if looks.contains(&step) {
            let mut eval = root.fork(&format!("eval {step}"));
            let probe = Probe::of(&truth, &generator, &state.critic, &mut eval);
            for i in 0..run.seeds.len() {
                let numbers = [
                    ("log10_gradient_minimax", log10(probe.minimax[i])),
                    ("log10_gradient_non_saturating", log10(probe.non_saturating[i])),
                    ("js_critic", probe.jensen_shannon[i]),
                ];
                // One whose numbers stopped being numbers has no trace from there on.
                if numbers.iter().all(|(_, x)| x.is_finite()) {
                    for (name, x) in numbers {
                        run.trace(i, name, step, x);
                    }
                }
            }
        }
        if step == config.steps {
            break;
        }
        let State { critic, points, penalty } = &mut state;
        let (real, fake) = pair(&truth, &generator, points, config.batch);
        critic_step(config.objective, config.penalty, critic, &real, &fake, penalty);
    }
    let z = truth.latent(&mut root.fork("tails"), BATCHES * config.batch);
    let batches = gradients_of_batches(&generator, &state.critic, &z);
    let results = batches.iter().enumerate();
    Ok(results.map(|(i, batches)| result(i, config.steps, batches, run)).collect())
}

/// Returns the updates after which a critic is looked at: 1, 2 and 5 times the powers of ten, and the last.
fn looks(steps: u64) -> Vec<u64> {
    let powers = (1..=5).flat_map(|power| [1, 2, 5].map(|factor| factor * 10u64.pow(power)));
    powers.filter(|look| *look < steps).chain([steps]).collect()
}

/// The non-saturating gradient of the shift on many minibatches.
struct Batches {
    /// The cosine of the mean step with the way to the data.
    cosine: f64,
    /// The component of each minibatch's gradient along that way.
    along: Vec<f64>,
}

/// Returns the gradients of each member on equal minibatches of the latents.
fn gradients_of_batches(generator: &Model, critic: &Critic, z: &Tensor) -> Vec<Batches> {
    let x = generator.apply(z).detach().set_requires_grad(true);
    // Summed over points: the batch of a mean would divide by all of them.
    let loss = (-Player::apply(critic, &x)).softplus();
    let slopes = grad(&loss, &[x.shallow_clone()], Graph::Free).remove(0).to_kind(Kind::Double);
    let size = slopes.size();
    let batches = slopes.reshape([size[0], BATCHES, -1, size[2]]);
    let gradients = batches.mean_dim([2i64].as_slice(), false, None::<Kind>);
    // The shift of a parallel line leads straight away from the data.
    let away = generator.params.views()[1].detach().to_kind(Kind::Double);
    let length =
        |v: &Tensor| v.square().sum_dim_intlist([-1i64].as_slice(), false, None::<Kind>).sqrt();
    let along = gradients.matmul(&away.transpose(1, 2)).squeeze_dim(2) / length(&away);
    let mean = gradients.mean_dim([1i64].as_slice(), true, None::<Kind>);
    let inner = (&mean * &away).sum_dim_intlist([1i64, 2].as_slice(), false, None::<Kind>);
    let cosines = per_member(&(inner / (length(&mean) * length(&away)).squeeze_dim(1)));
    let rows = to_vec(&along);
    let rows = rows.chunks_exact(BATCHES as usize).map(<[f64]>::to_vec);
    cosines.into_iter().zip(rows).map(|(cosine, along)| Batches { cosine, along }).collect()
}

fn result(member: usize, steps: u64, batches: &Batches, run: &Run) -> Result<Summary, Diverged> {
    let looks = run.traced(member, "js_critic");
    let last = looks.last().copied().unwrap_or((0, f64::NAN));
    // A line wants two looks.
    if last.0 != steps || looks.len() < 2 {
        return Err(Diverged { step: last.0, what: "the critic after this look".to_owned() });
    }
    let mut numbers = Vec::new();
    for (slope, length) in [
        ("slope_minimax", "log10_gradient_minimax"),
        ("slope_non_saturating", "log10_gradient_non_saturating"),
    ] {
        let trace = run.traced(member, length);
        let points: Vec<(f64, f64)> =
            trace.iter().map(|(step, length)| ((*step as f64).log10(), *length)).collect();
        numbers.extend([(slope, robust::line(&points).1), (length, points[points.len() - 1].1)]);
    }
    numbers.extend([
        ("js_critic", last.1),
        ("cosine", batches.cosine),
        ("tail_index", tail_index(&batches.along)),
    ]);
    summary(steps, numbers)
}

/// Returns the tail index of gradients about their median; NaN for such as have no tail.
fn tail_index(gradients: &[f64]) -> f64 {
    const SHARE: f64 = 0.05;
    let centre = robust::median(gradients);
    let sizes: Vec<f64> = gradients.iter().map(|g| (g - centre).abs()).collect();
    let positive = sizes.iter().filter(|size| **size > 0.0).count();
    let tail = (SHARE * sizes.len() as f64) as usize;
    let exists = sizes.iter().all(|size| size.is_finite()) && positive > tail;
    if exists { tail::hill_index(&sizes, SHARE) } else { f64::NAN }
}

const THEORY: Source = Source::remembered("Arjovsky and Bottou 2017 (1701.04862)");

pub(crate) fn claims(results: &Results) -> Vec<Claim> {
    let rows = setting(2, NON_SATURATING).rows(results);
    let ratio = each(&rows, |row| {
        Some(row.value("log10_gradient_non_saturating")? - row.value("log10_gradient_minimax")?)
    });
    vec![
        claim("js.C2", "Against a generator that stands still, training the critic kills the minimax gradient.")
            .published(THEORY, "theorem 2.4 and figure 2", None)
            .measured("slope of log10 minimax gradient on log10 critic steps, from 10 to the last; frozen generator on a parallel line in the plane (`slope_minimax`)")
            .figure("saturation.svg")
            .mean(Region::Below(0.0), &metric(&rows, "slope_minimax")),
        claim("js.C2b", "Against a generator that stands still, training the critic does not kill the non-saturating gradient.")
            .published(THEORY, "figure 3", None)
            .measured("slope of log10 non-saturating gradient on log10 critic steps, from 10 to the last; frozen generator on a parallel line in the plane (`slope_non_saturating`)")
            .figure("saturation.svg")
            .mean(Region::Above(0.0), &metric(&rows, "slope_non_saturating")),
        claim("js.C2c", "Under a trained critic the minimax and the non-saturating gradient differ by three orders of magnitude and more.")
            .published(THEORY, "figures 2 and 3", None)
            .measured("log10 of non-saturating over minimax gradient after the last critic step; frozen generator on a parallel line in the plane")
            .figure("saturation.svg")
            .mean(Region::Above(3.0), &ratio),
        claim("js.C11", "Non-saturating gradients are heavy-tailed near a perfect critic.")
            .published(THEORY, "theorem 2.6", None)
            .measured("Hill's tail index of the gradient's component across to the data over 2,000 minibatches, after the last critic step; frozen generator on a parallel line in the plane (`tail_index`)")
            .figure("tails.svg")
            .mean(Region::Below(2.0), &metric(&rows, "tail_index")),
    ]
}

pub(crate) fn figures(results: &Results) -> Vec<Figure> {
    vec![saturation(results), tails(results)]
}

/// The gradient of both losses as the critic gets better: exactly, and in training.
fn saturation(results: &Results) -> Figure {
    let mut panels = vec![gradients(results)];
    for (dim, variant, title) in [
        (2, NON_SATURATING, "A critic in training, plane"),
        (16, NON_SATURATING, "The same in 16 dimensions"),
        (2, GAN_GP, "With a gradient penalty, plane"),
    ] {
        let rows = setting(dim, variant).rows(results);
        let lines = |(loss, colour): (&str, Colour)| {
            over_seeds(
                traces(&rows, &format!("log10_gradient_{loss}")),
                &loss.replace('_', "-"),
                colour,
            )
        };
        let layers = LOSSES.into_iter().flat_map(lines).collect();
        let (x, y) = (log("updates of the critic"), powers("gradient"));
        panels.push(panel(title, x, y, layers));
    }
    Figure {
        name: "saturation".into(),
        title: Title::new("What a generator that stands still would be told, as the critic gets better").if_reproduced("js.C2c", "As the critic gets better, the minimax gradient dies and the non-saturating one does not"),
        caption: format!(
            "{}; in the three panels on the right {OVER_SEEDS}. Vertical axes there are powers of ten.",
            seeds(results)
        ),
        columns: 4,
        height: 200,
        panels,
    }
}

fn tails(results: &Results) -> Figure {
    let groups = |metric: &str| {
        ARMS.map(|(dim, variant)| -> Group {
            let rows: Rows = setting(dim, variant).rows(results);
            let name = format!("{}, d = {dim}", variant.label());
            (name, variant.colour(), values(&rows, metric))
        })
    };
    let cosine = Axis::new("cosine of the mean step with the way to the data");
    Figure {
        name: "tails".into(),
        title: Title::new("Non-saturating gradients under a critic near its optimum")
            .if_contradicted(
                "js.C11",
                "Non-saturating gradients near a perfect critic are not heavy-tailed",
            ),
        caption: format!(
            "{}; bars are medians with 95 % bootstrap intervals. Left: below the dashed line the variance is \
             infinite, a normal law scores about 6. Right: 1 is straight towards the data.",
            seeds(results)
        ),
        columns: 2,
        height: 180,
        panels: vec![
            ranking("", log("tail index over minibatches"), &groups("tail_index"), &[2.0]),
            ranking("", cosine, &groups("cosine"), &[1.0]),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::looks;

    #[test]
    fn critics_are_looked_at_in_steps_of_two_and_more() {
        assert_eq!(looks(60), [10, 20, 50, 60]);
        assert_eq!(looks(2_000), [10, 20, 50, 100, 200, 500, 1_000, 2_000]);
    }
}
