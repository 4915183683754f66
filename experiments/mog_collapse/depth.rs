//! Does collapse hang on the depth of the networks, and does a critic that sees two points at once prevent it (C3)?

use lab::{Arm, Claim, Profile, Region, Results};
use shared::{Source, claim};

use crate::config::{Config, Gan, Method, Nets, TargetName};
use crate::coverage::covering;
use crate::size::{CLAIM_SIZES, ClaimSize, HALF_STACK, STACK, Size, paper_arm, profile_arm};

fn config(size: Size, gan: Gan, nets: Nets) -> Config {
    size.config(TargetName::Ring, Method::Gan(gan), nets)
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let (size, nets) = (Size::of(profile), Size::of(profile).nets());
    let deep_critic = nets.clone().with_deep_critic();
    let arm = |name: &str, stack, gan, nets: &Nets| {
        let config = config(size, gan, nets.clone());
        profile_arm(profile, stack, name, config)
    };
    let mut arms = vec![
        arm("ring/packed", HALF_STACK, Gan::PACKED, &nets),
        arm("ring/plain-deep-critic", STACK, Gan::PLAIN, &deep_critic).with_quick_seeds(STACK),
        arm(
            "ring/plain-deep-generator",
            HALF_STACK,
            Gan::PLAIN,
            &nets.clone().with_deep_generator(),
        ),
        arm(
            "ring/plain-deep-both",
            HALF_STACK,
            Gan::PLAIN,
            &deep_critic.clone().with_deep_generator(),
        ),
        arm("ring/packed-deep-critic", HALF_STACK, Gan::PACKED, &deep_critic),
    ];
    if profile == Profile::Reference {
        let nets = Size::Paper.nets().with_deep_critic();
        arms.push(paper_arm("paper/plain-deep-critic", config(Size::Paper, Gan::PLAIN, nets)));
    }
    arms
}

const SANKAR: Source =
    Source::second_hand("SankarLab/AlphaGan-Papers-Results, settings partly lost");

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let of_size = |size: &ClaimSize| {
        let [deep, plain] =
            ["plain-deep-critic", "plain"].map(|name| format!("{}/{name}", size.part));
        let statement = format!(
            "{}, a plain GAN covers on more seeds with two hidden layers in the critic than with one.",
            size.on_the_ring
        );
        claim(&format!("mog.C3{}", size.suffix), &statement)
            .published(SANKAR, "2Dring_metrics.csv", Some("10 of 10 seeds against 0 of 10"))
            .measured(&format!("share of seeds that cover (`covers`), `{deep}` minus `{plain}`"))
            .figure("coverage_precision.svg")
            .share_difference(
                Region::Above(0.0),
                covering(&results.arm(&deep)),
                covering(&results.arm(&plain)),
            )
    };
    CLAIM_SIZES.iter().map(of_size).collect()
}
