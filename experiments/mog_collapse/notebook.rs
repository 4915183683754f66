//! Does the authors' notebook cover a ring without look-ahead, as one of its users reported (C5)?

use gan::step::SecondTerm;
use lab::{Arm, Claim, Profile, Region, Results};
use shared::contrast::metric;
use shared::{Source, claim};

use crate::config::{Config, Gan, Method, TargetName};
use crate::coverage::{CIRCLE, covering, mean};
use crate::size::{CLAIM_SIZES, ClaimSize, HALF_STACK, STACK, Size, paper_arm, profile_arm};

fn config(size: Size, target: TargetName, gan: Gan) -> Config {
    size.config(target, Method::Gan(gan), size.notebook_nets())
}

pub(crate) fn arms(profile: Profile) -> Vec<Arm<Config>> {
    use TargetName::{NotebookRing, UnitRing};

    let size = Size::of(profile);
    let arm = |name: &str, stack, target, gan| {
        profile_arm(profile, stack, name, config(size, target, gan))
    };
    let mut arms = vec![
        arm("unit-ring/plain", STACK, UnitRing, Gan::PLAIN).with_quick_seeds(STACK),
        arm("notebook-ring/plain", HALF_STACK, NotebookRing, Gan::PLAIN),
    ];
    match profile {
        Profile::Full => {
            let unrolled = Gan::unrolled(5, SecondTerm::Full);
            arms.push(arm("unit-ring/unrolled-5", HALF_STACK, UnitRing, unrolled));
        }
        Profile::Reference => {
            arms.push(paper_arm("paper/notebook", config(Size::Paper, UnitRing, Gan::PLAIN)));
        }
        _ => {}
    }
    arms
}

const REPORT: Source = Source::read("issue 2 of poolio/unrolled_gan, the authors' notebook");

pub(crate) fn claims(results: &Results<Config>) -> Vec<Claim> {
    let names = ["unit-ring/plain", "paper/notebook"];
    let of_size = |(size, name): (&ClaimSize, &str)| {
        let rows = results.arm(name);
        let statement = format!(
            "{}, a plain GAN with the nets of the authors' notebook (tanh, two hidden layers in the critic) covers on \
             most seeds.",
            size.on_the_ring
        );
        claim(&format!("mog.C5{}", size.suffix), &statement)
            .published(REPORT, "a user's report", None)
            .measured(&format!("share of seeds of `{name}` that cover (`covers`), eight distinct modes at radius 1"))
            .figure("coverage_precision.svg")
            .gate(
                &format!("mean `high_quality_3` of `{name}` (a sampler that knows the circle alone has 0.0764)"),
                Region::Above(CIRCLE),
                mean(&metric(&rows, "high_quality_3")),
            )
            .share(Region::Above(0.5), covering(&rows))
    };
    CLAIM_SIZES.iter().zip(names).map(of_size).collect()
}
