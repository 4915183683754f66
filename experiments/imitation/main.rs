//! Imitation with a discriminator as the reward, and the controls that say whether it is imitation.
//!
//! `README.md` beside this file holds the question, the sources and the results.

mod environment;
mod expert;
mod imitate;
mod learner;
mod metrics;
mod rollout;
mod task;

use std::process::ExitCode;

use lab::Profile;

shared::experiment! {
    Imitation {
        name: "imitation",
        about: "A discriminator as the reward of a policy that imitates, and the controls that decide",
        epoch: 2,
        animations: imitate of Imitate
    }

    /// A policy that learns a task from its own reward.
    Expert: expert,
    /// A policy that learns from trajectories of an expert.
    Imitate: imitate,
}

/// Seeds that train as one.
const STACK: u64 = 10;

/// Seeds of every arm.
fn seeds(profile: Profile) -> u64 {
    if profile == Profile::Smoke { STACK } else { 2 * STACK }
}

fn main() -> ExitCode {
    lab::main::<Imitation>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn numbers_have_ranges() {
        shared::ranges::check::<crate::Imitation>(&[
            ("task.expert.copies", json!(0)),
            ("task.imitate.trajectories", json!(0)),
            ("task.imitate.expert", json!("another")),
        ]);
    }
}
