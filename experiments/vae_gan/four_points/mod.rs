//! Four points in an auto-encoder with two latents (F11, C13): the toy of adversarial variational Bayes (AVB).
//!
//! Four one-hot images, a Bernoulli decoder, a latent plane that can be integrated on a grid. A Gaussian encoder leaves gaps
//! between its four posteriors; does an encoder with noise inputs, whose divergence a critic of pairs tells, fill the plane?
//! And is what the critic says the divergence?

mod exact;

use gan::device::per_member;
use gan::objective::ScoringRule;
use gan::optim::Player;
use gan::{Activation, Adam, Mlp, Rng, range};
use garde::Validate;
use lab::figure::{Axis, Colour};
use lab::{Arm, Array, Claim, Figure, Profile, Region, Results, Run};
use serde::{Deserialize, Serialize};
use shared::chart::{Group, dots, panel, ranking, seeds_of};
use shared::contrast::{difference, log_ratio, metric, values};
use shared::{Outcomes, Resumable, Source, Task, array, claim, name, points, summary};
use tch::{Kind, Tensor};

use crate::plane::{CODES, divergence};
use crate::streams;
use exact::log_likelihoods;

/// One auto-encoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The encoder and how its divergence from the prior is told.
    #[garde(skip)]
    method: Method,
    /// Points in an update.
    #[garde(custom(range::batch))]
    batch: i64,
    /// Updates of encoder and decoder.
    #[garde(custom(range::steps))]
    steps: u64,
}

/// An encoder and how its divergence from the prior is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    /// A Gaussian encoder, in closed form.
    Vae,
    /// An encoder with noise inputs, by a critic of pairs of point and code.
    Avb,
}

impl Method {
    /// Numbers of noise that the encoder gets with a point.
    fn noise(self) -> i64 {
        match self {
            Self::Vae => LATENT,
            Self::Avb => NOISE,
        }
    }
}

impl Task for Config {
    fn cost(&self) -> f64 {
        let each = if self.method == Method::Avb { 4.0 } else { 1.0 };
        each * (self.batch * self.steps as i64) as f64 / 50.0
    }
}

const METHODS: [Method; 2] = [Method::Vae, Method::Avb];

fn arm_name(method: Method) -> String {
    format!("four-points/{}", name(&method))
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    const STACK: u64 = 5;
    let (batch, steps, seeds) = match profile {
        Profile::Smoke => (8, 2, STACK),
        Profile::Quick | Profile::Reference => (512, 8_000, 20),
        Profile::Full => (512, 100_000, 20),
    };
    let arm = |method| {
        Arm::new(arm_name(method), Config { method, batch, steps }).with_seeds(seeds, STACK)
    };
    METHODS.map(arm).into()
}

/// Points and pixels, latents, numbers of noise.
const PIXELS: i64 = 4;
const LATENT: i64 = 2;
const NOISE: i64 = 16;
/// Updates of the critic for one of the auto-encoder.
const CRITIC_STEPS: usize = 2;
/// Updates between two chances of a checkpoint.
const CHECKPOINT_CHANCE: u64 = 50;
/// Codes of each point that measures read, and those that the figure shows.
const MEASURED: i64 = 25_000;
const SHOWN: i64 = 500;
shared::state! {
    /// Encoder, decoder and critic, and where they draw from.
    struct State {
        encoder: Player<Mlp>,
        decoder: Player<Mlp>,
        critic: Option<Player<Mlp>>,
        data: Rng,
        noise: Rng,
        prior: Rng,
    }
}

/// Codes of points and what tells their divergence from the prior, each `[members, rows, ..]`.
struct Codes {
    codes: Tensor,
    /// Mean and log-deviation of a Gaussian encoder.
    gaussian: Option<[Tensor; 2]>,
}

