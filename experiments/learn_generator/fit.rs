//! A Gaussian learns a mixture that it cannot match (f-GAN's univariate fit).

use experiments::{Resumable, keep, looks, resume, summary};
use gan::device::to_vec;
use gan::objective::{Divergence, GeneratorLoss, ScoringRule};
use gan::optim::{Player, Rule};
use gan::{Activation, Graph, Mlp, Net, Params};
use lab::{Diverged, Run, Summary};
use tch::{Kind, Tensor};

use crate::config::Game;
use crate::target::{self, Gaussian, TABLE, column};
use crate::{Outcomes, streams};

const DOOR: u64 = 200;
/// Points of the path that figures show.
const LOOKS: u64 = 100;
/// The part of the way that averaged players go to the present ones in a step: some 500 steps count.
const AVERAGING: f64 = 1.0 / 500.0;

/// What the critic and the generator minimise, one value per member each, from raw outputs.
fn losses((f, game): (Divergence, Game), real: &Tensor, fake: &Tensor) -> [Tensor; 2] {
    let loss = match game {
        Game::Bound => {
            let on_fake = f.conjugate(fake).mean_dim([1i64, 2].as_slice(), false, None::<Kind>);
            return [-f.bound(real, fake), -on_fake];
        }
        Game::Conjugate => GeneratorLoss::Variational(f),
        Game::Frozen => GeneratorLoss::FrozenRatio(f),
    };
    [ScoringRule::Bernoulli.risk(real, fake), loss.value(fake)]
}

/// Trains `G(z) = mean + sd z` against a critic, both at once from the same batch.
pub(crate) fn fit(
    game: (Divergence, Game),
    rule: Rule,
    (batch, steps): (i64, u64),
    run: &mut Run,
) -> Outcomes {
    let root = streams(run);
    let net = Mlp::new(&[1, 64, 64, 1], Activation::Tanh);
    let mut critic = Player::new(net, rule, &mut root.fork("critic"));
    let mut generator =
        Player::new(Mlp::new(&[1, 1], Activation::Tanh), rule, &mut root.fork("generator"));
    // The standard normal law: weight 1, bias 0.
    let normal = Tensor::from_slice(&[1.0f32, 0.0]).to_device(root.options().1);
    generator.params.set(&normal.expand_as(generator.params.flat()));
    let mut averaged = [critic.params.snapshot(), generator.params.snapshot()];
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let looks = looks(steps, LOOKS);

    let [first, second] = &mut averaged;
    let start = resume(
        run,
        &mut [
            ("critic", &mut critic),
            ("generator", &mut generator),
            ("averaged critic", first),
            ("averaged generator", second),
            ("data", &mut data),
            ("latent", &mut latent),
        ],
    );
    for step in start..=steps {
        if step > start && step % DOOR == 0 {
            let pieces: [(_, &dyn Resumable); 6] = [
                ("critic", &critic),
                ("generator", &generator),
                ("averaged critic", &averaged[0]),
                ("averaged generator", &averaged[1]),
                ("data", &data),
                ("latent", &latent),
            ];
            keep(run, (step, steps), &pieces)?;
        }
        if looks.binary_search(&step).is_ok() {
            for (i, gaussian) in gaussians(&generator.params).into_iter().enumerate() {
                if gaussian.mean.is_finite() && gaussian.sd.is_finite() {
                    run.trace(i, "mean", step, gaussian.mean);
                    run.trace(i, "sd", step, gaussian.sd);
                }
            }
        }
        if step == steps {
            break;
        }
        let real = target::sample(&mut data, batch);
        let fake = generator.apply(&latent.normal(&[batch, 1]));
        let outputs = critic.apply(&Tensor::cat(&[&real, &fake], 1));
        let [of_critic, of_generator] =
            losses(game, &outputs.narrow(1, 0, batch), &outputs.narrow(1, batch, batch));
        let by_generator = generator.gradient(&of_generator, Graph::Retain);
        critic.descend(&of_critic);
        generator.step(&by_generator);
        averaged[0].lerp(&critic.params, AVERAGING);
        averaged[1].lerp(&generator.params, AVERAGING);
    }
    Ok(judge(game, steps, (&critic.net, &averaged), run))
}

/// The Gaussian of every member.
fn gaussians(params: &Params) -> Vec<Gaussian> {
    let of = |pair: &[f64; 2]| Gaussian { mean: pair[1], sd: pair[0].abs() };
    to_vec(params.flat()).as_chunks::<2>().0.iter().map(of).collect()
}

/// The averaged generator against the best, its divergences, and the averaged critic's bound, by quadrature.
fn judge(
    (f, game): (Divergence, Game),
    steps: u64,
    (net, [critic, generator]): (&Mlp, &[Params; 2]),
    run: &Run,
) -> Vec<Result<Summary, Diverged>> {
    let best = Gaussian::best(f);
    let _guard = tch::no_grad_guard();
    let x = target::grid();
    let inputs = x.to_kind(Kind::Float).to_device(critic.flat().device()).reshape([1, -1, 1]);
    let inputs = inputs.expand([run.seeds.len() as i64, -1, -1], false);
    let outputs =
        net.apply(critic, &inputs).squeeze_dim(2).to_device(x.device()).to_kind(Kind::Double);
    let of_member = |(i, found): (usize, Gaussian)| {
        let mut numbers = vec![
            ("mean", found.mean),
            ("sd", found.sd),
            ("mean_error", found.mean - best.mean),
            ("sd_error", found.sd - best.sd),
        ];
        if game == Game::Bound {
            numbers.extend(TABLE.iter().map(|other| (column(*other), found.divergence(*other))));
            let v = outputs.select(0, i as i64);
            let [p, q] = [target::log_density(&x), target::normal(&x, found.mean, found.sd)]
                .map(|log| log.exp());
            let bound = target::integral(&(f.activation(&v) * p))
                - target::integral(&(f.conjugate(&v) * q));
            numbers.push(("bound", bound.double_value(&[])));
        }
        summary(steps, numbers)
    };
    gaussians(generator).into_iter().enumerate().map(of_member).collect()
}
