//! What becomes of the methods that cover eight modes on a grid of 25?

use gan::step::SecondTerm;
use lab::{Arm, Profile};

use crate::config::{Config, Gan, Method, Nets, TargetName};
use crate::size::{HALF_STACK, Size, profile_arm};
use crate::vae;

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    let size = Size::of(profile);
    let arm = |name: &str, config| profile_arm(profile, HALF_STACK, name, config);
    let gan = |name: &str, gan, nets: Nets| {
        arm(name, size.config(TargetName::Grid, Method::Gan(gan), nets))
    };
    vec![
        gan("grid/plain", Gan::PLAIN, size.nets()),
        gan("grid/plain-deep-critic", Gan::PLAIN, size.nets().with_deep_critic()),
        gan("grid/unrolled-5", Gan::unrolled(5, SecondTerm::Full), size.nets()),
        gan("grid/packed-deep-critic", Gan::PACKED, size.nets().with_deep_critic()),
        arm("grid/vae", vae::config(size, TargetName::Grid)),
    ]
}