impl State {
    fn new(method: Method, root: &Rng) -> Self {
        let net = |widths: &[i64]| Mlp::new(widths, Activation::Tanh);
        let (inputs, outputs, rate) = match method {
            Method::Vae => (PIXELS, 2 * LATENT, 1e-3),
            Method::Avb => (PIXELS + NOISE, LATENT, 2e-4),
        };
        let adam = |rate| Adam::new(rate, 0.5, 0.999);
        let player = |widths: &[i64], rate, label| {
            Player::new(net(widths), adam(rate), &mut root.fork(label))
        };
        Self {
            encoder: player(&[inputs, 64, 64, 64, outputs], rate, "encoder"),
            decoder: player(&[LATENT, 64, 64, 64, PIXELS], rate, "decoder"),
            critic: (method == Method::Avb)
                .then(|| player(&[PIXELS + LATENT, 128, 128, 128, 1], 1e-3, "critic")),
            data: root.fork("data"),
            noise: root.fork("noise"),
            prior: root.fork("prior"),
        }
    }

    /// Encodes points `[members, rows, PIXELS]` with as many rows of noise.
    fn encode(&self, x: &Tensor, noise: &Tensor) -> Codes {
        if self.critic.is_some() {
            let inputs = Tensor::cat(&[x, noise], 2);
            return Codes { codes: self.encoder.apply(&inputs), gaussian: None };
        }
        let outputs = self.encoder.apply(x);
        let [mean, log_sd] = [0, LATENT].map(|start| outputs.narrow(2, start, LATENT));
        let codes = &mean + log_sd.exp() * noise;
        Codes { codes, gaussian: Some([mean, log_sd]) }
    }

    /// What stands for `ln q(z | x) / p(z)`: of a Gaussian its divergence, `[members, rows, 1]`, else the critic's output
    /// plus `|z|^2`, `[members, rows, 1]`.
    fn log_ratio(&self, x: &Tensor, codes: &Codes) -> Tensor {
        let sum = |x: Tensor| x.sum_dim_intlist([2i64].as_slice(), true, None::<Kind>);
        match (&codes.gaussian, &self.critic) {
            (Some([mean, log_sd]), _) => {
                sum(mean.square() + (log_sd * 2.0).exp() - log_sd * 2.0 - 1.0) * 0.5
            }
            (None, Some(critic)) => pair_output(critic, x, &codes.codes),
            (None, None) => unreachable!("an encoder without a density has a critic"),
        }
    }
}

/// The critic's output on pairs plus `|z|^2`, which leaves it a bounded part to learn.
fn pair_output(critic: &Player<Mlp>, x: &Tensor, z: &Tensor) -> Tensor {
    let square = z.square().sum_dim_intlist([2i64].as_slice(), true, None::<Kind>);
    critic.apply(&Tensor::cat(&[x, z], 2)) + square
}

/// The four points in equal shares, shuffled by `rng`, `[members, count, PIXELS]`.
fn draw(rng: &mut Rng, count: i64) -> Tensor {
    let index = rng.index(PIXELS, count);
    let one_hot = Tensor::eye(PIXELS, rng.options());
    one_hot.index_select(0, &index.flatten(0, -1)).reshape([rng.members(), count, PIXELS])
}

/// `-ln p(x | z)` of Bernoulli pixels, `[members, rows, 1]`.
fn surprise(logits: &Tensor, x: &Tensor) -> Tensor {
    (logits.softplus() - logits * x).sum_dim_intlist([2i64].as_slice(), true, None::<Kind>)
}

