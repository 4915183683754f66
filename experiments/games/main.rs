//! Training as a game: who reaches an equilibrium, what damps a rotation, what actor-critic methods lend to GANs.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod actor_critic;
mod bilinear;
mod dirac;
mod linear;
mod masses;
mod metrics;
mod play;
mod poles;
mod regulator;
mod ring;
mod stabiliser;
mod toy;

use std::process::ExitCode;

shared::experiment! {
    Games {
        name: "games",
        about: "Training as a game: bilinear, Dirac and ring games, and stabilisers of actor-critic methods",
        epoch: 1
    }

    /// Two numbers whose product one makes small and the other large.
    Bilinear: bilinear,
    /// A WGAN of a shift and a linear critic.
    Linear: linear,
    /// A point that learns a point.
    Dirac: dirac,
    /// Networks on a ring of Gaussians.
    Ring: ring,
    /// A GAN with stabilisers of both fields.
    ActorCritic: actor_critic,
    /// An actor and a critic that regulate a linear system.
    Regulator: regulator,
}

fn main() -> ExitCode {
    lab::main::<Games>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        shared::ranges::check::<crate::Games>(&[
            ("task.bilinear.rate", json!(0.0)),
            ("task.linear.dynamics.momentum", json!(1.0)),
            ("task.dirac.penalty.r1.weight", json!(-1.0)),
            ("task.ring.batch", json!(0)),
            ("task.actor_critic.steps", json!(0)),
            ("task.regulator.batch", json!(0)),
            ("task.regulator.stabiliser", json!("replay")),
        ]);
    }
}
