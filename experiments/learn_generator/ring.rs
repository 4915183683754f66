//! A network learns the ring from a distance between samples alone.

use experiments::{Resumable, array, keep, points, resume, summary};
use gan::data::{GaussianMixture, Target};
use gan::device::to_vec;
use gan::objective::Discrepancy;
use gan::optim::Player;
use gan::{Activation, Adam, Mlp};
use lab::Run;
use stats::distance::Points;
use stats::distance::transport::sliced_wasserstein_to_the;
use stats::modes::Mixture;
use tch::Kind;

use crate::{Outcomes, streams};

const LATENT: i64 = 8;
const DOOR: u64 = 50;
/// Samples that judge a generator, and directions of the sliced distance.
const JUDGES: i64 = 2_500;
const DIRECTIONS: usize = 64;
/// Samples that the figure shows.
const SHOWN: i64 = 400;

/// Eight modes on a circle of radius 2.
pub(crate) fn target() -> GaussianMixture {
    GaussianMixture::ring(8, 2.0, 0.1)
}

/// Trains a generator to minimise the distance of its samples from the ring's.
pub(crate) fn ring(
    discrepancy: &Discrepancy,
    (batch, steps): (i64, u64),
    run: &mut Run,
) -> Outcomes {
    let (root, target) = (streams(run), target());
    let net = Mlp::new(&[LATENT, 64, 64, 2], Activation::Relu);
    let mut generator = Player::new(net, Adam::new(3e-3, 0.9, 0.999), &mut root.fork("generator"));
    let (mut data, mut latent) = (root.fork("data"), root.fork("latent"));
    let mut directions = root.fork("directions");

    let start = resume(
        run,
        &mut [
            ("generator", &mut generator),
            ("data", &mut data),
            ("latent", &mut latent),
            ("directions", &mut directions),
        ],
    );
    for step in start..steps {
        if step > start && step % DOOR == 0 {
            let pieces: [(_, &dyn Resumable); 4] = [
                ("generator", &generator),
                ("data", &data),
                ("latent", &latent),
                ("directions", &directions),
            ];
            keep(run, (step, steps), &pieces)?;
        }
        let real = target.sample(&mut data, batch);
        let fake = generator.apply(&latent.normal(&[batch, LATENT]));
        generator.descend(&discrepancy.value(&real, &fake, &mut directions));
    }

    let mut eval = root.fork("eval");
    let fake = generator.apply(&eval.normal(&[JUDGES, LATENT])).detach();
    let real = target.sample(&mut eval, JUDGES);
    let mixture = Mixture { centres: target.centres.clone(), sigma: target.sigma };
    let mut results = Vec::new();
    for (i, seed) in run.seeds.clone().into_iter().enumerate() {
        let cloud = points(&fake, i);
        let [fake, real] = [&fake, &real].map(|x| x.select(0, i as i64));
        if fake.isfinite().all().int64_value(&[]) == 0 {
            results.push(summary(steps, [("distance", f64::NAN)]));
            continue;
        }
        let coverage = mixture.coverage(&cloud);
        let as_points = |x| Points::new(2, to_vec(x));
        let distance =
            sliced_wasserstein_to_the(2.0, &as_points(&fake), &as_points(&real), DIRECTIONS, seed);
        let spread = |x: &tch::Tensor| {
            x.var_dim([0i64].as_slice(), true, false).sum(Kind::Double).double_value(&[])
        };
        run.sample(i, "points", array(&fake.narrow(0, 0, SHOWN)));
        results.push(summary(
            steps,
            [
                ("distance", distance),
                ("spread", spread(&fake) / spread(&real)),
                ("modes_held", coverage.modes_held as f64),
                ("high_quality_3", coverage.high_quality[1]),
            ],
        ));
    }
    Ok(results)
}
