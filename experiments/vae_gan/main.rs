//! What auto-encoders and GANs lack, and what their hybrids gain.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod four_points;
mod metrics;
mod plane;
mod ratio;
mod sprinkler;

use std::process::ExitCode;

shared::experiment! {
    VaeGan {
        name: "vae_gan",
        about: "Auto-encoders, GANs and their hybrids: exact posteriors, ratios, aggregate posteriors",
        epoch: 1
    }

    /// A classifier estimates a divergence that is known.
    Ratio: ratio,
    /// An implicit posterior of the sprinkler, by a critic of pairs.
    Sprinkler: sprinkler,
    /// Four points in an auto-encoder with two latents.
    FourPoints: four_points,
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
        ]);
    }
}