/// Trains encoder and decoder to make reconstruction and divergence small, the critic to tell codes from the prior's.
pub(crate) fn run(config: &Config, run: &mut Run) -> Outcomes {
    let Config { method, batch, steps } = *config;
    let root = streams(run);
    let mut state = State::new(method, &root);
    let start = state.resume(run);
    for step in start..steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (step, steps))?;
        }
        if state.critic.is_some() {
            for _ in 0..CRITIC_STEPS {
                let x = draw(&mut state.data, batch);
                let noise = state.noise.normal(&[batch, method.noise()]);
                let codes = state.encode(&x, &noise).codes.detach();
                let of_prior = state.prior.normal(&[batch, LATENT]);
                let Some(critic) = &mut state.critic else { break };
                let on_q = pair_output(critic, &x, &codes);
                let on_p = pair_output(critic, &x, &of_prior);
                critic.descend(&ScoringRule::Bernoulli.risk(&on_q, &on_p));
            }
        }
        let x = draw(&mut state.data, batch);
        let noise = state.noise.normal(&[batch, method.noise()]);
        let codes = state.encode(&x, &noise);
        let reconstruction = surprise(&state.decoder.apply(&codes.codes), &x);
        let loss = reconstruction + state.log_ratio(&x, &codes);
        let loss = loss.mean_dim([1i64, 2].as_slice(), false, None::<Kind>);
        let of_encoder = state.encoder.gradient(&loss, gan::Graph::Retain);
        state.decoder.descend(&loss);
        state.encoder.step(&of_encoder);
    }
    measure(config, &state, &root, run)
}

/// Integrates the model over the latent plane and counts codes in its bins.
fn measure(config: &Config, state: &State, root: &Rng, run: &mut Run) -> Outcomes {
    let _guard = tch::no_grad_guard();
    let mut fresh = root.fork("fresh");
    let members = run.seeds.len() as i64;
    let points_of_data = Tensor::eye(PIXELS, root.options());
    let x = points_of_data.repeat_interleave_self_int(MEASURED, 0, None).unsqueeze(0);
    let x = x.expand([members, -1, -1], false);
    let noise = fresh.normal(&[PIXELS * MEASURED, config.method.noise()]);
    let codes = state.encode(&x, &noise);
    let mean = |t: &Tensor| per_member(&t.mean_dim([1i64, 2].as_slice(), false, None::<Kind>));
    let reconstructions = mean(&surprise(&state.decoder.apply(&codes.codes), &x));
    let told = mean(&state.log_ratio(&x, &codes));
    let likelihoods = log_likelihoods(state, root);
    let prior = CODES.of_prior();
    let mut results = Vec::new();
    for i in 0..run.seeds.len() {
        let cloud = points(&codes.codes, i);
        if cloud.iter().flatten().any(|z| !z.is_finite()) {
            results.push(summary(config.steps, [("log_likelihood", f64::NAN)]));
            continue;
        }
        let posteriors: Vec<Vec<f64>> =
            cloud.chunks_exact(MEASURED as usize).map(|codes| CODES.shares(codes)).collect();
        let each: Vec<f64> = posteriors.iter().map(|q| divergence(q, &prior)).collect();
        let aggregate = divergence(&CODES.shares(&cloud), &prior);
        let exact = stats::robust::mean(&each);
        let numbers = [
            ("log_likelihood", likelihoods[i]),
            ("reconstruction", reconstructions[i] / PIXELS as f64),
            ("elbo", -reconstructions[i] - exact),
            ("told_elbo", -reconstructions[i] - told[i]),
            ("told_excess", -reconstructions[i] - told[i] - likelihoods[i]),
            ("told_error", told[i] - exact),
            ("marginal_kl", aggregate),
        ];
        let shown = codes.codes.select(0, i as i64).reshape([PIXELS, MEASURED, LATENT]);
        run.sample(i, "codes", array(&shown.narrow(1, 0, SHOWN).reshape([-1, LATENT])));
        results.push(summary(config.steps, numbers));
    }
    Ok(results)
}

