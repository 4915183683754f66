//! What auto-encoders and GANs lack, and what their hybrids gain.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod best;
mod codes;
mod elbo;
mod four_points;
mod images;
mod method;
mod metrics;
mod model;
mod nets;
mod plane;
mod points;
mod ratio;
mod sprinkler;

use std::process::ExitCode;

shared::experiment! {
    VaeGan {
        name: "vae_gan",
        about: "Auto-encoders, GANs and their hybrids: exact posteriors, ratios, aggregate posteriors",
        epoch: 1,
        animations: points of Points
    }

    /// A classifier estimates a divergence that is known.
    Ratio: ratio,
    /// An implicit posterior of the sprinkler, by a critic of pairs.
    Sprinkler: sprinkler,
    /// Four points in an auto-encoder with two latents.
    FourPoints: four_points,
    /// The bound and what objectives say of it, term by term.
    Elbo: elbo,
    /// Every method on ring and grid.
    Points: points,
    /// Every method on images.
    Images: images,
}

fn main() -> ExitCode {
    lab::main::<VaeGan>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        shared::ranges::check::<crate::VaeGan>(&[
            ("task.ratio.divergence", json!(0.0)),
            ("task.sprinkler.critic_steps", json!(0)),
            ("task.four_points.batch", json!(0)),
            ("task.elbo.codes", json!(0)),
            ("task.points.learner.nets.latent", json!(0)),
            ("task.points.learner.method.gan.pack", json!(0)),
            ("task.points.learner.encoder", json!("noisy")),
            ("task.points.learner.method.alpha_gan.weight", json!(-1.0)),
            ("task.images.pictures.shrink", json!(3)),
        ]);
    }
}
