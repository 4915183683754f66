//! Does a variational auto-encoder keep the modes that GANs lose, and at what price in precision (C10)?

use gan::data::Target;
use gan::optim::Player;
use gan::vae::{DecoderSigma, Vae};
use gan::{Adam, Rng};
use lab::{Arm, Claim, Profile, Region, Results, Run};
use shared::contrast::{difference, metric};
use shared::{Outcomes, Plain, Resumable, Source, claim};

use crate::config::{Config, Method, Nets, TargetName, VaeSamples};
use crate::coverage::{CIRCLE, Found, Looks, SAMPLES, covering, mean};
use crate::game::CHECKPOINT_CHANCE;
use crate::size::{HALF_STACK, STACK, Size, profile_arm};
use crate::streams;

/// Returns the VAE whose only merit is its likelihood, with a decoder of learned sigma.
pub(crate) fn config(size: Size, target: TargetName) -> Config {
    with(size, target, DecoderSigma::Learned, VaeSamples::Noisy)
}

fn with(size: Size, target: TargetName, sigma: DecoderSigma, samples: VaeSamples) -> Config {
    let nets = Nets {
        latent: 2,
        // A likelihood is no game: the larger step of Kingma and Welling's successors is safe.
        generator_adam: Adam::new(1e-3, 0.9, 0.999),
        ..size.nets()
    };
    size.config(target, Method::Vae { sigma, samples }, nets)
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    use DecoderSigma::{Fixed, Learned};
    use VaeSamples::{Means, Noisy};

    let arm = |name: &str, stack, sigma, samples| {
        let config = with(Size::of(profile), TargetName::Ring, sigma, samples);
        profile_arm(profile, stack, name, config)
    };
    vec![
        arm("ring/vae", STACK, Learned, Noisy).with_quick_seeds(STACK),
        arm("ring/vae-means", HALF_STACK, Learned, Means),
        arm("ring/vae-0.02", HALF_STACK, Fixed(0.02), Noisy),
        arm("ring/vae-1", HALF_STACK, Fixed(1.0), Noisy),
    ]
}

shared::state! {
    /// The auto-encoder, where it draws from, and what was seen of it.
    struct State {
        vae: Player<Vae>,
        data: Rng,
        latent: Rng,
        found: Plain<Vec<Found>>,
    }
}

/// Trains a variational auto-encoder by its evidence lower bound.
pub(crate) fn run(
    config: &Config,
    sigma: DecoderSigma,
    samples: VaeSamples,
    run: &mut Run,
) -> Outcomes {
    let (nets, target) = (&config.nets, config.target.mixture());
    let (root, looks) = (streams(run), Looks::new(config));
    let vae = Vae::new(2, nets.latent, &nets.generator, sigma);
    let mut state = State {
        vae: Player::new(vae, nets.generator_adam, &mut root.fork("vae")),
        data: root.fork("data"),
        latent: root.fork("latent"),
        found: Plain(Looks::nothing(run)),
    };

    let start = state.resume(run);
    for step in start..=config.steps {
        if step > start && step % CHECKPOINT_CHANCE == 0 {
            state.keep(run, (step, config.steps))?;
        }
        let State { vae, data, latent, found } = &mut state;
        if looks.are_due(step) {
            let _guard = tch::no_grad_guard();
            let mut eval = root.fork(&format!("eval {step}"));
            let (means, noisy) = vae.net.sample(&vae.params, &mut eval, SAMPLES);
            let shown = if samples == VaeSamples::Noisy { noisy } else { means };
            looks.look(step, &shown, &mut found.0, run);
        }
        if step == config.steps {
            break;
        }
        let x = target.sample(data, config.batch);
        let bound = vae.net.evidence_lower_bound(&vae.params, &x, latent);
        vae.descend(&-bound);
    }
    Ok(looks.end(state.found.0, run))
}

const DUMOULIN: Source = Source::read("Dumoulin et al. 2016 (1606.00704)");

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let (vae, gan) = (results.arm("ring/vae"), results.arm("ring/plain-deep-critic"));
    let rate = |rows: &[_]| mean(&metric(rows, "covers"));
    let least = rate(&vae).zip(rate(&gan)).map(|(a, b)| a.min(b));
    vec![
        claim("mog.C10a", "On the ring, a VAE with a learned decoder sigma covers all modes on most seeds.")
            .published(DUMOULIN, "section 4.5", None)
            .measured("share of seeds of `ring/vae` that cover (`covers`), samples of the decoder and not its means")
            .figure("coverage_precision.svg")
            .gate(
                "mean `high_quality_3` of `ring/vae` (a sampler that knows the circle alone has 0.0764)",
                Region::Above(CIRCLE),
                mean(&metric(&vae, "high_quality_3")),
            )
            .share(Region::Above(0.5), covering(&vae)),
        claim("mog.C10b", "On the ring, a VAE is less precise than a GAN that covers.")
            .published(DUMOULIN, "section 4.5", None)
            .measured(
                "share of samples within 3 sigma (`high_quality_3`), `ring/vae` minus `ring/plain-deep-critic`, paired by \
                 seed",
            )
            .figure("coverage_precision.svg")
            .gate("share of seeds that cover, the smaller of both arms", Region::Above(0.5), least)
            .mean(Region::Below(0.0), &difference((&vae, &gan), "high_quality_3")),
    ]
}
