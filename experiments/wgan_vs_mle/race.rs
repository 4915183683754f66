//! A critic chases a generator that jumps: does an extra batch of the generator's samples help it to adapt?
//!
//! Our reading of the *fast-learning critic* of Danihelka et al. 2017, of which no description could be
//! read: the critic also sees, through a branch of its own, the mean features of an extra batch of the
//! generator's samples, as a one-shot learner sees examples.

use experiments::{Arrays, Resumable, keep, options, resume, summary};
use gan::data::{GaussianMixture, Target};
use gan::device::per_member;
use gan::optim::Player;
use gan::step::critic_step;
use gan::{Activation, Adam, Mlp, Net, Objective, Params, Penalty, Rng};
use lab::Run;
use tch::{Kind, Tensor};

use crate::config::Config;
use crate::train::Outcomes;

/// Updates of the critic between two jumps.
const STAY: u64 = 25;
/// Updates after a jump at which the critic is read.
const READ: [u64; 3] = [0, 5, 24];
/// Features of the extra batch.
const FEATURES: i64 = 32;
const WIDTH: i64 = 64;
const BATCH: i64 = 128;

/// A critic of points in the plane, and of a batch beside them where it has the branch for it.
struct Chaser {
    branch: Option<Mlp>,
    trunk: Mlp,
}

impl Chaser {
    fn new(extra_batch: bool) -> Self {
        let leaky = Activation::LeakyRelu(0.2);
        let features = if extra_batch { FEATURES } else { 0 };
        Self {
            branch: extra_batch.then(|| Mlp::new(&[2, WIDTH, FEATURES], leaky)),
            trunk: Mlp::new(&[2 + features, WIDTH, WIDTH, 1], leaky),
        }
    }
}

impl Net for Chaser {
    fn init(&self, rng: &mut Rng) -> Params {
        let branch = self.branch.iter().flat_map(|branch| branch.specs("branch."));
        Params::init(branch.chain(self.trunk.specs("trunk.")).collect(), rng)
    }

    /// The input holds the point and, as long as it, a point of the extra batch beside each.
    fn apply(&self, params: &Params, x: &Tensor) -> Tensor {
        let points = x.narrow(2, 0, 2);
        let Some(branch) = &self.branch else { return self.trunk.forward(params.views(), &points) };
        let (own, rest) = params.views().split_at(branch.specs("").len());
        let features = branch.forward(own, &x.narrow(2, 2, 2));
        let pooled = features.mean_dim([1i64].as_slice(), true, None::<Kind>);
        let seen = pooled.expand_as(&features);
        self.trunk.forward(rest, &Tensor::cat(&[points, seen], 2))
    }
}

/// Trains a critic against a generator that jumps every [`STAY`] updates, and reads how much of its
/// estimate is there soon after a jump, over the second half of the race.
pub(crate) fn race(config: &Config, extra_batch: bool, run: &mut Run) -> Outcomes {
    let root = Rng::new(&run.seeds).with(options(run.device)).fork("race");
    let target = GaussianMixture::ring(8, 2.0, 0.1);
    let adam = Adam::new(1e-3, 0.5, 0.9);
    let mut critic = Player::new(Chaser::new(extra_batch), adam, &mut root.fork("critic"));
    let (mut draws, mut penalty) = (root.fork("draws"), root.fork("penalty"));
    let mut readings = Readings::default();

    let mut pieces: [(_, &mut dyn Resumable); 4] = [
        ("critic", &mut critic),
        ("draws", &mut draws),
        ("penalty", &mut penalty),
        ("readings", &mut readings),
    ];
    let start = resume(run, &mut pieces);
    for step in start..config.steps {
        if step > start && step % STAY == 0 {
            let pieces: [(_, &dyn Resumable); 4] = [
                ("critic", &critic),
                ("draws", &draws),
                ("penalty", &penalty),
                ("readings", &readings),
            ];
            keep(run, (step, config.steps), &pieces)?;
        }
        let jump = Blob::of(&root.fork(&format!("jump {}", step / STAY)));
        if 2 * step >= config.steps
            && let Some(place) = READ.iter().position(|read| *read == step % STAY)
        {
            let mut eval = root.fork(&format!("reading {step}"));
            let _guard = tch::no_grad_guard();
            let (real, fake) = seen(&target.sample(&mut eval, 512), &jump, &mut eval);
            let difference = critic.apply(&real) - critic.apply(&fake);
            let estimate = difference.mean_dim([1i64, 2].as_slice(), false, None::<Kind>);
            readings.add(place, &per_member(&estimate));
        }
        let (real, fake) = seen(&target.sample(&mut draws, BATCH), &jump, &mut draws);
        let weight = Penalty::Gradient { weight: 0.1 };
        critic_step(Objective::Wasserstein, weight, &mut critic, &real, &fake, &mut penalty);
    }
    let result = |member: usize| {
        let [first, soon, settled] = readings.means(member, run.seeds.len());
        let numbers = [
            ("estimate_at_jump", first),
            ("estimate_after_5", soon),
            ("estimate_after_24", settled),
            ("share_at_jump", first / settled),
            ("share_after_5", soon / settled),
        ];
        summary(config.steps, numbers)
    };
    Ok((0..run.seeds.len()).map(result).collect())
}

/// Points beside points of an extra batch of the generator's, `[members, n, 4]`; real and fake.
fn seen(real: &Tensor, generator: &Blob, rng: &mut Rng) -> (Tensor, Tensor) {
    let count = real.size()[1];
    let (fake, extra) = (generator.sample(rng, count), generator.sample(rng, count));
    (Tensor::cat(&[real, &extra], 2), Tensor::cat(&[fake, extra], 2))
}

/// A round Gaussian somewhere: the generator between two jumps.
struct Blob {
    centre: Tensor,
    deviation: Tensor,
}

impl Blob {
    fn of(rng: &Rng) -> Self {
        Self {
            centre: rng.fork("centre").normal(&[1, 2]) * 1.5,
            deviation: rng.fork("deviation").uniform(&[1, 1]) * 0.8 + 0.2,
        }
    }

    fn sample(&self, rng: &mut Rng, count: i64) -> Tensor {
        rng.normal(&[count, 2]) * &self.deviation + &self.centre
    }
}

/// The estimates of all members at each jump, one after the other, by the place in [`READ`].
#[derive(Default)]
struct Readings([Vec<f64>; 3]);

impl Readings {
    fn add(&mut self, place: usize, estimates: &[f64]) {
        self.0[place].extend(estimates);
    }

    fn means(&self, member: usize, members: usize) -> [f64; 3] {
        [0, 1, 2].map(|place| {
            let own: Vec<f64> =
                self.0[place].iter().skip(member).step_by(members).copied().collect();
            stats::robust::mean(&own)
        })
    }
}

impl Resumable for Readings {
    fn save(&self, name: &str, arrays: &mut Arrays) {
        for (place, estimates) in self.0.iter().enumerate() {
            let bits: Vec<u64> = estimates.iter().map(|estimate| estimate.to_bits()).collect();
            bits.save(&format!("{name}.{place}"), arrays);
        }
    }

    fn load(&mut self, name: &str, arrays: &Arrays) {
        for (place, estimates) in self.0.iter_mut().enumerate() {
            let mut bits: Vec<u64> = Vec::new();
            bits.load(&format!("{name}.{place}"), arrays);
            *estimates = bits.into_iter().map(f64::from_bits).collect();
        }
    }
}