const AVB: Source = Source::remembered("Mescheder, Nowozin and Geiger 2017 (1701.04722)");
const PLACE: &str = "table 1, four data points";

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let [vae, avb] = METHODS.map(|method| results.arm(&arm_name(method)));
    vec![
        claim("vae.C13", "On four points AVB reaches a higher likelihood than a VAE, by 0.1 nats.")
            .published(AVB, PLACE, None)
            .measured("`log_likelihood` in nats by quadrature, AVB minus VAE")
            .figure("four_points.svg")
            .mean(Region::Above(0.1), &difference((&avb, &vae), "log_likelihood")),
        claim("vae.C13b", "On four points AVB reconstructs better than a VAE, by a factor of two.")
            .published(AVB, PLACE, None)
            .measured("ln `reconstruction` (surprise of a pixel), AVB minus VAE; ln 1/2 = -0.69")
            .figure("four_points.svg")
            .mean(Region::Below(0.5f64.ln()), &log_ratio((&avb, &vae), "reconstruction")),
        claim("vae.C13c", "On four points AVB's codes together are nearer to the prior than a VAE's, by a factor of two.")
            .published(AVB, "the appendix's divergence of the aggregate posterior", None)
            .measured("ln `marginal_kl` over the bins of the latent plane, AVB minus VAE; ln 1/2 = -0.69")
            .figure("four_points.svg")
            .mean(Region::Below(0.5f64.ln()), &log_ratio((&avb, &vae), "marginal_kl")),
        claim("vae.C13d", "What AVB's critic says of the codes' divergence is right to 0.05 nats on four points.")
            .measured("`told_error`: mean output of the critic at the codes, minus their KL from the prior over the bins of the latent plane")
            .figure("four_points.svg")
            .mean(Region::Within(-0.05, 0.05), &metric(&avb, "told_error")),
        claim("vae.C13e", "The bound that AVB's critic gives stays below the likelihood on four points.")
            .derived("an exact evidence lower bound does; one by a ratio need not", None)
            .measured("`told_excess`: bound by the critic minus log-likelihood, in nats")
            .figure("four_points.svg")
            .mean(Region::Below(0.0), &metric(&avb, "told_excess")),
    ]
}

pub(crate) fn figures(results: &Results<Config>) -> Vec<Figure> {
    let colours = [Colour::Blue, Colour::Vermillion, Colour::Green, Colour::Orange];
    let title = |method| if method == Method::Vae { "VAE" } else { "AVB" };
    let plane = |method: Method| {
        let rows = results.arm(&arm_name(method));
        let codes = rows.first().and_then(|row| row.samples.get("codes")).map(Array::to_points);
        let codes = codes.unwrap_or_default();
        let clouds = codes.chunks(SHOWN as usize).zip(colours);
        let layers = clouds.map(|(cloud, colour)| dots(colour, 1, 0.6, cloud.to_vec())).collect();
        panel(
            &format!("codes, {}", title(method)),
            Axis::bare(-4.0, 4.0),
            Axis::bare(-4.0, 4.0),
            layers,
        )
    };
    let compared = |(metric, label): (&str, &str)| {
        let groups: Vec<Group> = METHODS
            .iter()
            .zip(colours)
            .map(|(method, colour)| {
                let found = values(&results.arm(&arm_name(*method)), metric);
                (title(*method).to_owned(), colour, found)
            })
            .collect();
        let marks: &[f64] = if metric == "log_likelihood" { &[-1.386_294] } else { &[] };
        ranking("", Axis::new(label), &groups, marks)
    };
    let mut panels = METHODS.map(plane).to_vec();
    panels.extend(
        [
            ("log_likelihood", "log-likelihood (nats)"),
            ("reconstruction", "surprise of a pixel (nats)"),
            ("marginal_kl", "KL of all codes to the prior (nats)"),
            ("told_error", "told minus exact KL of codes (nats)"),
        ]
        .map(compared),
    );
    vec![Figure {
        name: "four_points".into(),
        title:
            "Four points in two latents: posteriors with gaps, and posteriors that fill the plane"
                .into(),
        caption: format!(
            "Above: codes of the four points, one seed. Below: {}; dashed: the best log-likelihood, -ln 4.",
            seeds_of(results)
        ),
        columns: 2,
        height: 190,
        panels,
    }]
}
